//! Pasted tables of numbers.

use ndarray::Array2;

use super::settings::LONGEST;
use crate::Error;

/// So many letters of a row are shown.
const MOST_SHOWN: usize = 60;

/// Columns of numbers.
#[derive(Clone, Debug, PartialEq)]
pub struct Table {
    /// Of the columns that are kept.
    pub names: Vec<String>,
    /// Rows × columns.
    pub values: Array2<f64>,
    /// Names of the columns left out, with the reason.
    pub ignored: Vec<String>,
}

/// Reads comma-, semicolon-, tab- or space-separated numbers, with or without a header.
///
/// One row of several numbers is a series. With semicolons or tabs, a decimal comma is understood. A first
/// column that holds no number at all, or that has a name and only counts (year: 1700, 1701, …), is left out.
///
/// # Errors
/// Names the row and column, both counted from 1, that do not fit.
pub fn parse(text: &str) -> Result<Table, Error> {
    let records = records(text)?;
    let Some(first) = records.first() else {
        return Err(Error::at("numbers", "at least 2 values", "nothing"));
    };
    let width = first.len();
    let has_header = records.len() > 1 && first.iter().all(|field| number(field).is_none());
    let body = &records[usize::from(has_header)..];
    let offset = 1 + usize::from(has_header);
    for (index, record) in body.iter().enumerate() {
        if record.len() != width {
            return Err(Error::at(
                format!("numbers, row {}", index + offset),
                format!("{width} columns, as the first row has"),
                format!("{} in the row {}", record.len(), shown(record)),
            ));
        }
    }
    let name = |column: usize| {
        if has_header { first[column].clone() } else { format!("column {}", column + 1) }
    };
    let read = |column: usize| -> Result<Vec<f64>, Error> {
        let fields = body.iter().enumerate();
        fields
            .map(|(row, record)| {
                let place = || format!("numbers, row {}, column {}", row + offset, column + 1);
                number(&record[column]).ok_or_else(|| {
                    let wanted = "a number: correct it, or leave this row out";
                    Error::at(place(), wanted, format!("\"{}\" in the row {}", record[column], shown(record)))
                })
            })
            .collect()
    };

    let mut ignored = Vec::new();
    let mut kept = Vec::new();
    for column in 0..width {
        let label = column == 0 && width > 1 && body.len() > 1;
        if label && body.iter().all(|record| number(&record[0]).is_none()) {
            ignored.push(format!("{} (not numbers)", name(column)));
            continue;
        }
        let values = read(column)?;
        if label && has_header && body.len() > 2 && counts(&values) {
            ignored.push(format!("{} (counts the rows)", name(column)));
            continue;
        }
        kept.push((name(column), values));
    }
    if body.len() == 1 && kept.len() > 1 {
        let values: Vec<f64> = kept.iter().map(|(_, values)| values[0]).collect();
        kept = vec![("values".into(), values)];
    }
    let rows = kept.first().map_or(0, |(_, values)| values.len());
    let values = Array2::from_shape_fn((rows, kept.len()), |(row, column)| kept[column].1[row]);
    if values.len() > LONGEST {
        return Err(Error::at("numbers", format!("at most {LONGEST} values"), values.len()));
    }
    Ok(Table { names: kept.into_iter().map(|(name, _)| name).collect(), values, ignored })
}

fn records(text: &str) -> Result<Vec<Vec<String>>, Error> {
    let text = text.trim_start_matches('\u{feff}').trim();
    let delimiter =
        [b';', b'\t', b','].into_iter().find(|&mark| text.as_bytes().contains(&mark)).unwrap_or(b' ');
    let decimal_comma = delimiter != b',';
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(false)
        .flexible(true)
        .trim(csv::Trim::All)
        .from_reader(text.as_bytes());
    let mut records = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| Error::at("numbers", "CSV", error))?;
        // Spaces may be doubled, and a line may end with a separator.
        let mut fields: Vec<String> = record.iter().map(str::to_owned).collect();
        if delimiter == b' ' {
            fields.retain(|field| !field.is_empty());
        } else if fields.last().is_some_and(String::is_empty) && fields.len() > 1 {
            fields.pop();
        }
        if decimal_comma {
            fields = fields.iter().map(|field| field.replace(',', ".")).collect();
        }
        records.push(fields);
    }
    // Numbers wrapped over several lines of one series.
    if delimiter == b' ' && records.iter().any(|record| record.len() != records[0].len()) {
        return Ok(vec![records.concat()]);
    }
    Ok(records)
}

/// A row as an error shows it.
fn shown(record: &[String]) -> String {
    let row = record.join(", ");
    let start: String = row.chars().take(MOST_SHOWN).collect();
    if start.len() < row.len() { format!("“{start}…”") } else { format!("“{row}”") }
}

fn number(field: &str) -> Option<f64> {
    field.replace('−', "-").parse().ok().filter(|value: &f64| value.is_finite())
}

#[expect(clippy::float_cmp, reason = "counting by ones is exact")]
fn counts(values: &[f64]) -> bool {
    values.windows(2).all(|pair| pair[1] - pair[0] == 1.0)
}
