//! What a cell is made of: nodes, wires and operations, as data.
//!
//! One description per cell, beside its equations, gives the drawing, the walk through one step operation by
//! operation, and the table. What each wire carries, and its gradient, are expressions of
//! [`Place`](super::equations::Place).

use std::sync::LazyLock;

use super::equations::{ann, gru, lstm, rnn};
use crate::experiment::{Activation, Cell, Reset, Spec};

/// A cell as nodes, wires and operations.
#[derive(Clone, Debug)]
pub struct Circuit {
    /// Tells circuits apart: `lstm`, `gru-after`, …
    pub key: &'static str,
    /// What stands in the drawing.
    pub nodes: Vec<Node>,
    /// What runs between, in the order in which a reader walks them.
    pub wires: Vec<Wire>,
    /// In the order in which a step computes them.
    pub operations: Vec<Operation>,
}

/// One thing in the drawing.
#[derive(Clone, Debug)]
pub struct Node {
    /// Its name; a gate has that of its heat map.
    pub id: &'static str,
    /// What it is.
    pub kind: NodeKind,
}

/// Kinds of nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NodeKind {
    /// Where a state or input enters or leaves.
    State,
    /// `σ(W·[h, x] + b)`: opens from 0 to 1.
    Gate,
    /// `tanh(W·[h, x] + b)`: from −1 to 1.
    Candidate,
    /// A row of a matrix.
    Matrix,
    /// A bias.
    Bias,
    /// `⊙`
    Times,
    /// `+`
    Plus,
    /// A function without weights, by its name.
    Function(&'static str),
    /// φ of a cell without gates, as a curve.
    Curve,
}

/// One wire.
#[derive(Clone, Debug)]
pub struct Wire {
    /// The name of what it carries.
    pub id: &'static str,
    /// How it is drawn.
    pub kind: WireKind,
    /// Whether it comes from outside the step.
    pub enters: bool,
}

/// Kinds of wires.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WireKind {
    /// The state's straight way through the cell.
    Highway,
    /// One number.
    Scalar,
    /// All units or inputs at once.
    Bus,
}

/// One operation of a step.
#[derive(Clone, Debug)]
pub struct Operation {
    /// What is done.
    pub step: Step,
    /// Where.
    pub node: &'static str,
    /// The wires that go in.
    pub takes: &'static [&'static str],
    /// The wire that comes out; empty inside a node.
    pub makes: &'static str,
    /// The equation that it is a part of, and that of its way back.
    pub equations: [&'static str; 2],
}

/// Kinds of operations.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Every weight of a row times what it multiplies.
    Products,
    /// The products added up.
    Sum,
    /// The bias added, after layer normalisation where that is on.
    Bias,
    /// σ, tanh or ReLU.
    Function,
    /// `⊙`
    Times,
    /// `+`
    Plus,
    /// `1 − z`
    Complement,
}

impl Circuit {
    /// The wires that go into the operations that make this one.
    #[must_use]
    pub fn before(&self, wire: &str) -> &'static [&'static str] {
        let Some(at) = self.operations.iter().position(|operation| operation.makes == wire) else {
            return &[];
        };
        let node = self.operations[at].node;
        let inside = self.operations[..=at].iter().rev().take_while(|operation| operation.node == node);
        inside.map(|operation| operation.takes).find(|takes| !takes.is_empty()).unwrap_or(&[])
    }

    /// The wires that are made from this one.
    pub fn after<'a>(&'a self, wire: &'a str) -> impl Iterator<Item = &'static str> + 'a {
        let made = self.wires.iter().map(|wire| wire.id);
        made.filter(move |made| self.before(made).contains(&wire))
    }
}

static CIRCUITS: LazyLock<[Circuit; 7]> = LazyLock::new(|| {
    [
        rnn::circuit("rnn-tanh"),
        rnn::circuit("rnn-relu"),
        lstm::circuit(),
        gru::before(),
        gru::after(),
        ann::circuit("ann-tanh"),
        ann::circuit("ann-relu"),
    ]
});

/// The cell that `spec` asks for.
#[must_use]
pub fn circuit(spec: &Spec) -> &'static Circuit {
    let index = match (spec.cell, spec.activation, spec.reset) {
        (Cell::Rnn, Activation::Tanh, _) => 0,
        (Cell::Rnn, Activation::Relu, _) => 1,
        (Cell::Lstm, ..) => 2,
        (Cell::Gru, _, Reset::Before) => 3,
        (Cell::Gru, _, Reset::After) => 4,
        (Cell::Ann, Activation::Tanh, _) => 5,
        (Cell::Ann, Activation::Relu, _) => 6,
    };
    &CIRCUITS[index]
}

/// Every circuit there is.
pub fn circuits() -> impl Iterator<Item = &'static Circuit> {
    CIRCUITS.iter()
}

/// How many operations a step has: forward those of the circuit; backward also what arrives and what is handed on.
#[must_use]
pub fn operations(spec: &Spec, backward: bool) -> usize {
    circuit(spec).operations.len() + if backward { 2 } else { 0 }
}

pub(super) const fn node(id: &'static str, kind: NodeKind) -> Node {
    Node { id, kind }
}

pub(super) const fn scalar(id: &'static str) -> Wire {
    Wire { id, kind: WireKind::Scalar, enters: false }
}

pub(super) const fn highway(id: &'static str) -> Wire {
    Wire { id, kind: WireKind::Highway, enters: false }
}

pub(super) const fn entering(id: &'static str, kind: WireKind) -> Wire {
    Wire { id, kind, enters: true }
}

pub(super) const fn operation(
    step: Step,
    node: &'static str,
    takes: &'static [&'static str],
    makes: &'static str,
    equations: [&'static str; 2],
) -> Operation {
    Operation { step, node, takes, makes, equations }
}

/// Products, sum, bias and function of a gate.
pub(super) fn gate(
    id: &'static str,
    takes: &'static [&'static str],
    inner: &'static [&'static str],
    back: &'static str,
) -> [Operation; 4] {
    let equations = [id, back];
    [
        operation(Step::Products, id, takes, "", equations),
        operation(Step::Sum, id, &[], "", equations),
        operation(Step::Bias, id, &[], inner[0], equations),
        operation(Step::Function, id, inner, id, equations),
    ]
}
