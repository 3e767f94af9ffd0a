//! What a model costs: counted once more from the numbers themselves.

use crate::common::{Draw, Size, cells, experiment, leaves, model, windows};
use serde_json::json;
use unrolled::analysis::facts::{Matrix, matrices, memory, multiply_adds, times_rnn};
use unrolled::experiment::{Precision, file};
use unrolled::model::Network;
use unrolled::model::bptt::Tape;

/// An encoder and its decoder: every number of the file, and what each of their steps multiplies.
fn decoders(model: &serde_json::Value, size: Size) {
    let value = experiment(model, "encoder-decoder", "squared-error", size, &mut Draw(7));
    let experiment = file::from_value(&value).unwrap();
    let spec = &experiment.spec;
    let count = |part: &str, keep: &dyn Fn(&str) -> bool| {
        let named = |path: &&String| {
            let name = path.rsplit('/').find(|part| part.parse::<usize>().is_err()).unwrap_or_default();
            keep(name)
        };
        leaves(&value, &format!("/model/weights/{part}")).iter().filter(named).count()
    };
    let learned = |name: &str| name != "h_0" && name != "C_0";
    let total: usize = ["layers", "decoder", "head"].iter().map(|part| count(part, &learned)).sum();
    assert_eq!(matrices(spec).iter().map(Matrix::count).sum::<usize>(), total, "{model}");
    let entries = |part: &str| count(part, &|name: &str| name.starts_with('W'));
    assert_eq!(multiply_adds(spec), (entries("layers"), entries("decoder") + entries("head")), "{model}");
    let pass = Network::<f64>::new(&experiment).forward(&experiment.x, &experiment.target);
    let steps = experiment.target.steps();
    let kept: usize = pass.decoder.iter().map(Tape::recorded).sum();
    assert_eq!(memory(&spec.decoder().unwrap(), Precision::F64), 8 * kept / steps, "{model}");
}

/// Every network, against its file and the record of its pass.
#[test]
fn facts_are_what_the_numbers_say() {
    let size = Size { inputs: 3, hidden: 5, outputs: 2, steps: 4 };
    for (cell, _) in cells().into_iter().chain(windows()) {
        for layers in [1, 2, 4] {
            for both in [false, true] {
                for norm in [false, true] {
                    if norm && cell == "gru after" {
                        continue;
                    }
                    let window = cell.starts_with("ann");
                    if window && (layers > 1 || both || norm) {
                        continue;
                    }
                    let more = json!({"layers": layers, "bidirectional": both, "layer_norm": norm});
                    let value =
                        experiment(&model(cell, &more), "many-to-many", "squared-error", size, &mut Draw(7));
                    let experiment = file::from_value(&value).unwrap();
                    let spec = &experiment.spec;
                    let name = format!("{cell}, {more}");

                    // Numbers of the blocks whose name says so: the last part of a path that is no index.
                    let numbers = |part: &dyn Fn(&str) -> bool| {
                        let block = |path: &str| {
                            let name = path.rsplit('/').find(|part| part.parse::<usize>().is_err());
                            part(name.unwrap_or_default())
                        };
                        leaves(&value, "/model/weights").iter().filter(|path| block(path)).count()
                    };
                    let state = |name: &str| name == "h_0" || name == "C_0";
                    let total = leaves(&value, "/model/weights").len() - numbers(&state);
                    assert_eq!(matrices(spec).iter().map(Matrix::count).sum::<usize>(), total, "{name}");
                    assert_eq!(spec.parameters(), total, "{name}");
                    // A matrix product multiplies every entry once; a step of a window those that are its own.
                    let entries = if window {
                        numbers(&|name: &str| name == "W_xh") / size.steps
                            + numbers(&|name: &str| name == "W_hy")
                    } else {
                        decoders(&model(cell, &more), size);
                        numbers(&|name: &str| name.starts_with('W'))
                    };
                    assert_eq!(multiply_adds(spec).1, entries, "{name}");
                    assert_eq!(
                        entries - multiply_adds(spec).0,
                        numbers(&|name: &str| name == "W_hy"),
                        "{name}"
                    );

                    let pass = Network::<f64>::new(&experiment).forward(&experiment.x, &experiment.target);
                    let kept: usize = pass.tapes.iter().map(Tape::recorded).sum();
                    assert_eq!(memory(spec, Precision::F64), 8 * kept / size.steps, "{name}");
                    assert_eq!(memory(spec, Precision::F32), 4 * kept / size.steps, "{name}");

                    let times = times_rnn(spec);
                    let (least, most) = match cell.split(' ').collect::<Vec<_>>()[..] {
                        ["lstm", ..] => (4.0, 4.0),
                        ["gru", "after", ..] => (3.0 + 1e-9, 3.2),
                        ["gru", ..] => (3.0, 3.0),
                        // 3 inputs, 5 units, 4 steps.
                        ["ann", ..] => (13.0 / 9.0, 13.0 / 9.0),
                        _ => (1.0, 1.0),
                    };
                    assert!(least - 1e-12 < times && times < most + 1e-12, "{name}: {times}");
                }
            }
        }
    }
}
