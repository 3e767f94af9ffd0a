//! Where the units of a network stand.

use super::Direction;

/// A layer and a direction. A lane that has no such one stands for it with its nearest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Site {
    /// From 1.
    pub layer: usize,
    /// In which order it reads.
    pub direction: Direction,
}

impl Site {
    /// Where a signal that came down all layers comes out.
    pub const FIRST: Self = Self { layer: 1, direction: Direction::Forward };

    /// Reads `2` or `2b`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let (number, direction) = match text.strip_suffix('b') {
            Some(number) => (number, Direction::Backward),
            None => (text, Direction::Forward),
        };
        let layer = number.parse().ok().filter(|layer| *layer >= 1)?;
        Some(Self { layer, direction })
    }

    /// Where a gradient begins its way back.
    #[must_use]
    pub fn begin(self) -> &'static str {
        if self.direction == Direction::Forward { "t = T" } else { "t = 1" }
    }

    /// Where it ends.
    #[must_use]
    pub fn end(self) -> &'static str {
        if self.direction == Direction::Forward { "t = 1" } else { "t = T" }
    }

    /// `2`, for a backward direction `2b`.
    #[must_use]
    pub fn text(self) -> String {
        let side = if self.direction == Direction::Backward { "b" } else { "" };
        format!("{}{side}", self.layer)
    }

    /// `layer 2`, of a backward direction `layer 2, right to left`.
    #[must_use]
    pub fn words(self) -> String {
        let side = if self.direction == Direction::Backward { ", right to left" } else { "" };
        format!("layer {}{side}", self.layer)
    }
}
