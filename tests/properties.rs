//! What must hold for any model, input and target, whatever the numbers are.

#![allow(clippy::float_cmp, reason = "some things hold to the bit")]

use crate::common::sample::{
    CELLS, CROSS, M2M, M2O, SQUARED, Sample, any_model, forward, plain, same, same_at, samples, sum, values,
};
use crate::common::{Draw, Size, at, gates, leaves, merge, number, put, row, rows, trace};
use proptest::prelude::*;
use serde_json::{Value, json};

proptest! {
    #![proptest_config(ProptestConfig { cases: 48, failure_persistence: None, ..ProptestConfig::default() })]

    /// A squared error has gradient y − target, so moving each target k times as far from its output
    /// multiplies every gradient by k and the loss by k².
    #[test]
    fn gradients_scale_with_the_error(sample in any_model(), k in -3.0..3.0) {
        let mut file = sample.draw(M2M, SQUARED);
        let once = trace(&file);
        for place in leaves(&file, "/target") {
            let y = at(&once, &place.replace("/target", "/y"));
            let moved = y - k * (y - at(&file, &place));
            put(&mut file, &place, moved);
        }
        let scaled = trace(&file);
        let places = leaves(&once, "/gradients");
        let expected: Vec<_> = values(&once, &places).iter().map(|value| k * value).collect();
        same(&values(&scaled, &places), &expected, "gradients");
        same(&[at(&scaled, "/loss")], &[k * k * at(&once, "/loss")], "loss");
    }

    /// The loss is a sum over steps, and so is every gradient: a step whose target is its output adds
    /// nothing, so one run per step adds up to the whole.
    #[test]
    fn gradients_add_up_over_the_losses(sample in any_model()) {
        let file = sample.draw(M2M, SQUARED);
        let whole = trace(&file);
        let places = leaves(&whole, "/gradients");
        let alone = (0..sample.size.steps).map(|t| {
            let mut file = file.clone();
            let target = file["target"][t].take();
            put(&mut file, "/target", whole["y"].clone());
            file["target"][t] = target;
            values(&trace(&file), &places)
        });
        same(&sum(&alone.collect::<Vec<_>>()), &values(&whole, &places), "gradients");
    }

    /// Truncated BPTT takes each window for a sequence of its own, from the state in which the one before ended.
    #[test]
    fn a_window_is_a_sequence_of_its_own(sample in forward(), window in 1..5_usize) {
        let mut file = sample.draw(M2M, SQUARED);
        let free = trace(&file);
        merge(&mut file["model"], &json!({"window": window}));
        let whole = trace(&file);
        same(&values(&whole, &leaves(&whole, "/layers")), &values(&free, &leaves(&free, "/layers")), "states");
        let sums = |document: &Value| -> Vec<String> {
            let per_step = ["/h/", "/C/", "/h_from_loss/", "/h_from_future/", "/C_from_future/", "/h_0/", "/C_0/"];
            let places = leaves(document, "/gradients/layers").into_iter().chain(leaves(document, "/gradients/head"));
            places.filter(|place| !per_step.iter().any(|name| place.contains(name))).collect()
        };
        let mut parts = Vec::new();
        for start in (0..sample.size.steps).step_by(window) {
            let end = (start + window).min(sample.size.steps);
            let mut part = file.clone();
            merge(&mut part["model"], &json!({"window": 0}));
            for list in ["x", "target"] {
                part[list] = json!(part[list].as_array().unwrap()[start..end]);
            }
            for n in (0..sample.entries()).filter(|_| start > 0) {
                let entry = &mut part["model"]["weights"]["layers"][n];
                entry["h_0"] = whole["layers"][n]["h"][start - 1].clone();
                if sample.cell() == "lstm" {
                    entry["C_0"] = whole["layers"][n]["C"][start - 1].clone();
                }
            }
            let part = trace(&part);
            for (place, t) in (start..end).enumerate().map(|(own, t)| (own.to_string(), t)) {
                for n in 0..sample.entries() {
                    let of = |document: &Value, t: &str| row(document, &format!("/gradients/layers/{n}/h/{t}"));
                    same(&of(&part, &place), &of(&whole, &t.to_string()), "∂L/∂h");
                }
            }
            parts.push(values(&part, &sums(&part)));
        }
        same(&sum(&parts), &values(&whole, &sums(&whole)), "the parameters' gradients");
    }

    /// What reaches h_t comes from its own output or through the next step of its direction; there is
    /// no step after the last, and a many-to-one loss speaks only there.
    #[test]
    fn a_gradient_is_its_two_parts(sample in any_model(), shape in prop::sample::select(vec![M2M, M2O])) {
        let trace = trace(&sample.draw(shape, CROSS));
        let top = sample.entries() - if sample.model["bidirectional"] == true { 2 } else { 1 };
        for n in 0..sample.entries() {
            let part = |name: &str| rows(&trace, &format!("/gradients/layers/{n}/{name}"));
            let (whole, loss, future) = (part("h"), part("h_from_loss"), part("h_from_future"));
            let backward = trace["layers"][n]["direction"] == "backward";
            let last = if backward { 0 } else { sample.size.steps - 1 };
            for t in 0..sample.size.steps {
                same(&whole[t], &sum(&[loss[t].clone(), future[t].clone()]), "h");
                prop_assert!(t != last || future[t].iter().all(|&part| part == 0.0));
                let silent = shape == M2O && n >= top && t != last;
                prop_assert!(!silent || loss[t].iter().all(|&part| part == 0.0));
            }
        }
    }

    /// What happens at step `t` changes nothing before it on the way forward; and its loss changes
    /// nothing after it on the way back. To the bit.
    #[test]
    fn time_has_a_direction(sample in forward(), t in 0..6_usize) {
        let t = t % sample.size.steps;
        let file = sample.draw(M2M, SQUARED);
        let (mut other_x, mut other_target) = (file.clone(), file.clone());
        let moved = |row: Vec<f64>| row.iter().map(|value| value + 1.0).collect::<Vec<_>>();
        other_x["x"][t] = json!(moved(row(&file, &format!("/x/{t}"))));
        other_target["target"][t] = json!(moved(row(&file, &format!("/target/{t}"))));
        let (was, other_x, other_target) = (trace(&file), trace(&other_x), trace(&other_target));
        for n in 0..sample.entries() {
            let h = |trace| rows(trace, &format!("/layers/{n}/h"));
            let dh = |trace| rows(trace, &format!("/gradients/layers/{n}/h"));
            prop_assert_eq!(&h(&was)[..t], &h(&other_x)[..t]);
            prop_assert_eq!(h(&was), h(&other_target));
            prop_assert_eq!(&dh(&was)[t + 1..], &dh(&other_target)[t + 1..]);
        }
        prop_assert_ne!(at(&was, "/loss"), at(&other_target, "/loss"));
    }

    /// Steps after the end whose loss is nothing add nothing to any gradient.
    #[test]
    fn a_tail_without_loss_changes_nothing(sample in forward(), tail in 1..4_usize) {
        let long = Sample { size: Size { steps: sample.size.steps + tail, ..sample.size }, ..sample.clone() };
        let mut long = long.draw(M2M, SQUARED);
        let mut short = long.clone();
        let steps = sample.size.steps;
        short["x"].as_array_mut().unwrap().truncate(steps);
        short["target"].as_array_mut().unwrap().truncate(steps);
        let y = trace(&long)["y"].take();
        for t in steps..steps + tail {
            long["target"][t] = y[t].clone();
        }
        let (long, short) = (trace(&long), trace(&short));
        // Places of the short one: parameters, and those of its steps.
        same_at(&long, &short, "/gradients");
        same_at(&long, &short, "/layers");
        prop_assert!(rows(&long, "/gradients/x")[steps..].concat().iter().all(|&value| value == 0.0));
    }

    /// The order of the hidden units means nothing.
    #[test]
    fn units_have_no_order(sample in plain(), shape in prop::sample::select(vec![M2M, M2O])) {
        let keys = Draw(sample.seed ^ 1).numbers(sample.size.hidden);
        let mut order: Vec<usize> = (0..sample.size.hidden).collect();
        order.sort_by(|&a, &b| keys[a].total_cmp(&keys[b]));
        let file = sample.draw(shape, CROSS);
        let mut other = file.clone();
        reorder(&mut other["model"]["weights"], &order);
        let (mut was, other) = (trace(&file), trace(&other));
        // The parameters of the gradients lie as the weights do; all else has one column a unit.
        reorder(&mut was["gradients"], &order);
        let states = was["layers"][0].as_object_mut().unwrap().iter_mut();
        for (_, value) in states.filter(|(_, value)| value.is_array()) {
            value.as_array_mut().unwrap().iter_mut().for_each(|row| *row = pick(row, &order));
        }
        same_at(&other, &was, "/y");
        same_at(&other, &was, "/layers");
        same_at(&other, &was, "/gradients");
    }

    /// σ lies in [0, 1] and tanh in [−1, 1], and so do h_t, however large the weights.
    #[test]
    fn states_keep_their_ranges(
        sample in samples(&["rnn tanh", "lstm", "gru before", "gru after"], &[json!({}), json!({"layers": 2})]),
        scale in 0.0..300.0,
    ) {
        let mut file = sample.draw(M2O, SQUARED);
        for place in leaves(&file, "/model/weights/layers") {
            let scaled = at(&file, &place) * if place.contains("_0") { 1.0 } else { scale };
            put(&mut file, &place, scaled);
        }
        let trace = trace(&file);
        for n in 0..sample.entries() {
            for (name, value) in trace["layers"][n].as_object().unwrap() {
                let lowest = match name.as_str() {
                    "h" | "C_tilde" | "h_tilde" => -1.0,
                    "f" | "i" | "o" | "z" | "r" => 0.0,
                    _ => continue,
                };
                for row in value.as_array().unwrap() {
                    let inside = |value: &Value| (lowest..=1.0).contains(&number(value).unwrap());
                    prop_assert!(row.as_array().unwrap().iter().all(inside), "{name}: {row}");
                }
            }
        }
    }

    /// An update gate that is shut copies the state, to the bit; so every loss reaches h_0 undimmed, and no
    /// weight but the head's matters.
    #[test]
    fn a_shut_update_gate_copies(sample in samples(&["gru before", "gru after"], &[json!({})])) {
        let mut file = sample.draw(M2M, CROSS);
        file["model"]["weights"]["layers"][0]["b_z"] = json!(vec![-1000.0; sample.size.hidden]);
        let trace = trace(&file);
        for h in trace["layers"][0]["h"].as_array().unwrap() {
            prop_assert_eq!(h, &file["model"]["weights"]["layers"][0]["h_0"]);
        }
        let arrived = sum(&rows(&trace, "/gradients/layers/0/h_from_loss"));
        same(&row(&trace, "/gradients/layers/0/h_0"), &arrived, "h_0");
        for gate in gates(&sample.model) {
            let places = leaves(&trace, &format!("/gradients/layers/0/W_{gate}"));
            prop_assert!(values(&trace, &places).iter().all(|&value| value == 0.0), "W_{gate}");
        }
    }

    /// A forget gate that is open and an input gate that is shut keep the cell, to the bit, and its gradient.
    #[test]
    fn an_open_forget_gate_keeps(sample in samples(&["lstm"], &[json!({})])) {
        let mut file = sample.draw(M2M, CROSS);
        let entry = &mut file["model"]["weights"]["layers"][0];
        entry["b_f"] = json!(vec![1000.0; sample.size.hidden]);
        entry["b_i"] = json!(vec![-1000.0; sample.size.hidden]);
        let trace = trace(&file);
        for cell in trace["layers"][0]["C"].as_array().unwrap() {
            prop_assert_eq!(cell, &file["model"]["weights"]["layers"][0]["C_0"]);
        }
        prop_assert_eq!(&trace["gradients"]["layers"][0]["C_0"], &trace["gradients"]["layers"][0]["C"][0]);
    }

    /// A weight's gradient is Σ_t ∂L/∂a_t · input and a bias' is Σ_t ∂L/∂a_t: with the same input at every
    /// step the first is the second times the input.
    #[test]
    fn a_constant_input_factors_out(sample in plain()) {
        let mut file = sample.draw(M2M, SQUARED);
        let input = row(&file, "/x/0");
        file["x"] = json!(vec![input.clone(); sample.size.steps]);
        let trace = trace(&file);
        for gate in gates(&sample.model) {
            let rnn = sample.cell() == "rnn";
            let (name, first) = if rnn { ("W_xh".into(), 0) } else { (format!("W_{gate}"), sample.size.hidden) };
            let weights = rows(&trace, &format!("/gradients/layers/0/{name}"));
            let bias = row(&trace, &format!("/gradients/layers/0/b_{gate}"));
            for (weights, bias) in weights.iter().zip(bias) {
                let expected: Vec<_> = input.iter().map(|x| bias * x).collect();
                same(&weights[first..], &expected, &name);
            }
        }
    }

    /// The head is an affine map under a squared error: its gradients can be written down.
    #[test]
    fn the_head_is_affine(sample in plain()) {
        let file = sample.draw(M2M, SQUARED);
        let trace = trace(&file);
        let (y, target, h) = (rows(&trace, "/y"), rows(&file, "/target"), rows(&trace, "/layers/0/h"));
        let error: Vec<Vec<f64>> =
            y.iter().zip(&target).map(|(y, target)| y.iter().zip(target).map(|(y, t)| y - t).collect()).collect();
        same(&row(&trace, "/gradients/head/b_y"), &sum(&error), "b_y");
        for (k, gradient) in rows(&trace, "/gradients/head/W_hy").iter().enumerate() {
            let parts: Vec<Vec<f64>> =
                error.iter().zip(&h).map(|(error, h)| h.iter().map(|h| error[k] * h).collect()).collect();
            same(gradient, &sum(&parts), "W_hy");
        }
    }

    /// Softmax adds up to one, so the classes share a gradient that adds up to zero; and the loss is a
    /// surprise, never negative.
    #[test]
    fn classes_compete(sample in any_model()) {
        let trace = trace(&sample.draw(M2M, CROSS));
        same(&[row(&trace, "/gradients/head/b_y").iter().sum()], &[0.0], "b_y");
        let losses = row(&trace, "/loss_t");
        prop_assert!(losses.iter().all(|&loss| loss >= 0.0));
        same(&[at(&trace, "/loss")], &[losses.iter().sum()], "loss");
    }

    /// Softmax sees differences only: logits moved together give the same loss, even far from zero.
    #[test]
    fn softmax_sees_differences_only(
        sample in plain(),
        logits in prop::collection::vec(-5_i32..5, 3),
        shift in -1_000_000_000_i32..1_000_000_000,
    ) {
        let file = |shift: i32| {
            let mut file = sample.draw(M2M, CROSS);
            let head = &mut file["model"]["weights"]["head"];
            head["W_hy"] = json!(vec![vec![0.0; sample.size.hidden]; sample.size.outputs]);
            let moved = logits[..sample.size.outputs].iter().map(|logit| logit + shift);
            head["b_y"] = json!(moved.collect::<Vec<_>>());
            trace(&file)
        };
        let (near, far) = (file(0), file(shift));
        same_at(&far, &near, "/loss_t");
        same_at(&far, &near, "/gradients");
    }

    /// A film run backward: reversing the sequence and exchanging the two directions mirrors the trace.
    #[test]
    fn directions_mirror_each_other(sample in samples(&CELLS, &[json!({"bidirectional": true})])) {
        let file = sample.draw(M2M, SQUARED);
        let mut other = file.clone();
        let hidden = sample.size.hidden;
        let swapped: Vec<usize> = (hidden..2 * hidden).chain(0..hidden).collect();
        let weights = &mut other["model"]["weights"];
        weights["layers"].as_array_mut().unwrap().reverse();
        weights["layers"][0]["direction"] = "forward".into();
        weights["layers"][1]["direction"] = "backward".into();
        for row in weights["head"]["W_hy"].as_array_mut().unwrap() {
            *row = pick(row, &swapped);
        }
        for name in ["x", "target"] {
            other[name].as_array_mut().unwrap().reverse();
        }
        let (mut was, other) = (trace(&file), trace(&other));
        was["y"].as_array_mut().unwrap().reverse();
        was["gradients"]["x"].as_array_mut().unwrap().reverse();
        same_at(&other, &was, "/y");
        same_at(&other, &was, "/gradients/x");
        for (n, mirrored) in [(0, 1), (1, 0)] {
            for part in ["layers", "gradients/layers"] {
                let mut h = rows(&was, &format!("/{part}/{n}/h"));
                h.reverse();
                same(&rows(&other, &format!("/{part}/{mirrored}/h")).concat(), &h.concat(), part);
            }
        }
    }

    /// What all units of a gate are told alike is the mean, and layer normalisation takes it away.
    #[test]
    fn layer_normalisation_takes_the_mean_away(
        sample in samples(&["rnn tanh", "rnn relu", "lstm", "gru before"], &[json!({"layer_norm": true})]),
        shift in -2.0..2.0,
    ) {
        let file = sample.draw(M2M, CROSS);
        let mut other = file.clone();
        for place in leaves(&file, "/model/weights/layers/0").iter().filter(|place| place.contains("/W_")) {
            put(&mut other, place, at(&file, place) + shift);
        }
        let (was, other) = (trace(&file), trace(&other));
        // Units that are nearly alike are pulled apart by as much as 1/√1e-5: rounding with them.
        let places = leaves(&was, "/layers");
        for (was, other) in values(&was, &places).iter().zip(values(&other, &places)) {
            prop_assert!((was - other).abs() < 1e-7, "{was:e} and {other:e}");
        }
    }

    /// Half the digits say the same thing.
    #[test]
    fn single_precision_is_close(sample in any_model(), shape in prop::sample::select(vec![M2M, M2O])) {
        let file = sample.draw(shape, SQUARED);
        let mut single = file.clone();
        merge(&mut single, &json!({"precision": "f32"}));
        let (single, double) = (trace(&single), trace(&file));
        for place in ["/layers", "/y", "/gradients"] {
            let places = leaves(&double, place);
            let (a, b) = (values(&single, &places), values(&double, &places));
            let size = b.iter().fold(1.0, |most: f64, value| most.max(value.abs()));
            let most = a.iter().zip(&b).map(|(a, b)| (a - b).abs()).fold(0.0, f64::max);
            prop_assert!(most <= 1e-4 * size, "{place}: {most:e} of {size:e}");
            // And it is single precision: equal numbers would mean that the setting is ignored.
            prop_assert!(place != "/gradients" || most > 0.0 || size < 1e-3 || b.iter().all(|b| *b == 0.0));
        }
    }
}

/// These items of a list, in this order.
fn pick(list: &Value, order: &[usize]) -> Value {
    order.iter().map(|&n| list[n].clone()).collect()
}

/// Exchanges the hidden units of a one-layer model's weights, or of anything that lies like them.
fn reorder(weights: &mut Value, order: &[usize]) {
    for row in weights["head"]["W_hy"].as_array_mut().unwrap() {
        *row = pick(row, order);
    }
    for (name, value) in weights["layers"][0].as_object_mut().unwrap() {
        match name.as_str() {
            "layer" | "direction" => {}
            // One row a unit; the columns that read the state are units too, and come first.
            "W_xh" => *value = pick(value, order),
            matrix if matrix.starts_with("W_") => {
                *value = pick(value, order);
                for row in value.as_array_mut().unwrap() {
                    let inputs = row.as_array().unwrap()[order.len()..].to_vec();
                    *row = pick(row, order);
                    row.as_array_mut().unwrap().extend(inputs);
                }
            }
            vector if vector.starts_with("b_") || vector.ends_with("_0") => *value = pick(value, order),
            // Gradients of states: one row a step.
            _ => value.as_array_mut().unwrap().iter_mut().for_each(|row| *row = pick(row, order)),
        }
    }
}
