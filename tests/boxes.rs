//! What the boxes-and-arrows picture promises, for every network: nothing overlaps, arrows join the edges of their
//! boxes, all is inside and on the shared columns, and every thing in it is reached by keys and by a pointer.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use unrolled::experiment::{Cell, Choice as _, Shape};
use unrolled::view::boxes::{BoxHit, BoxPlace, BoxesLayout, LinkKind, NodeKind, Plan, Point, hit, layout};
use unrolled::view::{Area, Mode, Viewport};

/// The figure's place on a desktop, projected, and in the hand.
const VIEWPORTS: [(Mode, u32, u32); 4] =
    [(Mode::Wide, 834, 722), (Mode::Wide, 680, 540), (Mode::Present, 1232, 560), (Mode::Phone, 358, 844)];

fn viewport((mode, width, height): (Mode, u32, u32)) -> Viewport {
    Viewport { width, height, scale: 1.0, mode, dark: false }
}

/// Every network of the model space, at every number of steps.
fn plans() -> impl Iterator<Item = Plan> {
    let shapes = Shape::ALL.iter().map(|(shape, _)| *shape);
    shapes.flat_map(|shape| {
        let steps = if shape == Shape::OneToOne { 1..=1 } else { 1..=12 };
        steps.flat_map(move |steps| {
            (1..=3).flat_map(move |layers| {
                [false, true].into_iter().flat_map(move |both| {
                    Cell::ALL.iter().map(move |&(cell, _)| Plan {
                        shape,
                        steps,
                        encoder: if shape == Shape::EncoderDecoder { steps.div_ceil(2) } else { steps },
                        layers,
                        both,
                        cell,
                        units: [1, 4, 16][steps % 3],
                        classes: steps % 2 == 0,
                        feedback: layers == 2,
                        folded: None,
                    })
                })
            })
        })
    })
}

/// Checks something of every network in every viewport, alone and as one of three lanes.
fn check(holds: impl Fn(&Plan, &BoxesLayout, Viewport) -> Result<(), String>) {
    for plan in plans() {
        for place in VIEWPORTS {
            for lanes in [1, 3] {
                let viewport = viewport(place);
                let found = layout(&vec![plan; lanes], plan.steps, true, viewport);
                if let Err(what) = holds(&plan, &found, viewport) {
                    panic!("{plan:?} {place:?}, {lanes} lanes: {what}");
                }
            }
        }
    }
}

fn overlap(a: Area, b: Area) -> bool {
    let apart = |from: f64, size: f64, other: f64, other_size: f64| {
        from + size <= other + 0.01 || other + other_size <= from + 0.01
    };
    !apart(a.x, a.width, b.x, b.width) && !apart(a.y, a.height, b.y, b.height)
}

/// A horizontal or vertical line as a rectangle without width.
fn line(pair: &[Point]) -> Area {
    let (a, b) = (pair[0], pair[1]);
    let (x, y) = (a.x.min(b.x), a.y.min(b.y));
    Area { x: x - 0.1, y: y - 0.1, width: (a.x - b.x).abs() + 0.2, height: (a.y - b.y).abs() + 0.2 }
}

fn lines(place: &BoxPlace) -> impl Iterator<Item = Area> + '_ {
    place.links.iter().flat_map(|link| {
        link.path.windows(2).chain(link.back.iter().flat_map(|back| back.windows(2))).map(line)
    })
}

fn shrunk(area: Area) -> Area {
    Area { x: area.x + 0.6, y: area.y + 0.6, width: area.width - 1.2, height: area.height - 1.2 }
}

#[test]
fn nothing_overlaps() {
    check(|_, layout, _| {
        for place in &layout.lanes {
            let nodes: Vec<Area> = place.nodes.iter().map(|node| node.area).collect();
            let spots: Vec<Area> = place.links.iter().filter_map(|link| link.spot).collect();
            let all: Vec<Area> = nodes.iter().chain(&spots).copied().collect();
            for (index, a) in all.iter().enumerate() {
                if let Some(b) = all[index + 1..].iter().find(|b| overlap(*a, **b)) {
                    return Err(format!("{a:?} is on {b:?}"));
                }
            }
            for line in lines(place) {
                if let Some(node) = nodes.iter().find(|node| overlap(line, shrunk(**node))) {
                    return Err(format!("the line {line:?} runs through {node:?}"));
                }
                if let Some(spot) = spots.iter().find(|spot| overlap(line, **spot)) {
                    return Err(format!("the line {line:?} runs through the number {spot:?}"));
                }
            }
            for node in &place.nodes {
                for (index, part) in node.parts.iter().enumerate() {
                    if node.parts[index + 1..].iter().any(|other| overlap(part.area, other.area)) {
                        return Err(format!("{part:?} is on another part"));
                    }
                }
            }
        }
        for pair in layout.lanes.windows(2) {
            if pair[0].y + pair[0].height > pair[1].y {
                return Err(format!("lanes from {} and {}", pair[0].y, pair[1].y));
            }
        }
        Ok(())
    });
}

fn on_edge(point: Point, area: Area) -> bool {
    let near = |a: f64, b: f64| (a - b).abs() < 0.6;
    let within = |v: f64, from: f64, size: f64| v > from - 0.6 && v < from + size + 0.6;
    (within(point.x, area.x, area.width) && (near(point.y, area.y) || near(point.y, area.y + area.height)))
        || (within(point.y, area.y, area.height)
            && (near(point.x, area.x) || near(point.x, area.x + area.width)))
}

#[test]
fn arrows_join_the_edges_of_boxes() {
    check(|_, layout, _| {
        for place in &layout.lanes {
            for link in &place.links {
                let (Some(first), Some(last)) = (link.path.first(), link.path.last()) else {
                    return Err("a link without a path".into());
                };
                let to = place.nodes[link.to].area;
                let begins = link.from.is_none_or(|from| on_edge(*first, place.nodes[from].area));
                if !begins || !on_edge(*last, to) {
                    return Err(format!("{link:?} does not join its boxes"));
                }
                if let (Some(back), Some(from)) = (&link.back, link.from) {
                    if !on_edge(back[0], to) || !on_edge(back[back.len() - 1], place.nodes[from].area) {
                        return Err(format!("the gradient of {link:?} does not join its boxes"));
                    }
                }
                let straight = |pair: &[Point]| pair[0].x == pair[1].x || pair[0].y == pair[1].y;
                if !link.path.windows(2).all(straight) {
                    return Err(format!("{link:?} is slanted"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn all_is_inside_and_on_the_columns() {
    check(|plan, layout, viewport| {
        let frame = &layout.frame;
        if frame.width > viewport.width {
            return Err(format!("{} wide", frame.width));
        }
        if viewport.mode != Mode::Phone && plan.layers == 1 && !plan.both && frame.height > viewport.height {
            return Err(format!("{} high", frame.height));
        }
        for place in &layout.lanes {
            let bottom = f64::from(place.y + place.height) + 0.1;
            let inside = |area: &Area| {
                area.x >= 0.0
                    && area.x + area.width <= f64::from(frame.width)
                    && area.y >= f64::from(place.y)
                    && area.y + area.height <= bottom
            };
            let nodes = place.nodes.iter().map(|node| node.area);
            let spots = place.links.iter().filter_map(|link| link.spot);
            if let Some(out) = nodes.chain(spots).chain(lines(place)).find(|area| !inside(area)) {
                return Err(format!("{out:?} is outside"));
            }
            for node in &place.nodes {
                let middle = node.area.x + node.area.width / 2.0;
                if (middle - frame.axis.centre(node.t)).abs() > 1.0 {
                    return Err(format!("{:?} of t = {} is beside its column", node.kind, node.t));
                }
                let box_ = node.area;
                let held = |area: &Area| {
                    area.x >= box_.x
                        && area.y >= box_.y
                        && area.x + area.width <= box_.x + box_.width
                        && area.y + area.height <= box_.y + box_.height
                };
                if !node.parts.iter().all(|part| held(&part.area)) {
                    return Err(format!("a part of {:?} is outside its box", node.kind));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn every_network_is_drawn_whole() {
    check(|plan, layout, _| {
        for place in layout.lanes.iter().filter(|place| place.strip.is_none()) {
            let nodes = |kind: fn(&NodeKind) -> bool| place.nodes.iter().filter(|node| kind(&node.kind)).count();
            let links = |kind: LinkKind| place.links.iter().filter(|link| link.kind == kind).count();
            let encoder = if plan.shape == Shape::EncoderDecoder { plan.encoder } else { plan.steps };
            let cells = plan.layers * (plan.steps + if plan.both { encoder } else { 0 });
            let outputs = match plan.shape {
                Shape::ManyToOne | Shape::OneToOne => 1,
                Shape::EncoderDecoder => plan.steps - plan.encoder,
                _ => plan.steps,
            };
            let expected = [cells, outputs, outputs, cells];
            let found = [
                nodes(|kind| matches!(kind, NodeKind::Cell { .. })),
                nodes(|kind| matches!(kind, NodeKind::Output)),
                links(LinkKind::Out),
                links(LinkKind::Hidden),
            ];
            if found != expected {
                return Err(format!("cells, outputs, their arrows, hidden states: {found:?}, not {expected:?}"));
            }
        }
        Ok(())
    });
}

#[test]
fn arrow_keys_reach_everything() {
    check(|_, layout, _| {
        for place in layout.lanes.iter().filter(|place| place.strip.is_none()) {
            let walks = place.walks();
            let mut reached = BTreeSet::from([0]);
            let mut open = vec![0];
            while let Some(at) = open.pop() {
                let walk = walks[at];
                for next in [walk.left, walk.right, walk.up, walk.down].into_iter().flatten() {
                    if reached.insert(next) {
                        open.push(next);
                    }
                }
            }
            if reached.len() != walks.len() {
                let lost: Vec<_> = (0..walks.len()).filter(|item| !reached.contains(item)).collect();
                return Err(format!("{} nodes, lost: {lost:?}", place.nodes.len()));
            }
        }
        Ok(())
    });
}

#[test]
fn what_is_drawn_hits_itself() {
    check(|_, layout, _| {
        for (lane, place) in layout.lanes.iter().enumerate() {
            for (index, node) in place.nodes.iter().enumerate() {
                for (at, part) in node.parts.iter().enumerate() {
                    let unit = part.units - 1;
                    let area = part.cell(unit);
                    let under = hit(layout, area.x + area.width / 2.0, area.y + area.height / 2.0);
                    if under != (BoxHit::Unit { lane, node: index, part: at, unit, area }) {
                        return Err(format!("{part:?} hits {under:?}"));
                    }
                }
            }
            for (index, link) in place.links.iter().enumerate().filter(|(_, link)| link.spot.is_some()) {
                let spot = link.spot.unwrap();
                let under = hit(layout, spot.x + spot.width / 2.0, spot.y + spot.height / 2.0);
                let own = matches!(under, BoxHit::Link { lane: l, link, .. } if l == lane && link == index);
                if !own {
                    return Err(format!("the number of {link:?} hits {under:?}"));
                }
            }
        }
        Ok(())
    });
}

#[test]
fn three_small_lanes_show_their_numbers() {
    let plan = |cell| Plan {
        shape: Shape::ManyToMany,
        steps: 6,
        encoder: 6,
        layers: 1,
        both: false,
        cell,
        units: 4,
        classes: true,
        feedback: false,
        folded: None,
    };
    let plans = [plan(Cell::Rnn), plan(Cell::Lstm), plan(Cell::Gru)];
    let wide = viewport((Mode::Wide, 834, 722));
    let found = layout(&plans, 6, true, wide);
    let numbers = |place: &BoxPlace| place.nodes.iter().flat_map(|node| &node.parts).any(|part| part.numbers);
    assert!(numbers(&found.lanes[0]) && numbers(&found.lanes[1]), "{:?}", found.lanes[0]);
    assert!(found.frame.height <= 722);
    // What the user folds and unfolds stays so.
    let mine = [Plan { folded: Some(true), ..plans[0] }, plans[1], Plan { folded: Some(false), ..plans[2] }];
    let found = layout(&mine, 6, true, wide);
    assert_eq!(found.lanes.iter().map(|lane| lane.strip.is_some()).collect::<Vec<_>>(), [true, false, false]);
}
