//! The loops that a run spends its time in, over plain slices.
//!
//! They are a crate of their own because they are compiled for speed, all else that a browser loads for size, and
//! Cargo can tell crates apart, not modules. Nothing here is inlined elsewhere: it would be compiled as its caller is.
//!
//! The loops are written so that LLVM vectorises them for wasm's 128-bit registers: products with a matrix as sums
//! with eight accumulators, products with a transpose as sums of scaled rows, of many vectors at once tile by tile. No
//! fused multiply-add: it is slow in wasm, and would make native and browser results differ.

#![no_std]

extern crate alloc;

pub mod linear;
mod tiles;

use core::ops::{Add, AddAssign, Mul};

const LANES: usize = 8;

/// A number type with its loops. Matrices are row by row, as wide as the vector that they meet.
pub trait Kernels: Copy + Default + Add<Output = Self> + AddAssign + Mul<Output = Self> {
    /// y += x.
    fn add_vector(y: &mut [Self], x: &[Self]);
    /// y += W·x, for as many rows as `y` has.
    fn add_product(y: &mut [Self], matrix: &[Self], x: &[Self]);
    /// x += Wᵀ·y, for as many rows as `y` has.
    fn add_transposed(x: &mut [Self], matrix: &[Self], y: &[Self]);
    /// X += Y·W, row by row as [`Self::add_transposed`] and to the same bits; row r of Y begins at `r·stride`.
    fn add_transposed_rows(x: &mut [Self], width: usize, matrix: &[Self], y: &[Self], stride: usize);
    /// `row` += Σ_t `a[t·stride]`·`b_t`, with `b_t` the rows of `b`.
    fn add_scaled_rows(row: &mut [Self], a: &[Self], stride: usize, b: &[Self]);
}

macro_rules! kernels {
    ($number:ty) => {
        impl Kernels for $number {
            #[inline(never)]
            fn add_vector(y: &mut [Self], x: &[Self]) {
                add(y, x);
            }
            #[inline(never)]
            fn add_product(y: &mut [Self], matrix: &[Self], x: &[Self]) {
                add_product(y, matrix, x);
            }
            #[inline(never)]
            fn add_transposed(x: &mut [Self], matrix: &[Self], y: &[Self]) {
                add_transposed(x, matrix, y);
            }
            #[inline(never)]
            fn add_transposed_rows(x: &mut [Self], width: usize, matrix: &[Self], y: &[Self], stride: usize) {
                tiles::add_transposed_rows(x, width, matrix, y, stride);
            }
            #[inline(never)]
            fn add_scaled_rows(row: &mut [Self], a: &[Self], stride: usize, b: &[Self]) {
                add_scaled_rows(row, a, stride, b);
            }
        }
    };
}
kernels!(f32);
kernels!(f64);

/// Paints red, green, blue, alpha over as many pixels as `line` has.
#[inline(never)]
pub fn fill(line: &mut [u8], pixel: [u8; 4]) {
    for target in line.chunks_exact_mut(4) {
        target.copy_from_slice(&pixel);
    }
}

fn add<F: Kernels>(y: &mut [F], x: &[F]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += x;
    }
}

fn add_product<F: Kernels>(y: &mut [F], matrix: &[F], x: &[F]) {
    for (index, y) in y.iter_mut().enumerate() {
        *y += dot(&matrix[index * x.len()..][..x.len()], x);
    }
}

fn add_transposed<F: Kernels>(x: &mut [F], matrix: &[F], y: &[F]) {
    add_scaled_rows(x, y, 1, &matrix[..y.len() * x.len()]);
}

/// Four steps at a time, so that a row of the sum is loaded and stored a quarter as often.
fn add_scaled_rows<F: Kernels>(row: &mut [F], a: &[F], stride: usize, b: &[F]) {
    let width = row.len();
    if width == 0 {
        return;
    }
    let fours = b.chunks_exact(4 * width);
    let rest = fours.remainder();
    let mut t = 0;
    for four in fours {
        let scale = [a[t * stride], a[(t + 1) * stride], a[(t + 2) * stride], a[(t + 3) * stride]];
        let [p, q, u, v] = [0, 1, 2, 3].map(|step| &four[step * width..][..width]);
        for (k, entry) in row.iter_mut().enumerate() {
            *entry += (scale[0] * p[k] + scale[1] * q[k]) + (scale[2] * u[k] + scale[3] * v[k]);
        }
        t += 4;
    }
    for b in rest.chunks_exact(width) {
        add_scaled(row, a[t * stride], b);
        t += 1;
    }
}

/// Σ a·b.
fn dot<F: Kernels>(a: &[F], b: &[F]) -> F {
    let mut sums = [F::default(); LANES];
    let (a_lanes, b_lanes) = (a.chunks_exact(LANES), b.chunks_exact(LANES));
    let mut rest = F::default();
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
fn add_scaled<F: Kernels>(y: &mut [F], s: F, x: &[F]) {
    for (y, &x) in y.iter_mut().zip(x) {
        *y += s * x;
    }
}
