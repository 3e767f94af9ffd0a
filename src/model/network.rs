//! Stacked layers, each in one or two directions, between inputs and readout.

use ndarray::{Array2, Axis, concatenate, s};

use super::bptt::{Gradient, Sweep, Tape};
use super::readout::{Readout, loss};
use super::{Parameters, Scalar};
use crate::experiment::{Direction, Experiment, Shape, Spec, Target, Weights};

/// A network with its weights.
#[derive(Clone, Debug)]
pub struct Network<F> {
    spec: Spec,
    layers: Vec<Layer<F>>,
    readout: Readout<F>,
}

#[derive(Clone, Debug)]
struct Layer<F> {
    number: usize,
    direction: Direction,
    parameters: Parameters<F>,
    h_0: Vec<F>,
    c_0: Vec<F>,
}

/// What a forward pass recorded.
#[derive(Clone, Debug)]
pub struct Pass<F> {
    /// One per layer and direction, in the order of [`Spec::sweeps`].
    pub tapes: Vec<Tape<F>>,
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
    /// Of the readout.
    pub readout: Readout<F>,
    /// `∂L/∂x_t`, T × D, by position.
    pub x: Array2<F>,
}

impl<F: Scalar> Network<F> {
    /// The network of an experiment, in this precision.
    #[must_use]
    pub fn new(experiment: &Experiment) -> Self {
        let Weights { layers, head } = &experiment.weights;
        let narrow = |values: &[f64]| values.iter().map(|&value| F::of(value)).collect();
        let layers = layers
            .iter()
            .map(|weights| Layer {
                number: weights.layer - 1,
                direction: weights.direction,
                parameters: Parameters::from_weights(&experiment.spec, weights),
                h_0: narrow(&weights.h_0),
                c_0: narrow(&weights.c_0),
            })
            .collect();
        Self { spec: experiment.spec.clone(), layers, readout: Readout::from_head(head) }
    }

    /// The forward pass.
    #[must_use]
    pub fn forward(&self, x: &Array2<f64>, target: &Target) -> Pass<F> {
        let mut input = x.mapv(F::of);
        let mut tapes: Vec<Tape<F>> = Vec::with_capacity(self.layers.len());
        for layer in self.layers.chunk_by(|a, b| a.number == b.number) {
            let first = tapes.len();
            for Layer { direction, parameters, h_0, c_0, .. } in layer {
                let x = in_order(&input, *direction);
                tapes.push(Sweep::new(&self.spec, parameters).forward(x, h_0, c_0));
            }
            let states: Vec<_> = tapes[first..]
                .iter()
                .zip(layer)
                .map(|(tape, layer)| by_position(&tape.h.slice(s![1.., ..]).to_owned(), layer.direction))
                .collect();
            input = beside(&states);
        }
        let top = if self.spec.shape == Shape::ManyToOne {
            let directions = self.spec.directions().len();
            let last: Vec<_> = tapes[tapes.len() - directions..]
                .iter()
                .map(|tape| tape.h.slice(s![-1.., ..]).to_owned())
                .collect();
            beside(&last)
        } else {
            input
        };
        let y = self.readout.forward(&top);
        let (losses, dy) = loss(&y, target);
        Pass { tapes, top, y, losses, dy }
    }

    /// The first layer in its first direction; where there is no other, all that carries a gradient through time.
    #[must_use]
    pub fn first(&self) -> Sweep<'_, F> {
        Sweep::new(&self.spec, &self.layers[0].parameters)
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
    /// weights' gradients are left out.
    #[must_use]
    pub fn signal(&self, pass: &Pass<F>, loss: usize, sweep: usize) -> Gradient<F> {
        let mut weight = vec![F::ZERO; pass.losses.len()];
        weight[loss] = F::ONE;
        let layer = self.layers[sweep].number;
        let mut gradients = self.back_to(pass, &weight, layer, false);
        gradients.layers.swap_remove(sweep - layer * self.spec.directions().len())
    }

    /// From the top down to layer `lowest`, with or without the weights' gradients.
    fn back_to(&self, pass: &Pass<F>, weight: &[F], lowest: usize, weights: bool) -> Gradients<F> {
        let mut dy = pass.dy.clone();
        for (mut row, &weight) in dy.rows_mut().into_iter().zip(weight) {
            row.mapv_inplace(|value| value * weight);
        }
        let (readout, dtop) = self.readout.backward(&pass.top, &dy);
        let steps = pass.tapes[0].x.nrows();
        // ∂L/∂(what the layer handed upward), by position and direction.
        let mut above: Vec<Array2<F>> = (0..self.spec.directions().len())
            .map(|side| {
                let part = dtop.slice(s![.., side * self.spec.hidden..(side + 1) * self.spec.hidden]);
                if self.spec.shape != Shape::ManyToOne {
                    return part.to_owned();
                }
                // The readout read the state that each direction computed last.
                let mut all = Array2::from_elem((steps, self.spec.hidden), F::ZERO);
                let position = if side == 0 { steps - 1 } else { 0 };
                all.row_mut(position).assign(&part.row(0));
                all
            })
            .collect();

        let mut layers: Vec<Gradient<F>> = Vec::with_capacity(self.layers.len());
        let mut x = Array2::from_elem((0, 0), F::ZERO);
        let read = self.layers.chunk_by(|a, b| a.number == b.number);
        for layer in read.rev().take_while(|layer| layer[0].number >= lowest) {
            let first = layer[0].number * layer.len();
            let gradients: Vec<_> = layer
                .iter()
                .zip(&pass.tapes[first..])
                .zip(&above)
                .map(|((layer, tape), above)| {
                    let from_above = in_order(above, layer.direction);
                    Sweep::new(&self.spec, &layer.parameters).backward(tape, from_above, weights)
                })
                .collect();
            x = gradients
                .iter()
                .zip(layer)
                .map(|(gradient, layer)| by_position(&gradient.x, layer.direction))
                .reduce(|a, b| a + b)
                .unwrap_or(x);
            if layer[0].number > 0 {
                above = (0..layer.len())
                    .map(|side| {
                        x.slice(s![.., side * self.spec.hidden..(side + 1) * self.spec.hidden]).to_owned()
                    })
                    .collect();
            }
            layers.splice(0..0, gradients);
        }
        Gradients { layers, readout, x }
    }
}

/// Rows in the order in which a direction processes them.
fn in_order<F: Scalar>(rows: &Array2<F>, direction: Direction) -> Array2<F> {
    match direction {
        Direction::Forward => rows.clone(),
        Direction::Backward => rows.slice(s![..;-1, ..]).as_standard_layout().into_owned(),
    }
}

/// Rows in the order of positions: reversing twice is reversing never.
pub(crate) fn by_position<F: Scalar>(rows: &Array2<F>, direction: Direction) -> Array2<F> {
    in_order(rows, direction)
}

/// Directions side by side.
#[expect(clippy::expect_used, reason = "directions of one layer have the same number of rows")]
fn beside<F: Scalar>(parts: &[Array2<F>]) -> Array2<F> {
    let views: Vec<_> = parts.iter().map(|part| part.view()).collect();
    concatenate(Axis(1), &views).expect("rows agree").as_standard_layout().into_owned()
}
