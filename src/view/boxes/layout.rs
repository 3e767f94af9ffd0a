//! Where boxes, words and bands stand.

use super::super::layout::{FOOT, Measures, tick_labels, time_axis};
use super::super::number::{length, pixel, real};
use super::super::{Area, Axis, Band, Layout, Mode, Viewport};
use super::route::links;
use super::{BoxPlace, BoxesLayout, Node, NodeKind, Part, Plan, Told};
use crate::experiment::{Cell, Direction, Steps};

/// The most that a box is wide, at the type size of a desktop.
const WIDEST: f64 = 76.0;
/// Space inside a box, above and below.
const PAD: u32 = 6;
/// Space between two parts of a box.
const BETWEEN: u32 = 7;
/// More units than this are never numbers one by one.
const MOST_NUMBERS: usize = 16;
/// Side of the square where two directions meet.
const JOIN: u32 = 6;

/// The fixed lengths of an arrangement.
pub(super) struct Sizes {
    /// Type size.
    pub(super) size: f64,
    /// Width of a box; even.
    pub(super) width: u32,
    /// Room for a number between two boxes, if there is any.
    pub(super) beside: bool,
    /// Whether the numbers of gradients stand under and over the boxes instead.
    pub(super) under: bool,
    /// Whether a number fits into a box.
    roomy: bool,
    /// Height of a line of numbers.
    row: u32,
    /// Height of a class's bars, and of the words under them.
    bars: u32,
    words: u32,
    /// Space between a box and what it hands upward to.
    pub(super) stem: u32,
    /// Space between an input and its box.
    foot: u32,
    /// Height of an input.
    token: u32,
    /// Height of a gate's symbol.
    head: u32,
    /// The least height of a state: two arrows, and a number under them.
    least: u32,
    /// Height of a folded lane.
    strip: u32,
    lanes: u32,
    head_room: u32,
}

impl Sizes {
    /// Crowded are boxes that arrows pass at their sides: those of another direction also pass over and under them.
    fn of(viewport: Viewport, axis: &Axis, m: &Measures, (crowded, again): (bool, bool)) -> Self {
        let passed = crowded || again;
        let column = axis.column - axis.gap();
        let (mut size, line) = match viewport.mode {
            Mode::Wide => (11.0, 15),
            Mode::Present => (15.0, 20),
            Mode::Phone => (10.0, 15),
        };
        if viewport.mode == Mode::Wide && column < if again { 76 } else { 66 } {
            size = 10.0;
        }
        // −0.91 in a box, 0.53 between two of them.
        let number = pixel(2.6 * size + 6.0);
        let gap = pixel(2.05 * size + 1.0) + if passed { 14 } else { 0 };
        let beside = column >= number + gap;
        let cap = pixel(WIDEST * size.max(11.0) / 11.0);
        let width = if beside {
            pixel(0.6 * f64::from(column)).clamp(number, cap).min(column - gap)
        } else {
            column.saturating_sub(if passed { 14 } else { 8 }).clamp(4, cap)
        };
        let roomy = width >= number;
        let under = !beside && !passed && column >= pixel(2.05 * size + 15.0);
        let big = u32::from(viewport.mode == Mode::Present);
        Self {
            size,
            width: width / 2 * 2,
            beside,
            under,
            roomy,
            row: line,
            bars: 20 + 4 * big,
            words: line,
            stem: 22
                + 6 * big
                + if crowded {
                    14
                } else if under {
                    4
                } else {
                    0
                },
            foot: if under || crowded { 18 + 3 * big } else { 14 + 2 * big },
            token: 18 + 4 * big,
            head: 13 + 4 * big,
            least: if beside { pixel(2.0 * size + 14.0) } else { 18 },
            strip: 28 + 6 * big,
            lanes: if big > 0 { 12 } else { m.between },
            head_room: m.head,
        }
    }
}

/// How much of each lane is shown.
#[derive(Clone, Copy)]
struct Detail {
    /// A number in each unit's cell.
    numbers: bool,
    gates: bool,
    /// Height that units without a number share, unless they are too many or too few.
    strip: u32,
    /// How many lanes are folded, from the last on, but never the chosen one.
    folded: usize,
}

/// From everything to the least, for so many lanes.
fn ladder(lanes: usize) -> Vec<Detail> {
    let mut rungs = Vec::new();
    let mut add = |numbers, strip, folded| {
        rungs.extend([true, false].map(|gates| Detail { numbers, gates, strip, folded }));
    };
    // Of three lanes two are better without their numbers than one is with them.
    let few = lanes.saturating_sub(2).min(1);
    (0..=few).for_each(|folded| add(true, 0, folded));
    for folded in 0..lanes.max(1) {
        if folded > few {
            add(true, 0, folded);
        }
        for strip in [64, 40, 20] {
            add(false, strip, folded);
        }
    }
    rungs
}

/// Arranges the networks of some lanes on a time axis of `steps` columns.
///
/// When height lacks, gates go first, then the last of three lanes folds, then states become strips of colour with
/// one number, then further lanes fold; the chosen lane does not fold, and a lane that the user folded or unfolded
/// stays so. On a phone the page scrolls, and nothing folds.
#[must_use]
pub fn layout(plans: &[Plan], chosen: usize, steps: usize, targets: bool, viewport: Viewport) -> BoxesLayout {
    let encoder = plans.first().map_or(steps, |plan| plan.encoder);
    let (axis, m) = time_axis(Steps { count: steps, encoder }, viewport);
    let again = |plan: &Plan| (1..=plan.steps).any(|t| plan.reads_again(t));
    let crowds = (plans.iter().any(|plan| plan.both), plans.iter().any(again));
    let sizes = Sizes::of(viewport, &axis, &m, crowds);
    let phone = viewport.mode == Mode::Phone;
    let arranged = |detail: Detail, chart: u32| {
        let mut left = if phone { 0 } else { detail.folded };
        let mut folds = vec![false; plans.len()];
        for (index, plan) in plans.iter().enumerate().rev() {
            let next = left > 0 && index != chosen;
            left -= usize::from(next);
            folds[index] = plan.folded.unwrap_or(next);
        }
        arrange(plans, &folds, axis, &m, &sizes, detail, targets, viewport.width, chart)
    };
    let possible = |detail: &Detail| {
        !detail.numbers || (sizes.roomy && plans.iter().all(|plan| plan.widest() <= MOST_NUMBERS))
    };
    let least = if phone { m.chart } else { 80 };
    let fits = |detail: &Detail| phone || arranged(*detail, least).frame.height <= viewport.height;
    let fallback = Detail { numbers: false, gates: false, strip: 20, folded: plans.len().saturating_sub(1) };
    let detail =
        ladder(plans.len()).into_iter().find(|rung| possible(rung) && fits(rung)).unwrap_or(fallback);
    let plan = arranged(detail, least);
    let spare = viewport.height.saturating_sub(plan.frame.height);
    if phone { plan } else { arranged(detail, least + spare) }
}

#[expect(clippy::too_many_arguments, reason = "what a layout depends on")]
fn arrange(
    plans: &[Plan],
    folds: &[bool],
    axis: Axis,
    m: &Measures,
    sizes: &Sizes,
    detail: Detail,
    targets: bool,
    width: u32,
    chart: u32,
) -> BoxesLayout {
    let inputs = Band { y: 0, height: m.inputs };
    let targets = targets.then_some(Band { y: inputs.end(), height: m.targets });
    let mut y = targets.map_or(inputs.end(), |band| band.end()) + 4;
    let mut lanes = Vec::with_capacity(plans.len());
    for (plan, folds) in plans.iter().zip(folds) {
        let lane = if *folds { folded(sizes, y) } else { place(plan, &axis, sizes, detail, y) };
        y = lane.y + lane.height + sizes.lanes;
        lanes.push(lane);
    }
    let chart = Band { y: y + m.title, height: chart };
    let ticks = Band { y: chart.end(), height: m.ticks };
    let frame = Layout {
        width: width.max(axis.right() + m.right),
        height: ticks.end() + FOOT,
        axis,
        inputs,
        targets,
        lanes: Vec::new(),
        chart,
        ticks,
        tick_labels: tick_labels(axis, m.digit),
    };
    BoxesLayout { frame, lanes, size: sizes.size, width: sizes.width }
}

fn folded(sizes: &Sizes, y: u32) -> BoxPlace {
    let strip = Band { y: y + sizes.head_room, height: sizes.strip };
    BoxPlace {
        y,
        height: strip.end() - y,
        strip: Some(strip),
        nodes: Vec::new(),
        links: Vec::new(),
        symbols: Vec::new(),
    }
}

/// Builds one lane from its top down.
struct Builder<'a> {
    plan: &'a Plan,
    axis: &'a Axis,
    sizes: &'a Sizes,
    nodes: Vec<Node>,
    symbols: Vec<(&'static str, u32)>,
}

fn place(plan: &Plan, axis: &Axis, sizes: &Sizes, detail: Detail, top: u32) -> BoxPlace {
    let mut builder = Builder { plan, axis, sizes, nodes: Vec::new(), symbols: Vec::new() };
    let mut y = top + sizes.head_room;
    let output = sizes.words * 2 + if plan.classes { sizes.bars } else { 0 };
    builder.row(NodeKind::Output, y, output, |t| plan.writes(t), &[]);
    builder.symbols.push(("L", y + sizes.words / 2));
    builder.symbols.push(("y", y + output - sizes.words / 2));
    y += output;
    for layer in (0..plan.layers).rev() {
        let top_layer = layer + 1 == plan.layers;
        if plan.both {
            let joins = |t| !plan.decodes(t) && (!top_layer || plan.writes(t));
            builder.join(y, joins);
        }
        y += sizes.stem;
        let directions: &[Direction] =
            if plan.both { &[Direction::Backward, Direction::Forward] } else { &[Direction::Forward] };
        for (row, &direction) in directions.iter().enumerate() {
            y += if row > 0 { sizes.foot } else { 0 };
            let (height, parts) = parts(plan, sizes, detail);
            for part in parts.iter().filter(|part| !part.gate) {
                builder.symbols.push((part.symbol, y + pixel(part.area.y + part.area.height / 2.0)));
            }
            let there = |t| direction == Direction::Forward || !plan.decodes(t);
            builder.row(NodeKind::Cell { layer, direction }, y, height, there, &parts);
            y += height;
        }
    }
    y += sizes.foot;
    builder.row(NodeKind::Input, y, sizes.token, |t| plan.reads(t), &[]);
    builder.symbols.push(("x", y + sizes.token / 2));
    y += sizes.token;
    let Builder { nodes, symbols, .. } = builder;
    let links = links(plan, &nodes, axis, sizes);
    BoxPlace { y: top, height: y - top, strip: None, nodes, links, symbols }
}

impl Builder<'_> {
    /// A node at every step that has one; `parts` are placed relative to their box.
    fn row(&mut self, kind: NodeKind, y: u32, height: u32, there: impl Fn(usize) -> bool, parts: &[Part]) {
        let column = self.axis.column - self.axis.gap();
        let width = match kind {
            NodeKind::Cell { .. } => self.sizes.width,
            // What is read again passes beside it.
            _ if self.plan.told == Told::Outputs => self.sizes.width,
            // The gutter of an arrow's number is empty there.
            _ => (column - column.min(4)).clamp(4, self.sizes.width.max(44)),
        };
        for t in (1..=self.plan.steps).filter(|t| there(*t)) {
            let x = f64::from(self.axis.left(t) + (column - width) / 2);
            let moved = |part: &Part| Part {
                units: self.plan.units_at(t),
                area: Area { x: part.area.x + x, y: part.area.y + f64::from(y), ..part.area },
                below: part.below.map(|below| below + f64::from(y)),
                ..*part
            };
            let area = Area { x, y: f64::from(y), width: f64::from(width), height: f64::from(height) };
            self.nodes.push(Node { kind, t, area, parts: parts.iter().map(moved).collect() });
        }
    }

    /// Where two directions meet, over their rows.
    fn join(&mut self, y: u32, there: impl Fn(usize) -> bool) {
        let column = self.axis.column - self.axis.gap();
        for t in (1..=self.plan.steps).filter(|t| there(*t)) {
            let x = self.axis.left(t) + (column - self.sizes.width) / 2 + self.sizes.width / 2 - JOIN / 2;
            let y = y + self.sizes.stem - 20;
            let area =
                Area { x: f64::from(x), y: f64::from(y), width: f64::from(JOIN), height: f64::from(JOIN) };
            self.nodes.push(Node { kind: NodeKind::Join, t, area, parts: Vec::new() });
        }
    }
}

/// The height of a box, and what is in it, relative to its top left.
fn parts(plan: &Plan, sizes: &Sizes, detail: Detail) -> (u32, Vec<Part>) {
    let units = plan.widest();
    let gates: &[&'static str] = match plan.cell {
        Cell::Rnn | Cell::Ann => &[],
        Cell::Lstm => &["f", "i", "C_tilde", "o"],
        Cell::Gru => &["z", "r", "h_tilde"],
    };
    let inner = sizes.width.saturating_sub(if sizes.roomy { 8 } else { 6 }).max(2);
    let left = (sizes.width - inner) / 2;
    let mut list = Vec::new();
    let mut y = PAD;
    let state = |symbol, list: &mut Vec<Part>, y: &mut u32| {
        let numbers = detail.numbers;
        // One number stands under a strip of colour.
        let line = if !numbers && sizes.roomy { sizes.row } else { 0 };
        let each = if numbers { sizes.row } else { (detail.strip / length(units)).clamp(2, 12) };
        let height = length(units) * each;
        let room = (height + line).max(sizes.least);
        let high = if numbers { height } else { room - line };
        let area = rectangle(left, *y + (room - high - line) / 2, inner, high);
        let below = (line > 0).then(|| area.y + area.height + f64::from(line) * 0.78);
        list.push(Part { symbol, area, units, numbers, below, gate: false });
        *y += room + BETWEEN;
    };
    if let Some(name) = plan.cell.carried() {
        state(name, &mut list, &mut y);
    }
    let each = inner / length(gates.len()).max(1);
    if detail.gates && !gates.is_empty() && each >= 9 {
        let high = pixel(real(units) * (48.0 / real(units)).clamp(2.0, 9.0));
        for (index, symbol) in gates.iter().enumerate() {
            let area = rectangle(left + length(index) * each + 1, y + sizes.head, each - 2, high);
            list.push(Part { symbol, area, units, numbers: false, below: None, gate: true });
        }
        y += sizes.head + high + BETWEEN + 2;
    }
    state("h", &mut list, &mut y);
    (y - BETWEEN + PAD, list)
}

fn rectangle(x: u32, y: u32, width: u32, height: u32) -> Area {
    Area { x: f64::from(x), y: f64::from(y), width: f64::from(width), height: f64::from(height) }
}
