//! What can be said about vanishing and exploding, and no more than that.
//!
//! γ·σ_max(W) < 1 is sufficient to vanish, γ·σ_max(W) > 1 necessary to explode, with γ = max φ′; neither holds the other
//! way round. ρ(W) decides the long run of the linear network alone. See Pascanu, Mikolov & Bengio (2013).

use super::number::{power, short};
use super::spectrum::{Products, Scaling, rate};
use crate::experiment::{Cell, Direction, Spec, Steps};

const VANISH: &str = "Must it vanish?";
const EXPLODE: &str = "Can it explode?";
/// A σ_max or ρ that differs from 1 by rounding is 1 for the words, too.
const ONE: std::ops::RangeInclusive<f64> = 1.0 - 1e-12..=1.0 + 1e-12;

/// A question, its short answer, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verdict {
    /// `Must it vanish?`
    pub question: &'static str,
    /// `not proven`
    pub answer: String,
    /// One or two sentences.
    pub reason: String,
}

/// What is known of a lane.
#[derive(Clone, Debug)]
pub struct Known<'a> {
    /// Its architecture.
    pub spec: &'a Spec,
    /// Its recurrent matrix, for the RNN, and after an encoder the decoder's.
    pub recurrent: &'a [Scaling],
    /// The step Jacobian at the cursor.
    pub step: &'a Scaling,
    /// The step of the cursor, from 1.
    pub t: usize,
    /// All steps on one axis.
    pub axis: Steps,
    /// Which way the encoder's, or the only ones, are read.
    pub direction: Direction,
    /// Whether a matrix bounds the steps.
    pub bounded: bool,
    /// Whether a gradient comes to earlier states by later ones of the same layer alone, one step at a time.
    pub alone: bool,
    /// The products of steps, once they are computed.
    pub products: Option<&'a Products>,
}

/// `h` or `(h, C)`.
#[must_use]
pub fn state(spec: &Spec) -> &'static str {
    if spec.cell == Cell::Lstm { "(h, C)" } else { "h" }
}

impl Known<'_> {
    /// The three verdicts: must it vanish, can it explode, what happens on this sequence.
    #[must_use]
    pub fn verdicts(&self) -> [Verdict; 3] {
        let [vanish, explode] = match self.recurrent {
            [] => self.gated(),
            w if self.bounded => bounded(w, self.alone, self.spec.skip > 0),
            w => normalised(w),
        };
        [vanish, explode, self.here()]
    }

    /// Gates make every step another matrix.
    fn gated(&self) -> [Verdict; 2] {
        let (at, largest) = (self.axis.name(self.t), self.step.largest);
        let step = if largest < 1.0 {
            format!("At {at}, σmax(J) = {}: this step shrinks every gradient.", short(largest))
        } else if largest >= 1.0 {
            format!(
                "At {at}, σmax(J) = {}: this step lets some gradient grow, or keep its size.",
                short(largest)
            )
        } else {
            format!("At {at}, J is not finite.")
        };
        let outside = self.step.outside();
        let (count, lie) = (self.step.eigenvalues.len(), if outside == 1 { "lies" } else { "lie" });
        [
            Verdict {
                question: VANISH,
                answer: "no bound".into(),
                reason: format!("The gates change J at every step, so no one matrix decides. {step}"),
            },
            Verdict {
                question: EXPLODE,
                answer: "no bound".into(),
                reason: format!(
                    "{outside} of {count} eigenvalues of J {lie} outside the unit circle here. A product of different J need follow neither their ρ nor their σmax."
                ),
            },
        ]
    }

    /// What this sequence's own Jacobians make.
    fn here(&self) -> Verdict {
        let question = "What happens here?";
        let said = |answer: String, reason: String| Verdict { question, answer, reason };
        let Some(products) = self.products else {
            return said("…".into(), "The product is being computed.".into());
        };
        if !products.is_finite() {
            return said(
                "not finite".into(),
                "The pass leaves the range of f64: there is no product.".into(),
            );
        }
        let (axis, many) = (self.axis, self.axis.count - 1);
        let jacobians = if many == 1 { "Jacobian" } else { "Jacobians" };
        let of = if self.spec.cell == Cell::Lstm { "s" } else { "h" };
        let state = |t: usize| format!("∂{of}{}", subscript(&axis.number(t)));
        let begin = axis.seen(self.direction, axis.count);
        let ratio = format!("{}/{}", state(begin), state(products.end()));
        let what = format!("Largest singular value of {ratio}, from this sequence’s own {many} {jacobians}");
        let Some(largest) = products.at(products.end()).first() else {
            let why = match self.spec.window {
                0 => "nothing that f64 can tell from 0".to_owned(),
                steps => {
                    format!("exactly 0, for nothing crosses from a window of {steps} into the one before")
                }
            };
            return said("0".into(), format!("{what}: {why}."));
        };
        let rate = Some(products).filter(|all| all.is_whole()).and_then(|all| rate(&all.largest()));
        let rate = rate.map_or_else(String::new, |rate| {
            format!(": {} decades per step, by least squares", signed(rate))
        });
        said(power(*largest), format!("{what}{rate}."))
    }
}

/// What is said of one matrix, or of the encoder's and the decoder's.
fn each(w: &[Scaling], of: impl Fn(&Scaling) -> f64) -> String {
    match w {
        [encoder, decoder] => {
            format!("{} in the encoder, {} in the decoder", short(of(encoder)), short(of(decoder)))
        }
        w => w.first().map_or_else(String::new, |w| short(of(w))),
    }
}

/// Matrices W and slopes of at most γ.
fn bounded(w: &[Scaling], alone: bool, skips: bool) -> [Verdict; 2] {
    let factor = each(w, |w| w.largest);
    let said =
        |question| move |answer: &str, reason: String| Verdict { question, answer: answer.into(), reason };
    let (must, can) = (said(VANISH), said(EXPLODE));
    if w.iter().any(|w| w.largest.is_nan()) {
        let reason = || "W has entries that are not finite.".to_owned();
        return [must("not known", reason()), can("not known", reason())];
    }
    let linear = |w: &Scaling| {
        if w.radius < *ONE.start() {
            "would fade in the long run"
        } else if w.radius > *ONE.end() {
            "would grow in the long run"
        } else {
            "it leaves undecided"
        }
    };
    let rho = match w {
        [encoder, decoder] => format!(
            "ρ(W) speaks only for the linear network: {} in the encoder, which {}; {} in the decoder, which {}.",
            short(encoder.radius),
            linear(encoder),
            short(decoder.radius),
            linear(decoder)
        ),
        w => w.first().map_or_else(String::new, |w| {
            format!("ρ(W) = {} speaks only for the linear network, which {}.", short(w.radius), linear(w))
        }),
    };
    let (no, yes, only) = match (alone, skips) {
        (true, _) => ("no, excluded", "yes, proven", ""),
        (_, true) => (
            "not step by step",
            "step by step, yes",
            " that goes from step to step; W_skip and what skips are not bounded by this",
        ),
        _ => (
            "not by its state",
            "by its state, yes",
            " that comes by this layer’s state; other ways are not bounded",
        ),
    };
    let largest = w.iter().map(|w| w.largest).fold(0.0, f64::max);
    let both = if w.len() > 1 { "both " } else { "" };
    if largest < *ONE.start() {
        [
            must(
                yes,
                format!(
                    "γ·σmax = {factor}: {both}below 1, which is sufficient: every step leaves at most this share of any gradient{only}, on any input."
                ),
            ),
            can(no, format!("γ·σmax above 1 is necessary for that. {rho}")),
        ]
    } else if ONE.contains(&largest) {
        let level = if w.len() > 1 {
            format!("γ·σmax = {factor}: the bound (dashed) nowhere rises, and does not fall where it is 1.")
        } else {
            "γ·σmax is 1: the bound (dashed) neither falls nor rises.".into()
        };
        let reach = if w.len() > 1 { "none is" } else { "it is 1" };
        [
            must("not proven", level),
            can(no, format!("γ·σmax above 1 is necessary for that, and {reach}. {rho}")),
        ]
    } else {
        let grows = if w.len() > 1 {
            format!("γ·σmax = {factor}: where it is above 1, the bound (dashed) grows and says nothing.")
        } else {
            format!("γ·σmax = {factor} is above 1, so the bound (dashed) grows and says nothing.")
        };
        [
            must("not proven", grows),
            can("not excluded", format!("γ·σmax above 1 is necessary for that, but not sufficient. {rho}")),
        ]
    }
}

/// With layer normalisation W bounds nothing.
fn normalised(w: &[Scaling]) -> [Verdict; 2] {
    let reason = "Layer normalisation divides the sums by their own spread, so no bound follows from W.";
    let (largest, radius) = (each(w, |w| w.largest), each(w, |w| w.radius));
    let rho = format!("σmax(W) = {largest} and ρ(W) = {radius} are those of W alone.");
    [
        Verdict { question: VANISH, answer: "no bound".into(), reason: reason.into() },
        Verdict { question: EXPLODE, answer: "no bound".into(), reason: rho },
    ]
}

/// `₄₀`, `₄′`.
fn subscript(number: &str) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x2080 + digit)).unwrap_or(c);
    number.chars().map(digit).collect()
}

/// `+0.12`, `−0.31`, `0`: decades.
#[must_use]
pub fn signed(value: f64) -> String {
    if value.abs() < 5e-3 {
        return "0".into();
    }
    let size = if value.abs() < 10.0 { format!("{:.2}", value.abs()) } else { format!("{:.1}", value.abs()) };
    format!("{}{size}", if value < 0.0 { "−" } else { "+" })
}

/// What becomes of a gradient on its way to its `end`, `t = 1`: `loses 9.2 decades`.
#[must_use]
pub fn decades(decades: f64, end: &str) -> String {
    if decades == f64::NEG_INFINITY {
        format!("is exactly 0 at {end}")
    } else if !decades.is_finite() {
        format!("is not finite at {end}")
    } else if decades.abs() < 0.05 {
        "keeps its size".into()
    } else {
        let verb = if decades < 0.0 { "loses" } else { "gains" };
        let many = format!("{:.1}", decades.abs());
        format!("{verb} {many} {}", if many == "1.0" { "decade" } else { "decades" })
    }
}

/// Where the gradient of the last loss is exactly zero, in either precision; steps count from 1.
#[must_use]
pub fn underflow(f32: Option<usize>, f64: Option<usize>, axis: Steps, direction: Direction) -> String {
    let from = |t: usize| {
        let on = direction == Direction::Backward && !axis.decodes(t);
        format!("from {} {}", axis.name(t), if on { "on" } else { "back" })
    };
    match (f32, f64) {
        (None, None) => "It is exactly 0 nowhere, in f32 as in f64.".into(),
        (Some(t), None) => format!("In f32 it is exactly 0 {}, in f64 nowhere.", from(t)),
        (Some(a), Some(b)) if a == b => format!("It is exactly 0 {}, in f32 as in f64.", from(a)),
        (Some(a), Some(b)) => format!("It is exactly 0 {} in f32, {} in f64.", from(a), from(b)),
        (None, Some(t)) => format!("In f64 it is exactly 0 {}, in f32 nowhere.", from(t)),
    }
}
