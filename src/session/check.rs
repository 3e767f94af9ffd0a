//! The gradient of a lane held against central differences, when it is asked for.

use serde::Serialize;

use super::{LaneRun, Session};
use crate::analysis::check::{Check, Report};
use crate::analysis::number::{count, short};
use crate::experiment::{Precision, Spec};

/// How far the check of a lane is.
pub enum Checking {
    /// Nobody asked.
    Unasked,
    /// On its way.
    UnderWay(Box<Check>),
    /// Stopped, or at its end.
    Found(Report),
    /// What was checked is no longer what runs.
    Stale,
}

/// What the page says about it.
#[derive(Clone, Debug, Serialize)]
pub struct CheckFacts {
    state: &'static str,
    /// 0 to 1.
    share: f64,
    /// A few words, such as `agrees to 3.1×10⁻⁹`.
    verdict: String,
    words: String,
}

impl LaneRun {
    /// Begins anew.
    fn begin_check(&mut self) {
        self.check = Checking::UnderWay(Box::new(Check::new(&self.experiment, &self.run.trace)));
    }

    fn advance_check(&mut self) -> bool {
        let Checking::UnderWay(check) = &mut self.check else { return false };
        let goes_on = check.advance();
        if !goes_on {
            self.stop_check();
        }
        goes_on
    }

    fn stop_check(&mut self) {
        if let Checking::UnderWay(check) = &self.check {
            self.check = Checking::Found(check.report().clone());
        }
    }
}

impl Session {
    /// Begins to check the selected lane.
    pub fn check_begin(&mut self) {
        self.lanes[self.cursor.lane].begin_check();
    }

    /// Takes one more difference; whether there is another.
    pub fn check_advance(&mut self) -> bool {
        self.lanes.iter_mut().any(LaneRun::advance_check)
    }

    /// Stops; what has been found stays.
    pub fn check_stop(&mut self) {
        self.lanes.iter_mut().for_each(LaneRun::stop_check);
    }

    /// What has been found of the selected lane.
    #[must_use]
    pub fn check_facts(&self) -> CheckFacts {
        let run = &self.lanes[self.cursor.lane];
        let (state, report) = match &run.check {
            Checking::Unasked => return CheckFacts::empty("unasked", ""),
            Checking::Stale => {
                let words = "The experiment has changed since it was checked.";
                return CheckFacts::empty("stale", words);
            }
            Checking::UnderWay(check) => ("running", check.report()),
            Checking::Found(report) => ("found", report),
        };
        if !report.finite {
            return CheckFacts {
                verdict: "not finite".into(),
                ..CheckFacts::empty(
                    "found",
                    "The loss or a gradient is not finite: there is no derivative to hold it against.",
                )
            };
        }
        let done = report.done();
        CheckFacts {
            state,
            share: share(done, report.total),
            verdict: verdict(report, run.experiment.precision),
            words: format!("{}{}", words(report, run.experiment.precision), meant(&run.experiment.spec)),
        }
    }
}

impl CheckFacts {
    fn empty(state: &'static str, words: &str) -> Self {
        Self { state, share: 0.0, verdict: String::new(), words: words.into() }
    }
}

fn share(done: usize, total: usize) -> f64 {
    crate::view::real(done) / crate::view::real(total.max(1))
}

fn verdict(report: &Report, precision: Precision) -> String {
    match (report.apart, precision) {
        (_, Precision::F32) => format!("agrees to {} of the largest gradient", short(report.scaled)),
        (0, _) => report.worst.as_ref().map_or_else(
            || "no gradient large enough to be told from 0".into(),
            |(worst, _)| match short(*worst).as_str() {
                "0" => "agrees to the last digit".into(),
                worst => format!("agrees to {worst}"),
            },
        ),
        (apart, _) => format!("{} differ", count(apart)),
    }
}

/// Where the gradient is made to be another than the derivative.
fn meant(spec: &Spec) -> &'static str {
    match (spec.limit.is_some(), spec.window > 0) {
        (false, false) => "",
        (true, _) => " What is clipped on the way back is no longer the derivative: it is meant to differ.",
        (false, true) => {
            " Truncated BPTT leaves out what crosses into a window before: it is meant to differ."
        }
    }
}

/// `Largest relative error 3.1×10⁻⁹, at W_f[3, 7]. Checked: 2 546 parameters, …`
fn words(report: &Report, precision: Precision) -> String {
    let mut words = Vec::new();
    if let Some((worst, name)) = &report.worst {
        words.push(format!("Largest relative error {}, at {name}.", short(*worst)));
    }
    let [parameters, starts, inputs] = report.checked.map(count);
    let left =
        if report.done() < report.total { format!(" of {}", count(report.total)) } else { String::new() };
    words.push(format!(
        "Checked against central differences: {} numbers{left}; {parameters} parameters, {inputs} inputs, {starts} of the start state.",
        count(report.done()),
    ));
    if report.faint > 0 && report.apart == 0 {
        words.push(format!(
            "For {} of them, too faint or too steep, the differences themselves are less certain than 10⁻⁶; these agree within that.",
            count(report.faint)
        ));
    }
    if report.kinks > 0 {
        words.push(format!("{} lie at a kink of ReLU, where there is no derivative.", count(report.kinks)));
    }
    if precision == Precision::F32 {
        words.push("This lane computes in f32: seven digits, fewer where large terms cancel. The differences are taken in f64, at the same numbers.".into());
    }
    words.join(" ")
}
