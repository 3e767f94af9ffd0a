//! What a lane's model costs, in words.

use serde::Serialize;

use super::Session;
use crate::analysis::facts::{Matrix, matrices, memory, multiply_adds, times_rnn};
use crate::analysis::math::{self, Math};
use crate::analysis::number::{count, short};
use crate::experiment::{Cell, Choice as _, Shape};
use crate::trace::run;

/// What the page lists of a model.
#[derive(Clone, Debug, Serialize)]
pub struct Facts {
    /// Parameters by matrix.
    rows: Vec<Row>,
    /// All of them.
    total: String,
    /// Multiply-adds, memory, time: each with its words.
    costs: Vec<Cost>,
}

#[derive(Clone, Debug, Serialize)]
struct Row {
    symbol: Math,
    spoken: String,
    layers: String,
    size: String,
    count: String,
}

#[derive(Clone, Debug, Serialize)]
struct Cost {
    what: &'static str,
    value: String,
    note: String,
}

impl Session {
    /// What a lane's model costs. `measured`: how many passes took how many milliseconds.
    #[must_use]
    pub fn facts(&self, lane: usize, measured: Option<(f64, f64)>) -> Option<Facts> {
        let experiment = &self.lanes.get(lane)?.experiment;
        let spec = &experiment.spec;
        let row = |matrix: Matrix| {
            let (from, to) = matrix.layers;
            let part = match spec.decoder() {
                Some(_) if matrix.decodes => "decoder",
                Some(_) if from > 0 => "encoder",
                _ => "",
            };
            let layers = match spec.layers {
                1 if from == 0 && spec.decoder().is_none() => String::new(),
                _ if from == 0 => "output".into(),
                1 => String::new(),
                _ if from == to => format!("layer {from}"),
                _ => format!("layers {from}–{to}"),
            };
            let parts = [part, &layers].into_iter().filter(|part| !part.is_empty());
            let layers = parts.collect::<Vec<_>>().join(", ");
            let (rows, columns) = matrix.size;
            let times = if matrix.times > 1 { format!("{} × ", matrix.times) } else { String::new() };
            let (symbol, spoken) = match matrix.name {
                "b" => (math::symbol("b"), "biases".to_owned()),
                "g" => (math::symbol("g"), "gains".to_owned()),
                name => (math::symbol(name), name.replace('_', " ")),
            };
            let size =
                if columns == 1 { format!("{times}{rows}") } else { format!("{times}{rows} × {columns}") };
            Row { symbol, spoken, layers, size, count: count(matrix.count()) }
        };
        let (plain, with_output) = multiply_adds(spec);
        let decoder = spec.decoder();
        let every = spec.shape != Shape::ManyToOne && decoder.is_none();
        let step = if every { with_output } else { plain };
        let bytes = memory(spec, experiment.precision);
        let bytes_then = decoder.as_ref().map(|decoder| memory(decoder, experiment.precision));
        let sized = |bytes: usize| match bytes {
            0..10_000 => format!("{} B", count(bytes)),
            _ => format!("{} kB", count(bytes / 1000)),
        };
        let factor = match spec.cell {
            Cell::Rnn => String::new(),
            _ => "the parameters of an RNN of this size, layer by layer".to_owned(),
        };
        let mut costs = vec![
            Cost {
                what: "Multiply-adds per step",
                value: match decoder {
                    Some(_) => format!("{}, decoder {}", count(plain), count(with_output)),
                    None => count(step),
                },
                note: format!(
                    "forward; backward twice as many{}",
                    if decoder.is_some() {
                        "; the decoder’s with an output".into()
                    } else if every {
                        String::new()
                    } else {
                        format!("; the output takes {} more, once", count(with_output - plain))
                    }
                ),
            },
            Cost {
                what: "Memory per step",
                value: match bytes_then {
                    Some(then) => format!("{}, decoder {}", sized(bytes), sized(then)),
                    None => sized(bytes),
                },
                note: format!("kept for the way back, in {}", experiment.precision.word()),
            },
            Cost { what: "Time per step", value: "measuring".into(), note: String::new() },
        ];
        if let (Some((passes, milliseconds)), Some(time)) = (measured, costs.last_mut()) {
            let each =
                1000.0 * milliseconds / passes / f64::from(u16::try_from(self.steps()).unwrap_or(u16::MAX));
            time.value = format!("{} µs", short(each));
            time.note = format!("forward and backward, here and now: the mean of {passes:.0} passes");
        }
        if !factor.is_empty() {
            costs.insert(
                0,
                Cost { what: "Beside an RNN", value: format!("{} ×", short(times_rnn(spec))), note: factor },
            );
        }
        let rows = matrices(spec).into_iter().map(row).collect();
        Some(Facts { rows, total: count(spec.parameters()), costs })
    }

    /// Runs a lane's experiment once more, for a clock to look at.
    pub fn run_again(&self, lane: usize) {
        if let Some(lane) = self.lanes.get(lane) {
            drop(std::hint::black_box(run(&lane.experiment)));
        }
    }
}
