//! Every test that runs without a browser, in one program: one to link, and no core waits for the others' last test.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

mod architecture;
mod boxes;
mod circuit_view;
mod edits;
mod equations;
mod errors;
mod every_shape;
mod facts;
mod flow;
mod flow_view;
mod gradients;
mod lessons;
mod never_panics;
mod practice;
mod properties;
mod reference;
mod session;
mod shapes;
mod shared_controls;
mod skip;
mod spectrum;
mod spectrum_session;
mod spectrum_view;
mod underflow;
mod update;
mod update_view;
mod view;
mod walk;
mod windows;
mod worksheet;
