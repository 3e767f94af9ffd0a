//! Conversions between counts, lengths and pixels, and numbers as short text.

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

/// `10⁻³`, and `1` for the zeroth power.
pub(crate) fn power_of_ten(exponent: i32) -> String {
    if exponent == 0 { "1".to_owned() } else { format!("10{}", superscript(exponent)) }
}

/// Two significant digits: `3.2`, `15`, `1.2×10⁵`.
pub(crate) fn two_digits(value: f64) -> String {
    let text = format!("{value:.1e}");
    let Some((mantissa, exponent)) = text.split_once('e') else { return text };
    match exponent.parse::<i32>() {
        Ok(0) => mantissa.to_owned(),
        Ok(1) => format!("{value:.0}"),
        Ok(exponent @ (-2 | -1)) => format!("{value:.*}", if exponent == -1 { 2 } else { 3 }),
        Ok(exponent) => format!("{mantissa}×10{}", superscript(exponent)),
        Err(_) => text,
    }
}

fn superscript(exponent: i32) -> String {
    exponent
        .to_string()
        .chars()
        .map(|c| match c {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            digit => digit.to_digit(10).and_then(|d| char::from_u32(0x2070 + d)).unwrap_or(digit),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        assert_eq!(power_of_ten(-13), "10⁻¹³");
        assert_eq!(power_of_ten(0), "1");
        assert_eq!(
            [3.24, 15.4, 123_456.0, 0.054].map(two_digits),
            ["3.2", "15", "1.2×10⁵", "0.054"].map(str::to_owned)
        );
        assert_eq!((pixel(2.5), pixel(-4.0), pixel(f64::NAN)), (3, 0, 0));
    }
}
