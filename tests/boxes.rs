//! What the boxes-and-arrows picture promises, for every network: nothing overlaps, arrows join the edges of their
//! boxes, all is inside and on the shared columns, and every thing in it is reached by keys and by a pointer.

use std::collections::BTreeSet;
use std::fs::File;

use serde_json::{Value, json};
use unrolled::analysis::number::{digits, short};
use unrolled::experiment::{Cell, Choice as _, Shape};
use unrolled::session::{Losses, Picture, Session, boxes::with_frame};
use unrolled::view::boxes::{
    BoxHit, BoxPlace, BoxesLayout, LinkKind, NodeKind, Plan, Point, Told, hit, layout,
};
use unrolled::view::{Area, Mode, Rgb, Viewport};

/// The figure's place on a desktop, projected, and in the hand.
const VIEWPORTS: [(Mode, u32, u32); 4] =
    [(Mode::Wide, 834, 722), (Mode::Wide, 680, 540), (Mode::Present, 1232, 560), (Mode::Phone, 358, 844)];

fn viewport((mode, width, height): (Mode, u32, u32)) -> Viewport {
    Viewport { width, height, scale: 1.0, mode, dark: false }
}

/// Every network of the model space, at every number of steps.
fn plans() -> impl Iterator<Item = Plan> {
    let shapes = Shape::ALL.iter().map(|(shape, _)| *shape);
    shapes.flat_map(move |shape| {
        let steps = if shape == Shape::OneToOne { 1..=1 } else { 1..=12 };
        steps.flat_map(move |steps| {
            (1..=3).flat_map(move |layers| {
                [false, true].into_iter().flat_map(move |both| {
                    let window = move |cell: &Cell| {
                        shape.needs_state().is_none() && layers == 1 && !both || cell.recurs()
                    };
                    let cells = Cell::ALL.iter().map(|&(cell, _)| cell).filter(window);
                    cells.map(move |cell| Plan {
                        shape,
                        steps,
                        encoder: if shape == Shape::EncoderDecoder { steps.div_ceil(2) } else { steps },
                        layers,
                        both,
                        cell,
                        units: [1, 4, 16][steps % 3],
                        classes: steps % 2 == 0,
                        told: if layers == 2 { Told::Outputs } else { Told::Targets },
                        folded: None,
                    })
                })
            })
        })
    })
}

/// Checks something of every network in every viewport, alone and, where boxes are highest, as one of three lanes.
fn check(holds: impl Fn(&Plan, &BoxesLayout, Viewport) -> Result<(), String>) {
    for plan in plans() {
        for place in VIEWPORTS {
            let crowds: &[usize] = if plan.cell == Cell::Lstm { &[1, 3] } else { &[1] };
            for &lanes in crowds {
                let viewport = viewport(place);
                let found = layout(&vec![plan; lanes], 0, plan.steps, true, viewport);
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
                let begin = link.from.map_or(to, |from| place.nodes[from].area);
                let joins = |back: &Vec<Point>| on_edge(back[0], to) && on_edge(back[back.len() - 1], begin);
                if !link.back.iter().all(joins) {
                    return Err(format!("the gradient of {link:?} does not join its boxes"));
                }
                let straight = |pair: &[Point]| {
                    (pair[0].x - pair[1].x).abs() < 1e-9 || (pair[0].y - pair[1].y).abs() < 1e-9
                };
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
            let nodes =
                |kind: fn(&NodeKind) -> bool| place.nodes.iter().filter(|node| kind(&node.kind)).count();
            let links = |kind: LinkKind| place.links.iter().filter(|link| link.kind == kind).count();
            let encoder = if plan.shape == Shape::EncoderDecoder { plan.encoder } else { plan.steps };
            let cells = plan.layers * (plan.steps + if plan.both { encoder } else { 0 });
            let outputs = match plan.shape {
                Shape::ManyToOne | Shape::OneToOne => 1,
                Shape::EncoderDecoder => plan.steps - plan.encoder,
                _ => plan.steps,
            };
            // From the other direction of an encoder into its decoder.
            let crossing = if plan.both && plan.shape == Shape::EncoderDecoder && plan.steps > encoder {
                plan.layers
            } else {
                0
            };
            // Nothing passes from box to box of a window but its sum.
            let (states, highways) = match plan.cell {
                Cell::Ann => (0, plan.steps - 1),
                Cell::Lstm => (cells + crossing, cells + crossing),
                Cell::Rnn | Cell::Gru => (cells + crossing, 0),
            };
            let expected = [cells, outputs, outputs, states, highways];
            let found = [
                nodes(|kind| matches!(kind, NodeKind::Cell { .. })),
                nodes(|kind| matches!(kind, NodeKind::Output)),
                links(LinkKind::Out),
                links(LinkKind::Hidden),
                links(LinkKind::Highway),
            ];
            if found != expected {
                return Err(format!(
                    "cells, outputs, their arrows, hidden states, cell states: {found:?}, not {expected:?}"
                ));
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
        told: Told::Nothing,
        folded: None,
    };
    let plans = [plan(Cell::Rnn), plan(Cell::Lstm), plan(Cell::Gru)];
    let wide = viewport((Mode::Wide, 834, 722));
    let found = layout(&plans, 0, 6, true, wide);
    let numbers = |place: &BoxPlace| place.nodes.iter().flat_map(|node| &node.parts).any(|part| part.numbers);
    assert!(numbers(&found.lanes[0]) && numbers(&found.lanes[1]), "{:?}", found.lanes[0]);
    assert!(found.frame.height <= 722);
    // The chosen lane is shown.
    let chosen = layout(&plans, 2, 6, true, wide);
    let folded =
        |found: &BoxesLayout| found.lanes.iter().map(|lane| lane.strip.is_some()).collect::<Vec<_>>();
    assert_eq!((folded(&found), folded(&chosen)), (vec![false, false, true], vec![false, true, false]));
    // What the user folds and unfolds stays so.
    let mine = [Plan { folded: Some(true), ..plans[0] }, plans[1], Plan { folded: Some(false), ..plans[2] }];
    assert_eq!(folded(&layout(&mine, 0, 6, true, wide)), [true, false, false]);
}

/// What the page is told of the boxes: layout, and lines and words.
fn told(session: &mut Session, viewport: Viewport) -> (Value, Value) {
    let layout = with_frame(session.boxes_layout(viewport));
    (layout["boxes"].clone(), serde_json::to_value(session.boxes()).unwrap())
}

fn small() -> Session {
    let mut session = Session::new().unwrap();
    for (key, value) in [("T", "6"), ("H", "4"), ("shape", "many-to-many")] {
        session.set(key, value, None).unwrap();
    }
    session.set_boxes(true);
    session.set_losses(Losses::Every);
    session
}

fn strings(texts: &Value) -> Vec<String> {
    texts.as_array().unwrap().iter().map(|text| text["text"].as_str().unwrap().to_owned()).collect()
}

fn row(rows: &Value, t: usize) -> Vec<f64> {
    rows[t].as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
}

fn norm(values: &[f64]) -> f64 {
    values.iter().map(|value| value * value).sum::<f64>().sqrt()
}

/// The numbers in boxes and on arrows are those of a run by PyTorch, which the engine repeats.
fn check_numbers(fixture: &str) {
    let file = File::open(format!("tests/reference/data/{fixture}.json.gz")).unwrap();
    let document: Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let mut session = Session::new().unwrap();
    session.open_file(&document["experiment"].to_string()).unwrap();
    session.set_boxes(true);
    session.set_losses(Losses::Every);
    assert_eq!(session.picture(), Picture::Boxes);
    let (layout, scene) = told(&mut session, viewport((Mode::Wide, 834, 722)));
    let (states, theirs) = (&document["trace"]["layers"][0], &document["trace"]["gradients"]["layers"][0]);
    let lstm = document["experiment"]["model"]["cell"] == "lstm";
    let steps = states["h"].as_array().unwrap().len();
    let mut seen = [0; 4];
    for (node, shown) in
        layout[0]["nodes"].as_array().unwrap().iter().zip(scene[0]["nodes"].as_array().unwrap())
    {
        let t = usize::try_from(node["t"].as_u64().unwrap()).unwrap() - 1;
        let words = strings(&shown["texts"]);
        if node["kind"] == "cell" {
            let values = if lstm {
                [row(&states["C"], t), row(&states["h"], t)].concat()
            } else {
                row(&states["h"], t)
            };
            let numbers: Vec<String> = values.iter().map(|value| digits(*value, 2)).collect();
            let found: Vec<String> =
                words.into_iter().filter(|word| word.is_ascii() || word.starts_with('−')).collect();
            let found: Vec<String> = found.into_iter().filter(|word| word != "~").collect();
            assert_eq!(found, numbers, "{fixture}, t = {}", t + 1);
            seen[0] += 1;
        } else if node["kind"] == "output" {
            let loss = short(document["trace"]["loss_t"][t].as_f64().unwrap());
            assert_eq!(words[0], loss, "{fixture}, t = {}", t + 1);
            seen[1] += 1;
        }
    }
    let links = scene[0]["links"].as_array().unwrap();
    let named = |what: String| {
        let found = links.iter().filter_map(|link| link["name"].as_str()).find(|name| name.contains(&what));
        found.unwrap_or_else(|| panic!("{fixture}: no arrow {what}")).to_owned()
    };
    // As in the chart: at T the cell state passes nothing on.
    let begin = norm(&row(&theirs["h"], steps - 1));
    let check = |name: &str, values: &[f64]| {
        let expected = format!("gradient back, {} of that at t = T", short(norm(values) / begin));
        assert!(name.ends_with(&expected), "{fixture}: {name}, expected {expected}");
    };
    for t in 0..steps {
        if t + 1 < steps {
            let name = named(format!(", h from t = {} to t = {}", t + 1, t + 2));
            check(&name, &row(&theirs["h_from_future"], t));
            seen[2] += 1;
        }
        let name = named(format!("h of t = {} to the output", t + 1));
        check(&name, &row(&theirs["h_from_loss"], t));
        if lstm && t + 1 < steps {
            // Through C of the next step alone: its gradient, times its forget gate.
            let next = row(&theirs["C"], t + 1).into_iter().zip(row(&states["f"], t + 1));
            let name = named(format!(", C from t = {} to t = {}", t + 1, t + 2));
            check(&name, &next.map(|(gradient, forget)| gradient * forget).collect::<Vec<_>>());
            seen[3] += 1;
        }
    }
    let highways = if lstm { steps - 1 } else { 0 };
    assert_eq!(seen, [steps, steps, steps - 1, highways], "{fixture}");
}

#[test]
fn numbers_are_those_of_another_framework() {
    for fixture in
        ["rnn-tanh-h3-t7-se-m2m", "rnn-relu-h3-t7-se-m2m", "lstm-h3-t7-se-m2m", "gru-before-h3-t7-se-m2m"]
    {
        check_numbers(fixture);
    }
}

#[test]
fn thick_is_done_and_thin_to_come() {
    let mut session = small();
    session.seek(3);
    let wide = viewport((Mode::Wide, 834, 722));
    let (layout, forward) = told(&mut session, wide);
    let width = |scene: &Value, link: usize, line: &str| scene[0]["links"][link][line]["width"].as_f64();
    let links = layout[0]["links"].as_array().unwrap();
    let hidden: Vec<usize> = (0..links.len())
        .filter(|link| forward[0]["links"][*link]["name"].as_str().unwrap().contains("h from t ="))
        .collect();
    let (done, coming) = (width(&forward, hidden[1], "line"), width(&forward, hidden[2], "line"));
    assert_eq!((done, coming), (Some(3.0), Some(3.0 * 0.45)));
    assert!(
        hidden.iter().all(|link| forward[0]["links"][*link]["back"].is_null()),
        "no gradient on the way there"
    );
    // Backward at t = 3: the gradient of t = 3 has arrived, that of t = 2 has not.
    session.seek(10);
    let (_, backward) = told(&mut session, wide);
    let number = |link: usize| &backward[0]["links"][hidden[link]]["number"];
    assert!(number(1).is_null() && !number(2).is_null(), "{} {}", number(1), number(2));
    assert_eq!(backward[0]["links"][hidden[1]]["back"]["head"], "");
    assert_ne!(backward[0]["links"][hidden[2]]["back"]["head"], "");
    // A box that is to come has no numbers.
    let texts = |scene: &Value, t: u64| {
        let nodes = layout[0]["nodes"].as_array().unwrap();
        let at = nodes.iter().position(|node| node["kind"] == "cell" && node["t"] == t).unwrap();
        scene[0]["nodes"][at]["texts"].as_array().unwrap().len()
    };
    assert_eq!((texts(&forward, 3), texts(&forward, 4), texts(&backward, 4)), (4, 0, 4));
}

/// What enters at the end of the way is whole, also in a decoder that is as wide as two directions.
#[test]
fn what_enters_last_is_1_of_itself() {
    for (directions, gradient) in [("one", "1"), ("both", "1"), ("both", "1b")] {
        let link = format!(
            "data=letters&shape=encoder-decoder&T=4&out=3&H=3&directions={directions}&signal={gradient}"
        );
        let mut session = Session::new().unwrap();
        session.open(&link, None).unwrap();
        session.set_boxes(true);
        let (_, scene) = told(&mut session, viewport((Mode::Phone, 390, 844)));
        for lane in 0..3 {
            let links = scene[lane]["links"].as_array().unwrap();
            let mut names = links.iter().map(|link| link["name"].as_str().unwrap());
            let out = names.find(|name| name.contains("h of t′ = 3 to the output")).unwrap();
            assert!(out.ends_with("; gradient back, 1.00 of that at t′ = T′"), "{link}: {out}");
        }
    }
}

#[test]
fn the_last_loss_alone_enters_at_the_last_step() {
    let mut session = small();
    session.set_losses(Losses::Last);
    let (layout, scene) = told(&mut session, viewport((Mode::Wide, 834, 722)));
    let links = layout[0]["links"].as_array().unwrap().len();
    let entering = (0..links).filter(|link| {
        let link = &scene[0]["links"][*link];
        link["name"].as_str().unwrap().contains("to the output") && !link["back"].is_null()
    });
    assert_eq!(entering.count(), 1);
}

#[test]
fn numbers_are_legible_on_the_cells_as_they_are_painted() {
    for dark in [false, true] {
        let mut session = small();
        let viewport = Viewport { dark, ..viewport((Mode::Wide, 834, 722)) };
        let layout = session.boxes_layout(viewport).clone();
        let raster = session.boxes_paint().unwrap().clone();
        let scene = serde_json::to_value(session.boxes()).unwrap();
        let mut seen = 0;
        for (place, shown) in layout.lanes.iter().zip(scene.as_array().unwrap()) {
            let texts = |node: usize| shown["nodes"][node]["texts"].as_array().unwrap();
            for (index, node) in place.nodes.iter().enumerate() {
                for cell in node
                    .parts
                    .iter()
                    .filter(|part| part.numbers)
                    .flat_map(|part| (0..part.units).map(|unit| part.cell(unit)))
                {
                    let ground = raster.at(pixel(cell.x) + 1, pixel(cell.y) + 1).unwrap();
                    let inside =
                        |text: &&Value| (cell.y..cell.y + cell.height).contains(&text["y"].as_f64().unwrap());
                    let text = texts(index).iter().find(inside).unwrap();
                    let ink = if text["role"] == "white" { Rgb(255, 255, 255) } else { Rgb(0, 0, 0) };
                    assert!(ground.contrast(ink) >= 4.5, "{text} on {}, dark {dark}", ground.css());
                    seen += 1;
                }
            }
        }
        // h of the RNN, h and C of the LSTM; the GRU is folded.
        assert_eq!(seen, 6 * 4 * 3);
    }
}

fn pixel(value: f64) -> u32 {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the picture")]
    let whole = value as u32;
    whole
}

#[test]
fn what_is_pointed_at_says_its_number() {
    let mut session = small();
    session.boxes_layout(viewport((Mode::Wide, 834, 722)));
    let layout = session.boxes_layout(viewport((Mode::Wide, 834, 722))).clone();
    let trace: Value = serde_json::from_str(&session.trace_file(1).unwrap()).unwrap();
    let place = &layout.lanes[1];
    let pick = |session: &Session, area: Area| {
        let found = session.boxes_pick(area.x + area.width / 2.0, area.y + area.height / 2.0);
        serde_json::to_value(found.unwrap()).unwrap()
    };
    for node in place.nodes.iter().filter(|node| matches!(node.kind, NodeKind::Cell { .. })) {
        for part in &node.parts {
            let found = pick(&session, part.cell(2));
            let value = trace["layers"][0][part.symbol][node.t - 1][2].as_f64().unwrap();
            let expected = json!([1, part.symbol, 2, node.t, short(value)]);
            let said = json!([found["lane"], found["symbol"], found["unit"], found["t"], found["shown"]]);
            assert_eq!(said, expected);
        }
    }
    let link = place.links.iter().position(|link| link.kind == LinkKind::Hidden && link.t == 4).unwrap();
    let found = serde_json::to_value(session.boxes_item(1, place.nodes.len() + link).unwrap()).unwrap();
    let future = row(&trace["gradients"]["layers"][0]["h_from_future"], 3);
    assert_eq!(found["shown"], short(norm(&future)).as_str());
    assert!(session.boxes_item(1, 10_000).is_none() && session.boxes_item(9, 0).is_none());
}

#[test]
fn long_sequences_say_why_and_what_would_do() {
    let mut session = Session::new().unwrap();
    session.set_boxes(true);
    assert_eq!(session.picture(), Picture::Heat);
    let told = serde_json::to_value(session.overview()).unwrap();
    let expected = json!({
        "can": false, "offer": [["T", "8"]], "act": "Show 8 steps",
        "why": "Boxes have room for 12 steps; this sequence has 40.",
    });
    assert_eq!((&told["boxes"], &told["picture"]), (&expected, &json!("heat")));
    session.set("T", "12", None).unwrap();
    assert_eq!(session.picture(), Picture::Boxes);
    let svg = session.boxes_svg(viewport((Mode::Wide, 834, 722)));
    let (_, scene) = self::told(&mut session, viewport((Mode::Wide, 834, 722)));
    for link in scene[0]["links"].as_array().unwrap().iter().filter(|link| !link["number"].is_null()) {
        let number = link["number"]["text"].as_str().unwrap();
        assert!(svg.contains(number), "{number} is not in the drawing");
    }
    let table = serde_json::to_value(session.table()).unwrap();
    assert_eq!(table["rows"].as_array().unwrap().len(), 12);
    assert!(
        table["head"].as_array().unwrap().contains(&json!("LSTM, gradient from t + 1, relative to t = T"))
    );
}
