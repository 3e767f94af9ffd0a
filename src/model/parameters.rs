//! The parameters of one layer and direction — and, with the same type, their gradient.

use ndarray::{Array2, s};

use super::{Scalar, affine};
use crate::experiment::weights::{Block, LayerWeights, blocks};
use crate::experiment::{Cell, Direction, Spec};

/// Stacked by gate: with G gates, rows `g·H..(g+1)·H` belong to gate g.
///
/// A file's joint matrix `W_g` is `[U_g | V_g]`; `W_hh` and `W_xh` of the RNN are U and V. The feed-forward network has no
/// U, and a V for each step: `W_xh` of a file has them side by side, here they stand over each other.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameters<F> {
    /// U, G·H × H; without rows where nothing recurs.
    pub recurrent: Array2<F>,
    /// V, G·H × D; of the feed-forward network one for each step, places·H × D.
    pub input: Array2<F>,
    /// b, G·H.
    pub bias: Vec<F>,
    /// `b_hh`, H: the recurrent bias inside the GRU's reset; empty elsewhere.
    pub recurrent_bias: Vec<F>,
    /// g, G·H: gains of layer normalisation; empty without it.
    pub gain: Vec<F>,
}

/// Gates per cell: rows of U per hidden unit.
#[must_use]
pub fn gates(cell: Cell) -> usize {
    match cell {
        Cell::Rnn | Cell::Ann => 1,
        Cell::Gru => 3,
        Cell::Lstm => 4,
    }
}

/// Where a named block of a file lies.
enum Part {
    Joint(usize),
    Recurrent,
    Input,
    Places,
    Bias(usize),
    RecurrentBias,
    Gain(usize),
}

fn part(cell: Cell, name: &str) -> Part {
    let gate = |letter: &str| {
        let letters: &[_] = match cell {
            Cell::Rnn | Cell::Ann => &["h"],
            Cell::Lstm => &["f", "i", "C", "o"],
            Cell::Gru => &["z", "r", "h"],
        };
        letters.iter().position(|known| *known == letter).unwrap_or(0)
    };
    match name.split_at(2) {
        ("W_", "hh") => Part::Recurrent,
        ("W_", "xh") if cell == Cell::Ann => Part::Places,
        ("W_", "xh") => Part::Input,
        ("b_", "hh") => Part::RecurrentBias,
        ("W_", letter) => Part::Joint(gate(letter)),
        ("b_", letter) => Part::Bias(gate(letter)),
        (_, letter) => Part::Gain(gate(letter)),
    }
}

impl<F: Scalar> Parameters<F> {
    /// All zero, with the shapes of `spec` for a layer that reads `inputs` numbers.
    #[must_use]
    pub fn zeros(spec: &Spec, inputs: usize) -> Self {
        let names = blocks(spec, inputs);
        let has = |name: &str| names.iter().any(|block| block.name.starts_with(name));
        let rows = gates(spec.cell) * spec.hidden;
        let zeros = |length: usize| vec![F::ZERO; length];
        Self {
            recurrent: Array2::from_elem((if spec.cell.recurs() { rows } else { 0 }, spec.hidden), F::ZERO),
            input: Array2::from_elem((rows * spec.places.max(1), inputs), F::ZERO),
            bias: zeros(rows),
            recurrent_bias: zeros(if has("b_hh") { spec.hidden } else { 0 }),
            gain: zeros(if has("g_") { rows } else { 0 }),
        }
    }

    /// From the named blocks of a file, whose shapes have been checked.
    #[must_use]
    pub fn from_weights(spec: &Spec, weights: &LayerWeights) -> Self {
        let hidden = spec.hidden;
        let mut parameters = Self::zeros(spec, spec.inputs_of(weights.layer - 1));
        for (name, value) in &weights.values {
            let value = value.mapv(F::of);
            let fill = |target: &mut [F]| target.iter_mut().zip(&value).for_each(|(to, &from)| *to = from);
            match part(spec.cell, name) {
                Part::Recurrent => parameters.recurrent.assign(&value),
                Part::Input => parameters.input.assign(&value),
                Part::Places => {
                    let inputs = parameters.input.ncols();
                    for ((row, k), to) in parameters.input.indexed_iter_mut() {
                        *to = value[[row % hidden, row / hidden * inputs + k]];
                    }
                }
                Part::Joint(gate) => {
                    let rows = gate * hidden..(gate + 1) * hidden;
                    parameters
                        .recurrent
                        .slice_mut(s![rows.clone(), ..])
                        .assign(&value.slice(s![.., ..hidden]));
                    parameters.input.slice_mut(s![rows, ..]).assign(&value.slice(s![.., hidden..]));
                }
                Part::Bias(gate) => fill(&mut parameters.bias[gate * hidden..][..hidden]),
                Part::Gain(gate) => fill(&mut parameters.gain[gate * hidden..][..hidden]),
                Part::RecurrentBias => fill(&mut parameters.recurrent_bias),
            }
        }
        parameters
    }

    /// The named blocks of a file.
    #[must_use]
    pub fn to_weights(&self, spec: &Spec, layer: usize, direction: Direction) -> LayerWeights {
        let values = blocks(spec, self.input.ncols())
            .into_iter()
            .map(|block| (block.name, self.block(spec, &block).mapv(Scalar::wide)))
            .collect();
        let zero = vec![0.0; if spec.cell.recurs() { spec.hidden } else { 0 }];
        LayerWeights { layer: layer + 1, direction, values, h_0: zero.clone(), c_0: zero }
    }

    /// Adds what has the same shapes.
    pub fn add(&mut self, other: &Self) {
        affine::add(affine::flat_mut(&mut self.recurrent), affine::flat(&other.recurrent));
        affine::add(affine::flat_mut(&mut self.input), affine::flat(&other.input));
        affine::add(&mut self.bias, &other.bias);
        affine::add(&mut self.recurrent_bias, &other.recurrent_bias);
        affine::add(&mut self.gain, &other.gain);
    }

    fn block(&self, spec: &Spec, block: &Block) -> Array2<F> {
        let hidden = spec.hidden;
        let column = |values: &[F]| Array2::from_shape_fn((values.len(), 1), |(row, _)| values[row]);
        match part(spec.cell, block.name) {
            Part::Recurrent => self.recurrent.clone(),
            Part::Input => self.input.clone(),
            Part::Places => {
                let inputs = self.input.ncols();
                let size = (hidden, spec.places * inputs);
                Array2::from_shape_fn(size, |(row, k)| self.input[[k / inputs * hidden + row, k % inputs]])
            }
            Part::Joint(gate) => Array2::from_shape_fn((hidden, hidden + self.input.ncols()), |(row, k)| {
                let row = gate * hidden + row;
                if k < hidden { self.recurrent[[row, k]] } else { self.input[[row, k - hidden]] }
            }),
            Part::Bias(gate) => column(&self.bias[gate * hidden..][..hidden]),
            Part::Gain(gate) => column(&self.gain[gate * hidden..][..hidden]),
            Part::RecurrentBias => column(&self.recurrent_bias),
        }
    }
}
