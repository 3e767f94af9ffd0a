//! Layer normalisation inside the equations.

use super::names::{gain, of_gate};
use super::{Equation, Place, pre_activation, sum_gradient_name, sum_symbol, words};
use crate::analysis::dot::weight_link;
use crate::analysis::math::{Expression, Function, gradient_by, symbol, token};
use crate::experiment::Cell;
use crate::model::Parameters;
use crate::model::norm::EPSILON;
use ndarray::ArrayView1;

impl Place<'_> {
    /// A pre-activation: the sum, normalised where layer normalisation is on, and the bias.
    pub(super) fn pre(&self, gate: &'static str, sum: Expression) -> Expression {
        let scaled = match self.parameters.gain.get(self.index(gate) * self.hidden() + self.unit) {
            None => sum,
            Some(&gain) => Expression::Product(vec![self.gain_leaf(gate, gain), self.normal(gate, sum)]),
        };
        Expression::Sum(vec![scaled, self.bias(gate)])
    }

    fn gain_leaf(&self, gate: &str, value: f64) -> Expression {
        let name = gain(gate);
        let link = weight_link(format!("{name}.{}", self.unit + 1));
        Expression::leaf(symbol(name), words(name), value).linked(link.wire, link.go)
    }

    /// A sum less the mean over the units, divided by their deviation.
    fn normal(&self, gate: &'static str, sum: Expression) -> Expression {
        let sums = self.sums(gate);
        sum.minus(sums.mean()).over(sums.deviation())
    }

    /// A gate's normalised sum.
    pub(super) fn normalised(&self, gate: &'static str) -> Expression {
        let sums = self.sums(gate);
        sums.leaf("n", "the normalised sum", sums.normals()[self.unit])
    }

    /// A gate's sums over all units, before normalisation.
    fn sums(&self, gate: &'static str) -> Sums {
        // Every gate of every step wants these: without the terms of a sum they are quick.
        let (hidden, first) = (self.hidden(), self.index(gate) * self.hidden());
        let reset = self.cell() == Cell::Gru && gate == "h_tilde";
        let damped = |unit| if reset { self.layer.gate(&self.layer.gates, 1)[[self.t, unit]] } else { 1.0 };
        let state: Vec<f64> = (0..hidden).map(|unit| damped(unit) * self.h_prev(unit)).collect();
        let x = self.x();
        let times = |row: ArrayView1<f64>, of: &[f64]| row.iter().zip(of).map(|(a, b)| a * b).sum::<f64>();
        let far = if self.skips() { self.state_skipped() } else { Vec::new() };
        let Parameters { recurrent, input, skip, .. } = self.parameters;
        let skipped = |row: usize| if far.is_empty() { 0.0 } else { times(skip.row(row), &far) };
        let of = |row: usize| times(recurrent.row(row), &state) + times(input.row(row), &x) + skipped(row);
        Sums::new(gate, (first..first + hidden).map(of).collect())
    }

    /// What the statistics over the units are made of, in an equation that has some: of each unit the sum before
    /// normalisation, on the way back the gradient after it.
    #[must_use]
    pub fn over_units(&self, equation: &str) -> Vec<Expression> {
        if self.parameters.gain.is_empty() {
            return Vec::new();
        }
        let forward = |gate: &&&str| if **gate == "h" { equation == "a" } else { **gate == equation };
        let backward = |gate: &&&str| sum_gradient_name(gate) == equation;
        let (gate, back) = match (self.gates().iter().find(forward), self.gates().iter().find(backward)) {
            (Some(gate), _) => (*gate, false),
            (_, Some(gate)) => (*gate, true),
            _ => return Vec::new(),
        };
        let there = |unit| Self { unit, ..*self };
        let all = self.sums(gate).values.into_iter().enumerate();
        all.map(|(k, sum)| {
            let of = |letter| of_gate(letter, gate, &token("mn", &(k + 1).to_string()));
            if back {
                let value = there(k).pre_gradient(gate).value();
                Expression::leaf(gradient_by(&of("a")), format!("the gradient of unit {}", k + 1), value)
                    .linked(pre_activation(gate), format!("b.{}", there(k).spot(gate, self.t)))
            } else {
                Expression::leaf(of("s"), format!("the sum of unit {}", k + 1), sum)
                    .linked(pre_activation(gate), there(k).spot(gate, self.t))
            }
        })
        .collect()
    }

    /// What a gate's normalisation takes, one equation each: forward its sum, their mean and deviation over the units,
    /// the normalised sum and what comes of it; on the way back two means. Empty where nothing is normalised.
    #[must_use]
    pub fn normalisation(&self, gate: &'static str, back: bool) -> Vec<Equation> {
        let first = self.index(gate) * self.hidden();
        let Some(gains) = self.parameters.gain.get(first..first + self.hidden()) else { return Vec::new() };
        let sums = self.sums(gate);
        let of = |letter: &str, k: usize| of_gate(letter, gate, &token("mn", &(k + 1).to_string()));
        let letter = |letter: &str, k: usize, value| Expression::leaf(of(letter, k), "", value);
        let all = |term: &dyn Fn(usize) -> Expression| {
            let units = Expression::leaf(token("mi", "H"), "the number of units", count(gains));
            Expression::Sum((0..gains.len()).map(term).collect()).over(units)
        };
        let equation = |name, symbol: &str, spoken: &str, right| {
            let symbol = of_gate(symbol, gate, &token("mi", "t"));
            Equation::new(name, pre_activation(gate), symbol, spoken, right)
        };
        if back {
            let normals = sums.normals();
            let gradient = |k: usize| Self { unit: k, ..*self }.pre_gradient(gate).value();
            let scaled = |k: usize| {
                let by = gradient_by(&of("a", k));
                vec![letter("g", k, gains[k]), Expression::leaf(by, "", gradient(k))]
            };
            let along = |k: usize| {
                let mut factors = scaled(k);
                factors.push(letter("n", k, normals[k]));
                Expression::Product(factors)
            };
            return vec![
                equation("m", "m", LEVEL, all(&|k| Expression::Product(scaled(k)))),
                equation("q", "q", SLOPE, all(&along)),
            ];
        }
        if self.held(gate).is_some() {
            return Vec::new();
        }
        let sum = |k: usize| letter("s", k, sums.values[k]);
        let spread = |k: usize| Expression::Square(Box::new(sum(k).minus(sums.mean())));
        let epsilon = Expression::leaf(token("mi", "ε"), "epsilon", EPSILON);
        let deviation = Expression::Sum(vec![all(&spread), epsilon]).through(Function::Root);
        let own = sums.leaf("s", "the sum", sums.values[self.unit]);
        let gain = self.gain_leaf(gate, gains[self.unit]);
        let a =
            Expression::Sum(vec![Expression::Product(vec![gain, self.normalised(gate)]), self.bias(gate)]);
        let (name, opened) = if gate == "h" { ("a", a) } else { (gate, self.open(gate, a)) };
        vec![
            equation("s", "s", &format!("the sum of {}", words(gate)), self.sum_of(gate)),
            equation("mean", "μ", MEAN, all(&sum)),
            equation("deviation", "d", DEVIATION, deviation),
            equation("n", "n", "the normalised sum", self.normal(gate, own)),
            Self::equation(name, opened),
        ]
    }

    /// What a gate's normalisation is made of, forward and on the way back; `None` where nothing is normalised.
    pub(in crate::analysis) fn normal_of(&self, gate: &'static str) -> Option<Normal> {
        let first = self.index(gate) * self.hidden();
        let gains = self.parameters.gain.get(first..first + self.hidden())?;
        let sums = self.sums(gate);
        let [scaled, along] = self.scaled(gate, gains, &sums);
        let (n, slope) = (self.normalised(gate), sums.leaf("q", SLOPE, mean(&along)));
        let gain = self.gain_leaf(gate, gains[self.unit]);
        let own = sums.leaf("s", "the sum", sums.values[self.unit]);
        Some(Normal {
            mean: sums.mean,
            deviation: sums.deviation,
            normal: self.normal(gate, own),
            pre: Expression::Sum(vec![Expression::Product(vec![gain.clone(), n.clone()]), self.bias(gate)]),
            to_normal: Expression::Product(vec![gain, self.d_pre(gate)]),
            level: mean(&scaled),
            slope: Expression::Product(vec![n, slope]),
        })
    }

    /// Of each unit the gain times the gradient, and that times n.
    fn scaled(&self, gate: &'static str, gains: &[f64], sums: &Sums) -> [Vec<f64>; 2] {
        let gradient = |unit| Self { unit, ..*self }.pre_gradient(gate).value();
        let scaled: Vec<f64> = gains.iter().enumerate().map(|(k, gain)| gain * gradient(k)).collect();
        let along = scaled.iter().zip(sums.normals()).map(|(d, n)| d * n).collect();
        [scaled, along]
    }

    /// With layer normalisation: `∂L/∂s_{g,t}`, of the sum before it.
    pub(super) fn back_norm(&self, gate: &'static str) -> Option<Equation> {
        let first = self.index(gate) * self.hidden();
        let gains = self.parameters.gain.get(first..first + self.hidden())?;
        let sums = self.sums(gate);
        let [scaled, along] = self.scaled(gate, gains, &sums);
        let level = sums.leaf("m", LEVEL, mean(&scaled));
        let slope = sums.leaf("q", SLOPE, mean(&along));
        let inner = Expression::Product(vec![self.gain_leaf(gate, gains[self.unit]), self.d_pre(gate)])
            .minus(level)
            .minus(Expression::Product(vec![self.normalised(gate), slope]));
        Some(Self::back(
            sum_gradient_name(gate),
            pre_activation(gate),
            &sum_symbol(gate),
            &format!("the sum of {}, through the normalisation", words(gate)),
            inner.over(sums.deviation()),
        ))
    }
}

/// The numbers of a gate's normalisation in one unit.
pub struct Normal {
    /// The mean of the sums over the units.
    pub mean: f64,
    /// Their deviation.
    pub deviation: f64,
    /// `(s − μ) / d`
    pub normal: Expression,
    /// `g · n + b`
    pub pre: Expression,
    /// `g · ∂L/∂a`, the gradient of n.
    pub to_normal: Expression,
    /// The mean over the units of `g · ∂L/∂a`.
    pub level: f64,
    /// n times the mean over the units of `g · ∂L/∂a · n`.
    pub slope: Expression,
}

const MEAN: &str = "the mean over the units";
const DEVIATION: &str = "the deviation over the units";
const LEVEL: &str = "the mean over the units of gain times gradient";
const SLOPE: &str = "the mean over the units of gain times gradient times n";

/// A gate's sums over all units, and what they have in common.
struct Sums {
    gate: &'static str,
    values: Vec<f64>,
    mean: f64,
    /// √(variance + ε)
    deviation: f64,
}

impl Sums {
    fn new(gate: &'static str, values: Vec<f64>) -> Self {
        let mean = mean(&values);
        let squares: Vec<f64> = values.iter().map(|sum| (sum - mean) * (sum - mean)).collect();
        Self { gate, mean, deviation: (self::mean(&squares) + EPSILON).sqrt(), values }
    }

    fn leaf(&self, letter: &str, words: &str, value: f64) -> Expression {
        Expression::leaf(of_gate(letter, self.gate, &token("mi", "t")), words, value)
    }

    fn mean(&self) -> Expression {
        self.leaf("μ", MEAN, self.mean)
    }

    fn deviation(&self) -> Expression {
        self.leaf("d", DEVIATION, self.deviation)
    }

    fn normals(&self) -> Vec<f64> {
        self.values.iter().map(|sum| (sum - self.mean) / self.deviation).collect()
    }
}

fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / count(values)
}

#[expect(clippy::cast_precision_loss, reason = "H is far below 2^52")]
fn count(values: &[f64]) -> f64 {
    values.len() as f64
}
