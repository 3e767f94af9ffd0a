//! Back-propagation against the definition of a derivative: change one number, run again, compare.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Draw, Size, at, experiment, leaves, model, put, trace};
use serde_json::{Value, json};

/// Largest relative difference allowed between the two.
const TOLERANCE: f64 = 1e-6;

/// Runs both shapes and both losses, then holds the gradient of every weight, bias, initial state and
/// input against central differences. `more` is merged into the model, `biases` are added to the
/// drawn ones.
fn check(cell: &str, more: &Value, biases: &[(&str, f64)]) {
    // Two units, normalised, are ±1 whatever happens: that would test nothing.
    let hidden = if more["layer_norm"] == true { 3 } else { 2 };
    let size = Size { inputs: 2, hidden, outputs: 2, steps: 3 };
    for (shape, loss) in [("many-to-many", "squared-error"), ("many-to-one", "cross-entropy")] {
        let mut file = experiment(&model(cell, more), shape, loss, size, &mut Draw(1));
        for (bias, shift) in biases {
            for leaf in leaves(&file, &format!("/model/weights/layers/0/{bias}")) {
                let shifted = at(&file, &leaf) + shift;
                put(&mut file, &leaf, shifted);
            }
        }
        compare(&mut file, &format!("{cell} {more} {biases:?}, {shape}, {loss}"));
    }
}

fn compare(file: &mut Value, what: &str) {
    let trace = trace(file);
    let mut places = leaves(file, "/model/weights");
    places.extend(leaves(file, "/x"));
    for place in places {
        let analytic = at(&trace, &format!("/gradients{}", place.trim_start_matches("/model/weights")));
        let (numeric, resolution) = difference(file, &place, at(&trace, "/loss"));
        let allowed = TOLERANCE * analytic.abs().max(numeric.abs()) + resolution;
        assert!(
            (analytic - numeric).abs() <= allowed,
            "{what}: the gradient at {place} is {analytic:e}, central differences say {numeric:e}"
        );
    }
}

/// The central difference of the loss at one number of the file, its error's second order taken out by
/// a second one twice as wide (Richardson), and what the rounding of a loss of this size leaves uncertain.
fn difference(file: &mut Value, place: &str, size: f64) -> (f64, f64) {
    let value = at(file, place);
    // Small enough that no unit of the relu networks drawn here crosses its kink on the way.
    let step = 1e-4 * value.abs().max(1.0);
    let mut loss = |shift: f64| {
        put(file, place, value + shift);
        at(&trace(file), "/loss")
    };
    let (near, far) = (loss(step) - loss(-step), loss(2.0 * step) - loss(-2.0 * step));
    put(file, place, value);
    let resolution = 8.0 * f64::EPSILON * size.max(1.0) / step;
    ((8.0 * near - far) / (12.0 * step), resolution)
}

#[test]
fn every_cell() {
    check("rnn tanh", &json!({}), &[]);
    check("rnn relu", &json!({}), &[]);
    check("lstm", &json!({}), &[]);
    check("gru before", &json!({}), &[]);
    check("gru after", &json!({}), &[]);
    check("lstm f = 1", &json!({"layers": 2}), &[]);
    check("gru r = 1", &json!({"bidirectional": true}), &[]);
    check("lstm", &json!({"hold": "i", "layer_norm": true}), &[]);
    check("lstm", &json!({"hold": "o"}), &[]);
    check("gru after", &json!({"hold": "r"}), &[]);
}

/// Gates nearly open or shut, and so far out that σ is exactly 0 or 1 and its derivative 0.
#[test]
fn saturated_gates() {
    check("rnn tanh", &json!({}), &[("b_h", 5.0)]);
    check("rnn relu", &json!({}), &[("b_h", -20.0)]);
    check("lstm", &json!({}), &[("b_f", 8.0), ("b_i", -8.0)]);
    check("lstm", &json!({}), &[("b_f", -8.0), ("b_o", 8.0)]);
    check("lstm", &json!({}), &[("b_f", 50.0), ("b_i", -800.0), ("b_C", 50.0)]);
    check("gru before", &json!({}), &[("b_z", -8.0), ("b_r", 8.0)]);
    check("gru before", &json!({}), &[("b_z", 50.0), ("b_r", -800.0)]);
    check("gru after", &json!({}), &[("b_z", 8.0), ("b_r", -8.0)]);
    check("gru after", &json!({}), &[("b_z", -50.0), ("b_hh", 50.0)]);
}

#[test]
fn stacks_and_directions() {
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before", "gru after"] {
        check(cell, &json!({"layers": 2}), &[]);
        check(cell, &json!({"bidirectional": true}), &[]);
        check(cell, &json!({"layers": 2, "bidirectional": true}), &[]);
    }
}

#[test]
fn layer_normalisation() {
    // Not "gru after": its candidate has no one sum W·[h, x] to normalise.
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before"] {
        check(cell, &json!({"layer_norm": true}), &[]);
        check(cell, &json!({"layer_norm": true, "layers": 2}), &[]);
    }
}
