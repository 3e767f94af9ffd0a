//! Recurrent networks: pure mathematics, without clock, input, output, globals or randomness.
//!
//! [`cell`] says what a cell is, [`rnn`], [`lstm`] and [`gru`] are the equations with their
//! derivatives beside them. [`bptt`] has the only loops over time, [`affine`] the only matrix
//! products. [`network`] stacks layers and directions, [`fan`] keeps the losses apart, [`jacobian`] shows a
//! step as a matrix.

pub mod affine;
pub mod bptt;
pub mod cell;
pub mod fan;
pub mod gru;
pub mod jacobian;
pub mod lstm;
pub mod network;
pub mod norm;
pub mod parameters;
pub mod readout;
pub mod rnn;
mod scalar;

pub use network::Network;
pub use parameters::Parameters;
pub use scalar::Scalar;
