//! Drawing initial weights: a seed determines every bit, on every platform alike.
//!
//! Each block has a random stream of its own, so that a change of one setting redraws nothing else.

use std::collections::HashMap;

use nalgebra::{DMatrix, DVector, Schur};
use ndarray::{Array2, s};
use rand_distr::{Distribution, StandardNormal};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

use super::weights::{Block, Head, LayerWeights, Weights, blocks};
use super::{Cell, Choice, Direction, Spec, choice};

choice! {
    /// The distribution that matrices are drawn from.
    Scheme {
        /// Uniform in ±√(6 / (columns + rows)); Glorot & Bengio (2010).
        Glorot = "glorot",
        /// Uniform in ±√(6 / columns); He et al. (2015).
        He = "he",
        /// Recurrent blocks orthogonal, the others Glorot; Saxe et al. (2014).
        Orthogonal = "orthogonal",
        /// Recurrent blocks the identity, the others Glorot; Le, Jaitly & Hinton (2015).
        Identity = "identity",
        /// Every entry the same.
        Constant = "constant",
    }
}

/// How to draw the weights of a model.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Init {
    /// Distribution of the matrices.
    pub scheme: Scheme,
    /// Seed of every random stream.
    pub seed: u64,
    /// Spectral radius that each H × H recurrent block is scaled to; `None` leaves it as drawn.
    pub rho: Option<f64>,
    /// Bias of the LSTM's forget gate (Gers et al., 2000; Józefowicz et al., 2015).
    pub forget_bias: f64,
    /// Bias of the GRU's update gate.
    pub update_bias: f64,
    /// The entry of [`Scheme::Constant`].
    pub constant: f64,
}

impl Default for Init {
    fn default() -> Self {
        Self { scheme: Scheme::Glorot, seed: 0, rho: None, forget_bias: 0.0, update_bias: 0.0, constant: 0.1 }
    }
}

/// Draws weights, and remembers recurrent blocks so that a moving ρ costs a product and no eigenvalues.
#[derive(Debug, Default)]
pub struct Draw {
    /// Blocks as drawn, and the spectral radius of each.
    recurrent: HashMap<Recurrent, (Array2<f64>, f64)>,
}

/// What a recurrent block depends on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Recurrent {
    scheme: Scheme,
    seed: u64,
    constant: u64,
    hidden: usize,
    stream: u64,
}

impl Draw {
    /// More blocks than six lanes of stacked, bidirectional LSTMs with decoders have.
    const REMEMBERED: usize = 1024;

    /// Streams of the encoder's blocks end far below.
    const DECODER: u64 = 1 << 16;

    /// Draws the weights of `spec`.
    #[must_use]
    pub fn weights(&mut self, spec: &Spec, init: &Init) -> Weights {
        if self.recurrent.len() > Self::REMEMBERED {
            self.recurrent.clear();
        }
        let start = if spec.cell.recurs() { spec.hidden } else { 0 };
        let layers = self.layers(spec, init, 0, start);
        let decoder =
            spec.decoder().map_or_else(Vec::new, |decoder| self.layers(&decoder, init, Self::DECODER, 0));
        let w_hy = init.matrix(spec.outputs, spec.width(), 1 << 32);
        Weights { layers, decoder, head: Head { w_hy, b_y: vec![0.0; spec.outputs] } }
    }

    /// Their streams are counted from `first`; each starts from `start` zeros.
    fn layers(&mut self, spec: &Spec, init: &Init, first: u64, start: usize) -> Vec<LayerWeights> {
        spec.sweeps()
            .map(|(layer, direction)| {
                let inputs = spec.inputs_of(layer);
                let values = blocks(spec, inputs)
                    .into_iter()
                    .enumerate()
                    .map(|(number, block)| {
                        let side = u64::from(direction == Direction::Backward);
                        let stream = first + (layer as u64 * 2 + side) * 64 + number as u64 * 2;
                        (block.name, self.block(spec, init, inputs, &block, stream))
                    })
                    .collect();
                let zero = vec![0.0; start];
                LayerWeights { layer: layer + 1, direction, values, h_0: zero.clone(), c_0: zero }
            })
            .collect()
    }

    /// `W_xh`, `W_hh` and the joint matrices `[U | V]`; biases and gains are constants.
    fn block(&mut self, spec: &Spec, init: &Init, inputs: usize, block: &Block, stream: u64) -> Array2<f64> {
        let Some(columns) = block.columns else {
            let value = match block.name {
                "b_f" => init.forget_bias,
                "b_z" => init.update_bias,
                name if name.starts_with("g_") => 1.0,
                _ => 0.0,
            };
            return Array2::from_elem((block.rows, 1), value);
        };
        match (spec.cell, block.name) {
            (Cell::Rnn, "W_hh") => self.recurrent(init, spec.hidden, stream),
            (Cell::Rnn | Cell::Ann, _) => init.matrix(block.rows, columns, stream),
            _ => {
                let mut joint = Array2::zeros((block.rows, columns));
                joint.slice_mut(s![.., ..spec.hidden]).assign(&self.recurrent(init, spec.hidden, stream));
                joint.slice_mut(s![.., spec.hidden..]).assign(&init.matrix(spec.hidden, inputs, stream + 1));
                joint
            }
        }
    }

    fn recurrent(&mut self, init: &Init, hidden: usize, stream: u64) -> Array2<f64> {
        let Init { scheme, seed, constant, .. } = *init;
        let key = Recurrent { scheme, seed, constant: constant.to_bits(), hidden, stream };
        let (matrix, radius) = self.recurrent.entry(key).or_insert_with(|| {
            let matrix = match scheme {
                Scheme::Orthogonal => init.orthogonal(hidden, stream),
                Scheme::Identity => Array2::eye(hidden),
                Scheme::Glorot | Scheme::He | Scheme::Constant => init.matrix(hidden, hidden, stream),
            };
            let radius = spectral_radius(&matrix);
            (matrix, radius)
        });
        match init.rho {
            Some(rho) if *radius > 0.0 => &*matrix * (rho / *radius),
            _ => matrix.clone(),
        }
    }
}

impl Init {
    fn random(&self, stream: u64) -> Pcg64 {
        // SplitMix64's odd constant keeps neighbouring seeds and streams apart.
        Pcg64::seed_from_u64(self.seed ^ (stream + 1).wrapping_mul(0x9E37_79B9_7F4A_7C15))
    }

    fn matrix(&self, rows: usize, columns: usize, stream: u64) -> Array2<f64> {
        #[expect(clippy::cast_precision_loss, reason = "sizes are far below 2^52")]
        let limit = match self.scheme {
            Scheme::Constant => return Array2::from_elem((rows, columns), self.constant),
            Scheme::He => libm::sqrt(6.0 / columns as f64),
            _ => libm::sqrt(6.0 / (rows + columns) as f64),
        };
        let mut random = self.random(stream);
        Array2::from_shape_simple_fn((rows, columns), || limit * (2.0 * unit(&mut random) - 1.0))
    }

    /// The Q of a Gaussian matrix's QR, with the signs that make it uniform over rotations and reflections.
    fn orthogonal(&self, size: usize, stream: u64) -> Array2<f64> {
        let mut random = self.random(stream);
        let gaussian = DMatrix::from_fn(size, size, |_, _| StandardNormal.sample(&mut random));
        let (q, r): (DMatrix<f64>, DMatrix<f64>) = gaussian.qr().unpack();
        Array2::from_shape_fn((size, size), |(i, j)| q[(i, j)] * r[(j, j)].signum())
    }
}

/// Uniform in [0, 1), from the top 53 bits.
#[expect(clippy::cast_precision_loss, reason = "53 bits fit exactly")]
fn unit(random: &mut Pcg64) -> f64 {
    (random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64
}

/// Real and imaginary parts of the eigenvalues of a square matrix; none where it is not finite.
#[must_use]
pub fn eigenvalues(matrix: &Array2<f64>) -> Vec<[f64; 2]> {
    if matrix.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let size = matrix.nrows();
    let square = DMatrix::from_fn(size, size, |i, j| matrix[[i, j]]);
    // A few matrices are a fixed point of the iteration, such as one that rotates the units; their mirror images
    // have the same eigenvalues and are not.
    let mirrored = || {
        let axis = DVector::from_fn(size, |i, _| 1.0 + libm::sin(f64::from(u32::try_from(i).unwrap_or(0))))
            .normalize();
        let mirror = DMatrix::identity(size, size) - 2.0 * &axis * axis.transpose();
        &mirror * &square * &mirror
    };
    let decompose = |square| Schur::try_new(square, f64::EPSILON, 100 * size);
    decompose(square.clone()).or_else(|| decompose(mirrored())).map_or_else(Vec::new, |schur| {
        schur.complex_eigenvalues().iter().map(|value| [value.re, value.im]).collect()
    })
}

/// The largest magnitude of an eigenvalue of a square matrix.
#[must_use]
pub fn spectral_radius(matrix: &Array2<f64>) -> f64 {
    eigenvalues(matrix).iter().map(|&[re, im]| libm::hypot(re, im)).fold(0.0, f64::max)
}
