//! What a trace says: norms, verdicts, equations with their numbers, sentences.

pub mod breakage;
pub mod check;
pub mod circuit;
pub mod contribution;
pub mod dot;
pub mod equations;
pub mod facts;
pub mod flow;
pub mod gauge;
pub mod histogram;
pub mod math;
pub mod narration;
mod normalising;
pub mod notation;
pub mod number;
pub mod operation;
pub mod paths;
pub mod saturation;
pub mod signal;
pub mod spectrum;
pub mod surface;
pub mod training;
pub mod update;
pub mod verdict;
pub mod worksheet;
