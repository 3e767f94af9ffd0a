//! What the view promises, for any figure: bands that do not overlap, cells that hit themselves, exact colours.

mod sample;

use proptest::prelude::*;
use sample::Sample;
use unrolled::view::{
    Area, Band, Hit, Label, Layout, Mode, Progress, Raster, Rgb, Viewport, hit, labels, layout, svg, theme,
};

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };
const THREE: [(&str, f64); 3] = [("rnn", -9.2), ("lstm", -1.0), ("gru", -1.2)];

fn viewports() -> impl Strategy<Value = Viewport> {
    let modes = prop_oneof![Just(Mode::Wide), Just(Mode::Present), Just(Mode::Phone)];
    let scales = prop_oneof![Just(1.0), Just(1.25), Just(1.5), Just(2.0), Just(3.0)];
    (360_u32..1700, 300_u32..1400, scales, modes, any::<bool>())
        .prop_map(|(width, height, scale, mode, dark)| Viewport { width, height, scale, mode, dark })
}

fn samples() -> impl Strategy<Value = Sample> {
    let cell = prop_oneof![Just("rnn"), Just("relu"), Just("lstm"), Just("gru")];
    let lanes = prop::collection::vec((cell, -60.0..12.0_f64), 0..=6);
    let flags = prop::array::uniform4(any::<bool>());
    (1_usize..=200, 1_usize..=128, lanes, flags, 0_usize..4).prop_map(
        |(steps, units, lanes, [targets, outputs, stack, mirrored], choice)| {
            let mut sample = Sample::new(steps, units, &lanes);
            (sample.targets, sample.stack) = (targets, stack);
            for lane in &mut sample.lanes {
                lane.outputs = outputs;
                if mirrored {
                    lane.mirrored = true;
                    lane.decades.reverse();
                }
                for (index, row) in lane.rows.iter_mut().enumerate() {
                    row.3 = [None, Some(index % 2 == 0), Some(false), Some(true)][choice];
                }
                if choice == 3 {
                    lane.decades[0] = f64::NEG_INFINITY;
                    lane.decades[steps / 2] = f64::NAN;
                    lane.rows[0].2[[steps - 1, 0]] = f64::INFINITY;
                }
            }
            sample
        },
    )
}

/// All bands, top to bottom.
fn bands(layout: &Layout) -> Vec<Band> {
    let mut bands = vec![layout.inputs];
    bands.extend(layout.targets);
    for lane in &layout.lanes {
        bands.extend(lane.rows.iter().map(|row| Band { y: row.y, height: row.height }));
        bands.extend(lane.outputs);
        bands.push(lane.strip);
    }
    bands.extend([layout.chart, layout.ticks]);
    bands
}

fn middle(area: Area) -> (f64, f64) {
    (area.x + area.width / 2.0, area.y + area.height / 2.0)
}

fn touch(a: Area, b: Area) -> bool {
    a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bands_follow_each_other_and_columns_fit(sample in samples(), viewport in viewports()) {
        let figure = sample.figure(Progress::Forward(1));
        let layout = layout(&figure, viewport);
        let bands = bands(&layout);
        for pair in bands.windows(2) {
            prop_assert!(pair[0].end() <= pair[1].y, "{pair:?}");
        }
        prop_assert!(bands.last().is_some_and(|band| band.end() <= layout.height));
        prop_assert!(bands.iter().all(|band| band.height > 0));
        prop_assert!(layout.axis.column >= 1 && layout.axis.right() <= layout.width);
        if viewport.mode == Mode::Phone || sample.steps <= 80 {
            prop_assert_eq!(layout.width, viewport.width);
        }
        for (lane, place) in sample.lanes.iter().zip(&layout.lanes) {
            prop_assert_eq!(place.rows.len() + place.folded.len(), lane.rows.len());
            for row in &place.rows {
                prop_assert!(row.height >= 24 && row.height as usize >= row.units);
                prop_assert!(lane.rows[row.index].3 != Some(false));
            }
            for folded in &place.folded {
                let chosen = lane.rows.iter().find(|row| row.0 == folded.symbol).and_then(|row| row.3);
                prop_assert!(chosen == Some(false) || chosen.is_none() && folded.symbol != "h" && (sample.stack || folded.symbol != "C"));
            }
            prop_assert!(place.y <= place.strip.y && place.y + place.height == place.strip.end());
        }
        let scrolls = viewport.mode == Mode::Phone || layout.height > viewport.height;
        prop_assert!(scrolls || layout.height == viewport.height, "height is wasted");
        if viewport.mode != Mode::Phone && layout.height > viewport.height {
            let folds = |row: &&sample::SampleRow| row.3.is_none() && row.0 != "h" && (sample.stack || row.0 != "C");
            let most: usize = sample.lanes.iter().map(|lane| lane.rows.iter().filter(folds).count()).sum();
            let folded: usize = layout.lanes.iter().map(|lane| lane.folded.len()).sum();
            prop_assert!(folded >= most, "scrolls although something could fold");
        }
        prop_assert!(layout.tick_labels.windows(2).all(|pair| pair[0] < pair[1]));
        prop_assert_eq!(layout.tick_labels.first().copied(), Some(1));
        prop_assert_eq!(layout.tick_labels.last().copied(), Some(sample.steps));
    }

    #[test]
    fn every_place_hits_itself(sample in samples(), viewport in viewports(), pick in any::<prop::sample::Index>()) {
        let layout = layout(&sample.figure(Progress::Forward(1)), viewport);
        let t = pick.index(sample.steps) + 1;
        let column = hit(&layout, layout.axis.centre(t), f64::from(layout.chart.y)).place();
        let Some((_, column)) = column else { return Err(TestCaseError::fail("the chart has no column")) };
        let at = |band: Band| hit(&layout, layout.axis.centre(t), f64::from(band.y) + f64::from(band.height) / 2.0);
        for band in bands(&layout) {
            let Some((step, area)) = at(band).place() else { return Err(TestCaseError::fail("a band hits nothing")) };
            prop_assert_eq!((step, area.x, area.width), (t, column.x, column.width));
        }
        for (index, (lane, place)) in sample.lanes.iter().zip(&layout.lanes).enumerate() {
            let own = matches!(at(place.strip), Hit::Strip { lane, .. } if lane == index);
            prop_assert!(own, "the strip is another lane's");
            for (row, values) in lane.rows.iter().enumerate() {
                let unit = pick.index(values.2.ncols());
                let Some(area) = layout.cell(index, row, unit, t) else {
                    prop_assert!(place.folded.iter().any(|folded| folded.symbol == values.0));
                    continue;
                };
                let (x, y) = middle(area);
                prop_assert_eq!(hit(&layout, x, y), Hit::Cell { lane: index, row, unit, t, area });
            }
        }
        prop_assert_eq!(hit(&layout, f64::from(layout.axis.x0) - 0.5, 1.0), Hit::Nothing);
        prop_assert_eq!(hit(&layout, f64::NAN, 1.0), Hit::Nothing);
    }

    #[test]
    fn words_do_not_touch_and_stay_inside(sample in samples(), viewport in viewports(), t in 1_usize..=200) {
        let figure = sample.figure(Progress::Backward(t.min(sample.steps)));
        let layout = layout(&figure, viewport);
        let words = labels(&figure, &layout, viewport);
        let areas: Vec<_> = words.iter().map(|label| label.area(viewport.mode)).collect();
        for (index, area) in areas.iter().enumerate() {
            prop_assert!(areas[..index].iter().all(|other| !touch(*area, *other)), "{:?}", words[index]);
            prop_assert!(area.y >= 0.0 && area.y + area.height <= f64::from(layout.height) + 4.0);
            prop_assert!(area.x >= 0.0 && area.x + area.width <= f64::from(layout.width) + 0.5, "{:?}", words[index]);
        }
    }

    #[test]
    fn a_kept_background_changes_nothing(sample in samples(), viewport in viewports(), t in 1_usize..=200) {
        let viewport = Viewport { width: viewport.width.min(700), scale: viewport.scale.min(1.5), ..viewport };
        let steps = sample.steps;
        let now = if t <= steps { Progress::Forward(t) } else { Progress::Backward(t % steps + 1) };
        let (before, after) = (sample.figure(Progress::Backward(1)), sample.figure(now));
        let place = layout(&before, viewport);
        let (mut kept, mut fresh) = (Raster::new(), Raster::new());
        kept.paint(&before, &place, viewport);
        kept.paint(&after, &place, viewport);
        fresh.paint(&after, &place, viewport);
        prop_assert!(kept.pixels() == fresh.pixels());
    }
}

#[test]
fn the_opening_figure_has_its_measures() {
    let sample = Sample::new(40, 16, &THREE);
    let layout = layout(&sample.figure(Progress::Backward(8)), WIDE);
    assert_eq!((layout.axis.x0, layout.axis.column, layout.height), (148, 16, 722));
    assert_eq!(layout.tick_labels, [1, 5, 10, 15, 20, 25, 30, 35, 40]);
    let symbols =
        |lane: usize| layout.lanes[lane].rows.iter().map(|row| (row.symbol, row.height)).collect::<Vec<_>>();
    assert_eq!(symbols(1), [("h", 48), ("C", 48), ("f", 32), ("i", 32), ("o", 32)]);
    assert_eq!(symbols(2), [("h", 48), ("z", 32), ("r", 32)]);
    assert_eq!(layout.lanes[1].folded[0].symbol, "C_tilde");
    assert_eq!(layout.lanes[1].rows[1].note, "±1.8");
    assert!(layout.lanes.iter().all(|lane| lane.strip.height == 34));
}

#[test]
fn gates_fold_in_their_order() {
    let sample = Sample::new(40, 16, &THREE);
    let figure = sample.figure(Progress::Forward(1));
    let mut folded = vec![];
    for height in (300..900).rev() {
        let layout = layout(&figure, Viewport { height, ..WIDE });
        let mut now: Vec<_> = layout
            .lanes
            .iter()
            .flat_map(|lane| &lane.folded)
            .map(|f| f.symbol)
            .filter(|s| !folded.contains(s))
            .collect();
        folded.append(&mut now);
    }
    assert_eq!(folded, ["C_tilde", "h_tilde", "o", "r", "i", "z", "f"]);
}

#[test]
fn cells_have_the_colours_of_their_values() {
    let mut sample = Sample::new(4, 4, &[("lstm", -2.0)]);
    let h = &mut sample.lanes[0].rows[0].2;
    h.fill(0.0);
    (h[[0, 0]], h[[1, 1]], h[[2, 2]]) = (1.0, -1.0, 0.5);
    h[[1, 2]] = f64::NAN;
    for scale in [1.0, 2.0] {
        let viewport = Viewport { scale, ..WIDE };
        let figure = sample.figure(Progress::Forward(3));
        let place = layout(&figure, viewport);
        let mut raster = Raster::new();
        raster.paint(&figure, &place, viewport);
        // The colour in the middle of a cell, and how many pixels of that line have it.
        let look = |unit: usize, t: usize| {
            let area = place.cell(0, 0, unit, t);
            let (x, y) = area.map_or((0.0, 0.0), middle);
            let device = |css: f64| pixel(css * scale);
            let colour = raster.at(device(x), device(y));
            let across = |t: usize| device(f64::from(place.axis.left(t)));
            let same = (across(t)..across(t + 1)).filter(|&x| raster.at(x, device(y)) == colour).count();
            (colour.map(Rgb::css), same)
        };
        let times = if scale > 1.0 { 2 } else { 1 };
        let full = usize::try_from(place.axis.column - 1).unwrap_or(0) * times;
        let css = |code: &str| Some(code.to_owned());
        assert_eq!(look(0, 1), (css("#8A3F08"), full), "full positive");
        assert_eq!(look(1, 2), (css("#0F3B66"), full), "full negative");
        assert_eq!(look(2, 3), (css("#DB9B58"), full), "half");
        assert_eq!(look(3, 1), (css("#F0EEE8"), full), "zero");
        let (colour, width) = look(0, 4);
        assert_eq!(colour, css("#F0EEE8"), "still to come: the same colour");
        assert_eq!(width, (full + 2) / 5, "still to come: a fifth of the width");
        let broken =
            place.cell(0, 0, 2, 2).map_or((0, 0), |area| (pixel(area.x * scale), pixel(area.y * scale)));
        let hatched: Vec<_> = (0..20).filter_map(|dx| raster.at(broken.0 + dx, broken.1 + 1)).collect();
        assert!(hatched.contains(&theme(false).edge) && hatched.contains(&theme(false).paper));
        // The strip is still to come everywhere, and its last bar reaches the top.
        let strip = place.lanes[0].strip;
        let top = pixel((f64::from(strip.y) + 0.5) * scale);
        let bar = raster.at(pixel(place.axis.centre(4) * scale), top).map(Rgb::css);
        assert_eq!(bar, css("#43596D"));
        assert_eq!(raster.at(0, 0), Some(theme(false).paper));
        assert_eq!(raster.pixels().len(), 4 * (raster.width() * raster.height()) as usize);
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small positive numbers")]
fn pixel(value: f64) -> u32 {
    (value + 0.5) as u32
}

#[test]
fn states_that_are_no_numbers_have_words() {
    let mut sample = Sample::new(40, 16, &[("relu", 0.0), ("rnn", -40.0), ("lstm", -1.0)]);
    sample.lanes[0].rows[0].2[[28, 3]] = f64::INFINITY;
    sample.lanes[0].rows[0].2[[30, 3]] = f64::NAN;
    sample.lanes[0].decades.fill(f64::NAN);
    sample.lanes[1].decades[..6].fill(f64::NEG_INFINITY);
    let figure = sample.figure(Progress::Backward(3));
    let words = labels(&figure, &layout(&figure, WIDE), WIDE);
    let has = |text: &str| words.iter().any(|label: &Label| label.text == text);
    for text in ["∞ from t = 29, then NaN", "no gradient: not finite", "exactly 0 from t = 6 back"] {
        assert!(has(text), "{text} is not among {words:?}");
    }
}

/// A small figure to the letter. `UNROLLED_BLESS=1` writes it anew; look at it before you commit it.
#[test]
fn a_small_figure_is_drawn_to_the_letter() {
    let mut sample = Sample::new(3, 2, &[("lstm", -9.0)]);
    for (number, row) in sample.lanes[0].rows.iter_mut().enumerate() {
        row.2
            .indexed_iter_mut()
            .for_each(|((t, unit), v)| *v = [0.25, -0.5, 0.75, 1.5, 0.0][(t + unit + number) % 5]);
    }
    sample.lanes[0].decades = vec![f64::NEG_INFINITY, -8.0, 0.0];
    let viewport = Viewport { width: 360, height: 420, ..WIDE };
    let drawn = svg(&sample.figure(Progress::Backward(2)), viewport);
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/view/small.svg");
    if std::env::var_os("UNROLLED_BLESS").is_some() {
        assert!(std::fs::write(path, &drawn).is_ok(), "{path} can be written");
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let differs = known.lines().zip(drawn.lines()).find(|(a, b)| a != b);
    assert!(known == drawn, "first difference: {differs:?}");
}

/// A row whose direction reads from T to 1 is done from its end, as far as the others are from their beginning; its
/// strip from t = 1.
#[test]
fn a_mirrored_row_is_done_from_the_other_end() {
    let mut sample = Sample::new(5, 4, &[("rnn", -2.0)]);
    sample.lanes[0].mirrored = true;
    sample.lanes[0].decades.reverse();
    let paper = theme(false).paper;
    for (progress, done_rows, done_bars) in [
        (Progress::Forward(2), [false, false, false, true, true], [false; 5]),
        (Progress::Backward(4), [true; 5], [true, true, false, false, false]),
    ] {
        let mut figure = sample.figure(progress);
        figure.lanes[0].rows[0].mirrored = true;
        let place = layout(&figure, WIDE);
        let mut raster = Raster::new();
        raster.paint(&figure, &place, WIDE);
        let strip = place.lanes[0].strip;
        // Whether the first pixels of a column are painted: what is still to come is thinner than its column.
        let full =
            |t: usize, y: u32| raster.at(place.axis.left(t) + 1, y).is_some_and(|colour| colour != paper);
        for t in 1..=5 {
            assert_eq!(full(t, place.lanes[0].rows[0].y + 1), done_rows[t - 1], "{progress:?}, state {t}");
            assert_eq!(full(t, strip.end() - 2), done_bars[t - 1], "{progress:?}, gradient {t}");
        }
    }
}

#[test]
fn a_point_in_a_matrix_finds_the_cell_that_is_painted_there() {
    use unrolled::view::matrix::layout;
    for (sizes, width) in [
        (vec![(16, 16), (16, 41), (16, 1)], 312),
        (vec![(2, 2), (2, 1), (2, 1)], 312),
        (vec![(1, 97)], 200),
        (vec![(128, 128)], 312),
    ] {
        let place = layout(&sizes, width);
        assert_eq!(place.parts.len(), sizes.len());
        for (part, &(rows, columns)) in sizes.iter().enumerate() {
            for (row, column) in [(0, 0), (rows - 1, columns - 1), (rows / 2, columns / 2)] {
                let area = place.cell(part, row, column).unwrap();
                assert!(
                    area.x + area.width <= f64::from(place.width)
                        && area.y + area.height <= f64::from(place.height)
                );
                let inside = place.hit(area.x + area.width - 0.5, area.y + 0.5);
                assert_eq!(inside, Some((part, row, column)), "{sizes:?} in {width}");
            }
            assert!(place.cell(part, rows, 0).is_none() && place.cell(part, 0, columns).is_none());
        }
        assert!(place.hit(-1.0, 1.0).is_none() && place.hit(1.0, f64::from(place.height)).is_none());
        assert!(place.hit(f64::NAN, 1.0).is_none());
    }
    assert!(layout(&[(16, 16), (16, 41), (16, 1)], 312).width <= 312, "it fits where it can");
}

#[test]
fn a_matrix_is_painted_with_its_numbers() {
    use ndarray::arr2;
    use unrolled::view::matrix::{Colours, Part, layout, paint};
    use unrolled::view::{Raster, theme};
    let (first, second) = (arr2(&[[0.5, -2.0], [0.0, f64::NAN]]), arr2(&[[10.0], [1e-3]]));
    let parts = [
        Part { values: first.view(), changed: vec![(0, 1)] },
        Part { values: second.view(), changed: Vec::new() },
    ];
    let place = layout(&[(2, 2), (2, 1)], 200);
    for (scale, dark) in [(1.0, false), (2.0, true)] {
        let theme = theme(dark);
        let mut raster = Raster::new();
        let centre = |part: usize, row: usize, column: usize| {
            let area = place.cell(part, row, column).unwrap();
            [area.x + area.width / 2.0, area.y + area.height / 2.0].map(|css| {
                #[expect(
                    clippy::cast_possible_truncation,
                    clippy::cast_sign_loss,
                    reason = "small and positive"
                )]
                let device = (css * scale) as u32;
                device
            })
        };
        paint(&mut raster, &parts, &place, Colours::Values, scale, dark);
        let at = |raster: &Raster, [x, y]: [u32; 2]| raster.at(x, y).unwrap();
        assert_eq!(at(&raster, centre(0, 0, 0)), theme.state.at(0.25));
        assert_eq!(at(&raster, centre(0, 0, 1)), theme.state.at(-1.0));
        assert_eq!(at(&raster, centre(1, 0, 0)), theme.state.at(1.0), "each part to its own scale");
        let area = place.cell(0, 0, 1).unwrap();
        let [_, y] = centre(0, 0, 1);
        #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "small and positive")]
        let left = (area.x * scale) as u32;
        assert_eq!(raster.at(left, y), Some(theme.ink), "changed by hand: an edge of ink");
        paint(&mut raster, &parts, &place, Colours::Gradients, scale, dark);
        assert_eq!(at(&raster, centre(1, 0, 0)), theme.gradient.at(0.0));
        assert_eq!(at(&raster, centre(1, 1, 0)), theme.gradient.at(-4.0), "all parts to one scale");
    }
}
