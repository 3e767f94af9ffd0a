//! The formulas of the right column.

use serde_json::{Value, json};

use crate::analysis::math::{self, Math, mo, symbol};
use crate::experiment::{Activation, Cell, Spec, Steps};

/// `σ_max`.
pub(super) fn sigma_max() -> Math {
    node("msub", vec![mi("σ"), mi("max")])
}

/// `∂s_T/∂s_t`.
pub(super) fn product(cell: Cell, from: &Math, to: &Math) -> Math {
    let state = if cell == Cell::Lstm { "s" } else { "h" };
    let slash = json!(["mo", { "lspace": "0", "rspace": "0" }, "/"]);
    let part = |index: &Math| partial(node("msub", vec![mi(state), index.clone()]));
    row(vec![part(from), slash, part(to)])
}

/// How steps make the product, in symbols and in words.
///
/// `bounded` is false for the RNN with layer normalisation, whose step is not a diagonal matrix times W alone.
pub(super) fn equations(spec: &Spec, bounded: bool, axis: Steps, mirrored: bool) -> (Vec<Math>, String) {
    let (cell, activation) = (spec.cell, spec.activation);
    // A direction that reads from T to 1 has its last state at 1.
    let (last, next) = if mirrored { (mn("1"), "−") } else { (mi("T"), "+") };
    let between = [jacobian(last.clone()), mo("⋯"), jacobian(row(vec![mi("t"), mo(next), mn("1")]))];
    let begin = if axis.border().is_some() { mi("T′") } else { last.clone() };
    let mut chain = vec![product(cell, &begin, &mi("t")), mo("=")];
    let mut all = Vec::new();
    if axis.border().is_some() {
        chain.extend([jacobian(mi("T′")), mo("⋯"), jacobian(mn("1′")), mi("E")]);
        // Of two directions the units stand side by side.
        let handed = if spec.bidirectional {
            let halves = if mirrored { ["0", "1"] } else { ["1", "0"] };
            let [first, second] = halves.map(mn);
            let space = json!(["mspace", { "width": "0.5em" }]);
            let both = math::parenthesised(&row(vec![first, space, second]));
            node("msup", vec![both, json!(["mo", "⊤"])])
        } else {
            mn("1")
        };
        all.push(row(vec![mi("E"), mo("="), product(cell, &mn("0′"), &last), mo("="), handed]));
    }
    chain.extend(between);
    all.insert(0, row(chain));
    let spoken = match cell {
        Cell::Rnn if bounded => {
            let slope = match activation {
                Activation::Tanh => {
                    let square = node("msubsup", vec![mi("h"), mi("k"), mn("2")]);
                    row(vec![mn("1"), mo("−"), square])
                }
                Activation::Relu => row(vec![now("h"), mo(">"), mn("0")]),
            };
            all.push(row(vec![jacobian(mi("k")), mo("="), diagonal(&slope), symbol("W_hh")]));
            let norm = || node("mo", vec!["‖".into()]);
            let factor = |sigma| math::parenthesised(&row(vec![mi("γ"), sigma]));
            let steps = if mirrored { [mi("t"), mo("−"), mn("1")] } else { [mi("T"), mo("−"), mi("t")] };
            let power = node("msup", vec![factor(sigma_max()), row(steps.into())]);
            let mut bound = vec![norm(), product(cell, &begin, &mi("t")), norm(), mo("≤")];
            if axis.border().is_some() {
                let decoder = node("msubsup", vec![mi("σ"), mi("max"), node("mo", vec!["′".into()])]);
                bound.push(node("msup", vec![factor(decoder), mi("T′")]));
            }
            bound.push(power);
            all.push(row(bound));
            let slope = node("msup", vec![mi("φ"), node("mo", vec!["′".into()])]);
            all.push(row(vec![mi("γ"), mo("="), mi("max"), slope, mo("="), mn("1")]));
            "A step's Jacobian is the diagonal matrix of slopes times W h h."
        }
        Cell::Ann => "The feed-forward network has no step that is repeated.",
        Cell::Rnn => "Layer normalisation makes each step's Jacobian more than slopes times W h h.",
        Cell::Lstm => {
            let sign = mo(if mirrored { "+" } else { "−" });
            let before = node("msub", vec![symbol("C"), row(vec![mi("k"), sign, mn("1")])]);
            let ratio = node("mfrac", vec![partial(now("C")), partial(before)]);
            let state = math::parenthesised(&row(vec![mi("h"), mo(","), mi("C")]));
            let pair = [mo(","), mi("s"), mo("="), state];
            let mut parts = vec![ratio, mo("="), diagonal(&now("f"))];
            parts.extend(pair);
            all.push(row(parts));
            "Within a step's Jacobian of h and C, the cell hands on to itself the diagonal matrix of the forget gate."
        }
        Cell::Gru => {
            let kept = row(vec![mn("1"), mo("−"), now("z")]);
            let rest = node("mtext", vec!["through the gates".into()]);
            all.push(row(vec![jacobian(mi("k")), mo("="), diagonal(&kept), mo("+"), rest]));
            "A step's Jacobian is the diagonal matrix of 1 minus z, plus what passes through the gates."
        }
    };
    let handed = match axis.border() {
        None => "",
        Some(_) if spec.bidirectional => {
            " The decoder starts from the last states of both directions side by side: of each it hands back the half that is its own."
        }
        Some(_) => " The decoder starts from the last state as it is.",
    };
    let spoken = format!(
        "The derivative of the last state by the state at t is the product of the Jacobians of all steps between.{handed} {spoken}"
    );
    (all, spoken)
}

/// An element with these children.
fn node(tag: &str, children: Vec<Math>) -> Math {
    let mut all = vec![Value::from(tag)];
    all.extend(children);
    Value::Array(all)
}

fn row(parts: Vec<Math>) -> Math {
    node("mrow", parts)
}

fn mi(name: &str) -> Math {
    node("mi", vec![name.into()])
}

fn mn(digits: &str) -> Math {
    node("mn", vec![digits.into()])
}

/// `name_k`.
fn now(name: &str) -> Math {
    node("msub", vec![symbol(name), mi("k")])
}

fn jacobian(index: Math) -> Math {
    node("msub", vec![mi("J"), index])
}

fn diagonal(inside: &Math) -> Math {
    row(vec![mi("diag"), math::parenthesised(inside)])
}

fn partial(of: Math) -> Math {
    row(vec![json!(["mi", { "mathvariant": "normal" }, "∂"]), of])
}
