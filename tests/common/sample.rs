//! Models of any kind and size, for the property tests, and when two lists of numbers are the same.

use crate::common::{Draw, Size, at, experiment, leaves, model};
use proptest::prelude::*;
use serde_json::{Value, json};

pub const M2M: &str = "many-to-many";
pub const M2O: &str = "many-to-one";
pub const SQUARED: &str = "squared-error";
pub const CROSS: &str = "cross-entropy";

/// A kind of model, how large it is, and the seed of its numbers.
#[derive(Clone, Debug)]
pub struct Sample {
    pub model: Value,
    pub size: Size,
    pub seed: u64,
}

impl Sample {
    pub fn draw(&self, shape: &str, loss: &str) -> Value {
        experiment(&self.model, shape, loss, self.size, &mut Draw(self.seed))
    }

    pub fn cell(&self) -> &str {
        self.model["cell"].as_str().unwrap()
    }

    /// Its layers and directions, as they are counted in a file.
    pub fn entries(&self) -> usize {
        let layers = self.model["layers"].as_u64().map_or(1, |layers| usize::try_from(layers).unwrap());
        layers * if self.model["bidirectional"] == true { 2 } else { 1 }
    }
}

/// Any of these cells, as these settings change it.
pub fn samples(cells: &[&str], settings: &[Value]) -> impl Strategy<Value = Sample> + use<> {
    let models: Vec<_> =
        cells.iter().flat_map(|cell| settings.iter().map(|more| model(cell, more))).collect();
    let sizes = (1..4_usize, 1..5_usize, 1..4_usize, 1..7_usize);
    (prop::sample::select(models), sizes, any::<u64>()).prop_map(
        |(model, (inputs, hidden, outputs, steps), seed)| Sample {
            model,
            size: Size { inputs, hidden, outputs, steps },
            seed,
        },
    )
}

pub const CELLS: [&str; 7] =
    ["rnn tanh", "rnn relu", "lstm", "gru before", "gru after", "lstm f = 1", "gru r = 1"];

/// One layer that reads in the direction of time.
pub fn plain() -> impl Strategy<Value = Sample> {
    samples(&CELLS, &[json!({})])
}

/// One layer or a stack, one direction.
pub fn forward() -> impl Strategy<Value = Sample> {
    samples(&CELLS, &[json!({}), json!({"layers": 2})])
}

/// Anything.
pub fn any_model() -> impl Strategy<Value = Sample> {
    let both = json!({"bidirectional": true});
    samples(&CELLS, &[json!({}), json!({"layers": 2}), both, json!({"layers": 2, "bidirectional": true})])
}

/// Two lists of numbers that differ by rounding at most, measured against the largest of them.
#[track_caller]
pub fn same(a: &[f64], b: &[f64], what: &str) {
    assert_eq!(a.len(), b.len(), "{what}");
    let size = a.iter().chain(b).fold(1.0, |most: f64, n| most.max(n.abs()));
    for (n, (a, b)) in a.iter().zip(b).enumerate() {
        assert!((a - b).abs() <= 1e-11 * size, "{what}[{n}]: {a:e} and {b:e}");
    }
}

/// The numbers at all of these places.
pub fn values(document: &Value, places: &[String]) -> Vec<f64> {
    places.iter().map(|place| at(document, place)).collect()
}

/// Everything under one place of two documents is the same, up to rounding.
#[track_caller]
pub fn same_at(a: &Value, b: &Value, place: &str) {
    let places = leaves(b, place);
    same(&values(a, &places), &values(b, &places), place);
}

pub fn sum(rows: &[Vec<f64>]) -> Vec<f64> {
    let mut sum = vec![0.0; rows[0].len()];
    for row in rows {
        sum.iter_mut().zip(row).for_each(|(sum, value)| *sum += value);
    }
    sum
}
