//! Formulas as data: one expression tree gives the symbols, the numbers and the value.

use serde_json::{Value, json};

use super::number::{short, superscript};
use crate::experiment::Direction;

/// MathML as data: `[tag, attributes?, …children]`, a text is text.
pub type Math = Value;

/// An expression with its present values.
#[derive(Clone, Debug, PartialEq)]
pub enum Expression {
    /// A quantity: how it is written, how it is spoken, and its value.
    Leaf {
        /// In symbols.
        symbol: Math,
        /// In words.
        spoken: String,
        /// At present.
        value: f64,
    },
    /// A sum.
    Sum(Vec<Expression>),
    /// A product of units, `⊙` over vectors.
    Product(Vec<Expression>),
    /// `1 − e`.
    Complement(Box<Expression>),
    /// `e²`.
    Square(Box<Expression>),
    /// A function applied.
    Apply(Function, Box<Expression>),
    /// The indicator `[e > 0]`.
    Positive(Box<Expression>),
    /// `(e − μ)/σ`, with mean and deviation over the units.
    Normalised(Box<Expression>, f64, f64),
}

/// The functions of the cells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    /// Logistic.
    Sigmoid,
    /// Hyperbolic tangent.
    Tanh,
    /// Rectifier.
    Relu,
}

impl Function {
    fn name(self) -> &'static str {
        match self {
            Self::Sigmoid => "σ",
            Self::Tanh => "tanh",
            Self::Relu => "ReLU",
        }
    }

    fn spoken(self) -> &'static str {
        match self {
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "ReLU",
        }
    }
}

/// What is written between and around.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Symbols,
    Numbers,
}

impl Expression {
    /// A quantity.
    #[must_use]
    pub fn leaf(symbol: Math, spoken: impl Into<String>, value: f64) -> Self {
        Self::Leaf { symbol, spoken: spoken.into(), value }
    }

    /// The value, computed from the leaves.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self {
            Self::Leaf { value, .. } => *value,
            Self::Sum(parts) => parts.iter().map(Self::value).sum(),
            Self::Product(parts) => parts.iter().map(Self::value).product(),
            Self::Complement(of) => 1.0 - of.value(),
            Self::Square(of) => of.value() * of.value(),
            Self::Apply(Function::Sigmoid, of) => 1.0 / (1.0 + libm::exp(-of.value())),
            Self::Apply(Function::Tanh, of) => libm::tanh(of.value()),
            Self::Apply(Function::Relu, of) => of.value().max(0.0),
            Self::Positive(of) => f64::from(u8::from(of.value() > 0.0)),
            Self::Normalised(of, mean, deviation) => (of.value() - mean) / deviation,
        }
    }

    /// In symbols.
    #[must_use]
    pub fn symbols(&self) -> Math {
        self.write(Style::Symbols)
    }

    /// The same with numbers in place of symbols.
    #[must_use]
    pub fn numbers(&self) -> Math {
        self.write(Style::Numbers)
    }

    /// In words.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self {
            Self::Leaf { spoken, .. } => spoken.clone(),
            Self::Sum(parts) => join(parts, " plus "),
            Self::Product(parts) => join(parts, " times "),
            Self::Complement(of) => format!("the quantity 1 minus {}", of.spoken()),
            Self::Square(of) => format!("{} squared", of.spoken()),
            Self::Apply(function, of) => format!("{} of {}", function.spoken(), of.spoken()),
            Self::Normalised(of, ..) => {
                format!("the quantity {} minus its mean over the units, over its deviation", of.spoken())
            }
            Self::Positive(of) => format!("1 where {} is positive, else 0", of.spoken()),
        }
    }

    fn write(&self, style: Style) -> Math {
        match self {
            Self::Leaf { symbol, value, .. } => match style {
                Style::Symbols => symbol.clone(),
                Style::Numbers => mn(*value),
            },
            Self::Sum(parts) => {
                let mut row = vec![json!("mrow")];
                for (index, part) in parts.iter().enumerate() {
                    let negative = style == Style::Numbers && index > 0 && part.is_negative_number();
                    if index > 0 {
                        row.push(mo(if negative { "−" } else { "+" }));
                    }
                    row.push(if negative { mn(-part.value()) } else { part.write(style) });
                }
                Value::Array(row)
            }
            Self::Product(parts) => {
                let sign = if style == Style::Symbols { "⊙" } else { "·" };
                let mut row = vec![json!("mrow")];
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        row.push(mo(sign));
                    }
                    let bare = match part {
                        Self::Sum(_) | Self::Complement(_) | Self::Positive(_) => false,
                        _ => !(style == Style::Numbers && part.is_negative_number()),
                    };
                    row.push(if bare { part.write(style) } else { parenthesised(&part.write(style)) });
                }
                Value::Array(row)
            }
            Self::Complement(of) => {
                json!(["mrow", ["mn", "1"], mo("−"), of.in_parentheses_if_negative(style)])
            }
            Self::Square(of) => json!(["msup", of.in_parentheses_if_negative(style), ["mn", "2"]]),
            Self::Apply(function, of) => {
                json!(["mrow", ["mi", function.name()], parenthesised(&of.write(style))])
            }
            Self::Positive(of) => json!(["mrow", of.write(style), mo(">"), ["mn", "0"]]),
            Self::Normalised(of, mean, deviation) => {
                let leaf = |name: &str, value| Self::leaf(symbol(name), "", value).write(style);
                let added = style == Style::Numbers && *mean < 0.0;
                let (sign, mean) = if added { ("+", -mean) } else { ("−", *mean) };
                let centred = json!(["mrow", of.write(style), mo(sign), leaf("μ_a", mean)]);
                let over = json!(["mo", { "lspace": "0", "rspace": "0" }, "/"]);
                json!(["mrow", parenthesised(&centred), over, leaf("σ_a", *deviation)])
            }
        }
    }

    fn is_negative_number(&self) -> bool {
        matches!(self, Self::Leaf { value, .. } if *value < 0.0)
    }

    fn in_parentheses_if_negative(&self, style: Style) -> Math {
        let inner = self.write(style);
        if style == Style::Numbers && self.is_negative_number() { parenthesised(&inner) } else { inner }
    }
}

fn join(parts: &[Expression], word: &str) -> String {
    parts.iter().map(Expression::spoken).collect::<Vec<_>>().join(word)
}

/// `(inner)`.
#[must_use]
pub fn parenthesised(inner: &Math) -> Math {
    let mark = |mark: &str| json!(["mo", { "stretchy": "false" }, mark]);
    json!(["mrow", mark("("), inner, mark(")")])
}

/// An operator between two operands, also where a line begins with it.
#[must_use]
pub fn mo(sign: &str) -> Math {
    json!(["mo", { "form": "infix" }, sign])
}

/// A number, three digits.
#[must_use]
pub fn mn(value: f64) -> Math {
    if value < 0.0 {
        json!(["mrow", ["mo", { "form": "prefix" }, "−"], ["mn", short(-value)]])
    } else {
        json!(["mn", short(value)])
    }
}

/// `base` or `base_subscript`; `C_tilde` and `h_tilde` have their tilde.
#[must_use]
pub fn symbol(name: &str) -> Math {
    match name.split_once('_') {
        None => json!(["mi", name]),
        Some((base, "tilde")) => {
            json!(["mover", { "accent": "true" }, ["mi", base], ["mo", { "stretchy": "false" }, "~"]])
        }
        Some((base, index)) => json!(["msub", ["mi", base], letters(index)]),
    }
}

/// `name_t`, or with `shift` −1 `name_{t−1}`.
#[must_use]
pub fn at(name: &str, shift: i32) -> Math {
    let index = match shift {
        0 => json!(["mi", "t"]),
        _ => json!([
            "mrow",
            ["mi", "t"],
            mo(if shift < 0 { "−" } else { "+" }),
            ["mn", shift.abs().to_string()]
        ]),
    };
    json!(["msub", symbol(name), index])
}

/// The layer and the direction that a symbol belongs to; `None` where there is one only.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Index {
    /// From 1.
    pub layer: Option<usize>,
    /// Its arrow stands over the letter.
    pub direction: Option<Direction>,
}

impl Index {
    fn letter(self, name: &str) -> Math {
        let arrow = match self.direction {
            None => return symbol(name),
            Some(Direction::Forward) => "→",
            Some(Direction::Backward) => "←",
        };
        json!(["mover", { "accent": "true" }, symbol(name), ["mo", { "stretchy": "false" }, arrow]])
    }

    /// `h²`, with its arrow where the direction says one.
    #[must_use]
    pub fn symbol(self, name: &str) -> Math {
        let letter = self.letter(name);
        match self.layer {
            None => letter,
            Some(layer) => json!(["msup", letter, ["mn", layer.to_string()]]),
        }
    }

    /// The same as text: `←h²`.
    #[must_use]
    pub fn text(self, name: &str) -> String {
        let arrow = match self.direction {
            None => "",
            Some(Direction::Forward) => "→",
            Some(Direction::Backward) => "←",
        };
        let letter =
            name.strip_suffix("_tilde").map_or_else(|| name.to_owned(), |base| format!("{base}\u{303}"));
        let layer =
            self.layer.map_or_else(String::new, |layer| superscript(i32::try_from(layer).unwrap_or(0)));
        format!("{arrow}{letter}{layer}")
    }

    /// The same at step t.
    #[must_use]
    pub fn at(self, name: &str) -> Math {
        self.below(name, &json!(["mi", "t"]))
    }

    /// The same at a step, from 1.
    #[must_use]
    pub fn at_step(self, name: &str, step: usize) -> Math {
        self.below(name, &json!(["mn", step.to_string()]))
    }

    fn below(self, name: &str, step: &Math) -> Math {
        let letter = self.letter(name);
        match self.layer {
            None => json!(["msub", letter, step]),
            Some(layer) => json!(["msubsup", letter, step, ["mn", layer.to_string()]]),
        }
    }
}

/// `∂L/∂name_t`.
#[must_use]
pub fn gradient(name: &str, shift: i32) -> Math {
    gradient_by(&at(name, shift))
}

/// `∂L/∂by`.
#[must_use]
pub fn gradient_by(by: &Math) -> Math {
    let d = json!(["mi", { "mathvariant": "normal" }, "∂"]);
    let slash = json!(["mo", { "lspace": "0", "rspace": "0" }, "/"]);
    json!(["mrow", d, ["mi", "L"], slash, d, by])
}

fn letters(text: &str) -> Math {
    let mut row = vec![json!("mrow")];
    row.extend(text.chars().map(|letter| json!(["mi", letter.to_string()])));
    Value::Array(row)
}
