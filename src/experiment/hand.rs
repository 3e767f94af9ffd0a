//! The worked example: three steps, two units and round numbers, so that every result can be reckoned on paper.

use ndarray::{Array2, arr2};

use super::edits::Edits;
use super::task::{Outcome, Task, Token};
use super::weights::blocks;
use super::{Choice as _, Head, LayerWeights, Shape, Spec, Target, Weights};
use crate::Error;

/// Units of the worked example. Two that are normalised would always be 1 and −1.
#[must_use]
pub fn units(layer_norm: bool) -> usize {
    if layer_norm { 3 } else { 2 }
}

/// One number per step.
const X: [f64; 3] = [1.0, 0.5, -1.0];
/// One target per step; many to one asks for the last.
const TARGETS: [f64; 3] = [0.5, -0.5, 1.0];

/// The inputs and targets of the worked example.
///
/// # Errors
/// For an encoder and decoder: there are no weights for a decoder.
pub fn task(shape: Shape) -> Result<Task, Error> {
    let (x, wanted) = match shape {
        Shape::OneToOne => (&X[..1], &TARGETS[..1]),
        Shape::OneToMany => (&X[..1], &TARGETS[..]),
        Shape::ManyToOne => (&X[..], &TARGETS[TARGETS.len() - 1..]),
        Shape::ManyToMany => (&X[..], &TARGETS[..]),
        Shape::EncoderDecoder => {
            let wanted = "another shape: the worked example, by hand, has no decoder";
            return Err(Error::at("shape", wanted, shape.word()));
        }
    };
    let column = |values: &[f64]| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
    let tokens = |values: &[f64]| values.iter().map(|&value| Token::Value(value)).collect();
    Ok(Task {
        title: "Worked example, by hand",
        source: "",
        note: format!(
            "{} steps, round weights{}",
            x.len().max(wanted.len()),
            if shape.writes_on() { "" } else { "; the worksheet has every result" }
        ),
        x: column(x),
        target: Target::Values(column(wanted)),
        shape,
        outputs: 1,
        inputs: tokens(x),
        targets: tokens(wanted),
        outcome: Outcome::Values { mean: 0.0, deviation: 1.0 },
        most_steps: X.len(),
        practice: None,
        most_outputs: X.len(),
        replaced: Edits::new(),
    })
}

/// Round numbers, over and over.
const ROUND: [f64; 7] = [0.5, -0.5, 1.0, -1.0, 0.5, 1.0, -0.5];

/// Round weights for cells of [`units`] units; the first layer reads one number. Two units in one layer have their own,
/// so that the numbers stay apart.
#[must_use]
pub fn weights(spec: &Spec) -> Weights {
    // The smaller the deviation of sums, the more their normalisation makes of what is rounded.
    let times = if spec.layer_norm { 2.0 } else { 1.0 };
    let layer = |(sweep, (layer, direction))| {
        let values = blocks(spec, spec.inputs_of(layer))
            .into_iter()
            .enumerate()
            .map(|(index, block)| {
                let value = match (sweep, block.columns, block.name) {
                    (0, Some(_), name) if spec.hidden == 2 => first(name),
                    (_, Some(columns), _) => Array2::from_shape_fn((block.rows, columns), |(row, column)| {
                        times * ROUND[(2 * sweep + 3 * index + 2 * row + column) % ROUND.len()]
                    }),
                    (.., name) => {
                        Array2::from_elem((block.rows, 1), if name.starts_with('g') { 1.0 } else { 0.0 })
                    }
                };
                (block.name, value)
            })
            .collect();
        let zero = vec![0.0; spec.hidden];
        LayerWeights { layer: layer + 1, direction, values, h_0: zero.clone(), c_0: zero }
    };
    let readout = |(_, column): (usize, usize)| [1.0, -1.0, 0.5, -0.5][column % 4];
    Weights {
        layers: spec.sweeps().enumerate().map(layer).collect(),
        decoder: Vec::new(),
        head: Head { w_hy: Array2::from_shape_fn((1, spec.width()), readout), b_y: vec![0.0] },
    }
}

/// The matrices of the first layer, from left to right.
fn first(name: &str) -> Array2<f64> {
    match name {
        "W_xh" => arr2(&[[1.0], [-0.5]]),
        "W_hh" => arr2(&[[0.5, -1.0], [1.0, 0.5]]),
        // [U | V]: two columns for the state, one for the input.
        "W_f" | "W_z" => arr2(&[[0.5, -0.5, 1.0], [1.0, 0.5, -1.0]]),
        "W_i" | "W_r" => arr2(&[[1.0, 0.5, -0.5], [-0.5, 1.0, 0.5]]),
        "W_C" | "W_h" => arr2(&[[0.5, -1.0, 1.0], [1.0, 0.5, -0.5]]),
        _ => arr2(&[[-0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]),
    }
}
