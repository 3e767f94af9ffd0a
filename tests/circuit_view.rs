//! The drawings of the cells: what stands where, and that what is described is what is drawn.

use unrolled::analysis::circuit::{Circuit, WireKind, circuits};
use unrolled::view::Area;
use unrolled::view::circuit::{Drawing, Label, Placed, Route, Spot, WIDTH, bend, drawing, gradient_width};

/// The numbers of an SVG path that is made of straight lines, as points.
fn points(path: &str) -> Vec<(f64, f64)> {
    let numbers: Vec<f64> = path
        .split(['M', 'L', ' '])
        .filter(|text| !text.is_empty())
        .map(|text| text.parse().unwrap())
        .collect();
    numbers.chunks(2).map(|pair| (pair[0], pair[1])).collect()
}

fn every(check: impl Fn(&Circuit, &Drawing)) {
    for circuit in circuits() {
        check(circuit, &drawing(circuit));
    }
}

/// Whether a point lies on the border of a node, but for the head of an arrow.
fn touches(node: &Placed, (x, y): (f64, f64), head: f64) -> bool {
    let Area { x: left, y: top, width, height } = node.area();
    let near = |a: f64, b: f64| (a - b).abs() <= head;
    let beside = (near(x, left) || near(x, left + width)) && y >= top - 1.0 && y <= top + height + 1.0;
    let above = (near(y, top) || near(y, top + height)) && x >= left - 1.0 && x <= left + width + 1.0;
    beside || above
}

#[test]
fn every_node_and_wire_has_its_place_inside() {
    every(|circuit, drawing| {
        assert_eq!(drawing.nodes.len(), circuit.nodes.len());
        assert_eq!(drawing.wires.len(), circuit.wires.len());
        for node in &drawing.nodes {
            let Area { x, y, width, height } = node.area();
            let inside = x >= 0.0 && y >= 0.0 && x + width <= WIDTH && y + height <= drawing.height;
            assert!(inside && (x, y) != (0.0, 0.0), "{}: {} has no place", circuit.key, node.id);
        }
        for wire in &drawing.wires {
            let way = points(&wire.path);
            assert!(way.len() >= 2, "{}: {} has no way", circuit.key, wire.id);
            for (x, y) in way.into_iter().chain(points(&wire.branch)) {
                assert!(
                    (0.0..=WIDTH).contains(&x) && (0.0..=drawing.height).contains(&y),
                    "{}: {}",
                    circuit.key,
                    wire.id
                );
            }
        }
    });
}

#[test]
fn wires_run_straight_and_begin_and_end_at_nodes_or_on_a_bus() {
    every(|circuit, drawing| {
        for (wire, described) in drawing.wires.iter().zip(&circuit.wires) {
            for path in [&wire.path, &wire.branch] {
                for line in path.split('M').filter(|line| !line.is_empty()) {
                    let way = points(line);
                    for pair in way.windows(2) {
                        let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
                        assert!(
                            (x1 - x2).abs() < 0.1 || (y1 - y2).abs() < 0.1,
                            "{}: {} slants",
                            circuit.key,
                            wire.id
                        );
                    }
                    let free = described.kind == WireKind::Bus
                        || path == &wire.branch
                        || wire.id.starts_with("a_")
                        || ["h_prev", "carried"].contains(&wire.id);
                    let head = if described.kind == WireKind::Highway { 7.0 } else { 4.0 };
                    for end in [way[0], way[way.len() - 1]] {
                        let known = drawing.nodes.iter().any(|node| touches(node, end, head));
                        assert!(known || free, "{}: {} ends nowhere, at {end:?}", circuit.key, wire.id);
                    }
                }
            }
        }
    });
}

/// The width of a number in Arial and in what is set in its widths, of which most systems have one.
fn width(text: &str, size: f64) -> f64 {
    let em = |letter| match letter {
        '.' | ' ' => 0.278,
        '×' | '−' => 0.584,
        '⁻' => 0.53,
        '¹' | '²' => 0.333,
        '◂' | '∂' => 0.5,
        _ => 0.556,
    };
    text.chars().map(em).sum::<f64>() * size
}

fn text(spot: Spot, longest: &str, size: f64) -> Area {
    let (width, height) = (width(longest, size), 0.75 * size);
    let x = match spot.anchor {
        "start" => spot.x,
        "middle" => spot.x - width / 2.0,
        _ => spot.x - width,
    };
    Area { x, y: spot.y - height, width, height }
}

/// The longest numbers of a drawing, with the wire that each belongs to.
fn numbers(drawing: &Drawing) -> Vec<(String, &str, Area)> {
    let mut numbers = Vec::new();
    for wire in &drawing.wires {
        // Under the gates value and gradient take turns.
        let turns = wire.value == wire.gradient;
        if let Some(spot) = wire.value.filter(|_| !turns) {
            numbers.push((format!("value of {}", wire.id), wire.id, text(spot, "−6.1×10⁻¹²", 11.0)));
        }
        if let Some(spot) = wire.gradient {
            let longest = if turns { "∂ −6.1×10⁻¹²" } else { "◂∂ −6.1×10⁻¹²" };
            numbers.push((format!("gradient of {}", wire.id), wire.id, text(spot, longest, 10.0)));
        }
    }
    if let Some(spot) = drawing.factor {
        let longest = if drawing.curve.is_some() { "slope × 6.1×10⁻¹²" } else { "× 6.1×10⁻¹²" };
        numbers.push(("the factor".into(), "", text(spot, longest, 10.0)));
    }
    numbers
}

/// What a wire covers when a gradient as large as at t = T flows through it.
fn covered(wire: &Route) -> Vec<Area> {
    let mut areas = Vec::new();
    for (path, around) in [(&wire.path, if wire.kind == "highway" { 3.0 } else { 0.0 }), (&wire.branch, 0.0)]
    {
        let half = f64::midpoint(gradient_width(0.0), around);
        for line in path.split('M').filter(|line| !line.is_empty()) {
            areas.extend(points(line).windows(2).map(|pair| {
                let ((x1, y1), (x2, y2)) = (pair[0], pair[1]);
                let (x, y) = (x1.min(x2) - half, y1.min(y2) - half);
                Area { x, y, width: (x1 - x2).abs() + 2.0 * half, height: (y1 - y2).abs() + 2.0 * half }
            }));
        }
    }
    areas.extend(wire.bead.map(|[x, y]| Area { x: x - 4.0, y: y - 4.0, width: 8.0, height: 8.0 }));
    areas
}

fn symbol(label: &Label) -> Area {
    #[expect(clippy::cast_precision_loss, reason = "an index has few letters")]
    let width = 11.0 + 6.0 * label.index.chars().count() as f64;
    let x = if label.anchor == "end" { label.x - width } else { label.x };
    Area { x, y: label.y - 11.0, width, height: if label.index.is_empty() { 11.0 } else { 15.0 } }
}

#[test]
fn nodes_and_words_keep_clear_of_each_other() {
    let apart = |a: &Area, b: &Area| {
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
    };
    every(|circuit, drawing| {
        let mut areas: Vec<(String, Area)> =
            drawing.nodes.iter().map(|node| (node.id.to_owned(), node.area())).collect();
        let strips = drawing.strips.iter().filter(|strip| strip.of.len() == 1);
        areas.extend(strips.map(|strip| (format!("strip {}", strip.of), strip.area)));
        let beside = drawing.nodes.iter().filter(|node| ["state", "bias"].contains(&node.kind));
        let symbols = beside
            .map(|node| (node.id, &node.label))
            .chain(drawing.names.iter().map(|name| ("a name", name)));
        areas.extend(symbols.map(|(id, label)| (format!("symbol of {id}"), symbol(label))));
        let numbers = numbers(drawing);
        areas.extend(numbers.iter().map(|(name, _, area)| (name.clone(), *area)));
        let mut faults = Vec::new();
        for (k, (name, area)) in areas.iter().enumerate() {
            let (right, bottom) = (area.x + area.width, area.y + area.height);
            if area.x < -1.0 || right > WIDTH + 1.0 || bottom > drawing.height {
                faults.push(format!("{name} leaves the drawing"));
            }
            let over = areas[..k].iter().filter(|(_, taken)| !apart(area, taken));
            faults.extend(over.map(|(other, taken)| format!("{name} lies over {other}: {area:?} {taken:?}")));
        }
        for (name, of, area) in &numbers {
            // What stands under a gate stands on what leads into it.
            let own = |wire: &&Route| {
                wire.value == wire.gradient && (wire.id == *of || (*of == "a_h" && wire.id == "reset"))
            };
            for wire in drawing.wires.iter().filter(|wire| !own(wire)) {
                let struck = covered(wire).into_iter().filter(|taken| !apart(area, taken));
                faults.extend(struck.map(|taken| format!("{} strikes {name}: {area:?} {taken:?}", wire.id)));
            }
        }
        assert!(faults.is_empty(), "{}: {faults:#?}", circuit.key);
        let boxes = drawing.nodes.iter().filter(|node| ["gate", "candidate"].contains(&node.kind));
        for node in boxes {
            for longest in ["−0.0059", "−6×10⁻¹²"] {
                assert!(
                    width(longest, 10.0) < node.width - 2.0,
                    "{}: {longest} leaves {}",
                    circuit.key,
                    node.id
                );
            }
        }
    });
}

#[test]
fn the_tangent_touches_the_curve() {
    let area = Area { x: 10.0, y: 10.0, width: 68.0, height: 88.0 };
    for (rectifies, a, slope) in
        [(false, 0.3, 1.0 - f64::tanh(0.3).powi(2)), (false, 9.0, 0.0), (true, 1.0, 1.0), (true, -2.0, 0.0)]
    {
        let found = bend(area, rectifies, a, slope).unwrap();
        let [x1, y1, x2, y2] = found.tangent;
        assert!(
            (f64::midpoint(x1, x2) - found.x).abs() < 1e-9 && (f64::midpoint(y1, y2) - found.y).abs() < 1e-9
        );
        assert!(found.x > area.x && found.x < area.x + area.width, "{a}");
        assert_eq!(slope > 0.0, y1 > y2 + 1e-9, "{a}: it rises where the slope does");
    }
    assert!(bend(area, false, f64::NAN, 1.0).is_none());
}

#[test]
fn widths_grow_with_decades_and_stay_in_bounds() {
    let widths: Vec<f64> = (-12..8).map(|decades| gradient_width(f64::from(decades))).collect();
    assert!(widths.windows(2).all(|pair| pair[0] <= pair[1]), "{widths:?}");
    assert!(widths[0] >= 0.5 && widths[19] <= 7.0 && widths[12] > widths[9]);
}
