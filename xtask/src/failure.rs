//! What went wrong, and what to do about it.

use std::fmt;

/// A result whose failure tells the reader what to do.
pub type Result<T, E = Failure> = std::result::Result<T, E>;

/// What went wrong, and what to do about it.
#[derive(Debug)]
pub struct Failure {
    what: String,
    advice: String,
}

impl Failure {
    /// A failure in two sentences: what happened, and the reader's next step.
    pub fn new(what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self { what: what.into(), advice: advice.into() }
    }

    /// What happened, in one line.
    pub fn what(&self) -> &str {
        self.what.lines().next().unwrap_or_default()
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}\n  what to do: {}", self.what, self.advice)
    }
}

/// Turns an error of the file system into a [`Failure`] that names the path.
pub fn at(path: &std::path::Path) -> impl Fn(std::io::Error) -> Failure + '_ {
    move |error| {
        Failure::new(
            format!("{}: {error}", path.display()),
            "check that the path exists, is yours to read and write, and that the disk has room",
        )
    }
}
