//! The steps of a network on one axis.

use super::{Direction, Shape};

/// The steps of a network as they stand beside each other: those of its inputs, after them those of a decoder.
///
/// Steps count from 1. A decoder's step `t′` is step `encoder + t′` of the axis.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Steps {
    /// All of them.
    pub count: usize,
    /// Those before the decoder's; all of them where there is no decoder.
    pub encoder: usize,
}

impl Steps {
    /// Of a shape with so many rows of inputs and of targets.
    #[must_use]
    pub fn of(shape: Shape, inputs: usize, outputs: usize) -> Self {
        match shape {
            Shape::OneToMany => Self { count: outputs, encoder: outputs },
            Shape::EncoderDecoder => Self { count: inputs + outputs, encoder: inputs },
            Shape::OneToOne | Shape::ManyToOne | Shape::ManyToMany => Self { count: inputs, encoder: inputs },
        }
    }

    /// So many steps without a decoder.
    #[must_use]
    pub fn plain(count: usize) -> Self {
        Self { count, encoder: count }
    }

    /// The first step of the decoder, where there is one.
    #[must_use]
    pub fn border(self) -> Option<usize> {
        (self.encoder < self.count).then_some(self.encoder + 1)
    }

    /// Whether a step is the decoder's.
    #[must_use]
    pub fn decodes(self, t: usize) -> bool {
        t > self.encoder
    }

    /// The step of a direction when the playhead stands at `t`, and the other way round: a direction from right to
    /// left reads the encoder's steps from their end.
    #[must_use]
    pub fn seen(self, direction: Direction, t: usize) -> usize {
        if direction == Direction::Forward || self.decodes(t) { t } else { self.encoder + 1 - t.max(1) }
    }

    /// The steps in the order in which a gradient comes to them.
    #[must_use]
    pub fn way(self, direction: Direction) -> impl DoubleEndedIterator<Item = usize> + Clone + use<> {
        (1..=self.count).rev().map(move |t| self.seen(direction, t))
    }

    /// Where a gradient begins its way back: `t = T`, in a decoder `t′ = T′`.
    #[must_use]
    pub fn begin(self, direction: Direction) -> &'static str {
        match direction {
            _ if self.count > self.encoder => "t′ = T′",
            Direction::Forward => "t = T",
            Direction::Backward => "t = 1",
        }
    }

    /// Where it ends.
    #[must_use]
    pub fn end(self, direction: Direction) -> &'static str {
        if direction == Direction::Forward { "t = 1" } else { "t = T" }
    }

    /// `7`, of a decoder `2′`.
    #[must_use]
    pub fn number(self, t: usize) -> String {
        if self.decodes(t) { format!("{}′", t - self.encoder) } else { t.to_string() }
    }

    /// `t = 7`, of a decoder `t′ = 2`.
    #[must_use]
    pub fn name(self, t: usize) -> String {
        if self.decodes(t) { format!("t′ = {}", t - self.encoder) } else { format!("t = {t}") }
    }
}
