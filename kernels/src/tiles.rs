//! Many vectors through one matrix.
//!
//! A tile of the result stays in registers while it is summed up, and a few columns of the matrix, side by side, in the
//! nearest cache while all rows pass. Each entry is the same sum in the same order as for one row alone.

use alloc::vec::Vec;
use core::array::from_fn;
use core::ops::Range;

use crate::{Kernels, add_scaled, add_transposed};

const ROWS: usize = 4;
const COLUMNS: usize = 4;

pub fn add_transposed_rows<F: Kernels>(x: &mut [F], width: usize, matrix: &[F], y: &[F], stride: usize) {
    if width == 0 {
        return;
    }
    let (fours, rest) = matrix.split_at(matrix.len() / (4 * width) * (4 * width));
    let (whole, tiled) = (width / COLUMNS * COLUMNS, x.len() / width / ROWS * ROWS);
    let (above, below) = x.split_at_mut(tiled * width);
    panels::<F, COLUMNS>(above, width, 0..whole, fours, y, stride);
    panels::<F, 1>(above, width, whole..width, fours, y, stride);
    for (row, x) in above.chunks_exact_mut(width).enumerate() {
        let scales = &y[row * stride + fours.len() / width..];
        for (&scale, b) in scales.iter().zip(rest.chunks_exact(width)) {
            add_scaled(x, scale, b);
        }
    }
    for (row, x) in below.chunks_exact_mut(width).enumerate() {
        add_transposed(x, matrix, &y[(tiled + row) * stride..][..matrix.len() / width]);
    }
}

fn panels<F: Kernels, const C: usize>(
    x: &mut [F],
    width: usize,
    columns: Range<usize>,
    fours: &[F],
    y: &[F],
    stride: usize,
) {
    let mut panel: Vec<[[F; C]; 4]> = Vec::with_capacity(fours.len() / (4 * width));
    for column in columns.step_by(C) {
        let columns_of = |four: &[F]| from_fn(|row| from_fn(|c| four[row * width + column + c]));
        panel.clear();
        panel.extend(fours.chunks_exact(4 * width).map(columns_of));
        for (index, x) in x.chunks_exact_mut(ROWS * width).enumerate() {
            let rows = from_fn(|row| y[(index * ROWS + row) * stride..].as_chunks::<4>().0);
            tile(x, width, column, &panel, rows);
        }
    }
}

fn tile<F: Kernels, const C: usize>(
    x: &mut [F],
    width: usize,
    column: usize,
    panel: &[[[F; C]; 4]],
    y: [&[[F; 4]]; ROWS],
) {
    let mut sums = [[F::default(); C]; ROWS];
    for row in 0..ROWS {
        sums[row].copy_from_slice(&x[row * width + column..][..C]);
    }
    for (index, [p, q, u, v]) in panel.iter().enumerate() {
        for row in 0..ROWS {
            let scale = &y[row][index];
            for c in 0..C {
                sums[row][c] += (scale[0] * p[c] + scale[1] * q[c]) + (scale[2] * u[c] + scale[3] * v[c]);
            }
        }
    }
    for row in 0..ROWS {
        x[row * width + column..][..C].copy_from_slice(&sums[row]);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec;

    /// Numbers whose sums depend on their order.
    fn numbers(count: usize, seed: u32) -> Vec<f64> {
        let draw = |n: u32| f64::from(n.wrapping_mul(2_654_435_761)) / f64::from(u32::MAX) - 0.5;
        (seed..).take(count).map(draw).collect()
    }

    #[test]
    fn rows_are_what_each_is_alone() {
        for width in [1, 3, 4, 5, 8, 13] {
            for (height, stride) in [(1, 1), (3, 5), (4, 4), (7, 21), (16, 16)] {
                for rows in 1..10 {
                    let (matrix, y) = (numbers(height * width, 1), numbers((rows - 1) * stride + height, 7));
                    let mut together = numbers(rows * width, 99);
                    let mut apart = together.clone();
                    add_transposed_rows(&mut together, width, &matrix, &y, stride);
                    for (row, x) in apart.chunks_exact_mut(width).enumerate() {
                        add_transposed(x, &matrix, &y[row * stride..][..height]);
                    }
                    assert_eq!(together, apart, "{rows} rows, {height} × {width}");
                }
            }
        }
        let mut none = vec![1.0; 0];
        add_transposed_rows(&mut none, 0, &[], &[], 1);
    }
}
