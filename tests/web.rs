//! The engine in a real browser.

#![cfg(target_arch = "wasm32")]

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn an_empty_file_is_refused_and_the_place_named() {
    let error = unrolled::trace_experiment("{}").expect_err("`{}` is no experiment");
    assert!(!error.place.is_empty(), "{error}");
}
