//! Layer normalisation inside the equations.

use super::{Equation, Place, matrix, pre_activation, sum_gradient_name, sum_symbol, words};
use crate::analysis::dot::weight_link;
use crate::analysis::math::{Expression, gradient_by, symbol, tag, token};
use crate::model::norm::EPSILON;

impl Place<'_> {
    /// A pre-activation: the sum, normalised where layer normalisation is on, and the bias.
    pub(super) fn pre(&self, gate: &'static str, sum: Expression) -> Expression {
        let scaled = match self.parameters.gain.get(self.index(gate) * self.hidden() + self.unit) {
            None => sum,
            Some(&gain) => {
                let letter = matrix(gate).0.replacen('W', "g", 1);
                let key = format!("{letter}.{}", self.unit + 1);
                let link = weight_link(key);
                let gain = Expression::leaf(symbol(&letter), words(&letter), gain).linked(link.wire, link.go);
                Expression::Product(vec![gain, self.normal(gate, sum)])
            }
        };
        Expression::Sum(vec![scaled, self.bias(gate)])
    }

    /// A sum less the mean over the units, divided by their deviation.
    fn normal(&self, gate: &'static str, sum: Expression) -> Expression {
        let (mean, inverse) = statistics(&self.sums(gate));
        let mean = Expression::leaf(token("mi", "μ"), "the mean over the units", mean);
        Expression::Product(vec![sum.minus(mean), inverse_leaf(inverse)])
    }

    /// A gate's sums over all units, before normalisation.
    fn sums(&self, gate: &'static str) -> Vec<f64> {
        (0..self.hidden()).map(|unit| Self { unit, ..*self }.sum_of(gate).value()).collect()
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
        let all = self.sums(gate).into_iter().enumerate();
        all.map(|(k, sum)| {
            let symbol = sum_symbol(gate);
            if back {
                let value = there(k).pre_gradient(gate).value();
                let symbol = gradient_by(&there(k).pre_symbol(gate));
                Expression::leaf(symbol, format!("the gradient of unit {}", k + 1), value)
                    .linked(pre_activation(gate), format!("b.{}", there(k).spot(gate, self.t)))
            } else {
                Expression::leaf(symbol, format!("the sum of unit {}", k + 1), sum)
                    .linked(pre_activation(gate), there(k).spot(gate, self.t))
            }
        })
        .collect()
    }

    /// With layer normalisation: `∂L/∂s_{g,t}`, of the sum before it.
    pub(super) fn back_norm(&self, gate: &'static str) -> Option<Equation> {
        let first = self.index(gate) * self.hidden();
        let gains = self.parameters.gain.get(first..first + self.hidden())?;
        let sums = self.sums(gate);
        let (centre, inverse) = statistics(&sums);
        let unit = |unit| Self { unit, ..*self };
        let scaled: Vec<f64> =
            gains.iter().enumerate().map(|(k, gain)| gain * unit(k).pre_gradient(gate).value()).collect();
        let normals: Vec<f64> = sums.iter().map(|sum| (sum - centre) * inverse).collect();
        let along: Vec<f64> = scaled.iter().zip(&normals).map(|(d, n)| d * n).collect();
        let leaf = |symbol: &str, words: &str, value| Expression::leaf(token("mi", symbol), words, value);
        let gain = Expression::leaf(symbol("g"), "the gain", gains[self.unit]);
        let level = leaf("m", "the mean over the units of gain times gradient", mean(&scaled));
        let slope = leaf("q", "the mean of the same times n", mean(&along));
        let n = leaf("n", "the normalised sum", normals[self.unit]);
        let inner = Expression::Product(vec![gain, self.d_pre(gate)])
            .minus(level)
            .minus(Expression::Product(vec![n, slope]));
        Some(Self::back(
            sum_gradient_name(gate),
            pre_activation(gate),
            &sum_symbol(gate),
            &format!("the sum of {}, through the normalisation", words(gate)),
            Expression::Product(vec![inverse_leaf(inverse), inner]),
        ))
    }
}

fn inverse_leaf(value: f64) -> Expression {
    let symbol = tag("mfrac", vec![token("mn", "1"), token("mi", "σ")]);
    Expression::leaf(symbol, "1 over the deviation over the units", value)
}

/// Mean of a gate's sums, and 1/√(variance + ε).
fn statistics(sums: &[f64]) -> (f64, f64) {
    let centre = mean(sums);
    let squares: Vec<f64> = sums.iter().map(|sum| (sum - centre) * (sum - centre)).collect();
    (centre, 1.0 / (mean(&squares) + EPSILON).sqrt())
}

#[expect(clippy::cast_precision_loss, reason = "H is far below 2^52")]
fn mean(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / values.len() as f64
}
