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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_gradient_comes_to_each_step_once_and_from_the_decoder_first() {
        let way = |shape, direction| Steps::of(shape, 3, 2).way(direction).collect::<Vec<_>>();
        assert_eq!(way(Shape::EncoderDecoder, Direction::Forward), [5, 4, 3, 2, 1]);
        assert_eq!(way(Shape::EncoderDecoder, Direction::Backward), [5, 4, 1, 2, 3]);
        assert_eq!(way(Shape::ManyToOne, Direction::Backward), [1, 2, 3]);
        assert_eq!(way(Shape::OneToMany, Direction::Forward), [2, 1]);
        for (steps, direction) in [
            (Steps::of(Shape::EncoderDecoder, 3, 2), Direction::Backward),
            (Steps::plain(4), Direction::Backward),
            (Steps::plain(4), Direction::Forward),
        ] {
            assert!((1..=steps.count).all(|t| steps.seen(direction, steps.seen(direction, t)) == t));
        }
    }

    #[test]
    fn steps_of_a_decoder_have_names_of_their_own() {
        let steps = Steps::of(Shape::EncoderDecoder, 3, 2);
        assert_eq!(
            (steps.border(), steps.name(3), steps.name(4)),
            (Some(4), "t = 3".into(), "t′ = 1".into())
        );
        assert_eq!((steps.number(5), steps.begin(Direction::Backward)), ("2′".into(), "t′ = T′"));
        assert_eq!((Steps::plain(3).border(), Steps::plain(3).begin(Direction::Forward)), (None, "t = T"));
    }
}
