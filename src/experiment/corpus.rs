//! Tasks that come as a file of examples: read, encoded, and parted into those to learn from and those held out.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use ndarray::Array2;

use super::settings::Data;
use super::task::Token;
use super::{Choice as _, Shape, Target, dates};
use crate::Error;

/// The universal tags that are used, with their letters in the file.
const TAGS: [(char, &str); 10] = [
    ('A', "ADJ"),
    ('I', "ADP"),
    ('R', "ADV"),
    ('X', "AUX"),
    ('D', "DET"),
    ('N', "NOUN"),
    ('T', "PART"),
    ('P', "PRON"),
    ('S', "SCONJ"),
    ('V', "VERB"),
];
/// Praise and blame.
const MOODS: [(char, &str); 2] = [('+', "praise"), ('-', "blame")];
/// The most words that a sentence may have.
const LONGEST: usize = 24;
/// Rows and columns of an image.
pub const SIDE: usize = 8;
/// Ends a name.
const END: &str = ".";
/// What ISO 8601 is written in.
const ISO: &str = "0123456789-";
const DIGITS: &str = "E. Alpaydin, C. Kaynak: Optical Recognition of Handwritten Digits, UCI (1998), CC BY 4.0, from the scikit-learn package";
/// The value of a black pixel.
const BLACK: u32 = 16;

/// One thing to read and what to say of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Example {
    /// T × D.
    pub x: Array2<f64>,
    /// One per output step.
    pub target: Target,
    /// The input of each step, to read.
    pub inputs: Vec<Token>,
}

/// All examples of a task.
#[derive(Clone, Debug, PartialEq)]
pub struct Corpus {
    /// Which task.
    pub data: Data,
    /// Held-out ones first.
    pub examples: Vec<Example>,
    /// How many are held out.
    pub held_out: usize,
    /// The words that have an input of their own, in its order; none where inputs are pixels.
    vocabulary: Vec<String>,
    /// For each of them the class that it has most often.
    usual: Vec<usize>,
}

/// Corpora that were provided, and those that code makes.
#[derive(Clone, Debug, Default)]
pub struct Library {
    provided: BTreeMap<&'static str, Arc<Corpus>>,
    dates: OnceLock<Arc<Corpus>>,
}

impl Library {
    /// Takes in a file of examples.
    ///
    /// # Errors
    /// When no task has that file, or names the line that is wrong in it.
    pub fn provide(&mut self, file: &str, text: &str) -> Result<(), Error> {
        let tasks: Vec<Data> =
            Data::ALL.iter().map(|(data, _)| *data).filter(|data| data.file() == Some(file)).collect();
        if tasks.is_empty() {
            return Err(Error::at("data", "a file that a task has", format!("\"{file}\"")));
        }
        for data in tasks {
            self.provided.insert(data.word(), Arc::new(Corpus::parse(data, text)?));
        }
        Ok(())
    }

    /// The examples of a task, once they are there.
    #[must_use]
    pub fn get(&self, data: Data) -> Option<&Arc<Corpus>> {
        match data {
            Data::Dates => Some(self.dates.get_or_init(|| Arc::new(Corpus::dates()))),
            _ => self.provided.get(data.word()),
        }
    }
}

impl Data {
    /// The file that holds the examples of the task.
    #[must_use]
    pub fn file(self) -> Option<&'static str> {
        match self {
            Self::Tags => Some("tags.txt"),
            Self::Mood => Some("mood.txt"),
            Self::Digits | Self::Image => Some("digits.txt"),
            Self::Names => Some("names.txt"),
            _ => None,
        }
    }

    /// Whether its steps read words, which may be the user's own.
    #[must_use]
    pub fn reads_words(self) -> bool {
        matches!(self, Self::Tags | Self::Mood)
    }

    /// Whether there are examples to learn from.
    #[must_use]
    pub fn has_examples(self) -> bool {
        self.file().is_some() || self == Self::Dates
    }

    /// The shape of the task, where it has but one.
    #[must_use]
    pub fn shape(self) -> Option<Shape> {
        match self {
            Self::Recall | Self::Mood | Self::Digits => Some(Shape::ManyToOne),
            Self::Tags => Some(Shape::ManyToMany),
            Self::Image => Some(Shape::OneToOne),
            Self::Names => Some(Shape::OneToMany),
            Self::Dates => Some(Shape::EncoderDecoder),
            _ => None,
        }
    }
}

fn pixel(mark: char) -> Option<u32> {
    mark.to_digit(BLACK + 1).filter(|_| !mark.is_ascii_uppercase())
}

impl Corpus {
    /// Reads a file: lines of one example each, after lines that begin with #.
    fn parse(data: Data, text: &str) -> Result<Self, Error> {
        let lines: Vec<(String, &str)> = text
            .lines()
            .enumerate()
            .filter(|(_, line)| !line.starts_with('#') && !line.trim().is_empty())
            .map(|(number, line)| (format!("{} line {}", data.word(), number + 1), line))
            .collect();
        let mut corpus =
            Self { data, examples: Vec::new(), held_out: 0, vocabulary: Vec::new(), usual: Vec::new() };
        if data == Data::Names {
            corpus.vocabulary = Self::alphabet(lines.iter().map(|(_, line)| *line));
        } else if data.reads_words() {
            let words: BTreeSet<&str> =
                lines.iter().flat_map(|(_, line)| corpus.sentence(line).split(' ')).collect();
            corpus.vocabulary = words.into_iter().map(String::from).collect();
        }
        let mut all = Vec::new();
        for (place, line) in &lines {
            all.push(match data {
                Data::Digits => Self::image(place, line, SIDE)?,
                Data::Image => Self::image(place, line, 1)?,
                Data::Mood => corpus.judged(place, line)?,
                Data::Names => corpus.name(place, line)?,
                _ => corpus.tagged(place, line)?,
            });
        }
        if all.len() < 8 {
            return Err(Error::at(data.word(), "at least 8 examples", all.len()));
        }
        corpus.usual = corpus.usual_classes(&all);
        // Neighbours differ in little: they are held out together.
        corpus.hold_out(all, |number| number / 2 % 4 == 3);
        Ok(corpus)
    }

    /// Dates that are read letter by letter and written digit by digit.
    fn dates() -> Self {
        let written = dates::written();
        let letters: BTreeSet<char> = written.iter().flat_map(|(text, _)| text.chars()).collect();
        let vocabulary = letters.iter().map(char::to_string).collect();
        let mut corpus =
            Self { data: Data::Dates, examples: Vec::new(), held_out: 0, vocabulary, usual: Vec::new() };
        let example = |(text, date): &(String, dates::Date)| {
            let (x, inputs) = corpus.one_hot(&text.chars().map(String::from).collect::<Vec<_>>());
            let digits = date.iso().chars().filter_map(|digit| ISO.find(digit)).collect();
            Example { x, target: Target::Classes(digits), inputs }
        };
        let all = written.iter().map(example).collect();
        // Each spelling is among those that are held out.
        corpus.hold_out(all, |number| number / dates::SPELLINGS.len() % 20 == 19);
        corpus
    }

    fn hold_out(&mut self, all: Vec<Example>, held: impl Fn(usize) -> bool) {
        let (held, seen): (Vec<_>, Vec<_>) =
            all.into_iter().enumerate().partition(|(number, _)| held(*number));
        self.held_out = held.len();
        self.examples = held.into_iter().chain(seen).map(|(_, example)| example).collect();
    }

    /// The part of a line that is read.
    fn sentence<'a>(&self, line: &'a str) -> &'a str {
        match self.data {
            Data::Mood => line.get(2..).unwrap_or_default(),
            _ => line.split('\t').next().unwrap_or_default(),
        }
    }

    fn usual_classes(&self, examples: &[Example]) -> Vec<usize> {
        let mut counts = vec![vec![0_usize; self.classes().len()]; self.vocabulary.len()];
        for Example { x, target, .. } in examples {
            let Target::Classes(classes) = target else { continue };
            for (row, &class) in x.rows().into_iter().zip(classes) {
                let word = row.iter().position(|&value| value > 0.0).and_then(|word| counts.get_mut(word));
                if let Some(count) = word.and_then(|counts| counts.get_mut(class)) {
                    *count += 1;
                }
            }
        }
        let most = |counts: &Vec<usize>| {
            (0..counts.len()).fold(0, |best, class| if counts[class] > counts[best] { class } else { best })
        };
        counts.iter().map(most).collect()
    }

    /// What an output can say.
    #[must_use]
    pub fn classes(&self) -> Vec<String> {
        let names = |classes: &[(char, &str)]| classes.iter().map(|(_, name)| (*name).to_owned()).collect();
        match self.data {
            Data::Mood => names(&MOODS),
            Data::Digits | Data::Image => (0..10).map(|digit| digit.to_string()).collect(),
            Data::Names => self.vocabulary.clone(),
            Data::Dates => ISO.chars().map(String::from).collect(),
            _ => names(&TAGS),
        }
    }

    /// What one predicts, and where the examples come from.
    #[must_use]
    pub fn words(&self) -> (&'static str, &'static str) {
        match self.data {
            Data::Mood => {
                ("Praise or blame", "Sentences about films, written for this project (MIT OR Apache-2.0)")
            }
            Data::Digits => ("Digit, row by row", DIGITS),
            Data::Image => ("Digit, in one step", DIGITS),
            Data::Names => (
                "A name of this kind",
                "Names of elements, rivers, birds and trees, gathered for this project (MIT OR Apache-2.0)",
            ),
            Data::Dates => (
                "Written dates as ISO 8601",
                "Dates from 1950 to 2049, made by this page in 24 spellings; between dots, slashes and hyphens the day comes before the month",
            ),
            _ => (
                "Part of speech of every word",
                "Sentences written and tagged by hand for this project (MIT OR Apache-2.0); universal tags, possessives as DET",
            ),
        }
    }

    /// How many words have an input of their own.
    #[must_use]
    pub fn vocabulary(&self) -> usize {
        self.vocabulary.len()
    }

    /// One-hot rows; a word that no example has is all zeros, and marked.
    fn read(&self, sentence: &str) -> (Array2<f64>, Vec<Token>) {
        self.one_hot(&sentence.split_whitespace().map(String::from).collect::<Vec<_>>())
    }

    fn one_hot(&self, words: &[String]) -> (Array2<f64>, Vec<Token>) {
        let mut x = Array2::zeros((words.len(), self.vocabulary.len()));
        let mut tokens = Vec::new();
        for (t, word) in words.iter().enumerate() {
            let known = self.vocabulary.iter().position(|known| known == word);
            if let Some(index) = known {
                x[[t, index]] = 1.0;
            }
            let shown = if word == " " { "␣" } else { word };
            tokens.push(Token::Word(if known.is_some() { shown.into() } else { format!("{word}?") }));
        }
        (x, tokens)
    }

    fn tagged(&self, place: &str, line: &str) -> Result<Example, Error> {
        let (x, inputs) = self.read(self.sentence(line));
        let tags = line.split('\t').nth(1).unwrap_or_default();
        let classes =
            tags.chars().map(|letter| class(&TAGS, letter, place)).collect::<Result<Vec<_>, _>>()?;
        if classes.is_empty() || classes.len() != inputs.len() {
            let found = format!("{} for {} words", classes.len(), inputs.len());
            return Err(Error::at(place, "a tag for each word", found));
        }
        Ok(Example { x, target: Target::Classes(classes), inputs })
    }

    fn judged(&self, place: &str, line: &str) -> Result<Example, Error> {
        let (x, inputs) = self.read(self.sentence(line));
        if inputs.is_empty() {
            return Err(Error::at(place, "+ or -, a space and a sentence", format!("\"{line}\"")));
        }
        let judged = class(&MOODS, line.chars().next().unwrap_or(' '), place)?;
        Ok(Example { x, target: Target::Classes(vec![judged]), inputs })
    }

    /// Letters, the end of a name, and the kinds that the file has.
    fn alphabet<'a>(lines: impl Iterator<Item = &'a str>) -> Vec<String> {
        let kinds: BTreeSet<&str> = lines.filter_map(|line| Some(line.split_once(' ')?.0)).collect();
        ('a'..='z').map(String::from).chain([END.into()]).chain(kinds.into_iter().map(String::from)).collect()
    }

    /// The first step reads a kind and the letter that the name begins with.
    fn name(&self, place: &str, line: &str) -> Result<Example, Error> {
        let wrong = || Error::at(place, "a kind, a space and a name in small letters", format!("\"{line}\""));
        let (kind, name) = line.split_once(' ').ok_or_else(wrong)?;
        let symbol = |text: &str| self.vocabulary.iter().position(|known| known == text).ok_or_else(wrong);
        let mut wanted = name
            .chars()
            .map(
                |letter| if letter.is_ascii_lowercase() { symbol(&letter.to_string()) } else { Err(wrong()) },
            )
            .collect::<Result<Vec<_>, _>>()?;
        let first = *wanted.first().ok_or_else(wrong)?;
        wanted.push(symbol(END)?);
        let mut x = Array2::zeros((1, self.vocabulary.len()));
        for entry in [symbol(kind)?, first] {
            x[[0, entry]] = 1.0;
        }
        let inputs = vec![Token::Word(format!("{kind} {}", self.vocabulary[first]))];
        Ok(Example { x, target: Target::Classes(wanted), inputs })
    }

    fn image(place: &str, line: &str, steps: usize) -> Result<Example, Error> {
        let wrong = |found: String| Error::at(place, "a digit, a space and 64 pixels from 0 to g", found);
        let (digit, marks) = line.split_once(' ').ok_or_else(|| wrong(format!("\"{line}\"")))?;
        let digit = digit.parse().ok().filter(|&digit: &usize| digit < 10);
        let digit = digit.ok_or_else(|| wrong(format!("\"{line}\"")))?;
        let pixels: Vec<f64> = marks.chars().filter_map(pixel).map(f64::from).collect();
        let found = format!("{} pixels", pixels.len());
        let x = Array2::from_shape_vec((steps, SIDE * SIDE / steps), pixels).map_err(|_| wrong(found))?;
        let name = |row| if steps == 1 { "image".into() } else { format!("row {row}") };
        let inputs = (1..=steps).map(|row| Token::Word(name(row))).collect();
        Ok(Example { x: x / f64::from(BLACK), target: Target::Classes(vec![digit]), inputs })
    }

    /// A sentence of the user's. What its target is, is said after a slash or in front, else guessed; how, is said too.
    ///
    /// # Errors
    /// When it has no word or too many, or a target that there is not.
    pub fn own(&self, text: &str) -> Result<(Example, String), Error> {
        let place = "own";
        let (first, rest) = match (self.data, text.trim()) {
            (Data::Mood, text) => {
                text.strip_prefix(['+', '-']).map_or((None, text), |rest| (text.chars().next(), rest))
            }
            (_, text) => (None, text),
        };
        let clean = |word: &str| -> String { word.chars().filter(|c| c.is_alphanumeric()).collect() };
        let parts: Vec<(String, Option<&str>)> = rest
            .split_whitespace()
            .map(|part| part.split_once('/').map_or((part, None), |(word, tag)| (word, Some(tag))))
            .map(|(word, tag)| (clean(&word.to_lowercase()), tag))
            .filter(|(word, _)| !word.is_empty())
            .collect();
        if parts.is_empty() || parts.len() > LONGEST {
            return Err(Error::at(place, format!("1 to {LONGEST} words"), parts.len()));
        }
        let sentence = parts.iter().map(|(word, _)| word.as_str()).collect::<Vec<_>>().join(" ");
        let (x, inputs) = self.read(&sentence);
        let unknown = x.rows().into_iter().filter(|row| row.sum() == 0.0).count();
        let mut note = match unknown {
            0 => String::new(),
            1 => "; 1 word (?) is in no example and reads as zeros".into(),
            several => format!("; {several} words (?) are in no example and read as zeros"),
        };
        let classes = if self.data == Data::Mood {
            if first.is_none() {
                note.push_str("; taken as praise: begin with - for blame");
            }
            vec![class(&MOODS, first.unwrap_or('+'), place)?]
        } else {
            if parts.iter().any(|(_, tag)| tag.is_none()) {
                note.push_str("; a word without a tag, such as can/noun, counts by its most frequent one");
            }
            let noun = class(&TAGS, 'N', place)?;
            let mut rows = x.rows().into_iter().zip(&parts);
            if let Some((_, (word, _))) = rows.find(|(row, (_, tag))| tag.is_none() && row.sum() == 0.0) {
                let _ = write!(note, ", an unknown one as NOUN: say another as {word}/VERB");
            }
            let usual = |row: ndarray::ArrayView1<f64>| {
                row.iter().position(|&value| value > 0.0).map_or(noun, |word| self.usual[word])
            };
            let words = x.rows().into_iter().zip(&parts);
            words
                .map(|(row, (_, tag))| tag.map_or_else(|| Ok(usual(row)), |tag| named(tag, place)))
                .collect::<Result<_, _>>()?
        };
        Ok((Example { x, target: Target::Classes(classes), inputs }, note))
    }
}

fn class(classes: &[(char, &str)], letter: char, place: &str) -> Result<usize, Error> {
    classes.iter().position(|(known, _)| *known == letter).ok_or_else(|| {
        let letters: Vec<_> = classes.iter().map(|(letter, name)| format!("{letter} ({name})")).collect();
        Error::at(place, format!("one of {}", letters.join(", ")), format!("\"{letter}\""))
    })
}

fn named(tag: &str, place: &str) -> Result<usize, Error> {
    TAGS.iter().position(|(_, name)| name.eq_ignore_ascii_case(tag)).ok_or_else(|| {
        let names = TAGS.map(|(_, name)| name).join(", ");
        Error::at(place, format!("one of {names}"), format!("\"{tag}\""))
    })
}
