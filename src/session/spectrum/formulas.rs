//! The formulas of the right column.

use serde_json::json;

use crate::analysis::math::{self, Math, mo, symbol};
use crate::experiment::{Activation, Cell};

pub(super) fn sigma_max() -> Math {
    json!(["msub", ["mi", "σ"], ["mi", "max"]])
}

/// `∂s_T/∂s_t`.
pub(super) fn product(cell: Cell, from: &Math, to: &Math) -> Math {
    let state = if cell == Cell::Lstm { "s" } else { "h" };
    let d = |index: &Math| json!(["mrow", ["mi", { "mathvariant": "normal" }, "∂"], ["msub", ["mi", state], index]]);
    json!(["mrow", d(from), ["mo", { "lspace": "0", "rspace": "0" }, "/"], d(to)])
}

/// How steps make the product, in symbols and in words.
pub(super) fn equations(cell: Cell, activation: Activation, bounded: bool) -> (Vec<Math>, String) {
    let mi = |name: &str| json!(["mi", name]);
    let k = |name: &str, shift: i32| {
        let index = if shift == 0 { mi("k") } else { json!(["mrow", mi("k"), mo("−"), ["mn", "1"]]) };
        json!(["msub", symbol(name), index])
    };
    let jacobian = |index: Math| json!(["msub", mi("J"), index]);
    let next = json!(["mrow", mi("t"), mo("+"), ["mn", "1"]]);
    let chain = json!([
        "mrow",
        product(cell, &mi("T"), &mi("t")),
        mo("="),
        jacobian(mi("T")),
        mo("⋯"),
        jacobian(next)
    ]);
    let diag = |inside: Math| json!(["mrow", mi("diag"), math::parenthesised(&inside)]);
    let one = json!(["mn", "1"]);
    let (step, spoken) = match cell {
        Cell::Rnn => {
            let slope = match activation {
                Activation::Tanh => json!(["mrow", one, mo("−"), ["msubsup", mi("h"), mi("k"), ["mn", "2"]]]),
                Activation::Relu => json!(["mrow", k("h", 0), mo(">"), ["mn", "0"]]),
            };
            (
                json!(["mrow", jacobian(mi("k")), mo("="), diag(slope), symbol("W_hh")]),
                "A step's Jacobian is the diagonal matrix of slopes times W h h.",
            )
        }
        Cell::Lstm => (
            json!([
                "mrow",
                ["mfrac", d(&k("C", 0)), d(&k("C", -1))],
                mo("="),
                diag(k("f", 0)),
                mo(","),
                mi("s"),
                mo("="),
                math::parenthesised(&json!(["mrow", mi("h"), mo(","), mi("C")]))
            ]),
            "Within a step's Jacobian of h and C, the cell hands on to itself the diagonal matrix of the forget gate.",
        ),
        Cell::Gru => (
            json!([
                "mrow",
                jacobian(mi("k")),
                mo("="),
                diag(json!(["mrow", one, mo("−"), k("z", 0)])),
                mo("+"),
                ["mtext", "through the gates"]
            ]),
            "A step's Jacobian is the diagonal matrix of 1 minus z, plus what passes through the gates.",
        ),
    };
    let mut all = vec![chain, step];
    if bounded {
        let norm = json!(["mrow", ["mo", "‖"], product(cell, &mi("T"), &mi("t")), ["mo", "‖"]]);
        let factor = math::parenthesised(&json!(["mrow", mi("γ"), sigma_max()]));
        let power = json!(["msup", factor, ["mrow", mi("T"), mo("−"), mi("t")]]);
        all.push(json!(["mrow", norm, mo("≤"), power]));
        let slope = json!(["mrow", mi("max"), ["msup", mi("φ"), ["mo", "′"]]]);
        all.push(json!(["mrow", mi("γ"), mo("="), slope, mo("="), ["mn", "1"]]));
    }
    let spoken = format!(
        "The derivative of the last state by the state at t is the product of the Jacobians of all steps between. {spoken}"
    );
    (all, spoken)
}

fn d(of: &Math) -> Math {
    json!(["mrow", ["mi", { "mathvariant": "normal" }, "∂"], of])
}
