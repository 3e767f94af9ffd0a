//! Recurrent networks, forward and backward through time, one step at a time.

mod error;
pub mod view;

pub use error::Error;

/// Runs an experiment file and returns its trace file.
///
/// # Errors
/// Every way in which the file can be wrong is an [`Error`] that names the place.
pub fn trace_experiment(experiment: &str) -> Result<String, Error> {
    let _ = experiment;
    Err(Error::at("format", "\"unrolled/1\"", "nothing"))
}
