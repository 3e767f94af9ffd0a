//! Back-propagation against the definition of a derivative: change one number, run again, compare.

use crate::common::{Draw, Size, at, experiment, leaves, model, put, trace};
use serde_json::{Value, json};
use unrolled::analysis::check::{Check, Slope, TOLERANCE, slope};
use unrolled::experiment::{Experiment, Precision, file};
use unrolled::model::Network;
use unrolled::trace::{Trace, gradients_of, run};

/// What is below, as a share of the loss, cannot be told from 0 by its differences.
const FAINT: f64 = 2e-11;

/// Runs both shapes and both losses, then holds the gradient of every weight, bias, initial state and
/// input against central differences. `more` is merged into the model, `biases` are added to the
/// drawn ones.
fn check(cell: &str, more: &Value, biases: &[(&str, f64)]) {
    // Two units, normalised, are ±1 whatever happens: that would test nothing.
    let hidden = if more["layer_norm"] == true { 3 } else { 2 };
    let size = Size { inputs: 2, hidden, outputs: 2, steps: 3 };
    for (shape, loss) in [("many-to-many", "squared-error"), ("many-to-one", "cross-entropy")] {
        let mut file = experiment(&model(cell, more), shape, loss, size, &mut Draw(1));
        for (bias, shift) in biases {
            for leaf in leaves(&file, &format!("/model/weights/layers/0/{bias}")) {
                let shifted = at(&file, &leaf) + shift;
                put(&mut file, &leaf, shifted);
            }
        }
        compare(&mut file, &format!("{cell} {more} {biases:?}, {shape}, {loss}"));
    }
}

/// The same for what speaks by itself: told the targets, and free.
fn check_speaking(cell: &str, shape: &str, more: &Value) {
    let size =
        Size { inputs: 2, hidden: if more["layer_norm"] == true { 3 } else { 2 }, outputs: 2, steps: 3 };
    for loss in ["squared-error", "cross-entropy"] {
        for teaching in [true, false] {
            let mut file = experiment(&model(cell, more), shape, loss, size, &mut Draw(1));
            file["teaching"] = teaching.into();
            let what = format!("{cell} {more}, {shape}, {loss}, teaching: {teaching}");
            compare(&mut file, &what);
            compare_each(&mut file, &what);
        }
    }
}

fn compare(file: &mut Value, what: &str) {
    let trace = trace(file);
    compare_with(file, &trace["gradients"], what, |losses| losses.iter().sum());
}

/// The gradients of the first loss alone and of the last.
fn compare_each(file: &mut Value, what: &str) {
    let experiment = file::from_value(file).unwrap();
    for loss in [0, experiment.target.steps() - 1] {
        let (weights, x) = gradients_of(&experiment, loss);
        let mut gradients = file::weights_value(&weights, experiment.spec.cell);
        gradients["x"] = x.rows().into_iter().map(|row| row.to_vec()).collect();
        compare_with(file, &gradients, &format!("{what}, loss {loss} alone"), |losses| losses[loss]);
    }
}

fn compare_with(file: &mut Value, gradients: &Value, what: &str, of: impl Fn(&[f64]) -> f64) {
    let mut places = leaves(file, "/model/weights");
    places.extend(leaves(file, "/x"));
    let size = of(&losses(file)).max(1.0);
    for place in places {
        let analytic = at(gradients, place.trim_start_matches("/model/weights"));
        let Slope { value: numeric, uncertainty } = difference(file, &place, &of);
        let allowed = TOLERANCE * analytic.abs().max(numeric.abs()) + FAINT * size;
        assert!(uncertainty <= allowed, "{what}: differences at {place} are uncertain by {uncertainty:e}");
        assert!(
            (analytic - numeric).abs() <= allowed,
            "{what}: the gradient at {place} is {analytic:e}, central differences say {numeric:e}"
        );
    }
}

/// The derivative of losses by one number of the file.
fn difference(file: &mut Value, place: &str, of: impl Fn(&[f64]) -> f64) -> Slope {
    let value = at(file, place);
    let found = slope(value, |shift| {
        put(file, place, value + shift);
        of(&losses(file))
    });
    put(file, place, value);
    found
}

/// The differences themselves, against derivatives in closed form.
#[test]
fn differences_of_known_functions() {
    let check = |name: &str, at: f64, function: fn(f64) -> f64, derivative: f64, within: f64| {
        let Slope { value, uncertainty } = slope(at, |shift| function(at + shift));
        let error = (value - derivative).abs();
        assert!(error <= within * derivative.abs() + FAINT, "{name}: {value:e}, not {derivative:e}");
        assert!(error <= uncertainty, "{name}: off by {error:e}, said to be certain to {uncertainty:e}");
    };
    check("exp", 1.0, f64::exp, 1_f64.exp(), 1e-11);
    check("x^5", -2.0, |x| x.powi(5), 80.0, 1e-11);
    check("sin 40x", 0.3, |x| (40.0 * x).sin(), 40.0 * 12_f64.cos(), 1e-9);
    let sigmoid = |x: f64| 1.0 / (1.0 + (-x).exp());
    check("sigmoid, saturated", 12.0, sigmoid, sigmoid(12.0) * sigmoid(-12.0), 1e-6);
    check("sigmoid, shut", 800.0, sigmoid, 0.0, 0.0);
    check("a kink nearby", 1e-4, |x| x.max(0.0) + 0.5 * x * x, 1.0 + 1e-4, 1e-8);
    check("a number of size 1000", 1000.0, f64::ln, 1e-3, 1e-8);
    let at_kink = slope(0.0, |shift| shift.max(0.0));
    assert!((at_kink.value - 0.5).abs() < 1e-9, "between the two: {at_kink:?}");
}

/// The losses, from a forward pass alone.
fn losses(file: &Value) -> Vec<f64> {
    let experiment = file::from_value(file).unwrap();
    Network::<f64>::new(&experiment).forward(&experiment.x, &experiment.target).losses
}

#[test]
fn every_cell() {
    check("rnn tanh", &json!({}), &[]);
    check("rnn relu", &json!({}), &[]);
    check("lstm", &json!({}), &[]);
    check("gru before", &json!({}), &[]);
    check("gru after", &json!({}), &[]);
    check("lstm f = 1", &json!({"layers": 2}), &[]);
    check("gru r = 1", &json!({"bidirectional": true}), &[]);
    check("lstm", &json!({"hold": "i", "layer_norm": true}), &[]);
    check("lstm", &json!({"hold": "o"}), &[]);
    check("gru after", &json!({"hold": "r"}), &[]);
}

/// No state is given, and each step has weights of its own.
#[test]
fn windows() {
    for (cell, _) in crate::common::windows() {
        check(cell, &json!({}), &[]);
        check(cell, &json!({}), &[("b_h", 5.0)]);
        // A window that is longer than what is read.
        let size = Size { inputs: 2, hidden: 2, outputs: 2, steps: 5 };
        let mut file = experiment(
            &model(cell, &json!({"places": 5})),
            "many-to-one",
            "squared-error",
            size,
            &mut Draw(2),
        );
        file["x"].as_array_mut().unwrap().truncate(3);
        compare(&mut file, &format!("{cell}, 3 of 5 steps"));
    }
}

/// Gates nearly open or shut, and so far out that σ is exactly 0 or 1 and its derivative 0.
#[test]
fn saturated_gates() {
    check("rnn tanh", &json!({}), &[("b_h", 5.0)]);
    check("rnn relu", &json!({}), &[("b_h", -20.0)]);
    check("lstm", &json!({}), &[("b_f", 8.0), ("b_i", -8.0)]);
    check("lstm", &json!({}), &[("b_f", -8.0), ("b_o", 8.0)]);
    check("lstm", &json!({}), &[("b_f", 50.0), ("b_i", -800.0), ("b_C", 50.0)]);
    check("gru before", &json!({}), &[("b_z", -8.0), ("b_r", 8.0)]);
    check("gru before", &json!({}), &[("b_z", 50.0), ("b_r", -800.0)]);
    check("gru after", &json!({}), &[("b_z", 8.0), ("b_r", -8.0)]);
    check("gru after", &json!({}), &[("b_z", -50.0), ("b_hh", 50.0)]);
}

#[test]
fn stacks_and_directions() {
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before", "gru after"] {
        check(cell, &json!({"layers": 2}), &[]);
        check(cell, &json!({"bidirectional": true}), &[]);
        check(cell, &json!({"layers": 2, "bidirectional": true}), &[]);
    }
}

#[test]
fn one_loss_alone() {
    let size = Size { inputs: 2, hidden: 2, outputs: 2, steps: 3 };
    for cell in ["rnn tanh", "lstm", "gru before", "gru after"] {
        for more in [json!({}), json!({"layers": 2, "bidirectional": true})] {
            let mut file =
                experiment(&model(cell, &more), "many-to-many", "squared-error", size, &mut Draw(1));
            compare_each(&mut file, &format!("{cell} {more}"));
        }
    }
}

#[test]
fn outputs_that_are_read_again() {
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before", "gru after"] {
        check_speaking(cell, "one-to-many", &json!({"feedback": true}));
        check_speaking(cell, "one-to-many", &json!({"feedback": true, "layers": 2}));
        check_speaking(cell, "encoder-decoder", &json!({}));
        check_speaking(cell, "encoder-decoder", &json!({"layers": 2, "bidirectional": true}));
        if cell != "gru after" {
            check_speaking(cell, "encoder-decoder", &json!({"layer_norm": true}));
        }
    }
}

#[test]
fn one_input() {
    let size = Size { inputs: 2, hidden: 2, outputs: 2, steps: 3 };
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before", "gru after"] {
        for (shape, more) in [
            ("one-to-one", json!({})),
            ("one-to-many", json!({})),
            ("one-to-many", json!({"layers": 2, "bidirectional": true})),
        ] {
            let mut file = experiment(&model(cell, &more), shape, "squared-error", size, &mut Draw(1));
            compare(&mut file, &format!("{cell} {more}, {shape}"));
        }
    }
}

#[test]
fn layer_normalisation() {
    // Not "gru after": its candidate has no one sum W·[h, x] to normalise.
    for cell in ["rnn tanh", "rnn relu", "lstm", "gru before"] {
        check(cell, &json!({"layer_norm": true}), &[]);
        check(cell, &json!({"layer_norm": true, "layers": 2}), &[]);
        check(cell, &json!({"layer_norm": true, "layers": 2, "bidirectional": true}), &[]);
    }
}

/// The page's own check of an experiment, and what it finds when one gradient is wrong.
#[test]
fn the_check_of_the_page_finds_a_wrong_gradient() {
    let size = Size { inputs: 2, hidden: 3, outputs: 2, steps: 5 };
    let found = |experiment: &Experiment, trace: &Trace| {
        let mut check = Check::new(experiment, trace);
        while check.advance() {}
        check.report().clone()
    };
    for (cell, _) in crate::common::cells().into_iter().chain(crate::common::windows().into_iter().take(1)) {
        let value = experiment(&model(cell, &json!({})), "many-to-many", "cross-entropy", size, &mut Draw(5));
        let mut experiment = file::from_value(&value).unwrap();
        let mut trace = run(&experiment).trace;
        let report = found(&experiment, &trace);
        let starts = match cell.split(' ').next() {
            Some("lstm") => 6,
            Some("ann") => 0,
            _ => 3,
        };
        assert_eq!(report.checked, [experiment.spec.parameters(), starts, 10], "{cell}");
        assert_eq!(
            (report.apart, report.done(), report.finite),
            (0, report.total, true),
            "{cell}: {report:?}"
        );
        let (worst, name) = report.worst.unwrap();
        assert!(worst < TOLERANCE, "{cell}: {worst:e} at {name}");

        // A held gate's weights have no gradient that could be wrong by a share of it.
        let blocks = &mut trace.gradients.layers[0].values;
        let (name, gradient) = blocks.iter_mut().find(|(_, gradient)| gradient[[1, 0]] != 0.0).unwrap();
        gradient[[1, 0]] *= 1.0 + 1e-4;
        let place = format!("{name}[2, 1]");
        let worst = found(&experiment, &trace).worst.unwrap();
        assert!((0.9e-4..1.1e-4).contains(&worst.0) && worst.1 == place, "{cell}: {worst:?}");
        trace.dx[[3, 1]] = -trace.dx[[3, 1]];
        let report = found(&experiment, &trace);
        assert_eq!((report.worst.unwrap().1.as_str(), report.apart), ("x_4[2]", 2), "{cell}");

        experiment.precision = Precision::F32;
        let report = found(&experiment, &run(&experiment).trace);
        assert!((1e-9..1e-5).contains(&report.scaled), "{cell}: {report:?}");
    }
}

/// Exactly at the kink of ReLU, or where two classes tie for the next step to read, no number is right, and the check
/// says so instead of calling one wrong.
#[test]
fn the_check_knows_a_kink() {
    let size = Size { inputs: 2, hidden: 2, outputs: 2, steps: 3 };
    let kinks = |cell: &str, shape: &str, loss: &str, zeros: &[&str]| {
        let mut value = experiment(&model(cell, &json!({})), shape, loss, size, &mut Draw(5));
        if shape == "encoder-decoder" {
            value["teaching"] = false.into();
        }
        for block in zeros {
            for leaf in leaves(&value, &format!("/model/weights/{block}")) {
                put(&mut value, &leaf, 0.0);
            }
        }
        let experiment = file::from_value(&value).unwrap();
        let mut check = Check::new(&experiment, &run(&experiment).trace);
        while check.advance() {}
        let report = check.report();
        assert_eq!((report.apart, report.done()), (0, report.total), "{shape} {zeros:?}: {report:?}");
        report.kinks
    };
    let row = ["layers/0/W_xh/0", "layers/0/W_hh/0", "layers/0/b_h/0"];
    let own = kinks("rnn relu", "many-to-many", "squared-error", &row);
    assert!((3..=5).contains(&own), "the unit's own weights and bias: {own}");
    let row = ["decoder/0/W_xh/0", "decoder/0/W_hh/0", "decoder/0/b_h/0"];
    let own = kinks("rnn relu", "encoder-decoder", "squared-error", &row);
    assert!((3..=5).contains(&own), "those of a decoder's unit: {own}");
    let tie = kinks("rnn tanh", "encoder-decoder", "cross-entropy", &["head/W_hy", "head/b_y"]);
    assert!(tie >= 6, "the readout's weights and biases: {tie}");
}
