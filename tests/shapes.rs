//! What must hold between the five shapes: each says what another says of the same numbers.

#![allow(clippy::float_cmp, reason = "some things hold to the bit")]

use crate::common::sample::{
    CROSS, M2M, M2O, SQUARED, Sample, any_model, forward, same, same_at, samples, sum, values,
};
use crate::common::{Draw, Size, at, experiment, leaves, merge, model, put, row, rows, trace};
use proptest::prelude::*;
use serde_json::{Value, json};
use unrolled::experiment::file;

const O2M: &str = "one-to-many";
const E2D: &str = "encoder-decoder";

/// A one-to-many model that reads its outputs. They are as wide as its inputs.
fn feedback(mut sample: Sample, loss: &str) -> Value {
    sample.size.outputs = sample.size.inputs;
    merge(&mut sample.model, &json!({"feedback": true}));
    sample.draw(O2M, loss)
}

/// All that reads its outputs, by shape and loss.
fn reader(sample: Sample, decodes: bool, loss: &str) -> Value {
    if decodes { sample.draw(E2D, loss) } else { feedback(sample, loss) }
}

fn free(file: &Value) -> Value {
    let mut file = file.clone();
    file["teaching"] = false.into();
    file
}

/// The targets as a step reads them, but for the last one.
fn told(file: &Value) -> Vec<Value> {
    let targets = file["target"].as_array().unwrap();
    let outputs = usize::try_from(file["model"]["outputs"].as_u64().unwrap()).unwrap();
    let one_hot = |class: &Value| {
        let class = usize::try_from(class.as_u64().unwrap()).unwrap();
        json!((0..outputs).map(|k| f64::from(u8::from(k == class))).collect::<Vec<_>>())
    };
    let read = targets.iter().map(|target| if target.is_array() { target.clone() } else { one_hot(target) });
    read.take(targets.len() - 1).collect()
}

/// The same model as many-to-many over these inputs.
fn as_sequence(file: &Value, x: Vec<Value>) -> Value {
    let mut file = file.clone();
    file["model"]["shape"] = M2M.into();
    file["model"].as_object_mut().unwrap().remove("feedback");
    file["x"] = x.into();
    file
}

/// Every number that the first trace has of these, the second has, to the bit.
fn identical(a: &Value, b: &Value, parts: &[&str]) {
    for part in parts {
        assert_eq!(a.pointer(part), b.pointer(part), "{part}");
    }
}

const PASS: [&str; 6] = ["/layers", "/y", "/loss_t", "/loss", "/gradients/layers", "/gradients/head"];

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// Zeros after `x_1` are inputs like any others.
    #[test]
    fn one_to_many_reads_zeros(sample in any_model(), loss in prop::sample::select(vec![SQUARED, CROSS])) {
        let file = sample.draw(O2M, loss);
        let zeros = json!(vec![0.0; sample.size.inputs]);
        let mut x = vec![file["x"][0].clone()];
        x.resize(sample.size.steps, zeros);
        let (one, many) = (trace(&file), trace(&as_sequence(&file, x.clone())));
        identical(&one, &many, &PASS);
        prop_assert_eq!(&one["read"], &json!(x));
        prop_assert_eq!(&one["gradients"]["read"], &many["gradients"]["x"]);
        prop_assert_eq!(&one["gradients"]["x"], &json!([many["gradients"]["x"][0]]));
    }

    /// While it is taught, the targets are inputs like any others.
    #[test]
    fn teaching_reads_targets(sample in forward(), loss in prop::sample::select(vec![SQUARED, CROSS])) {
        let file = feedback(sample, loss);
        let x: Vec<_> = file["x"].as_array().unwrap().iter().cloned().chain(told(&file)).collect();
        let (one, many) = (trace(&file), trace(&as_sequence(&file, x.clone())));
        identical(&one, &many, &PASS);
        prop_assert_eq!(&one["read"], &json!(x));
        prop_assert_eq!(&one["gradients"]["read"], &many["gradients"]["x"]);
    }

    /// A decoder is a many-to-many model that starts where the encoder ends and reads zeros, then the targets.
    #[test]
    fn a_decoder_is_a_model(sample in any_model(), loss in prop::sample::select(vec![SQUARED, CROSS])) {
        let file = sample.draw(E2D, loss);
        let whole = trace(&file);
        let both = sample.model["bidirectional"] == true;
        let zero = json!(vec![0.0; sample.size.outputs]);
        let mut alone = as_sequence(&file, std::iter::once(zero).chain(told(&file)).collect());
        merge(&mut alone["model"], &json!({
            "bidirectional": false, "inputs": sample.size.outputs,
            "hidden": sample.size.hidden * if both { 2 } else { 1 },
        }));
        let mut layers = alone["model"]["weights"]["decoder"].take();
        alone["model"]["weights"].as_object_mut().unwrap().remove("decoder");
        for (n, layer) in layers.as_array_mut().unwrap().iter_mut().enumerate() {
            for (state, start) in [("h", "h_0"), ("C", "C_0")] {
                let last = |n: usize| {
                    let rows = rows(&whole, &format!("/layers/{n}/{state}"));
                    let backward = whole["layers"][n]["direction"] == "backward";
                    rows[if backward { 0 } else { rows.len() - 1 }].clone()
                };
                if state == "h" || sample.cell() == "lstm" {
                    layer[start] = json!(if both { [last(2 * n), last(2 * n + 1)].concat() } else { last(n) });
                }
            }
        }
        alone["model"]["weights"]["layers"] = layers;
        let alone = trace(&alone);
        identical(&whole, &alone, &["/y", "/loss_t", "/gradients/head"]);
        prop_assert_eq!(&whole["decoder"], &alone["layers"]);
        prop_assert_eq!(&whole["gradients"]["decoder"], &alone["gradients"]["layers"]);
        prop_assert_eq!(&whole["gradients"]["read"], &alone["gradients"]["x"]);
    }

    /// The gradient that a decoder sends to its initial state arrives at the encoder's last, as from a next step;
    /// nothing else arrives at its top.
    #[test]
    fn the_gradient_crosses(sample in any_model(), teaching in any::<bool>()) {
        let mut file = sample.draw(E2D, SQUARED);
        file["teaching"] = teaching.into();
        let trace = trace(&file);
        let sides = if sample.model["bidirectional"] == true { 2 } else { 1 };
        for n in 0..sample.entries() {
            let at = |name: &str| rows(&trace, &format!("/gradients/layers/{n}/{name}"));
            let last = if n % sides == 0 { sample.size.steps - 1 } else { 0 };
            let sent = |name: &str| {
                let all = row(&trace, &format!("/gradients/decoder/{}/{name}", n / sides));
                all[(n % sides) * sample.size.hidden..][..sample.size.hidden].to_vec()
            };
            prop_assert_eq!(&at("h_from_future")[last], &sent("h_0"));
            if sample.cell() == "lstm" {
                prop_assert_eq!(&at("C_from_future")[last], &sent("C_0"));
            }
            if n / sides == (sample.entries() - 1) / sides {
                prop_assert!(at("h_from_loss").concat().iter().all(|&part| part == 0.0));
            }
        }
    }

    /// A decoder whose update gate is shut says at its first step what a many-to-one model says of the encoder, in
    /// either direction and any layer, and sends the same gradient back.
    #[test]
    fn a_decoder_that_copies_is_many_to_one(
        sample in samples(&["gru before", "gru after"], &[
            json!({}), json!({"layers": 2}), json!({"bidirectional": true}), json!({"layers": 3, "bidirectional": true}),
        ]),
        teaching in any::<bool>(),
    ) {
        let mut file = sample.draw(E2D, SQUARED);
        for layer in file["model"]["weights"]["decoder"].as_array_mut().unwrap() {
            layer["b_z"] = json!(vec![-1000.0; layer["b_z"].as_array().unwrap().len()]);
        }
        file["target"].as_array_mut().unwrap().truncate(1);
        file["teaching"] = teaching.into();
        let mut one = file.clone();
        one["model"]["shape"] = M2O.into();
        one["model"]["weights"].as_object_mut().unwrap().remove("decoder");
        one.as_object_mut().unwrap().remove("teaching");
        let (decoded, one) = (trace(&file), trace(&one));
        identical(&decoded, &one, &["/layers", "/y", "/loss", "/gradients/head"]);
        for n in 0..sample.entries() {
            let entry = one["gradients"]["layers"][n].as_object().unwrap();
            // Where it enters differs by its name alone.
            for name in entry.keys().filter(|name| !["layer", "direction", "h_from_loss", "h_from_future"].contains(&name.as_str())) {
                same_at(&decoded, &one, &format!("/gradients/layers/{n}/{name}"));
            }
        }
        same_at(&decoded, &one, "/gradients/x");
    }

    /// A model that is told what it would have said says it, to the bit, and its steps add up to no loss.
    #[test]
    fn telling_it_what_it_says_changes_nothing(sample in forward(), decodes in any::<bool>()) {
        let mut file = reader(sample, decodes, SQUARED);
        file["target"] = trace(&free(&file))["y"].take();
        let (told, free) = (trace(&file), trace(&free(&file)));
        prop_assert_eq!(at(&told, "/loss"), 0.0);
        identical(&told, &free, &["/layers", "/decoder", "/read", "/y", "/loss_t"]);
        let places = leaves(&free, "/gradients");
        prop_assert!(values(&free, &places).iter().all(|&value| value == 0.0));
    }

    /// Running free, a classifier reads one of its classes, the likeliest; told these, it says the same, and sends
    /// the same gradients.
    #[test]
    fn a_choice_sends_nothing_back(sample in forward(), decodes in any::<bool>()) {
        let mut file = reader(sample, decodes, CROSS);
        let said = rows(&trace(&free(&file)), "/y");
        let likeliest = |y: &Vec<f64>| (0..y.len()).rev().max_by(|&a, &b| y[a].total_cmp(&y[b])).unwrap();
        file["target"] = json!(said.iter().map(likeliest).collect::<Vec<_>>());
        prop_assert_eq!(trace(&file), trace(&free(&file)));
    }

    /// Running free, the forward pass knows no targets; so the backward pass is linear in the errors, through the
    /// outputs that were read too.
    #[test]
    fn running_free_gradients_scale_and_add_up(sample in forward(), decodes in any::<bool>(), k in -3.0..3.0) {
        let mut file = free(&reader(sample, decodes, SQUARED));
        let once = trace(&file);
        let (y, target) = (rows(&once, "/y"), rows(&file, "/target"));
        let places = leaves(&once, "/gradients");
        let mut parts = Vec::new();
        for step in 0..y.len() {
            let mut part = file.clone();
            part["target"] = json!((0..y.len()).map(|t| if t == step { &target[t] } else { &y[t] }).collect::<Vec<_>>());
            parts.push(values(&trace(&part), &places));
        }
        same(&sum(&parts), &values(&once, &places), "sum");
        for place in leaves(&file, "/target") {
            let y = at(&once, &place.replace("/target", "/y"));
            let moved = y - k * (y - at(&file, &place));
            put(&mut file, &place, moved);
        }
        let scaled = trace(&file);
        let expected: Vec<_> = values(&once, &places).iter().map(|value| k * value).collect();
        same(&values(&scaled, &places), &expected, "gradients");
        identical(&scaled, &once, &["/layers", "/decoder", "/y", "/read"]);
    }

    /// What is read at a step is part of the error before it: ∂L/∂b_y is the sum of the errors and of what came back.
    #[test]
    fn the_head_hears_of_later_steps(sample in forward(), decodes in any::<bool>()) {
        let file = free(&reader(sample, decodes, SQUARED));
        let trace = trace(&file);
        let error = rows(&trace, "/y").concat().into_iter().zip(rows(&file, "/target").concat()).map(|(y, t)| y - t);
        let outputs = rows(&trace, "/y")[0].len();
        let mut parts: Vec<Vec<f64>> = error.collect::<Vec<_>>().chunks(outputs).map(<[f64]>::to_vec).collect();
        parts.extend_from_slice(&rows(&trace, "/gradients/read")[1..]);
        same(&row(&trace, "/gradients/head/b_y"), &sum(&parts), "b_y");
    }

    /// Truncated BPTT takes each window for a sequence of its own, and what is read at its start for an input.
    #[test]
    fn a_window_is_told_what_was_said(sample in forward(), window in 1..5_usize) {
        let mut file = free(&feedback(sample.clone(), SQUARED));
        merge(&mut file["model"], &json!({"window": window}));
        let whole = trace(&file);
        let learnt: Vec<_> = leaves(&file, "/model/weights")
            .iter()
            .filter(|place| !place.contains("_0/"))
            .map(|place| place.replace("/model/weights", "/gradients"))
            .collect();
        let mut parts = Vec::new();
        for start in (0..sample.size.steps).step_by(window) {
            let mut part = file.clone();
            merge(&mut part["model"], &json!({"window": 0}));
            part["x"] = json!([whole["read"][start]]);
            let end = (start + window).min(sample.size.steps);
            part["target"] = json!(part["target"].as_array().unwrap()[start..end]);
            for n in (0..sample.entries()).filter(|_| start > 0) {
                let entry = &mut part["model"]["weights"]["layers"][n];
                entry["h_0"] = whole["layers"][n]["h"][start - 1].clone();
                if sample.cell() == "lstm" {
                    entry["C_0"] = whole["layers"][n]["C"][start - 1].clone();
                }
            }
            let part = trace(&part);
            prop_assert_eq!(&part["y"], &json!(whole["y"].as_array().unwrap()[start..end]));
            same(&row(&part, "/gradients/x/0"), &row(&whole, &format!("/gradients/read/{start}")), "read");
            parts.push(values(&part, &learnt));
        }
        same(&sum(&parts), &values(&whole, &learnt), "the parameters' gradients");
    }

    /// A file that is written is the file that was read.
    #[test]
    fn files_come_back(
        sample in any_model(),
        shape in prop::sample::select(vec!["one-to-one", O2M, M2O, M2M, E2D]),
        loss in prop::sample::select(vec![SQUARED, CROSS]),
        teaching in any::<bool>(),
    ) {
        let mut files = vec![sample.draw(shape, loss)];
        if shape == E2D {
            files[0]["teaching"] = teaching.into();
        }
        if shape == O2M && sample.model["bidirectional"] != true {
            files.push(feedback(sample, loss));
            files[1]["teaching"] = teaching.into();
        }
        for file in files {
            let read = file::from_value(&file).unwrap();
            prop_assert_eq!(read.teaching, file["teaching"] == true);
            let learnt = leaves(&file, "/model/weights").iter().filter(|place| !place.contains("_0/")).count();
            prop_assert_eq!(read.spec.parameters(), learnt);
            prop_assert_eq!(&file::from_value(&file::to_value(&read)).unwrap(), &read);
        }
    }

    /// Half the digits say the same thing.
    #[test]
    fn single_precision_is_close(
        sample in samples(&["rnn tanh", "lstm", "gru before", "gru after"], &[json!({}), json!({"layers": 2})]),
        decodes in any::<bool>(),
        teaching in any::<bool>(),
    ) {
        let mut file = reader(sample, decodes, SQUARED);
        file["teaching"] = teaching.into();
        let mut single = file.clone();
        single["precision"] = "f32".into();
        let (single, double) = (trace(&single), trace(&file));
        for place in ["/layers", "/y", "/gradients"] {
            let places = leaves(&double, place);
            let (a, b) = (values(&single, &places), values(&double, &places));
            let size = b.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
            let most = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            prop_assert!(most <= 1e-4 * size, "{place}: {most:e} of {size:e}");
        }
    }
}

/// Of classes that are equally likely the first is read.
#[test]
fn a_tie_goes_to_the_first() {
    let size = Size { inputs: 2, hidden: 3, outputs: 4, steps: 3 };
    let mut file = experiment(&model("lstm", &json!({})), E2D, CROSS, size, &mut Draw(1));
    for (bias, read) in [([1.0, 2.0, 2.0, 2.0], [0.0, 1.0, 0.0, 0.0]), ([0.0; 4], [1.0, 0.0, 0.0, 0.0])] {
        file["model"]["weights"]["head"] = json!({"W_hy": vec![[0.0; 3]; 4], "b_y": bias});
        let trace = trace(&free(&file));
        assert_eq!(rows(&trace, "/read"), [vec![0.0; 4], read.to_vec(), read.to_vec(), read.to_vec()]);
    }
}

/// One step from nothing is a feed-forward network of one hidden layer: written down here, and blind to what it
/// would remember by.
#[test]
fn one_to_one_is_feed_forward() {
    let size = Size { inputs: 6, hidden: 4, outputs: 2, steps: 1 };
    let mut file = experiment(&model("rnn tanh", &json!({})), "one-to-one", SQUARED, size, &mut Draw(1));
    file["model"]["weights"]["layers"][0].as_object_mut().unwrap().remove("h_0");
    let found = trace(&file);
    let affine = |matrix: &str, bias: &str, v: &[f64]| -> Vec<f64> {
        let product = |row: &Vec<f64>| row.iter().zip(v).map(|(w, v)| w * v).sum::<f64>();
        let products = rows(&file, matrix).iter().map(product).collect::<Vec<_>>();
        products.iter().zip(row(&file, bias)).map(|(product, bias)| product + bias).collect()
    };
    let layer = "/model/weights/layers/0";
    let a = affine(&format!("{layer}/W_xh"), &format!("{layer}/b_h"), &row(&file, "/x/0"));
    let h: Vec<_> = a.iter().map(|a| a.tanh()).collect();
    let y = affine("/model/weights/head/W_hy", "/model/weights/head/b_y", &h);
    same(&row(&found, "/layers/0/h/0"), &h, "h");
    same(&row(&found, "/y/0"), &y, "y");
    assert!(rows(&found, "/gradients/layers/0/W_hh").concat().iter().all(|&part| part == 0.0));
    for place in leaves(&file, &format!("{layer}/W_hh")) {
        put(&mut file, &place, 7.0);
    }
    let other = trace(&file);
    identical(&found, &other, &["/y", "/gradients/x", "/gradients/head"]);
    file["x"][0].as_array_mut().unwrap().pop();
    let error = unrolled::trace_experiment(&file.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "x[0]: expected 6 numbers, found 5");
}
