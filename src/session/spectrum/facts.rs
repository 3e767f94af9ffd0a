//! What stands beside the figure of steps: dials, gauges, and the right column.

use serde::Serialize;
use serde_json::json;

use super::KEY;
use super::formulas::{equations, product, sigma_max};
use super::words::spread;
use crate::analysis::math::{self, Math};
use crate::analysis::number::{full, power, power_of_ten, short};
use crate::analysis::paths::Share;
use crate::analysis::spectrum::rate;
use crate::analysis::verdict::{Verdict, decades, underflow};
use crate::experiment::{Cell, Direction};
use crate::session::{LaneRun, Losses, Session, Site};
use crate::view::Domain;

/// The ticks of the inspector's log axis reach this far down, in decades, at least.
const DEEP: f64 = -12.0;

/// The same, as long, where a lane has no part in the figure.
const KEY_WITHOUT: &str = "○ eigenvalues of W, ● of J, the Jacobian of the step to t; on the circle |λ| = 1. ANN repeats no step: it has no J.";

/// What the page says beside the figure.
#[derive(Clone, Debug, Serialize)]
pub struct SpectrumFacts {
    pub(super) key: String,
    /// ∂s_T/∂s_t of all lanes, and after it what that is.
    product: Math,
    title: String,
    pub(super) lanes: Vec<LaneFacts>,
    side: Side,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct LaneFacts {
    /// Which lane.
    pub(super) lane: usize,
    pub(super) head: String,
    pub(super) dials: Vec<DialFacts>,
    pub(super) shown: String,
    pub(super) words: String,
    rate: String,
    pending: bool,
    /// Whether a hand can change the lane's ρ.
    pulls: bool,
    saturated: String,
}

#[derive(Clone, Debug, Serialize)]
pub(super) struct DialFacts {
    symbol: Math,
    pub(super) name: String,
    pub(super) shown: String,
    full: String,
}

/// The right column.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Side {
    title: String,
    #[serde(rename = "where")]
    place: String,
    equations: Vec<Math>,
    spoken: String,
    verdicts: Vec<VerdictFacts>,
    singular: Singular,
    paths: Vec<PathFacts>,
    path_words: String,
    saturation: String,
    signal: String,
}

#[derive(Clone, Debug, Serialize)]
struct VerdictFacts {
    question: &'static str,
    answer: String,
    reason: String,
}

impl From<Verdict> for VerdictFacts {
    fn from(Verdict { question, answer, reason }: Verdict) -> Self {
        Self { question, answer, reason }
    }
}

/// The singular values at the cursor as ticks.
#[derive(Clone, Debug, Serialize)]
struct Singular {
    title: Math,
    pub(super) lanes: Vec<Ticks>,
    /// Where the axis has a mark, 0 to 1, and what it says.
    marks: Vec<(f64, String)>,
    /// Where the axis has 1.
    one: f64,
}

#[derive(Clone, Debug, Serialize)]
struct Ticks {
    pub(super) name: String,
    mark: usize,
    at: Vec<f64>,
    /// `10 below`, and all in words.
    below: String,
    pub(super) words: String,
}

/// All singular values of a lane at the cursor, as numbers.
#[derive(Clone, Debug, Serialize)]
pub struct AllValues {
    name: String,
    /// Largest first.
    values: Vec<String>,
    /// What is said of all together.
    words: String,
}

#[derive(Clone, Debug, Serialize)]
struct PathFacts {
    pub(super) name: &'static str,
    pub(super) shown: String,
    /// Length of its bar, 0 to 1.
    share: f64,
}

impl Session {
    /// What stands beside the figure of steps.
    #[must_use]
    pub fn spectrum_facts(&self) -> Option<SpectrumFacts> {
        let stepping = self.stepping();
        let lanes = stepping.iter().map(|&lane| self.lane_facts(lane, &self.lanes[lane]));
        Some(SpectrumFacts {
            key: if stepping.len() < self.lanes.len() { KEY_WITHOUT } else { KEY }.into(),
            product: match self.begins() {
                "1" => product(Cell::Lstm, &json!(["mn", "1"]), &json!(["mi", "t"])),
                "T′" => product(Cell::Lstm, &json!(["mi", "T′"]), &json!(["mi", "t"])),
                _ => product(Cell::Lstm, &json!(["mi", "T"]), &json!(["mi", "t"])),
            },
            title: format!(": how much each direction is scaled on its way from {} back to t", self.begins()),
            lanes: lanes.collect::<Option<_>>()?,
            side: self.side()?,
        })
    }

    fn lane_facts(&self, lane: usize, run: &LaneRun) -> Option<LaneFacts> {
        let spectrum = run.spectrum.as_ref()?;
        let ((t, step), axis) = (&spectrum.step, run.axis());
        let mut dials = Vec::new();
        let both = spectrum.matrix().into_iter().map(|w| ("W", w)).chain([("J", step)]);
        for (of, scaling) in both {
            let radius = json!(["mrow", ["mi", "ρ"], math::parenthesised(&json!(["mi", of]))]);
            let largest = json!(["mrow", sigma_max(), math::parenthesised(&json!(["mi", of]))]);
            for (symbol, name, value) in [(radius, "ρ", scaling.radius), (largest, "σmax", scaling.largest)]
            {
                let name = format!("{name}({of})");
                dials.push(DialFacts { symbol, name, shown: short(value), full: full(value) });
            }
        }
        let what = if spectrum.matrix().is_some() { "○ W and ● J".into() } else { run.jacobian() };
        let of = match axis.border() {
            None => "",
            Some(_) if axis.decodes(*t) => " of the decoder",
            Some(_) => " of the encoder",
        };
        let (shown, words, rate) = match spectrum.products() {
            None => ("…".to_owned(), "being computed".to_owned(), String::new()),
            Some(products) if !products.is_finite() => {
                ("not finite".to_owned(), "the pass leaves f64".to_owned(), String::new())
            }
            Some(products) => {
                let end = products.end();
                let largest = products.at(end).first().copied().unwrap_or(f64::NEG_INFINITY);
                let rate = Some(products).filter(|all| all.is_whole()).and_then(|all| rate(&all.largest()));
                let rate = rate.map_or_else(String::new, |rate| format!("×{} per step", power(rate)));
                (power(largest), format!("largest, at {}", axis.name(end)), rate)
            }
        };
        Some(LaneFacts {
            lane,
            head: format!("{what}{of}, {}", axis.name(*t)),
            dials,
            shown,
            words,
            rate,
            pending: spectrum.products().is_none(),
            pulls: self.pulls(lane),
            saturated: run.saturation(*t),
        })
    }

    fn side(&self) -> Option<Side> {
        let lane = self.cursor.lane;
        let run = &self.lanes[lane];
        if !run.experiment.spec.cell.recurs() {
            return Some(self.no_side(run));
        }
        let spectrum = run.spectrum.as_ref()?;
        let (t, spec) = (spectrum.step.0, &run.experiment.spec);
        let axis = run.axis();
        let known = run.known(spectrum);
        let [f32, f64] = spectrum.zero;
        let site = spectrum.site;
        let wide = spectrum.steps.size(axis.seen(site.direction, t));
        let mirrored = site.direction == Direction::Backward;
        let (equations, spoken) = equations(spec, spectrum.bound.is_some(), axis, mirrored);
        let [begin, end] = [axis.count, 1].map(|t| axis.seen(site.direction, t));
        let left = run.norms(Losses::Last, site).decades.get(end - 1).copied().unwrap_or(f64::NAN);
        let fate = decades(left, axis.end(site.direction));
        let first = mirrored && axis.border().is_none() && self.task.targets.len() > 1;
        let loss = if first { "first" } else { "last" };
        let shares = [t, begin].map(|t| spectrum.paths.at(t));
        let (paths, path_words) = path_facts(run, shares, t, site);
        let place = run.place(site);
        let place = if place.is_empty() { place } else { format!(", {place}") };
        let place = match (axis.decodes(t), axis.border(), spec.bidirectional) {
            (true, _, true) => {
                format!(", decoder, layer {}, units that start from either direction", site.layer)
            }
            (true, _, false) => format!("{place}, decoder"),
            (false, Some(_), _) => format!("{place}, encoder"),
            (false, None, _) => place,
        };
        let held = match (spec.skip, run.rereads()) {
            (0, false) => String::new(),
            (0, true) => ", outputs that are read again held".to_owned(),
            (k, _) => format!(", the state of {k} steps before held"),
        };
        let clipped = if spec.limit.is_some() {
            " Clipping on the way back is no part of J."
        } else if spec.skip > 0 {
            " What skips steps is no part of J."
        } else {
            ""
        };
        Some(Side {
            title: run.name.clone(),
            place: if spectrum.matrix().is_some() {
                format!("recurrent matrix, {wide} × {wide}{place}{held}")
            } else {
                format!("step Jacobian, {wide} × {wide}{place}{held}")
            },
            equations,
            spoken,
            verdicts: known.verdicts().map(VerdictFacts::from).into(),
            singular: self.singular(t, begin),
            paths,
            path_words,
            saturation: format!("Saturated at {}: {}.", axis.name(t), run.saturation(t)),
            signal: match known.products {
                Some(_) if spectrum.missing() == 0 => {
                    format!(
                        "The {loss} loss’s gradient {fate}. {}{clipped}",
                        underflow(f32, f64, axis, site.direction)
                    )
                }
                _ => format!("The {loss} loss’s gradient {fate}.{clipped}"),
            },
        })
    }

    /// The singular values of ∂s_T/∂s_t that can be told from 0, lane by lane, as numbers.
    #[must_use]
    pub fn spectrum_values(&self) -> Vec<AllValues> {
        let lanes = self.lanes.iter().map(|run| {
            let found = run.spectrum.as_ref().and_then(|spectrum| {
                let products = spectrum.products()?;
                Some((products.read(spectrum.step.0)?, products.size(spectrum.step.0)))
            });
            let (values, words) = match found {
                None => (Vec::new(), "being computed".to_owned()),
                Some((values, size)) => (values.iter().map(|d| power(*d)).collect(), spread(values, size)),
            };
            AllValues { name: run.name.clone(), values, words }
        });
        lanes.collect()
    }

    /// The right column of a lane that repeats no step.
    fn no_side(&self, run: &LaneRun) -> Side {
        let (t, axis) = (self.t().0, run.axis());
        Side {
            title: run.name.clone(),
            place: "no Jacobian through time".into(),
            equations: Vec::new(),
            spoken: String::new(),
            verdicts: Vec::new(),
            singular: self.singular(t, axis.count),
            paths: Vec::new(),
            path_words: String::new(),
            saturation: String::new(),
            signal: format!(
                "{} hands no state on: h at t is read by no later step, so that no product of steps lies between an input and the loss. Each input has its own weights to the hidden layer, and each feels the loss whole.",
                run.name
            ),
        }
    }

    /// The singular values of ∂s_T/∂s_t as ticks, on one axis for all lanes.
    fn singular(&self, t: usize, begin: usize) -> Singular {
        let at = |run: &LaneRun| {
            Some(run.spectrum.as_ref()?.products()?.read(run.spectrum.as_ref()?.step.0)?.to_vec())
        };
        let runs: Vec<_> = self.stepping().into_iter().map(|lane| &self.lanes[lane]).collect();
        let all: Vec<_> = runs.iter().copied().map(at).collect();
        let largest = all.iter().flatten().filter_map(|values| values.first()).copied();
        let (least, most) = largest.fold((0.0, 0.0), |(a, b): (f64, f64), d| (a.min(d), b.max(d)));
        let (low, high) = ((least - 4.0).floor().min(DEEP), (most + 0.5).ceil().max(1.0));
        let along = |decades: f64| (decades - low) / (high - low);
        let domain = Domain { low, high };
        let marks = domain
            .powers(240.0, 52.0)
            .into_iter()
            .map(|power| (along(f64::from(power)), power_of_ten(power)));
        let lanes = runs.iter().zip(&all).map(|(run, values)| {
            let seen = |values: &Vec<f64>| values.iter().copied().filter(|&d| d >= low).map(along).collect();
            let at: Vec<f64> = values.as_ref().map_or_else(Vec::new, seen);
            let size = run.spectrum.as_ref().map_or(0, |spectrum| {
                spectrum.steps.size(run.axis().seen(spectrum.site.direction, spectrum.step.0))
            });
            let below = size - at.len();
            let words = match values {
                None => "being computed".into(),
                Some(values) => spread(values, size),
            };
            let below = if below > 0 && values.is_some() { format!("{below} below") } else { String::new() };
            Ticks { name: run.name.clone(), mark: run.mark, at, below, words }
        });
        Singular {
            title: {
                let number = |t: usize| json!(["mn", self.axis().number(t)]);
                product(Cell::Lstm, &number(begin), &number(t))
            },
            lanes: lanes.collect(),
            marks: marks.collect(),
            one: along(0.0),
        }
    }
}

/// What the three ways bring to step t, relative to what the loss sent.
fn path_facts(run: &LaneRun, [at, sent]: [Share; 2], t: usize, site: Site) -> (Vec<PathFacts>, String) {
    let spec = &run.experiment.spec;
    let (cell, sent, axis) = (spec.cell, sent.total, run.axis());
    let begin = axis.begin(site.direction).rsplit(' ').next().unwrap_or_default();
    let t = axis.name(t);
    // Below another layer a loss arrives at many steps, and where outputs are read again.
    let rest = if run.by_state(site) { "through the gates" } else { "all other ways" };
    let of = if cell == Cell::Lstm { "∂L/∂C" } else { "∂L/∂h" };
    let ratio = |norm: f64| if norm == 0.0 { 0.0 } else { norm / sent };
    let ways: Vec<(&'static str, f64)> = match at.direct {
        None if spec.limit.is_some() => vec![("clipped, all ways", at.total)],
        None if !run.by_state(site) => vec![("all ways", at.total)],
        None => vec![("through W and φ′", at.total)],
        Some(direct) => vec![
            (if cell == Cell::Lstm { "direct, Π f" } else { "direct, Π (1 − z)" }, direct),
            (rest, at.gates),
            ("both, added", at.total),
        ],
    };
    let most =
        ways.iter().map(|(_, norm)| *norm).filter(|norm| norm.is_finite()).fold(f64::MIN_POSITIVE, f64::max);
    let left = short(ratio(at.total));
    let words = match at.direct {
        None if spec.limit.is_some() => format!(
            "{of} at {t} is {left} of that at {begin}. What is clipped on its way is no sum of two ways."
        ),
        None if spec.skip > 0 => {
            format!("{of} at {t} is {left} of that at {begin}; some of it skipped steps, which J leaves out.")
        }
        None if !run.by_state(site) => format!(
            "{of} at {t} is {left} of that at {begin}; some of it came another way than by this layer’s state, which J leaves out."
        ),
        None => format!("The RNN has one way back: {of} at {t} is {left} of that at {begin}."),
        Some(_) => format!(
            "Norms of {of} at {t}, relative to {begin}. The two ways add up as vectors; where they are opposed, the sum is shorter."
        ),
    };
    let facts = ways.into_iter().map(|(name, norm)| PathFacts {
        name,
        shown: short(ratio(norm)),
        share: if norm.is_finite() { norm / most } else { 0.0 },
    });
    (facts.collect(), words)
}
