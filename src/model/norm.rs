//! Layer normalisation of a gate's sums: Ba, Kiros & Hinton (2016).
//!
//! ```text
//! n = (a − mean(a)) / √(var(a) + ε)         population variance over the H units
//! result = g ⊙ n                            the bias is added by the caller
//! ```

use super::Scalar;

/// ε.
pub const EPSILON: f64 = 1e-5;

/// Normalises `a` in place, records n in `normal` and returns 1/√(var + ε).
pub fn forward<F: Scalar>(a: &mut [F], normal: &mut [F], gain: &[F]) -> F {
    let mean = mean(a.iter().copied());
    let variance = self::mean(a.iter().map(|&a| (a - mean) * (a - mean)));
    let inverse = F::ONE / (variance + F::of(EPSILON)).sqrt();
    for ((a, normal), &gain) in a.iter_mut().zip(normal).zip(gain) {
        *normal = (*a - mean) * inverse;
        *a = gain * *normal;
    }
    inverse
}

/// Turns the gradient of the result into the gradient of the sums, in place.
pub fn backward<F: Scalar>(da: &mut [F], normal: &[F], inverse: F, gain: &[F]) {
    for (da, &gain) in da.iter_mut().zip(gain) {
        *da *= gain;
    }
    let level = mean(da.iter().copied());
    let slope = mean(da.iter().zip(normal).map(|(&da, &n)| da * n));
    for (da, &n) in da.iter_mut().zip(normal) {
        *da = inverse * (*da - level - n * slope);
    }
}

#[expect(clippy::cast_precision_loss, reason = "H is far below 2^52")]
fn mean<F: Scalar>(values: impl ExactSizeIterator<Item = F>) -> F {
    let count = F::of(values.len() as f64);
    values.fold(F::ZERO, |sum, value| sum + value) / count
}
