//! The boxes and arrows in words: names, tips and the table.

use serde_json::json;

use super::super::messages::{Table, word};
use super::super::pick::Picked;
use super::super::words::token;
use super::super::{LaneRun, Session};
use super::LISTED;
use crate::analysis::math::{self, Math};
use crate::analysis::number::{digits, short};
use crate::analysis::signal;
use crate::experiment::{Cell, Direction};
use crate::view::boxes::{self, BoxHit, BoxPlace, BoxesFigure, Link, LinkKind, Node, NodeKind, Plan};
use crate::view::{Area, Hit};

impl Session {
    /// A box, an input or an output in words.
    pub(super) fn node_name(&self, figure: &BoxesFigure, lane: usize, node: &Node) -> String {
        let (name, t) = (&self.lanes[lane].name, node.t);
        let at = self.axis().name(t);
        match node.kind {
            NodeKind::Input => format!("input, {at}: {}", figure.lanes[lane].inputs[t - 1]),
            NodeKind::Join => format!("{name}, {at}: both directions meet"),
            NodeKind::Output => {
                let said = self.output(&self.lanes[lane], t - 1).map(|output| output.full);
                let output = figure.lanes[lane].outputs[t - 1].as_ref();
                let loss = output.map_or("", |output| &output.loss);
                format!("{name} output, {at}: {}; loss {loss}", said.unwrap_or_default())
            }
            NodeKind::Cell { layer, direction } => {
                let place = place_words(&figure.lanes[lane].plan, layer, direction);
                if !figure.done(direction, t) {
                    return format!("{name}{place}, {at}: still to come");
                }
                let states = node.parts.iter().filter(|part| !part.gate).map(|part| {
                    let value = |unit| figure.lanes[lane].value(part.symbol, layer, direction, t, unit);
                    let shown = |unit| value(unit).map_or_else(String::new, |value| digits(value, 2));
                    if part.units > LISTED {
                        let unit = self.cursor.unit.min(part.units - 1);
                        return format!("{} of unit {} {}", part.symbol, unit + 1, shown(unit));
                    }
                    let all: Vec<String> = (0..part.units).map(shown).collect();
                    format!("{} {}", part.symbol, all.join(", "))
                });
                format!("{name}{place}, {at}: {}", states.collect::<Vec<_>>().join("; "))
            }
        }
    }

    /// An arrow in words, with the gradient that comes back along it.
    pub(super) fn link_name(&self, place: &BoxPlace, lane: usize, link: &Link, share: Option<f64>) -> String {
        let name = &self.lanes[lane].name;
        let way = self.way(self.lanes[lane].experiment.spec.cell, place, link);
        let gradient = match share {
            Some(share) if self.t().1 => {
                format!("; gradient back, {} of that at {}", short(share), self.relative())
            }
            _ => String::new(),
        };
        format!("{name}, {way}{gradient}")
    }

    /// What an arrow carries where.
    fn way(&self, cell: Cell, place: &BoxPlace, link: &Link) -> String {
        let axis = self.axis();
        let (to, from) = (axis.name(place.nodes[link.to].t), axis.name(link.t));
        if !cell.recurs() && link.kind == LinkKind::Highway {
            return format!("what is read up to {from}, into the sum of {to}");
        }
        match (link.kind, link.from) {
            (LinkKind::Read, _) => format!("x into the box of {to}"),
            (LinkKind::Hidden, None) => format!("first h into {to}"),
            (LinkKind::Highway, None) => format!("first C into {to}"),
            (LinkKind::Hidden, _) => format!("h from {from} to {to}"),
            (LinkKind::Highway, _) => format!("C from {from} to {to}"),
            (LinkKind::Rise, _) => format!("h of {from} upward"),
            (LinkKind::Out, _) => format!("h of {to} to the output"),
            (LinkKind::Again, _) => format!("output of {from} into the input of {to}"),
        }
    }

    /// What is under a point of the boxes as arranged last.
    #[must_use]
    pub fn boxes_pick(&self, x: f64, y: f64) -> Option<Picked> {
        let (_, layout) = self.boxes_place.as_ref()?;
        let picked = match boxes::hit(layout, x, y) {
            BoxHit::Unit { lane, node, part, unit, area } => {
                let node = &layout.lanes[lane].nodes[node];
                self.pick_unit(lane, node, node.parts[part].symbol, unit, area)
            }
            BoxHit::Node { lane, node, .. } => self.item(lane, node),
            BoxHit::Link { lane, link, .. } => self.item(lane, layout.lanes[lane].nodes.len() + link),
            BoxHit::Strip { lane, t, area } => self.pick_hit(Hit::Strip { lane, t, area }),
            BoxHit::Frame(hit) => self.pick_hit(hit),
        };
        picked.map(|picked| picked.named(self.axis()))
    }

    fn pick_unit(
        &self,
        lane: usize,
        node: &Node,
        symbol: &'static str,
        unit: usize,
        area: Area,
    ) -> Option<Picked> {
        let NodeKind::Cell { layer, direction } = node.kind else { return None };
        let figure = self.boxes_figure();
        let value = figure.lanes[lane].value(symbol, layer, direction, node.t, unit)?;
        let place = place_words(&figure.lanes[lane].plan, layer, direction);
        let words = format!("{}{place}", word(symbol));
        let picked = Picked::new(lane, symbol, math::symbol(symbol), &words, node.t, area);
        Some(picked.unit(unit).number(&self.lanes[lane], value))
    }

    /// A node, or a link after all nodes, as a tip tells it.
    #[must_use]
    pub fn boxes_item(&self, lane: usize, item: usize) -> Option<Picked> {
        self.item(lane, item).map(|picked| picked.named(self.axis()))
    }

    fn item(&self, lane: usize, item: usize) -> Option<Picked> {
        let (_, layout) = self.boxes_place.as_ref()?;
        let place = layout.lanes.get(lane)?;
        let figure = self.boxes_figure();
        let run = &self.lanes[lane];
        let Some(node) = place.nodes.get(item) else {
            let link = place.links.get(item - place.nodes.len())?;
            return Some(self.pick_link(&figure, place, lane, item, link));
        };
        let (t, area) = (node.t, node.area);
        match node.kind {
            NodeKind::Cell { layer, direction } => {
                let words = format!("cell{}", place_words(&figure.lanes[lane].plan, layer, direction));
                let unit = self.cursor.unit.min(run.experiment.spec.hidden - 1);
                let picked = Picked::new(lane, "box", math::at("h", 0), &words, t, area);
                let value = figure.lanes[lane].value("h", layer, direction, t, unit)?;
                let reads = format!("unit {}; reads {}", unit + 1, figure.lanes[lane].inputs.get(t - 1)?);
                Some(picked.number(run, value).noted(reads))
            }
            NodeKind::Input => self.pick_hit(Hit::Input { t, area }),
            NodeKind::Output => {
                let loss = figure.lanes[lane].outputs.get(t - 1)?.as_ref()?;
                let enters = if loss.counts { "; its gradient enters here" } else { "" };
                let words = format!("loss {}{enters}", loss.loss);
                self.pick_hit(Hit::Output { lane, t, area }).map(|picked| picked.noted(words))
            }
            NodeKind::Join => {
                let name = self.node_name(&figure, lane, node);
                Some(Picked::new(lane, "join", math::at("h", 0), "both directions", t, area).text(name))
            }
        }
    }

    fn pick_link(
        &self,
        figure: &BoxesFigure,
        place: &BoxPlace,
        lane: usize,
        item: usize,
        link: &Link,
    ) -> Picked {
        let run = &self.lanes[lane];
        let symbol = format!("arrow {item}");
        let carried = match link.kind {
            LinkKind::Read => "x",
            LinkKind::Highway => run.experiment.spec.cell.carried().unwrap_or("C"),
            LinkKind::Again => "y",
            _ => "h",
        };
        let way = self.way(run.experiment.spec.cell, place, link);
        let t = link.t.max(1);
        let norm = figure.norm(&figure.lanes[lane], place, link);
        let Some(norm) = norm.filter(|_| self.t().1) else {
            let words = if norm.is_some() { "its gradient comes back here" } else { "" };
            let label = math::symbol(&format!("{carried}_{}", self.axis().number(t)));
            let picked = Picked::new(lane, &symbol, label, "arrow", t, link.area());
            return picked.text(way).noted(words.to_owned());
        };
        let through = match link.kind {
            LinkKind::Hidden | LinkKind::Highway => "what the next step sends back",
            LinkKind::Rise => "what the layer above sends back",
            LinkKind::Again => "what the next step sends back for what it read",
            _ => "what this step’s loss sends back",
        };
        let share = figure.share(&figure.lanes[lane], place, link).unwrap_or(norm);
        let number = self.axis().number(t);
        Picked::new(lane, &symbol, gradient_norm(carried, &number), "gradient", t, link.area())
            .number(run, norm)
            .noted(format!("{} of that at {}; {way}: {through}", short(share), self.relative()))
    }

    /// Inputs, outputs, losses, states and the gradients on the arrows, step by step.
    pub(in crate::session) fn boxes_table(&self) -> Table {
        let mut head = vec!["t".to_owned(), "input".to_owned(), "target".to_owned()];
        let listed = |run: &LaneRun| run.experiment.spec.hidden <= LISTED;
        let unit = |run: &LaneRun| self.cursor.unit.min(run.experiment.spec.hidden - 1);
        for run in &self.lanes {
            let name = &run.name;
            let states = if listed(run) {
                format!("{name}, h")
            } else {
                format!("{name}, h of unit {}", unit(run) + 1)
            };
            head.extend([format!("{name}, output"), format!("{name}, loss"), states]);
            head.push(format!("{name}, gradient from t + 1, relative to {}", self.relative()));
        }
        let figure = self.boxes_figure();
        let rows = (1..=self.steps()).map(|t| {
            let target = (t + self.task.targets.len()).checked_sub(self.steps() + 1);
            let target = target.map_or_else(String::new, |index| token(&self.task.targets[index]));
            let mut row = vec![self.axis().number(t), token(&self.task.inputs[t - 1]), target];
            for (run, lane) in self.lanes.iter().zip(&figure.lanes) {
                let output = lane.outputs[t - 1].as_ref();
                row.push(output.map_or_else(String::new, |output| {
                    format!("{} {}", output.shown, output.chance).trim().to_owned()
                }));
                row.push(output.map_or_else(String::new, |output| output.loss.clone()));
                let shown = |unit| {
                    let value = lane.value("h", 0, Direction::Forward, t, unit);
                    value.map_or_else(String::new, |value| digits(value, 2))
                };
                let hidden = run.experiment.spec.hidden;
                let states: Vec<_> =
                    if listed(run) { (0..hidden).map(shown).collect() } else { vec![shown(unit(run))] };
                row.push(states.join(", "));
                let record = lane.record(0, Direction::Forward, t).filter(|_| t < self.steps());
                row.push(record.map_or_else(String::new, |(record, at)| {
                    short(signal::norm(&record.dh_from_future.row(at).to_vec()) / lane.begin)
                }));
            }
            row
        });
        Table { head, rows: rows.collect() }
    }
}

/// `, layer 2, right to left`: nothing where there is one layer, or one direction.
fn place_words(plan: &Plan, layer: usize, direction: Direction) -> String {
    let mut words = String::new();
    if plan.layers > 1 {
        words = format!(", layer {}", layer + 1);
    }
    if plan.both {
        words.push_str(if direction == Direction::Forward { ", left to right" } else { ", right to left" });
    }
    words
}

/// `‖∂L/∂h_3‖`
fn gradient_norm(symbol: &str, t: &str) -> Math {
    let below = json!(["msub", ["mi", symbol], ["mn", t]]);
    let bar = json!(["mo", "‖"]);
    json!(["mrow", bar, ["mi", "∂"], ["mi", "L"], ["mo", "/"], ["mi", "∂"], below, bar])
}
