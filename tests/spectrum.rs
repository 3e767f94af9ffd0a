//! Steps as matrices: against numbers of four hundred digits, closed forms, and each other.

use crate::common::{Draw, Size, at, cells, number, row};
use nalgebra::DMatrix;
use ndarray::{Array2, array};
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use unrolled::analysis::paths::Paths;
use unrolled::analysis::saturation::Saturation;
use unrolled::analysis::spectrum::{Bound, Course, Scaling, products, rate, recurrent};
use unrolled::analysis::verdict::Known;
use unrolled::experiment::{Direction, Experiment, file};
use unrolled::model::jacobian::Steps;
use unrolled::session::Session;
use unrolled::trace::run;

fn cases() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/spectrum.json.gz");
    let mut data: Value =
        serde_json::from_reader(flate2::read::GzDecoder::new(File::open(path).unwrap())).unwrap();
    let Value::Array(cases) = data["cases"].take() else { panic!("no cases") };
    assert_eq!(cases.len(), 33);
    cases
}

fn parse(case: &Value) -> Experiment {
    file::parse(&case["experiment"].to_string()).unwrap()
}

/// The layer and direction that a case is of.
fn sweep(case: &Value) -> usize {
    case["sweep"].as_u64().map_or(0, |sweep| usize::try_from(sweep).unwrap())
}

fn close(ours: f64, expected: f64, tolerance: f64, what: &str) {
    let near = (ours - expected).abs() <= tolerance * expected.abs().max(1.0);
    assert!(near, "{what}: {ours:e}, expected {expected:e}");
}

#[test]
fn singular_values_are_those_of_four_hundred_digits() {
    let (mut deepest, mut spread, mut zeros) = (0.0_f64, 0.0_f64, 0);
    for case in cases() {
        let experiment = parse(&case);
        let ours = products(&experiment, sweep(&case));
        let seen = |t| ours.axis().seen(ours.direction(), t);
        let name = &case["experiment"]["model"]["cell"];
        for (t, expected) in (1..).zip(case["decades"].as_array().unwrap()) {
            let expected: Vec<f64> =
                expected.as_array().unwrap().iter().map(|v| number(v).unwrap()).collect();
            let ours_here = ours.at(seen(t));
            assert_eq!(
                ours_here.len(),
                expected.len(),
                "{name} at {t}: {ours_here:?}, expected {expected:?}"
            );
            for (k, (a, b)) in ours_here.iter().zip(&expected).enumerate() {
                close(*a, *b, 1e-7, &format!("{name} at {t}, σ_{k}"));
            }
            zeros += ours.size(seen(t)) - ours_here.len();
            let (first, last) =
                (expected.first().copied().unwrap_or(0.0), expected.last().copied().unwrap_or(0.0));
            deepest = deepest.min(last);
            spread = spread.max(first - last);
        }
        close(rate(&ours.largest()).unwrap(), at(&case, "/rate"), 1e-8, "rate");
    }
    assert!(deepest < -90.0 && spread > 60.0, "the cases go deep: {deepest}, {spread}");
    assert!(zeros > 50, "units that are off leave exact zeros: {zeros}");
}

#[test]
fn eigenvalues_are_those_of_four_hundred_digits() {
    let check = |ours: &Scaling, case: &Value, place: &str, what: &str| {
        close(ours.radius, at(case, &format!("{place}/radius")), 1e-9, &format!("{what}, ρ"));
        close(ours.largest, at(case, &format!("{place}/largest")), 1e-12, &format!("{what}, σ_max"));
        let expected = crate::common::rows(case, &format!("{place}/eigenvalues"));
        assert_eq!(ours.eigenvalues.len(), expected.len());
        for value in &expected {
            let nearest = ours.eigenvalues.iter().map(|[re, im]| (re - value[0]).hypot(im - value[1]));
            let nearest = nearest.fold(f64::INFINITY, f64::min);
            assert!(nearest < 1e-6, "{what}: {value:?} is {nearest:e} away from all of ours");
        }
    };
    for case in cases() {
        let experiment = parse(&case);
        let name = &case["experiment"]["model"]["cell"];
        let mut steps = Steps::new(&experiment, sweep(&case));
        for t in 1..=steps.axis().count {
            let ours = Scaling::new(&steps.jacobian(t));
            check(&ours, &case, &format!("/steps/{}", t - 1), &format!("{name}, J_{t}"));
        }
        let matrices = recurrent(&experiment, sweep(&case));
        assert_eq!(case["recurrent"].as_array().map_or(0, Vec::len), matrices.len());
        for (k, matrix) in matrices.iter().enumerate() {
            check(&Scaling::new(matrix), &case, &format!("/recurrent/{k}"), &format!("{name}, W"));
        }
    }
}

#[test]
fn paths_are_those_of_held_gates_and_add_up() {
    let mut seen = 0;
    for case in cases().into_iter().filter(|case| case["paths"].is_object()) {
        seen += 1;
        let experiment = parse(&case);
        let trace = run(&experiment);
        let axis = experiment.steps();
        let paths = Paths::new(&experiment.spec, &trace.along(true)[0], axis);
        let expected = ["direct", "gates", "total"].map(|name| row(&case, &format!("/paths/{name}")));
        for t in 1..=axis.count {
            let ours = paths.at(t);
            for (ours, expected) in [ours.direct.unwrap(), ours.gates, ours.total].iter().zip(&expected) {
                let scale = paths.at(t).total.max(expected[t - 1]);
                assert!(
                    (ours - expected[t - 1]).abs() <= 1e-11 * scale,
                    "{ours:e}, expected {:e}",
                    expected[t - 1]
                );
            }
        }
    }
    assert_eq!(seen, 10);
}

#[test]
fn saturated_units_are_counted() {
    let (mut some, mut steps) = (0, 0);
    for case in cases() {
        let experiment = parse(&case);
        let (run, axis) = (run(&experiment), experiment.steps());
        let layer = &run.along(false)[sweep(&case)];
        for t in 1..=axis.count {
            let ours = Saturation::new(&experiment.spec, layer, axis.seen(layer.direction, t));
            let place = format!("/saturation/{}", t - 1);
            close(ours.state, at(&case, &format!("{place}/state")), 1e-15, "state");
            for (gate, shut, open) in &ours.gates {
                close(*shut, at(&case, &format!("{place}/shut/{gate}")), 1e-15, gate);
                close(*open, at(&case, &format!("{place}/open/{gate}")), 1e-15, gate);
            }
            steps += 1;
            some += usize::from(ours.share() > 0.0);
        }
    }
    assert!(some > 50 && some < steps, "{some} of {steps}");
}

fn experiment(model: &Value, size: Size, seed: u64) -> Experiment {
    let value = crate::common::experiment(model, "many-to-one", "squared-error", size, &mut Draw(seed));
    file::parse(&value.to_string()).unwrap()
}

const SMALL: Size = Size { inputs: 2, hidden: 5, outputs: 3, steps: 9 };

/// An RNN with this matrix and nothing else.
fn only(matrix: &[&[f64]], activation: &str, steps: usize, start: &[f64]) -> Experiment {
    let (hidden, zeros) = (matrix.len(), vec![0.0; matrix.len()]);
    let value = json!({
        "format": "unrolled/1",
        "model": {
            "cell": "rnn", "activation": activation, "inputs": 1, "hidden": hidden, "outputs": 1, "shape": "many-to-one",
            "weights": {
                "layers": [{ "layer": 1, "direction": "forward", "W_xh": vec![[0.0]; hidden], "W_hh": matrix,
                    "b_h": zeros, "h_0": start }],
                "head": { "W_hy": [vec![1.0; hidden]], "b_y": [0.0] },
            },
        },
        "loss": "squared-error", "x": vec![[0.0]; steps], "target": [[1.0]],
    });
    file::parse(&value.to_string()).unwrap()
}

/// The cells whose state is all that a step hands on: the others have no one Jacobian.
fn one_step() -> impl Iterator<Item = Value> {
    cells().into_iter().map(|(_, model)| model).filter(|model| model["skip"].is_null())
}

#[test]
fn a_step_forward_moves_as_its_jacobian_says() {
    let mut models: Vec<Value> = one_step().collect();
    models.push(json!({"cell": "lstm", "layer_norm": true}));
    models.push(json!({"cell": "gru", "reset": "before", "layer_norm": true}));
    for (seed, model) in (1..).zip(models) {
        let experiment = experiment(&model, SMALL, seed);
        let start = &experiment.weights.layers[0];
        let moved = |by: f64, k: usize| {
            let mut experiment = experiment.clone();
            let layer = &mut experiment.weights.layers[0];
            let (h, c) = (&mut layer.h_0, &mut layer.c_0);
            *if k < h.len() { &mut h[k] } else { &mut c[k - 5] } += by;
            let layer = &run(&experiment).trace.layers[0];
            layer.h.row(0).iter().chain(layer.c.row(0)).copied().collect::<Vec<_>>()
        };
        let ours = Steps::new(&experiment, 0).jacobian(1);
        assert_eq!(ours.ncols(), if model["cell"] == "lstm" { 10 } else { 5 });
        assert_eq!(start.h_0.len(), 5);
        for k in 0..ours.ncols() {
            let (up, down) = (moved(1e-5, k), moved(-1e-5, k));
            for i in 0..ours.nrows() {
                close(ours[[i, k]], (up[i] - down[i]) / 2e-5, 1e-8, &format!("{model}: J[{i}, {k}]"));
            }
        }
    }
}

/// A layer in a direction is the same layer alone over what it reads, in the order in which it reads it.
#[test]
fn every_layer_and_direction_is_one_over_what_it_reads() {
    for (seed, cell) in (30..).zip(one_step()) {
        let mut model = cell.clone();
        crate::common::merge(&mut model, &json!({"layers": 2, "bidirectional": true}));
        let whole = experiment(&model, SMALL, seed);
        let trace = run(&whole).trace;
        let steps = whole.x.nrows();
        for sweep in 0..4 {
            let mut alone = whole.clone();
            (alone.spec.layers, alone.spec.bidirectional) = (1, false);
            let below: Vec<_> = trace.layers[..2].iter().map(|layer| layer.h.view()).collect();
            if sweep > 1 {
                alone.x = ndarray::concatenate(ndarray::Axis(1), &below).unwrap();
            }
            alone.spec.inputs = alone.x.ncols();
            let backward = sweep % 2 == 1;
            if backward {
                alone.x.invert_axis(ndarray::Axis(0));
            }
            alone.x = alone.x.as_standard_layout().into_owned();
            let mut layer = whole.weights.layers[sweep].clone();
            (layer.layer, layer.direction) = (1, unrolled::experiment::Direction::Forward);
            alone.weights.layers = vec![layer];
            alone.weights.head.w_hy = Array2::zeros((SMALL.outputs, SMALL.hidden));
            let (ours, theirs) = (products(&whole, sweep), products(&alone, 0));
            assert_eq!(ours.end(), if backward { steps } else { 1 });
            for t in 1..=steps {
                let seen = if backward { steps + 1 - t } else { t };
                assert_eq!(ours.at(seen), theirs.at(t), "{cell}, sweep {sweep} at {t}");
                let both = [(&whole, sweep), (&alone, 0)].map(|(e, sweep)| Steps::new(e, sweep).jacobian(t));
                assert_eq!(both[0], both[1]);
            }
        }
    }
}

/// What is read on the way is what is read in the end.
#[test]
fn an_outline_has_points_of_the_whole() {
    for (seed, cell) in (60..).zip(one_step()) {
        let experiment = experiment(&cell, Size { steps: 30, ..SMALL }, seed);
        let mut course = Course::new(&experiment, 0);
        while course.walks() {
            course.advance();
        }
        let outline = course.found();
        while course.advance() {}
        let whole = course.found();
        assert!(whole.is_whole() && !outline.is_whole() && outline.read(1).is_some());
        let read = (1..=30).filter(|&t| outline.read(t).is_some_and(|at| at == whole.at(t))).count();
        assert_eq!(read, (1..=30).filter(|&t| outline.read(t).is_some()).count());
        assert!(read >= 5, "{cell}: {read}");
    }
}

/// |det| of a product is the product of |det|s, and of its singular values.
#[test]
fn no_singular_value_of_a_large_product_is_missing() {
    // The second spans more decades than an f64 has.
    for (lanes, link) in [
        (3, "T=100&H=32&data=sunspots"),
        (1, "T=200&H=40&data=sunspots&lanes=lstm"),
        (3, "T=60&H=24&rho=1.4&bf=0.5&bz=1"),
    ] {
        let mut session = Session::new().unwrap();
        session.open(link, None).unwrap();
        for lane in 0..lanes {
            let experiment = file::parse(&session.experiment_file(lane).unwrap()).unwrap();
            let (ours, mut steps) = (products(&experiment, 0), Steps::new(&experiment, 0));
            let mut expected = 0.0;
            let (count, size) = (steps.axis().count, steps.size(1));
            for t in (1..count).rev() {
                let matrix = steps.jacobian(t + 1);
                let square = DMatrix::from_fn(size, size, |i, j| matrix[[i, j]]);
                expected += square.lu().u().diagonal().iter().map(|v| v.abs().log10()).sum::<f64>();
                let here = ours.at(t);
                assert_eq!(here.len(), size, "{link}, lane {lane} at {t}: {here:?}");
                assert!(here.is_sorted_by(|a, b| a >= b));
                close(here.iter().sum(), expected, 1e-9, &format!("{link}, lane {lane} at {t}"));
            }
            assert!(expected < -50.0, "{link}, lane {lane}: {expected}");
        }
    }
}

#[test]
fn closed_forms() {
    // One unit with slope 1: σ = wᵏ.
    let one = products(&only(&[&[1.5]], "relu", 30, &[1.0]), 0);
    for t in 1..=30 {
        close(one.at(t)[0], f64::from(30 - i32::try_from(t).unwrap()) * 1.5_f64.log10(), 1e-12, "1.5ᵏ");
    }
    // The bound is (γ·σ)^(T−t), with γ = 1.
    let experiment = only(&[&[1.5]], "tanh", 30, &[1.0]);
    let w: Vec<_> = recurrent(&experiment, 0).iter().map(Scaling::new).collect();
    let bound = Bound::new(&experiment, &w).unwrap();
    for t in 1..=30 {
        let expected = f64::from(30 - i32::try_from(t).unwrap()) * 1.5_f64.log10();
        close(bound.at(experiment.steps(), Direction::Forward, t), expected, 1e-13, "bound");
    }
    // A matrix with ρ = 0 whose powers vanish, but not for a network that switches a unit off: growth 2ⁿ.
    let trap: &[&[f64]] = &[&[2.0, -2.0], &[2.0, -2.0]];
    let scaling = Scaling::new(&array![[2.0, -2.0], [2.0, -2.0]]);
    assert!(scaling.radius < 1e-7, "{}", scaling.radius);
    close(scaling.largest, 4.0, 1e-14, "σ_max of the trap");
    let linear = Array2::from_shape_fn((2, 2), |(i, k)| trap[i][k]);
    assert_eq!(linear.dot(&linear), Array2::<f64>::zeros((2, 2)));
    // Units that swap: eigenvalues are roots of unity, singular values are 1 for ever.
    let turn = Array2::from_shape_fn((6, 6), |(i, k)| f64::from(u8::from((i + 1) % 6 == k)));
    let scaling = Scaling::new(&turn);
    assert_eq!(scaling.eigenvalues.len(), 6);
    for [re, im] in scaling.eigenvalues {
        close(re.hypot(im), 1.0, 1e-12, "|root of unity|");
        let sixth = (0..6).map(|n| f64::from(n) * std::f64::consts::FRAC_PI_3);
        assert!(
            sixth.into_iter().any(|angle| (re - angle.cos()).hypot(im - angle.sin()) < 1e-9),
            "{re} {im}"
        );
    }
    // A straight line has its own slope, whatever is missing from it.
    let line: Vec<f64> = (0..20).map(|t| 3.0 - 0.25 * f64::from(19 - t)).collect();
    close(rate(&line).unwrap(), -0.25, 1e-14, "slope");
    let broken: Vec<f64> = line.iter().map(|d| if *d < -1.0 { f64::NEG_INFINITY } else { *d }).collect();
    close(rate(&broken).unwrap(), -0.25, 1e-14, "slope of what is left");
    assert_eq!((rate(&[1.0]), rate(&[])), (None, None));
}

/// Answers to `must it vanish` and `can it explode`, and the reason of the second.
fn answers(experiment: &Experiment) -> [String; 3] {
    let w: Vec<_> = recurrent(experiment, 0).iter().map(Scaling::new).collect();
    let step = Scaling::new(&Steps::new(experiment, 0).jacobian(1));
    let known = Known {
        spec: &experiment.spec,
        bounded: Bound::new(experiment, &w).is_some(),
        recurrent: &w,
        step: &step,
        t: 1,
        axis: experiment.steps(),
        direction: Direction::Forward,
        alone: true,
        products: None,
    };
    let [vanish, explode, _] = known.verdicts();
    [vanish.answer, explode.answer, explode.reason]
}

#[test]
fn verdicts_say_no_more_than_the_theorems() {
    let check = |matrix: &[&[f64]], vanish: &str, explode: &str, linear: &str| {
        let [must, can, reason] = answers(&only(matrix, "tanh", 4, &vec![0.0; matrix.len()]));
        assert_eq!((must.as_str(), can.as_str()), (vanish, explode), "{matrix:?}");
        assert!(reason.contains(linear), "{matrix:?}: {reason}");
    };
    check(&[&[0.9, 0.0], &[0.0, 0.5]], "yes, proven", "no, excluded", "would fade");
    check(&[&[1.0, 0.0], &[0.0, 1.0]], "not proven", "no, excluded", "leaves undecided");
    check(&[&[1.1, 0.0], &[0.0, 0.5]], "not proven", "not excluded", "would grow");
    // ρ < 1 proves nothing where σ_max > 1.
    check(&[&[2.0, -2.0], &[2.0, -2.0]], "not proven", "not excluded", "would fade");
    check(&[&[0.5, 3.0], &[0.0, 0.5]], "not proven", "not excluded", "would fade");
    for model in [json!({"cell": "lstm"}), json!({"cell": "gru"}), json!({"cell": "rnn", "layer_norm": true})]
    {
        let [must, can, _] = answers(&experiment(&model, SMALL, 3));
        assert_eq!((must.as_str(), can.as_str()), ("no bound", "no bound"), "{model}");
    }
}

#[test]
fn what_is_not_finite_has_no_spectrum() {
    let broken = array![[1.0, f64::NAN], [0.0, 1.0]];
    let scaling = Scaling::new(&broken);
    assert!(scaling.radius.is_nan() && scaling.largest.is_nan() && scaling.eigenvalues.is_empty());
    let zero = Scaling::new(&Array2::zeros((3, 3)));
    assert_eq!((zero.radius, zero.largest), (0.0, 0.0));
    // All off: from the step before the last nothing is left.
    let off = products(&only(&[&[1.0]], "relu", 5, &[0.0]), 0);
    assert_eq!((off.at(5), off.at(4).len(), off.at(1).len()), (&[0.0][..], 0, 0));
    assert_eq!(off.largest()[..4], [f64::NEG_INFINITY; 4]);
    let exploded = products(&only(&[&[1e200]], "relu", 6, &[1.0]), 0);
    assert!(off.is_finite() && !exploded.is_finite());
    assert_eq!(exploded.at(6), [0.0; 0]);
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 48, ..ProptestConfig::default() })]

    #[test]
    fn no_product_exceeds_the_bound(seed in any::<u64>(), scale in 0.05_f64..2.0, relu in any::<bool>()) {
        let activation = if relu { "relu" } else { "tanh" };
        let mut experiment = experiment(&json!({"cell": "rnn", "activation": activation}), SMALL, seed);
        for (name, w) in &mut experiment.weights.layers[0].values {
            if *name == "W_hh" {
                w.mapv_inplace(|v| v * scale);
            }
        }
        let scaling = Scaling::new(&recurrent(&experiment, 0)[0]);
        prop_assert!(scaling.radius <= scaling.largest * (1.0 + 1e-12));
        no_more_than_the_bound(&experiment, 0)?;
    }

    /// From the decoder's end through both recurrent matrices, in either direction of the encoder.
    #[test]
    fn no_product_over_the_border_exceeds_the_bound(seed in any::<u64>(), scale in 0.05_f64..2.0, both in any::<bool>(), sweep in 0..2_usize) {
        let model = json!({"cell": "rnn", "activation": "tanh", "bidirectional": both});
        let value = crate::common::experiment(&model, "encoder-decoder", "squared-error", SMALL, &mut Draw(seed));
        let mut experiment = file::parse(&value.to_string()).unwrap();
        for (name, w) in experiment.weights.layers.iter_mut().flat_map(|layer| &mut layer.values) {
            if *name == "W_hh" {
                w.mapv_inplace(|v| v * scale);
            }
        }
        no_more_than_the_bound(&experiment, if both { sweep } else { 0 })?;
    }
}

fn no_more_than_the_bound(experiment: &Experiment, sweep: usize) -> Result<(), TestCaseError> {
    let w: Vec<_> = recurrent(experiment, sweep).iter().map(Scaling::new).collect();
    let (bound, products) = (Bound::new(experiment, &w).unwrap(), products(experiment, sweep));
    let axis = products.axis();
    for t in 1..=axis.count {
        let most = bound.at(axis, products.direction(), t);
        if let Some(largest) = products.at(t).first() {
            prop_assert!(*largest <= most + 1e-9, "at {}: {} over {}", axis.name(t), largest, most);
        }
    }
    Ok(())
}
