//! The table: every setting with its type, range, default and words.

use crate::Error;
use crate::experiment::Cell;

/// A setting; its number is its row in [`TABLE`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(missing_docs, reason = "each row of the table says what it is")]
pub enum Key {
    Data,
    Text,
    Numbers,
    Example,
    Own,
    Epochs,
    Shape,
    Feedback,
    Teaching,
    Steps,
    Outputs,
    Hidden,
    Layers,
    Directions,
    Match,
    Rho,
    Activation,
    ForgetBias,
    UpdateBias,
    Hold,
    HoldReset,
    Window,
    Skip,
    Limit,
    LimitAt,
    Clip,
    Threshold,
    Rate,
    Init,
    Seed,
    Reset,
    Norm,
    Precision,
}

/// The value of a setting.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Of [`Kind::Integer`].
    Integer(usize),
    /// Of [`Kind::Real`].
    Real(f64),
    /// Of [`Kind::Choice`] or [`Kind::Text`].
    Text(String),
}

/// Type, range and default of a setting.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Kind {
    /// A whole number in `min..=max`.
    Integer {
        /// Smallest.
        min: usize,
        /// Largest.
        max: usize,
        /// At the start.
        default: usize,
    },
    /// A number in `min..=max`.
    Real {
        /// Smallest.
        min: f64,
        /// Largest.
        max: f64,
        /// Of the slider.
        step: f64,
        /// Decimals shown.
        decimals: usize,
        /// Whether a plus sign is shown.
        signed: bool,
        /// At the start.
        default: f64,
    },
    /// One of several words; the first is the default.
    Choice(&'static [(&'static str, &'static str)]),
    /// Free text.
    Text {
        /// Most characters.
        max: usize,
        /// At the start.
        default: &'static str,
    },
}

/// Where a control stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[expect(missing_docs, reason = "the words say it")]
pub enum Group {
    Data,
    Size,
    Start,
    Fixes,
    Numbers,
}

/// One row of the table.
#[derive(Clone, Copy, Debug)]
pub struct Setting {
    /// In links.
    pub key: &'static str,
    /// Beside the control.
    pub label: &'static str,
    /// Its mathematical symbol, `base` or `base_subscript`; empty when it has none.
    pub symbol: &'static str,
    /// Where its control stands.
    pub group: Group,
    /// Type, range, default.
    pub kind: Kind,
    /// Whether a lane may have a value of its own.
    pub lane: bool,
    /// The cells that it concerns; empty means all.
    pub cells: &'static [Cell],
    /// Values marked under the slider.
    pub marks: &'static [f64],
    /// One sentence.
    pub help: &'static str,
}

const PLAIN: Setting = Setting {
    key: "",
    label: "",
    symbol: "",
    group: Group::Start,
    kind: Kind::Choice(&[]),
    lane: false,
    cells: &[],
    marks: &[],
    help: "",
};

/// Cells whose state passes from step to step.
const RECURRENT: [Cell; 3] = [Cell::Rnn, Cell::Lstm, Cell::Gru];

/// The longest text, and the most numbers, that a link carries.
pub const LONGEST: usize = 4000;
/// The largest number of hidden units on the page.
pub const LARGEST_HIDDEN: usize = 128;
/// The most epochs that a lane learns.
pub const MOST_EPOCHS: usize = 40;
/// The most layers on the page, and in a file.
pub const MOST_LAYERS: usize = 8;

/// Every setting, in the order of its controls.
pub const TABLE: [Setting; 33] = [
    Setting {
        key: "data",
        label: "Data",
        group: Group::Data,
        kind: Kind::Choice(&[
            ("text", "Text, next character"),
            ("numbers", "Numbers, next value"),
            ("sunspots", "Sunspots, next year"),
            ("recall", "Recall the first symbol"),
            ("tags", "Parts of speech"),
            ("mood", "Praise or blame"),
            ("digits", "Digits, row by row"),
            ("image", "Digits, in one step"),
            ("names", "Names, letter by letter"),
            ("dates", "Dates as ISO 8601"),
            ("letters", "Letters, for every shape"),
            ("hand", "Worked example, by hand"),
            ("file", "Opened file"),
        ]),
        help: "What every lane reads.",
        ..PLAIN
    },
    Setting {
        key: "text",
        label: "Text",
        group: Group::Data,
        kind: Kind::Text { max: LONGEST, default: "The keys to the old cabinet in the hall are lost." },
        help: "Read character by character; the character after the last step is the one to predict.",
        ..PLAIN
    },
    Setting {
        key: "numbers",
        label: "Numbers",
        group: Group::Data,
        kind: Kind::Text { max: 20 * LONGEST, default: DEFAULT_NUMBERS },
        help: "A series, or CSV with a row per time step; standardised, the next row is to be predicted.",
        ..PLAIN
    },
    Setting {
        key: "example",
        label: "Example",
        group: Group::Data,
        kind: Kind::Integer { min: 1, max: 9999, default: 1 },
        help: "Which example is shown. The first ones are held out: no lane learns from them.",
        ..PLAIN
    },
    Setting {
        key: "own",
        label: "Or your own sentence",
        group: Group::Data,
        kind: Kind::Text { max: 200, default: "" },
        help: "Read in place of the example. Words that no example has are marked and read as zeros.",
        ..PLAIN
    },
    Setting {
        key: "epochs",
        label: "Epochs learnt",
        group: Group::Data,
        kind: Kind::Integer { min: 0, max: MOST_EPOCHS, default: 0 },
        lane: true,
        help: "How often the lane has gone through the examples: Adam, step 0.01, 8 examples to a step, none of those held out.",
        ..PLAIN
    },
    Setting {
        key: "shape",
        label: "Shape",
        group: Group::Data,
        kind: Kind::Choice(&[
            ("many-to-one", "many to one"),
            ("many-to-many", "many to many"),
            ("one-to-one", "one to one"),
            ("one-to-many", "one to many"),
            ("encoder-decoder", "encoder–decoder"),
        ]),
        help: "Which steps have inputs, and which have outputs and losses.",
        ..PLAIN
    },
    Setting {
        key: "feedback",
        label: "Later steps read",
        group: Group::Data,
        kind: Kind::Choice(&[("off", "zeros"), ("on", "the output before")]),
        lane: true,
        cells: &RECURRENT,
        help: "One to many: after the first step there is no input. A step reads zeros, or what the step before said.",
        ..PLAIN
    },
    Setting {
        key: "teaching",
        label: "Told as the output before",
        group: Group::Data,
        kind: Kind::Choice(&[("teach", "its target: teaching"), ("free", "itself: running free")]),
        lane: true,
        cells: &RECURRENT,
        help: "Teaching: a step is told what the step before should have said. Running free: it reads what the step before said.",
        ..PLAIN
    },
    Setting {
        key: "T",
        label: "Steps",
        symbol: "T",
        group: Group::Size,
        kind: Kind::Integer { min: 1, max: 200, default: 40 },
        help: "How many time steps the network is unrolled.",
        ..PLAIN
    },
    Setting {
        key: "out",
        label: "Output steps",
        symbol: "T′",
        group: Group::Size,
        kind: Kind::Integer { min: 1, max: 100, default: 8 },
        help: "How many steps the network speaks, where it does not answer step by step.",
        ..PLAIN
    },
    Setting {
        key: "H",
        label: "Hidden units",
        symbol: "H",
        group: Group::Size,
        kind: Kind::Integer { min: 1, max: LARGEST_HIDDEN, default: 16 },
        lane: true,
        help: "Width of the hidden state, in each layer and direction.",
        ..PLAIN
    },
    Setting {
        key: "layers",
        label: "Layers",
        symbol: "L",
        group: Group::Size,
        kind: Kind::Integer { min: 1, max: MOST_LAYERS, default: 1 },
        lane: true,
        cells: &RECURRENT,
        help: "Stacked: each layer reads the hidden states of the layer below it.",
        ..PLAIN
    },
    Setting {
        key: "directions",
        label: "Directions",
        group: Group::Size,
        kind: Kind::Choice(&[("one", "→ one"), ("both", "⇄ both")]),
        lane: true,
        cells: &RECURRENT,
        help: "Both: each layer reads its sequence from left to right and, with weights of its own, from right to left.",
        ..PLAIN
    },
    Setting {
        key: "match",
        label: "Lanes share",
        group: Group::Size,
        kind: Kind::Choice(&[("hidden", "hidden units"), ("parameters", "parameters of the first")]),
        help: "Give every lane as many hidden units as the first, or as many parameters.",
        ..PLAIN
    },
    Setting {
        key: "rho",
        label: "Recurrent scale",
        symbol: "ρ",
        group: Group::Start,
        kind: Kind::Real { min: 0.1, max: 3.0, step: 0.01, decimals: 2, signed: false, default: 0.7 },
        lane: true,
        cells: &RECURRENT,
        marks: &[1.0],
        help: "Every recurrent block is scaled to this spectral radius, the largest |eigenvalue|.",
    },
    Setting {
        key: "act",
        label: "Activation",
        symbol: "φ",
        group: Group::Start,
        kind: Kind::Choice(&[("tanh", "tanh"), ("relu", "ReLU")]),
        lane: true,
        cells: &[Cell::Rnn, Cell::Ann],
        help: "tanh saturates, ReLU does not.",
        ..PLAIN
    },
    Setting {
        key: "bf",
        label: "Forget bias",
        symbol: "b_f",
        group: Group::Start,
        kind: Kind::Real { min: -6.0, max: 6.0, step: 0.1, decimals: 1, signed: true, default: 3.0 },
        lane: true,
        cells: &[Cell::Lstm],
        marks: &[0.0],
        help: "At +3 the untrained LSTM keeps 95 % of its cell at each step; at 0 it keeps half.",
    },
    Setting {
        key: "bz",
        label: "Update bias",
        symbol: "b_z",
        group: Group::Start,
        kind: Kind::Real { min: -6.0, max: 6.0, step: 0.1, decimals: 1, signed: true, default: -2.5 },
        lane: true,
        cells: &[Cell::Gru],
        marks: &[0.0],
        help: "At −2.5 the untrained GRU replaces 8 % of its state at each step; at 0 it replaces half.",
    },
    Setting {
        key: "hold",
        label: "Hold an LSTM gate at 1",
        group: Group::Fixes,
        kind: Kind::Choice(&[
            ("none", "none"),
            ("f", "f = 1, constant error carousel"),
            ("i", "i = 1"),
            ("o", "o = 1"),
        ]),
        lane: true,
        cells: &[Cell::Lstm],
        help: "With f = 1 the cell hands its gradient on whole, and can forget nothing: C grows, and tanh lets less of the gradient in.",
        ..PLAIN
    },
    Setting {
        key: "holdr",
        label: "Hold the GRU’s reset at 1",
        group: Group::Fixes,
        kind: Kind::Choice(&[("none", "no"), ("r", "r = 1")]),
        lane: true,
        cells: &[Cell::Gru],
        help: "With r = 1 the candidate always reads the whole state.",
        ..PLAIN
    },
    Setting {
        key: "window",
        label: "Truncated BPTT",
        group: Group::Fixes,
        kind: Kind::Choice(&[
            ("0", "off"),
            ("5", "windows of 5"),
            ("10", "windows of 10"),
            ("20", "windows of 20"),
            ("50", "windows of 50"),
        ]),
        lane: true,
        cells: &RECURRENT,
        help: "No gradient crosses from one window into the one before: cheaper, and deaf to what is older.",
        ..PLAIN
    },
    Setting {
        key: "skip",
        label: "Skip connection",
        group: Group::Fixes,
        kind: Kind::Choice(&[
            ("0", "none"),
            ("2", "2 steps"),
            ("5", "5 steps"),
            ("10", "10 steps"),
            ("20", "20 steps"),
        ]),
        lane: true,
        cells: &[Cell::Rnn],
        help: "The state of k steps before is read, too: a shorter way back. Zhang et al. (2016).",
        ..PLAIN
    },
    Setting {
        key: "limit",
        label: "Clip on the way back",
        group: Group::Fixes,
        kind: Kind::Choice(&[("off", "off"), ("norm", "by norm"), ("value", "by value")]),
        lane: true,
        cells: &RECURRENT,
        help: "At every step, what travels on to the step before is kept from growing beyond a limit: Graves (2013).",
        ..PLAIN
    },
    Setting {
        key: "limitat",
        label: "at every step, at",
        symbol: "c",
        group: Group::Fixes,
        kind: Kind::Real { min: 0.05, max: 10.0, step: 0.05, decimals: 2, signed: false, default: 1.0 },
        lane: true,
        cells: &RECURRENT,
        help: "The longest that what travels on may be, or the largest that an entry of it may be.",
        ..PLAIN
    },
    Setting {
        key: "clip",
        label: "Clip the step",
        group: Group::Fixes,
        kind: Kind::Choice(&[("off", "off"), ("norm", "by norm"), ("value", "by value")]),
        lane: true,
        help: "By norm: a longer gradient is shortened and keeps its direction. By value: each entry is clamped, which turns it.",
        ..PLAIN
    },
    Setting {
        key: "clipat",
        label: "Clip at",
        symbol: "c",
        group: Group::Fixes,
        kind: Kind::Real { min: 0.05, max: 10.0, step: 0.05, decimals: 2, signed: false, default: 1.0 },
        lane: true,
        help: "The longest that the gradient may be, or the largest that an entry of it may be.",
        ..PLAIN
    },
    Setting {
        key: "eta",
        label: "Learning rate",
        symbol: "η",
        group: Group::Fixes,
        kind: Kind::Real { min: 0.01, max: 1.0, step: 0.01, decimals: 2, signed: false, default: 0.1 },
        lane: true,
        help: "The step is the gradient, clipped or not, times η. The map of the loss grows with it.",
        ..PLAIN
    },
    Setting {
        key: "init",
        label: "Start weights",
        group: Group::Numbers,
        kind: Kind::Choice(&[
            ("glorot", "Glorot uniform"),
            ("he", "He uniform"),
            ("orthogonal", "orthogonal"),
            ("identity", "identity"),
            ("constant", "constant 0.1"),
        ]),
        lane: true,
        help: "How the weights are drawn; ρ then scales the recurrent blocks.",
        ..PLAIN
    },
    Setting {
        key: "seed",
        label: "Seed",
        group: Group::Numbers,
        kind: Kind::Integer { min: 0, max: 9999, default: 3 },
        lane: true,
        help: "Decides every random number, on every machine alike.",
        ..PLAIN
    },
    Setting {
        key: "reset",
        label: "GRU reset",
        group: Group::Numbers,
        kind: Kind::Choice(&[("before", "before the product"), ("after", "after the product")]),
        lane: true,
        cells: &[Cell::Gru],
        help: "Before: Cho et al. (2014). After: as in cuDNN and PyTorch.",
        ..PLAIN
    },
    Setting {
        key: "norm",
        label: "Layer norm",
        group: Group::Numbers,
        kind: Kind::Choice(&[("off", "off"), ("on", "on")]),
        lane: true,
        cells: &RECURRENT,
        help: "Normalises the sums of each gate over its units before the bias (Ba et al., 2016).",
        ..PLAIN
    },
    Setting {
        key: "precision",
        label: "Precision",
        group: Group::Numbers,
        kind: Kind::Choice(&[("f64", "f64"), ("f32", "f32")]),
        lane: true,
        help: "The type that every number is computed in.",
        ..PLAIN
    },
];

/// A damped oscillation, so that the control has something true to show.
const DEFAULT_NUMBERS: &str = "0, 4.8, 8.1, 9.0, 7.4, 3.9, -0.4, -4.3, -6.9, -7.5, -6.1, -3.1, 0.6, 3.8, 5.8, 6.2, 5.0, \
2.4, -0.6, -3.3, -4.9, -5.2, -4.1, -1.9, 0.6, 2.9, 4.2, 4.3, 3.3, 1.5, -0.7, -2.5, -3.5, -3.6, -2.7, -1.1, 0.7, \
2.1, 3.0, 3.0, 2.2, 0.9";

impl Key {
    /// Its row.
    #[must_use]
    pub fn setting(self) -> &'static Setting {
        &TABLE[self as usize]
    }

    /// Every key, in the order of the table.
    pub const ALL: [Self; TABLE.len()] = [
        Self::Data,
        Self::Text,
        Self::Numbers,
        Self::Example,
        Self::Own,
        Self::Epochs,
        Self::Shape,
        Self::Feedback,
        Self::Teaching,
        Self::Steps,
        Self::Outputs,
        Self::Hidden,
        Self::Layers,
        Self::Directions,
        Self::Match,
        Self::Rho,
        Self::Activation,
        Self::ForgetBias,
        Self::UpdateBias,
        Self::Hold,
        Self::HoldReset,
        Self::Window,
        Self::Skip,
        Self::Limit,
        Self::LimitAt,
        Self::Clip,
        Self::Threshold,
        Self::Rate,
        Self::Init,
        Self::Seed,
        Self::Reset,
        Self::Norm,
        Self::Precision,
    ];

    /// Whether it acts on the update alone, and not on what is run.
    #[must_use]
    pub fn of_update(self) -> bool {
        matches!(self, Self::Clip | Self::Threshold | Self::Rate)
    }

    /// The setting with this link key.
    ///
    /// # Errors
    /// When there is none.
    pub fn parse(key: &str) -> Result<Self, Error> {
        Self::ALL.into_iter().find(|known| known.setting().key == key).ok_or_else(|| {
            let keys: Vec<_> = TABLE.iter().map(|setting| setting.key).collect();
            Error::at(key, format!("one of {}", keys.join(", ")), "an unknown setting")
        })
    }
}

impl Setting {
    /// The value at the start.
    #[must_use]
    pub fn default(&self) -> Value {
        match self.kind {
            Kind::Integer { default, .. } => Value::Integer(default),
            Kind::Real { default, .. } => Value::Real(default),
            Kind::Choice(options) => Value::Text(options[0].0.into()),
            Kind::Text { default, .. } => Value::Text(default.into()),
        }
    }

    /// Reads a value, with its range checked.
    ///
    /// # Errors
    /// Names the setting, its range and what was found.
    pub fn parse(&self, text: &str) -> Result<Value, Error> {
        let found = || if text.is_empty() { "nothing".into() } else { format!("\"{text}\"") };
        match self.kind {
            Kind::Integer { min, max, .. } => text
                .trim()
                .parse()
                .ok()
                .filter(|value| (min..=max).contains(value))
                .map(Value::Integer)
                .ok_or_else(|| Error::at(self.key, format!("a whole number from {min} to {max}"), found())),
            Kind::Real { min, max, .. } => {
                let plain = text.trim().replace('−', "-");
                plain
                    .parse()
                    .ok()
                    .filter(|value| (min..=max).contains(value))
                    .map(Value::Real)
                    .ok_or_else(|| Error::at(self.key, format!("a number from {min} to {max}"), found()))
            }
            Kind::Choice(options) => {
                if options.iter().any(|(word, _)| *word == text) {
                    return Ok(Value::Text(text.into()));
                }
                let words: Vec<_> = options.iter().map(|(word, _)| *word).collect();
                Err(Error::at(self.key, format!("one of {}", words.join(", ")), found()))
            }
            Kind::Text { max, .. } => {
                let length = text.chars().count();
                if length <= max {
                    return Ok(Value::Text(text.into()));
                }
                Err(Error::at(self.key, format!("at most {max} characters"), length))
            }
        }
    }

    /// A value as people read it: `0.90`, `+3.0`, `Glorot uniform`.
    #[must_use]
    pub fn shown(&self, value: &Value) -> String {
        match (self.kind, value) {
            (Kind::Real { decimals, signed, .. }, Value::Real(value)) => {
                let plain =
                    if signed { format!("{value:+.decimals$}") } else { format!("{value:.decimals$}") };
                plain.replace('-', "−")
            }
            (Kind::Choice(options), Value::Text(word)) => options
                .iter()
                .find(|(known, _)| known == word)
                .map_or(word.as_str(), |(_, label)| *label)
                .into(),
            _ => value.text(),
        }
    }

    /// As it stands beside its control.
    #[must_use]
    pub fn name(&self) -> String {
        format!("{} {}", self.label, self.symbol).trim_end().into()
    }

    /// Whether a lane may have a value of its own, which `found` says.
    ///
    /// # Errors
    /// Names the setting.
    pub fn may_be_own(&self, found: &str) -> Result<(), Error> {
        let wanted = "a setting that lanes may have of their own";
        if self.lane { Ok(()) } else { Err(Error::at(self.key, wanted, format!("\"{found}\""))) }
    }

    /// Whether it concerns a cell.
    #[must_use]
    pub fn concerns(&self, cell: Cell) -> bool {
        self.cells.is_empty() || self.cells.contains(&cell)
    }
}

impl Value {
    /// As links and controls have it; [`Setting::parse`] reads it back.
    #[must_use]
    pub fn text(&self) -> String {
        match self {
            Self::Integer(value) => value.to_string(),
            Self::Real(value) => value.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}
