//! The equations that are drawn, evaluated, are the numbers that the engine computed.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

mod common;

use common::{Draw, Size, cells, experiment, model};
use serde_json::json;
use unrolled::analysis::equations::Place;
use unrolled::experiment::{Cell, file};
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
        "dC_prev" => t.checked_sub(1).map(|t| layer.dc_from_future[[t, unit]]),
        "dh_direct" => None,
        name => Some(gate(&layer.gates, name).unwrap_or_else(|| panic!("no symbol {name}"))),
    }
}

/// Every equation of every unit and step.
fn check(cell: &str) {
    let size = Size { inputs: 3, hidden: 4, outputs: 2, steps: 6 };
    let value = experiment(&model(cell, &json!({})), "many-to-many", "cross-entropy", size, &mut Draw(11));
    let experiment = file::from_value(&value).unwrap();
    let trace = run(&experiment).trace;
    let layer = &trace.layers[0];
    let mut compared = 0;
    for t in 0..size.steps {
        for unit in 0..size.hidden {
            let weights = &experiment.weights.layers[0];
            let place = Place { experiment: &experiment, weights, layer, unit, t };
            for equation in place.forward().into_iter().chain(place.backward()) {
                let Some(expected) = traced(experiment.spec.cell, layer, equation.name, t, unit) else {
                    continue;
                };
                let found = equation.right.value();
                compared += 1;
                assert!(
                    (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
                    "{cell}: {} of unit {unit} at t = {t} is {expected}, its equation says {found}",
                    equation.name
                );
                assert!(equation.symbolic().is_array() && equation.numeric().is_array());
                assert!(equation.spoken().contains(" equals "));
            }
        }
    }
    assert!(compared >= 4 * size.steps * size.hidden - size.hidden, "{cell}: only {compared} were compared");
}

#[test]
fn every_cell() {
    for (cell, _) in cells() {
        check(cell);
    }
}
