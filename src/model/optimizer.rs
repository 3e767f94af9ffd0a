//! Steps of gradient descent.

/// Adam's numbers.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Adam {
    /// α, the size of a step.
    pub rate: f64,
    /// `β_1`, how much of the mean of gradients stays.
    pub beta_1: f64,
    /// `β_2`, how much of the mean of their squares stays.
    pub beta_2: f64,
    /// ε, which keeps the quotient finite.
    pub epsilon: f64,
}

/// The running means that a step needs, one of each for every parameter.
#[derive(Clone, Debug, PartialEq)]
pub struct Moments {
    first: Vec<f64>,
    second: Vec<f64>,
    /// `β_1^t` and `β_2^t`.
    powers: [f64; 2],
}

impl Moments {
    /// Before the first step, for so many parameters.
    #[must_use]
    pub fn new(parameters: usize) -> Self {
        Self { first: vec![0.0; parameters], second: vec![0.0; parameters], powers: [1.0; 2] }
    }

    /// Moves the parameters by one step.
    ///
    /// # Formula
    /// m ← `β_1`·m + (1 − `β_1`)·g, v ← `β_2`·v + (1 − `β_2`)·g², θ ← θ − α·m̂ / (√v̂ + ε) with m̂ = m / (1 − `β_1^t`) and
    /// v̂ = v / (1 − `β_2^t`).
    ///
    /// # Source
    /// Kingma, Ba: Adam: a method for stochastic optimization (2015), algorithm 1.
    pub fn step(&mut self, adam: &Adam, parameters: &mut [f64], gradient: &[f64]) {
        let Adam { rate, beta_1, beta_2, epsilon } = *adam;
        self.powers = [self.powers[0] * beta_1, self.powers[1] * beta_2];
        let [first_left, second_left] = self.powers.map(|power| 1.0 - power);
        let moments = self.first.iter_mut().zip(&mut self.second);
        for ((theta, &g), (m, v)) in parameters.iter_mut().zip(gradient).zip(moments) {
            *m = beta_1 * *m + (1.0 - beta_1) * g;
            *v = beta_2 * *v + (1.0 - beta_2) * (g * g);
            *theta -= rate * (*m / first_left) / ((*v / second_left).sqrt() + epsilon);
        }
    }
}
