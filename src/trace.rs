//! What a pass recorded, widened to `f64` and listed by position in the sequence.

use ndarray::{Array2, s};
use serde_json::{Map, Value, json};

use crate::experiment::file::weights_value;
use crate::experiment::{Cell, Choice as _, Direction, Experiment, Precision, Spec, Weights};
use crate::json::{matrix, number, vector};
use crate::model::Scalar;
use crate::model::bptt::{Gradient, Tape};
use crate::model::cell::symbols;
use crate::model::network::{Gradients, Network, Pass};
use crate::model::stack::by_position;

/// What the first field of a trace file says.
pub const FORMAT: &str = "unrolled-trace/1";

/// All states, gates, outputs, losses and gradients of one pass, forward and backward.
#[derive(Clone, Debug)]
pub struct Trace {
    /// One per layer and direction, in the order of [`Spec::sweeps`].
    pub layers: Vec<LayerTrace>,
    /// The decoder's, one per layer, with a row per output step; empty where there is none.
    pub decoder: Vec<LayerTrace>,
    /// What the layers below the readout read where that is not `x`, output steps × width: `x_1` or zeros, then zeros,
    /// targets or outputs. Without rows where they read `x`.
    pub read: Array2<f64>,
    /// Outputs before softmax, output steps × O.
    pub y: Array2<f64>,
    /// Loss of each output step.
    pub loss_t: Vec<f64>,
    /// Their sum, in the precision of the run.
    pub loss: f64,
    /// Gradients of the parameters and initial states; the same type as the weights.
    pub gradients: Weights,
    /// `∂L/∂x_t`, T × D.
    pub dx: Array2<f64>,
    /// Of [`Self::read`], of the same size.
    pub dread: Array2<f64>,
}

/// One layer in one direction; every array has T rows, by position.
#[derive(Clone, Debug)]
pub struct LayerTrace {
    /// Counted from 1.
    pub layer: usize,
    /// Which of its directions.
    pub direction: Direction,
    /// Hidden states, T × H.
    pub h: Array2<f64>,
    /// Cell states, T × H, of the feed-forward network its sums; zero columns elsewhere.
    pub c: Array2<f64>,
    /// Gates and candidate, T × G·H, side by side in the order of [`symbols`]; zero columns for the RNN.
    pub gates: Array2<f64>,
    /// Pre-activations, T × G·H.
    pub a: Array2<f64>,
    /// `∂L/∂h_t`, total.
    pub dh: Array2<f64>,
    /// The part of it from this step's output or the layer above.
    pub dh_from_loss: Array2<f64>,
    /// The part of it through the next step.
    pub dh_from_future: Array2<f64>,
    /// `∂L/∂C_t`, total; zero columns but for LSTM.
    pub dc: Array2<f64>,
    /// The part of it through `C_{t+1}` alone, with `h_t` held.
    pub dc_from_future: Array2<f64>,
    /// `∂L/∂a_t`, T × G·H.
    pub da: Array2<f64>,
}

/// The parts of a layer's gradient that say how a signal travels; T × H each, by position.
#[derive(Clone, Debug)]
pub struct Signal {
    /// `∂/∂h_t`, total.
    pub dh: Array2<f64>,
    /// `∂/∂C_t` with `h_t` held; zero columns but for LSTM.
    pub dc: Array2<f64>,
}

/// A trace and, for every layer and direction, what the last loss alone sends back.
#[derive(Clone, Debug)]
pub struct Run {
    /// The trace of the whole loss.
    pub trace: Trace,
    /// The same states with the gradients of one loss alone, as [`Trace::layers`] and [`Trace::decoder`]; none where
    /// there is no other loss.
    last: Option<[Vec<LayerTrace>; 2]>,
    /// Where two directions have each a loss of its own there: each layer with that of the other direction's.
    others: Vec<LayerTrace>,
    /// Where there is a decoder: encoder and decoder as one sequence, with all gradients and with those of one loss.
    along: Option<[Vec<LayerTrace>; 2]>,
    /// The layers that speak, where they do not read `x`.
    pub speaking: Option<Speaking>,
}

/// The layers that the readout reads, where they read something else than `x`: as a network that is given what it read
/// and, after an encoder, the states that it started from.
#[derive(Clone, Debug)]
pub struct Speaking {
    /// Its weights, and as `x` what it read.
    pub experiment: Experiment,
    /// Its states and gradients.
    pub trace: Trace,
    /// The same with the gradients of one loss alone.
    pub last: Vec<LayerTrace>,
}

impl Run {
    /// Every layer and direction, then the decoder's layers, with the gradients of the last loss alone or of all losses.
    pub fn layers(&self, last: bool) -> impl Iterator<Item = &LayerTrace> {
        let [layers, decoder] = match &self.last {
            Some([layers, decoder]) if last => [layers, decoder],
            _ => [&self.trace.layers, &self.trace.decoder],
        };
        layers.iter().chain(decoder)
    }

    /// Every layer and direction, in the order of [`Spec::sweeps`], with the gradients of the loss alone that has the
    /// longest way back through it: the last output's, for a backward direction the first output's.
    #[must_use]
    pub fn last(&self) -> &[LayerTrace] {
        self.last.as_ref().map_or(&self.trace.layers, |[layers, _]| layers)
    }

    /// For [`Self::last`] where that holds two losses: each layer with the loss that belongs to the other direction.
    /// What one loss sends through all layers is its direction's of the one and the rest of this. Else empty.
    #[must_use]
    pub fn others(&self) -> &[LayerTrace] {
        &self.others
    }

    /// Every layer and direction along all steps, with the gradients of the last loss alone or of all losses.
    ///
    /// A decoder starts from the encoder's last states, so that both are one sequence of states. Its layers are as wide
    /// as both directions of the encoder: each direction goes on with the units that start from its states.
    #[must_use]
    pub fn along(&self, last: bool) -> &[LayerTrace] {
        match &self.along {
            Some([_, along]) if last => along,
            Some([along, _]) => along,
            None if last => self.last(),
            None => &self.trace.layers,
        }
    }
}

/// Runs an experiment in its precision.
#[must_use]
pub fn run(experiment: &Experiment) -> Run {
    match experiment.precision {
        Precision::F64 => run_in::<f64>(experiment),
        Precision::F32 => run_in::<f32>(experiment),
    }
}

/// The gradients of one loss alone, counted from 0, by the parameters, initial states and inputs, in the precision of
/// the experiment.
#[must_use]
pub fn gradients_of(experiment: &Experiment, loss: usize) -> (Weights, Array2<f64>) {
    fn in_precision<F: Scalar>(experiment: &Experiment, loss: usize) -> (Weights, Array2<f64>) {
        let network = Network::<F>::new(experiment);
        let pass = network.forward(&experiment.x, &experiment.target);
        let weight: Vec<_> =
            (0..pass.losses.len()).map(|own| if own == loss { F::ONE } else { F::ZERO }).collect();
        let gradients = network.backward(&pass, &weight);
        (gradients.weights(&experiment.spec), gradients.x.mapv(F::wide))
    }
    match experiment.precision {
        Precision::F64 => in_precision::<f64>(experiment, loss),
        Precision::F32 => in_precision::<f32>(experiment, loss),
    }
}

fn run_in<F: Scalar>(experiment: &Experiment) -> Run {
    let network = Network::<F>::new(experiment);
    let pass = network.forward(&experiment.x, &experiment.target);
    let (spec, losses) = (&experiment.spec, pass.losses.len());
    let gradients = network.backward(&pass, &vec![F::ONE; losses]);
    let trace = Trace::new(spec, &pass, &gradients);
    let alone = |loss: usize| {
        let mut weight = vec![F::ZERO; losses];
        weight[loss] = F::ONE;
        let gradients = network.backward(&pass, &weight);
        let decoder = spec.decoder().map(|spec| layers(&spec, &pass.decoder, &gradients.decoder));
        [layers(spec, &pass.tapes, &gradients.layers), decoder.unwrap_or_default()]
    };
    let mut last = (losses > 1).then(|| alone(losses - 1));
    let mut others = Vec::new();
    // Into a decoder both directions speak at its first step.
    if let Some([layers, _]) = last.as_mut().filter(|_| spec.bidirectional && pass.decoder.is_empty()) {
        let [mut first, _] = alone(0);
        for (own, first) in layers.iter_mut().zip(&mut first) {
            if own.direction == Direction::Backward {
                std::mem::swap(own, first);
            }
        }
        others = first;
    }
    let joined = (!trace.decoder.is_empty()).then(|| {
        let every = join(spec, &trace.layers, &trace.decoder);
        let one = last.as_ref().map(|[layers, decoder]| join(spec, layers, decoder));
        [every.clone(), one.unwrap_or(every)]
    });
    let speaking = trace.speaking(experiment, last.as_ref());
    Run { trace, last, others, along: joined, speaking }
}

/// Encoder and decoder as one sequence, for every layer and direction of the encoder.
fn join(spec: &Spec, encoder: &[LayerTrace], decoder: &[LayerTrace]) -> Vec<LayerTrace> {
    let sides = spec.directions().len();
    encoder
        .iter()
        .enumerate()
        .map(|(number, own)| {
            let (side, next) = (number % sides, &decoder[number / sides]);
            // Of each gate the units that start from this direction's states.
            let joined = |of: fn(&LayerTrace) -> &Array2<f64>| {
                let (before, after) = (of(own), of(next));
                let wide = next.h.ncols();
                Array2::from_shape_fn((before.nrows() + after.nrows(), before.ncols()), |(t, column)| match t
                    .checked_sub(before.nrows())
                {
                    None => before[[t, column]],
                    Some(t) => {
                        let (gate, unit) = (column / spec.hidden, column % spec.hidden);
                        after[[t, gate * wide + side * spec.hidden + unit]]
                    }
                })
            };
            LayerTrace {
                layer: own.layer,
                direction: own.direction,
                h: joined(|layer| &layer.h),
                c: joined(|layer| &layer.c),
                gates: joined(|layer| &layer.gates),
                a: joined(|layer| &layer.a),
                dh: joined(|layer| &layer.dh),
                dh_from_loss: joined(|layer| &layer.dh_from_loss),
                dh_from_future: joined(|layer| &layer.dh_from_future),
                dc: joined(|layer| &layer.dc),
                dc_from_future: joined(|layer| &layer.dc_from_future),
                da: joined(|layer| &layer.da),
            }
        })
        .collect()
}

fn layers<F: Scalar>(spec: &Spec, tapes: &[Tape<F>], gradients: &[Gradient<F>]) -> Vec<LayerTrace> {
    spec.sweeps()
        .zip(tapes.iter().zip(gradients))
        .map(|((layer, direction), (tape, gradient))| LayerTrace::new(layer, direction, tape, gradient))
        .collect()
}

impl LayerTrace {
    fn new<F: Scalar>(layer: usize, direction: Direction, tape: &Tape<F>, gradient: &Gradient<F>) -> Self {
        let wide = |rows: &Array2<F>| by_position(rows, direction).mapv(F::wide);
        let results = |states: &Array2<F>| wide(&states.slice(s![1.., ..]).to_owned());
        Self {
            layer: layer + 1,
            direction,
            h: results(&tape.h),
            c: results(&tape.c),
            gates: wide(&tape.gates),
            a: wide(&tape.a),
            dh: wide(&gradient.h),
            dh_from_loss: wide(&gradient.h_from_loss),
            dh_from_future: wide(&gradient.h_from_future),
            dc: wide(&gradient.c),
            dc_from_future: wide(&gradient.c_from_future),
            da: wide(&gradient.a),
        }
    }

    /// Columns of `gates` (or of another array of G·H columns) that belong to gate `index`.
    #[must_use]
    pub fn gate<'a>(&self, of: &'a Array2<f64>, index: usize) -> ndarray::ArrayView2<'a, f64> {
        let hidden = self.h.ncols();
        of.slice(s![.., index * hidden..(index + 1) * hidden])
    }

    /// Its gradient, as a signal. What the feed-forward network's sum gets is all there is.
    #[must_use]
    pub fn signal(&self, cell: Cell) -> Signal {
        if cell.recurs() {
            Signal { dh: self.dh.clone(), dc: self.dc_from_future.clone() }
        } else {
            Signal { dh: self.dh.slice(s![.., ..0]).to_owned(), dc: self.dc.clone() }
        }
    }
}

impl Trace {
    fn new<F: Scalar>(spec: &Spec, pass: &Pass<F>, gradients: &Gradients<F>) -> Self {
        let wide = |values: &[F]| values.iter().map(|value| value.wide()).collect::<Vec<_>>();
        let decoder = spec.decoder().map(|spec| layers(&spec, &pass.decoder, &gradients.decoder));
        let loss = pass.losses.iter().fold(F::ZERO, |sum, &loss| sum + loss);
        let read = if gradients.read.nrows() == 0 {
            &gradients.read
        } else {
            &pass.decoder.first().unwrap_or(&pass.tapes[0]).x
        };
        Self {
            layers: layers(spec, &pass.tapes, &gradients.layers),
            decoder: decoder.unwrap_or_default(),
            read: read.mapv(F::wide),
            y: pass.y.mapv(F::wide),
            loss_t: wide(&pass.losses),
            loss: loss.wide(),
            gradients: gradients.weights(spec),
            dx: gradients.x.mapv(F::wide),
            dread: gradients.read.mapv(F::wide),
        }
    }

    /// The layers that speak, where they do not read `x`.
    fn speaking(&self, experiment: &Experiment, last: Option<&[Vec<LayerTrace>; 2]>) -> Option<Speaking> {
        if self.read.nrows() == 0 {
            return None;
        }
        let mut weights = experiment.weights.clone();
        let mut gradients = self.gradients.clone();
        let (mut spec, mut own, mut sent) =
            (experiment.spec.clone(), &self.layers, last.map(|last| &last[0]));
        if let Some(decoder) = experiment.spec.decoder() {
            (spec, own, sent) = (decoder, &self.decoder, last.map(|last| &last[1]));
            (weights.layers, weights.decoder) = (weights.decoder, Vec::new());
            (gradients.layers, gradients.decoder) = (gradients.decoder, Vec::new());
            let sides = experiment.spec.directions();
            for (layer, ends) in weights.layers.iter_mut().zip(self.layers.chunks(sides.len())) {
                let end = |of: fn(&LayerTrace) -> &Array2<f64>| {
                    let row = |end: &LayerTrace| match end.direction {
                        Direction::Forward => of(end).row(end.h.nrows() - 1).to_vec(),
                        Direction::Backward => of(end).row(0).to_vec(),
                    };
                    ends.iter().flat_map(row).collect()
                };
                (layer.h_0, layer.c_0) = (end(|layer| &layer.h), end(|layer| &layer.c));
            }
        }
        let last = sent.unwrap_or(own).clone();
        let trace = Self {
            layers: own.clone(),
            decoder: Vec::new(),
            dx: self.dread.clone(),
            gradients,
            ..self.clone()
        };
        let experiment = Experiment { spec, weights, x: self.read.clone(), ..experiment.clone() };
        Some(Speaking { experiment, trace, last })
    }

    /// The trace file. It also has the weights when the engine drew them.
    #[must_use]
    pub fn to_value(&self, experiment: &Experiment) -> Value {
        let cell = experiment.spec.cell;
        let states = |layers: &[LayerTrace]| layers.iter().map(|layer| layer.states(cell)).collect::<Value>();
        let mut gradients = weights_value(&self.gradients, cell);
        for (name, layers) in [("layers", &self.layers), ("decoder", &self.decoder)] {
            let entries = gradients.get_mut(name).and_then(Value::as_array_mut);
            for (layer, entry) in layers.iter().zip(entries.into_iter().flatten()) {
                if let Value::Object(fields) = entry {
                    fields.extend(layer.gradients(cell));
                }
            }
        }
        gradients["x"] = matrix(&self.dx);
        let mut file = json!({
            "format": FORMAT,
            "layers": states(&self.layers),
            "y": matrix(&self.y),
            "loss_t": vector(&self.loss_t),
            "loss": number(self.loss),
        });
        if !self.decoder.is_empty() {
            file["decoder"] = states(&self.decoder);
        }
        if self.read.nrows() > 0 {
            file["read"] = matrix(&self.read);
            gradients["read"] = matrix(&self.dread);
        }
        file["gradients"] = gradients;
        if experiment.init.is_some() {
            file["weights"] = weights_value(&experiment.weights, cell);
        }
        file
    }
}

impl LayerTrace {
    fn states(&self, cell: Cell) -> Value {
        let mut fields = Map::new();
        fields.insert("layer".into(), self.layer.into());
        fields.insert("direction".into(), self.direction.word().into());
        fields.insert("h".into(), matrix(&self.h));
        for (index, symbol) in symbols(cell).iter().enumerate() {
            fields.insert((*symbol).into(), matrix(&self.gate(&self.gates, index).to_owned()));
        }
        if let Some(name) = cell.carried() {
            fields.insert(name.into(), matrix(&self.c));
        }
        Value::Object(fields)
    }

    fn gradients(&self, cell: Cell) -> Map<String, Value> {
        let mut fields = Map::new();
        fields.insert("h".into(), matrix(&self.dh));
        fields.insert("h_from_loss".into(), matrix(&self.dh_from_loss));
        fields.insert("h_from_future".into(), matrix(&self.dh_from_future));
        if let Some(name) = cell.carried() {
            fields.insert(name.into(), matrix(&self.dc));
            fields.insert(format!("{name}_from_future"), matrix(&self.dc_from_future));
        }
        fields
    }
}
