//! The drawings of the cells: what stands where, and that what is described is what is drawn.

use unrolled::analysis::circuit::{Circuit, WireKind, circuits};
use unrolled::view::Area;
use unrolled::view::circuit::{Drawing, HEIGHT, Placed, WIDTH, bend, drawing, gradient_width};

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
            let inside = x >= 0.0 && y >= 0.0 && x + width <= WIDTH && y + height <= HEIGHT;
            assert!(inside && (x, y) != (0.0, 0.0), "{}: {} has no place", circuit.key, node.id);
        }
        for wire in &drawing.wires {
            let way = points(&wire.path);
            assert!(way.len() >= 2, "{}: {} has no way", circuit.key, wire.id);
            for (x, y) in way.into_iter().chain(points(&wire.branch)) {
                assert!(
                    (0.0..=WIDTH).contains(&x) && (0.0..=HEIGHT).contains(&y),
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

#[test]
fn nodes_and_words_keep_clear_of_each_other() {
    let apart = |a: &Area, b: &Area| {
        a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
    };
    every(|circuit, drawing| {
        let mut areas: Vec<(String, Area)> =
            drawing.nodes.iter().map(|node| (node.id.to_owned(), node.area())).collect();
        areas.extend(
            drawing
                .strips
                .iter()
                .filter(|strip| strip.of.len() == 1)
                .map(|strip| (format!("strip {}", strip.of), strip.area)),
        );
        for wire in &drawing.wires {
            for (name, spot, width) in [("value", wire.value, 37.0), ("gradient", wire.gradient, 43.0)] {
                let Some(spot) = spot else { continue };
                let x = match spot.anchor {
                    "start" => spot.x,
                    "middle" => spot.x - width / 2.0,
                    _ => spot.x - width,
                };
                areas.push((
                    format!("{name} of {}", wire.id),
                    Area { x, y: spot.y - 8.0, width, height: 8.0 },
                ));
            }
        }
        for (k, (name, area)) in areas.iter().enumerate() {
            for (other, taken) in &areas[..k] {
                assert!(apart(area, taken), "{}: {name} lies over {other}", circuit.key);
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
