//! The matrices of the selected lane: every number, its gradient, and where the viewer stands in them.

use ndarray::{Array2, ArrayView2, s};
use serde::Serialize;

mod entry;
mod panels;
mod table;

use super::{LaneRun, Looked, Session};
use crate::Error;
use crate::analysis::math::{self, Math};
use crate::analysis::number::short;
use crate::experiment::edits::{self, Entry};
use crate::experiment::{Cell, Home, Weights};
use crate::view::matrix::{self, Colours, MatrixLayout, Part};
use crate::view::{Area, Raster};

pub use entry::EntryFacts;
use panels::{Panel, file_name, listed, over, part_word, symbol};
pub use table::MatrixTable;

/// The matrices, and the entry that the viewer stands at.
#[derive(Clone, Debug, Serialize)]
pub struct Matrices {
    lane: usize,
    name: String,
    gradient: bool,
    /// Whether the cursor is on the way back.
    backward: bool,
    panel: &'static str,
    panels: Vec<PanelFacts>,
    parts: Vec<PartFacts>,
    layout: MatrixLayout,
    /// The row of the selected unit.
    unit: Option<Area>,
    entry: EntryFacts,
    /// What of this lane, or of the inputs, was changed by hand; empty when nothing is.
    changes: String,
    /// What the colours mean.
    scale: String,
    words: String,
}

#[derive(Clone, Debug, Serialize)]
struct PanelFacts {
    name: &'static str,
    symbol: Math,
    word: String,
    /// The first entry of it.
    first: String,
    changed: bool,
}

#[derive(Clone, Debug, Serialize)]
struct PartFacts {
    symbol: Math,
    over: Math,
    note: String,
    word: String,
}

impl Session {
    /// Opens the matrices at an entry, by its text in links; an empty text is the first. They show values or gradients.
    ///
    /// # Errors
    /// When the text names no entry.
    pub fn look(&mut self, text: &str, gradient: bool) -> Result<(), Error> {
        let entry = if text.is_empty() {
            let unit = self.unit_at_home();
            let run = &self.lanes[self.cursor.lane];
            let first = run.panels(self.home()).first().map_or("W_hy", |panel| panel.parts[0]);
            Entry::new(first, unit, 0)?
        } else {
            Entry::parse(text, "entry")?.at(Home::FIRST)
        };
        self.cursor.matrix = Some(Looked { entry, gradient });
        self.clamp();
        Ok(())
    }

    /// Closes the matrices.
    pub fn look_away(&mut self) {
        self.cursor.matrix = None;
    }

    /// Goes to a neighbour of the entry; at the end of a part, into the next part of the panel.
    pub fn look_along(&mut self, rows: isize, columns: isize) {
        let Some(Looked { entry, gradient }) = self.cursor.matrix else { return };
        let Some((panel, sizes)) = self.panel(entry) else { return };
        let Some(part) = panel.parts.iter().position(|part| *part == entry.part()) else { return };
        let before: usize = sizes[..part].iter().map(|size| size.1).sum();
        let all: usize = sizes.iter().map(|size| size.1).sum();
        let row = entry.row.saturating_add_signed(rows).min(sizes[part].0 - 1);
        let shown = entry.column.saturating_sub(self.first_column(entry.part()));
        let mut column = (before + shown).saturating_add_signed(columns).min(all - 1);
        for (part, size) in panel.parts.iter().zip(sizes) {
            if column < size.1 {
                let found = Entry::new(part, row, column + self.first_column(part));
                self.cursor.matrix = found.ok().map(|entry| Looked { entry, gradient });
                return;
            }
            column -= size.1;
        }
    }

    /// Goes to the entry under a point of the matrices as arranged in `width`; whether there is one.
    pub fn look_at(&mut self, x: f64, y: f64, width: u32) -> bool {
        let found = self.under(x, y, width);
        if let (Some(entry), Some(looked)) = (found, &mut self.cursor.matrix) {
            looked.entry = entry;
        }
        found.is_some()
    }

    /// The entry under a point.
    #[must_use]
    pub fn entry_at(&self, x: f64, y: f64, width: u32) -> Option<EntryFacts> {
        self.entry_facts(self.under(x, y, width)?, width)
    }

    fn under(&self, x: f64, y: f64, width: u32) -> Option<Entry> {
        let entry = self.cursor.matrix?.entry;
        let (panel, sizes) = self.panel(entry)?;
        let (part, row, column) = matrix::layout(&sizes, width).hit(x, y)?;
        let column = column + self.first_column(panel.parts[part]);
        Entry::new(panel.parts[part], row, column).ok().map(|entry| self.here(entry))
    }

    /// Keeps the entry on one that the selected lane has.
    pub(super) fn clamp_matrix(&mut self) {
        let Some(Looked { entry, gradient }) = self.cursor.matrix else { return };
        let run = &self.lanes[self.cursor.lane];
        let first = run.panels(self.home()).first().map_or("W_hy", |panel| panel.parts[0]);
        let (part, (rows, columns)) = match self.shown_size(entry.part()) {
            Some(size) => (entry.part(), size),
            None => (first, self.shown_size(first).unwrap_or((1, 1))),
        };
        // The row of an input is the cursor's step.
        let row = if part == "x" { 0 } else { entry.row.min(rows - 1) };
        // So is the window's matrix that of the cursor's step.
        let column = match self.first_column(part) {
            0 if run.experiment.spec.cell.recurs() => entry.column.min(columns - 1),
            first => first + entry.column % columns,
        };
        let found = Entry::new(part, row, column);
        self.cursor.matrix = found.ok().map(|entry| Looked { entry, gradient });
    }

    /// Rows and columns of a part as they are shown: of the inputs, one step.
    fn shown_size(&self, part: &str) -> Option<(usize, usize)> {
        if part == "x" {
            return Some((1, self.task.x.ncols()));
        }
        let run = &self.lanes[self.cursor.lane];
        let (rows, columns) = run.size(part, self.home())?;
        Some((rows, if self.window(part) { self.task.x.ncols() } else { columns }))
    }

    /// Whether a part has columns for each step, of which those of the cursor's are shown.
    fn window(&self, part: &str) -> bool {
        part == "W_xh" && !self.lanes[self.cursor.lane].experiment.spec.cell.recurs()
    }

    /// The column of a part that is shown first.
    fn first_column(&self, part: &str) -> usize {
        if self.window(part) { (self.t().0 - 1) * self.task.x.ncols() } else { 0 }
    }

    /// The panel of an entry and the sizes of its parts as they are shown.
    fn panel(&self, entry: Entry) -> Option<(Panel, Vec<(usize, usize)>)> {
        let run = &self.lanes[self.cursor.lane];
        let panel = run.panel_of(entry, self.home())?;
        let sizes = panel.parts.iter().map(|part| self.shown_size(part)).collect::<Option<_>>()?;
        Some((panel, sizes))
    }

    /// The gradients of the losses that count where the selected unit stands.
    fn counting<'a>(&self, run: &'a LaneRun) -> (&'a Weights, &'a Array2<f64>) {
        run.gradients(self.cursor.losses, self.site(run).direction)
    }

    /// The numbers of a part, or their gradients.
    fn part(&self, part: &str, gradient: bool) -> Option<Array2<f64>> {
        let run = &self.lanes[self.cursor.lane];
        let (gradients, dx) = self.counting(run);
        if part == "x" {
            let of = if gradient { dx } else { &self.task.x };
            let row = self.input_row();
            return Some(of.slice(s![row..=row, ..]).to_owned());
        }
        let of = if gradient { gradients } else { &run.experiment.weights };
        let whole = self.here(Entry::new(part, 0, 0).ok()?).whole(of, &run.experiment.spec)?;
        let (first, (_, columns)) = (self.first_column(part), self.shown_size(part)?);
        Some(whole.slice_move(s![.., first..first + columns]))
    }

    fn changed(&self, part: &str) -> Vec<(usize, usize)> {
        let run = &self.lanes[self.cursor.lane];
        if part == "x" {
            let here = |entry: &&Entry| entry.row == self.input_row();
            return self.task.replaced.keys().filter(here).map(|entry| (0, entry.column)).collect();
        }
        let here = |entry: &&Entry| entry.part() == part && self.here(**entry) == **entry;
        let first = self.first_column(part);
        let shown = |entry: &Entry| Some((entry.row, entry.column.checked_sub(first)?));
        run.replaced.keys().filter(here).filter_map(shown).collect()
    }

    /// What the page writes around the matrices, arranged in `width`; `None` while they are closed.
    #[must_use]
    pub fn matrices(&self, width: u32) -> Option<Matrices> {
        let Looked { entry, gradient } = self.cursor.matrix?;
        let run = &self.lanes[self.cursor.lane];
        let home = self.home();
        let (panel, sizes) = self.panel(entry)?;
        let layout = matrix::layout(&sizes, width);
        let numbers: Vec<_> =
            panel.parts.iter().map(|part| self.part(part, gradient)).collect::<Option<_>>()?;
        let largest: Vec<f64> = numbers.iter().map(matrix::largest).collect();
        let most = largest.iter().copied().fold(0.0, f64::max);
        let parts = panel.parts.iter().zip(&largest).map(|(part, &largest)| PartFacts {
            symbol: symbol(part),
            over: over(run, part, home),
            note: match (gradient, largest > 0.0) {
                (true, _) => String::new(),
                (false, true) => format!("±{}", short(largest)),
                (false, false) => "0".into(),
            },
            word: part_word(part).into(),
        });
        let units = !matches!(panel.name, "y" | "x");
        let unit = units.then(|| layout.cell(0, self.row_of(&panel), 0)).flatten();
        let inputs = panel.name == "x";
        let place = Some(self.place_words(&panel)).filter(|place| !place.is_empty());
        let of = place.as_ref().map_or_else(String::new, |place| format!("{place}: "));
        let counted = run.counted(self.cursor.losses, self.site(run).direction).words();
        let these = if counted.is_empty() { String::new() } else { format!("{counted}; ") };
        Some(Matrices {
            lane: self.cursor.lane,
            name: run.name.clone(),
            gradient,
            backward: self.t().1,
            panel: panel.name,
            panels: run.panels(home).iter().map(|panel| self.panel_facts(run, panel)).collect(),
            parts: parts.collect(),
            unit: unit.map(|area| Area { width: f64::from(layout.width), ..area }),
            entry: self.entry_facts(self.here(entry), width)?,
            changes: if inputs { self.input_changes() } else { edits::summary(&run.replaced) },
            scale: match (gradient, most > 0.0) {
                (false, _) => format!("{of}each part to its own scale; framed: changed by hand"),
                (true, true) => {
                    format!("{of}{these}log scale to the largest, {}; hatched: exactly 0", short(most))
                }
                (true, false) => format!("{of}{these}exactly 0 everywhere"),
            },
            words: format!(
                "{}, {}: {} rows, {} columns",
                self.matrix_title(run, &panel),
                if gradient {
                    format!("gradients {counted}").trim_end().to_owned()
                } else {
                    "numbers".into()
                },
                layout.rows,
                sizes.iter().map(|size| size.1).sum::<usize>()
            ),
            layout,
        })
    }

    /// `LSTM, layer 2, forget gate`.
    fn matrix_title(&self, run: &LaneRun, panel: &Panel) -> String {
        let place = self.place_words(panel);
        let place = if place.is_empty() { place } else { format!(", {place}") };
        format!("{}{place}, {}", run.name, run.gate_word(panel.name))
    }

    /// Where a panel belongs, as far as there are others: `layer 2`, `decoder`.
    fn place_words(&self, panel: &Panel) -> String {
        let (run, home) = (&self.lanes[self.cursor.lane], self.home());
        match panel.name {
            "y" | "x" => String::new(),
            "0" => run.place(self.site(run)),
            _ if home.decodes && run.experiment.spec.layers > 1 => {
                format!("decoder, layer {}", home.site.layer)
            }
            _ if home.decodes => "decoder".into(),
            _ => run.place(home.site),
        }
    }

    /// The row of the selected unit in a panel.
    fn row_of(&self, panel: &Panel) -> usize {
        if panel.name == "0" { self.cursor.unit } else { self.unit_at_home() }
    }

    fn input_changes(&self) -> String {
        match self.task.replaced.len() {
            0 => String::new(),
            1 => "1 input changed".into(),
            count => format!("{count} inputs changed"),
        }
    }

    fn panel_facts(&self, run: &LaneRun, panel: &Panel) -> PanelFacts {
        let (label, vector) = match panel.name {
            "h" if run.experiment.spec.cell == Cell::Rnn => ("W_hh", false),
            "h" if run.experiment.spec.cell == Cell::Ann => ("W_xh", false),
            "f" => ("W_f", false),
            "i" => ("W_i", false),
            "C" => ("W_C", false),
            "o" => ("W_o", false),
            "z" => ("W_z", false),
            "r" => ("W_r", false),
            "h" => ("W_h", false),
            "y" => ("W_hy", false),
            "0" => ("h_0", false),
            _ => ("x", true),
        };
        let row = if matches!(panel.name, "y" | "x") { 0 } else { self.row_of(panel) };
        PanelFacts {
            name: panel.name,
            symbol: if vector { math::at(label, 0) } else { math::symbol(label) },
            word: format!(
                "{} of {}",
                panel.parts.iter().map(|part| file_name(part)).fold(String::new(), listed),
                run.gate_word(panel.name)
            ),
            first: Entry::new(panel.parts[0], row, 0).map(|entry| entry.text()).unwrap_or_default(),
            changed: panel.parts.iter().any(|part| {
                if *part == "x" { !self.task.replaced.is_empty() } else { !self.changed(part).is_empty() }
            }),
        }
    }

    /// Paints the matrices as arranged in `width`; `None` while they are closed.
    pub fn paint_matrices(&mut self, width: u32, scale: f64, dark: bool) -> Option<&Raster> {
        let Looked { entry, gradient } = self.cursor.matrix?;
        let (panel, sizes) = self.panel(entry)?;
        let layout = matrix::layout(&sizes, width);
        let numbers: Vec<_> =
            panel.parts.iter().map(|part| self.part(part, gradient)).collect::<Option<_>>()?;
        let parts: Vec<_> = numbers
            .iter()
            .zip(&panel.parts)
            .map(|(values, part)| Part { values: ArrayView2::from(values), changed: self.changed(part) })
            .collect();
        let colours = if gradient { Colours::Gradients } else { Colours::Values };
        matrix::paint(&mut self.sheet, &parts, &layout, colours, scale, dark);
        Some(&self.sheet)
    }
}
