//! The only matrix products, over rows in standard layout. Their loops are those of [`unrolled_kernels`].

use std::ops::Range;

use ndarray::Array2;

use super::Scalar;

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
pub(super) fn flat<F: Scalar>(matrix: &Array2<F>) -> &[F] {
    matrix.as_slice().expect("standard layout")
}

/// All entries, row by row, to write.
#[expect(clippy::expect_used, reason = "every matrix of the model is made in standard layout")]
pub(super) fn flat_mut<F: Scalar>(matrix: &mut Array2<F>) -> &mut [F] {
    matrix.as_slice_mut().expect("standard layout")
}

/// y += x.
pub fn add<F: Scalar>(y: &mut [F], x: &[F]) {
    F::add_vector(y, x);
}

/// y += W·x, for the rows of `matrix` from `first` on, as many as `y` has.
pub fn add_product<F: Scalar>(y: &mut [F], matrix: &Array2<F>, first: usize, x: &[F]) {
    F::add_product(y, &flat(matrix)[first * matrix.ncols()..], x);
}

/// x += Wᵀ·y, for the rows of `matrix` from `first` on, as many as `y` has.
pub fn add_transposed<F: Scalar>(x: &mut [F], matrix: &Array2<F>, first: usize, y: &[F]) {
    F::add_transposed(x, &flat(matrix)[first * matrix.ncols()..], y);
}

/// x += Wᵀ·y, for those rows of `matrix`; of several x side by side each with a y of its own, `stride` apart.
pub fn add_transposed_rows<F: Scalar, const SEVERAL: bool>(
    x: &mut [F],
    matrix: &Array2<F>,
    rows: Range<usize>,
    y: &[F],
    stride: usize,
) {
    let width = matrix.ncols();
    let matrix = &flat(matrix)[rows.start * width..rows.end * width];
    if SEVERAL {
        F::add_transposed_rows(x, width, matrix, y, stride);
    } else {
        F::add_transposed(x, matrix, &y[..rows.len()]);
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

/// `Σ_t a_t ⊗ b_t`, for the given columns of A, added to as many rows of `sum` from `first` on. B may have rows more
/// than A at its end.
pub fn sum_of_outer<F: Scalar>(
    sum: &mut Array2<F>,
    first: usize,
    columns: Range<usize>,
    a: &Array2<F>,
    b: &Array2<F>,
) {
    let rows = &flat(b)[..a.nrows() * b.ncols()];
    for (offset, j) in columns.enumerate() {
        F::add_scaled_rows(row_mut(sum, first + offset), &flat(a)[j..], a.ncols(), rows);
    }
}

/// sum += a ⊗ b.
pub fn add_outer<F: Scalar>(sum: &mut Array2<F>, a: &[F], b: &[F]) {
    for (row, a) in a.iter().enumerate() {
        F::add_scaled_rows(row_mut(sum, row), &[*a], 1, b);
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
