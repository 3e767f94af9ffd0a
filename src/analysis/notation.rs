//! Formulas in other notations than MathML: LaTeX, and one line of text.

use super::math::{Math, tag};
use super::number::superscript;

/// Tag, and content without attributes.
fn parts(math: &Math) -> Option<(&str, Vec<&Math>)> {
    let node = math.as_array()?;
    let tag = node.first()?.as_str()?;
    Some((tag, node[1..].iter().filter(|part| !part.is_object()).collect()))
}

/// As LaTeX writes it, for math mode.
#[must_use]
pub fn latex(math: &Math) -> String {
    let Some((tag, content)) = parts(math) else { return math.as_str().map(latex_text).unwrap_or_default() };
    let of = |index: usize| content.get(index).map(|part| latex(part)).unwrap_or_default();
    match tag {
        "mtext" => {
            format!(r"\text{{{}}}", content.first().and_then(|text| text.as_str()).unwrap_or_default())
        }
        "mn" => latex_number(content.first().and_then(|text| text.as_str()).unwrap_or_default()),
        "msub" => format!("{{{}}}_{{{}}}", of(0), of(1)),
        "msup" => format!("{{{}}}^{{{}}}", of(0), of(1)),
        "msubsup" => format!("{{{}}}_{{{}}}^{{{}}}", of(0), of(1), of(2)),
        "mover" => format!(r"\{}{{{}}}", accent(&of(1)), of(0)),
        "mfrac" => format!(r"\frac{{{}}}{{{}}}", of(0), of(1)),
        _ => {
            let words: Vec<String> =
                content.iter().map(|part| latex(part)).filter(|text| !text.is_empty()).collect();
            words.join(" ")
        }
    }
}

fn accent(mark: &str) -> &'static str {
    match mark {
        "→" => "overrightarrow",
        "←" => "overleftarrow",
        _ => "tilde",
    }
}

fn latex_text(text: &str) -> String {
    match text {
        "σ" => r"\sigma".into(),
        "μ" => r"\mu".into(),
        "ε" => r"\varepsilon".into(),
        "∂" => r"\partial".into(),
        "⊙" => r"\odot".into(),
        "·" => r"\cdot".into(),
        "−" => "-".into(),
        "…" => r"\dots".into(),
        "⊤" => r"\top".into(),
        "∑" => r"\sum".into(),
        "tanh" => r"\tanh".into(),
        _ if text.chars().count() > 1 => format!(r"\operatorname{{{text}}}"),
        _ => text.trim().into(),
    }
}

fn latex_number(text: &str) -> String {
    match text.split_once("×10") {
        Some((mantissa, exponent)) => {
            let digits: String = exponent.chars().map(plain_digit).collect();
            format!(r"{mantissa} \times 10^{{{digits}}}")
        }
        None if text == "∞" => r"\infty".into(),
        None if text == "NaN" => r"\mathrm{NaN}".into(),
        None => text.into(),
    }
}

/// `⁻` as `-`, `⁷` as `7`.
fn plain_digit(superscript: char) -> char {
    const DIGITS: &str = "⁰¹²³⁴⁵⁶⁷⁸⁹";
    let digit =
        DIGITS.chars().position(|known| known == superscript).and_then(|digit| u32::try_from(digit).ok());
    digit.and_then(|digit| char::from_digit(digit, 10)).unwrap_or('-')
}

/// As one line of text: `0.944 · (−1.26) = −1.19`.
#[must_use]
pub fn plain(math: &Math) -> String {
    let Some((tag, content)) = parts(math) else { return math.as_str().unwrap_or_default().into() };
    let of = |index: usize| content.get(index).map(|part| plain(part)).unwrap_or_default();
    match tag {
        "mo" if math[1]["form"] == "infix" => format!(" {} ", of(0)),
        "msub" => of(0) + &lowered(&of(1)),
        "msubsup" => of(0) + &raised(&of(2)) + &lowered(&of(1)),
        "msup" => of(0) + &raised(&of(1)),
        "mover" if of(1) == "~" => of(0) + "\u{303}",
        "mover" => of(1) + &of(0),
        "mfrac" => format!("{}/{}", of(0), of(1)),
        _ => content.iter().map(|part| plain(part)).collect(),
    }
}

/// `t − 1` as `ₜ₋₁` where there are such letters, else `_f`.
fn lowered(index: &str) -> String {
    let letters = index.chars().filter(|letter| *letter != ' ');
    let lowered: Option<String> = letters
        .map(|letter| match letter {
            't' => Some('ₜ'),
            '−' => Some('₋'),
            '+' => Some('₊'),
            digit => digit.to_digit(10).and_then(|digit| char::from_u32(0x2080 + digit)),
        })
        .collect();
    lowered.unwrap_or_else(|| format!("_{}", index.replace(' ', "")))
}

/// A layer or a power; else ⊤, the sign of a transposed matrix.
fn raised(exponent: &str) -> String {
    exponent.parse().map_or_else(|_| "ᵀ".into(), superscript)
}

/// A formula for the clipboard: `f_t = … = 0.944`, in LaTeX.
#[must_use]
pub fn latex_of(symbolic: &Math, numeric: &Math) -> String {
    latex(&tag("mrow", vec![symbolic.clone(), numeric.clone()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::analysis::math::{Index, at, gradient, mn, mo, symbol};
    use crate::experiment::Direction;

    #[test]
    fn formulas_are_written_in_latex_and_as_text() {
        let check =
            |math: Math, tex: &str, text: &str| assert_eq!((&*latex(&math), &*plain(&math)), (tex, text));
        check(at("C_tilde", -1), r"{\tilde{C}}_{t - 1}", "C\u{303}ₜ₋₁");
        let back = Index { layer: Some(2), direction: Some(Direction::Backward) };
        check(back.at("h"), r"{\overleftarrow{h}}_{t}^{2}", "←h²ₜ");
        check(symbol("W_hh"), "{W}_{h h}", "W_hh");
        check(gradient("h", 0), r"\partial L / \partial {h}_{t}", "∂L/∂hₜ");
        check(mn(-6.3e-10), r"- 6.30 \times 10^{-10}", "−6.30×10⁻¹⁰");
        check(tag("mrow", vec![mn(0.5), mo("⊙"), mn(f64::INFINITY)]), r"0.500 \odot \infty", "0.500 ⊙ ∞");
    }
}
