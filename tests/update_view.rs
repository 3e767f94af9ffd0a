//! What the update figure promises, for any size: panels that keep apart, points that hit themselves, exact colours,
//! arrows whose angle and length are those of the numbers.

use proptest::prelude::*;
use unrolled::analysis::histogram::{Block, histogram};
use unrolled::analysis::surface::{SIDE, Surface};
use unrolled::analysis::update::Update;
use unrolled::experiment::Clip;
use unrolled::experiment::Experiment;
use unrolled::experiment::settings::Descent;
use unrolled::session::Session;
use unrolled::trace::run;
use unrolled::view::update::{
    Ink, Scale, UpdateFigure, UpdateHit, UpdateLane, UpdateLayout, hit, labels, layout, raster, strokes,
};
use unrolled::view::{Area, Mode, Raster, Viewport, theme};

/// What one lane shows.
struct Shown {
    update: Update,
    surface: Surface,
    blocks: Vec<Block>,
}

fn experiment(cell: &str) -> Experiment {
    let mut session = Session::new().unwrap();
    session.open(&format!("shape=many-to-many&T=12&H=5&lanes={cell}&act=relu&rho=2"), None).unwrap();
    unrolled::experiment::file::parse(&session.experiment_file(0).unwrap()).unwrap()
}

fn shown(cell: &str, clip: Clip, threshold: f64) -> Shown {
    let experiment = experiment(cell);
    let trace = run(&experiment).trace;
    let update = Update::new(&experiment, &trace, Descent { clip, threshold, rate: 0.1 });
    let mut surface = Surface::new(&experiment, &update).unwrap();
    while surface.advance() {}
    Shown { update, surface, blocks: histogram(&trace.gradients, 0) }
}

fn all() -> Vec<Shown> {
    let cells = ["rnn", "lstm", "gru"].into_iter().zip([Clip::Off, Clip::Norm, Clip::Value]);
    cells.map(|(cell, clip)| shown(cell, clip, 10.0)).collect()
}

fn figure(shown: &[Shown]) -> UpdateFigure<'_> {
    let lanes = shown.iter().enumerate().map(|(mark, shown)| UpdateLane {
        mark,
        update: &shown.update,
        surface: Some(&shown.surface),
        blocks: &shown.blocks,
    });
    UpdateFigure { steps: 12, lanes: lanes.collect() }
}

fn viewports() -> impl Strategy<Value = Viewport> {
    let modes = prop_oneof![Just(Mode::Wide), Just(Mode::Present), Just(Mode::Phone)];
    let scales = prop_oneof![Just(1.0), Just(1.25), Just(1.5), Just(2.0)];
    (360_u32..1700, 300_u32..1400, scales, modes, any::<bool>()).prop_map(
        |(width, height, scale, mode, dark)| {
            // What the page's breakpoints let through.
            let width = if mode == Mode::Phone { width.min(640) } else { width.max(640) };
            Viewport { width, height, scale, mode, dark }
        },
    )
}

fn apart(a: Area, b: Area) -> bool {
    a.x + a.width <= b.x || b.x + b.width <= a.x || a.y + a.height <= b.y || b.y + b.height <= a.y
}

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };

#[test]
fn panels_keep_apart_and_words_stay_on_the_figure() {
    let all = all();
    let figure = figure(&all);
    proptest!(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() }, |(viewport in viewports())| {
        let layout = layout(&figure, viewport);
        let mut end = 0;
        for place in &layout.lanes {
            prop_assert!(place.y >= end);
            end = place.y + place.height;
            let mut areas = vec![place.vectors, place.map, place.histogram()];
            areas.extend(place.words.iter().filter(|area| area.width > 0.0));
            for (k, a) in areas.iter().enumerate() {
                prop_assert!(a.x >= 0.0 && a.x + a.width <= f64::from(layout.width), "{a:?}");
                prop_assert!(a.y >= f64::from(place.y) && a.y + a.height <= f64::from(end) + 1.0, "{a:?}");
                for b in &areas[k + 1..] {
                    prop_assert!(apart(*a, *b), "{a:?} {b:?}");
                }
            }
        }
        prop_assert!(end <= layout.height);
        for label in labels(&figure, &layout, viewport) {
            let area = label.area(viewport.mode);
            prop_assert!(area.x + area.width <= f64::from(layout.width) + 1.0, "{label:?}");
            prop_assert!(area.y >= 0.0 && area.y + area.height <= f64::from(layout.height), "{label:?}");
        }
    });
}

fn map_cell(layout: &UpdateLayout, lane: usize, row: u32, column: u32) -> (f64, f64) {
    let map = layout.lanes[lane].map;
    let each = map.width / 33.0;
    (map.x + each * (f64::from(column) + 0.5), map.y + each * (f64::from(row) + 0.5))
}

#[test]
fn points_hit_themselves_and_have_the_colours_of_their_numbers() {
    let all = all();
    let figure = figure(&all);
    let mut uneven = false;
    for dark in [false, true] {
        let viewport = Viewport { scale: 2.0, dark, ..WIDE };
        let layout = layout(&figure, viewport);
        let mut picture = Raster::new();
        raster(&mut picture, &figure, &layout, viewport);
        let ramp = &theme(dark).state;
        for (lane, shown) in all.iter().enumerate() {
            let mut seen = [false; 2];
            for (row, column) in (0..33_u32).flat_map(|row| (0..33_u32).map(move |column| (row, column))) {
                let (x, y) = map_cell(&layout, lane, row, column);
                let found = hit(&layout, x, y);
                let (row, column) = (row as usize, column as usize);
                assert!(
                    matches!(found, UpdateHit::Map { lane: l, row: r, column: c, .. } if (l, r, c) == (lane, row, column)),
                    "{found:?}"
                );
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "inside the picture"
                )]
                let colour = picture.at((x * 2.0) as u32, (y * 2.0) as u32).unwrap();
                let (loss, now) = (shown.surface.at(row, column), shown.update.loss);
                let (low, high) = shown.surface.range().unwrap();
                let scale = |end: f64| (end.log10() - now.log10()).abs().max(0.05);
                let over = loss.log10() - now.log10();
                uneven |= (scale(low) / scale(high)).ln().abs() > 0.5;
                let expected = ramp.at(over / scale(if over < 0.0 { low } else { high }));
                let near = |a: u8, b: u8| a.abs_diff(b) <= 2;
                assert!(
                    near(colour.0, expected.0) && near(colour.1, expected.1) && near(colour.2, expected.2),
                    "{lane} {row} {column}: {colour:?}, expected {expected:?}"
                );
                seen[usize::from(loss > now)] = true;
            }
            assert_eq!(seen, [true, true], "lower and higher losses");
        }
    }
    assert!(uneven, "the two sides have scales of their own");
    assert_eq!(SIDE, 33);
}

#[test]
fn arrows_have_the_angles_and_lengths_of_the_numbers() {
    for (clip, threshold) in [(Clip::Off, 0.5), (Clip::Norm, 2.0), (Clip::Value, 0.2)] {
        let shown = [shown("lstm", clip, threshold)];
        let figure = figure(&shown);
        let layout = layout(&figure, WIDE);
        let drawn = strokes(&figure, &layout);
        let (place, ways) = (&layout.lanes[0], shown[0].update.ways.unwrap());
        let lines = |area: Area, ink: Ink| {
            let inside = |(x, y): (f64, f64)| {
                x >= area.x && x <= area.x + area.width && y >= area.y && y <= area.y + area.height
            };
            let lines = drawn.iter().filter(|stroke| stroke.ink == ink && !stroke.filled);
            lines
                .filter(|stroke| inside(stroke.points[0]))
                .map(|stroke| (stroke.points[0], stroke.points[1], stroke.taken))
                .collect::<Vec<_>>()
        };
        for (way, ink) in ways.iter().zip([Ink::Off, Ink::Norm, Ink::Value]) {
            for (area, on_map) in [(place.vectors, false), (place.map, true)] {
                let found = lines(area, ink);
                assert_eq!(found.len(), usize::from(way.clip == Clip::Off || way.changed > 0), "{ink:?}");
                for (from, to, taken) in found {
                    let (dx, dy) = (to.0 - from.0, from.1 - to.1);
                    let angle = dy.atan2(dx).to_degrees();
                    assert!((angle - way.angle()).abs() < 0.1, "{ink:?}: {angle}, expected {}", way.angle());
                    assert_eq!(taken, way.clip == clip);
                    let share = 0.1 * way.norm / shown[0].surface.reach() * place.map.width / 2.0;
                    let length = dx.hypot(dy);
                    let half = place.map.width / 2.0;
                    if on_map && dx.abs().max(dy.abs()) < half - 0.5 {
                        assert!((length - share).abs() < 0.1, "{ink:?}: {length}, expected {share}");
                    } else if on_map {
                        assert!(share >= half - 0.5, "it leaves the map where it is longer");
                    }
                }
            }
        }
    }
}

#[test]
fn a_scale_holds_every_bin() {
    let all = all();
    let scale: Scale = layout(&figure(&all), WIDE).scale;
    let (low, high) = scale.decades();
    assert!(high > low && high - low <= 20);
    for bin in all.iter().flat_map(|shown| &shown.blocks).flat_map(|block| block.bins.keys()) {
        assert!(scale.index(*bin) < scale.bins);
        assert!(scale.piled || *bin >= scale.from);
    }
}

#[test]
fn the_drawing_has_names_lines_and_sentences() {
    let all = all();
    let words = ["RNN", "LSTM", "GRU"].map(|name| (name, ["", "It falls.", ""].map(String::from)));
    let text = unrolled::view::update_svg(&figure(&all), &words, WIDE);
    let size = layout(&figure(&all), WIDE);
    assert!(text.contains(&format!(r#"width="{}" height="{}""#, size.width, size.height)));
    for word in ["RNN", "GRU", "It falls.", "W_f", "Loss around", "polygon", "polyline"] {
        assert!(text.contains(word), "{word}");
    }
}
