//! How large the entries of a gradient are, block by block of one layer and direction.

use std::collections::BTreeMap;

use crate::experiment::Weights;

/// Bins to a decade.
pub const PER_DECADE: i32 = 2;

/// The entries of one block of the gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Block {
    /// As in files.
    pub name: &'static str,
    /// Whether it is the decoder's.
    pub decodes: bool,
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

/// The entries of every block of the layer and direction that is number `sweep` in the order of files, of the decoder's
/// layer beside it, and of the readout; initial states are no parameters.
#[must_use]
pub fn histogram(gradient: &Weights, sweep: usize) -> Vec<Block> {
    let own = gradient.layers.get(sweep);
    let beside = own.and_then(|own| gradient.decoder.get(own.layer - 1));
    let mut blocks = Vec::new();
    for (layer, decodes) in [(own, false), (beside, true)] {
        let values = layer.into_iter().flat_map(|layer| &layer.values);
        blocks.extend(values.map(|(name, value)| block(name, decodes, value.iter())));
    }
    blocks.push(block("W_hy", false, gradient.head.w_hy.iter()));
    blocks.push(block("b_y", false, gradient.head.b_y.iter()));
    blocks
}

fn block<'a>(name: &'static str, decodes: bool, values: impl ExactSizeIterator<Item = &'a f64>) -> Block {
    let entries = values.len();
    let mut block =
        Block { name, decodes, entries, zeros: 0, broken: 0, largest: 0.0, bins: BTreeMap::new() };
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
