//! JSON documents, read with the place of every error, and numbers that JSON cannot write.

use std::ops::RangeInclusive;

use ndarray::Array2;
use serde_json::Value;

use crate::Error;
use crate::experiment::Choice;

/// A value and the path that leads to it.
pub struct Node<'a> {
    value: &'a Value,
    place: String,
}

impl<'a> Node<'a> {
    pub fn root(value: &'a Value) -> Self {
        Self { value, place: String::new() }
    }

    /// The path of this value; the document itself is `$`.
    pub fn here(&self) -> String {
        if self.place.is_empty() { "$".into() } else { self.place.clone() }
    }

    /// The path of a field.
    pub fn place(&self, name: &str) -> String {
        if self.place.is_empty() { name.into() } else { format!("{}.{name}", self.place) }
    }

    /// What stands here, in words and numbers.
    pub fn found(&self) -> String {
        describe(self.value)
    }

    pub fn error(&self, expected: impl std::fmt::Display) -> Error {
        Error::at(self.here(), expected, self.found())
    }

    pub fn optional(&self, name: &str) -> Result<Option<Node<'a>>, Error> {
        let Value::Object(fields) = self.value else { return Err(self.error("an object")) };
        Ok(fields.get(name).map(|value| Node { value, place: self.place(name) }))
    }

    pub fn field(&self, name: &str) -> Result<Node<'a>, Error> {
        self.optional(name)?.ok_or_else(|| Error::at(self.place(name), "a value", "nothing"))
    }

    pub fn text(&self) -> Result<&'a str, Error> {
        self.value.as_str().ok_or_else(|| self.error("a text"))
    }

    pub fn flag(&self) -> Result<bool, Error> {
        self.value.as_bool().ok_or_else(|| self.error("true or false"))
    }

    pub fn choice<C: Choice>(&self) -> Result<C, Error> {
        C::parse(self.text()?, &self.here())
    }

    pub fn integer(&self, range: RangeInclusive<u64>) -> Result<usize, Error> {
        self.value
            .as_u64()
            .filter(|value| range.contains(value))
            .and_then(|value| usize::try_from(value).ok())
            .ok_or_else(|| self.error(format!("a whole number from {} to {}", range.start(), range.end())))
    }

    pub fn finite(&self) -> Result<f64, Error> {
        self.value.as_f64().ok_or_else(|| self.error("a finite number"))
    }

    pub fn items(&self) -> Result<&'a [Value], Error> {
        self.value.as_array().map(Vec::as_slice).ok_or_else(|| self.error("a list"))
    }

    fn exactly(&self, length: usize, what: &str) -> Result<&'a [Value], Error> {
        let items = self.items()?;
        if items.len() == length {
            Ok(items)
        } else {
            Err(Error::at(self.here(), format!("{length} {what}"), items.len()))
        }
    }

    fn item(&self, index: usize, value: &'a Value) -> Node<'a> {
        Node { value, place: format!("{}[{index}]", self.place) }
    }

    /// Exactly `length` items, called `what` in the error.
    pub fn list(&self, length: usize, what: &str) -> Result<Vec<Node<'a>>, Error> {
        let items = self.exactly(length, what)?;
        Ok(items.iter().enumerate().map(|(index, value)| self.item(index, value)).collect())
    }

    /// Exactly `length` numbers, or texts that stand for numbers that are not finite.
    pub fn vector(&self, length: usize) -> Result<Vec<f64>, Error> {
        let items = self.exactly(length, "numbers")?.iter().enumerate();
        items
            .map(|(index, value)| {
                parse_number(value).ok_or_else(|| self.item(index, value).error("a number"))
            })
            .collect()
    }

    pub fn matrix(&self, rows: usize, columns: usize) -> Result<Array2<f64>, Error> {
        let mut matrix = Array2::zeros((rows, columns));
        for (row, mut line) in self.list(rows, "rows")?.iter().zip(matrix.rows_mut()) {
            line.iter_mut().zip(row.vector(columns)?).for_each(|(entry, value)| *entry = value);
        }
        Ok(matrix)
    }
}

/// A field that is off unless it says so.
pub trait Flag {
    fn on(self) -> Result<bool, Error>;
}

impl Flag for Option<Node<'_>> {
    fn on(self) -> Result<bool, Error> {
        self.map_or(Ok(false), |node| node.flag())
    }
}

fn parse_number(value: &Value) -> Option<f64> {
    match value {
        Value::Number(number) => number.as_f64(),
        Value::String(text) => match text.as_str() {
            "NaN" => Some(f64::NAN),
            "Infinity" => Some(f64::INFINITY),
            "-Infinity" => Some(f64::NEG_INFINITY),
            _ => None,
        },
        _ => None,
    }
}

fn describe(value: &Value) -> String {
    match value {
        Value::Null => "null".into(),
        Value::Bool(flag) => flag.to_string(),
        Value::Number(number) => number.to_string(),
        Value::String(text) if text.chars().count() <= 40 => format!("\"{text}\""),
        Value::String(text) => format!("a text of {} characters", text.chars().count()),
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(fields) => format!("an object of {} fields", fields.len()),
    }
}

/// A number as JSON has it: finite ones as they are, the others as text.
pub fn number(value: f64) -> Value {
    serde_json::Number::from_f64(value).map_or_else(
        || {
            let word = if value.is_nan() {
                "NaN"
            } else if value > 0.0 {
                "Infinity"
            } else {
                "-Infinity"
            };
            word.into()
        },
        Value::Number,
    )
}

pub fn vector(values: &[f64]) -> Value {
    values.iter().map(|&value| number(value)).collect()
}

pub fn matrix(values: &Array2<f64>) -> Value {
    values.rows().into_iter().map(|row| row.iter().map(|&value| number(value)).collect::<Value>()).collect()
}
