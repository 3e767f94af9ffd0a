//! What a trace says: norms, verdicts, equations with their numbers, sentences.

pub mod equations;
pub mod facts;
pub mod flow;
pub mod gauge;
pub mod math;
pub mod narration;
pub mod number;
pub mod signal;
