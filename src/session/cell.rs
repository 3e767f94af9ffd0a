//! What the drawing of a cell shows: values, gradients, colours.

use serde::Serialize;

use super::{LaneRun, Picture, Session, Site};
use crate::analysis::circuit::{Circuit, NodeKind, circuit};
use crate::analysis::equations::{Place, wire_equations, wire_symbol, wire_words};
use crate::analysis::math::Math;
use crate::analysis::number::{digits, short};
use crate::analysis::operation::{Telling, known};
use crate::experiment::Cell;
use crate::trace::LayerTrace;
use crate::view::circuit::{Bend, Drawing, bend, drawing, gradient_width};
use crate::view::{Rgb, Theme, theme};

/// At most this many cells stand in a strip.
const STRIP: usize = 32;

/// The numbers of a drawing.
#[derive(Clone, Debug, Serialize)]
pub(super) struct CellFacts {
    /// Which drawing.
    key: &'static str,
    mark: usize,
    backward: bool,
    /// Whether its direction reads from right to left.
    mirrored: bool,
    /// The step, and the one that is read before it, from 1.
    t: usize,
    earlier: [Option<usize>; 2],
    wires: Vec<WireFacts>,
    gates: Vec<GateFacts>,
    strips: Vec<StripFacts>,
    /// The factor of the way back.
    factor: String,
    bend: Option<Bend>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct WireFacts {
    id: &'static str,
    shown: String,
    /// As it stands in the drawing.
    label: String,
    full: String,
    /// Colour of the value; empty where it is not finite.
    colour: String,
    /// Whether what is drawn here (in the backward phase, its gradient) is computed.
    known: bool,
    /// Whether the operation at the cursor takes or makes it.
    now: bool,
    gradient: Option<GradientFacts>,
}

#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct GradientFacts {
    shown: String,
    /// As it stands in the drawing.
    label: String,
    full: String,
    /// CSS pixels.
    width: f64,
    colour: String,
    /// `zero`, `not finite`, or nothing.
    state: &'static str,
}

#[derive(Clone, Debug, Serialize)]
struct GateFacts {
    id: &'static str,
    /// 0 to 1, of a candidate −1 to 1.
    level: f64,
    colour: String,
    shown: String,
    /// Whether it is computed at the operation of the cursor.
    known: bool,
}

#[derive(Clone, Debug, Serialize)]
struct StripFacts {
    of: &'static str,
    colours: Vec<String>,
    /// The cell of the chosen unit, or none.
    chosen: Option<usize>,
}

/// A wire of a drawing in words, for menus and tables.
#[derive(Clone, Debug, Serialize)]
pub struct WireWords {
    id: &'static str,
    symbol: Math,
    word: &'static str,
    /// The wires that it is made from.
    before: &'static [&'static str],
    /// The wires that are made from it.
    after: Vec<&'static str>,
    /// The heat map that shows it, and steps back from t; empty where there is none.
    row: &'static str,
    back: usize,
    /// The equations that say where the value comes from, and where the gradient does.
    equations: [&'static str; 2],
}

/// A cell's drawing, and its wires in words.
#[derive(Clone, Debug, Serialize)]
pub struct CellDrawing {
    #[serde(flatten)]
    drawing: Drawing,
    words: Vec<WireWords>,
}

impl WireWords {
    fn new(circuit: &Circuit, id: &'static str, shift: i32) -> Self {
        let (row, back) = match id {
            "h_prev" | "carried" | "h_bus" => ("h", 1),
            "h_skip" => ("h", 2),
            "C_prev" => ("C", 1),
            "s_prev" => ("s", 1),
            "f" | "i" | "o" | "z" | "r" | "C" | "s" | "h" | "C_tilde" | "h_tilde" => (id, 0),
            _ => ("", 0),
        };
        let after = circuit.after(id).collect();
        let (symbol, word, before) = (wire_symbol(id, shift), wire_words(id), circuit.before(id));
        Self {
            id,
            symbol,
            word,
            before,
            after,
            row,
            back,
            equations: wire_equations(id, circuit.normalises()),
        }
    }
}

impl Session {
    /// The drawing of a lane's cell, `mirrored` in a direction that reads from right to left; `None` where there is no
    /// such lane.
    #[must_use]
    pub fn drawing(&self, lane: usize, mirrored: bool) -> Option<CellDrawing> {
        let run = self.lanes.get(lane)?;
        let circuit = circuit(&run.experiment.spec);
        let shift = if mirrored { 1 } else { -1 };
        let words = circuit.wires.iter().map(|wire| WireWords::new(circuit, wire.id, shift)).collect();
        let mut drawing = drawing(circuit);
        if mirrored {
            drawing.mirror();
        }
        Some(CellDrawing { drawing, words })
    }

    fn theme(&self) -> &'static Theme {
        let viewport = match self.picture() {
            Picture::Heat => self.place.as_ref().map(|(viewport, _)| viewport),
            Picture::Boxes => self.boxes_place.as_ref().map(|(viewport, _)| viewport),
            Picture::Flow => self.flow_place.as_ref().map(|(viewport, _)| viewport),
            Picture::Update => self.update_place.as_ref().map(|(viewport, _)| viewport),
            Picture::Spectrum => self.spectrum_place.as_ref().map(|(viewport, _)| viewport),
        };
        theme(viewport.is_some_and(|viewport| viewport.dark))
    }

    pub(super) fn cell_facts(
        &self,
        run: &LaneRun,
        site: Site,
        place: &Place,
        operation: Option<usize>,
        told: Option<&Telling>,
    ) -> CellFacts {
        let circuit = circuit(&run.experiment.spec);
        let (_, backward) = self.t();
        let theme = self.theme();
        let scales = Scales::new(place.layer);
        let known = operation.map(|done| known(circuit, backward, done));
        // On the way back every value is there.
        let computed = |id: &str| backward || known.as_ref().is_none_or(|known| known.contains(&id));
        let norms = &run.norms(self.cursor.losses, site).norm;
        let begin = run.axis().way(run.nearest(site).direction).next().and_then(|t| norms.get(t - 1));
        let norm = begin.copied().unwrap_or(f64::NAN);
        let wires = circuit
            .wires
            .iter()
            .map(|wire| {
                let id = wire.id;
                let value = place.made(id).map_or(f64::NAN, |made| made.value());
                let gradient = backward.then(|| {
                    let gradient = place.gradient(id).map_or(f64::NAN, |gradient| gradient.value());
                    GradientFacts::new(run, theme, id, (gradient, norm))
                });
                WireFacts {
                    id,
                    label: if is_close(id) { digits(value, 2) } else { brief(value) },
                    shown: short(value),
                    full: run.full(value),
                    colour: scales.colour(theme, id, value).map_or_else(String::new, Rgb::css),
                    known: known.as_ref().is_none_or(|known| known.contains(&id)),
                    now: told.is_some_and(|told| told.wires.contains(&id)),
                    gradient,
                }
            })
            .collect();
        CellFacts {
            key: circuit.key,
            mark: run.mark,
            backward,
            mirrored: place.shift() > 0,
            t: place.shown(place.t),
            earlier: [place.earlier_shown(), place.skipped_shown()],
            wires,
            gates: gates(circuit, place, theme, &scales, &computed),
            strips: strips(circuit, place, theme, &scales),
            factor: if backward { factor(run, place) } else { String::new() },
            bend: (!run.experiment.spec.cell.gated() && computed("h"))
                .then(|| curve_point(circuit, place))
                .flatten(),
        }
    }
}

fn gates(
    circuit: &Circuit,
    place: &Place,
    theme: &Theme,
    scales: &Scales,
    computed: &dyn Fn(&str) -> bool,
) -> Vec<GateFacts> {
    let gates = circuit.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Gate | NodeKind::Candidate));
    gates
        .map(|node| {
            let value = place.made(node.id).map_or(f64::NAN, |made| made.value());
            GateFacts {
                id: node.id,
                level: if value.is_finite() { value } else { 0.0 },
                colour: scales.colour(theme, node.id, value).map_or_else(String::new, Rgb::css),
                known: computed(node.id),
                shown: boxed(value),
            }
        })
        .collect()
}

/// Whether a wire is one of several side by side, under the gates.
fn is_close(wire: &str) -> bool {
    wire.starts_with("a_") || (wire.starts_with("s_") && wire != "s_prev")
}

/// Beside a wire: three digits, two before an exponent.
fn brief(value: f64) -> String {
    let three = short(value);
    if three.contains('×') { digits(value, 2) } else { three }
}

/// In the box of a gate: three digits where they fit, one before an exponent.
fn boxed(value: f64) -> String {
    let two = digits(value, 2);
    match value {
        _ if two.contains('×') => digits(value, 1),
        _ if value < 0.1 => two,
        _ => short(value),
    }
}

fn curve_point(circuit: &Circuit, place: &Place) -> Option<Bend> {
    let area = drawing(circuit).curve?.area;
    let (a, slope) = place.bend();
    bend(area, circuit.key.contains("-relu"), a, slope)
}

impl GradientFacts {
    fn new(run: &LaneRun, theme: &Theme, wire: &str, (gradient, norm): (f64, f64)) -> Self {
        let decades = libm::log10(gradient.abs() / norm);
        let state = match gradient {
            _ if !gradient.is_finite() => "not finite",
            0.0 => "zero",
            _ => "",
        };
        let shown = if gradient == 0.0 { "exactly 0".into() } else { short(gradient) };
        // Between the gates there is room for two digits.
        let label = match wire {
            _ if !is_close(wire) => {
                format!("◂∂ {}", if gradient == 0.0 { shown.clone() } else { brief(gradient) })
            }
            _ if gradient == 0.0 => "∂ 0".into(),
            _ => format!("∂ {}", digits(gradient, 2)),
        };
        Self {
            shown,
            label,
            full: run.full(gradient),
            width: if state.is_empty() && decades.is_finite() { gradient_width(decades) } else { 4.0 },
            colour: theme.gradient.at(decades).css(),
            state,
        }
    }
}

/// What stands for the ends of the ramp of states.
struct Scales {
    h: f64,
    c: f64,
}

impl Scales {
    fn new(layer: &LayerTrace) -> Self {
        let most = |values: &ndarray::Array2<f64>| {
            values
                .iter()
                .filter(|value| value.is_finite())
                .fold(1.0, |most: f64, value| most.max(value.abs()))
        };
        Self { h: most(&layer.h), c: most(&layer.c) }
    }

    /// `None` where the value is not finite.
    fn colour(&self, theme: &Theme, wire: &str, value: f64) -> Option<Rgb> {
        let scale = match wire {
            "C" | "C_prev" | "kept" | "written" | "s" | "s_prev" => self.c,
            "h" | "h_prev" | "h_skip" | "carried" | "h_bus" => self.h,
            _ => 1.0,
        };
        let ramp = if ["f", "i", "o", "z", "r", "keep"].contains(&wire) { &theme.gate } else { &theme.state };
        value.is_finite().then(|| ramp.at(value / scale))
    }
}

/// Small cells for all units, all inputs and, of the RNN, the rows of its matrices. Where there are more than fit,
/// every n-th stands there.
fn strips(circuit: &Circuit, place: &Place, theme: &Theme, scales: &Scales) -> Vec<StripFacts> {
    let signed = |scale: f64, value: f64| {
        if value.is_finite() { theme.state.at(value / scale).css() } else { String::new() }
    };
    let strip = |of, values: &[f64], scale: f64, chosen: Option<usize>| {
        let apart = values.len().div_ceil(STRIP).max(1);
        StripFacts {
            of,
            colours: values.iter().step_by(apart).map(|&value| signed(scale, value)).collect(),
            chosen: chosen.map(|unit| unit / apart),
        }
    };
    let own = |row: ndarray::ArrayView1<f64>| {
        let most = row.iter().fold(f64::MIN_POSITIVE, |most: f64, value| most.max(value.abs()));
        (row.to_vec(), most)
    };
    let mut strips = vec![strip("x", &place.x(), 1.0, None)];
    let before = place.state_before();
    if !before.is_empty() {
        strips.insert(0, strip("h", &before, scales.h, Some(place.unit)));
    }
    if circuit.key.starts_with("ann") {
        let row = place.t * place.experiment.spec.hidden + place.unit;
        let (row, most) = own(place.parameters.input.row(row));
        strips.push(strip("W_xh", &row, most, None));
    }
    if circuit.key.starts_with("rnn") {
        for (of, row) in [
            ("W_hh", place.parameters.recurrent.row(place.unit)),
            ("W_xh", place.parameters.input.row(place.unit)),
            ("W_skip", place.parameters.skip.row(place.unit)),
        ]
        .into_iter()
        .filter(|(_, row)| !row.is_empty())
        {
            let (row, most) = own(row);
            strips.push(strip(of, &row, most, None));
        }
    }
    strips
}

/// What the straight way back is multiplied by.
fn factor(run: &LaneRun, place: &Place) -> String {
    let of = |wire| place.made(wire).map_or(f64::NAN, |made| made.value());
    match run.experiment.spec.cell {
        Cell::Rnn | Cell::Ann => format!("slope × {}", short(place.bend().1)),
        Cell::Lstm => format!("× {}", short(of("f"))),
        Cell::Gru => format!("× {}", short(of("keep"))),
    }
}
