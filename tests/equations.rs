//! The equations that are drawn, the wires of the cells and the sums that unfold, evaluated, are the numbers that the
//! engine computed.

use std::collections::BTreeSet;

use crate::common::{Draw, Size, cells, experiment, model, windows};
use serde_json::{Value, json};
use unrolled::analysis::circuit::{circuit, operations};
use unrolled::analysis::equations::{Place, wire_equations};
use unrolled::analysis::operation::known;
use unrolled::experiment::{Cell, Direction, Experiment, Steps, file};
use unrolled::model::cell::symbols;
use unrolled::model::{Network, Parameters};
use unrolled::trace::{LayerTrace, Trace, run};

const SIZE: Size = Size { inputs: 3, hidden: 4, outputs: 2, steps: 6 };

/// A run, and everything that its equations are made of.
struct Sample {
    name: String,
    /// What was run; `experiment` is what speaks of it, where that is what the sample is of.
    whole: Experiment,
    experiment: Experiment,
    trace: Trace,
    axis: Steps,
    decodes: bool,
    parameters: Parameters<f64>,
    /// The number of its layer and direction.
    sweep: usize,
    /// Whether one loss alone counts: `trace` has its gradients, and these are those of all layers and directions as
    /// the page holds them.
    alone: Option<[Vec<LayerTrace>; 2]>,
}

impl Sample {
    fn new(cell: &str, more: &Value, shape: &str, loss: &str) -> Self {
        let size = if more["feedback"] == true { Size { inputs: SIZE.outputs, ..SIZE } } else { SIZE };
        let mut model = model(cell, more);
        let free = model.as_object_mut().unwrap().remove("free").is_some();
        model.as_object_mut().unwrap().remove("encoder");
        let mut value = experiment(&model, shape, loss, size, &mut Draw(11));
        if free {
            value["teaching"] = false.into();
        }
        let experiment = file::from_value(&value).unwrap();
        let (whole, run, axis) = (experiment.clone(), run(&experiment), experiment.steps());
        // What does not read x is seen as a network that is given what it read.
        let decodes = axis.border().is_some() && more["encoder"] != true;
        let (experiment, trace) = match run.speaking {
            Some(speaking) if axis.border().is_none() || decodes => (speaking.experiment, speaking.trace),
            _ => (experiment, run.trace),
        };
        let parameters = Parameters::from_weights(&experiment.spec, &experiment.weights.layers[0]);
        let name = format!("{cell} {more} {shape} {loss}");
        Self { name, whole, experiment, trace, axis, decodes, parameters, sweep: 0, alone: None }
    }

    /// The same in a layer and direction with the gradients of the loss alone that has the longest way back through it.
    fn alone(cell: &str, more: &Value, shape: &str, loss: &str, sweep: usize) -> Self {
        let mut sample = Self::new(cell, more, shape, loss).at(sweep);
        let whole = sample.whole.clone();
        let run = run(&whole);
        let (last, others) = match &run.speaking {
            Some(speaking) if sample.decodes => (speaking.last.clone(), Vec::new()),
            _ => (run.last().to_vec(), run.others().to_vec()),
        };
        let direction = last[sweep].direction;
        let network = Network::<f64>::new(&whole);
        let pass = network.forward(&whole.x, &whole.target);
        let mut weight = vec![0.0; pass.losses.len()];
        let first = direction == Direction::Backward && sample.axis.border().is_none();
        *if first { weight.first_mut() } else { weight.last_mut() }.unwrap() = 1.0;
        let sent = network.backward(&pass, &weight);
        let mut gradients = sent.weights(&whole.spec);
        if sample.decodes {
            gradients.layers = gradients.decoder.split_off(0);
        }
        sample.trace.dx = if sent.read.nrows() > 0 && (sample.decodes || whole.spec.decoder().is_none()) {
            sent.read
        } else {
            sent.x
        };
        sample.trace.gradients = gradients;
        sample.trace.layers.clone_from(&last);
        for (index, layer) in sample.trace.layers.iter_mut().enumerate() {
            if let Some(other) = others.get(index).filter(|other| other.direction != direction) {
                *layer = other.clone();
            }
        }
        sample.name = format!("{}, one loss alone", sample.name);
        sample.alone = Some([last, others]);
        sample
    }

    /// The same in another layer or direction.
    fn at(mut self, sweep: usize) -> Self {
        let Experiment { spec, weights, .. } = &self.experiment;
        self.parameters = Parameters::from_weights(spec, &weights.layers[sweep]);
        self.name = format!("{}, sweep {sweep}", self.name);
        Self { sweep, ..self }
    }

    fn steps(&self) -> usize {
        self.trace.layers[self.sweep].h.nrows()
    }

    fn direction(&self) -> Direction {
        self.trace.layers[self.sweep].direction
    }

    fn place(&self, unit: usize, t: usize) -> Place<'_> {
        let layer = &self.trace.layers[self.sweep];
        let Self { experiment, parameters, trace, .. } = self;
        let (layers, others) = match &self.alone {
            Some([layers, others]) => (layers.as_slice(), others.as_slice()),
            None => (trace.layers.as_slice(), [].as_slice()),
        };
        Place {
            experiment,
            parameters,
            trace,
            layer,
            layers,
            others,
            input: None,
            output: None,
            only_last: self.alone.is_some(),
            unit,
            t,
            axis: self.axis,
            decodes: self.decodes,
        }
    }

    /// The number of the trace that an equation's left side stands for; `None` where the trace has no such number.
    fn traced(&self, name: &str, t: usize, unit: usize) -> Option<f64> {
        let trace = &self.trace;
        let layer = &trace.layers[self.sweep];
        let norm = self.experiment.spec.layer_norm;
        let gate = |of, letter: &str| {
            let index = symbols(self.experiment.spec.cell).iter().position(|known| {
                *known == letter || known.strip_suffix("_tilde").is_some_and(|known| known == letter)
            })?;
            Some(layer.gate(of, index)[[t, unit]])
        };
        let before = |of: &ndarray::Array2<f64>, initial: &[f64]| {
            let before = match layer.direction {
                Direction::Forward => t.checked_sub(1),
                Direction::Backward => Some(t + 1).filter(|&t| t < self.steps()),
            };
            Some(before.map_or(initial[unit], |t| of[[t, unit]]))
        };
        let (weights, sent) =
            (&self.experiment.weights.layers[self.sweep], &trace.gradients.layers[self.sweep]);
        let spec = &self.experiment.spec;
        let bounded = spec.limit.is_some() || spec.window > 0;
        let order = if layer.direction == Direction::Forward { t } else { self.steps() - 1 - t };
        // The state of k steps before, or 0; and of its gradient the part that comes from here, but at the start.
        let skipped = |of: &ndarray::Array2<f64>, initial: Option<f64>| match spec.skipped(order) {
            None => Some(0.0),
            Some(0) => initial,
            Some(row) if layer.direction == Direction::Forward => Some(of[[row - 1, unit]]),
            Some(row) => Some(of[[self.steps() - row, unit]]),
        };
        match name {
            "h_skip" => skipped(&layer.h, Some(weights.h_0[unit])),
            "dh_skip" => skipped(&layer.dh_from_skip, None),
            "dh_prev" if spec.skip > 0 && order == 0 => None,
            "dh_prev" if spec.skip > 0 => before(&(&layer.dh_from_future - &layer.dh_from_skip), &sent.h_0),
            "h" => Some(layer.h[[t, unit]]),
            "C" | "s" => Some(layer.c[[t, unit]]),
            "s_prev" => before(&layer.c, &vec![0.0; layer.c.ncols()]),
            "a" => Some(layer.a[[t, unit]]),
            "h_prev" | "carried" | "h_bus" => before(&layer.h, &weights.h_0),
            "C_prev" => before(&layer.c, &weights.c_0),
            "f" | "i" | "o" | "z" | "r" => gate(&layer.gates, name),
            "C_tilde" => gate(&layer.gates, "C"),
            "h_tilde" => gate(&layer.gates, "h"),
            "a_f" | "a_i" | "a_C" | "a_o" | "a_z" | "a_r" | "a_h" => gate(&layer.a, &name[2..]),
            "dh" => Some(layer.dh[[t, unit]]),
            "dx" if layer.layer > 1 => {
                let mut below: Vec<(f64, f64)> = Vec::new();
                for side in trace.layers.iter().filter(|side| side.layer + 1 == layer.layer) {
                    below.extend(side.h.row(t).iter().copied().zip(side.dh_from_loss.row(t).iter().copied()));
                }
                let largest =
                    |best: (f64, f64), of: (f64, f64)| if of.0.abs() > best.0.abs() { of } else { best };
                Some(below.iter().copied().fold((0.0, 0.0), largest).1)
            }
            "dh_loss" | "dh_above" => Some(layer.dh_from_loss[[t, unit]]),
            "dC" => Some(layer.dc[[t, unit]]),
            "dC_prev" | "dh_prev" if bounded => None,
            "dC_prev" | "dC_on" => before(&layer.dc_from_future, &sent.c_0),
            "dh_prev" | "dh_on" => before(&layer.dh_from_future, &sent.h_0),
            "da" if !norm => Some(layer.da[[t, unit]]),
            "ds" if spec.cell == Cell::Ann => Some(layer.dc[[t, unit]]),
            "ds" => Some(layer.da[[t, unit]]),
            name if name.starts_with("ds_") => gate(&layer.da, &name[3..]),
            name if name.starts_with("da_") && !norm => gate(&layer.da, &name[3..]),
            "dx" => {
                let x = self.experiment.x.row(t);
                let k = (0..x.len()).fold(0, |best, k| if x[k].abs() > x[best].abs() { k } else { best });
                Some(trace.dx[[t, k]])
            }
            _ => None,
        }
    }

    /// `W·[h_{t−1}, x_t]` of a gate's row in the first layer, before layer normalisation.
    fn summed(&self, wire: &str, t: usize, unit: usize) -> Option<f64> {
        let (spec, layer) = (&self.experiment.spec, &self.trace.layers[self.sweep]);
        let gate = match wire {
            "s_f" | "s_z" | "sum" => 0,
            "s_i" | "s_r" => 1,
            "s_C" | "s_h" => 2,
            "s_o" => 3,
            _ => return None,
        };
        let Parameters { recurrent, input, skip, .. } = &self.parameters;
        let row = gate * spec.hidden + unit;
        let state = |row: Option<usize>| match row {
            None => vec![0.0; spec.hidden],
            Some(0) => self.experiment.weights.layers[self.sweep].h_0.clone(),
            Some(row) => layer.h.row(row - 1).to_vec(),
        };
        let times = |a: ndarray::ArrayView1<f64>, b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).sum::<f64>();
        let mut before = state(Some(t));
        if wire == "s_h" {
            let r = layer.gate(&layer.gates, 1);
            before.iter_mut().zip(r.row(t)).for_each(|(h, r)| *h *= r);
        }
        let far = if spec.skip > 0 { times(skip.row(row), &state(spec.skipped(t))) } else { 0.0 };
        Some(
            times(recurrent.row(row), &before)
                + times(input.row(row), &self.experiment.x.row(t).to_vec())
                + far,
        )
    }

    fn agree(&self, what: &str, (t, unit): (usize, usize), found: f64, expected: f64) {
        assert!(
            (found - expected).abs() <= 1e-12 * expected.abs().max(1e-3),
            "{}: {what} of unit {unit} at t = {t} is {expected}, the drawing says {found}",
            self.name
        );
    }
}

fn samples() -> impl Iterator<Item = Sample> {
    let plain = cells().into_iter().flat_map(|(cell, _)| {
        [("many-to-many", "cross-entropy"), ("many-to-one", "squared-error")]
            .map(|(shape, loss)| Sample::new(cell, &json!({}), shape, loss))
    });
    let normed = ["rnn tanh", "rnn relu", "rnn skip", "lstm", "gru before"]
        .map(|cell| Sample::new(cell, &json!({"layer_norm": true}), "many-to-many", "squared-error"));
    let stacked = cells().into_iter().flat_map(|(cell, _)| {
        let one = [("many-to-many", false), ("many-to-one", true), ("many-to-many", true)];
        one.into_iter().flat_map(move |(shape, both)| {
            let model = json!({"layers": 2, "bidirectional": both});
            let sweeps = if both { 4 } else { 2 };
            (0..sweeps).map(move |sweep| Sample::new(cell, &model, shape, "squared-error").at(sweep))
        })
    });
    let bounded = ["rnn tanh", "lstm", "gru before", "gru after"].into_iter().flat_map(|cell| {
        let limit = |by| json!({"clip_back": {"by": by, "at": 0.05}});
        [limit("norm"), limit("value"), json!({"window": 2})]
            .map(|more| Sample::new(cell, &more, "many-to-many", "cross-entropy"))
    });
    let windows = windows().into_iter().flat_map(|(cell, _)| {
        [("many-to-many", "cross-entropy"), ("many-to-one", "squared-error")]
            .map(|(shape, loss)| Sample::new(cell, &json!({}), shape, loss))
    });
    plain.chain(normed).chain(stacked).chain(bounded).chain(windows).chain(speaking()).chain(alone())
}

/// What one loss of several sends back alone: through layers, directions, and outputs that are read again.
fn alone() -> impl Iterator<Item = Sample> {
    let deep = json!({"layers": 2, "bidirectional": true});
    let fed = json!({"feedback": true, "free": true, "layers": 2});
    let free = json!({"free": true, "layers": 2});
    ["rnn tanh", "lstm", "gru before", "gru after"].into_iter().flat_map(move |cell| {
        let both = (0..4).map(|sweep| Sample::alone(cell, &deep, "many-to-many", "squared-error", sweep));
        let silent = (0..4).map(|sweep| Sample::alone(cell, &deep, "one-to-many", "cross-entropy", sweep));
        let fed = (0..2).map(|sweep| Sample::alone(cell, &fed, "one-to-many", "squared-error", sweep));
        let free = (0..2).map(|sweep| Sample::alone(cell, &free, "encoder-decoder", "squared-error", sweep));
        both.chain(silent).chain(fed).chain(free).collect::<Vec<_>>()
    })
}

/// What reads zeros, targets or its own outputs; and what stands before a decoder.
fn speaking() -> impl Iterator<Item = Sample> {
    let free = |layers: usize| json!({"feedback": true, "free": true, "layers": layers});
    let told = json!({"feedback": true});
    let both = json!({"bidirectional": true});
    cells().into_iter().flat_map(move |(cell, _)| {
        let one = ["squared-error", "cross-entropy"].into_iter().flat_map({
            let (free, told, both) = (free(2), told.clone(), both.clone());
            move |loss| {
                [json!({}), both.clone(), told.clone(), free.clone()]
                    .map(|more| Sample::new(cell, &more, "one-to-many", loss))
            }
        });
        let two = ["squared-error", "cross-entropy"].into_iter().flat_map(move |loss| {
            [json!({}), json!({"bidirectional": true, "layers": 2}), json!({"free": true, "layers": 2})]
                .into_iter()
                .flat_map(move |more| {
                    let deep = more["layers"] == 2;
                    let decoder = (0..if deep { 2 } else { 1 })
                        .map(|sweep| Sample::new(cell, &more, "encoder-decoder", loss).at(sweep))
                        .collect::<Vec<_>>();
                    let mut before = more.clone();
                    before["encoder"] = true.into();
                    let sweeps = decoder.len() * if more["bidirectional"] == true { 2 } else { 1 };
                    let encoder = (0..sweeps)
                        .map(move |sweep| Sample::new(cell, &before, "encoder-decoder", loss).at(sweep));
                    decoder.into_iter().chain(encoder.collect::<Vec<_>>())
                })
        });
        one.chain(two)
    })
}

fn places() -> impl Iterator<Item = (usize, usize)> {
    (0..SIZE.steps).flat_map(|t| (0..SIZE.hidden).map(move |unit| (t, unit)))
}

#[test]
fn every_equation_is_what_was_computed() {
    for sample in samples() {
        let mut compared = 0;
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            for equation in place.forward().into_iter().chain(place.backward()) {
                assert!(equation.symbolic().is_array() && equation.numeric().is_array());
                assert!(equation.spoken().contains(" equals "));
                if let Some(expected) = sample.traced(equation.name, t, unit) {
                    compared += 1;
                    sample.agree(equation.name, (t, unit), equation.right.value(), expected);
                }
            }
        }
        assert!(compared >= 5 * SIZE.steps * SIZE.hidden, "{}: only {compared} were compared", sample.name);
    }
}

/// Where the readout reads a step, the last equation is an output; its terms are all that it is made of.
#[test]
fn outputs_are_made_of_the_states_that_they_read() {
    for sample in samples() {
        let trace = &sample.trace;
        let outputs = trace.y.nrows();
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            let forward = place.forward();
            let last = match sample.direction() {
                Direction::Forward => sample.steps() - 1,
                Direction::Backward => 0,
            };
            let encodes = place.axis.border().is_some() && !place.decodes;
            let read = place.is_top() && !encodes && (outputs > 1 || t == last);
            assert_eq!(forward.last().is_some_and(|equation| equation.name == "y"), read, "{}", sample.name);
            if !read {
                continue;
            }
            let right = &forward.last().unwrap().right;
            let k = right.dots()[0].terms[0].row;
            let step = if outputs > 1 { t } else { 0 };
            sample.agree("y", (t, unit), right.value(), trace.y[[step, k]]);
            assert_eq!(right.dots()[0].terms.len(), sample.experiment.spec.width(), "{}", sample.name);
        }
    }
}

/// Wires whose gradient is an equation of its own.
const GRADIENTS: [(&str, &str); 25] = [
    ("sum", "ds"),
    ("s_f", "ds_f"),
    ("s_i", "ds_i"),
    ("s_C", "ds_C"),
    ("s_o", "ds_o"),
    ("s_z", "ds_z"),
    ("s_r", "ds_r"),
    ("s_h", "ds_h"),
    ("s", "ds"),
    ("s_prev", "ds"),
    ("W_xh", "ds"),
    ("h", "dh"),
    ("h_skip", "dh_skip"),
    ("C", "dC"),
    ("C_prev", "dC_prev"),
    ("h_prev", "dh_prev"),
    ("x", "dx"),
    ("a", "da"),
    ("a_f", "da_f"),
    ("a_i", "da_i"),
    ("a_C", "da_C"),
    ("a_o", "da_o"),
    ("a_z", "da_z"),
    ("a_r", "da_r"),
    ("a_h", "da_h"),
];

#[test]
fn every_wire_carries_what_was_computed() {
    for sample in samples() {
        let spec = &sample.experiment.spec;
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            for wire in &circuit(spec).wires {
                let value = place.made(wire.id).unwrap_or_else(|| panic!("{}", wire.id)).value();
                let gradient = place.gradient(wire.id).unwrap_or_else(|| panic!("∂L/∂{}", wire.id)).value();
                assert!(gradient.is_finite(), "{}: {}", sample.name, wire.id);
                let summed = || sample.summed(wire.id, t, unit);
                if let Some(expected) = sample.traced(wire.id, t, unit).or_else(summed) {
                    sample.agree(wire.id, (t, unit), value, expected);
                }
                let back = GRADIENTS.iter().find(|(known, _)| *known == wire.id);
                if let Some(expected) = back.and_then(|(_, name)| sample.traced(name, t, unit)) {
                    sample.agree(back.unwrap().1, (t, unit), gradient, expected);
                }
            }
        }
    }
}

/// A gate's wire, and how its value follows from its pre-activation: `∂L/∂a` is `∂L/∂gate` times the slope.
#[test]
fn gradients_of_gates_lead_to_those_of_their_pre_activations() {
    let gates = [
        ("f", "a_f"),
        ("i", "a_i"),
        ("o", "a_o"),
        ("z", "a_z"),
        ("r", "a_r"),
        ("C_tilde", "a_C"),
        ("h_tilde", "a_h"),
    ];
    for sample in samples() {
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            for (gate, pre) in gates {
                let (Some(value), Some(arrives)) = (place.made(gate), place.gradient(gate)) else { continue };
                let g = value.value();
                let slope = if gate.ends_with("tilde") { 1.0 - g * g } else { g * (1.0 - g) };
                let found = arrives.value() * slope;
                sample.agree(pre, (t, unit), found, place.gradient(pre).unwrap().value());
            }
        }
    }
}

/// What leaves a unit for `h_{t−1}` of the GRU goes straight on or through the gates.
#[test]
fn branches_add_up() {
    for sample in samples().filter(|sample| sample.experiment.spec.cell == Cell::Gru) {
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            let of = |wire| place.gradient(wire).unwrap().value();
            sample.agree("∂L/∂h_{t−1}", (t, unit), of("carried") + of("h_bus"), of("h_prev"));
        }
    }
}

#[test]
fn shares_of_weights_add_up_to_the_gradient() {
    for sample in samples() {
        for (t, unit) in places() {
            let place = sample.place(unit, t);
            let shared = place.gates().iter().flat_map(|gate| place.shares(gate, true));
            let shared: BTreeSet<&str> = shared.map(|share| share.matrix).collect();
            let values = &sample.trace.gradients.layers[sample.sweep].values;
            // A step that has no state of k before has no share for its weights.
            let spec = &sample.experiment.spec;
            let order = if sample.direction() == Direction::Forward { t } else { sample.steps() - 1 - t };
            let skips = spec.skipped(order).is_some();
            let names = values.iter().map(|(name, _)| *name).filter(|name| *name != "W_skip" || skips);
            assert_eq!(shared, names.collect(), "{}", sample.name);
            for gate in place.gates() {
                for share in place.shares(gate, true).into_iter().chain(place.output_shares(true)) {
                    let gradients = &sample.trace.gradients;
                    let whole = match share.matrix {
                        "W_hy" => gradients.head.w_hy[[share.row, share.column]],
                        "b_y" => gradients.head.b_y[share.row],
                        name => {
                            let values = &gradients.layers[sample.sweep].values;
                            let (_, whole) = values.iter().find(|(known, _)| *known == name).unwrap();
                            whole[[share.row, share.column]]
                        }
                    };
                    sample.agree(share.matrix, (t, unit), share.in_all, whole);
                    let (first, last) = match sample.direction() {
                        Direction::Forward => (0, sample.steps() - 1),
                        Direction::Backward => (sample.steps() - 1, 0),
                    };
                    if t == first && sample.direction() == Direction::Forward {
                        assert_eq!(share.so_far.to_bits(), share.in_all.to_bits(), "{}", sample.name);
                    }
                    if t == first {
                        sample.agree(share.matrix, (t, unit), share.so_far, share.in_all);
                    }
                    if t == last {
                        sample.agree(share.matrix, (t, unit), share.so_far, share.now.value());
                    }
                }
            }
        }
    }
}

/// What operations make and take are wires, every wire but those that enter is made once, and before it is taken.
#[test]
fn operations_compute_every_wire_in_order() {
    for sample in samples() {
        let spec = &sample.experiment.spec;
        let circuit = circuit(spec);
        let mut known: Vec<&str> =
            circuit.wires.iter().filter(|wire| wire.enters).map(|wire| wire.id).collect();
        for operation in &circuit.operations {
            assert!(circuit.nodes.iter().any(|node| node.id == operation.node), "{}", operation.node);
            for taken in operation.takes {
                assert!(known.contains(taken), "{}: {taken} is not there yet", sample.name);
            }
            if !operation.makes.is_empty() {
                assert!(!known.contains(&operation.makes), "{}: {} twice", sample.name, operation.makes);
                known.push(operation.makes);
            }
        }
        known.sort_unstable();
        let mut all: Vec<&str> = circuit.wires.iter().map(|wire| wire.id).collect();
        all.sort_unstable();
        assert_eq!(known, all, "{}", sample.name);
        assert_eq!(
            operations(spec, true),
            operations(spec, false) + 2,
            "loss and future, and what is handed on"
        );
    }
}

/// On the way back a wire's gradient is known when every operation that takes it has been walked, and not before.
#[test]
fn gradients_become_known_from_the_output_back() {
    let sample = Sample::new("lstm", &json!({}), "many-to-one", "squared-error");
    let lstm = circuit(&sample.experiment.spec);
    let at = |done| known(lstm, true, done);
    assert!(at(0).is_empty());
    assert_eq!(at(1), ["h"]);
    assert_eq!(at(2), ["o", "squashed", "h"]);
    assert_eq!(at(3), ["C", "o", "squashed", "h"]);
    assert_eq!(at(22).len(), lstm.wires.len() - 2, "all but what is handed on");
    assert_eq!(at(23).len(), lstm.wires.len());
    let gru = circuit(&Sample::new("gru before", &json!({}), "many-to-one", "squared-error").experiment.spec);
    // z goes two ways: it waits for both.
    let first = (0..30).find(|&done| known(gru, true, done).contains(&"z")).unwrap();
    assert_eq!(first, 5, "h, +, ⊙, ⊙, 1 − z");
    for circuit in [lstm, gru] {
        let counts: Vec<usize> =
            (0..=circuit.operations.len()).map(|done| known(circuit, false, done).len()).collect();
        assert!(counts.is_sorted() && counts[counts.len() - 1] == circuit.wires.len(), "{counts:?}");
    }
}

/// Where a wire leads there is an equation, forward and backward, but where the value is given.
#[test]
fn every_wire_leads_to_its_equations() {
    for sample in samples() {
        let place = sample.place(1, 2);
        let [forward, backward] = [place.forward(), place.backward()]
            .map(|equations| equations.iter().map(|equation| equation.name).collect::<Vec<_>>());
        for wire in &circuit(&sample.experiment.spec).wires {
            let [value, gradient] = wire_equations(wire.id, sample.experiment.spec.layer_norm);
            let given = wire.enters && value.is_empty();
            assert!(given || forward.contains(&value), "{}: {} of {}", sample.name, value, wire.id);
            assert!(backward.contains(&gradient), "{}: {} of {}", sample.name, gradient, wire.id);
        }
    }
}
