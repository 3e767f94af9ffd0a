//! The matrices as a table of words: every number and its gradient.

use serde::Serialize;

use super::super::{Looked, Session};
use super::panels::file_name;
use crate::analysis::number::{count, short};
use crate::experiment::edits::Entry;

/// So many entries stand in one table; what is larger comes row by row.
const MOST: usize = 2_400;

/// Some rows of the matrices.
#[derive(Clone, Debug, Serialize)]
pub struct MatrixTable {
    title: String,
    /// `rows 1 to 24 of 128`; empty where these are all.
    range: String,
    /// The first rows, from 0, of the tables before and after this one.
    before: Option<usize>,
    after: Option<usize>,
    head: Vec<String>,
    rows: Vec<TableRow>,
}

#[derive(Clone, Debug, Serialize)]
struct TableRow {
    name: String,
    entries: Vec<TableEntry>,
}

#[derive(Clone, Debug, Serialize)]
struct TableEntry {
    text: String,
    name: String,
    shown: String,
    gradient: String,
    changed: bool,
}

impl Session {
    /// The matrices as a table, from a row on, from 0; `None` while they are closed.
    #[must_use]
    pub fn matrix_table(&self, from: usize) -> Option<MatrixTable> {
        let Looked { entry, .. } = self.cursor.matrix?;
        let run = &self.lanes[self.cursor.lane];
        let (panel, sizes) = self.panel(entry)?;
        let columns: usize = sizes.iter().map(|size| size.1).sum();
        let rows = sizes.first()?.0;
        let most = (MOST / columns.max(1)).clamp(1, rows);
        let from = from.min(rows - 1);
        let to = (from + most).min(rows);
        let mut head = Vec::new();
        for (part, size) in panel.parts.iter().zip(&sizes) {
            let first = self.first_column(part);
            head.extend((first..first + size.1).map(|column| column_word(part, column)));
        }
        let row_word = match panel.name {
            "y" => "output",
            "x" => "t =",
            _ => "unit",
        };
        let mut written = Vec::new();
        for row in from..to {
            let mut entries = Vec::new();
            for (part, size) in panel.parts.iter().zip(&sizes) {
                let first = self.first_column(part);
                for column in first..first + size.1 {
                    let entry = self.here(Entry::new(part, row, column).ok()?);
                    entries.push(self.table_entry(entry)?);
                }
            }
            let number = if panel.name == "x" { self.step_here() } else { row + 1 };
            written.push(TableRow { name: format!("{row_word} {number}"), entries });
        }
        let all = to - from == rows;
        let range = format!("rows {} to {} of {}", count(from + 1), count(to), count(rows));
        Some(MatrixTable {
            title: self.matrix_title(run, &panel),
            range: if all { String::new() } else { range },
            before: from.checked_sub(1).map(|_| from.saturating_sub(most)),
            after: (to < rows).then_some(to),
            head,
            rows: written,
        })
    }

    fn table_entry(&self, entry: Entry) -> Option<TableEntry> {
        let (value, before) = self.numbers(self.cursor.lane, entry)?;
        Some(TableEntry {
            text: entry.text(),
            name: self.entry_name(entry).ok()?,
            shown: short(value),
            gradient: short(self.entry_gradient(entry)?),
            changed: before.is_some(),
        })
    }
}

/// What stands over a column.
fn column_word(part: &'static str, column: usize) -> String {
    let number = column + 1;
    match part.as_bytes().first() {
        _ if part == "x" => format!("input {number}"),
        Some(b'b') => format!("bias {part}"),
        Some(b'g') => format!("gain {part}"),
        Some(b'h' | b'C') => part.into(),
        Some(b'U') => format!("{}, state {number}", file_name(part)),
        Some(b'V') => format!("{}, input {number}", file_name(part)),
        _ => format!("{part}, {number}"),
    }
}
