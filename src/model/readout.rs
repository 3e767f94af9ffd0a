//! Outputs and losses: `y_t = W_hy·h_t + b_y`, and L = Σ_t L_t.

use ndarray::Array2;

use super::{Scalar, affine};
use crate::experiment::{Head, Target};

/// The readout's parameters and, with the same type, their gradient.
#[derive(Clone, Debug, PartialEq)]
pub struct Readout<F> {
    /// `W_hy`, O × width of the top layer.
    pub weight: Array2<F>,
    /// `b_y`, O.
    pub bias: Vec<F>,
}

impl<F: Scalar> Readout<F> {
    /// From a file's head.
    #[must_use]
    pub fn from_head(head: &Head) -> Self {
        Self { weight: head.w_hy.mapv(F::of), bias: head.b_y.iter().map(|&b| F::of(b)).collect() }
    }

    /// Adds what has the same shapes.
    pub fn add(&mut self, other: &Self) {
        affine::add(affine::flat_mut(&mut self.weight), affine::flat(&other.weight));
        affine::add(&mut self.bias, &other.bias);
    }

    /// As a file's head.
    #[must_use]
    pub fn to_head(&self) -> Head {
        Head { w_hy: self.weight.mapv(F::wide), b_y: self.bias.iter().map(|b| b.wide()).collect() }
    }

    /// y for each row of `h`: output steps × O.
    #[must_use]
    pub fn forward(&self, h: &Array2<F>) -> Array2<F> {
        let mut y = Array2::from_elem((h.nrows(), self.weight.nrows()), F::ZERO);
        for t in 0..y.nrows() {
            self.step(affine::row(h, t), affine::row_mut(&mut y, t));
        }
        y
    }

    /// y of one step.
    pub fn step(&self, h: &[F], y: &mut [F]) {
        y.fill(F::ZERO);
        affine::add_product(y, &self.weight, 0, h);
        affine::add(y, &self.bias);
    }

    /// The gradients of the parameters and of `h`, from those of y.
    #[must_use]
    pub fn backward(&self, h: &Array2<F>, dy: &Array2<F>) -> (Self, Array2<F>) {
        let mut weight = Array2::from_elem(self.weight.dim(), F::ZERO);
        affine::sum_of_outer(&mut weight, 0, 0..dy.ncols(), dy, h);
        let gradient = Self { weight, bias: affine::sum_of_rows(dy) };
        (gradient, affine::product_of_columns(dy, &self.weight))
    }
}

/// `L_t` of every output step, and `∂L_t/∂y_t`.
///
/// # Formula
/// Squared error: `½ Σ_k (y_k − target_k)²` and `y − target`. Cross-entropy: `log Σ_k e^(y_k − m) − (y_c − m)`
/// with m the largest output and c the target, and `softmax(y) − onehot(c)`. Subtracting m keeps every
/// exponential finite; where the softmax saturates, the gradient is exactly zero.
#[must_use]
pub fn loss<F: Scalar>(y: &Array2<F>, target: &Target) -> (Vec<F>, Array2<F>) {
    let mut dy = y.clone();
    let mut losses = Vec::with_capacity(y.nrows());
    for t in 0..y.nrows() {
        let row = affine::row_mut(&mut dy, t);
        losses.push(match target {
            Target::Values(values) => {
                let mut sum = F::ZERO;
                for (d, &wanted) in row.iter_mut().zip(values.row(t)) {
                    *d = *d - F::of(wanted);
                    sum += *d * *d;
                }
                F::of(0.5) * sum
            }
            Target::Classes(classes) => cross_entropy(row, classes[t]),
        });
    }
    (losses, dy)
}

/// Writes what a step should have said, as the step after it reads it: the row, or the class as one-hot.
pub fn tell<F: Scalar>(read: &mut [F], target: &Target, t: usize) {
    match target {
        Target::Values(values) => {
            read.iter_mut().zip(values.row(t)).for_each(|(read, &wanted)| *read = F::of(wanted));
        }
        Target::Classes(classes) => {
            read.fill(F::ZERO);
            read[classes[t]] = F::ONE;
        }
    }
}

/// The likeliest class, one-hot: the first of the largest.
#[must_use]
pub fn choice<F: Scalar>(y: &[F]) -> Vec<F> {
    let mut largest = 0;
    for (class, value) in y.iter().enumerate() {
        if *value > y[largest] {
            largest = class;
        }
    }
    let mut chosen = vec![F::ZERO; y.len()];
    chosen[largest] = F::ONE;
    chosen
}

/// Turns y into `softmax(y) − onehot(class)` and returns `−log softmax(y)[class]`.
fn cross_entropy<F: Scalar>(y: &mut [F], class: usize) -> F {
    let wanted = y[class];
    let largest = softmax(y);
    let probability = y[class];
    y[class] = probability - F::ONE;
    // The large numbers first: their difference is exact, their sum with a logarithm is not.
    largest.1.ln() + (largest.0 - wanted)
}

/// Turns y into softmax(y); returns the largest y, m, and `Σ_k e^(y_k − m)`.
pub fn softmax<F: Scalar>(y: &mut [F]) -> (F, F) {
    let largest = y.iter().copied().fold(y[0], |a, b| if b > a { b } else { a });
    let mut sum = F::ZERO;
    for y in y.iter_mut() {
        *y = (*y - largest).exp();
        sum += *y;
    }
    for y in y.iter_mut() {
        *y = *y / sum;
    }
    (largest, sum)
}
