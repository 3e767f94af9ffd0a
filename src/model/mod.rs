//! Recurrent networks: pure mathematics, without clock, input, output, globals or randomness.
//!
//! [`cell`] says what a cell is, [`rnn`], [`lstm`] and [`gru`] are the equations with their
//! derivatives beside them, [`ann`] those of a network that does not recur. [`bptt`] has the loops over
//! time of a layer, [`affine`] the only matrix products. [`stack`] lays layers and directions over each other, [`network`] says what reads what,
//! and has the loop over time of outputs that are read again. [`fan`] keeps the losses apart at the states,
//! [`apart`] at the weights; [`jacobian`] shows a step as a matrix. [`optimizer`] moves parameters.

pub mod affine;
pub mod ann;
pub mod apart;
pub mod bptt;
pub mod cell;
pub mod fan;
pub mod gru;
pub mod jacobian;
pub mod lstm;
pub mod network;
pub mod norm;
pub mod optimizer;
pub mod parameters;
pub mod readout;
pub mod rnn;
mod scalar;
pub mod stack;

pub use network::Network;
pub use parameters::Parameters;
pub use scalar::Scalar;
