//! How one step, and a product of many, scale a signal: eigenvalues, singular values, the bound.

use nalgebra::DMatrix;
use ndarray::Array2;
use unrolled_kernels::linear::{basis, product_transposed, qr, singular_values, triangle, turn};

use crate::experiment::init::eigenvalues;
use crate::experiment::{self, Activation, Cell, Direction, Experiment};
use crate::model::Parameters;
use crate::model::jacobian::Steps;

/// Decades between the largest value of a window and the smallest that is read from it.
const READ: f64 = 8.0;
/// Decades that a window reaches beyond, on either side: what is left out changes what is read by 10⁻⁸.
const MARGIN: f64 = 4.0;
/// A direction that keeps a smaller share than this of the strongest in one step may be rounding alone.
const KNOWN: f64 = 1e-12;
/// Bits under the largest term of a sum from which on a term changes no digit of it.
const HEARD: i32 = 66;
/// Every so many steps the singular values are read on the way; those between when all steps are walked.
const STRIDE: usize = 8;
/// Every so many steps L is made triangular; a divisor of [`STRIDE`].
const SORTED: usize = 4;

/// What a square matrix does to signals: over one step at most σ_max, in the long run of its powers ρ.
#[derive(Clone, Debug, PartialEq)]
pub struct Scaling {
    /// Real and imaginary parts.
    pub eigenvalues: Vec<[f64; 2]>,
    /// ρ, the largest |eigenvalue|; NaN where the matrix is not finite.
    pub radius: f64,
    /// The largest singular value; NaN where the matrix is not finite.
    pub largest: f64,
}

impl Scaling {
    /// Of a square matrix.
    #[must_use]
    pub fn new(matrix: &Array2<f64>) -> Self {
        let eigenvalues = eigenvalues(matrix);
        let radius = eigenvalues.iter().map(|&[re, im]| re.hypot(im)).reduce(f64::max).unwrap_or(f64::NAN);
        let square = DMatrix::from_fn(matrix.nrows(), matrix.ncols(), |i, j| matrix[[i, j]]);
        let largest = singular_values(square).first().copied().unwrap_or(f64::NAN);
        Self { eigenvalues, radius, largest }
    }

    /// How many eigenvalues lie outside the unit circle.
    #[must_use]
    pub fn outside(&self) -> usize {
        self.eigenvalues.iter().filter(|&&[re, im]| re.hypot(im) > 1.0).count()
    }
}

/// The matrices that an RNN's layer and direction number `sweep` multiplies by at every step, and after an encoder the
/// decoder's layer beside it; other cells have none.
#[must_use]
pub fn recurrent(experiment: &Experiment, sweep: usize) -> Vec<Array2<f64>> {
    let Experiment { spec, weights, .. } = experiment;
    if spec.cell != Cell::Rnn {
        return Vec::new();
    }
    let beside = weights.decoder.get(sweep / spec.directions().len());
    let decoder = spec.decoder().zip(beside);
    let own = weights.layers.get(sweep).map(|weights| (spec.clone(), weights));
    let matrix = |(spec, weights)| Parameters::from_weights(&spec, weights).recurrent;
    own.into_iter().chain(decoder).map(matrix).collect()
}

/// log10 of γ·σ_max(W) with γ = max φ′: no Jacobian of any sequence scales a signal by more.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Bound {
    /// Of the encoder's steps, or of the only ones.
    pub encoder: f64,
    /// Of a decoder's.
    pub decoder: f64,
}

impl Bound {
    /// `None` but for RNNs, and with layer normalisation, which rescales the sums.
    #[must_use]
    pub fn new(experiment: &Experiment, recurrent: &[Scaling]) -> Option<Self> {
        let gamma: f64 = match experiment.spec.activation {
            Activation::Tanh | Activation::Relu => 1.0,
        };
        let bounded = experiment.spec.cell == Cell::Rnn && !experiment.spec.layer_norm;
        let decades = |scaling: &Scaling| (gamma * scaling.largest).log10();
        let encoder = recurrent.first().filter(|_| bounded).map(decades)?;
        Some(Self { encoder, decoder: recurrent.get(1).map_or(encoder, decades) })
    }

    /// Of the whole way back to position t, from 1. The hand-over keeps sizes.
    #[must_use]
    pub fn at(self, axis: experiment::Steps, direction: Direction, t: usize) -> f64 {
        let after = axis.count - axis.seen(direction, t);
        let decoder = after.min(axis.count - axis.encoder);
        // No step is no factor, whatever it would be.
        let of = |decades: f64, steps: usize| {
            if steps == 0 { 0.0 } else { decades * f64::from(u32::try_from(steps).unwrap_or(u32::MAX)) }
        };
        of(self.decoder, decoder) + of(self.encoder, after - decoder)
    }
}

/// Decades per step: the slope of the least squares line through all finite values of steps 1 to T, backward in time.
///
/// # Formula
/// Σ (u − ū)(d − d̄) / Σ (u − ū)², u = T − t. `None` with fewer than two values.
#[must_use]
pub fn rate(decades: &[f64]) -> Option<f64> {
    let points = || (0_u32..).zip(decades.iter().rev()).filter(|(_, d)| d.is_finite());
    let count = f64::from(u32::try_from(points().count()).ok()?);
    let mean = |of: fn((u32, &f64)) -> f64| points().map(of).sum::<f64>() / count;
    let (u, d) = (mean(|(u, _)| f64::from(u)), mean(|(_, d)| *d));
    let square: f64 = points().map(|(at, _)| (f64::from(at) - u) * (f64::from(at) - u)).sum();
    let product: f64 = points().map(|(at, value)| (f64::from(at) - u) * (value - d)).sum();
    (square > 0.0).then(|| product / square)
}

/// The exponent of 2 of a magnitude; far under everything for 0.
fn exponent(value: f64) -> i32 {
    if value == 0.0 { -1_000_000 } else { i32::from(((value.to_bits() >> 52) & 0x7ff) as u16) - 1023 }
}

/// 10^decades as a factor and an exponent of 2: no power is taken of what is far under 1.
#[expect(clippy::cast_possible_truncation, reason = "far within 32 bits")]
fn split(decades: f64) -> (f64, i32) {
    let bits = decades * std::f64::consts::LOG2_10;
    let whole = libm::floor(bits);
    (libm::exp2(bits - whole), whole as i32)
}

/// 2^n, 0 where that is too small.
fn two(n: i32) -> f64 {
    u64::try_from(n.min(1023) + 1023).map_or(0.0, |exponent| f64::from_bits(exponent << 52))
}

/// log10 of the singular values of ∂s_T/∂s_t for every step t; for a direction that reads from T to 1, of ∂s_1/∂s_t,
/// and where there is a decoder of ∂s′_T′/∂s_t.
#[derive(Clone, Debug, PartialEq)]
pub struct Products {
    axis: experiment::Steps,
    direction: Direction,
    /// Numbers in a state of the encoder, or of the only layers, and of a decoder.
    sizes: [usize; 2],
    finite: bool,
    /// Per step in the order of computing, falling. Fewer than there are numbers in the state where the others are zero,
    /// or too small for f64 to tell from zero; `None` where they are not read yet.
    decades: Vec<Option<Vec<f64>>>,
}

impl Products {
    /// Numbers in the state at position t, from 1: so many singular values there are.
    #[must_use]
    pub fn size(&self, t: usize) -> usize {
        self.sizes[usize::from(self.axis.decodes(t))]
    }

    /// All steps on one axis.
    #[must_use]
    pub fn axis(&self) -> experiment::Steps {
        self.axis
    }

    /// Which way the encoder's, or the only ones, are read.
    #[must_use]
    pub fn direction(&self) -> Direction {
        self.direction
    }

    /// Whether the pass and its Jacobians stayed within the range of f64; else no step has values.
    #[must_use]
    pub fn is_finite(&self) -> bool {
        self.finite
    }

    /// Whether every step is read.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.decades.iter().all(Option::is_some)
    }

    /// log10 of the singular values at position t, from 1, falling; what is missing cannot be told from zero. `None`
    /// where they are not read yet.
    #[must_use]
    pub fn read(&self, t: usize) -> Option<&[f64]> {
        let order = self.axis.seen(self.direction, t);
        self.decades.get(order.checked_sub(1)?)?.as_deref()
    }

    /// The same, none where they are not read.
    #[must_use]
    pub fn at(&self, t: usize) -> &[f64] {
        self.read(t).unwrap_or(&[])
    }

    /// Where the way back ends: 1, for a direction that reads from T to 1 T.
    #[must_use]
    pub fn end(&self) -> usize {
        self.axis.seen(self.direction, 1)
    }

    /// The largest at every step that is read, in the order of computing; `-inf` where it cannot be told from zero, NaN
    /// where it is not read.
    #[must_use]
    pub fn largest(&self) -> Vec<f64> {
        let first = |at: &Option<Vec<f64>>| match at {
            Some(at) => at.first().copied().unwrap_or(f64::NEG_INFINITY),
            None => f64::NAN,
        };
        self.decades.iter().map(first).collect()
    }
}

/// A product of Jacobians that grows from the last step to the first.
///
/// # Formula
/// (∂s_T/∂s_t)ᵀ = J_{t+1}ᵀ ⋯ J_Tᵀ = Q·D·L: Q with orthonormal columns, D diagonal and kept as logarithms, L lower
/// triangular with rows of length 1. A step takes J_tᵀ·Q = Q′·R and R·D·L = D′·L′ times a rotation that no later step
/// sees, so that directions which fade at different speeds never meet in one sum: singular values a hundred decades
/// apart keep their digits. They are read from D·L in windows of a few decades.
pub struct Course {
    steps: Steps,
    t: usize,
    finite: bool,
    /// Q, n × m with m ≤ n: the directions that are not lost.
    basis: DMatrix<f64>,
    /// log10 of D, m.
    scale: Vec<f64>,
    /// L, m × m.
    lower: DMatrix<f64>,
    /// Whether L is triangular.
    sorted: bool,
    decades: Vec<Option<Vec<f64>>>,
    /// Steps that are walked and not read yet, with their D and L.
    unread: Vec<(usize, Vec<f64>, DMatrix<f64>)>,
}

impl Course {
    /// At the last step, where ∂s_T/∂s_T is the unit matrix, of the layer and direction that is number `sweep` and the
    /// decoder's layer beside it.
    #[must_use]
    pub fn new(experiment: &Experiment, sweep: usize) -> Self {
        let steps = Steps::new(experiment, sweep);
        let count = steps.axis().count;
        let n = steps.size(count);
        let mut decades = vec![None; count];
        decades[count - 1] = Some(vec![0.0; n]);
        let one = DMatrix::identity(n, n);
        let finite = steps.is_finite();
        let (basis, lower, scale) = (one.clone(), one, vec![0.0; n]);
        let unread = Vec::new();
        Self { steps, t: count, finite, basis, scale, lower, sorted: true, decades, unread }
    }

    /// Whether a step is left to be walked.
    #[must_use]
    pub fn walks(&self) -> bool {
        self.t > 1 && self.finite && !self.scale.is_empty()
    }

    /// Goes one step back; when all are walked, reads one that was passed by. Whether there is more to do.
    pub fn advance(&mut self) -> bool {
        if self.walks() {
            self.back();
            self.t -= 1;
            let passed = !(self.decades.len() - self.t).is_multiple_of(STRIDE) && self.walks();
            if passed {
                self.unread.push((self.t, self.scale.clone(), self.lower.clone()));
            } else {
                self.decades[self.t - 1] = Some(read(&self.scale, &self.lower));
            }
        } else if let Some((t, scale, lower)) = self.unread.pop() {
            let lower = triangle(lower.transpose()).transpose();
            self.decades[t - 1] = Some(read(&scale, &lower));
        }
        self.walks() || !self.unread.is_empty()
    }

    /// What has been found so far. Steps that no walk will reach have nothing left.
    #[must_use]
    pub fn found(&self) -> Products {
        let mut decades = self.decades.clone();
        if !self.walks() {
            decades[..self.t - 1].fill(Some(Vec::new()));
        }
        if !self.finite {
            decades.fill(Some(Vec::new()));
        }
        let (axis, direction) = (self.steps.axis(), self.steps.direction());
        let sizes = [1, axis.count].map(|t| self.steps.size(t));
        Products { axis, direction, sizes, finite: self.finite, decades }
    }

    /// Whether L is made triangular at this step.
    fn sorts(&self) -> bool {
        (self.decades.len() + 1 - self.t).is_multiple_of(SORTED) || self.t == 2
    }

    fn back(&mut self) {
        let n = self.basis.nrows();
        // Columns are contiguous: each is a row for the backward step.
        self.steps.back(self.t, self.basis.as_mut_slice().chunks_exact_mut(n));
        let mut moved = std::mem::take(&mut self.basis);
        if let Some(handed) = self.steps.handed(self.t) {
            moved = moved.select_rows(&handed);
            // There may be fewer rows than columns now: the strongest must come first.
            if !self.sorted {
                self.lower = triangle(std::mem::take(&mut self.lower).transpose()).transpose();
                self.sorted = true;
            }
        }
        let n = moved.nrows();
        let sizes: Vec<f64> = moved.column_iter().map(|column| column.norm()).collect();
        let strongest = sizes.iter().copied().fold(0.0, f64::max);
        // Norms of NaN are lost on the way to the strongest.
        self.finite &= sizes.iter().all(|size| size.is_finite());
        if !self.finite || strongest == 0.0 {
            return self.lose_all(n);
        }
        // The strongest direction first.
        let weight = |(k, size): (usize, &f64)| self.scale[k] + (size * self.lower[(k, k)].abs()).log10();
        let weights: Vec<f64> = sizes.iter().enumerate().map(weight).collect();
        let mut order: Vec<usize> = (0..sizes.len()).collect();
        if self.sorted {
            order.sort_by(|&a, &b| weights[b].total_cmp(&weights[a]));
        }
        self.sorted = self.sorts();
        let mut columns = moved.select_columns(&order);
        let mut parts = qr(columns.clone());
        let mut upper = parts.r();
        let known: Vec<usize> =
            (0..order.len().min(n)).filter(|&k| upper[(k, k)].abs() > KNOWN * strongest).collect();
        if known.is_empty() {
            return self.lose_all(n);
        }
        if known.len() < order.len() {
            parts = qr(columns.select_columns(&known));
            turn(&parts, &mut columns);
            upper =
                DMatrix::from_fn(
                    known.len(),
                    order.len(),
                    |i, k| {
                        if k < known[i] { 0.0 } else { columns[(i, k)] }
                    },
                );
        }
        self.basis = basis(&parts);
        self.rescale(&upper, &order);
    }

    /// R·D·L = D′·L′, but for a rotation.
    fn rescale(&mut self, upper: &DMatrix<f64>, order: &[usize]) {
        let (rows, columns) = upper.shape();
        let lower = self.lower.select_rows(order);
        let old: Vec<(f64, i32)> = order.iter().map(|&k| split(self.scale[k])).collect();
        let mut scale = Vec::with_capacity(rows);
        let mut scaled = DMatrix::zeros(rows, columns);
        for i in 0..rows {
            let size = |k: usize| old[k].1 + exponent(upper[(i, k)]);
            let top = (0..columns).map(size).max().unwrap_or(0);
            for k in (0..columns).filter(|&k| size(k) > top - HEARD) {
                scaled[(i, k)] = upper[(i, k)] * old[k].0 * two(old[k].1 - top);
            }
            scale.push(f64::from(top) * std::f64::consts::LOG10_2);
        }
        let mut turned = product_transposed(&scaled, &lower);
        for (scale, mut column) in scale.iter_mut().zip(turned.column_iter_mut()) {
            let size = column.norm();
            *scale += size.log10();
            column.unscale_mut(size);
        }
        // A rotation changes no singular value: only what is read or sorted by must be triangular.
        self.lower = if self.sorts() { triangle(turned) } else { turned }.transpose();
        self.scale = scale;
    }

    fn lose_all(&mut self, n: usize) {
        self.basis = DMatrix::zeros(n, 0);
        self.lower = DMatrix::zeros(0, 0);
        self.scale.clear();
    }
}

/// log10 of the singular values of D·L, falling.
fn read(scale: &[f64], lower: &DMatrix<f64>) -> Vec<f64> {
    // D·L is nearly diagonal where its diagonal falls fast: there stand the singular values.
    let key: Vec<f64> = scale.iter().enumerate().map(|(k, d)| d + lower[(k, k)].abs().log10()).collect();
    let mut order: Vec<usize> = (0..key.len()).collect();
    order.sort_by(|&a, &b| key[b].total_cmp(&key[a]));
    let mut values: Vec<f64> = Vec::with_capacity(order.len());
    let mut high = f64::INFINITY;
    while values.len() < order.len() {
        let unread = &order[values.len()..];
        let top = key[unread[0]].min(high);
        let longest = unread.iter().map(|&k| scale[k]).fold(top, f64::max);
        let window = |k: &usize| key[*k] <= longest + MARGIN && scale[*k] >= top - READ - MARGIN;
        let inside: Vec<usize> = (0..order.len()).filter(window).collect();
        let unit = inside.iter().map(|&k| scale[k]).fold(f64::NEG_INFINITY, f64::max);
        let rows: Vec<f64> = inside.iter().map(|&k| libm::pow(10.0, scale[k] - unit)).collect();
        let part =
            DMatrix::from_fn(inside.len(), inside.len(), |i, k| lower[(inside[i], inside[k])] * rows[i]);
        let found = singular_values(part).into_iter().map(|value| value.log10() + unit);
        // What lies deeper than is read is somewhere there.
        let found: Vec<f64> =
            found.filter(|&decades| decades < high).map(|decades| decades.max(top - READ - 1.0)).collect();
        let deep = found.partition_point(|&decades| decades >= top - READ);
        if deep == 0 {
            break;
        }
        // Where two neighbours are furthest apart, the next window begins.
        let cut = (deep.saturating_sub(8).max(1)..=deep)
            .filter(|&k| k < found.len())
            .max_by(|&a, &b| (found[a - 1] - found[a]).total_cmp(&(found[b - 1] - found[b])))
            .unwrap_or(deep);
        values.extend(&found[..cut]);
        high = found.get(cut).map_or(found[cut - 1], |next| f64::midpoint(found[cut - 1], *next));
    }
    values
}

/// The products of the layer and direction that is number `sweep` in the order of files.
#[must_use]
pub fn products(experiment: &Experiment, sweep: usize) -> Products {
    let mut course = Course::new(experiment, sweep);
    while course.advance() {}
    course.found()
}
