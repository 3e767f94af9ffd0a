//! Every loss at every earlier step: against complex steps, against the other analyses, and as sums.

use crate::common::{Draw, Size, cells, number, windows};
use ndarray::Array2;
use proptest::prelude::*;
use serde_json::{Value, json};
use std::fs::File;
use std::path::PathBuf;
use unrolled::analysis::contribution::contributions;
use unrolled::analysis::flow::{Flow, Reach, flow};
use unrolled::analysis::signal::Norms;
use unrolled::experiment::{Clip, Direction, Experiment, Limit, Shape, Target, file};
use unrolled::model::Parameters;
use unrolled::model::fan::Fan;
use unrolled::trace::run;

fn close(a: f64, b: f64) -> bool {
    a.to_bits() == b.to_bits() || (a - b).abs() <= 1e-10 * a.abs().max(b.abs())
}

fn cases() -> Vec<Value> {
    let path = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/flow.json.gz");
    let file = File::open(path).unwrap();
    let mut data: Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    let Value::Array(cases) = data["cases"].take() else { panic!("no cases") };
    assert_eq!(cases.len(), 13);
    cases
}

#[test]
fn norms_are_those_of_complex_steps() {
    let mut least = f64::INFINITY;
    for case in &cases() {
        let experiment = file::parse(&case["experiment"].to_string()).unwrap();
        let flow = flow(&experiment, 0);
        let rows = case["norm"].as_array().unwrap();
        assert_eq!(rows.len(), flow.losses());
        for (loss, row) in (flow.first()..).zip(rows) {
            for (k, expected) in (1..).zip(row.as_array().unwrap()) {
                let (ours, expected) = (flow.norm(loss, k), number(expected));
                let agree = match (ours, expected) {
                    (Some(a), Some(b)) => close(a, b),
                    (a, b) => a == b,
                };
                assert!(
                    agree,
                    "{}, L_{loss} at {k}: {ours:?}, expected {expected:?}",
                    case["experiment"]["model"]
                );
                least = least.min(flow.ratio(loss, k).filter(|r| *r > 0.0).unwrap_or(1.0));
            }
        }
    }
    assert!(least < 1e-20, "the cases hold one that fades: {least:e}");
}

fn experiment(cell: &Value, shape: &str, steps: usize, seed: u64) -> Experiment {
    let size = Size { inputs: 2, hidden: 5, outputs: 3, steps };
    let value = crate::common::experiment(cell, shape, "cross-entropy", size, &mut Draw(seed));
    file::parse(&value.to_string()).unwrap()
}

fn every_cell() -> Vec<Value> {
    let mut models: Vec<Value> = cells().into_iter().map(|(_, model)| model).collect();
    models.push(json!({"cell": "lstm", "layer_norm": true}));
    models.push(json!({"cell": "gru", "reset": "before", "layer_norm": true}));
    models
}

/// Vectors add up where norms do not.
#[test]
fn the_gradients_of_all_losses_sum_to_the_gradient_of_their_sum() {
    let windows = windows().map(|(_, model)| model);
    for (seed, cell) in (1..).zip(every_cell().into_iter().chain(windows)) {
        let experiment = experiment(&cell, "many-to-many", 14, seed);
        let layer = &run(&experiment).trace.layers[0];
        let mut fan = Fan::<f64>::new(&experiment);
        loop {
            let k = fan.step();
            let mut sum = (vec![0.0; 5], vec![0.0; layer.dc.ncols()]);
            let mut losses = 0;
            for (_, dh, dc) in fan.gradients() {
                sum.0.iter_mut().zip(dh).for_each(|(sum, dh)| *sum += dh);
                sum.1.iter_mut().zip(dc).for_each(|(sum, dc)| *sum += dc);
                losses += 1;
            }
            assert_eq!(losses, 14 - k, "{cell}: losses that reach step {k}");
            let near = |ours: &[f64], total: &Array2<f64>| {
                let size = total.row(k).iter().fold(0.0_f64, |size, v| size.max(v.abs()));
                ours.iter().zip(total.row(k)).all(|(a, b)| (a - b).abs() <= 1e-12 * size.max(1e-300))
            };
            let signal = layer.signal(experiment.spec.cell);
            assert!(cell["cell"] == "ann" || near(&sum.0, &signal.dh), "{cell}: h at {k}");
            assert!(near(&sum.1, &signal.dc), "{cell}: C at {k}");
            if k == 0 {
                break;
            }
            fan.back();
        }
    }
}

fn last_row(flow: &Flow) -> Vec<f64> {
    (1..=flow.steps()).map(|k| flow.norm(flow.steps(), k).unwrap()).collect()
}

/// What every step of a window adds to the sum feels each later loss whole.
#[test]
fn a_window_feels_every_loss_evenly() {
    for (seed, (_, cell)) in (1..).zip(windows()) {
        let flow = flow(&experiment(&cell, "many-to-many", 14, seed), 0);
        for loss in 1..=14 {
            assert!((1..=loss).all(|k| flow.ratio(loss, k) == Some(1.0)), "{cell}, loss {loss}");
        }
    }
}

#[test]
fn the_last_row_is_the_signal_of_the_last_loss() {
    // A skip is not defined where what travels is clipped.
    let limited = every_cell().into_iter().filter(|cell| cell["skip"].is_null()).map(|mut cell| {
        cell["clip_back"] = json!({"by": "norm", "at": 0.05});
        cell
    });
    let windows = windows().map(|(_, model)| model);
    for (seed, cell) in (40..).zip(every_cell().into_iter().chain(limited).chain(windows)) {
        for (shape, losses) in [("many-to-many", 11), ("many-to-one", 1)] {
            for precision in ["f64", "f32"] {
                let mut experiment = experiment(&cell, shape, 11, seed);
                if precision == "f32" {
                    experiment.precision = unrolled::experiment::Precision::F32;
                }
                let flow = flow(&experiment, 0);
                assert_eq!((flow.losses(), flow.first()), (losses, 12 - losses));
                let norms = Norms::new(
                    &run(&experiment).last()[0].signal(experiment.spec.cell),
                    experiment.steps(),
                    Direction::Forward,
                );
                let ours = last_row(&flow);
                // Side by side with others or alone, to the bit.
                assert_eq!(ours, norms.norm, "{cell} {precision} {shape}");
            }
        }
    }
}

#[test]
fn what_leaves_the_range_of_numbers_is_said() {
    let relu = json!({"cell": "rnn", "activation": "relu"});
    let mut experiment = experiment(&relu, "many-to-many", 60, 3);
    experiment.precision = unrolled::experiment::Precision::F32;
    for (_, w) in &mut experiment.weights.layers[0].values {
        w.mapv_inplace(|v| v.abs() * 300.0);
    }
    let exploded = flow(&experiment, 0);
    assert!(!exploded.decade(60, 1).unwrap().is_finite());
    assert!(exploded.highest().is_finite());
    // Every unit off: no loss but its own reaches a state.
    for (name, w) in &mut experiment.weights.layers[0].values {
        w.fill(if name.starts_with('b') { -1.0 } else { 0.0 });
    }
    let off = flow(&experiment, 0);
    assert_eq!((off.norm(60, 59), off.decade(60, 59)), (Some(0.0), Some(f64::NEG_INFINITY)));
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn bars_hold_every_norm_once(steps in 1_usize..60, one in any::<bool>()) {
        let losses = if one { 1 } else { steps };
        let norm = (0..losses * steps).map(|n| f64::from(u32::try_from(n % 17).unwrap()) / 4.0).collect();
        let flow = Flow::of(steps, norm, Reach::Earlier, Direction::Forward);
        for k in 1..=steps {
            let sum: f64 = (flow.first()..=steps).filter_map(|loss| flow.norm(loss, k)).sum();
            prop_assert!((flow.bars()[k - 1].iter().sum::<f64>() - sum).abs() < 1e-9);
        }
    }
}

/// An experiment whose steps read what the steps before said.
fn running_free(cell: &Value, shape: &str, seed: u64) -> Experiment {
    let mut cell = cell.clone();
    cell["feedback"] = (shape == "one-to-many").into();
    let size = Size { inputs: 3, hidden: 4, outputs: 3, steps: 6 };
    let mut value = crate::common::experiment(&cell, shape, "squared-error", size, &mut Draw(seed));
    value["teaching"] = false.into();
    file::parse(&value.to_string()).unwrap()
}

/// In a network of several layers or directions each row is a backward pass of its own: their signals add up to the
/// gradient of the whole loss, and the last row of a top layer is the signal of the last loss.
#[test]
fn losses_through_all_layers_are_those_of_the_trace() {
    for (seed, cell) in (70..).zip(every_cell()) {
        for (layers, both) in [(3, false), (1, true), (2, true)] {
            let mut cell = cell.clone();
            crate::common::merge(&mut cell, &json!({"layers": layers, "bidirectional": both}));
            for shape in ["many-to-many", "many-to-one", "encoder-decoder"] {
                check_rows(&experiment(&cell, shape, 7, seed));
            }
            for shape in ["one-to-many", "encoder-decoder"] {
                if !both || shape == "encoder-decoder" {
                    check_rows(&running_free(&cell, shape, seed));
                }
            }
        }
    }
}

fn check_rows(experiment: &Experiment) {
    let (run, axis, spec) = (run(experiment), experiment.steps(), &experiment.spec);
    for (sweep, layer) in run.along(true).iter().enumerate() {
        let flow = flow(experiment, sweep);
        let norms = Norms::new(&layer.signal(spec.cell), axis, layer.direction);
        let loss = if flow.mirrored() { flow.first() } else { flow.steps() };
        for k in 1..=axis.count {
            // A loss that cannot reach a step sends it exactly nothing.
            let ours = flow.norm(loss, k).unwrap_or(0.0);
            let (ratio, own) = (flow.ratio(loss, k).unwrap_or(0.0), norms.ratio[k - 1]);
            assert!(close(ours, norms.norm[k - 1]), "{spec:?} {sweep}, k = {k}: {ours}");
            assert!((ratio - own).abs() <= 1e-10 * own, "{spec:?} {sweep}, k = {k}: {ratio}, {own}");
        }
        let mut sum = vec![0.0; axis.count];
        for loss in flow.first()..=axis.count {
            for k in flow.reach(loss) {
                sum[k - 1] += flow.norm(loss, k).unwrap();
            }
        }
        let whole = Norms::new(&run.along(false)[sweep].signal(spec.cell), axis, layer.direction);
        for (k, bar) in flow.bars().iter().enumerate() {
            assert!(close(bar.iter().sum(), sum[k]), "{spec:?} {sweep}");
            assert!(
                whole.norm[k] <= sum[k] * (1.0 + 1e-12),
                "norms of parts are no less than that of the sum"
            );
        }
    }
}

#[test]
fn what_losses_give_to_the_weights_is_that_of_complex_steps() {
    for case in &cases() {
        let experiment = file::parse(&case["experiment"].to_string()).unwrap();
        let ours = contributions(&experiment, &run(&experiment).trace, 0);
        let given = &case["given"];
        let model = &case["experiment"]["model"];
        assert!(close(ours.total, number(&given["total"]).unwrap()), "{model}");
        let losses = given["norm"].as_array().unwrap().len();
        assert_eq!(ours.parts().count(), losses);
        for (index, (loss, part)) in ours.parts().enumerate() {
            let expected = |name: &str| number(&given[name][index]).unwrap();
            assert!(close(part.norm, expected("norm")), "{model}, L_{loss}");
            // Shares are sums of products of both signs: held to the largest of them.
            let (share, other) = (part.share.unwrap(), expected("share"));
            assert!(
                (share - other).abs() <= 1e-10 * other.abs().max(1.0),
                "{model}, L_{loss}: {share}, {other}"
            );
            let gates = given["gates"][index].as_array().unwrap();
            assert_eq!(part.gates.len(), gates.len());
            assert!(part.gates.iter().zip(gates).all(|(a, b)| close(*a, number(b).unwrap())), "{model}");
        }
    }
}

/// Of every layer, direction and shape: the shares are all of the whole, and the whole is that of the trace.
#[test]
fn shares_of_the_weights_gradient_add_up_to_one() {
    for (seed, cell) in (90..).zip(every_cell()) {
        for (layers, both) in [(1, false), (2, false), (2, true)] {
            for shape in ["many-to-many", "many-to-one", "encoder-decoder"] {
                let mut cell = cell.clone();
                crate::common::merge(&mut cell, &json!({"layers": layers, "bidirectional": both}));
                let free = || running_free(&cell, "one-to-many", seed);
                let all = [Some(experiment(&cell, shape, 6, seed)), (!both).then(free)];
                for (experiment, run) in all.iter().flatten().map(|one| (one, run(one))) {
                    for sweep in 0..run.trace.layers.len() {
                        let ours = contributions(experiment, &run.trace, sweep);
                        let sum: f64 = ours.parts().map(|(_, part)| part.share.unwrap()).sum();
                        assert!((sum - 1.0).abs() <= 1e-12, "{cell} {shape} {sweep}: {sum}");
                        let norms: f64 = ours.parts().map(|(_, part)| part.norm).sum();
                        assert!(
                            ours.total <= norms * (1.0 + 1e-12),
                            "{cell} {shape}: a sum is no longer than its parts"
                        );
                        // Along the whole a part has its share of it; none has more than its length.
                        for (_, part) in ours.parts() {
                            assert!(
                                part.share.unwrap().abs() * ours.total <= part.norm * (1.0 + 1e-12),
                                "{cell} {shape}"
                            );
                        }
                    }
                }
            }
        }
    }
}

/// A loss knows nothing of what comes after it: alone it gives what it gives where the sequence ends with it.
#[test]
fn a_loss_gives_what_it_gives_at_the_end_of_a_sequence() {
    for (seed, cell) in (120..).zip(every_cell()) {
        for layers in [1, 2] {
            let mut cell = cell.clone();
            crate::common::merge(&mut cell, &json!({"layers": layers}));
            let whole = experiment(&cell, "many-to-many", 8, seed);
            let Target::Classes(classes) = &whole.target else { panic!("classes") };
            let trace = run(&whole).trace;
            for loss in 1..=8 {
                let mut ended = whole.clone();
                ended.spec.shape = Shape::ManyToOne;
                ended.x = whole.x.slice(ndarray::s![..loss, ..]).to_owned();
                ended.target = Target::Classes(vec![classes[loss - 1]]);
                let gradients = run(&ended).trace.gradients;
                for sweep in 0..layers {
                    let u = Parameters::<f64>::from_weights(&ended.spec, &gradients.layers[sweep]).recurrent;
                    let norm = u.iter().map(|v| v * v).sum::<f64>().sqrt();
                    let ours = contributions(&whole, &trace, sweep);
                    let part = ours.of(loss).unwrap();
                    assert!(close(part.norm, norm), "{cell} {loss} {sweep}: {} {norm}", part.norm);
                }
            }
        }
    }
}

#[test]
fn a_share_is_said_only_where_there_is_one() {
    let shares = |experiment: &Experiment| {
        let ours = contributions(experiment, &run(experiment).trace, 0);
        ours.parts().map(|(_, part)| part.share).collect::<Vec<_>>()
    };
    let relu = json!({"cell": "rnn", "activation": "relu"});
    let mut one = experiment(&relu, "many-to-many", 5, 7);
    assert!(shares(&one).iter().all(Option::is_some));
    // Parts that are clipped on their way do not add up.
    one.spec.limit = Some(Limit { clip: Clip::Norm, at: 0.01 });
    assert_eq!(shares(&one), [None; 5]);
    one.spec.limit = None;
    for (name, w) in &mut one.weights.layers[0].values {
        w.fill(if name.starts_with('b') { -1.0 } else { 0.0 });
    }
    assert_eq!(shares(&one), [None; 5], "every unit is off: there is no gradient to have a share of");
    // Products that leave the range of squares still have shares.
    let mut small = experiment(&relu, "many-to-one", 5, 7);
    small.weights.head.w_hy.mapv_inplace(|v| v * 1e-250);
    assert_eq!(shares(&small), [Some(1.0)]);
    let broken = contributions(&small, &run(&small).trace, 0);
    assert!(broken.total > 0.0 && broken.of(4).is_none() && broken.of(0).is_none());
}
