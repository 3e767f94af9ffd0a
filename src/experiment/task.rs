//! Sequences to read and what to predict from them.

use std::collections::BTreeSet;
use std::ops::Range;
use std::sync::Arc;

use ndarray::{Array2, s};
use rand_pcg::Pcg64;
use rand_pcg::rand_core::{Rng as _, SeedableRng as _};

use super::corpus::{Corpus, Example};
use super::edits::Edits;
use super::{Experiment, Loss, Shape, Steps, Target, pasted};
use crate::Error;

/// A sequence and its targets, the same for every lane.
#[derive(Clone, Debug, PartialEq)]
pub struct Task {
    /// What it is, in a few words.
    pub title: &'static str,
    /// Where the data come from; empty when from the user.
    pub source: &'static str,
    /// What was done to them.
    pub note: String,
    /// Inputs, T × D.
    pub x: Array2<f64>,
    /// One per output step.
    pub target: Target,
    /// Which steps have outputs.
    pub shape: Shape,
    /// O.
    pub outputs: usize,
    /// What each step reads, to read: [`AGAIN`] where it is the lane's own output, [`EACH`] where lanes differ.
    pub inputs: Vec<Token>,
    /// The target of each output step, to read.
    pub targets: Vec<Token>,
    /// What an output says.
    pub outcome: Outcome,
    /// The most steps that the data allow.
    pub most_steps: usize,
    /// The most output steps that they allow then.
    pub most_outputs: usize,
    /// The examples that a model can learn from, where the task has such.
    pub practice: Option<Arc<Corpus>>,
    /// What stood where inputs were changed by hand; the row is the step.
    pub replaced: Edits,
}

/// What a step without an input reads of the step before.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Again {
    /// Nothing: zeros.
    Nothing,
    /// Its target.
    Targets,
    /// What it said.
    Outputs,
}

impl Again {
    /// What steps of an experiment read.
    #[must_use]
    pub fn of(experiment: &Experiment) -> Self {
        match (experiment.spec.reads_outputs(), experiment.teaching) {
            (false, _) => Self::Nothing,
            (_, true) => Self::Targets,
            (_, false) => Self::Outputs,
        }
    }
}

/// Stands for an output that is read again.
pub const AGAIN: &str = "↩";
/// Stands for what one lane reads and another does not.
pub const EACH: &str = "⋯";
/// Stands for zeros in place of an input.
pub const NOTHING: &str = "∅";

/// Which part of the data is read, and what is to be said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    /// Which steps have inputs, and which have outputs.
    pub shape: Shape,
    /// Steps with an input, where the shape leaves it open.
    pub steps: usize,
    /// Steps with an output, where the shape leaves it open.
    pub outputs: usize,
}

/// A part of a series of rows: inputs from the first row on, and which rows are to be said.
struct Cut {
    inputs: usize,
    wanted: Range<usize>,
    most_outputs: usize,
}

impl Span {
    /// Reads from the first of at least two rows; what comes next is to be said.
    fn cut(self, rows: usize) -> Cut {
        let inputs = if self.shape.has_inputs() { self.steps.min(rows - 1) } else { 1 };
        let most_outputs = rows - inputs;
        let wanted = match self.shape {
            Shape::ManyToOne | Shape::OneToOne => inputs..inputs + 1,
            Shape::ManyToMany => 1..inputs + 1,
            Shape::OneToMany | Shape::EncoderDecoder => inputs..inputs + self.outputs.min(most_outputs),
        };
        Cut { inputs, wanted, most_outputs }
    }
}

/// An input or target to read.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    /// A symbol.
    Word(String),
    /// A value; of several columns the first.
    Value(f64),
}

/// How to read an output.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// Logits over these symbols.
    Symbols(Vec<String>),
    /// Values; `mean + deviation · y` undoes the standardisation of the first column.
    Values {
        /// Of the first column.
        mean: f64,
        /// Of the first column.
        deviation: f64,
    },
}

impl Task {
    /// For how many steps a network that has weights for each needs them: T, or as many as the longest example has.
    #[must_use]
    pub fn places(&self) -> usize {
        let longest =
            self.practice.as_ref().map(|corpus| corpus.examples.iter().map(|example| example.x.nrows()));
        longest.and_then(Iterator::max).unwrap_or_else(|| self.x.nrows())
    }

    /// The loss that the targets belong to.
    #[must_use]
    pub fn loss(&self) -> Loss {
        match self.target {
            Target::Values(_) => Loss::SquaredError,
            Target::Classes(_) => Loss::CrossEntropy,
        }
    }

    /// Its steps on one axis.
    #[must_use]
    pub fn steps(&self) -> Steps {
        Steps::of(self.shape, self.x.nrows(), self.target.steps())
    }

    /// Says what the steps read that have no input: in every lane the same, unless that is `None`.
    pub fn read_on(&mut self, again: Option<Again>) {
        let (steps, outputs) = (self.steps(), self.targets.len());
        for t in self.inputs.len()..steps.count {
            // An output stands beside it, but for the first step of a decoder.
            let before = (t + outputs).checked_sub(steps.count + 1);
            self.inputs.push(match (before, again) {
                (Some(_), None) => Token::Word(EACH.into()),
                (Some(before), Some(Again::Targets)) => self.targets[before].clone(),
                (Some(_), Some(Again::Outputs)) => Token::Word(AGAIN.into()),
                (None, _) | (_, Some(Again::Nothing)) => Token::Word(NOTHING.into()),
            });
        }
    }

    /// Puts changed inputs in, as far as there are such; a value that is read in its own units follows.
    pub fn change(&mut self, edits: &Edits) {
        for (entry, &value) in edits {
            let Some(slot) = self.x.get_mut([entry.row, entry.column]) else { continue };
            self.replaced.insert(*entry, std::mem::replace(slot, value));
            let token = self.inputs.get_mut(entry.row).filter(|_| entry.column == 0);
            if let (Some(Token::Value(shown)), Outcome::Values { mean, deviation }) = (token, &self.outcome) {
                *shown = mean + deviation * value;
            }
        }
        let count = self.replaced.len();
        if count > 0 {
            let inputs = if count == 1 { "1 input" } else { &format!("{count} inputs") };
            self.note = format!("{}; {inputs} changed by hand", self.note);
        }
    }
}

/// How a character is shown: white space gets a mark.
fn visible(character: char) -> String {
    match character {
        ' ' => "␣".into(),
        '\n' => "⏎".into(),
        '\t' => "⇥".into(),
        other => other.to_string(),
    }
}

/// Characters one-hot, the next one to predict.
///
/// # Errors
/// When there are fewer than two characters.
pub fn text(text: &str, span: Span) -> Result<Task, Error> {
    let characters: Vec<char> = text.chars().collect();
    if characters.len() < 2 {
        return Err(Error::at("text", "at least 2 characters", characters.len()));
    }
    let alphabet: Vec<char> = characters.iter().copied().collect::<BTreeSet<_>>().into_iter().collect();
    let class = |character: char| alphabet.binary_search(&character).unwrap_or(0);
    let Cut { inputs, wanted, most_outputs } = span.cut(characters.len());
    let mut x = Array2::zeros((inputs, alphabet.len()));
    for (t, &character) in characters[..inputs].iter().enumerate() {
        x[[t, class(character)]] = 1.0;
    }
    let wanted = &characters[wanted];
    Ok(Task {
        title: if span.shape.writes_on() { "Next characters" } else { "Next character" },
        source: "",
        note: format!("{} characters, {} different, one-hot", characters.len(), alphabet.len()),
        x,
        target: Target::Classes(wanted.iter().map(|&character| class(character)).collect()),
        shape: span.shape,
        outputs: alphabet.len(),
        inputs: characters[..inputs].iter().map(|&character| Token::Word(visible(character))).collect(),
        targets: wanted.iter().map(|&character| Token::Word(visible(character))).collect(),
        outcome: Outcome::Symbols(alphabet.into_iter().map(visible).collect()),
        most_steps: characters.len() - 1,
        most_outputs,
        practice: None,
        replaced: Edits::new(),
    })
}

/// Pasted numbers, standardised, the next row to predict.
///
/// # Errors
/// Names the row and column that is not a number, or how many rows are missing.
pub fn numbers(text: &str, span: Span) -> Result<Task, Error> {
    let table = pasted::parse(text)?;
    let mut note = format!("{} values", table.values.nrows());
    if table.values.ncols() > 1 {
        let (rows, columns) = table.values.dim();
        note = format!(
            "{rows} rows of {columns} columns ({}); {} is shown",
            table.names.join(", "),
            table.names[0]
        );
    }
    if !table.ignored.is_empty() {
        note = format!("{note}; left out: {}", table.ignored.join(", "));
    }
    let title = if span.shape.writes_on() { "Next values" } else { "Next value" };
    series(&table.values, span, title, "", &note)
}

/// Yearly mean sunspot numbers 1700–2008.
///
/// # Errors
/// Never: the numbers are shipped.
pub fn sunspots(span: Span) -> Result<Task, Error> {
    let table = pasted::parse(include_str!("sunspots.csv"))?;
    series(
        &table.values,
        span,
        if span.shape.writes_on() { "Sunspots of the next years" } else { "Sunspots of the next year" },
        "Yearly mean sunspot numbers 1700–2008 (SIDC Brussels), from the statsmodels package",
        &format!("{} years", table.values.nrows()),
    )
}

/// Rows of numbers, each column standardised, the next row to predict.
fn series(
    values: &Array2<f64>,
    span: Span,
    title: &'static str,
    source: &'static str,
    note: &str,
) -> Result<Task, Error> {
    let rows = values.nrows();
    if rows < 2 {
        return Err(Error::at("numbers", "at least 2 rows", rows));
    }
    let Cut { inputs, wanted, most_outputs } = span.cut(rows);
    let mut scaled = values.clone();
    let mut first = (0.0, 1.0);
    let mut scale = String::new();
    for (index, mut column) in scaled.columns_mut().into_iter().enumerate() {
        let mean = column.mean().unwrap_or(0.0);
        let spread = column.std(0.0);
        if !spread.is_finite() {
            let largest = column.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
            return Err(Error::at(
                "numbers",
                "values whose squares are finite",
                format!("values up to {largest:e}"),
            ));
        }
        // A constant column has nothing to scale.
        let deviation = if spread > 0.0 { spread } else { 1.0 };
        column.mapv_inplace(|value| (value - mean) / deviation);
        if index == 0 {
            first = (mean, deviation);
            scale = format!("standardised by mean {mean:.3} and deviation {spread:.3}");
        }
    }
    let tokens = |rows: Range<usize>| rows.map(|row| Token::Value(values[[row, 0]])).collect();
    Ok(Task {
        title,
        source,
        note: format!("{note}; {scale}"),
        x: scaled.slice(s![..inputs, ..]).to_owned(),
        target: Target::Values(scaled.slice(s![wanted.clone(), ..]).to_owned()),
        shape: span.shape,
        outputs: values.ncols(),
        inputs: tokens(0..inputs),
        targets: tokens(wanted),
        outcome: Outcome::Values { mean: first.0, deviation: first.1 },
        most_steps: rows - 1,
        most_outputs,
        practice: None,
        replaced: Edits::new(),
    })
}

/// One of four letters, then noise, and at the end: which letter was it?
#[must_use]
pub fn recall(steps: usize, seed: u64) -> Task {
    const LETTERS: [&str; 4] = ["A", "B", "C", "D"];
    const NOISE: [&str; 4] = ["a", "b", "c", "d"];
    let mut random = Pcg64::seed_from_u64(seed);
    // The two lowest of 64 random bits would do; the highest are as good and never suspect.
    let mut pick = || usize::try_from(random.next_u64() >> 62).unwrap_or(0);
    let wanted = pick();
    let classes: Vec<usize> = (0..steps).map(|t| if t == 0 { wanted } else { 4 + pick() }).collect();
    let symbols = [LETTERS, NOISE].concat();
    let mut x = Array2::zeros((steps, symbols.len()));
    for (t, &class) in classes.iter().enumerate() {
        x[[t, class]] = 1.0;
    }
    Task {
        title: "Recall the first symbol",
        source: "",
        note: "Drawn by this page: one of A B C D, then noise from a b c d, one-hot; at t = T, which letter was first?".into(),
        x,
        target: Target::Classes(vec![wanted]),
        shape: Shape::ManyToOne,
        outputs: LETTERS.len(),
        inputs: classes.iter().map(|&class| Token::Word(symbols[class].into())).collect(),
        targets: vec![Token::Word(LETTERS[wanted].into())],
        outcome: Outcome::Symbols(LETTERS.map(String::from).into()),
        most_steps: usize::MAX,
        practice: None,
        most_outputs: 1,
        replaced: Edits::new(),
    }
}

/// An example of a corpus, or in its place a sentence of the user's.
///
/// # Errors
/// When there is no such example, or the sentence cannot be used.
pub fn practice(corpus: &Arc<Corpus>, span: Span, number: usize, own: &str) -> Result<Task, Error> {
    let count = corpus.examples.len();
    let (example, note) = if own.trim().is_empty() || !corpus.data.reads_words() {
        let wanted = || Error::at("example", format!("a whole number from 1 to {count}"), number);
        let example =
            number.checked_sub(1).and_then(|index| corpus.examples.get(index)).ok_or_else(wanted)?;
        let (held, all) = (corpus.held_out, count - corpus.held_out);
        let note = if number > held { "one to learn from" } else { "held out" };
        (example.clone(), format!("example {number}, {note}; {all} to learn from, {held} held out"))
    } else {
        let (example, note) = corpus.own(own)?;
        (example, format!("your own sentence{note}"))
    };
    let Example { x, target, inputs } = example;
    let encoded = match corpus.vocabulary() {
        0 => "a pixel is an input from 0 to 1".into(),
        words if corpus.data.reads_words() => format!("{words} words, one-hot"),
        symbols => format!("{symbols} symbols, one-hot"),
    };
    let classes = corpus.classes();
    let targets = match &target {
        Target::Classes(wanted) => wanted.iter().map(|&class| Token::Word(classes[class].clone())).collect(),
        Target::Values(_) => Vec::new(),
    };
    let (title, source) = corpus.words();
    Ok(Task {
        title,
        source,
        note: format!("{note}; {encoded}"),
        most_steps: x.nrows(),
        most_outputs: target.steps(),
        x,
        target,
        shape: span.shape,
        outputs: classes.len(),
        inputs,
        targets,
        outcome: Outcome::Symbols(classes),
        practice: Some(corpus.clone()),
        replaced: Edits::new(),
    })
}

/// The sequence of an opened experiment file.
#[must_use]
pub fn file(file: &Experiment) -> Task {
    let first = |values: &Array2<f64>| values.column(0).iter().map(|&value| Token::Value(value)).collect();
    let (targets, outcome) = match &file.target {
        Target::Values(values) => (first(values), Outcome::Values { mean: 0.0, deviation: 1.0 }),
        Target::Classes(classes) => {
            let names: Vec<String> = (0..file.spec.outputs).map(|class| class.to_string()).collect();
            (
                classes.iter().map(|&class| Token::Word(names[class].clone())).collect(),
                Outcome::Symbols(names),
            )
        }
    };
    // One-hot inputs read better as the index of their class.
    let classes: Option<Vec<usize>> = file.x.rows().into_iter().map(|row| one_hot(&row)).collect();
    let inputs = match classes {
        Some(classes) => classes.iter().map(|class| Token::Word(class.to_string())).collect(),
        None => first(&file.x),
    };
    let mut task = Task {
        title: "Opened file",
        source: "",
        note: format!("Steps: {}, inputs at each: {}, as the file has them", file.x.nrows(), file.x.ncols()),
        x: file.x.clone(),
        target: file.target.clone(),
        shape: file.spec.shape,
        outputs: file.spec.outputs,
        inputs,
        targets,
        outcome,
        most_steps: file.x.nrows(),
        practice: None,
        most_outputs: file.target.steps(),
        replaced: Edits::new(),
    };
    task.read_on(Some(Again::of(file)));
    task
}

/// The class of a one-hot row.
#[expect(clippy::float_cmp, reason = "one-hot is exact")]
fn one_hot(row: &ndarray::ArrayView1<f64>) -> Option<usize> {
    let hot = row.iter().position(|&value| value == 1.0)?;
    (row.len() > 1 && row.iter().enumerate().all(|(index, &value)| index == hot || value == 0.0))
        .then_some(hot)
}
