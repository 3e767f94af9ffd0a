//! Recurrent networks, forward and backward through time, one step at a time.
//!
//! An [`experiment`] says what to run, the [`model`] runs it, the [`trace`] holds every number of the pass,
//! [`analysis`] says what they mean, [`view`] draws them, a [`session`] is what the page shows. Imports point that
//! way back only; ARCHITECTURE.md has the map and the test of each invariant.
//!
//! ```
//! use unrolled::experiment::file;
//! use unrolled::trace::run;
//!
//! let experiment = file::parse(r#"{
//!     "format": "unrolled/1",
//!     "model": { "cell": "rnn", "inputs": 1, "hidden": 4, "outputs": 1, "shape": "many-to-one",
//!                "init": { "scheme": "orthogonal", "seed": 1, "rho": 0.5 } },
//!     "loss": "squared-error",
//!     "x": [[1], [0], [0], [0]],
//!     "target": [[1]]
//! }"#)?;
//! let trace = run(&experiment).trace;
//! let norm = |t: usize| trace.layers[0].dh.row(t).mapv(|d| d * d).sum().sqrt();
//! assert!(norm(0) < norm(3) / 4.0, "with ρ = 0.5 the gradient at least halves at each step");
//! # Ok::<(), unrolled::Error>(())
//! ```

pub mod analysis;
mod error;
pub mod experiment;
mod json;
pub mod model;
pub mod session;
pub mod trace;
pub mod view;
#[cfg(target_arch = "wasm32")]
mod web;

pub use error::Error;

/// The example of the README, tested.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;

/// Runs an experiment file and returns its trace file.
///
/// # Errors
/// Every way in which the file can be wrong is an [`Error`] that names the place.
pub fn trace_experiment(experiment: &str) -> Result<String, Error> {
    let experiment = experiment::file::parse(experiment)?;
    Ok(trace::run(&experiment).trace.to_value(&experiment).to_string())
}
