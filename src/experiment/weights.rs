//! Weights by name, as files have them.

use ndarray::Array2;

use super::{Cell, Direction, Reset, Spec};

/// One named block of parameters: a matrix, or a vector when it has no columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Block {
    /// The name in files, such as `W_f`.
    pub name: &'static str,
    /// Rows, or the length of a vector.
    pub rows: usize,
    /// Columns of a matrix.
    pub columns: Option<usize>,
}

/// The blocks of one layer and direction that reads `inputs` numbers, in the order of files.
#[must_use]
pub fn blocks(spec: &Spec, inputs: usize) -> Vec<Block> {
    let hidden = spec.hidden;
    let matrix = |name, columns| Block { name, rows: hidden, columns: Some(columns) };
    let vector = |name| Block { name, rows: hidden, columns: None };
    let joint = |name| matrix(name, hidden + inputs);

    let mut blocks = match spec.cell {
        Cell::Rnn => vec![matrix("W_xh", inputs), matrix("W_hh", hidden), vector("b_h")],
        Cell::Ann => vec![matrix("W_xh", spec.places * inputs), vector("b_h")],
        Cell::Lstm => {
            let mut blocks: Vec<_> = ["W_f", "W_i", "W_C", "W_o"].map(joint).into();
            blocks.extend(["b_f", "b_i", "b_C", "b_o"].map(vector));
            blocks
        }
        Cell::Gru => {
            let mut blocks: Vec<_> = ["W_z", "W_r", "W_h"].map(joint).into();
            blocks.extend(["b_z", "b_r", "b_h"].map(vector));
            if spec.reset == Reset::After {
                blocks.push(vector("b_hh"));
            }
            blocks
        }
    };
    if spec.layer_norm {
        let gains: &[_] = match spec.cell {
            Cell::Rnn | Cell::Ann => &["g_h"],
            Cell::Lstm => &["g_f", "g_i", "g_C", "g_o"],
            Cell::Gru => &["g_z", "g_r", "g_h"],
        };
        blocks.extend(gains.iter().map(|name| vector(name)));
    }
    blocks
}

/// The weights of one layer and direction, and the state that it starts from.
#[derive(Clone, Debug, PartialEq)]
pub struct LayerWeights {
    /// Counted from 1.
    pub layer: usize,
    /// Which of its directions.
    pub direction: Direction,
    /// One matrix per block of [`blocks`], in that order; vectors are one column.
    pub values: Vec<(&'static str, Array2<f64>)>,
    /// Initial hidden state, H; empty in a decoder, which starts from the encoder's last.
    pub h_0: Vec<f64>,
    /// Initial cell state, H; all zero and unused but for LSTM; empty in a decoder.
    pub c_0: Vec<f64>,
}

impl LayerWeights {
    /// The block called `name`.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&Array2<f64>> {
        self.values.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

/// The readout `y_t = W_hy·h_t + b_y`.
#[derive(Clone, Debug, PartialEq)]
pub struct Head {
    /// O × width of the top layer.
    pub w_hy: Array2<f64>,
    /// O.
    pub b_y: Vec<f64>,
}

/// All weights of a model. A gradient has the same type.
#[derive(Clone, Debug, PartialEq)]
pub struct Weights {
    /// One entry per layer and direction, in the order of [`Spec::sweeps`].
    pub layers: Vec<LayerWeights>,
    /// The decoder's, one entry per layer; empty but for encoder-decoder.
    pub decoder: Vec<LayerWeights>,
    /// The readout.
    pub head: Head,
}
