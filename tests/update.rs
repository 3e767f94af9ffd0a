//! One step of gradient descent: against NumPy, against the trace of the changed experiment, and in closed form.

#![allow(clippy::float_cmp, reason = "some numbers are the same to the bit")]

use crate::common::number;
use proptest::prelude::*;
use serde_json::Value;
use std::fs::File;
use std::path::PathBuf;
use unrolled::analysis::histogram::histogram;
use unrolled::analysis::surface::{SIDE, Surface};
use unrolled::analysis::update::{Update, clipped, flat};
use unrolled::experiment::Clip;
use unrolled::experiment::settings::Descent;
use unrolled::experiment::{Experiment, Precision, Weights, file};
use unrolled::trace::{Run, run};

fn cases() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/update.json.gz");
    let file = File::open(path).unwrap();
    let mut data: Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let cases = data["cases"].as_array_mut().unwrap();
    assert_eq!(cases.len(), 8);
    std::mem::take(cases)
}

fn experiment(case: &Value) -> Experiment {
    file::parse(&case["experiment"].to_string()).unwrap()
}

fn descent(case: &Value, clip: Clip) -> Descent {
    Descent { clip, threshold: number(&case["threshold"]).unwrap(), rate: number(&case["rate"]).unwrap() }
}

fn of(case: &Value, clip: Clip) -> (Experiment, Run, Update) {
    let experiment = experiment(case);
    let run = run(&experiment);
    let update = Update::new(&experiment, &run.trace, descent(case, clip));
    (experiment, run, update)
}

fn check(ours: f64, theirs: &Value, what: &str) {
    let theirs = number(theirs).unwrap();
    assert!((ours - theirs).abs() <= 1e-10 * ours.abs().max(theirs.abs()), "{what}: {ours:e}, {theirs:e}");
}

#[test]
fn steps_are_those_of_numpy() {
    let mut raised = 0;
    for case in cases() {
        let (.., update) = of(&case, Clip::Off);
        let what = case["experiment"]["model"].to_string();
        check(update.loss, &case["loss"], &what);
        for (way, theirs) in update.ways.unwrap().iter().zip(case["ways"].as_array().unwrap()) {
            let what = format!("{:?} of {what}", way.clip);
            check(way.norm, &theirs["norm"], &format!("norm, {what}"));
            check(way.cosine(), &theirs["cosine"], &format!("cosine, {what}"));
            check(way.loss, &theirs["loss"], &format!("loss after, {what}"));
            if let Some(clamped) = theirs["clamped"].as_u64() {
                assert_eq!(way.changed as u64, clamped, "{what}");
            }
        }
        raised += u32::from(update.ways.unwrap()[0].loss > 1.5 * update.loss);
    }
    assert!(raised > 0, "the cases hold an unclipped step that raises the loss");
}

#[test]
fn bins_are_those_of_numpy() {
    let mut zeros = 0;
    for case in cases() {
        let (_, run, _) = of(&case, Clip::Off);
        let ours = histogram(&run.trace.gradients, 0);
        let theirs = case["histogram"].as_array().unwrap();
        assert_eq!(ours.len(), theirs.len());
        for (block, theirs) in ours.iter().zip(theirs) {
            let name = block.name;
            assert_eq!(theirs["name"], name);
            assert_eq!(
                (block.entries as u64, block.zeros as u64),
                (theirs["entries"].as_u64().unwrap(), theirs["zeros"].as_u64().unwrap())
            );
            let bins: Value = serde_json::to_value(&block.bins).unwrap();
            assert_eq!(bins, theirs["bins"], "{name}");
            check(block.largest, &theirs["largest"], name);
            zeros += block.zeros;
        }
    }
    assert!(zeros > 0, "the cases hold exact zeros");
}

fn moved(experiment: &Experiment, by: &[f64]) -> Experiment {
    let mut moved = experiment.clone();
    let mut by = by.iter();
    let mut add = |value: &mut f64| *value += by.next().unwrap();
    let Weights { layers, head, .. } = &mut moved.weights;
    for (_, block) in layers.iter_mut().flat_map(|layer| &mut layer.values) {
        block.iter_mut().for_each(&mut add);
    }
    head.w_hy.iter_mut().for_each(&mut add);
    head.b_y.iter_mut().for_each(&mut add);
    moved
}

/// What the step says of the loss, the trace of the changed experiment file says.
#[test]
fn the_loss_after_a_step_is_that_of_the_changed_experiment() {
    for case in cases() {
        for precision in [Precision::F64, Precision::F32] {
            let mut experiment = experiment(&case);
            experiment.precision = precision;
            let gradient = flat(&run(&experiment).trace.gradients);
            let trace = run(&experiment).trace;
            for (clip, k) in [(Clip::Off, 0), (Clip::Norm, 1), (Clip::Value, 2)] {
                let descent = descent(&case, clip);
                let update = Update::new(&experiment, &trace, descent);
                let way = *update.taken().unwrap();
                assert_eq!(way, update.ways.unwrap()[k]);
                let clipped = clipped(&gradient, update.norm, clip, descent.threshold);
                let step: Vec<f64> = clipped.iter().map(|g| -(descent.rate * g)).collect();
                let text = file::to_value(&moved(&experiment, &step)).to_string();
                let trace = unrolled::trace_experiment(&text).unwrap();
                let loss = &serde_json::from_str::<Value>(&trace).unwrap()["loss"];
                assert_eq!(number(loss), Some(way.loss), "{clip:?} in {precision:?}");
            }
        }
    }
}

#[test]
fn clipping_in_closed_form() {
    let g = [3.0, -4.0, 0.0];
    let check = |clip, threshold, expected: [f64; 3]| {
        assert_eq!(clipped(&g, 5.0, clip, threshold), expected, "{clip:?} at {threshold}");
    };
    check(Clip::Off, 1.0, [3.0, -4.0, 0.0]);
    check(Clip::Norm, 2.5, [1.5, -2.0, 0.0]);
    check(Clip::Norm, 5.0, [3.0, -4.0, 0.0]);
    check(Clip::Norm, 7.0, [3.0, -4.0, 0.0]);
    check(Clip::Value, 1.0, [1.0, -1.0, 0.0]);
    check(Clip::Value, 3.5, [3.0, -3.5, 0.0]);
}

#[test]
fn the_plane_is_orthonormal_and_holds_all_steps() {
    for case in cases() {
        let (experiment, run, update) = of(&case, Clip::Value);
        let gradient = flat(&run.trace.gradients);
        let [down, across] = update.directions().unwrap();
        let dot = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        assert!((dot(down, down) - 1.0).abs() < 1e-12 && (dot(across, across) - 1.0).abs() < 1e-12);
        assert!(dot(down, across).abs() < 1e-12);
        for way in update.ways.unwrap() {
            let step = clipped(&gradient, update.norm, way.clip, update.descent.threshold);
            for (k, g) in step.iter().enumerate() {
                let placed = -(way.along * down[k] + way.across * across[k]);
                assert!((placed - g).abs() <= 1e-12 * way.norm, "{:?} of {:?}", way.clip, experiment.spec);
            }
        }
    }
}

#[test]
fn a_point_of_the_map_is_the_trace_of_its_experiment() {
    for case in cases().into_iter().take(5) {
        for clip in [Clip::Off, Clip::Norm, Clip::Value] {
            let (experiment, _, update) = of(&case, clip);
            let mut surface = Surface::new(&experiment, &update).unwrap();
            let mut points = 1;
            while surface.advance() {
                points += 1;
            }
            assert!(surface.complete() && points == SIDE * SIDE);
            let [down, across] = update.directions().unwrap();
            for (row, column) in [(16, 16), (0, 0), (7, 31), (32, 5)] {
                let (alpha, beta) = surface.place(row, column);
                let by: Vec<f64> = down.iter().zip(across).map(|(d, e)| alpha * d + beta * e).collect();
                let ours = surface.at(row, column);
                let theirs = run(&moved(&experiment, &by)).trace.loss;
                assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{row} {column}: {ours:e} {theirs:e}");
            }
            assert_eq!(surface.at(16, 16), update.loss, "the middle is where we stand");
            let step = update.descent.rate * update.taken().unwrap().norm;
            assert!(clip == Clip::Off || step <= surface.reach(), "the step that is taken is on the map");
        }
    }
}

#[test]
fn a_coarse_map_has_only_values_of_the_fine_one() {
    let (experiment, _, update) = of(&cases()[0], Clip::Norm);
    let mut whole = Surface::new(&experiment, &update).unwrap();
    while whole.advance() {}
    let mut part = Surface::new(&experiment, &update).unwrap();
    assert!(!part.begun());
    while !part.begun() {
        part.advance();
    }
    for (row, column) in (0..SIDE * SIDE).map(|n| (n / SIDE, n % SIDE)) {
        let near = |at: usize| (at + 8) / 16 * 16;
        assert_eq!(part.at(row, column), whole.at(near(row), near(column)), "{row} {column}");
    }
}

#[test]
fn a_gradient_that_is_zero_or_not_finite_has_no_direction() {
    let case = &cases()[2];
    let (experiment, run, _) = of(case, Clip::Norm);
    let mut trace = run.trace;
    let fill = |weights: &mut Weights, value: f64| {
        weights.layers.iter_mut().for_each(|layer| layer.values.iter_mut().for_each(|(_, b)| b.fill(value)));
        weights.head.w_hy.fill(value);
        weights.head.b_y.fill(value);
    };
    fill(&mut trace.gradients, 0.0);
    let still = Update::new(&experiment, &trace, descent(case, Clip::Norm));
    assert!(still.directions().is_none() && Surface::new(&experiment, &still).is_none());
    assert!(still.ways.unwrap().iter().all(|way| way.norm == 0.0 && way.loss == still.loss));
    trace.gradients.head.b_y[0] = f64::INFINITY;
    let broken = Update::new(&experiment, &trace, descent(case, Clip::Norm));
    assert!(broken.ways.is_none() && broken.directions().is_none() && broken.norm == f64::INFINITY);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn clipping_shortens_and_keeps_what_it_says(
        gradient in proptest::collection::vec(-1e3..1e3_f64, 1..40),
        threshold in 0.05..10.0_f64,
    ) {
        let length = unrolled::analysis::signal::norm(&gradient);
        let by_norm = clipped(&gradient, length, Clip::Norm, threshold);
        prop_assert!(unrolled::analysis::signal::norm(&by_norm) <= length.min(threshold) * (1.0 + 1e-12));
        for (v, g) in by_norm.iter().zip(&gradient) {
            prop_assert!((v * length - g * length.min(threshold)).abs() <= 1e-9 * g.abs() * threshold, "direction");
        }
        for (v, g) in clipped(&gradient, length, Clip::Value, threshold).iter().zip(&gradient) {
            prop_assert!(v.abs() <= threshold && (v == g || (v.abs() == threshold && v * g > 0.0)));
        }
    }
}
