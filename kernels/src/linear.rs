//! What nalgebra does to the products of a spectrum's steps, compiled for speed.

use alloc::vec::Vec;

use nalgebra::{DMatrix, Dyn, QR, SVD};

/// Singular values, falling; none where the matrix is empty or not finite.
#[inline(never)]
#[must_use]
pub fn singular_values(matrix: DMatrix<f64>) -> Vec<f64> {
    if matrix.is_empty() || matrix.iter().any(|value| !value.is_finite()) {
        return Vec::new();
    }
    let rounds = 1000 * matrix.nrows().max(matrix.ncols());
    let found = SVD::try_new_unordered(matrix, false, false, f64::EPSILON, rounds);
    let mut values: Vec<f64> =
        found.map_or_else(Vec::new, |svd| svd.singular_values.iter().copied().collect());
    values.sort_by(|a, b| b.total_cmp(a));
    values
}

/// Q·R.
#[inline(never)]
#[must_use]
pub fn qr(matrix: DMatrix<f64>) -> QR<f64, Dyn, Dyn> {
    matrix.qr()
}

/// Q, with as many columns as R has rows.
#[inline(never)]
#[must_use]
pub fn basis(qr: &QR<f64, Dyn, Dyn>) -> DMatrix<f64> {
    qr.q()
}

/// Qᵀ·M, in place of M.
#[inline(never)]
pub fn turn(qr: &QR<f64, Dyn, Dyn>, matrix: &mut DMatrix<f64>) {
    qr.q_tr_mul(matrix);
}

/// R alone.
#[inline(never)]
#[must_use]
pub fn triangle(matrix: DMatrix<f64>) -> DMatrix<f64> {
    matrix.qr().unpack_r()
}

/// (A·B)ᵀ.
#[inline(never)]
#[must_use]
pub fn product_transposed(a: &DMatrix<f64>, b: &DMatrix<f64>) -> DMatrix<f64> {
    (a * b).transpose()
}
