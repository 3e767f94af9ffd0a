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
    /// Layer normalisation, with its gain and the bias.
    Norm,
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
    /// The bias added.
    Bias,
    /// The mean of a sum over the units, which layer normalisation takes away.
    Mean,
    /// Its deviation over the units, by which that is divided.
    Deviation,
    /// The gain times the normalised sum, and the bias.
    Scale,
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
    /// Whether layer normalisation stands in it.
    #[must_use]
    pub fn normalises(&self) -> bool {
        self.nodes.iter().any(|node| node.kind == NodeKind::Norm)
    }

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

static CIRCUITS: LazyLock<[Circuit; 15]> = LazyLock::new(|| {
    [
        rnn::circuit("rnn-tanh", false),
        rnn::circuit("rnn-relu", false),
        rnn::circuit("rnn-tanh-skip", true),
        rnn::circuit("rnn-relu-skip", true),
        lstm::circuit(false),
        gru::before(false),
        rnn::normed("rnn-tanh-norm", false),
        rnn::normed("rnn-relu-norm", false),
        rnn::normed("rnn-tanh-norm-skip", true),
        rnn::normed("rnn-relu-norm-skip", true),
        lstm::circuit(true),
        gru::before(true),
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
        (Cell::Lstm, ..) => 4,
        (Cell::Gru, _, Reset::Before) => 5,
        (Cell::Gru, _, Reset::After) => 12,
        (Cell::Ann, Activation::Tanh, _) => 13,
        (Cell::Ann, Activation::Relu, _) => 14,
    };
    // With a skip the RNN's stand two further, with layer normalisation all six further.
    let skip = if spec.cell == Cell::Rnn && spec.skip > 0 { 2 } else { 0 };
    &CIRCUITS[index + skip + if spec.layer_norm { 6 } else { 0 }]
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

/// What stands between the products of a gate and its function where layer normalisation is on.
pub(super) struct Normed {
    /// The gate, by its heat map.
    pub gate: &'static str,
    /// The row of its weights, which makes the sum.
    pub row: &'static str,
    /// The wire with the sum.
    pub sum: &'static [&'static str],
    /// Its normalisation.
    pub norm: &'static str,
    /// The wire with the pre-activation.
    pub pre: &'static [&'static str],
    /// The equations of the gradients of both.
    back: [&'static str; 2],
}

const fn between(
    gate: &'static str,
    [row, norm]: [&'static str; 2],
    [sum, pre]: [&'static [&'static str]; 2],
    back: [&'static str; 2],
) -> Normed {
    Normed { gate, row, sum, norm, pre, back }
}

static NORMED: [Normed; 7] = [
    between("f", ["W_f", "n_f"], [&["s_f"], &["a_f"]], ["ds_f", "da_f"]),
    between("i", ["W_i", "n_i"], [&["s_i"], &["a_i"]], ["ds_i", "da_i"]),
    between("C_tilde", ["W_C", "n_C"], [&["s_C"], &["a_C"]], ["ds_C", "da_C"]),
    between("o", ["W_o", "n_o"], [&["s_o"], &["a_o"]], ["ds_o", "da_o"]),
    between("z", ["W_z", "n_z"], [&["s_z"], &["a_z"]], ["ds_z", "da_z"]),
    between("r", ["W_r", "n_r"], [&["s_r"], &["a_r"]], ["ds_r", "da_r"]),
    between("h_tilde", ["W_h", "n_h"], [&["s_h"], &["a_h"]], ["ds_h", "da_h"]),
];

/// The gate to which this belongs: itself, its row of weights or its normalisation.
pub(super) fn gate_at(node: &str) -> Option<&'static str> {
    NORMED.iter().find(|of| [of.gate, of.row, of.norm].contains(&node)).map(|of| of.gate)
}

/// The gate whose sum before layer normalisation this wire carries; `h` is the RNN's one.
pub(super) fn summed(wire: &str) -> Option<&'static str> {
    if wire == "sum" {
        return Some("h");
    }
    NORMED.iter().find(|of| of.sum[0] == wire).map(|of| of.gate)
}

impl Circuit {
    /// A gate: its wires, the nodes before its own, and its operations.
    pub(super) fn gate(&mut self, id: &'static str, takes: &'static [&'static str], normed: bool) {
        let Some(of) = NORMED.iter().find(|of| of.gate == id) else { return };
        let [to_sum, to_pre] = of.back.map(|back| [id, back]);
        if !normed {
            self.wires.extend([scalar(of.pre[0]), scalar(id)]);
            self.operations.extend([
                operation(Step::Products, id, takes, "", to_pre),
                operation(Step::Sum, id, &[], "", to_pre),
                operation(Step::Bias, id, &[], of.pre[0], to_pre),
                operation(Step::Function, id, of.pre, id, to_pre),
            ]);
            return;
        }
        self.nodes.extend([node(of.row, NodeKind::Matrix), node(of.norm, NodeKind::Norm)]);
        self.wires.extend([scalar(of.sum[0]), scalar(of.pre[0]), scalar(id)]);
        self.operations.extend([
            operation(Step::Products, of.row, takes, "", to_sum),
            operation(Step::Sum, of.row, &[], of.sum[0], to_sum),
            operation(Step::Mean, of.norm, of.sum, "", to_sum),
            operation(Step::Deviation, of.norm, &[], "", to_sum),
            operation(Step::Scale, of.norm, of.sum, of.pre[0], to_sum),
            operation(Step::Function, id, of.pre, id, to_pre),
        ]);
    }
}
