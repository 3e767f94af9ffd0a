//! Loops over time: one layer in one direction, forward and backward.

use ndarray::Array2;

use super::cell::{Back, Equations, Step, StepBack, equations, several};
use super::parameters::gates;
use super::{Parameters, Scalar, affine};
use crate::experiment::{Cell, Clip, Limit, Reset, Spec};

/// What one pass over a sequence recorded, in the order of processing.
///
/// Row s of a T-row array belongs to the step processed as number s; states have a row more in front, the
/// initial state, so that their row s + 1 is the result of step s.
#[derive(Clone, Debug)]
pub struct Tape<F> {
    /// Inputs, T × D.
    pub x: Array2<F>,
    /// Pre-activations, T × G·H.
    pub a: Array2<F>,
    /// Gates, T × G·H; zero columns for the RNN.
    pub gates: Array2<F>,
    /// [`Step::inner`], T × H; zero columns for the RNN.
    pub inner: Array2<F>,
    /// Hidden states, (T + 1) × H.
    pub h: Array2<F>,
    /// Cell states, (T + 1) × H, of the feed-forward network its sums; zero columns elsewhere.
    pub c: Array2<F>,
    normal: Array2<F>,
    inverse: Array2<F>,
}

impl<F> Tape<F> {
    /// How many numbers the steps recorded; the initial states not counted.
    #[must_use]
    pub fn recorded(&self) -> usize {
        let Self { x, a, gates, inner, h, c, normal, inverse } = self;
        let own = [x, a, gates, inner, normal, inverse].map(Array2::len).iter().sum::<usize>();
        own + (h.ncols() + c.ncols()) * x.nrows()
    }
}

/// h and C of one layer and direction at one moment, or the gradients of both.
#[derive(Clone, Debug)]
pub struct State<F> {
    /// `h_t`, H.
    pub h: Vec<F>,
    /// `C_t`, H; unused but for LSTM, and may be empty then.
    pub c: Vec<F>,
}

impl<F: Scalar> State<F> {
    /// All zero, for the states that a tape recorded.
    #[must_use]
    pub fn zeros(tape: &Tape<F>) -> Self {
        Self { h: vec![F::ZERO; tape.h.ncols()], c: vec![F::ZERO; tape.c.ncols()] }
    }
}

/// Every gradient of one pass over a sequence, in the order of processing.
#[derive(Clone, Debug)]
pub struct Gradient<F> {
    /// Of the pre-activations (with layer normalisation: of the sums before it), T × G·H.
    pub a: Array2<F>,
    /// `∂L/∂h_t`, total, T × H.
    pub h: Array2<F>,
    /// The part of `∂L/∂h_t` from this step's output or the layer above, T × H.
    pub h_from_loss: Array2<F>,
    /// The part of `∂L/∂h_t` through the step processed next, and through that which skips to it, T × H.
    pub h_from_future: Array2<F>,
    /// The share of that through the step that skips to it, T × H; zero columns where none does.
    pub h_from_skip: Array2<F>,
    /// `∂L/∂C_t`, total, T × H; zero columns but for LSTM.
    pub c: Array2<F>,
    /// The part of `∂L/∂C_t` through `C_{t+1}` alone, T × H.
    pub c_from_future: Array2<F>,
    /// `∂L/∂h_0`, H.
    pub h_0: Vec<F>,
    /// `∂L/∂C_0`, H.
    pub c_0: Vec<F>,
    /// Of the parameters.
    pub parameters: Parameters<F>,
    /// `∂L/∂x_t`, T × D.
    pub x: Array2<F>,
}

/// One layer in one direction.
pub struct Sweep<'a, F> {
    spec: &'a Spec,
    parameters: &'a Parameters<F>,
    equations: Box<dyn Equations<F>>,
}

impl<'a, F: Scalar> Sweep<'a, F> {
    /// A sweep with these parameters.
    #[must_use]
    pub fn new(spec: &'a Spec, parameters: &'a Parameters<F>) -> Self {
        Self { spec, parameters, equations: equations(spec) }
    }

    /// The tape before the first step. The products with `V` for all steps are one matrix product, unless each has its
    /// own.
    #[must_use]
    pub fn begin(&self, x: Array2<F>, start: &State<F>) -> Tape<F> {
        let a = if self.spec.cell.recurs() {
            affine::product_of_rows(&x, &self.parameters.input)
        } else {
            let mut a = Array2::from_elem((x.nrows(), self.spec.hidden), F::ZERO);
            for t in 0..x.nrows() {
                let first = t * self.spec.hidden;
                affine::add_product(
                    affine::row_mut(&mut a, t),
                    &self.parameters.input,
                    first,
                    affine::row(&x, t),
                );
            }
            a
        };
        self.tape(x, a, start)
    }

    /// The tape before the first of so many steps, where no input is known yet: [`Self::read`] brings each.
    #[must_use]
    pub fn begin_unread(&self, steps: usize, start: &State<F>) -> Tape<F> {
        let (rows, columns) = self.parameters.input.dim();
        let zeros = |columns| Array2::from_elem((steps, columns), F::ZERO);
        self.tape(zeros(columns), zeros(rows), start)
    }

    /// Brings the input of step s to a tape that began without.
    pub fn read(&self, tape: &mut Tape<F>, s: usize, x: &[F]) {
        affine::row_mut(&mut tape.x, s).copy_from_slice(x);
        affine::add_product(affine::row_mut(&mut tape.a, s), &self.parameters.input, 0, x);
    }

    fn tape(&self, x: Array2<F>, a: Array2<F>, start: &State<F>) -> Tape<F> {
        let (steps, hidden, stacked) = (x.nrows(), self.spec.hidden, gates(self.spec.cell));
        let zeros = |rows, columns| Array2::from_elem((rows, columns), F::ZERO);
        let when = |on: bool, columns| if on { columns } else { 0 };
        let carried = self.spec.cell.carried().is_some();
        let gated = self.spec.cell.gated();
        let mut tape = Tape {
            a,
            gates: zeros(steps, when(gated, stacked * hidden)),
            inner: zeros(steps, when(gated, hidden)),
            h: zeros(steps + 1, hidden),
            c: zeros(steps + 1, when(carried, hidden)),
            normal: zeros(steps, when(self.spec.layer_norm, stacked * hidden)),
            inverse: zeros(steps, when(self.spec.layer_norm, stacked)),
            x,
        };
        if self.spec.cell.recurs() {
            affine::row_mut(&mut tape.h, 0).copy_from_slice(&start.h);
        }
        if self.spec.cell == Cell::Lstm {
            affine::row_mut(&mut tape.c, 0).copy_from_slice(&start.c);
        }
        tape
    }

    /// Step s, forward.
    pub fn step(&self, tape: &mut Tape<F>, s: usize) {
        let columns = tape.h.ncols();
        let (before, h) = rows_before(&mut tape.h, s);
        let (c_before, c) = rows_before(&mut tape.c, s);
        let skip = self.spec.skipped(s).map_or(&[][..], |row| &before[row * columns..][..columns]);
        self.equations.step(
            self.parameters,
            Step {
                h_prev: &before[s * columns..],
                c_prev: &c_before[s * c.len()..],
                skip,
                a: affine::row_mut(&mut tape.a, s),
                gates: affine::row_mut(&mut tape.gates, s),
                inner: affine::row_mut(&mut tape.inner, s),
                h,
                c,
                normal: affine::row_mut(&mut tape.normal, s),
                inverse: affine::row_mut(&mut tape.inverse, s),
            },
        );
    }

    /// Every step, forward.
    #[must_use]
    pub fn forward(&self, x: Array2<F>, start: &State<F>) -> Tape<F> {
        let mut tape = self.begin(x, start);
        for s in 0..tape.a.nrows() {
            self.step(&mut tape, s);
        }
        tape
    }

    /// Every step, backward, from the part of `∂L/∂h_t` that does not come through time, and from what arrives at
    /// the state that the last step leaves behind; with or without the gradients of the weights.
    #[must_use]
    pub fn backward(
        &self,
        tape: &Tape<F>,
        h_from_loss: Array2<F>,
        end: State<F>,
        weights: bool,
    ) -> Gradient<F> {
        let mut state = Backward::begin(self, tape, h_from_loss, end);
        for s in (0..tape.a.nrows()).rev() {
            self.step_back(tape, &mut state, s);
        }
        self.finish(tape, state, weights)
    }

    /// Step s, backward; the steps after it have been done.
    pub fn step_back(&self, tape: &Tape<F>, state: &mut Backward<F>, s: usize) {
        let gradient = &mut state.gradient;
        let future = affine::row_mut(&mut gradient.h_from_future, s);
        future.copy_from_slice(&state.dh);
        if self.spec.skip > 0 {
            affine::add(future, affine::row(&gradient.h_from_skip, s));
            affine::add(&mut state.dh, affine::row(&gradient.h_from_skip, s));
        }
        let dh = affine::row_mut(&mut gradient.h, s);
        dh.copy_from_slice(affine::row(&gradient.h_from_loss, s));
        affine::add(dh, &state.dh);
        affine::row_mut(&mut gradient.c_from_future, s).copy_from_slice(&state.dc);
        let dc = affine::row_mut(&mut gradient.c, s);
        dc.copy_from_slice(&state.dc);
        state.dh.fill(F::ZERO);
        self.equations.step_back(
            self.parameters,
            StepBack {
                h_prev: affine::row(&tape.h, s),
                c_prev: affine::row(&tape.c, s),
                gates: affine::row(&tape.gates, s),
                inner: affine::row(&tape.inner, s),
                h: affine::row(&tape.h, s + 1),
                normal: affine::row(&tape.normal, s),
                inverse: affine::row(&tape.inverse, s),
                dh,
                dc,
                da: affine::row_mut(&mut gradient.a, s),
                dinner: affine::row_mut(&mut state.dinner, s),
                dh_prev: &mut state.dh,
                dc_prev: &mut state.dc,
                // What step s reads was left by the step before that state.
                dskip: match self.spec.skipped(s) {
                    None => &mut [],
                    Some(0) => &mut state.start,
                    Some(row) => affine::row_mut(&mut gradient.h_from_skip, row - 1),
                },
                sum: &mut gradient.parameters,
            },
        );
        self.pass_on(s, &mut state.dh, &mut state.dc);
    }

    /// What of step s's gradient comes to the state before it: all, unless a window begins here or its size is bounded.
    fn pass_on(&self, s: usize, dh: &mut [F], dc: &mut [F]) {
        if self.spec.cut(s) {
            dh.fill(F::ZERO);
            dc.fill(F::ZERO);
        }
        let Some(limit) = self.spec.limit else { return };
        let rows = dh.len() / self.spec.hidden;
        let columns = dc.len() / rows;
        for (row, dh) in dh.chunks_exact_mut(self.spec.hidden).enumerate() {
            clip(limit, dh, &mut dc[row * columns..][..columns]);
        }
    }

    /// Takes the gradients of losses that stay apart from step s to the step before, and sums nothing up.
    ///
    /// On entry `dh` is the total `∂L/∂h_s` and `dc` the part of `∂L/∂C_s` with `h_s` held, a row per loss; on return
    /// both belong to step s − 1. `ahead` has k blocks of H numbers per loss, zero at first, for what skips k steps and
    /// arrives later; none leave that out. Its losses are these and, before them, any that have not begun.
    pub fn carry(
        &self,
        tape: &Tape<F>,
        s: usize,
        dh: &mut [F],
        dc: &mut [F],
        ahead: &mut [F],
        Carrier { equations, da, dinner, dh_prev, dc_prev, sum }: &mut Carrier<F>,
    ) {
        let rows = dh.len() / self.spec.hidden;
        let room = |numbers: &mut Vec<F>, columns| numbers.resize(rows * columns, F::ZERO);
        room(da, tape.a.ncols());
        dinner.clear();
        room(dinner, tape.inner.ncols());
        dh_prev.clear();
        room(dh_prev, self.spec.hidden);
        room(dc_prev, tape.c.ncols());
        // Block s mod k belongs to step s, and once that has taken it to step s − k.
        let blocks = self.spec.skip.max(1);
        let block = ahead.len() / blocks;
        let width = dh.len();
        let own = |s: usize| (s % blocks + 1) * block - width..(s % blocks + 1) * block;
        let skips = !ahead.is_empty() && self.spec.skipped(s).is_some();
        let dskip = if skips { &mut ahead[own(s)] } else { &mut [] };
        dskip.fill(F::ZERO);
        equations.step_back(
            self.parameters,
            StepBack {
                h_prev: affine::row(&tape.h, s),
                c_prev: affine::row(&tape.c, s),
                gates: affine::row(&tape.gates, s),
                inner: affine::row(&tape.inner, s),
                h: affine::row(&tape.h, s + 1),
                normal: affine::row(&tape.normal, s),
                inverse: affine::row(&tape.inverse, s),
                dh,
                dc,
                da,
                dinner,
                dh_prev,
                dc_prev,
                dskip,
                sum,
            },
        );
        dh.copy_from_slice(dh_prev);
        dc.copy_from_slice(dc_prev);
        if !ahead.is_empty() && s > 0 {
            affine::add(dh, &ahead[own(s - 1)]);
        }
        self.pass_on(s, dh, dc);
    }

    /// `∂L/∂x_s`, once step s has been done backward.
    pub fn read_back(&self, state: &Backward<F>, s: usize, dx: &mut [F]) {
        dx.fill(F::ZERO);
        affine::add_transposed(dx, &self.parameters.input, 0, affine::row(&state.gradient.a, s));
    }

    /// What leaves the sweep; and the weight gradients, each one product over the stored gradients of the pre-activations.
    #[must_use]
    pub fn finish(&self, tape: &Tape<F>, state: Backward<F>, weights: bool) -> Gradient<F> {
        if !self.spec.cell.recurs() {
            return self.finish_places(tape, state.gradient, weights);
        }
        let Backward { mut gradient, dinner, mut dh, dc, start } = state;
        affine::add(&mut dh, &start);
        gradient.x = affine::product_of_columns(&gradient.a, &self.parameters.input);
        gradient.h_0 = dh;
        gradient.c_0 = dc;
        if !weights {
            return gradient;
        }
        let parameters = &mut gradient.parameters;
        self.recurrent(&mut parameters.recurrent, tape, &gradient.a, &dinner);
        if !parameters.recurrent_bias.is_empty() {
            parameters.recurrent_bias = affine::sum_of_rows(&dinner);
        }
        affine::sum_of_outer(&mut parameters.input, 0, 0..gradient.a.ncols(), &gradient.a, &tape.x);
        for s in 0..tape.a.nrows() {
            let Some(row) = self.spec.skipped(s) else { continue };
            affine::add_outer(&mut parameters.skip, affine::row(&gradient.a, s), affine::row(&tape.h, row));
        }
        if !self.spec.layer_norm {
            parameters.bias = affine::sum_of_rows(&gradient.a);
        }
        gradient
    }

    /// Adds `∂L/∂U` of the first steps, as many as `da` has rows: the gradients of their pre-activations and of
    /// [`Step::inner`]. Where nothing recurs `sum` has no rows.
    fn recurrent(&self, sum: &mut Array2<F>, tape: &Tape<F>, da: &Array2<F>, dinner: &Array2<F>) {
        let (hidden, rows) = (self.spec.hidden, sum.nrows());
        // Its row s is the state before step s; the last state is before none.
        let h_prev = &tape.h;
        let candidate = if self.spec.cell == Cell::Gru { 2 * hidden } else { rows };
        affine::sum_of_outer(sum, 0, 0..candidate, da, h_prev);
        match self.spec.reset {
            _ if candidate == rows => {}
            Reset::Before => affine::sum_of_outer(sum, candidate, candidate..rows, da, &tape.inner),
            Reset::After => affine::sum_of_outer(sum, candidate, 0..hidden, dinner, h_prev),
        }
    }

    /// `∂L/∂U` of one loss alone, which sends `dh` to the state after step `last`; G·H × H.
    #[must_use]
    pub fn recurrent_of(&self, tape: &Tape<F>, last: usize, dh: &[F]) -> Array2<F> {
        let mut carrier = Carrier::new(self.spec);
        let rows = |like: &Array2<F>| Array2::from_elem((last + 1, like.ncols()), F::ZERO);
        let (mut da, mut dinner) = (rows(&tape.a), rows(&tape.inner));
        let (mut dh, mut dc) = (dh.to_vec(), vec![F::ZERO; tape.c.ncols()]);
        let mut ahead = vec![F::ZERO; self.spec.skip * dh.len()];
        for s in (0..=last).rev() {
            self.carry(tape, s, &mut dh, &mut dc, &mut ahead, &mut carrier);
            affine::row_mut(&mut da, s).copy_from_slice(&carrier.da);
            affine::row_mut(&mut dinner, s).copy_from_slice(&carrier.dinner);
        }
        let mut sum = Array2::from_elem(self.parameters.recurrent.dim(), F::ZERO);
        self.recurrent(&mut sum, tape, &da, &dinner);
        sum
    }
}

impl<F: Scalar> Sweep<'_, F> {
    /// [`Self::finish`] where each step has a V of its own, and no state is given.
    fn finish_places(&self, tape: &Tape<F>, mut gradient: Gradient<F>, weights: bool) -> Gradient<F> {
        let Gradient { a, c, parameters, x, .. } = &mut gradient;
        let hidden = self.spec.hidden;
        *x = Array2::from_elem(tape.x.dim(), F::ZERO);
        for t in 0..tape.x.nrows() {
            let ds = affine::row(c, t);
            affine::add_transposed(affine::row_mut(x, t), &self.parameters.input, t * hidden, ds);
            for (unit, &ds) in ds.iter().enumerate().filter(|_| weights) {
                let own = affine::row_mut(&mut parameters.input, t * hidden + unit);
                own.iter_mut().zip(affine::row(&tape.x, t)).for_each(|(own, &x)| *own = ds * x);
            }
        }
        if weights {
            parameters.bias = affine::sum_of_rows(a);
        }
        gradient
    }
}

/// What [`Sweep::carry`] works by, and room for it.
pub struct Carrier<F> {
    equations: Box<dyn Back<F, true>>,
    da: Vec<F>,
    dinner: Vec<F>,
    dh_prev: Vec<F>,
    dc_prev: Vec<F>,
    sum: Parameters<F>,
}

impl<F: Scalar> Carrier<F> {
    /// For a layer of this kind.
    #[must_use]
    pub fn new(spec: &Spec) -> Self {
        Self {
            equations: several(spec),
            da: Vec::new(),
            dinner: Vec::new(),
            dh_prev: Vec::new(),
            dc_prev: Vec::new(),
            sum: Parameters::zeros(spec, 0),
        }
    }
}

/// A backward pass on its way: what has been computed, and what travels on to the step before.
pub struct Backward<F> {
    gradient: Gradient<F>,
    dinner: Array2<F>,
    dh: Vec<F>,
    dc: Vec<F>,
    /// What skips to the state that the sequence starts from.
    start: Vec<F>,
}

impl<F: Scalar> Backward<F> {
    /// Before the last step, which leaves a state that these gradients arrive at.
    #[must_use]
    pub fn begin(sweep: &Sweep<F>, tape: &Tape<F>, h_from_loss: Array2<F>, end: State<F>) -> Self {
        let zeros = |like: &Array2<F>| Array2::from_elem((tape.a.nrows(), like.ncols()), F::ZERO);
        let gradient = Gradient {
            a: zeros(&tape.a),
            h: zeros(&tape.h),
            h_from_loss,
            h_from_future: zeros(&tape.h),
            h_from_skip: Array2::from_elem(
                (tape.a.nrows(), if sweep.spec.skip > 0 { tape.h.ncols() } else { 0 }),
                F::ZERO,
            ),
            c: zeros(&tape.c),
            c_from_future: zeros(&tape.c),
            h_0: Vec::new(),
            c_0: Vec::new(),
            parameters: Parameters::zeros(sweep.spec, tape.x.ncols()),
            x: Array2::from_elem((0, 0), F::ZERO),
        };
        let start = vec![F::ZERO; tape.h.ncols()];
        Self { gradient, dinner: zeros(&tape.inner), dh: end.h, dc: end.c, start }
    }

    /// Before the last step, where the part of `∂L/∂h_t` that does not come through time is not known yet:
    /// [`Self::arrive`] brings each.
    #[must_use]
    pub fn begin_silent(sweep: &Sweep<F>, tape: &Tape<F>) -> Self {
        let silent = Array2::from_elem((tape.a.nrows(), tape.h.ncols()), F::ZERO);
        Self::begin(sweep, tape, silent, State::zeros(tape))
    }

    /// Brings the part of `∂L/∂h_t` that does not come through time, for step s.
    pub fn arrive(&mut self, s: usize, dh: &[F]) {
        affine::row_mut(&mut self.gradient.h_from_loss, s).copy_from_slice(dh);
    }
}

/// The two parts of a message, bounded together by norm, or each entry on its own.
fn clip<F: Scalar>(Limit { clip, at }: Limit, dh: &mut [F], dc: &mut [F]) {
    let at = F::of(at);
    let all = || dh.iter().chain(&*dc).copied();
    match clip {
        Clip::Off => {}
        Clip::Norm => {
            // In units of the largest, so that no square leaves the range.
            let largest = all().map(|v| if v < F::ZERO { -v } else { v });
            let largest = largest.fold(F::ZERO, |largest, v| if v > largest { v } else { largest });
            if largest == F::ZERO {
                return;
            }
            let length = all().fold(F::ZERO, |sum, v| sum + (v / largest) * (v / largest)).sqrt();
            if length > at / largest {
                dh.iter_mut().chain(dc).for_each(|v| *v = *v / largest / length * at);
            }
        }
        Clip::Value => {
            // Written so that NaN stays NaN.
            for v in dh.iter_mut().chain(dc) {
                if *v > at {
                    *v = at;
                } else if *v < -at {
                    *v = -at;
                }
            }
        }
    }
}

/// All rows up to s, and row s + 1.
fn rows_before<F: Scalar>(matrix: &mut Array2<F>, s: usize) -> (&[F], &mut [F]) {
    let columns = matrix.ncols();
    let flat = affine::flat_mut(matrix);
    let (before, after) = flat.split_at_mut((s + 1) * columns);
    (before, &mut after[..columns])
}
