//! The engine in a real browser.

#![cfg(target_arch = "wasm32")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]

use unrolled::session::Session;
use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[path = "common/digest.rs"]
mod digest;

#[wasm_bindgen_test]
fn a_wrong_file_is_refused_and_the_place_named() {
    let error = unrolled::trace_experiment("{\"format\": \"unrolled/9\"}").unwrap_err();
    assert_eq!(error.to_string(), "format: expected \"unrolled/1\", found \"unrolled/9\"");
}

#[wasm_bindgen_test]
fn a_browser_computes_the_same_bits() {
    for (link, expected) in digest::RUNS {
        let mut session = Session::new().unwrap();
        session.open(link, None).unwrap();
        assert_eq!(digest::of(&session), expected, "{link}");
    }
    for (file, expected) in digest::FILES {
        let trace = unrolled::trace_experiment(file).unwrap();
        assert_eq!(digest::hash(&trace), expected, "{file}");
    }
}
