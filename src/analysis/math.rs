//! Formulas as data: one expression tree gives the symbols, the numbers and the value.

use serde_json::{Value, json};

use super::dot::Dot;
use super::number::short;

/// MathML as data: `[tag, attributes?, …children]`, a text is text.
pub type Math = Value;

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
}

impl Function {
    /// As it is written.
    #[must_use]
    pub fn name(self) -> &'static str {
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

    /// Its value.
    #[must_use]
    pub fn of(self, x: f64) -> f64 {
        match self {
            Self::Sigmoid => 1.0 / (1.0 + libm::exp(-x)),
            Self::Tanh => libm::tanh(x),
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
            Self::Difference(a, b) => [a.dots(), b.dots()].concat(),
            Self::Complement(of) | Self::Square(of) | Self::Apply(_, of) | Self::Positive(of) => of.dots(),
        }
    }

    /// In words.
    #[must_use]
    pub fn spoken(&self) -> String {
        match self {
            Self::Leaf { spoken, .. } => spoken.clone(),
            Self::Sum(parts) => join(parts, " plus "),
            Self::Product(parts) => join(parts, " times "),
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
                let mut row = vec![json!("mrow")];
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
                Value::Array(row)
            }
            Self::Difference(a, b) => {
                json!(["mrow", a.write(style), mo("−"), b.in_parentheses_if_negative(style)])
            }
            Self::Complement(of) => {
                json!(["mrow", ["mn", "1"], mo("−"), of.in_parentheses_if_negative(style)])
            }
            Self::Square(of) => json!(["msup", of.in_parentheses_if_negative(style), ["mn", "2"]]),
            Self::Apply(function, of) => {
                json!(["mrow", ["mi", function.name()], parenthesised(&of.write(style))])
            }
            Self::Positive(of) => json!(["mrow", of.write(style), mo(">"), ["mn", "0"]]),
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
    let mut row = vec![json!("mrow")];
    for (negative, part) in parts {
        match (row.len() > 1, negative) {
            (true, _) => row.push(mo(if negative { "−" } else { "+" })),
            (false, true) => row.push(json!(["mo", { "form": "prefix" }, "−"])),
            (false, false) => {}
        }
        row.push(part);
    }
    Value::Array(row)
}

impl Link {
    /// A formula that carries this link.
    #[must_use]
    pub fn around(&self, inner: Math) -> Math {
        match (self.wire.is_empty(), self.go.is_empty()) {
            (true, _) => inner,
            (_, true) => json!(["mrow", { "data-wire": self.wire }, inner]),
            _ => json!(["mrow", { "data-wire": self.wire, "data-go": self.go }, inner]),
        }
    }
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

/// `∂L/∂name_t`.
#[must_use]
pub fn gradient(name: &str, shift: i32) -> Math {
    gradient_by(&at(name, shift))
}

/// `∂L/∂name`, at every step.
#[must_use]
pub fn gradient_of(name: &str) -> Math {
    gradient_by(&symbol(name))
}

/// `a_{f,t}`: a gate's pre-activation; the letter of `C_tilde` is C.
#[must_use]
pub fn pre(gate: &str, index: &Math) -> Math {
    let letter = gate.split('_').next().unwrap_or(gate);
    json!(["msub", ["mi", "a"], ["mrow", ["mi", letter], mo(","), index]])
}

/// `∂L/∂` of what is written so.
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
