//! Conversions between counts, lengths and pixels.

/// A count as a length.
pub(crate) fn length(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

/// A count as a real number.
pub(crate) fn real(count: usize) -> f64 {
    f64::from(length(count))
}

/// The nearest whole pixel; negative and not-a-number become 0.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "float casts saturate")]
pub(crate) fn pixel(value: f64) -> u32 {
    (value + 0.5) as u32
}

/// The nearest whole number, of either sign.
#[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
pub(crate) fn whole(value: f64) -> i32 {
    value.round() as i32
}

/// A pixel as a signed coordinate, as drawing backends want it.
pub(crate) fn signed(pixel: u32) -> i32 {
    i32::try_from(pixel).unwrap_or(i32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pixels_are_never_negative() {
        assert_eq!((pixel(2.5), pixel(-4.0), pixel(f64::NAN)), (3, 0, 0));
    }
}
