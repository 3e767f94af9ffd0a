//! What a model costs: parameters by matrix, multiply-adds, memory.

use crate::experiment::weights::{Block, blocks};
use crate::experiment::{Activation, Cell, Precision, Reset, Spec};
use crate::model::parameters::gates;

/// Parameters of one kind.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Matrix {
    /// The name in files; biases and gains stand together under `b` and `g`.
    pub name: &'static str,
    /// The lowest and the highest layer, from 1, that have one of this size; 0 is the readout.
    pub layers: (usize, usize),
    /// Whether they are the decoder's.
    pub decodes: bool,
    /// Rows, columns; of biases and gains the units and how many vectors.
    pub size: (usize, usize),
    /// How many of this size there are: one per layer and direction.
    pub times: usize,
}

impl Matrix {
    /// How many numbers they hold.
    #[must_use]
    pub fn count(&self) -> usize {
        self.size.0 * self.size.1 * self.times
    }

    /// Whether it multiplies a vector.
    fn multiplies(&self) -> bool {
        self.name.starts_with('W')
    }
}

/// All parameters of a model, those of the same size together: layer 1, the layers above it, those of the decoder, the
/// readout.
#[must_use]
pub fn matrices(spec: &Spec) -> Vec<Matrix> {
    let mut all = stacked(spec, false);
    all.extend(spec.decoder().iter().flat_map(|decoder| stacked(decoder, true)));
    let readout = |name, columns| {
        let (layers, size) = ((0, 0), (spec.outputs, columns));
        Matrix { name, layers, decodes: false, size, times: 1 }
    };
    all.extend([readout("W_hy", spec.width()), readout("b_y", 1)]);
    all
}

/// Those of the layers.
fn stacked(spec: &Spec, decodes: bool) -> Vec<Matrix> {
    let directions = spec.directions().len();
    let mut all = Vec::new();
    for (lowest, highest) in [(1, 1), (2, spec.layers)] {
        if highest < lowest {
            continue;
        }
        let (layers, times) = ((lowest, highest), directions * (highest + 1 - lowest));
        let blocks = blocks(spec, spec.inputs_of(lowest - 1));
        let matrix = |block: &Block| {
            let size = (block.rows, block.columns?);
            Some(Matrix { name: block.name, layers, decodes, size, times })
        };
        all.extend(blocks.iter().filter_map(matrix));
        for name in ["b", "g"] {
            let of_kind = |block: &&Block| block.columns.is_none() && block.name.starts_with(name);
            let count = blocks.iter().filter(of_kind).count();
            if count > 0 {
                all.push(Matrix { name, layers, decodes, size: (spec.hidden, count), times });
            }
        }
    }
    all
}

/// Multiply-adds of the matrix products of one step: forward without, and with, an output. With a decoder the first is a
/// step of the encoder, the second one of the decoder.
#[must_use]
pub fn multiply_adds(spec: &Spec) -> (usize, usize) {
    let matrices = matrices(spec);
    // Each of a feed-forward network's steps adds its own part of the product.
    let steps = |readout: bool| if readout { 1 } else { spec.places.max(1) };
    let products = |readout: bool, decodes: bool| {
        let of = matrices.iter().filter(|matrix| matrix.multiplies() && matrix.decodes == decodes);
        let of = of.filter(|matrix| (matrix.layers.0 == 0) == readout);
        of.map(Matrix::count).sum::<usize>() / steps(readout)
    };
    let plain = products(false, false);
    let speaks = if spec.decoder().is_some() { products(false, true) } else { plain };
    (plain, speaks + products(true, false))
}

/// Bytes of one step that the forward pass keeps for the way back: inputs, sums, gates, states of every layer and
/// direction.
#[must_use]
pub fn memory(spec: &Spec, precision: Precision) -> usize {
    let (hidden, stacked) = (spec.hidden, gates(spec.cell));
    let gated = spec.cell.gated();
    let when = |on: bool, count: usize| if on { count } else { 0 };
    let own = stacked * hidden
        + when(gated, stacked * hidden + hidden)
        + hidden
        + when(spec.cell.carried().is_some(), hidden)
        + when(spec.layer_norm, stacked * hidden + stacked);
    let numbers: usize = spec.sweeps().map(|(layer, _)| spec.inputs_of(layer) + own).sum();
    numbers * if precision == Precision::F64 { 8 } else { 4 }
}

/// How many times the parameters of an RNN of this size its layers have: 1, 3 or 4, and a little more with a second
/// bias.
#[must_use]
pub fn times_rnn(spec: &Spec) -> f64 {
    let plain = Spec {
        cell: Cell::Rnn,
        places: 0,
        activation: Activation::Tanh,
        reset: Reset::Before,
        ..spec.clone()
    };
    let layers = |spec: &Spec| -> u32 {
        let own = matrices(spec).into_iter().filter(|matrix| matrix.layers.0 > 0);
        u32::try_from(own.map(|matrix| matrix.count()).sum::<usize>()).unwrap_or(u32::MAX)
    };
    f64::from(layers(spec)) / f64::from(layers(&plain))
}
