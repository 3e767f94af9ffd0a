//! Numbers of a model or its inputs that were changed by hand, over what was drawn, opened or read.
//!
//! A change belongs to an entry, not to a shape: where the present shape has no such entry, the change waits and
//! comes back with the entry.

use std::collections::BTreeMap;

use ndarray::{Array2, s};

use super::{Cell, Home, LayerWeights, Site, Spec, Weights};
use crate::Error;

/// Which columns of a block of a file a part is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Side {
    /// All of them.
    Whole,
    /// The first H, which the state is multiplied by.
    State,
    /// The others, which the input is multiplied by.
    Input,
}

/// Every part, the block of files that it belongs to, and which columns of it. A joint `W_g` is `[U_g | V_g]`.
const PARTS: [(&str, &str, Side); 36] = [
    ("W_hh", "W_hh", Side::Whole),
    ("W_xh", "W_xh", Side::Whole),
    ("U_f", "W_f", Side::State),
    ("V_f", "W_f", Side::Input),
    ("U_i", "W_i", Side::State),
    ("V_i", "W_i", Side::Input),
    ("U_C", "W_C", Side::State),
    ("V_C", "W_C", Side::Input),
    ("U_o", "W_o", Side::State),
    ("V_o", "W_o", Side::Input),
    ("U_z", "W_z", Side::State),
    ("V_z", "W_z", Side::Input),
    ("U_r", "W_r", Side::State),
    ("V_r", "W_r", Side::Input),
    ("U_h", "W_h", Side::State),
    ("V_h", "W_h", Side::Input),
    ("b_h", "b_h", Side::Whole),
    ("b_f", "b_f", Side::Whole),
    ("b_i", "b_i", Side::Whole),
    ("b_C", "b_C", Side::Whole),
    ("b_o", "b_o", Side::Whole),
    ("b_z", "b_z", Side::Whole),
    ("b_r", "b_r", Side::Whole),
    ("b_hh", "b_hh", Side::Whole),
    ("g_h", "g_h", Side::Whole),
    ("g_f", "g_f", Side::Whole),
    ("g_i", "g_i", Side::Whole),
    ("g_C", "g_C", Side::Whole),
    ("g_o", "g_o", Side::Whole),
    ("g_z", "g_z", Side::Whole),
    ("g_r", "g_r", Side::Whole),
    ("W_hy", "W_hy", Side::Whole),
    ("b_y", "b_y", Side::Whole),
    ("h_0", "h_0", Side::Whole),
    ("C_0", "C_0", Side::Whole),
    ("x", "x", Side::Whole),
];

/// The largest magnitude that can be typed.
pub const LARGEST: f64 = 1e6;
/// The most changes of one lane, or of the inputs: links carry them.
pub const MOST: usize = 500;

/// The largest row or column that can be named; larger than any model.
const FARTHEST: usize = 100_000;

/// One number: a part and its place in it. Of the inputs `x`, the row is the step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Entry {
    part: &'static str,
    /// Of what belongs to the whole network, the first.
    home: Home,
    /// From 0.
    pub row: usize,
    /// From 0; a vector has only the first.
    pub column: usize,
}

/// Changed numbers, by entry.
pub type Edits = BTreeMap<Entry, f64>;

impl Entry {
    /// An entry of the part with this name, in layer 1 from left to right.
    ///
    /// # Errors
    /// When there is no such part.
    pub fn new(part: &str, row: usize, column: usize) -> Result<Self, Error> {
        PARTS
            .iter()
            .find(|(known, ..)| *known == part)
            .map(|&(part, ..)| Self { part, home: Home::FIRST, row, column })
            .ok_or_else(|| Error::at("entry", "a part such as U_f, W_hh or b_y", format!("\"{part}\"")))
    }

    /// The entry that files count so: row and column, from 0, of a block such as `W_f` of so many units.
    ///
    /// # Errors
    /// When there is no such block.
    pub fn of_block(block: &str, row: usize, column: usize, hidden: usize) -> Result<Self, Error> {
        let fits = |side| match side {
            Side::Whole => true,
            Side::State => column < hidden,
            Side::Input => column >= hidden,
        };
        let found = PARTS.iter().find(|(_, known, side)| *known == block && fits(*side));
        let (part, .., side) = found
            .ok_or_else(|| Error::at("entry", "a block such as W_f, W_hh or b_y", format!("\"{block}\"")))?;
        Self::new(part, row, if *side == Side::Input { column - hidden } else { column })
    }

    /// The name of its part.
    #[must_use]
    pub fn part(&self) -> &'static str {
        self.part
    }

    /// The same place of another layer and direction, or of a decoder's layer; what belongs to the whole network has
    /// none. A decoder has no states to start from but those of the encoder: there they are the encoder's.
    #[must_use]
    pub fn at(self, home: Home) -> Self {
        match self.part {
            "W_hy" | "b_y" | "x" => self,
            "h_0" | "C_0" => Self { home: Home { decodes: false, ..home }, ..self },
            _ => Self { home: home.whole(), ..self },
        }
    }

    /// What it belongs to.
    #[must_use]
    pub fn home(&self) -> Home {
        self.home
    }

    /// The same column of another row.
    #[must_use]
    pub fn in_row(self, row: usize) -> Self {
        Self { row, ..self }
    }

    /// The block that its part belongs to in files: `W_f` of `U_f`.
    #[must_use]
    pub fn owner(&self) -> &'static str {
        PARTS.iter().find(|(part, ..)| *part == self.part).map_or(self.part, |&(_, block, _)| block)
    }

    /// Its block in files, and the first column of its part there.
    fn block(&self, spec: &Spec) -> (&'static str, usize) {
        let first = |side| if side == Side::Input { self.home.units(spec) } else { 0 };
        PARTS
            .iter()
            .find(|(part, ..)| *part == self.part)
            .map_or((self.part, 0), |&(_, block, side)| (block, first(side)))
    }

    /// Whether its part is a vector.
    #[must_use]
    pub fn is_vector(&self) -> bool {
        self.part.starts_with(['b', 'g', 'h', 'C'])
    }

    /// As files count it: `W_f[3, 7]`, `b_f[3]`, above the first layer `W_f[3, 7] of layer 2`.
    #[must_use]
    pub fn name(&self, spec: &Spec) -> String {
        let (block, first) = self.block(spec);
        let words = self.home.words();
        let place = if words.is_empty() { words } else { format!(" of {words}") };
        if self.is_vector() {
            format!("{block}[{}]{place}", self.row + 1)
        } else {
            format!("{block}[{}, {}]{place}", self.row + 1, first + self.column + 1)
        }
    }

    /// What lights with it in equations, which count as files do: `W_f.3.7`, `b_f.3`.
    #[must_use]
    pub fn key(&self, spec: &Spec) -> String {
        let (block, first) = self.block(spec);
        if self.is_vector() {
            format!("{block}.{}", self.row + 1)
        } else {
            format!("{block}.{}.{}", self.row + 1, first + self.column + 1)
        }
    }

    /// The weights that it belongs to.
    fn layer<'a>(&self, weights: &'a Weights) -> Option<&'a LayerWeights> {
        let layers = if self.home.decodes { &weights.decoder } else { &weights.layers };
        layers.iter().find(|layer| self.belongs(layer))
    }

    fn belongs(&self, layer: &LayerWeights) -> bool {
        Site { layer: layer.layer, direction: layer.direction } == self.home.site
    }

    /// Rows and columns of its part in a model; `None` where the model has no such part.
    #[must_use]
    pub fn size(&self, weights: &Weights, spec: &Spec) -> Option<(usize, usize)> {
        let layer = self.layer(weights)?;
        match self.part {
            "W_hy" => Some(weights.head.w_hy.dim()),
            "b_y" => Some((weights.head.b_y.len(), 1)),
            "h_0" => Some((layer.h_0.len(), 1)).filter(|(units, _)| *units > 0),
            "C_0" => (spec.cell == Cell::Lstm).then_some((layer.c_0.len(), 1)),
            _ => {
                let (block, first) = self.block(spec);
                let (rows, columns) = layer.get(block)?.dim();
                let side = PARTS.iter().find(|(part, ..)| *part == self.part)?.2;
                Some((rows, if side == Side::State { self.home.units(spec) } else { columns - first }))
            }
        }
    }

    fn fits(&self, weights: &Weights, spec: &Spec) -> bool {
        self.size(weights, spec).is_some_and(|(rows, columns)| self.row < rows && self.column < columns)
    }

    /// Its value in weights, or in a gradient of the same type; `None` where there is no such entry.
    #[must_use]
    pub fn get(&self, weights: &Weights, spec: &Spec) -> Option<f64> {
        if !self.fits(weights, spec) {
            return None;
        }
        let layer = self.layer(weights)?;
        let Self { row, column, .. } = *self;
        match self.part {
            "W_hy" => weights.head.w_hy.get([row, column]).copied(),
            "b_y" => weights.head.b_y.get(row).copied(),
            "h_0" => layer.h_0.get(row).copied(),
            "C_0" => layer.c_0.get(row).copied(),
            _ => {
                let (block, first) = self.block(spec);
                layer.get(block)?.get([row, first + column]).copied()
            }
        }
    }

    /// All numbers of its part; a vector is one column.
    #[must_use]
    pub fn whole(&self, weights: &Weights, spec: &Spec) -> Option<Array2<f64>> {
        let (rows, columns) = self.size(weights, spec)?;
        let layer = self.layer(weights)?;
        let vector = |values: &[f64]| Array2::from_shape_vec((rows, 1), values.to_vec()).ok();
        match self.part {
            "W_hy" => Some(weights.head.w_hy.clone()),
            "b_y" => vector(&weights.head.b_y),
            "h_0" => vector(&layer.h_0),
            "C_0" => vector(&layer.c_0),
            _ => {
                let (block, first) = self.block(spec);
                Some(layer.get(block)?.slice(s![.., first..first + columns]).to_owned())
            }
        }
    }

    fn get_mut<'a>(&self, weights: &'a mut Weights, spec: &Spec) -> Option<&'a mut f64> {
        if !self.fits(weights, spec) {
            return None;
        }
        let layers = if self.home.decodes { &mut weights.decoder } else { &mut weights.layers };
        let layer = layers.iter_mut().find(|layer| self.belongs(layer))?;
        let Self { row, column, .. } = *self;
        match self.part {
            "W_hy" => weights.head.w_hy.get_mut([row, column]),
            "b_y" => weights.head.b_y.get_mut(row),
            "h_0" => layer.h_0.get_mut(row),
            "C_0" => layer.c_0.get_mut(row),
            _ => {
                let (block, first) = self.block(spec);
                let found = layer.values.iter_mut().find(|(name, _)| *name == block)?;
                found.1.get_mut([row, first + column])
            }
        }
    }

    /// As links have it: `U_f.3.7`, `b_f.3`, in another layer or direction `U_f.2b.3.7`, in a decoder `U_f.d.3.7` or
    /// `U_f.2d.3.7`.
    #[must_use]
    pub fn text(&self) -> String {
        let Self { part, home, row, column } = self;
        let place = home.text();
        let place = if place.is_empty() { place } else { format!(".{place}") };
        if self.is_vector() {
            format!("{part}{place}.{}", row + 1)
        } else {
            format!("{part}{place}.{}.{}", row + 1, column + 1)
        }
    }

    /// Reads what [`Entry::text`] wrote.
    ///
    /// # Errors
    /// When it is none.
    pub fn parse(text: &str, place: &str) -> Result<Self, Error> {
        let wrong = || Error::at(place, "part.row.column, such as U_f.3.7", format!("\"{text}\""));
        let number = |text: &str| {
            let number = text.parse::<usize>().ok().filter(|number| (1..=FARTHEST).contains(number));
            number.map(|number| number - 1).ok_or_else(wrong)
        };
        let mut words: Vec<_> = text.split('.').collect();
        let part = Self::new(words[0], 0, 0).map_err(|_| wrong())?;
        let sited = words.len() == if part.is_vector() { 3 } else { 4 };
        let home = if sited { Home::parse(words.remove(1)).ok_or_else(wrong)? } else { Home::FIRST };
        if sited && part.at(home).home != home {
            return Err(wrong());
        }
        match (&words[1..], part.is_vector()) {
            ([row], true) => Ok(Self { row: number(row)?, ..part.at(home) }),
            ([row, column], false) => {
                Ok(Self { row: number(row)?, column: number(column)?, ..part.at(home) })
            }
            _ => Err(wrong()),
        }
    }
}

/// Reads a number that was typed for an entry.
///
/// # Errors
/// Names the place, the range and what was found.
pub fn value(text: &str, place: &str) -> Result<f64, Error> {
    let plain = text.trim().replace('−', "-");
    let range = -LARGEST..=LARGEST;
    // 0 has no sign here.
    plain.parse().ok().filter(|value| range.contains(value)).map(|value: f64| value + 0.0).ok_or_else(|| {
        let found = if plain.is_empty() { "nothing".into() } else { format!("\"{text}\"") };
        Error::at(place, format!("a number from −{LARGEST} to {LARGEST}"), found)
    })
}

/// A number as links have it: the shortest that reads back.
#[must_use]
pub fn value_text(value: f64) -> String {
    let text = format!("{value:?}");
    text.strip_suffix(".0").map_or(text.clone(), str::to_owned)
}

/// Refuses more changes than a link carries.
///
/// # Errors
/// Names the place and the limit.
pub fn check_count(edits: &Edits, place: &str) -> Result<(), Error> {
    if edits.len() > MOST {
        return Err(Error::at(place, format!("at most {MOST} changed numbers"), edits.len()));
    }
    Ok(())
}

/// Puts changed numbers into weights. Returns what stood there, by entry, and how many changes found no entry.
pub fn apply(edits: &Edits, weights: &mut Weights, spec: &Spec) -> (Edits, usize) {
    let mut replaced = Edits::new();
    for (entry, &value) in edits {
        if let Some(slot) = entry.get_mut(weights, spec) {
            replaced.insert(*entry, std::mem::replace(slot, value));
        }
    }
    let waiting = edits.len() - replaced.len();
    (replaced, waiting)
}

/// `2 weights changed, start state changed`; empty when nothing is.
#[must_use]
pub fn summary(replaced: &Edits) -> String {
    let starts = replaced.keys().filter(|entry| matches!(entry.part, "h_0" | "C_0")).count();
    let weights = match replaced.len() - starts {
        0 => String::new(),
        1 => "1 weight changed".into(),
        count => format!("{count} weights changed"),
    };
    let starts = if starts > 0 { "start state changed" } else { "" };
    [weights.as_str(), starts].iter().filter(|part| !part.is_empty()).copied().collect::<Vec<_>>().join(", ")
}
