//! How large the entries of a gradient are, block by block.

use std::collections::BTreeMap;

use ndarray::ArrayView2;

use crate::experiment::{Cell, Spec, Weights};

/// Bins to a decade.
pub const PER_DECADE: i32 = 2;

/// The entries of one block of the gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// `U_f` and `V_f` are the parts of `W_f` that read the state and the input; `W_hh`, `b_f`, …
    pub name: String,
    /// All entries.
    pub entries: usize,
    /// Those that are exactly 0.
    pub zeros: usize,
    /// Those that are not finite.
    pub broken: usize,
    /// The finite entry with the largest magnitude, with its sign.
    pub largest: f64,
    /// Negative and positive entries with 10^(n/2) ≤ |g| < 10^((n+1)/2), for each n that has any.
    pub bins: BTreeMap<i32, [usize; 2]>,
}

/// The entries of every block, in the order of files, U before V.
#[must_use]
pub fn histogram(spec: &Spec, gradient: &Weights) -> Vec<Block> {
    let mut blocks = Vec::new();
    for layer in &gradient.layers {
        for (name, value) in &layer.values {
            match name.strip_prefix("W_") {
                Some(gate) if spec.cell != Cell::Rnn => {
                    let (state, input) = value.view().split_at(ndarray::Axis(1), spec.hidden);
                    blocks.push(block(&format!("U_{gate}"), state));
                    blocks.push(block(&format!("V_{gate}"), input));
                }
                _ => blocks.push(block(name, value.view())),
            }
        }
    }
    blocks.push(block("W_hy", gradient.head.w_hy.view()));
    if let Ok(bias) = ArrayView2::from_shape((gradient.head.b_y.len(), 1), &gradient.head.b_y) {
        blocks.push(block("b_y", bias));
    }
    blocks
}

fn block(name: &str, values: ArrayView2<f64>) -> Block {
    let mut block = Block {
        name: name.to_owned(),
        entries: values.len(),
        zeros: 0,
        broken: 0,
        largest: 0.0,
        bins: BTreeMap::new(),
    };
    for &value in values {
        if !value.is_finite() {
            block.broken += 1;
        } else if value == 0.0 {
            block.zeros += 1;
        } else {
            block.bins.entry(bin(value)).or_default()[usize::from(value > 0.0)] += 1;
            if value.abs() > block.largest.abs() {
                block.largest = value;
            }
        }
    }
    block
}

/// The bin of a value that is not 0.
#[expect(clippy::cast_possible_truncation, reason = "logarithms of f64 are below 400")]
fn bin(value: f64) -> i32 {
    libm::floor(f64::from(PER_DECADE) * libm::log10(value.abs())) as i32
}
