//! How gates, wires and gradients are called and written.

use crate::analysis::math::{Math, at, mo, parenthesised, pre, symbol, tag, token};

/// The wire that carries the pre-activation of the gate with this heat map.
#[must_use]
pub fn pre_activation(gate: &str) -> &'static str {
    match gate {
        "f" => "a_f",
        "i" => "a_i",
        "C_tilde" => "a_C",
        "o" => "a_o",
        "z" => "a_z",
        "r" => "a_r",
        "h_tilde" => "a_h",
        _ => "a",
    }
}

/// Weights and bias of the gate with this heat map, as in experiment files.
pub(super) fn matrix(gate: &str) -> (&'static str, &'static str) {
    match gate {
        "f" => ("W_f", "b_f"),
        "i" => ("W_i", "b_i"),
        "C_tilde" => ("W_C", "b_C"),
        "o" => ("W_o", "b_o"),
        "z" => ("W_z", "b_z"),
        "r" => ("W_r", "b_r"),
        _ => ("W_h", "b_h"),
    }
}

/// The gain of its normalisation.
pub(super) fn gain(gate: &str) -> &'static str {
    match gate {
        "f" => "g_f",
        "i" => "g_i",
        "C_tilde" => "g_C",
        "o" => "g_o",
        "z" => "g_z",
        "r" => "g_r",
        _ => "g_h",
    }
}

/// `C_tilde` as it is spoken.
pub(super) fn words(name: &str) -> String {
    name.replace('_', " ")
}

/// `s_{g,t}`: a gate's sum before layer normalisation.
#[must_use]
pub fn sum_symbol(gate: &str) -> Math {
    of_gate("s", gate, &token("mi", "t"))
}

/// What belongs to a gate, at t or of a unit; the RNN's one has no name.
#[must_use]
pub fn of_gate(letter: &str, gate: &str, index: &Math) -> Math {
    let name = token("mi", gate.split('_').next().unwrap_or(gate));
    let index = if gate == "h" { index.clone() } else { tag("mrow", vec![name, mo(","), index.clone()]) };
    tag("msub", vec![token("mi", letter), index])
}

/// The name of the equation of `∂L/∂a` of the gate with this heat map.
#[must_use]
pub fn gradient_name(gate: &str) -> &'static str {
    match gate {
        "f" => "da_f",
        "i" => "da_i",
        "C_tilde" => "da_C",
        "o" => "da_o",
        "z" => "da_z",
        "r" => "da_r",
        "h_tilde" => "da_h",
        _ => "da",
    }
}

/// The name of the equation of `∂L/∂s` of the gate with this heat map.
#[must_use]
pub fn sum_gradient_name(gate: &str) -> &'static str {
    match gate {
        "f" => "ds_f",
        "i" => "ds_i",
        "C_tilde" => "ds_C",
        "o" => "ds_o",
        "z" => "ds_z",
        "r" => "ds_r",
        "h_tilde" => "ds_h",
        _ => "ds",
    }
}

/// What a wire carries, as it is written; `shift` is where the step before stands beside t.
#[must_use]
pub fn wire_symbol(wire: &str, shift: i32) -> Math {
    let product = |a: Math, b: Math| tag("mrow", vec![a, mo("⊙"), b]);
    match wire {
        "h_prev" | "carried" | "h_bus" => at("h", shift),
        "C_prev" => at("C", shift),
        "h_skip" => {
            let sign = if shift < 0 { "−" } else { "+" };
            let index = tag("mrow", vec![token("mi", "t"), mo(sign), token("mi", "k")]);
            tag("msub", vec![token("mi", "h"), index])
        }
        "W_skip" => tag("mrow", vec![symbol("W_skip"), wire_symbol("h_skip", shift)]),
        "s_prev" => super::ann::read_before(),
        "sum" => at("s", 0),
        "s_f" | "s_i" | "s_C" | "s_o" | "s_z" | "s_r" | "s_h" => tag(
            "msub",
            vec![token("mi", "s"), tag("mrow", vec![token("mi", &wire[2..]), mo(","), token("mi", "t")])],
        ),
        "a" => at("a", 0),
        "a_f" | "a_i" | "a_C" | "a_o" | "a_z" | "a_r" | "a_h" => pre(&wire[2..], &token("mi", "t")),
        "W_hh" => tag("mrow", vec![symbol("W_hh"), at("h", shift)]),
        "W_xh" => tag("mrow", vec![symbol("W_xh"), at("x", 0)]),
        "b_h" => symbol("b_h"),
        "kept" => product(at("f", 0), at("C", shift)),
        "written" => product(at("i", 0), at("C_tilde", 0)),
        "squashed" => tag("mrow", vec![token("mi", "tanh"), at("C", 0)]),
        "keep" => tag("mrow", vec![token("mn", "1"), mo("−"), at("z", 0)]),
        "stays" => product(parenthesised(&wire_symbol("keep", shift)), at("h", shift)),
        "taken" => product(at("z", 0), at("h_tilde", 0)),
        "reset" => product(at("r", 0), at("h", shift)),
        "inner" => at("u", 0),
        "damped" => product(at("r", 0), at("u", 0)),
        name => at(name, 0),
    }
}

/// What a wire carries, in words.
#[must_use]
pub fn wire_words(wire: &str) -> &'static str {
    match wire {
        "h_prev" | "carried" => "hidden state before",
        "h_bus" => "hidden state before, to the gates",
        "h_skip" => "hidden state of k steps before",
        "C_prev" => "cell state before",
        "s_prev" => "sum of what was read before",
        "s" => "sum over the window",
        "x" => "input",
        "h" => "hidden state",
        "C" => "cell state",
        "f" => "forget gate",
        "i" => "input gate",
        "o" => "output gate",
        "z" => "update gate",
        "r" => "reset gate",
        "C_tilde" | "h_tilde" => "candidate",
        "a" => "pre-activation",
        "a_f" => "forget gate’s pre-activation",
        "a_i" => "input gate’s pre-activation",
        "a_o" => "output gate’s pre-activation",
        "a_z" => "update gate’s pre-activation",
        "a_r" => "reset gate’s pre-activation",
        "a_C" | "a_h" => "candidate’s pre-activation",
        "sum" => "sum before normalisation",
        "s_f" => "forget gate’s sum",
        "s_i" => "input gate’s sum",
        "s_o" => "output gate’s sum",
        "s_z" => "update gate’s sum",
        "s_r" => "reset gate’s sum",
        "s_C" | "s_h" => "candidate’s sum",
        "W_hh" => "recurrent sum",
        "W_xh" => "input sum",
        "W_skip" => "skipped sum",
        "b_h" => "bias",
        "kept" => "kept of the cell",
        "written" => "written to the cell",
        "squashed" => "tanh of the cell",
        "keep" => "share that stays",
        "stays" => "what stays of the state",
        "taken" => "taken of the candidate",
        "reset" => "state after the reset",
        "inner" => "recurrent sum U·h + b",
        "damped" => "recurrent sum after the reset",
        _ => "",
    }
}

/// The equations in which a wire's value and its gradient stand, with layer normalisation or without; empty where the
/// value is given.
#[must_use]
pub fn wire_equations(wire: &str, normed: bool) -> [&'static str; 2] {
    match wire {
        "sum" => ["a", "ds"],
        "W_xh" | "W_hh" | "W_skip" if normed => ["a", "ds"],
        "s_f" => ["f", "ds_f"],
        "s_i" => ["i", "ds_i"],
        "s_C" => ["C_tilde", "ds_C"],
        "s_o" => ["o", "ds_o"],
        "s_z" => ["z", "ds_z"],
        "s_r" => ["r", "ds_r"],
        "s_h" => ["h_tilde", "ds_h"],
        "x" => ["", "dx"],
        "h_prev" | "h_bus" => ["", "dh_prev"],
        "h_skip" => ["", "dh_skip"],
        "carried" => ["", "dh_direct"],
        "C_prev" => ["", "dC_prev"],
        "s" | "s_prev" => ["s", "ds"],
        "f" | "a_f" => ["f", "da_f"],
        "i" | "a_i" => ["i", "da_i"],
        "C_tilde" | "a_C" => ["C_tilde", "da_C"],
        "o" | "a_o" => ["o", "da_o"],
        "z" | "a_z" | "keep" => ["z", "da_z"],
        "r" | "a_r" => ["r", "da_r"],
        "h_tilde" | "a_h" | "damped" => ["h_tilde", "da_h"],
        "reset" => ["h_tilde", "dreset"],
        "inner" => ["u", "du"],
        "a" | "W_xh" | "W_hh" | "W_skip" | "b_h" => ["a", "da"],
        "kept" | "written" | "C" => ["C", "dC"],
        "squashed" => ["h", "dC"],
        _ => ["h", "dh"],
    }
}
