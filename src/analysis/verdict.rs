//! What can be said about vanishing and exploding, and no more than that.
//!
//! γ·σ_max(W) < 1 is sufficient to vanish, γ·σ_max(W) > 1 necessary to explode, with γ = max φ′; neither holds the other
//! way round. ρ(W) decides the long run of the linear network alone. See Pascanu, Mikolov & Bengio (2013).

use super::number::{power, short};
use super::spectrum::{Products, Scaling, rate};
use crate::experiment::{Cell, Spec};

const VANISH: &str = "Must it vanish?";
const EXPLODE: &str = "Can it explode?";

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
    /// Its recurrent matrix, for the RNN.
    pub recurrent: Option<&'a Scaling>,
    /// The step Jacobian at the cursor.
    pub step: &'a Scaling,
    /// The step of the cursor, from 1.
    pub t: usize,
    /// T.
    pub steps: usize,
    /// Whether the direction reads from T to 1.
    pub mirrored: bool,
    /// Decades that one step adds at most.
    pub bound: Option<f64>,
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
        let [vanish, explode] = match (self.recurrent, self.bound) {
            (Some(w), Some(_)) => bounded(w),
            (Some(w), None) => normalised(w),
            _ => self.gated(),
        };
        [vanish, explode, self.here()]
    }

    /// Gates make every step another matrix.
    fn gated(&self) -> [Verdict; 2] {
        let (t, largest) = (self.t, self.step.largest);
        let step = if largest < 1.0 {
            format!("At t = {t}, σmax(J) = {}: this step shrinks every gradient.", short(largest))
        } else if largest >= 1.0 {
            format!(
                "At t = {t}, σmax(J) = {}: this step lets some gradient grow, or keep its size.",
                short(largest)
            )
        } else {
            format!("At t = {t}, J is not finite.")
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
        let (of, index, many) =
            (if self.spec.cell == Cell::Lstm { "s" } else { "h" }, subscript(self.steps), self.steps - 1);
        let jacobians = if many == 1 { "Jacobian" } else { "Jacobians" };
        let ratio = if self.mirrored {
            format!("∂{of}₁/∂{of}{index}")
        } else {
            format!("∂{of}{index}/∂{of}₁")
        };
        let what = format!("Largest singular value of {ratio}, from this sequence’s own {many} {jacobians}");
        let Some(largest) = products.at(products.end()).first() else {
            return said("0".into(), format!("{what}: nothing that f64 can tell from 0."));
        };
        let rate = Some(products).filter(|all| all.is_whole()).and_then(|all| rate(&all.largest()));
        let rate = rate.map_or_else(String::new, |rate| {
            format!(": {} decades per step, by least squares", signed(rate))
        });
        said(power(*largest), format!("{what}{rate}."))
    }
}

/// One matrix W and slopes of at most γ.
fn bounded(w: &Scaling) -> [Verdict; 2] {
    let factor = short(w.largest);
    let said =
        |question| move |answer: &str, reason: String| Verdict { question, answer: answer.into(), reason };
    let (must, can) = (said(VANISH), said(EXPLODE));
    if w.largest.is_nan() {
        let reason = || "W has entries that are not finite.".to_owned();
        return [must("not known", reason()), can("not known", reason())];
    }
    let linear = if w.radius < 1.0 {
        "would fade in the long run"
    } else if w.radius > 1.0 {
        "would grow in the long run"
    } else {
        "it leaves undecided"
    };
    let rho = format!("ρ(W) = {} speaks only for the linear network, which {linear}.", short(w.radius));
    // A factor that rounds to 1 is 1 for the words, too.
    if w.largest < 1.0 - 1e-12 {
        [
            must(
                "yes, proven",
                format!(
                    "γ·σmax = {factor} is below 1, which is sufficient: every step leaves at most this share of any gradient, on any input."
                ),
            ),
            can("no, excluded", format!("γ·σmax above 1 is necessary for that. {rho}")),
        ]
    } else if w.largest <= 1.0 + 1e-12 {
        [
            must("not proven", "γ·σmax is 1: the bound (dashed) neither falls nor rises.".into()),
            can("no, excluded", format!("γ·σmax above 1 is necessary for that, and it is 1. {rho}")),
        ]
    } else {
        [
            must(
                "not proven",
                format!("γ·σmax = {factor} is above 1, so the bound (dashed) grows and says nothing."),
            ),
            can("not excluded", format!("γ·σmax above 1 is necessary for that, but not sufficient. {rho}")),
        ]
    }
}

/// With layer normalisation W bounds nothing.
fn normalised(w: &Scaling) -> [Verdict; 2] {
    let reason = "Layer normalisation divides the sums by their own spread, so no bound follows from W.";
    let rho = format!("σmax(W) = {} and ρ(W) = {} are those of W alone.", short(w.largest), short(w.radius));
    [
        Verdict { question: VANISH, answer: "no bound".into(), reason: reason.into() },
        Verdict { question: EXPLODE, answer: "no bound".into(), reason: rho },
    ]
}

/// `₄₀`.
fn subscript(value: usize) -> String {
    let digit = |c: char| c.to_digit(10).and_then(|digit| char::from_u32(0x2080 + digit)).unwrap_or(c);
    value.to_string().chars().map(digit).collect()
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
pub fn underflow(f32: Option<usize>, f64: Option<usize>, mirrored: bool) -> String {
    let back = if mirrored { "on" } else { "back" };
    match (f32, f64) {
        (None, None) => "It is exactly 0 nowhere, in f32 as in f64.".into(),
        (Some(t), None) => format!("In f32 it is exactly 0 from t = {t} {back}, in f64 nowhere."),
        (Some(a), Some(b)) if a == b => format!("It is exactly 0 from t = {a} {back}, in f32 as in f64."),
        (Some(a), Some(b)) => {
            format!("It is exactly 0 from t = {a} {back} in f32, from t = {b} {back} in f64.")
        }
        (None, Some(t)) => format!("In f64 it is exactly 0 from t = {t} {back}, in f32 nowhere."),
    }
}
