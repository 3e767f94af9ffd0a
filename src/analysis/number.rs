//! Numbers as people read them.

/// Three significant digits: `0.0933`, `−1.26`, `6.32×10⁻¹⁰`, `0`, `∞`, `NaN`.
#[must_use]
pub fn short(value: f64) -> String {
    digits(value, 3)
}

/// As [`short`], with so many significant digits.
#[must_use]
pub fn digits(value: f64, count: usize) -> String {
    if value == 0.0 {
        return "0".into();
    }
    if value.is_nan() {
        return "NaN".into();
    }
    let sign = if value < 0.0 { "−" } else { "" };
    if value.is_infinite() {
        return format!("{sign}∞");
    }
    // The exponent after rounding to `count` digits, as `{:e}` has it.
    let scientific = format!("{:.*e}", count - 1, value.abs());
    let (mantissa, exponent) = scientific.split_once('e').unwrap_or((&scientific, "0"));
    let exponent: i32 = exponent.parse().unwrap_or(0);
    let last = i32::try_from(count).unwrap_or(3) - 1;
    if (-3..=3).contains(&exponent) {
        let decimals = usize::try_from(last - exponent).unwrap_or(0);
        format!("{sign}{:.decimals$}", value.abs())
    } else {
        format!("{sign}{mantissa}×10{}", superscript(exponent))
    }
}

/// 10^decades as [`short`] writes it, also where no f64 is as large or as small.
#[must_use]
pub fn power(decades: f64) -> String {
    if decades.abs() < 300.0 || !decades.is_finite() {
        return short(libm::pow(10.0, decades));
    }
    let (whole, rest) = (decades.floor(), decades - decades.floor());
    // What rounds up to ten has one power more.
    let (whole, rest) = if rest > 0.999_782 { (whole + 1.0, 0.0) } else { (whole, rest) };
    #[expect(clippy::cast_possible_truncation, reason = "float casts saturate")]
    let exponent = whole as i32;
    format!("{}×10{}", digits(libm::pow(10.0, rest), 3), superscript(exponent))
}

/// Every digit that tells this value from its neighbours.
#[must_use]
pub fn full(value: f64) -> String {
    if is_plain(value) { signs(&format!("{value}")) } else { signs(&format!("{value:e}")) }
}

/// Every digit that tells this value from its neighbours in f32.
#[must_use]
#[expect(clippy::cast_possible_truncation, reason = "the value is one of f32")]
pub fn full_f32(value: f64) -> String {
    let narrow = value as f32;
    if is_plain(value) { signs(&format!("{narrow}")) } else { signs(&format!("{narrow:e}")) }
}

fn is_plain(value: f64) -> bool {
    value == 0.0 || (1e-4..1e15).contains(&value.abs())
}

fn signs(plain: &str) -> String {
    plain.replace('-', "−").replace("inf", "∞")
}

/// `10⁻³`, and `1` for the zeroth power.
#[must_use]
pub fn power_of_ten(exponent: i32) -> String {
    if exponent == 0 { "1".into() } else { format!("10{}", superscript(exponent)) }
}

/// `⁻¹²`.
#[must_use]
pub fn superscript(value: i32) -> String {
    value
        .to_string()
        .chars()
        .map(|digit| match digit {
            '-' => '⁻',
            '1' => '¹',
            '2' => '²',
            '3' => '³',
            _ => char::from_u32(0x2070 + digit.to_digit(10).unwrap_or(0)).unwrap_or('⁰'),
        })
        .collect()
}

/// `94.4 %`.
#[must_use]
pub fn percent(share: f64) -> String {
    format!("{} %", digits(share * 100.0, 3))
}

/// Whole numbers with thin spaces: `1 216`.
#[must_use]
pub fn count(value: usize) -> String {
    let digits = value.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join("\u{202f}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_short() {
        let check = |value: f64, expected: &str| assert_eq!(short(value), expected);
        check(0.0, "0");
        check(-1.2649, "−1.26");
        check(0.053_249, "0.0532");
        check(0.999_6, "1.00");
        check(0.000_999_6, "0.00100");
        check(1126.4, "1126");
        check(9999.6, "1.00×10⁴");
        check(6.318e-10, "6.32×10⁻¹⁰");
        check(-2.5e120, "−2.50×10¹²⁰");
        check(f64::NEG_INFINITY, "−∞");
        check(f64::NAN, "NaN");
        assert_eq!([full(0.1), full_f32(f64::from(0.1_f32)), full(-2e-7)], ["0.1", "0.1", "−2e−7"]);
        assert_eq!([digits(3.24, 2), digits(15.4, 2), digits(0.054, 2)], ["3.2", "15", "0.054"]);
        assert_eq!([power(-6.0), power(2.0), power(-412.5)], ["1.00×10⁻⁶", "100", "3.16×10⁻⁴¹³"]);
        assert_eq!([power(f64::NEG_INFINITY), power(-399.999_9)], ["0", "1.00×10⁻⁴⁰⁰"]);
        assert_eq!([power_of_ten(-13), power_of_ten(0)], ["10⁻¹³", "1"]);
        assert_eq!(
            [count(7), count(1216), count(1_234_567)],
            ["7", "1\u{202f}216", "1\u{202f}234\u{202f}567"]
        );
    }
}
