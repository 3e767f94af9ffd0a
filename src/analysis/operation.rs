//! One operation of a step, forward or backward, in words and numbers.

use super::circuit::{Circuit, Operation, Step, circuit, gate_at};
use super::equations::{Place, gradient_name, wire_words};
use super::math::Expression;
use super::normalising;
use super::notation::plain;
use super::number::short;

/// What one operation does.
#[derive(Clone, Debug)]
pub struct Telling {
    /// In a few words: `σ of the forget gate`.
    pub title: String,
    /// With its numbers, in sentences.
    pub text: String,
    /// Where it happens; empty outside every node.
    pub node: &'static str,
    /// The equation that it is a part of.
    pub equation: &'static str,
    /// The wires that go in or come out.
    pub wires: Vec<&'static str>,
}

/// Which wires have their value (backward: their gradient) once `done` operations are done.
#[must_use]
pub fn known(circuit: &Circuit, backward: bool, done: usize) -> Vec<&'static str> {
    let operations = &circuit.operations;
    let wires = circuit.wires.iter();
    if !backward {
        let made =
            |id| operations[..done.min(operations.len())].iter().any(|operation| operation.makes == id);
        return wires.filter(|wire| wire.enters || made(wire.id)).map(|wire| wire.id).collect();
    }
    // The first operation is what arrives at h, the last what is handed on.
    let open = &operations[..(operations.len() + 1).saturating_sub(done).min(operations.len())];
    let all = done >= operations.len() + 2;
    wires
        .filter(|wire| {
            let shared = ["h_prev", "h_bus", "h_skip", "s_prev", "x"].contains(&wire.id);
            let waits = open.iter().any(|operation| operation.takes.contains(&wire.id));
            all || (done > 0 && if wire.id == "h" { true } else { !shared && !waits })
        })
        .map(|wire| wire.id)
        .collect()
}

/// The k-th operation of a step, from 1.
#[must_use]
pub fn tell(place: &Place, backward: bool, k: usize) -> Option<Telling> {
    let circuit = circuit(&place.experiment.spec);
    let operations = &circuit.operations;
    if !backward {
        return operations.get(k.checked_sub(1)?).map(|operation| forward(place, circuit, operation));
    }
    Some(match k {
        1 => arriving(place)?,
        _ if k == operations.len() + 2 => handing_on(place)?,
        _ => back(place, circuit, operations.get((operations.len() + 1).checked_sub(k)?)?),
    })
}

/// A number as a factor or after a sign.
pub(super) fn bracketed(value: f64) -> String {
    if value < 0.0 { format!("({})", short(value)) } else { short(value) }
}

/// `numbers = result`
pub(super) fn worked(expression: &Expression) -> String {
    format!("{} = {}", plain(&expression.numbers()), short(expression.value()))
}

/// A node in words; a gate has the words of its wire.
fn node_words(node: &'static str) -> &'static str {
    match node {
        "U" => wire_words("inner"),
        "norm" => wire_words("a"),
        node => wire_words(gate_at(node).unwrap_or(node)),
    }
}

/// The pre-activation of what a node makes, or its sum.
fn inner(circuit: &Circuit, operation: &Operation) -> &'static str {
    let same = |other: &&Operation| other.node == operation.node && !other.makes.is_empty();
    circuit.operations.iter().find(same).map_or("", |other| other.makes)
}

fn forward(place: &Place, circuit: &Circuit, operation: &Operation) -> Telling {
    let node = node_words(operation.node);
    let wire = inner(circuit, operation);
    let made = place.made(if operation.makes.is_empty() { wire } else { operation.makes });
    let dots: Vec<_> = made.iter().flat_map(Expression::dots).collect();
    let terms: usize = dots.iter().map(|dot| dot.terms.len()).sum();
    let sum: f64 = dots.iter().map(|dot| dot.value()).sum();
    let of = |expression: &Option<Expression>| expression.as_ref().map(worked).unwrap_or_default();
    let (title, text) = match operation.step {
        Step::Products => {
            let largest = dots
                .iter()
                .filter_map(|dot| dot.largest())
                .max_by(|a, b| a.product().abs().total_cmp(&b.product().abs()));
            let words = largest.map_or_else(String::new, |term| {
                let (weight, value) = (short(term.weight), bracketed(term.value));
                let source = plain(&term.source_symbol());
                format!(
                    " The largest is {weight} · {source} = {weight} · {value} = {}.",
                    short(term.product())
                )
            });
            (format!("products, {node}"), format!("{terms} weights, each times what it reads.{words}"))
        }
        Step::Sum => (format!("sum, {node}"), format!("The {terms} products add up to {}.", short(sum))),
        Step::Bias => {
            let result = made.as_ref().map_or(f64::NAN, Expression::value);
            let gained = made.as_ref().map_or(f64::NAN, |made| match made {
                Expression::Sum(parts) if parts.len() > 1 => {
                    parts[..parts.len() - 1].iter().map(Expression::value).sum()
                }
                other => other.value(),
            });
            let bias = result - gained;
            let sign = if bias < 0.0 { "−" } else { "+" };
            let text =
                format!("With the bias: {} {sign} {} = {}.", short(gained), short(bias.abs()), short(result));
            (format!("bias, {node}"), text)
        }
        Step::Mean | Step::Deviation | Step::Scale => {
            normalising::forward(place, operation.step, gate_at(operation.node).unwrap_or("h"), node)
        }
        Step::Function => {
            let name = match &made {
                Some(Expression::Apply(function, _)) => function.name(),
                _ => "",
            };
            let text = format!("{}: {}.", capital(wire_words(operation.makes)), of(&made));
            (format!("{name}, {}", wire_words(operation.makes)), text)
        }
        Step::Times | Step::Plus | Step::Complement => {
            let sign = match operation.step {
                Step::Times => "⊙",
                Step::Plus => "+",
                _ => "1 − z",
            };
            let made_words = wire_words(operation.makes);
            let sum = if dots.is_empty() {
                of(&made)
            } else {
                short(made.as_ref().map_or(f64::NAN, Expression::value))
            };
            (format!("{sign}, {made_words}"), format!("{}: {sum}.", capital(made_words)))
        }
    };
    let takes = if operation.takes.is_empty() { circuit.before(wire) } else { operation.takes };
    let mut wires = takes.to_vec();
    if !operation.makes.is_empty() {
        wires.push(operation.makes);
    }
    Telling { title, text, node: operation.node, equation: operation.equations[0], wires }
}

fn arriving(place: &Place) -> Option<Telling> {
    let dh = place.gradient("h")?;
    let parts: Vec<f64> = match &dh {
        Expression::Sum(parts) => parts.iter().map(Expression::value).collect(),
        _ => return None,
    };
    let (whole, own) =
        (short(dh.value()), if place.is_top() { "this step’s loss" } else { "the layer above" });
    let text = match parts[..] {
        [own_part, future] if !(place.is_encoder() && place.is_top()) => {
            let (part, future) = (short(own_part), short(future));
            format!("From {own} {part}, from the future {future}: the gradient of h is {whole}.")
        }
        [own_part, next, skip] => {
            let [part, next, skip] = [own_part, next, skip].map(short);
            format!(
                "From {own} {part}, from the next step {next}, from the step that skips here {skip}: the gradient of h is {whole}."
            )
        }
        _ if !place.experiment.spec.cell.recurs() => {
            format!("From {own} {whole}: no other step reads h.")
        }
        _ => format!(
            "An encoder’s top layer has no loss; all comes from the future: the gradient of h is {whole}."
        ),
    };
    Some(Telling { title: "what arrives at h".into(), text, node: "h", equation: "dh", wires: vec!["h"] })
}

fn handing_on(place: &Place) -> Option<Telling> {
    if !place.experiment.spec.cell.recurs() {
        let on = short(place.gradient("s_prev")?.value());
        return Some(Telling {
            title: "what is handed on".into(),
            text: format!(
                "Nothing goes back to h at t − 1. What was read before stands in the same sum and gets the same, {on}."
            ),
            node: "s_prev",
            equation: "ds",
            wires: vec!["s_prev", "x"],
        });
    }
    let on = place.gradient("h_prev")?;
    Some(Telling {
        title: "what is handed on".into(),
        text: format!(
            "Every unit’s {} send back along the weights out of unit {}: the gradient of h at t {} 1 through time is {}.",
            if place.experiment.spec.layer_norm { "sums" } else { "pre-activations" },
            place.unit + 1,
            if place.shift() < 0 { "−" } else { "+" },
            short(on.value())
        ),
        node: "h_prev",
        equation: "dh_prev",
        wires: vec!["h_prev", "h_bus", "h_skip", "x"],
    })
}

fn back(place: &Place, circuit: &Circuit, operation: &Operation) -> Telling {
    let node = node_words(operation.node);
    let gate = operation.node;
    let wire = inner(circuit, operation);
    let arrives = place.gradient(wire).map_or(f64::NAN, |gradient| gradient.value());
    let rnn = ["W_xh", "W_hh", "W_skip"].contains(&gate);
    let gates = place.gates();
    let of = if rnn {
        "h"
    } else if gate == "U" {
        "h_tilde"
    } else {
        gate_at(gate).unwrap_or("h")
    };
    let (title, text) = match operation.step {
        Step::Products => {
            let shares = place.shares(of, false);
            let block = if rnn { gate } else { shares.first().map_or("", |share| share.matrix) };
            let told = shares.iter().find(|share| share.matrix == block).map_or_else(String::new, |share| {
                format!(
                    " {} gets {}; so far {}, in all {}.",
                    plain(&share.symbol),
                    worked(&share.now),
                    short(share.so_far),
                    short(share.in_all)
                )
            });
            (format!("products, {node}"), format!("Each weight gets this times what it read.{told}"))
        }
        Step::Sum => (
            format!("sum, {node}"),
            format!("A sum hands {} to each of its products, unchanged.", short(arrives)),
        ),
        Step::Bias => {
            let shares = place.shares(of, false);
            let bias = shares.iter().rev().find(|share| (gate == "U") == (share.matrix == "b_hh"));
            let told = bias.map_or_else(String::new, |share| {
                format!(
                    "{}; so far {}, in all {}",
                    short(share.now.value()),
                    short(share.so_far),
                    short(share.in_all)
                )
            });
            (format!("bias, {node}"), format!("The bias gets {told}."))
        }
        Step::Mean | Step::Deviation | Step::Scale => normalising::back(place, operation.step, of, node),
        _ => {
            let told: Vec<String> = operation
                .takes
                .iter()
                .filter_map(|taken| {
                    let gradient = place.gradient(taken)?;
                    let sum = match &gradient {
                        Expression::Dot(_) | Expression::Leaf { .. } => short(gradient.value()),
                        _ if gradient.dots().is_empty() => worked(&gradient),
                        _ => short(gradient.value()),
                    };
                    Some(format!("{} gets {sum}", wire_words(taken)))
                })
                .collect();
            let sign = match operation.step {
                Step::Times => "⊙",
                Step::Plus => "+",
                Step::Complement => "1 − z",
                _ => "slope",
            };
            (format!("{sign}, {}", wire_words(operation.makes)), format!("{}.", capital(&told.join("; "))))
        }
    };
    let mut wires = operation.takes.to_vec();
    wires.push(if operation.makes.is_empty() { wire } else { operation.makes });
    let equation = if operation.step == Step::Function && gates.contains(&gate) {
        gradient_name(gate)
    } else {
        operation.equations[1]
    };
    Telling { title, text, node: operation.node, equation, wires }
}

fn capital(words: &str) -> String {
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| {
        // Not Unicode's: its tables weigh more than this page's words need.
        std::iter::once(first.to_ascii_uppercase()).chain(letters).collect()
    })
}
