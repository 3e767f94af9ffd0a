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

/// Every digit that tells this value from its neighbours.
#[must_use]
pub fn full(value: f64) -> String {
    let plain = if value == 0.0 || (1e-4..1e15).contains(&value.abs()) {
        format!("{value}")
    } else {
        format!("{value:e}")
    };
    plain.replace('-', "−").replace("inf", "∞")
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
