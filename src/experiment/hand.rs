//! The worked example: three steps, two units and round numbers, so that every result can be reckoned on paper.

use ndarray::{Array2, arr2};

use super::edits::Edits;
use super::task::{Outcome, Task, Token};
use super::weights::blocks;
use super::{Choice as _, Head, LayerWeights, Shape, Spec, Target, Weights};
use crate::Error;

/// Units of the worked example.
pub const HIDDEN: usize = 2;
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
            let wanted = "another shape: the worked example has no decoder";
            return Err(Error::at("shape", wanted, shape.word()));
        }
    };
    let column = |values: &[f64]| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
    let tokens = |values: &[f64]| values.iter().map(|&value| Token::Value(value)).collect();
    Ok(Task {
        title: "Worked example, by hand",
        source: "",
        note: format!(
            "{} steps, 2 units, round weights{}",
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

/// Round weights for a cell of [`HIDDEN`] units that reads one number.
#[must_use]
pub fn weights(spec: &Spec) -> Weights {
    let values = blocks(spec, spec.inputs)
        .into_iter()
        .map(|block| {
            let value = match block.name {
                "W_xh" => arr2(&[[1.0], [-0.5]]),
                "W_hh" => arr2(&[[0.5, -1.0], [1.0, 0.5]]),
                // [U | V]: two columns for the state, one for the input.
                "W_f" | "W_z" => arr2(&[[0.5, -0.5, 1.0], [1.0, 0.5, -1.0]]),
                "W_i" | "W_r" => arr2(&[[1.0, 0.5, -0.5], [-0.5, 1.0, 0.5]]),
                "W_C" | "W_h" => arr2(&[[0.5, -1.0, 1.0], [1.0, 0.5, -0.5]]),
                "W_o" => arr2(&[[-0.5, 1.0, 0.5], [0.5, 0.5, 1.0]]),
                _ => Array2::zeros((block.rows, 1)),
            };
            (block.name, value)
        })
        .collect();
    let zero = vec![0.0; spec.hidden];
    let direction = spec.directions()[0];
    let layer = LayerWeights { layer: 1, direction, values, h_0: zero.clone(), c_0: zero };
    Weights {
        layers: vec![layer],
        decoder: Vec::new(),
        head: Head { w_hy: arr2(&[[1.0, -1.0]]), b_y: vec![0.0] },
    }
}
