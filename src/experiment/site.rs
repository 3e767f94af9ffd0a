//! Where the units of a network stand.

use super::{Direction, Spec};

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

/// What weights belong to: a layer and direction, or a layer of a decoder, which has one direction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home {
    /// Layer and direction.
    pub site: Site,
    /// Whether it is the decoder's.
    pub decodes: bool,
}

impl Home {
    /// The first layer, from left to right, before any decoder.
    pub const FIRST: Self = Self { site: Site::FIRST, decodes: false };

    /// A layer of the decoder, from 1.
    #[must_use]
    pub fn decoder(layer: usize) -> Self {
        Self { site: Site { layer, ..Site::FIRST }, decodes: true }
    }

    /// Reads `2b`, of a decoder `d` or `2d`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text.strip_suffix('d') {
            Some("") => Some(Self::decoder(1)),
            Some(layer) => Some(Self::decoder(layer.parse().ok().filter(|layer| *layer > 1)?)),
            None => Some(Self { site: Site::parse(text)?, decodes: false }),
        }
    }

    /// `2b`, of a decoder `d` or `2d`; empty for the first.
    #[must_use]
    pub fn text(self) -> String {
        match (self.decodes, self.site.layer) {
            (true, 1) => "d".into(),
            (true, layer) => format!("{layer}d"),
            (false, _) if self == Self::FIRST => String::new(),
            (false, _) => self.site.text(),
        }
    }

    /// `layer 2, right to left`, of a decoder `the decoder` or `layer 2 of the decoder`; empty for the first.
    #[must_use]
    pub fn words(self) -> String {
        match (self.decodes, self.site.layer) {
            (true, 1) => "the decoder".into(),
            (true, layer) => format!("layer {layer} of the decoder"),
            (false, _) if self == Self::FIRST => String::new(),
            (false, _) => self.site.words(),
        }
    }

    /// The same, a decoder's from whichever of its directions.
    #[must_use]
    pub fn whole(self) -> Self {
        if self.decodes { Self::decoder(self.site.layer) } else { self }
    }

    /// How many units it has.
    #[must_use]
    pub fn units(self, spec: &Spec) -> usize {
        if self.decodes { spec.width() } else { spec.hidden }
    }
}
