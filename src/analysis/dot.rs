//! A row of a matrix times a vector, term by term.

use super::math::{Index, Link, Math, at, gradient_by, mn, mo, parenthesised, pre, tag, token, with};
use super::notation::plain;

/// So many terms stand in a folded sum; one more is not folded away.
const FOLDED: usize = 2;

/// `Σ_k weight_k · source_k`.
#[derive(Clone, Debug, PartialEq)]
pub struct Dot {
    /// In symbols.
    pub symbol: Math,
    /// In words.
    pub spoken: String,
    /// The step that it is computed at.
    pub when: When,
    /// In the order of the matrix.
    pub terms: Vec<Term>,
}

/// One product: an entry of a matrix times what it multiplies.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Term {
    /// The entry's value.
    pub weight: f64,
    /// Its matrix, as in experiment files.
    pub matrix: &'static str,
    /// Its row, from 0.
    pub row: usize,
    /// Its column, from 0.
    pub column: usize,
    /// What it multiplies.
    pub source: Source,
    /// Which of these, from 0.
    pub index: usize,
    /// The value of that.
    pub value: f64,
}

/// A step and the one that is read before it, both from 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct When {
    /// This step.
    pub t: usize,
    /// The step before; `None` at the first one that is read.
    pub earlier: Option<usize>,
}

/// What weights multiply.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// `h_{t−1}`.
    State,
    /// `r_t ⊙ h_{t−1}`.
    Reset,
    /// `x_t`.
    Input,
    /// What is read at a step without an input.
    Read(Reads),
    /// `h_t` of the layer below, in one of its directions.
    Below(Index),
    /// `∂L/∂a_{g,t}` of the gate that this heat map shows; `h` is the RNN's only one.
    Gate(&'static str),
    /// With layer normalisation: `∂L/∂s_{g,t}`, of the sum before it.
    Sum(&'static str),
    /// `∂L/∂s_t`, of the feed-forward network's sum.
    Window,
    /// `∂L/∂` of the product inside the GRU's reset.
    Inner,
    /// `∂L/∂y_t`.
    Output,
    /// `h` of the top layer in one of its directions at a step, from 0, that the readout reads.
    Top(Index, usize),
    /// `∂L/∂a_{g,t}` of a gate of another layer or direction.
    There(&'static str, Index),
}

/// What a step without an input reads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reads {
    /// Zeros.
    Zeros,
    /// The target of the step before.
    Target,
    /// The output of the step before, or the likeliest class of it: the top layer, and that step, from 0.
    Output(Index, usize),
}

impl Reads {
    /// Where number `k`, from 0, of it came from.
    #[must_use]
    pub fn go(self, k: usize) -> String {
        match self {
            Self::Zeros | Self::Target => String::new(),
            Self::Output(top, t) => format!("h.{}.1.{}=y.{}", top.key(), t + 1, k + 1),
        }
    }
}

impl Source {
    /// Whether it comes from below, not from the step before.
    #[must_use]
    pub fn is_read(self) -> bool {
        matches!(self, Self::Input | Self::Read(_) | Self::Below(_))
    }
}

impl Term {
    /// weight · source.
    #[must_use]
    pub fn product(&self) -> f64 {
        self.weight * self.value
    }

    /// The entry as it is written: `W_{f, 7 3}`.
    #[must_use]
    pub fn weight_symbol(&self) -> Math {
        self.weight_link().around(entry(self.matrix, &[self.row, self.column]))
    }

    /// What the entry lights, and where it stands in the matrices.
    #[must_use]
    pub fn weight_link(&self) -> Link {
        let key = self.key();
        match self.source {
            Source::There(_, index) => {
                let key = format!("{}:{key}", index.key());
                Link { go: format!("w.{key}"), wire: key }
            }
            _ => weight_link(key),
        }
    }

    /// What lights with the entry: `W_f.7.3`.
    #[must_use]
    pub fn key(&self) -> String {
        format!("{}.{}.{}", self.matrix, self.row + 1, self.column + 1)
    }

    /// What it multiplies, as it is written.
    #[must_use]
    pub fn source_symbol(&self) -> Math {
        let of = |base: &Math| tag("msub", vec![base.clone(), token("mn", &(self.index + 1).to_string())]);
        match self.source {
            Source::State => of(&token("mi", "h")),
            Source::Reset => {
                of(&parenthesised(&tag("mrow", vec![token("mi", "r"), mo("⊙"), token("mi", "h")])))
            }
            Source::Input | Source::Read(_) => of(&token("mi", "x")),
            Source::Below(below) | Source::Top(below, _) => below.at_step("h", &(self.index + 1).to_string()),
            Source::There(gate, index) => {
                let letter = if gate == "h" { "a" } else { gate };
                gradient_by(&index.at_step(letter, &(self.index + 1).to_string()))
            }
            Source::Gate("h") => gradient_by(&of(&token("mi", "a"))),
            Source::Gate(name) => gradient_by(&pre(name, &token("mn", &(self.index + 1).to_string()))),
            Source::Sum(name) => {
                let letter = name.split('_').next().unwrap_or(name);
                let index = tag(
                    "mrow",
                    vec![token("mi", letter), mo(","), token("mn", &(self.index + 1).to_string())],
                );
                gradient_by(&tag("msub", vec![token("mi", "s"), index]))
            }
            Source::Window => gradient_by(&of(&token("mi", "s"))),
            Source::Inner => gradient_by(&of(&token("mi", "u"))),
            Source::Output => gradient_by(&of(&token("mi", "y"))),
        }
    }

    /// What it multiplies, in words.
    #[must_use]
    pub fn source_words(&self) -> String {
        let symbol = plain(&self.source_symbol());
        match self.source {
            Source::Read(Reads::Zeros) => format!("{symbol}, where nothing is read"),
            Source::Read(Reads::Target) => format!("{symbol}, of the target before"),
            Source::Read(Reads::Output(..)) => format!("{symbol}, of the output before"),
            _ => symbol,
        }
    }

    /// What it lights, and where the source came from.
    #[must_use]
    pub fn link(&self, When { t, earlier }: When) -> Link {
        let unit = self.index + 1;
        let (wire, go) = match self.source {
            Source::State => {
                let start = || format!("w.h_0.{unit}");
                ("h_prev", earlier.map_or_else(start, |t| format!("h.{unit}.{}", t + 1)))
            }
            Source::Reset => ("reset", format!("r.{unit}.{}", t + 1)),
            Source::Input => ("x", format!("w.x.{unit}")),
            Source::Read(reads) => ("x", reads.go(self.index)),
            Source::Below(below) => ("x", format!("h.{}.{unit}.{}", below.key(), t + 1)),
            Source::Gate("h") => ("a", format!("b.h.{unit}.{}", t + 1)),
            Source::Gate(name) | Source::Sum(name) => {
                return Link {
                    wire: super::equations::pre_activation(name).into(),
                    go: format!("b.{name}.{unit}.{}", t + 1),
                };
            }
            Source::Window => ("s", format!("b.s.{unit}.{}", t + 1)),
            Source::Inner => ("inner", format!("b.h_tilde.{unit}.{}", t + 1)),
            Source::Output => ("dy", format!("=dy.{unit}")),
            Source::Top(index, t) => ("h", format!("h.{}.{unit}.{}", index.key(), t + 1)),
            Source::There(gate, index) => ("above", format!("b.{gate}.{}.{unit}.{}", index.key(), t + 1)),
        };
        Link { wire: wire.into(), go }
    }
}

impl Dot {
    /// The sum of the products.
    #[must_use]
    pub fn value(&self) -> f64 {
        self.terms.iter().map(Term::product).sum()
    }

    /// The index of the term that weighs most; `None` when there is none.
    #[must_use]
    pub fn largest(&self) -> Option<&Term> {
        self.terms.iter().max_by(|a, b| a.product().abs().total_cmp(&b.product().abs()))
    }

    /// The largest terms in their order, with their signs, and dots for the others.
    pub(super) fn folded(&self) -> Vec<(bool, Math)> {
        let mut order: Vec<usize> = (0..self.terms.len()).collect();
        let folds = order.len() > FOLDED + 1;
        if folds {
            let size = |&k: &usize| -self.terms[k].product().abs();
            order.sort_by(|a, b| size(a).total_cmp(&size(b)));
            order.truncate(FOLDED);
            order.sort_unstable();
        }
        let mut parts: Vec<(bool, Math)> = order.into_iter().map(|k| self.written(&self.terms[k])).collect();
        if folds {
            parts.push((false, token("mi", "…")));
        }
        if parts.is_empty() {
            parts.push((false, token("mn", "0")));
        }
        parts
    }

    /// Sign, and `0.42·h₃` or, where the source has no short name, `0.42·0.31`.
    fn written(&self, term: &Term) -> (bool, Math) {
        let link = term.link(self.when);
        let source = match term.source {
            Source::State | Source::Top(..) => term.source_symbol(),
            source if source.is_read() => term.source_symbol(),
            _ if term.value < 0.0 => parenthesised(&mn(term.value)),
            _ => mn(term.value),
        };
        let weight = term.weight_link().around(mn(term.weight.abs()));
        (term.weight < 0.0, tag("mrow", vec![weight, mo("·"), link.around(source)]))
    }
}

/// What an entry lights, and where it stands in the matrices of the selected layer.
#[must_use]
pub fn weight_link(key: String) -> Link {
    Link { go: format!("w.{key}"), wire: key }
}

/// An entry of a matrix or bias, by its place from 0: `W_{f,7,3}`.
#[must_use]
pub fn entry(matrix: &str, place: &[usize]) -> Math {
    let (base, index) = matrix.split_once('_').unwrap_or((matrix, ""));
    let mut row = vec![token("mi", index)];
    for number in place {
        row.push(token("mo", ","));
        row.push(token("mn", &(number + 1).to_string()));
    }
    tag("msub", vec![token("mi", base), tag("mrow", row)])
}

/// `x_t`, which lights its wire and leads to where it came from.
#[must_use]
pub fn inputs(reads: Option<Reads>) -> Math {
    let go = reads.map_or_else(|| "w.x.1".into(), |reads| reads.go(0));
    Link { wire: "x".into(), go }.around(at("x", 0))
}

/// Vectors side by side, as what a joint matrix multiplies: `[h_{t−1}, x_t]`.
#[must_use]
pub fn bracket(operands: Vec<Math>) -> Math {
    let mark = |mark: &str| with(&[("stretchy", "false")], token("mo", mark));
    let mut row = Vec::new();
    for operand in operands {
        row.push(if row.is_empty() { mark("[") } else { token("mo", ",") });
        row.push(operand);
    }
    row.push(mark("]"));
    tag("mrow", row)
}
