//! What the figure of steps promises, for any size: bands that follow each other, planes that hold their eigenvalues,
//! curves that stay in their bands, points that are found where they are drawn.

use ndarray::{Array2, array};
use proptest::prelude::*;
use unrolled::analysis::spectrum::{Bound, Products, Scaling, products};
use unrolled::experiment::{Direction, Steps, file};
use unrolled::session::Session;
use unrolled::view::spectrum::{
    SpectrumFigure, SpectrumHit, SpectrumLane, SpectrumLayout, along, domain, grabs, hit, labels, layout,
};
use unrolled::view::{Area, Band, Mode, Progress, SpectrumWords, Viewport, spectrum_svg};

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };

/// The products of the lanes of a link.
fn of(link: &str) -> Vec<Products> {
    let mut session = Session::new().unwrap();
    session.open(link, None).unwrap();
    let count = serde_json::to_value(session.overview()).unwrap()["lanes"].as_array().unwrap().len();
    (0..count)
        .map(|lane| products(&file::parse(&session.experiment_file(lane).unwrap()).unwrap(), 0))
        .collect()
}

/// A rotation by a right angle, and half of it: eigenvalues ±i and ±i/2.
fn turn() -> [Scaling; 2] {
    let turn: Array2<f64> = array![[0.0, -1.0], [1.0, 0.0]];
    [Scaling::new(&turn), Scaling::new(&(turn * 0.5))]
}

fn lane<'a>(
    index: usize,
    [w, j]: &'a [Scaling; 2],
    products: &'a Products,
    saturated: &'a [f64],
) -> SpectrumLane<'a> {
    let recurrent = index.is_multiple_of(2).then_some(w);
    let bound = recurrent.map(|w| Bound { encoder: w.largest.log10(), decoder: w.largest.log10() });
    SpectrumLane {
        mark: index % 6,
        recurrent,
        step: j,
        products: Some(products),
        bound,
        saturated,
        direction: Direction::Forward,
    }
}

fn figure(lanes: Vec<SpectrumLane<'_>>, steps: usize, flag_above: bool) -> SpectrumFigure<'_> {
    SpectrumFigure { axis: Steps::plain(steps), lanes, progress: Progress::Backward(1), flag_above }
}

fn viewports() -> impl Strategy<Value = Viewport> {
    let modes = prop_oneof![Just(Mode::Wide), Just(Mode::Present), Just(Mode::Phone)];
    (360_u32..1700, 300_u32..1400, modes, any::<bool>()).prop_map(|(width, height, mode, dark)| Viewport {
        width,
        height,
        scale: 1.0,
        mode,
        dark,
    })
}

fn bands(layout: &SpectrumLayout) -> Vec<Band> {
    let mut bands = vec![layout.key, layout.title, layout.inputs];
    bands.extend(layout.lanes.iter().flat_map(|lane| [lane.curves, lane.strip]));
    bands.push(layout.ticks);
    bands
}

/// Every position of the axis lies in one stretch, and what the way back has come through is what is thick.
#[test]
fn what_is_done_is_thick() {
    let (scalings, products) = (turn(), of("T=4&H=2&lanes=rnn"));
    for (axis, direction) in [
        (Steps::plain(5), Direction::Forward),
        (Steps::plain(5), Direction::Backward),
        (Steps { count: 7, encoder: 4 }, Direction::Forward),
        (Steps { count: 7, encoder: 4 }, Direction::Backward),
    ] {
        let lane = SpectrumLane { direction, ..lane(0, &scalings, &products[0], &[]) };
        let way: Vec<_> = axis.way(direction).collect();
        for now in 1..=axis.count {
            let halves = lane.halves(axis, now);
            // A line from one position to the next is a step of the way back.
            let lines = |done: bool| {
                let of = halves.iter().filter(move |(_, thick)| *thick == done);
                of.flat_map(|(of, _)| of.clone().zip(of.clone().skip(1))).collect::<Vec<_>>()
            };
            let expected = |done: bool| {
                let steps = way.windows(2).enumerate().filter(move |(k, _)| (axis.count - k > now) == done);
                let mut pairs: Vec<_> =
                    steps.map(|(_, pair)| (pair[0].min(pair[1]), pair[0].max(pair[1]))).collect();
                pairs.retain(|(a, b)| {
                    b - a == 1 && (direction == Direction::Forward || axis.decodes(*a) == axis.decodes(*b))
                });
                pairs.sort_unstable();
                pairs
            };
            assert_eq!(
                (lines(true), lines(false)),
                (expected(true), expected(false)),
                "{axis:?}, {direction:?}, {now}"
            );
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 64, ..ProptestConfig::default() })]

    #[test]
    fn nothing_overlaps(viewport in viewports(), count in 1_usize..=6, above in any::<bool>()) {
        let (scalings, known) = (turn(), of("T=9&H=2&lanes=rnn"));
        let lanes = (0..count).map(|index| lane(index, &scalings, &known[0], &[0.5; 9]));
        let figure = figure(lanes.collect(), 9, above);
        let layout = layout(&figure, viewport);
        for pair in bands(&layout).windows(2) {
            prop_assert!(pair[0].end() <= pair[1].y, "{:?}", pair);
        }
        prop_assert!(layout.height >= layout.ticks.end());
        for (index, plane) in layout.planes.iter().enumerate() {
            prop_assert!(plane.top + plane.side <= layout.key.y);
            let dials = plane.dials.last().unwrap();
            prop_assert!(dials.line <= plane.top + plane.side && dials.x >= plane.x + plane.side);
            for other in &layout.planes[..index] {
                let beside = other.x + other.width <= plane.x || plane.x + plane.width <= other.x;
                prop_assert!(beside || other.top + other.side <= plane.y, "{:?} {:?}", other, plane);
            }
            // The unit circle, and every eigenvalue, is in its square.
            prop_assert!(plane.unit <= f64::from(plane.side) / 2.0);
        }
        for label in labels(&figure, &layout, viewport) {
            prop_assert!(label.y <= f64::from(layout.height), "{:?}", label);
        }
    }

    #[test]
    fn what_is_drawn_is_found(viewport in viewports(), which in 0_usize..4, t in 1_usize..=9) {
        let (scalings, known) = (turn(), of("T=9&H=2&lanes=rnn"));
        let figure = figure(vec![lane(0, &scalings, &known[0], &[0.25; 9])], 9, false);
        let layout = layout(&figure, viewport);
        let (x, y) = layout.planes[0].centre();
        let scaling = if which < 2 { &scalings[0] } else { &scalings[1] };
        let [re, im] = scaling.eigenvalues[which % 2];
        let (px, py) = (x + re * layout.planes[0].unit, y - im * layout.planes[0].unit);
        match hit(&figure, &layout, px, py) {
            SpectrumHit::Eigenvalue { lane: 0, recurrent, index, area } => {
                prop_assert_eq!((recurrent, index), (which < 2, which % 2));
                prop_assert!(area.x < px && px < area.x + area.width && area.y < py && py < area.y + area.height);
            }
            other => prop_assert!(false, "{:?}", other),
        }
        prop_assert_eq!(grabs(&figure, &layout, px, py), (which < 2).then_some(0));
        // Halfway between two eigenvalues only the circle of ρ is there.
        let side = layout.planes[0].unit;
        let on_ring = matches!(hit(&figure, &layout, x + side, y), SpectrumHit::Ring { lane: 0, .. });
        prop_assert!(on_ring);
        let middle = |band: Band| f64::from(band.y) + f64::from(band.height) / 2.0;
        let place = &layout.lanes[0];
        let at = layout.axis.centre(t);
        let inside = |area: Area| area.x <= at && at <= area.x + area.width;
        match hit(&figure, &layout, at, middle(place.curves)) {
            SpectrumHit::Curves { lane: 0, t: found, area } => prop_assert!(found == t && inside(area)),
            other => prop_assert!(false, "{:?}", other),
        }
        match hit(&figure, &layout, at, middle(place.strip)) {
            SpectrumHit::Strip { lane: 0, t: found, area } => prop_assert!(found == t && inside(area)),
            other => prop_assert!(false, "{:?}", other),
        }
    }
}

#[test]
fn one_scale_holds_the_largest_of_every_lane() {
    for link in ["", "act=relu&rho=1.6", "T=200&data=sunspots&rho=0.3", "rho=3&T=30"] {
        let (scalings, all) = (turn(), of(link));
        let steps = all[0].axis().count;
        let saturated = vec![0.0; steps];
        let lanes =
            all.iter().enumerate().map(|(index, products)| lane(index, &scalings, products, &saturated));
        let figure = figure(lanes.collect(), steps, false);
        let scale = domain(&figure);
        for products in &all {
            for largest in products.largest().into_iter().filter(|decades| decades.is_finite()) {
                assert!(scale.low < largest && largest < scale.high, "{link}: {largest} in {scale:?}");
            }
        }
    }
}

#[test]
fn a_dial_has_1_in_the_middle_and_ends() {
    for (value, place) in [(0.0, 0.0), (0.5, 0.25), (1.0, 0.5), (2.0, 1.0), (9.0, 1.0), (-1.0, 0.0)] {
        assert!((along(value) - place).abs() < 1e-15);
    }
    assert!(!along(f64::NAN).is_finite());
}

#[test]
fn what_is_left_of_nothing_is_said() {
    let scalings = turn();
    let off = of("lanes=rnn~act:relu&T=9&H=1&text=aaaaaaaaaaaa");
    let words = |products: &Products| {
        let steps = products.axis().count;
        let saturated = vec![0.0; steps];
        let figure = figure(vec![lane(0, &scalings, products, &saturated)], steps, false);
        labels(&figure, &layout(&figure, WIDE), WIDE).into_iter().map(|label| label.text).collect::<Vec<_>>()
    };
    let said = words(&off[0]);
    let empty = (1..=9).any(|t| off[0].at(t).is_empty());
    assert_eq!(said.iter().any(|text| text.starts_with("nothing left from t = ")), empty, "{said:?}");
    let broken = of("lanes=rnn~act:relu&rho=3&T=200&data=sunspots&H=32");
    let finite = broken[0].is_finite();
    assert_eq!(words(&broken[0]).iter().any(|text| text.starts_with("not finite")), !finite);
}

#[test]
fn the_drawing_has_the_names_the_numbers_and_the_size_of_the_figure() {
    let (scalings, all) = (turn(), of("T=12&H=3"));
    let saturated = [0.0; 12];
    let lanes = all.iter().enumerate().map(|(index, products)| lane(index, &scalings, products, &saturated));
    let figure = figure(lanes.collect(), 12, false);
    let said = |name: &str| SpectrumWords {
        name: name.into(),
        head: "J, t = 4".into(),
        dials: vec![("ρ(W)".into(), "0.707".into())],
        number: "1.25×10⁻³".into(),
    };
    let text =
        spectrum_svg(&figure, &["RNN", "LSTM", "GRU"].map(said), ["key of signs", "title of curves"], WIDE);
    let size = layout(&figure, WIDE);
    assert!(text.contains(&format!(r#"width="{}" height="{}""#, size.width, size.height)));
    for words in
        ["RNN J, t = 4", "LSTM", "GRU", "ρ(W)", "0.707", "1.25×10⁻³", "key of signs", "title of curves"]
    {
        assert!(text.contains(words), "no {words}");
    }
    assert!(text.matches("<circle").count() >= 6 && text.matches("<polyline").count() > 20);
}
