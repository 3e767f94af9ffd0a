//! The only matrix products, over rows in standard layout.
//!
//! The loops are written so that LLVM vectorises them for wasm's 128-bit registers: products with a
//! matrix as sums with eight accumulators, products with a transpose as sums of scaled rows. No fused
//! multiply-add: it is slow in wasm, and would make native and browser results differ.

use std::ops::Range;

use ndarray::{Array2, ArrayView2};

use super::Scalar;

const LANES: usize = 8;

/// Row `index` of a matrix in standard layout.
#[must_use]
pub fn row<F: Scalar>(matrix: &Array2<F>, index: usize) -> &[F] {
    let columns = matrix.ncols();
    &flat(matrix)[index * columns..][..columns]
}

/// Row `index` of a matrix in standard layout, to write.
pub fn row_mut<F: Scalar>(matrix: &mut Array2<F>, index: usize) -> &mut [F] {
    let columns = matrix.ncols();
    &mut flat_mut(matrix)[index * columns..][..columns]
}

/// All entries, row by row.
#[expect(clippy::expect_used, reason = "every matrix of the model is made in standard layout")]
fn flat<F: Scalar>(matrix: &Array2<F>) -> &[F] {
    matrix.as_slice().expect("standard layout")
}

/// All entries, row by row, to write.
#[expect(clippy::expect_used, reason = "every matrix of the model is made in standard layout")]
pub(super) fn flat_mut<F: Scalar>(matrix: &mut Array2<F>) -> &mut [F] {
    matrix.as_slice_mut().expect("standard layout")
}

/// Σ a·b.
#[must_use]
pub fn dot<F: Scalar>(a: &[F], b: &[F]) -> F {
    let mut sums = [F::ZERO; LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut rest = F::ZERO;
    for (&x, &y) in a_lanes.remainder().iter().zip(b_lanes.remainder()) {
        rest += x * y;
    }
    for (x, y) in a_lanes.zip(b_lanes) {
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (b + f)) + ((c + g) + (d + h)) + rest
}

/// y += s·x.
pub fn add_scaled<F: Scalar>(y: &mut [F], s: F, x: &[F]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += s * x;
    }
}

/// y += x.
pub fn add<F: Scalar>(y: &mut [F], x: &[F]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

/// y += W·x, for the rows of `matrix` from `first` on, as many as `y` has.
pub fn add_product<F: Scalar>(y: &mut [F], matrix: &Array2<F>, first: usize, x: &[F]) {
    for (offset, y) in y.iter_mut().enumerate() {
        *y += dot(row(matrix, first + offset), x);
    }
}

/// x += Wᵀ·y, for the rows of `matrix` from `first` on, as many as `y` has.
pub fn add_transposed<F: Scalar>(x: &mut [F], matrix: &Array2<F>, first: usize, y: &[F]) {
    for (offset, &y) in y.iter().enumerate() {
        add_scaled(x, y, row(matrix, first + offset));
    }
}

/// X·Wᵀ for the rows of X: T × n and m × n give T × m.
#[must_use]
pub fn product_of_rows<F: Scalar>(x: &Array2<F>, matrix: &Array2<F>) -> Array2<F> {
    let mut y = Array2::from_elem((x.nrows(), matrix.nrows()), F::ZERO);
    for t in 0..x.nrows() {
        add_product(row_mut(&mut y, t), matrix, 0, row(x, t));
    }
    y
}

/// A·W for the rows of A: T × m and m × n give T × n.
#[must_use]
pub fn product_of_columns<F: Scalar>(a: &Array2<F>, matrix: &Array2<F>) -> Array2<F> {
    let mut y = Array2::from_elem((a.nrows(), matrix.ncols()), F::ZERO);
    for t in 0..a.nrows() {
        add_transposed(row_mut(&mut y, t), matrix, 0, row(a, t));
    }
    y
}

/// `Σ_t a_t ⊗ b_t`, for the given columns of A, added to as many rows of `sum` from `first` on.
///
/// Four steps at a time, so that a row of the sum is loaded and stored a quarter as often.
pub fn sum_of_outer<F: Scalar>(
    sum: &mut Array2<F>,
    first: usize,
    columns: Range<usize>,
    a: &Array2<F>,
    b: &ArrayView2<F>,
) {
    let rows: Vec<&[F]> = b.outer_iter().filter_map(|row| row.to_slice()).collect();
    for (offset, j) in columns.enumerate() {
        let target = row_mut(sum, first + offset);
        let mut t = 0;
        for four in rows.chunks_exact(4) {
            let scale = [a[[t, j]], a[[t + 1, j]], a[[t + 2, j]], a[[t + 3, j]]];
            let [p, q, u, v] = [four[0], four[1], four[2], four[3]].map(|row| &row[..target.len()]);
            for (k, entry) in target.iter_mut().enumerate() {
                *entry += (scale[0] * p[k] + scale[1] * q[k]) + (scale[2] * u[k] + scale[3] * v[k]);
            }
            t += 4;
        }
        for row in &rows[t..] {
            add_scaled(target, a[[t, j]], row);
            t += 1;
        }
    }
}

/// Σ_t a_t, the sum of the rows.
#[must_use]
pub fn sum_of_rows<F: Scalar>(a: &Array2<F>) -> Vec<F> {
    let mut sum = vec![F::ZERO; a.ncols()];
    for t in 0..a.nrows() {
        add(&mut sum, row(a, t));
    }
    sum
}
