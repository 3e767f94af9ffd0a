//! The passes that `cargo xtask bench` times: natively by `benches/engine.rs`, and in the browser through
//! the module `browser`.

#[cfg(target_arch = "wasm32")]
pub mod browser;

use serde_json::json;
use unrolled::experiment::{Experiment, file};
use unrolled::model::Network;

/// Cells, by their name in experiment files.
const CELLS: [&str; 3] = ["rnn", "lstm", "gru"];

/// Sequence length, inputs and hidden units.
const SIZES: [[usize; 3]; 2] = [[100, 16, 32], [200, 32, 128]];

/// A network with a sequence to run over.
pub struct Case {
    /// Cell and sizes, for the reader.
    pub name: String,
    experiment: Experiment,
    network: Network<f64>,
}

impl Case {
    /// Every cell in every size.
    ///
    /// # Errors
    /// When the engine no longer reads the experiments written here.
    pub fn all() -> Result<Vec<Self>, unrolled::Error> {
        SIZES.iter().flat_map(|&size| CELLS.map(|cell| Self::new(cell, size))).collect()
    }

    fn new(cell: &str, [steps, inputs, hidden]: [usize; 3]) -> Result<Self, unrolled::Error> {
        let row = |t: usize| (0..inputs).map(move |d| f64::from(u8::from((t + d).is_multiple_of(3))));
        let x: Vec<Vec<f64>> = (0..steps).map(|t| row(t).collect()).collect();
        let experiment = file::from_value(&json!({
            "format": "unrolled/1",
            "model": {
                "cell": cell, "inputs": inputs, "hidden": hidden, "outputs": 1, "shape": "many-to-many",
                "init": {"scheme": "orthogonal", "seed": 1},
            },
            "loss": "squared-error",
            "x": x,
            "target": vec![[0.5]; steps],
        }))?;
        let network = Network::new(&experiment);
        Ok(Self { name: format!("{cell} T {steps} D {inputs} H {hidden}"), experiment, network })
    }

    /// Runs forward; returns the loss at the last step.
    #[must_use]
    pub fn forward(&self) -> f64 {
        let pass = self.network.forward(&self.experiment.x, &self.experiment.target);
        pass.losses.last().copied().unwrap_or_default()
    }

    /// Runs forward and back through time; returns the gradient of the first input.
    #[must_use]
    pub fn forward_and_back(&self) -> f64 {
        let pass = self.network.forward(&self.experiment.x, &self.experiment.target);
        let gradients = self.network.backward(&pass, &vec![1.0; pass.losses.len()]);
        gradients.x.first().copied().unwrap_or_default()
    }
}
