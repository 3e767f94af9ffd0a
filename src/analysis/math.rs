//! Formulas as data: one expression tree gives the symbols, the numbers and the value.

use serde_json::Value;

use super::dot::Dot;
use super::number::{short, superscript};
use crate::experiment::Direction;

/// MathML as data: `[tag, attributes?, …children]`, a text is text.
pub type Math = Value;

/// An element with its content. Written out and not by a macro, which would make ten times the code.
#[must_use]
pub fn tag(name: &str, mut content: Vec<Math>) -> Math {
    content.insert(0, Value::String(name.to_owned()));
    Value::Array(content)
}

/// An element that holds a text: `mi`, `mn`, `mo`, `mtext`.
#[must_use]
pub fn token(name: &str, text: &str) -> Math {
    tag(name, vec![Value::String(text.to_owned())])
}

/// An element with attributes.
#[must_use]
pub fn with(attributes: &[(&str, &str)], mut element: Math) -> Math {
    let map = attributes.iter().map(|&(name, value)| (name.to_owned(), Value::String(value.to_owned())));
    if let Value::Array(node) = &mut element {
        node.insert(1, Value::Object(map.collect()));
    }
    element
}

/// What a quantity lights, and where a reader goes from it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    /// Lights together with everything of the same name: a wire of the cell's drawing, or an entry of a matrix.
    pub wire: String,
    /// The place that it came from, as `Session::walk` reads it; empty where there is none.
    pub go: String,
}

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
        /// What it lights, and where it leads.
        link: Link,
    },
    /// A sum.
    Sum(Vec<Expression>),
    /// A product of units, `⊙` over vectors.
    Product(Vec<Expression>),
    /// `a − b`.
    Difference(Box<Expression>, Box<Expression>),
    /// `a / b`.
    Quotient(Box<Expression>, Box<Expression>),
    /// `1 − e`.
    Complement(Box<Expression>),
    /// `e²`.
    Square(Box<Expression>),
    /// A function applied.
    Apply(Function, Box<Expression>),
    /// The indicator `[e > 0]`.
    Positive(Box<Expression>),
    /// A row of a matrix times a vector.
    Dot(Dot),
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
    /// The square root.
    Root,
}

impl Function {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sigmoid => "σ",
            Self::Tanh => "tanh",
            Self::Relu => "ReLU",
            Self::Root => "√",
        }
    }

    fn spoken(self) -> &'static str {
        match self {
            Self::Sigmoid => "sigmoid",
            Self::Tanh => "tanh",
            Self::Relu => "ReLU",
            Self::Root => "the root",
        }
    }

    /// Its value.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Self::Tanh => libm::tanh(x),
            Self::Root => x.sqrt(),
            // Written so that NaN stays NaN.
            Self::Relu => {
                if x < 0.0 {
                    0.0
                } else {
                    x
                }
            }
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
        Self::Leaf { symbol, spoken: spoken.into(), value, link: Link::default() }
    }

    /// A leaf with what it lights and where it leads.
    #[must_use]
    pub fn linked(mut self, wire: impl Into<String>, go: impl Into<String>) -> Self {
        if let Self::Leaf { link, .. } = &mut self {
            *link = Link { wire: wire.into(), go: go.into() };
        }
        self
    }

    /// `a − b`.
    #[must_use]
    pub fn minus(self, other: Self) -> Self {
        Self::Difference(Box::new(self), Box::new(other))
    }

    /// `a / b`.
    #[must_use]
    pub fn over(self, other: Self) -> Self {
        Self::Quotient(Box::new(self), Box::new(other))
    }

    /// `function(e)`.
    #[must_use]
    pub fn through(self, function: Function) -> Self {
        Self::Apply(function, Box::new(self))
    }

    /// `1 − e`.
    #[must_use]
    pub fn complement(self) -> Self {
        Self::Complement(Box::new(self))
    }

    /// `1 − e²`, the slope of tanh where its value is e.
    #[must_use]
    pub fn slope(self) -> Self {
        Self::Square(Box::new(self)).complement()
    }

    /// The value, computed from the leaves.
    #[must_use]
    pub fn value(&self) -> f64 {
        match self {
            Self::Leaf { value, .. } => *value,
            Self::Sum(parts) => parts.iter().map(Self::value).sum(),
            Self::Product(parts) => parts.iter().map(Self::value).product(),
            Self::Difference(a, b) => a.value() - b.value(),
            Self::Quotient(a, b) => a.value() / b.value(),
            Self::Complement(of) => 1.0 - of.value(),
            Self::Square(of) => of.value() * of.value(),
            Self::Apply(function, of) => function.of(of.value()),
            Self::Positive(of) => f64::from(u8::from(of.value() > 0.0)),
            Self::Dot(dot) => dot.value(),
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

    /// The products of matrices and vectors in it.
    #[must_use]
    pub fn dots(&self) -> Vec<&Dot> {
        match self {
            Self::Dot(dot) => vec![dot],
            Self::Leaf { .. } => Vec::new(),
            Self::Sum(parts) | Self::Product(parts) => parts.iter().flat_map(Self::dots).collect(),
            Self::Difference(a, b) | Self::Quotient(a, b) => [a.dots(), b.dots()].concat(),
            Self::Complement(of) | Self::Square(of) | Self::Apply(_, of) | Self::Positive(of) => of.dots(),
        }
    }

    /// The quantities in it, apart from those inside products of matrices.
    #[must_use]
    pub fn leaves(&self) -> Vec<&Self> {
        match self {
            Self::Leaf { .. } => vec![self],
            Self::Dot(_) => Vec::new(),
            Self::Sum(parts) | Self::Product(parts) => parts.iter().flat_map(Self::leaves).collect(),
            Self::Difference(a, b) | Self::Quotient(a, b) => [a.leaves(), b.leaves()].concat(),
            Self::Complement(of) | Self::Square(of) | Self::Apply(_, of) | Self::Positive(of) => of.leaves(),
        }
    }

    /// In words.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self {
            Self::Leaf { spoken, .. } => spoken.clone(),
            Self::Sum(parts) => join(parts, " plus "),
            Self::Product(parts) => join(parts, " times "),
            Self::Quotient(a, b) => format!("the quantity {} over {}", a.spoken(), b.spoken()),
            Self::Difference(a, b) => format!("the quantity {} minus {}", a.spoken(), b.spoken()),
            Self::Complement(of) => format!("the quantity 1 minus {}", of.spoken()),
            Self::Square(of) => format!("{} squared", of.spoken()),
            Self::Apply(function, of) => format!("{} of {}", function.spoken(), of.spoken()),
            Self::Positive(of) => format!("1 where {} is positive, else 0", of.spoken()),
            Self::Dot(dot) => dot.spoken.clone(),
        }
    }

    fn write(&self, style: Style) -> Math {
        match self {
            Self::Leaf { symbol, value, link, .. } => match style {
                Style::Symbols => link.around(symbol.clone()),
                Style::Numbers => link.around(mn(*value)),
            },
            Self::Sum(parts) => sum(parts.iter().flat_map(|part| part.summands(style))),
            Self::Dot(dot) => match style {
                Style::Symbols => dot.symbol.clone(),
                Style::Numbers => sum(dot.folded()),
            },
            Self::Product(parts) => {
                let sign = if style == Style::Symbols { "⊙" } else { "·" };
                let mut row = Vec::new();
                for (index, part) in parts.iter().enumerate() {
                    if index > 0 {
                        row.push(mo(sign));
                    }
                    let bare = match part {
                        Self::Sum(_) | Self::Complement(_) | Self::Positive(_) | Self::Difference(..) => {
                            false
                        }
                        Self::Dot(_) => style == Style::Symbols,
                        _ => !(style == Style::Numbers && part.is_negative_number()),
                    };
                    row.push(if bare { part.write(style) } else { parenthesised(&part.write(style)) });
                }
                tag("mrow", row)
            }
            Self::Quotient(a, b) => tag(
                "mrow",
                vec![parenthesised(&a.write(style)), mo("/"), b.in_parentheses_if_negative(style)],
            ),
            Self::Difference(a, b) => {
                tag("mrow", vec![a.write(style), mo("−"), b.in_parentheses_if_negative(style)])
            }
            Self::Complement(of) => {
                tag("mrow", vec![token("mn", "1"), mo("−"), of.in_parentheses_if_negative(style)])
            }
            Self::Square(of) => tag("msup", vec![of.in_parentheses_if_negative(style), token("mn", "2")]),
            Self::Apply(function, of) => {
                tag("mrow", vec![token("mi", function.name()), parenthesised(&of.write(style))])
            }
            Self::Positive(of) => tag("mrow", vec![of.write(style), mo(">"), token("mn", "0")]),
        }
    }

    /// What a sum says of this part: signs apart from what follows them.
    fn summands(&self, style: Style) -> Vec<(bool, Math)> {
        match self {
            Self::Dot(dot) if style == Style::Numbers => dot.folded(),
            Self::Leaf { value, link, .. } if style == Style::Numbers && *value < 0.0 => {
                vec![(true, link.around(mn(-value)))]
            }
            _ => vec![(false, self.write(style))],
        }
    }

    fn is_negative_number(&self) -> bool {
        matches!(self, Self::Leaf { value, .. } if *value < 0.0)
    }

    fn in_parentheses_if_negative(&self, style: Style) -> Math {
        let inner = self.write(style);
        let bare = match self {
            Self::Product(_) => true,
            Self::Difference(..) => false,
            _ => !(style == Style::Numbers && self.is_negative_number()),
        };
        if bare { inner } else { parenthesised(&inner) }
    }
}

fn join(parts: &[Expression], word: &str) -> String {
    parts.iter().map(Expression::spoken).collect::<Vec<_>>().join(word)
}

/// Parts with their signs, in a row.
fn sum(parts: impl IntoIterator<Item = (bool, Math)>) -> Math {
    let mut row = Vec::new();
    for (negative, part) in parts {
        match (!row.is_empty(), negative) {
            (true, _) => row.push(mo(if negative { "−" } else { "+" })),
            (false, true) => row.push(with(&[("form", "prefix")], token("mo", "−"))),
            (false, false) => {}
        }
        row.push(part);
    }
    tag("mrow", row)
}

impl Link {
    /// A formula that carries this link.
    #[must_use]
    pub fn around(&self, inner: Math) -> Math {
        match (self.wire.is_empty(), self.go.is_empty()) {
            (true, _) => inner,
            (_, true) => with(&[("data-wire", &self.wire)], tag("mrow", vec![inner])),
            _ => with(&[("data-wire", &self.wire), ("data-go", &self.go)], tag("mrow", vec![inner])),
        }
    }
}

/// `(inner)`.
#[must_use]
pub fn parenthesised(inner: &Math) -> Math {
    let mark = |mark: &str| with(&[("stretchy", "false")], token("mo", mark));
    tag("mrow", vec![mark("("), inner.clone(), mark(")")])
}

/// An operator between two operands, also where a line begins with it.
#[must_use]
pub fn mo(sign: &str) -> Math {
    with(&[("form", "infix")], token("mo", sign))
}

/// A number, three digits.
#[must_use]
pub fn mn(value: f64) -> Math {
    if value < 0.0 {
        tag("mrow", vec![with(&[("form", "prefix")], token("mo", "−")), token("mn", &short(-value))])
    } else {
        token("mn", &short(value))
    }
}

/// `base` or `base_subscript`; `C_tilde` and `h_tilde` have their tilde.
#[must_use]
pub fn symbol(name: &str) -> Math {
    match name.split_once('_') {
        None => token("mi", name),
        Some((base, "tilde")) => with(
            &[("accent", "true")],
            tag("mover", vec![token("mi", base), with(&[("stretchy", "false")], token("mo", "~"))]),
        ),
        Some((base, index)) => tag("msub", vec![token("mi", base), letters(index)]),
    }
}

/// `name_t`, or with `shift` −1 `name_{t−1}`.
#[must_use]
pub fn at(name: &str, shift: i32) -> Math {
    let index = match shift {
        0 => token("mi", "t"),
        _ => tag(
            "mrow",
            vec![
                token("mi", "t"),
                mo(if shift < 0 { "−" } else { "+" }),
                token("mn", &shift.abs().to_string()),
            ],
        ),
    };
    tag("msub", vec![symbol(name), index])
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
        let arrow = with(&[("stretchy", "false")], token("mo", arrow));
        with(&[("accent", "true")], tag("mover", vec![symbol(name), arrow]))
    }

    /// `2`, for a backward direction `2b`, as row names call it.
    #[must_use]
    pub fn key(self) -> String {
        let side = if self.direction == Some(Direction::Backward) { "b" } else { "" };
        format!("{}{side}", self.layer.unwrap_or(1))
    }

    /// One unit, from 0, at step t.
    #[must_use]
    pub fn unit_at(self, name: &str, unit: usize) -> Math {
        let unit = token("mn", &(unit + 1).to_string());
        self.below(name, &tag("mrow", vec![unit, mo(","), token("mi", "t")]))
    }

    /// `h²`, with its arrow where the direction says one.
    #[must_use]
    pub fn symbol(self, name: &str) -> Math {
        let letter = self.letter(name);
        match self.layer {
            None => letter,
            Some(layer) => tag("msup", vec![letter, token("mn", &layer.to_string())]),
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
        self.below(name, &token("mi", "t"))
    }

    /// The same at a step, from 1.
    #[must_use]
    pub fn at_step(self, name: &str, step: &str) -> Math {
        self.below(name, &token("mn", step))
    }

    fn below(self, name: &str, step: &Math) -> Math {
        let letter = self.letter(name);
        match self.layer {
            None => tag("msub", vec![letter, step.clone()]),
            Some(layer) => tag("msubsup", vec![letter, step.clone(), token("mn", &layer.to_string())]),
        }
    }
}

/// `∂L/∂name_t`.
#[must_use]
pub fn gradient(name: &str, shift: i32) -> Math {
    gradient_by(&at(name, shift))
}

/// `a_{f,t}`: a gate's pre-activation; the letter of `C_tilde` is C.
#[must_use]
pub fn pre(gate: &str, index: &Math) -> Math {
    let letter = gate.split('_').next().unwrap_or(gate);
    tag("msub", vec![token("mi", "a"), tag("mrow", vec![token("mi", letter), mo(","), index.clone()])])
}

/// `∂L/∂by`.
#[must_use]
pub fn gradient_by(by: &Math) -> Math {
    let d = with(&[("mathvariant", "normal")], token("mi", "∂"));
    let slash = with(&[("lspace", "0"), ("rspace", "0")], token("mo", "/"));
    tag("mrow", vec![d.clone(), token("mi", "L"), slash, d, by.clone()])
}

pub(super) fn letters(text: &str) -> Math {
    let mut row = Vec::new();
    row.extend(text.chars().map(|letter| token("mi", &letter.to_string())));
    tag("mrow", row)
}
