//! The one error type.

use std::fmt;

/// What is wrong, where, what was expected and what was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Error {
    /// Path to the place, such as `model.weights.layers[0].W_hh` or `T`.
    pub place: String,
    /// What belongs there, such as `3 rows`.
    pub expected: String,
    /// What stands there, such as `2`.
    pub found: String,
}

impl Error {
    /// An error at `place`.
    pub fn at(place: impl Into<String>, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self { place: place.into(), expected: expected.to_string(), found: found.to_string() }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: expected {}, found {}", self.place, self.expected, self.found)
    }
}

impl std::error::Error for Error {}
