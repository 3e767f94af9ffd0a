//! Layers over each other, each in one or two directions.

use ndarray::{Array2, Axis, concatenate, s};

use super::bptt::{Gradient, State, Sweep, Tape};
use super::{Parameters, Scalar, affine};
use crate::experiment::{Direction, LayerWeights, Spec};

/// Layers with their parameters; what they start from is not theirs.
#[derive(Clone, Debug)]
pub struct Stack<F> {
    spec: Spec,
    layers: Vec<Layer<F>>,
}

#[derive(Clone, Debug)]
struct Layer<F> {
    number: usize,
    direction: Direction,
    parameters: Parameters<F>,
}

impl<F: Scalar> Stack<F> {
    /// The layers of a file, whose shapes have been checked.
    #[must_use]
    pub fn new(spec: &Spec, layers: &[LayerWeights]) -> Self {
        let layer = |weights: &LayerWeights| Layer {
            number: weights.layer - 1,
            direction: weights.direction,
            parameters: Parameters::from_weights(spec, weights),
        };
        Self { spec: spec.clone(), layers: layers.iter().map(layer).collect() }
    }

    /// One per layer and direction, in the order of [`Spec::sweeps`].
    #[must_use]
    pub fn sweeps(&self) -> Vec<Sweep<'_, F>> {
        self.layers.iter().map(|layer| Sweep::new(&self.spec, &layer.parameters)).collect()
    }

    /// The first layer in its first direction.
    #[must_use]
    pub fn first(&self) -> Sweep<'_, F> {
        Sweep::new(&self.spec, &self.layers[0].parameters)
    }

    /// The layer and direction of this number.
    #[must_use]
    pub fn sweep(&self, number: usize) -> Sweep<'_, F> {
        Sweep::new(&self.spec, &self.layers[number].parameters)
    }

    /// Runs over a sequence; one state to start from per layer and direction. Returns the tapes, and what the top
    /// layer hands upward: steps × width, by position.
    #[must_use]
    pub fn forward(&self, x: Array2<F>, starts: &[State<F>]) -> (Vec<Tape<F>>, Array2<F>) {
        let mut input = x;
        let mut tapes: Vec<Tape<F>> = Vec::with_capacity(self.layers.len());
        for layer in self.layers.chunk_by(|a, b| a.number == b.number) {
            let first = tapes.len();
            for (Layer { direction, parameters, .. }, start) in layer.iter().zip(&starts[first..]) {
                let x = in_order(&input, *direction);
                tapes.push(Sweep::new(&self.spec, parameters).forward(x, start));
            }
            let states: Vec<_> = tapes[first..]
                .iter()
                .zip(layer)
                .map(|(tape, layer)| by_position(&tape.h.slice(s![1.., ..]).to_owned(), layer.direction))
                .collect();
            input = beside(&states);
        }
        (tapes, input)
    }

    /// The layer, from 0, of the layer and direction that is number `sweep`.
    #[must_use]
    pub fn number(&self, sweep: usize) -> usize {
        self.layers[sweep].number
    }

    /// The state that each layer leaves behind, its directions side by side.
    #[must_use]
    pub fn ends(&self, tapes: &[Tape<F>]) -> Vec<State<F>> {
        let mut ends = Vec::new();
        for layer in tapes.chunks(self.spec.directions().len()) {
            let mut end = State { h: Vec::new(), c: Vec::new() };
            for tape in layer {
                end.h.extend_from_slice(affine::row(&tape.h, tape.a.nrows()));
                end.c.extend_from_slice(affine::row(&tape.c, tape.a.nrows()));
            }
            ends.push(end);
        }
        ends
    }

    /// What arrives at each layer and direction, from the gradients of the layers that started at [`Self::ends`].
    #[must_use]
    pub fn split(&self, ends: &[Gradient<F>]) -> Vec<State<F>> {
        let mut parts = Vec::new();
        for end in ends {
            for side in 0..self.spec.directions().len() {
                let columns = side * self.spec.hidden..(side + 1) * self.spec.hidden;
                let part = |values: &[F]| values.get(columns.clone()).unwrap_or_default().to_vec();
                parts.push(State { h: part(&end.h_0), c: part(&end.c_0) });
            }
        }
        parts
    }

    /// Runs back: from the gradients of what the top layer handed upward (steps × width, by position) and of the
    /// states left behind, one per layer and direction, down to layer `lowest` (from 0), with or without the weights'
    /// gradients. Returns every gradient, and that of the sequence by position.
    #[must_use]
    pub fn backward(
        &self,
        tapes: &[Tape<F>],
        top: Array2<F>,
        mut ends: Vec<State<F>>,
        (lowest, weights): (usize, bool),
    ) -> (Vec<Gradient<F>>, Array2<F>) {
        let hidden = self.spec.hidden;
        let mut layers: Vec<Gradient<F>> = Vec::with_capacity(self.layers.len());
        let mut above = top;
        let read = self.layers.chunk_by(|a, b| a.number == b.number);
        for layer in read.rev().take_while(|layer| layer[0].number >= lowest) {
            let first = layer[0].number * layer.len();
            let gradients: Vec<_> = layer
                .iter()
                .zip(&tapes[first..])
                .zip(ends.drain(first..))
                .enumerate()
                .map(|(side, ((layer, tape), end))| {
                    let part = above.slice(s![.., side * hidden..(side + 1) * hidden]).to_owned();
                    let from_above = in_order(&part, layer.direction);
                    Sweep::new(&self.spec, &layer.parameters).backward(tape, from_above, end, weights)
                })
                .collect();
            above = gradients
                .iter()
                .zip(layer)
                .map(|(gradient, layer)| by_position(&gradient.x, layer.direction))
                .reduce(|a, b| a + b)
                .unwrap_or(above);
            layers.splice(0..0, gradients);
        }
        (layers, above)
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
