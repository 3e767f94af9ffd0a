//! What reads what: inputs, layers, readout and losses by shape, and outputs that are read again.
//!
//! The layers that the readout reads are the *speaking* ones: the decoder where there is one, else the only ones. Where
//! they read given rows, zeros or targets, all is known before they begin, and each layer runs over its sequence on its
//! own. Where they run free, a step goes through all layers and the readout before the next begins.

use std::ops::Range;

use ndarray::{Array2, s};

use super::bptt::{Backward, Gradient, State, Sweep, Tape};
use super::readout::{Readout, choice, loss, tell};
use super::stack::Stack;
use super::{Scalar, affine};
use crate::experiment::{Experiment, LayerWeights, Loss, Shape, Spec, Target, Weights};

/// A network with its weights.
#[derive(Clone, Debug)]
pub struct Network<F> {
    spec: Spec,
    layers: Stack<F>,
    starts: Vec<State<F>>,
    decoder: Option<Stack<F>>,
    readout: Readout<F>,
    reads: Reads,
}

/// What a speaking layer reads at its steps after the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Reads {
    /// Rows that are given.
    Inputs,
    Zeros,
    /// The target of the step before.
    Targets,
    /// The output of the step before: running free under a squared error. Gradients pass through.
    Outputs,
    /// The likeliest class of the step before, one-hot: running free under cross-entropy. A choice has no slope.
    Choices,
}

impl Reads {
    fn new(experiment: &Experiment) -> Self {
        let Experiment { spec, teaching, .. } = experiment;
        match experiment.loss() {
            _ if !spec.reads_outputs() && spec.shape != Shape::OneToMany => Self::Inputs,
            _ if !spec.reads_outputs() => Self::Zeros,
            _ if *teaching => Self::Targets,
            Loss::SquaredError => Self::Outputs,
            Loss::CrossEntropy => Self::Choices,
        }
    }
}

/// What a forward pass recorded.
#[derive(Clone, Debug)]
pub struct Pass<F> {
    /// One per layer and direction, in the order of [`Spec::sweeps`].
    pub tapes: Vec<Tape<F>>,
    /// The decoder's, one per layer; empty where there is none.
    pub decoder: Vec<Tape<F>>,
    /// What the readout read: output steps × width of the top layer.
    pub top: Array2<F>,
    /// Outputs before softmax, output steps × O.
    pub y: Array2<F>,
    /// Loss of each output step.
    pub losses: Vec<F>,
    /// `∂L_t/∂y_t`, output steps × O.
    pub dy: Array2<F>,
}

/// Every gradient of a backward pass.
#[derive(Clone, Debug)]
pub struct Gradients<F> {
    /// One per layer and direction, in the order of [`Spec::sweeps`].
    pub layers: Vec<Gradient<F>>,
    /// The decoder's, one per layer; empty where there is none.
    pub decoder: Vec<Gradient<F>>,
    /// Of the readout.
    pub readout: Readout<F>,
    /// `∂L/∂x_t` of the inputs that were given, T × D, by position.
    pub x: Array2<F>,
    /// Of what speaking layers read, where that is not x: output steps × width, by position; else without rows.
    pub read: Array2<F>,
}

impl<F: Scalar> Gradients<F> {
    /// Adds the gradients of parameters and readout; the others belong to a sequence.
    pub fn add(&mut self, other: &Self) {
        let layers = self.layers.iter_mut().chain(&mut self.decoder);
        for (own, other) in layers.zip(other.layers.iter().chain(&other.decoder)) {
            own.parameters.add(&other.parameters);
        }
        self.readout.add(&other.readout);
    }

    /// Those of the parameters and initial states, in the type of the weights.
    #[must_use]
    pub fn weights(&self, spec: &Spec) -> Weights {
        let wide = |values: &[F]| values.iter().map(|value| value.wide()).collect::<Vec<_>>();
        let stack = |spec: &Spec, gradients: &[Gradient<F>]| {
            let layers = spec.sweeps().zip(gradients).map(|((layer, direction), gradient)| LayerWeights {
                h_0: wide(&gradient.h_0),
                c_0: wide(&gradient.c_0),
                ..gradient.parameters.to_weights(spec, layer, direction)
            });
            layers.collect()
        };
        let decoder = spec.decoder().map_or_else(Vec::new, |spec| stack(&spec, &self.decoder));
        Weights { layers: stack(spec, &self.layers), decoder, head: self.readout.to_head() }
    }
}

/// What speaking layers recorded, and what was read out of them.
struct Speech<F> {
    tapes: Vec<Tape<F>>,
    top: Array2<F>,
    y: Array2<F>,
}

impl<F: Scalar> Network<F> {
    /// The network of an experiment, in this precision.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        let Experiment { spec, weights, .. } = experiment;
        let narrow = |values: &[f64]| values.iter().map(|&value| F::of(value)).collect();
        let start = |h_0: &[f64], c_0: &[f64]| State { h: narrow(h_0), c: narrow(c_0) };
        Self {
            spec: spec.clone(),
            layers: Stack::new(spec, &weights.layers),
            starts: weights.layers.iter().map(|layer| start(&layer.h_0, &layer.c_0)).collect(),
            decoder: spec.decoder().map(|spec| Stack::new(&spec, &weights.decoder)),
            readout: Readout::from_head(&weights.head),
            reads: Reads::new(experiment),
        }
    }

    /// The forward pass.
    #[must_use]
    pub fn forward(&self, x: &Array2<f64>, target: &Target) -> Pass<F> {
        let x = x.mapv(F::of);
        let (tapes, decoder, top, y) = if let Some(decoder) = &self.decoder {
            let (tapes, _) = self.layers.forward(x, &self.starts);
            let silence = Array2::from_elem((1, self.spec.outputs), F::ZERO);
            let speech = self.speak(decoder, silence, &self.layers.ends(&tapes), target);
            (tapes, speech.tapes, speech.top, speech.y)
        } else {
            let speech = self.speak(&self.layers, x, &self.starts, target);
            (speech.tapes, Vec::new(), speech.top, speech.y)
        };
        let (losses, dy) = loss(&y, target);
        Pass { tapes, decoder, top, y, losses, dy }
    }

    /// Runs speaking layers from the rows that are given.
    fn speak(&self, layers: &Stack<F>, x: Array2<F>, starts: &[State<F>], target: &Target) -> Speech<F> {
        let mut sequence = x;
        match self.reads {
            Reads::Inputs => {}
            Reads::Zeros | Reads::Targets => {
                let mut all = Array2::from_elem((target.steps(), sequence.ncols()), F::ZERO);
                all.row_mut(0).assign(&sequence.row(0));
                if self.reads == Reads::Targets {
                    for t in 1..target.steps() {
                        tell(affine::row_mut(&mut all, t), target, t - 1);
                    }
                }
                sequence = all;
            }
            Reads::Outputs | Reads::Choices => {
                return self.improvise(layers, &sequence, starts, target.steps());
            }
        }
        let (tapes, all) = layers.forward(sequence, starts);
        let top = if self.spec.shape == Shape::ManyToOne {
            let mut last = Array2::from_elem((1, all.ncols()), F::ZERO);
            for (columns, t) in self.last_of(all.nrows()) {
                last.slice_mut(s![0, columns.clone()]).assign(&all.slice(s![t, columns]));
            }
            last
        } else {
            all
        };
        let y = self.readout.forward(&top);
        Speech { tapes, top, y }
    }

    /// For each direction of the top layer, its columns and the position that it computes last.
    fn last_of(&self, steps: usize) -> impl Iterator<Item = (Range<usize>, usize)> {
        let hidden = self.spec.hidden;
        let last = [steps - 1, 0].into_iter().take(self.spec.directions().len());
        last.enumerate().map(move |(side, t)| (side * hidden..(side + 1) * hidden, t))
    }

    /// Runs speaking layers free: each step reads what the step before said, the first what is given.
    fn improvise(
        &self,
        layers: &Stack<F>,
        first: &Array2<F>,
        starts: &[State<F>],
        steps: usize,
    ) -> Speech<F> {
        let sweeps = layers.sweeps();
        let begin = |(sweep, start): (&Sweep<F>, _)| sweep.begin_unread(steps, start);
        let mut tapes: Vec<_> = sweeps.iter().zip(starts).map(begin).collect();
        let mut y = Array2::from_elem((steps, self.spec.outputs), F::ZERO);
        let mut read = affine::row(first, 0).to_vec();
        for s in 0..steps {
            for (sweep, tape) in sweeps.iter().zip(&mut tapes) {
                sweep.read(tape, s, &read);
                sweep.step(tape, s);
                read.clear();
                read.extend_from_slice(affine::row(&tape.h, s + 1));
            }
            let said = affine::row_mut(&mut y, s);
            self.readout.step(&read, said);
            read = if self.reads == Reads::Choices { choice(said) } else { said.to_vec() };
        }
        let top = tapes.last().map_or_else(|| y.clone(), |tape| tape.h.slice(s![1.., ..]).to_owned());
        Speech { tapes, top, y }
    }

    /// Whether a gradient passes from step to step through nothing but the states of one layer: there is no other layer
    /// or direction, no decoder, and no output that is read again.
    #[must_use]
    pub fn is_plain(&self) -> bool {
        self.spec.sweeps().count() == 1 && self.decoder.is_none() && self.reads != Reads::Outputs
    }

    /// The first layer in its first direction; where there is no other, all that carries a gradient through time.
    #[must_use]
    pub fn first(&self) -> Sweep<'_, F> {
        self.layers.first()
    }

    /// The layer and direction that is number `sweep` in the order of files.
    #[must_use]
    pub fn sweep(&self, sweep: usize) -> Sweep<'_, F> {
        self.layers.sweep(sweep)
    }

    /// A layer of the decoder, from 0; `None` where there is none.
    #[must_use]
    pub fn decoder_sweep(&self, layer: usize) -> Option<Sweep<'_, F>> {
        Some(self.decoder.as_ref()?.sweep(layer))
    }

    /// What the readout says of each loss alone: `∂L_t/∂(what the top layer handed upward)`, output steps × width.
    #[must_use]
    pub fn own_losses(&self, pass: &Pass<F>) -> Array2<F> {
        self.readout.backward(&pass.top, &pass.dy).1
    }

    /// The backward pass of Σ_t `weight_t`·`L_t`; all ones is the loss itself.
    #[must_use]
    pub fn backward(&self, pass: &Pass<F>, weight: &[F]) -> Gradients<F> {
        self.back_to(pass, weight, 0, true)
    }

    /// What the loss of output step `loss` alone sends back to the layer and direction that is number `sweep`; the
    /// weights' gradients are left out. With it comes that of the decoder's layer beside it, where there is one.
    #[must_use]
    pub fn signal(&self, pass: &Pass<F>, loss: usize, sweep: usize) -> (Gradient<F>, Option<Gradient<F>>) {
        let mut weight = vec![F::ZERO; pass.losses.len()];
        weight[loss] = F::ONE;
        let layer = self.layers.number(sweep);
        let mut gradients = self.back_to(pass, &weight, layer, false);
        let decoder = (layer < gradients.decoder.len()).then(|| gradients.decoder.swap_remove(layer));
        (gradients.layers.swap_remove(sweep - layer * self.spec.directions().len()), decoder)
    }

    /// What the loss of output step `loss` alone gives to the recurrent weights of the layer and direction that is
    /// number `sweep`, and to those of the decoder's layer beside it, where there is one: `∂L_loss/∂U`, G·H × H each.
    #[must_use]
    pub fn recurrent(&self, pass: &Pass<F>, loss: usize, sweep: usize) -> Vec<Array2<F>> {
        let mut weight = vec![F::ZERO; pass.losses.len()];
        weight[loss] = F::ONE;
        let layer = self.layers.number(sweep);
        let Gradients { layers, decoder, .. } = self.back_to(pass, &weight, layer, true);
        let own = layers.into_iter().nth(sweep - layer * self.spec.directions().len());
        own.into_iter().chain(decoder.into_iter().nth(layer)).map(|g| g.parameters.recurrent).collect()
    }

    /// From the top down to layer `lowest`, with or without the weights' gradients.
    fn back_to(&self, pass: &Pass<F>, weight: &[F], lowest: usize, weights: bool) -> Gradients<F> {
        let mut dy = pass.dy.clone();
        for (mut row, &weight) in dy.rows_mut().into_iter().zip(weight) {
            row.mapv_inplace(|value| value * weight);
        }
        let Some(decoder) = &self.decoder else {
            let (readout, layers, read) =
                self.speak_back(&self.layers, &pass.tapes, pass, dy, (lowest, weights));
            let (x, read) = if self.reads == Reads::Inputs {
                let none = Array2::from_elem((0, read.ncols()), F::ZERO);
                (read, none)
            } else {
                (read.slice(s![..1, ..]).to_owned(), read)
            };
            return Gradients { layers, decoder: Vec::new(), readout, x, read };
        };
        let (readout, spoken, read) = self.speak_back(decoder, &pass.decoder, pass, dy, (0, weights));
        let steps = pass.tapes[0].x.nrows();
        let silent = Array2::from_elem((steps, self.spec.width()), F::ZERO);
        let (layers, x) =
            self.layers.backward(&pass.tapes, silent, self.layers.split(&spoken), (lowest, weights));
        Gradients { layers, decoder: spoken, readout, x, read }
    }

    /// Takes the gradients of the outputs back through speaking layers; also returns that of what they read.
    fn speak_back(
        &self,
        layers: &Stack<F>,
        tapes: &[Tape<F>],
        pass: &Pass<F>,
        dy: Array2<F>,
        part: (usize, bool),
    ) -> (Readout<F>, Vec<Gradient<F>>, Array2<F>) {
        if self.reads == Reads::Outputs {
            return self.improvise_back(layers, tapes, pass, dy, part);
        }
        let (readout, dtop) = self.readout.backward(&pass.top, &dy);
        let above = if self.spec.shape == Shape::ManyToOne {
            let steps = tapes[0].x.nrows();
            let mut all = Array2::from_elem((steps, dtop.ncols()), F::ZERO);
            for (columns, t) in self.last_of(steps) {
                all.slice_mut(s![t, columns.clone()]).assign(&dtop.slice(s![0, columns]));
            }
            all
        } else {
            dtop
        };
        let (layers, read) = layers.backward(tapes, above, tapes.iter().map(State::zeros).collect(), part);
        (readout, layers, read)
    }

    /// As the step after read what a step said, its gradient is there before: from the last step to the first, each
    /// through the readout and all layers. Returns those of layer `lowest` and above.
    fn improvise_back(
        &self,
        layers: &Stack<F>,
        tapes: &[Tape<F>],
        pass: &Pass<F>,
        mut dy: Array2<F>,
        (lowest, weights): (usize, bool),
    ) -> (Readout<F>, Vec<Gradient<F>>, Array2<F>) {
        let sweeps = layers.sweeps();
        let begin = |(sweep, tape)| Backward::begin_silent(sweep, tape);
        let mut states: Vec<_> = sweeps.iter().zip(tapes).map(begin).collect();
        let mut dread = vec![F::ZERO; dy.ncols()];
        for s in (0..dy.nrows()).rev() {
            let said = affine::row_mut(&mut dy, s);
            // A window that begins at the step after reads what was said as if it were given.
            if !self.spec.cut(s + 1) {
                affine::add(said, &dread);
            }
            let mut above = vec![F::ZERO; pass.top.ncols()];
            affine::add_transposed(&mut above, &self.readout.weight, 0, said);
            for ((sweep, tape), state) in sweeps.iter().zip(tapes).zip(&mut states).rev() {
                state.arrive(s, &above);
                sweep.step_back(tape, state, s);
                above.resize(tape.x.ncols(), F::ZERO);
                sweep.read_back(state, s, &mut above);
            }
            dread = above;
        }
        let (readout, _) = self.readout.backward(&pass.top, &dy);
        let finish = |((sweep, tape), state): ((&Sweep<F>, _), _)| sweep.finish(tape, state, weights);
        // Whoever runs free reads in one direction: a layer is a sweep.
        let gradients: Vec<_> = sweeps.iter().zip(tapes).zip(states).skip(lowest).map(finish).collect();
        let read = gradients.first().map_or(dy, |first| first.x.clone());
        (readout, gradients, read)
    }
}
