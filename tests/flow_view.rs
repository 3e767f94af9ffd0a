//! What the flow figure promises, for any size: bands that follow each other, cells that hit themselves, exact
//! colours, a followed loss that shows how far it has come.

use proptest::prelude::*;
use unrolled::analysis::contribution::{Contributions, Part};
use unrolled::analysis::flow::{Flow, Reach};
use unrolled::experiment::Direction;
use unrolled::view::flow::{FlowFigure, FlowHit, FlowLane, FlowLayout, hit, labels, layout, raster, tints};
use unrolled::view::{Area, Band, Mode, Progress, Raster, Viewport, theme};

fn flow(steps: usize, losses: usize, decade: f64) -> Flow {
    let silent = steps - losses;
    let norm = (0..losses * steps).map(|n| {
        let (loss, k) = (silent + n / steps, n % steps);
        if k > loss { f64::NAN } else { 10_f64.powf(decade * real(loss - k)) }
    });
    Flow::of(steps, norm.collect(), Reach::Earlier, Direction::Forward)
}

fn real(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

fn figure(flows: &[Flow], loss: usize, progress: Progress) -> FlowFigure<'_> {
    let lanes =
        flows.iter().enumerate().map(|(mark, flow)| FlowLane { mark, flow, recurs: mark != 1, given: None });
    FlowFigure { steps: flows[0].steps(), encoder: flows[0].steps(), lanes: lanes.collect(), loss, progress }
}

fn viewports() -> impl Strategy<Value = Viewport> {
    let modes = prop_oneof![Just(Mode::Wide), Just(Mode::Present), Just(Mode::Phone)];
    let scales = prop_oneof![Just(1.0), Just(1.25), Just(1.5), Just(2.0), Just(3.0)];
    (360_u32..1700, 300_u32..1400, scales, modes, any::<bool>())
        .prop_map(|(width, height, scale, mode, dark)| Viewport { width, height, scale, mode, dark })
}

fn flows() -> impl Strategy<Value = Vec<Flow>> {
    (1_usize..=200, 1_usize..=6, any::<bool>(), -3.0..0.5_f64).prop_map(|(steps, lanes, one, decade)| {
        (0..lanes).map(|lane| flow(steps, if one { 1 } else { steps }, decade * real(lane))).collect()
    })
}

fn bands(layout: &FlowLayout) -> Vec<Band> {
    let mut bands = vec![layout.inputs];
    bands.extend(layout.note);
    bands.extend(
        layout
            .lanes
            .iter()
            .flat_map(|lane| [Some(lane.matrix), Some(lane.bars), lane.shares].into_iter().flatten()),
    );
    bands.push(layout.ticks);
    bands
}

fn middle(area: Area) -> (f64, f64) {
    (area.x + area.width / 2.0, area.y + area.height / 2.0)
}

/// The pixel in the middle of a place.
fn device(area: Area, scale: f64) -> (u32, u32) {
    let (x, y) = middle(area);
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "inside the picture")]
    let at = |v: f64| (v * scale) as u32;
    (at(x), at(y))
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bands_follow_each_other_and_columns_fit(flows in flows(), viewport in viewports()) {
        let figure = figure(&flows, flows[0].steps(), Progress::Backward(1));
        let layout = layout(&figure, viewport);
        let bands = bands(&layout);
        for pair in bands.windows(2) {
            prop_assert!(pair[0].end() <= pair[1].y, "{pair:?}");
        }
        prop_assert!(bands.iter().all(|band| band.height > 0));
        prop_assert!(layout.ticks.end() <= layout.height);
        prop_assert!(layout.axis.right() <= layout.width);
        for (lane, of) in layout.lanes.iter().zip(&figure.lanes) {
            let last = lane.shares.unwrap_or(lane.bars);
            prop_assert!(lane.y <= lane.matrix.y && last.end() <= lane.y + lane.height);
            let low = viewport.mode == Mode::Present && lane.shares.is_none();
            prop_assert!(low || lane.shares.is_some() == (layout.losses() > 1 && of.recurs));
            prop_assert!(real(layout.losses()) * 3.0 >= f64::from(lane.matrix.height) || layout.losses() == 1);
        }
    }

    #[test]
    fn a_cell_hits_itself(
        flows in flows(),
        viewport in viewports(),
        (lane, loss, k) in (0_usize..6, 0_usize..200, 0_usize..200),
    ) {
        let layout = layout(&figure(&flows, flows[0].steps(), Progress::Backward(1)), viewport);
        let lane = lane % flows.len();
        let loss = layout.first + loss % layout.losses();
        let k = 1 + k % flows[0].steps();
        let area = layout.cell(lane, loss, k).unwrap();
        let (x, y) = middle(area);
        prop_assert_eq!(hit(&layout, x, y), FlowHit::Loss { lane, loss, k, area });
        let bars = layout.lanes[lane].bars;
        let under = hit(&layout, x, f64::from(bars.y) + 1.0);
        let is_bar = matches!(under, FlowHit::Bar { lane: l, k: at, .. } if l == lane && at == k);
        prop_assert!(is_bar, "{under:?}");
        if let Some(band) = layout.lanes[lane].shares {
            let under = hit(&layout, x, f64::from(band.end()) - 1.0);
            let is_share = matches!(under, FlowHit::Share { lane: l, loss, .. } if l == lane && loss == k);
            prop_assert!(is_share, "{under:?}");
        }
    }

    #[test]
    fn words_stay_on_the_figure(flows in flows(), viewport in viewports()) {
        let figure = figure(&flows, flows[0].steps(), Progress::Backward(1));
        let layout = layout(&figure, viewport);
        for label in labels(&figure, &layout, viewport) {
            let area = label.area(viewport.mode);
            prop_assert!(area.x + area.width <= f64::from(layout.width) + 1.0, "{label:?}");
            prop_assert!(area.y >= 0.0 && area.y + area.height <= f64::from(layout.height), "{label:?}");
        }
    }
}

proptest! {
    // Whole pictures take their time.
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn cells_have_the_colours_of_their_numbers(
        (steps, decade) in (2_usize..=70, -3.0..0.5_f64),
        (scale, dark) in (prop_oneof![Just(1.0), Just(1.5), Just(2.0)], any::<bool>()),
        (loss, k, followed) in (0_usize..200, 0_usize..200, 0_usize..200),
    ) {
        let flows = [flow(steps, steps, decade)];
        let viewport = Viewport { scale, dark, ..WIDE };
        let first = flows[0].first();
        let followed = first + followed % flows[0].losses();
        let figure = figure(&flows, followed, Progress::Backward(1));
        let layout = layout(&figure, viewport);
        let mut picture = Raster::new();
        raster(&mut picture, &figure, &layout, viewport);
        let loss = first + loss % flows[0].losses();
        let k = 1 + k % steps;
        let area = layout.cell(0, loss, k).unwrap();
        // The outline of the followed loss covers its neighbours; rows under a pixel share one.
        let clear = real(loss.abs_diff(followed)) * area.height > 6.0;
        prop_assume!(clear);
        let (x, y) = device(area, viewport.scale);
        let theme = theme(viewport.dark);
        let expected =
            if k > loss { theme.paper } else { theme.gradient.at(flows[0].decade(loss, k).unwrap()) };
        prop_assert_eq!(picture.at(x, y), Some(expected));
    }
}

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };

#[test]
fn the_followed_loss_is_thick_where_it_has_come_back() {
    let flows = [flow(20, 20, -0.1)];
    let at = |progress| {
        let figure = figure(&flows, 15, progress);
        let layout = layout(&figure, WIDE);
        let mut picture = Raster::new();
        raster(&mut picture, &figure, &layout, WIDE);
        // The left edge of a cell, which a thin one leaves to the paper.
        (1..=15)
            .map(|k| {
                let area = layout.cell(0, 15, k).unwrap();
                let (_, y) = device(area, 1.0);
                picture.at(layout.axis.left(k), y) != Some(theme(false).paper)
            })
            .collect::<Vec<_>>()
    };
    let done = |from: usize| (1..=15).map(|k| k >= from).collect::<Vec<_>>();
    assert_eq!(at(Progress::Backward(1)), done(1));
    assert_eq!(at(Progress::Backward(6)), done(6));
    assert_eq!(at(Progress::Backward(18)), done(18), "it has not entered yet");
    assert_eq!(at(Progress::Forward(20)), done(21));
}

#[test]
fn the_highest_bar_is_full_and_its_bands_are_in_order() {
    let flows = [flow(30, 30, 0.0)];
    let figure = figure(&flows, 30, Progress::Backward(1));
    let layout = layout(&figure, WIDE);
    let mut picture = Raster::new();
    raster(&mut picture, &figure, &layout, WIDE);
    let (bars, x) = (layout.lanes[0].bars, layout.axis.left(1) + 1);
    let mut seen = vec![];
    for y in (bars.y..bars.end() - 1).rev() {
        let colour = picture.at(x, y).unwrap();
        if seen.last() != Some(&colour) {
            seen.push(colour);
        }
    }
    assert_eq!(seen, tints(0, false), "own loss at the foot, the furthest on top, no paper above");
}

#[test]
fn a_share_stands_on_zero_or_hangs_from_it() {
    let flows = [flow(4, 4, 0.0)];
    let part = |share| Part { norm: 1.0, share: Some(share), gates: vec![1.0] };
    let given = Contributions::new(0, 1.0, [0.5, -0.25, 0.75, 0.0].map(part).into());
    let mut figure = figure(&flows, 3, Progress::Backward(1));
    figure.lanes[0].given = Some(&given);
    let layout = layout(&figure, WIDE);
    let mut picture = Raster::new();
    raster(&mut picture, &figure, &layout, WIDE);
    let band = layout.lanes[0].shares.unwrap();
    let own = unrolled::view::identity(0).colour;
    // Filled pixels of each loss's column, from the top of the band.
    let filled = |loss: usize| {
        let x = layout.axis.left(loss) + 2;
        let rows = (band.y..band.end()).filter(|&y| picture.at(x, y) == Some(own)).map(|y| y - band.y);
        let rows: Vec<u32> = rows.collect();
        (rows.first().copied(), rows.len())
    };
    let room = f64::from(band.height - 1);
    for (loss, share) in [(1, 0.5), (2, 0.25), (3, 0.75)] {
        // Up to a pixel, and the line at zero or the frame, which cover one.
        let height = real(filled(loss).1);
        assert!((height - room * share).abs() <= 2.0, "{loss}: {height} of {room}");
    }
    assert_eq!(filled(4), (None, 0));
    let zero = room * 0.75;
    assert!(
        filled(1).0.is_some_and(|top| f64::from(top) < zero)
            && filled(2).0.is_some_and(|top| f64::from(top) >= zero - 1.0)
    );
    let words: Vec<String> = labels(&figure, &layout, WIDE).into_iter().map(|label| label.text).collect();
    assert!(words.contains(&"0.75".to_owned()) && words.contains(&"−0.25".to_owned()), "{words:?}");
    // The followed one is framed.
    let ink = theme(false).ink;
    let edge = |loss: usize| picture.at(layout.axis.left(loss) + 2, band.end() - 1) == Some(ink);
    assert_eq!([1, 2, 3, 4].map(edge), [false, false, true, false]);
}

#[test]
fn what_is_not_a_number_is_hatched_and_said() {
    let mut norm: Vec<f64> = (0..16).map(|n| if n % 4 > n / 4 { f64::NAN } else { 1.0 }).collect();
    norm[12] = f64::INFINITY;
    let broken = [Flow::of(4, norm.clone(), Reach::Earlier, Direction::Forward)];
    norm[12] = 0.0;
    let zero = [Flow::of(4, norm, Reach::Earlier, Direction::Forward)];
    let words = |flows: &[Flow]| {
        let figure = figure(flows, 4, Progress::Backward(1));
        labels(&figure, &layout(&figure, WIDE), WIDE).into_iter().map(|label| label.text).collect::<Vec<_>>()
    };
    assert!(words(&broken).contains(&"not finite".to_owned()));
    assert!(words(&zero).contains(&"exactly 0".to_owned()));
}

#[test]
fn the_drawing_has_the_names_and_the_size_of_the_figure() {
    let flows = [flow(12, 12, -0.5), flow(12, 12, 0.1)];
    let figure = figure(&flows, 9, Progress::Backward(3));
    let text = unrolled::view::flow_svg(&figure, &["RNN", "LSTM"], WIDE);
    let size = layout(&figure, WIDE);
    assert!(text.contains(&format!(r#"width="{}" height="{}""#, size.width, size.height)));
    assert!(text.contains("RNN") && text.contains("LSTM") && text.contains(&tints(1, false)[5].css()));
}

/// From right to left the encoder's first step is the last one read: a gradient from the decoder comes there first.
#[test]
fn before_a_decoder_each_direction_comes_back_in_its_own_order() {
    for (direction, first, last) in [(Direction::Forward, 3, 1), (Direction::Backward, 1, 3)] {
        let flows = [Flow::of(5, vec![1.0; 10], Reach::Earlier, direction)];
        let arrived = |t: usize, k: usize| {
            let figure = FlowFigure { encoder: 3, ..figure(&flows, 5, Progress::Backward(t)) };
            figure.arrived(&figure.lanes[0], k)
        };
        assert!(arrived(4, 4) && !arrived(4, 1) && !arrived(4, 3), "{direction:?}");
        assert!(arrived(3, first) && !arrived(3, last) && arrived(1, last), "{direction:?}");
    }
}
