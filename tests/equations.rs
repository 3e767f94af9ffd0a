//! The equations that are drawn, evaluated, are the numbers that the engine computed.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Draw, Size, cells, experiment, model};
use serde_json::{Value, json};
use unrolled::analysis::equations::Place;
use unrolled::experiment::{Cell, Direction, file};
use unrolled::model::cell::symbols;
use unrolled::trace::{LayerTrace, run};

/// The number of the trace that an equation's left side stands for; `None` where the trace has no such number.
fn traced(cell: Cell, layer: &LayerTrace, name: &str, t: usize, unit: usize) -> Option<f64> {
    let gate = |of, name: &str| {
        let index = symbols(cell).iter().position(|known| *known == name)?;
        Some(layer.gate(of, index)[[t, unit]])
    };
    match name {
        "h" => Some(layer.h[[t, unit]]),
        "C" => Some(layer.c[[t, unit]]),
        "a" => Some(layer.a[[t, unit]]),
        "dh" => Some(layer.dh[[t, unit]]),
        "da" => Some(layer.da[[t, unit]]),
        "da_h" => gate(&layer.da, "h_tilde"),
        "dC" => Some(layer.dc[[t, unit]]),
        "dC_prev" => match layer.direction {
            Direction::Forward => t.checked_sub(1),
            Direction::Backward => Some(t + 1).filter(|&t| t < layer.h.nrows()),
        }
        .map(|t| layer.dc_from_future[[t, unit]]),
        // The sum before its normalisation is in the numbers of the equation after it.
        "dh_direct" | "a_f" | "a_i" | "a_C" | "a_o" | "a_z" | "a_r" | "a_h" => None,
        name => Some(gate(&layer.gates, name).unwrap_or_else(|| panic!("no symbol {name}"))),
    }
}

/// Every equation of every unit and step, in every layer and direction.
fn check(cell: &str, more: &Value) {
    let size = Size { inputs: 3, hidden: 4, outputs: 2, steps: 6 };
    let value = experiment(&model(cell, more), "many-to-many", "cross-entropy", size, &mut Draw(11));
    let experiment = file::from_value(&value).unwrap();
    let trace = run(&experiment).trace;
    let mut compared = 0;
    for (layer, weights) in trace.layers.iter().zip(&experiment.weights.layers) {
        for t in 0..size.steps {
            for unit in 0..size.hidden {
                let place = Place { experiment: &experiment, trace: &trace, weights, layer, unit, t };
                for equation in place.forward().into_iter().chain(place.backward()) {
                    // The gradient of a sum before its normalisation is no product of this unit alone.
                    if experiment.spec.layer_norm && ["da", "da_h"].contains(&equation.name) {
                        continue;
                    }
                    let Some(expected) = traced(experiment.spec.cell, layer, equation.name, t, unit) else {
                        continue;
                    };
                    let found = equation.right.value();
                    compared += 1;
                    assert!(
                        (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
                        "{cell}, {more}, layer {} {:?}: {} of unit {unit} at t = {t} is {expected}, its equation says {found}",
                        layer.layer,
                        layer.direction,
                        equation.name
                    );
                    assert!(equation.symbolic().is_array() && equation.numeric().is_array());
                    assert!(equation.spoken().contains(" equals "));
                }
            }
        }
    }
    let least = trace.layers.len() * (3 * size.steps * size.hidden - size.hidden);
    assert!(compared >= least, "{cell}: only {compared} were compared");
}

#[test]
fn every_cell() {
    for (cell, _) in cells() {
        check(cell, &json!({}));
    }
}

#[test]
fn every_layer_and_direction_and_their_norm() {
    for (cell, _) in cells() {
        for layers in [1, 3] {
            for bidirectional in [false, true] {
                for layer_norm in [false, true] {
                    if !(layer_norm && cell == "gru after") {
                        let more = json!({"layers": layers, "bidirectional": bidirectional, "layer_norm": layer_norm});
                        check(cell, &more);
                    }
                }
            }
        }
    }
}
