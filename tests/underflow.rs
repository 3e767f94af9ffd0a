//! The first step, coming back, whose gradient is exactly zero: in f32, and in f64.

use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use unrolled::analysis::gauge::{first_zero, gauge};
use unrolled::analysis::signal::Norms;
use unrolled::experiment::{Direction, Experiment, Precision, file};
use unrolled::trace::{Run, run};

/// A run in a precision, with the norms of its last loss.
fn ran(file: &Value, precision: Precision) -> (Experiment, Run, Norms) {
    let experiment = Experiment { precision, ..file::parse(&file.to_string()).unwrap() };
    let run = run(&experiment);
    let layer = &run.last()[0];
    let norms = Norms::new(&layer.signal(experiment.spec.cell), experiment.steps(), layer.direction);
    (experiment, run, norms)
}

fn zero(file: &Value, precision: Precision) -> Option<usize> {
    let (experiment, run, _) = ran(file, precision);
    let layer = &run.last()[0];
    first_zero(&layer.signal(experiment.spec.cell), experiment.steps(), layer.direction)
}

#[test]
fn numpy_names_the_same_steps() {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/underflow.json.gz");
    let reader = flate2::read::GzDecoder::new(File::open(path).unwrap());
    let data: Value = serde_json::from_reader(reader).unwrap();
    let cases = data["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 15);
    for case in cases {
        let ours = json!({
            "f32": zero(&case["experiment"], Precision::F32),
            "f64": zero(&case["experiment"], Precision::F64),
        });
        assert_eq!(ours, case["first"], "{}", case["experiment"]["model"]);
    }
}

/// h = ReLU(h/2 + 1/2) stays at 1, so that each step sends back half of what comes: 2^−(T − t), rounded to nothing when
/// it is half of the smallest number, 2^−149 and 2^−1074.
#[test]
fn halves_end_where_the_numbers_do() {
    const STEPS: usize = 1200;
    let halves = json!({
        "format": "unrolled/1", "loss": "squared-error", "x": vec![[0.0]; STEPS], "target": [[0.0]],
        "model": {
            "cell": "rnn", "activation": "relu", "inputs": 1, "hidden": 1, "outputs": 1, "shape": "many-to-one",
            "weights": {
                "layers": [{
                    "layer": 1, "direction": "forward",
                    "W_xh": [[0.0]], "W_hh": [[0.5]], "b_h": [0.5], "h_0": [1.0],
                }],
                "head": {"W_hy": [[1.0]], "b_y": [0.0]},
            },
        },
    });
    for (precision, smallest) in [(Precision::F32, 149), (Precision::F64, 1074)] {
        let (experiment, _, norms) = ran(&halves, precision);
        let mut expected = 1.0;
        for (back, norm) in norms.norm.iter().rev().enumerate() {
            let left = if back > smallest { 0.0 } else { expected };
            assert!(norm.total_cmp(&left).is_eq(), "{precision:?}, {back} steps back: {norm:e}");
            expected /= 2.0;
        }
        let first = STEPS - smallest - 1;
        assert_eq!(zero(&halves, precision), Some(first));
        let said = gauge(&experiment, Direction::Forward, &norms, None, 0, false, false);
        assert_eq!(said.verdict, format!("exactly zero from t = {first} back"));
    }
}
