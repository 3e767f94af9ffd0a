//! Runs the wasm tests in a real browser: Cargo's `runner` for the wasm32 target.

fn main() -> anyhow::Result<()> {
    wasm_bindgen_cli::wasm_bindgen_test_runner::run_cli_with_args(std::env::args_os())
}
