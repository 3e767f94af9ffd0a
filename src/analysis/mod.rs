//! What a trace says: norms, verdicts, equations with their numbers, sentences.

pub mod breakage;
pub mod equations;
pub mod flow;
pub mod gauge;
pub mod histogram;
pub mod math;
pub mod narration;
pub mod number;
pub mod signal;
pub mod surface;
pub mod update;
