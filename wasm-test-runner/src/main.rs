//! Runs the wasm tests in a real browser.
fn main() {}
