//! Recurrent networks, forward and backward through time, one step at a time.

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

/// Runs an experiment file and returns its trace file.
///
/// # Errors
/// Every way in which the file can be wrong is an [`Error`] that names the place.
pub fn trace_experiment(experiment: &str) -> Result<String, Error> {
    let experiment = experiment::file::parse(experiment)?;
    Ok(trace::run(&experiment).trace.to_value(&experiment).to_string())
}
