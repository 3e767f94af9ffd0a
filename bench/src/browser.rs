//! The cases, for a script in the browser to time.

use wasm_bindgen::prelude::wasm_bindgen;

use crate::Case;

/// All cases, by number.
#[wasm_bindgen]
pub struct Cases(Vec<Case>);

#[wasm_bindgen]
impl Cases {
    /// Prepares them.
    ///
    /// # Errors
    /// As [`Case::all`].
    #[wasm_bindgen(constructor)]
    pub fn new() -> Result<Self, String> {
        Case::all().map(Self).map_err(|error| error.to_string())
    }

    /// How a case is called; nothing behind the last.
    #[must_use]
    pub fn name(&self, case: usize) -> Option<String> {
        self.0.get(case).map(|case| case.name.clone())
    }

    /// Runs a case forward.
    #[must_use]
    pub fn forward(&self, case: usize) -> f64 {
        self.0.get(case).map_or(f64::NAN, Case::forward)
    }

    /// Runs a case forward and back through time.
    #[must_use]
    #[wasm_bindgen(js_name = forwardAndBack)]
    pub fn forward_and_back(&self, case: usize) -> f64 {
        self.0.get(case).map_or(f64::NAN, Case::forward_and_back)
    }
}
