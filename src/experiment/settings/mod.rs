//! The one table of settings: controls, defaults, ranges and link keys all come from here.

mod table;

use std::collections::BTreeMap;
use std::sync::Arc;

pub use table::{Group, Key, Kind, LARGEST_HIDDEN, LONGEST, MOST_LAYERS, Setting, TABLE, Value};

use super::corpus::Library;
use super::edits::{self, Edits, Entry};
use super::hand;
use super::init::{Draw, Init, Scheme};
use super::letters;
use super::task::{self, Again, Span, Task};
use super::{
    Activation, Cell, Choice, Clip, Experiment, Held, Limit, Loss, Precision, Reset, Shape, Spec, choice,
};
use crate::Error;

choice! {
    /// Where the sequence comes from.
    Data {
        /// Typed or pasted text, next-character prediction.
        Text = "text",
        /// Pasted or dropped numbers, next-value prediction.
        Numbers = "numbers",
        /// Yearly sunspot numbers, next-value prediction.
        Sunspots = "sunspots",
        /// Recall the first symbol at the end.
        Recall = "recall",
        /// The part of speech of every word.
        Tags = "tags",
        /// Whether a sentence praises or blames.
        Mood = "mood",
        /// Which digit an image shows, row by row.
        Digits = "digits",
        /// Which digit an image shows, all at once.
        Image = "image",
        /// Names of a kind, from their first letter on.
        Names = "names",
        /// A written date as ISO 8601 has it.
        Dates = "dates",
        /// Symbols drawn from a seed, with something to say in every shape.
        Letters = "letters",
        /// Three steps with round weights, to be reckoned on paper.
        Hand = "hand",
        /// The sequence of an opened experiment file.
        File = "file",
    }
}
impl Data {
    /// The shapes that it may have, in words, or else what it is.
    #[must_use]
    pub fn group(self) -> &'static str {
        match self {
            Self::Text | Self::Numbers | Self::Sunspots | Self::Letters => "Any shape",
            Self::Recall | Self::Mood | Self::Digits => "Many to one",
            Self::Tags => "Many to many",
            Self::Image => "One to one",
            Self::Names => "One to many",
            Self::Dates => "Encoder–decoder",
            Self::Hand | Self::File => "By hand and from files",
        }
    }
}

choice! {
    /// What lanes have in common when they have different cells.
    Match {
        /// The number of hidden units.
        Hidden = "hidden",
        /// The number of parameters, as near as whole units allow.
        Parameters = "parameters",
    }
}

/// One step of gradient descent: θ − η·clip(g).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Descent {
    /// Which clipping is applied.
    pub clip: Clip,
    /// c, where either clipping begins.
    pub threshold: f64,
    /// η.
    pub rate: f64,
}

/// One lane: a cell, and what it does not share with the others.
#[derive(Clone, Debug, PartialEq)]
pub struct Lane {
    /// Its cell.
    pub cell: Cell,
    /// Values of its own.
    pub own: BTreeMap<Key, Value>,
    /// Heat maps that the viewer folded or unfolded.
    pub shown: BTreeMap<String, bool>,
    /// The model of an opened file, in place of drawn weights.
    pub model: Option<Arc<Experiment>>,
    /// Weights and initial states that were changed by hand.
    pub edits: Edits,
}

impl Lane {
    /// A lane that shares everything.
    #[must_use]
    pub fn new(cell: Cell) -> Self {
        Self { cell, own: BTreeMap::new(), shown: BTreeMap::new(), model: None, edits: Edits::new() }
    }
}

/// The settings of the whole comparison.
#[derive(Clone, Debug, PartialEq)]
pub struct Settings {
    values: Vec<Value>,
    /// Top to bottom, one to [`Settings::MOST_LANES`].
    pub lanes: Vec<Lane>,
    /// The opened file whose sequence is the data, while it is.
    pub file: Option<Arc<Experiment>>,
    /// Inputs that were changed by hand; the row is the step. They go with the data that they were changed in.
    pub inputs: Edits,
}

/// Where the weights of a lane come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Drawn from a seed.
    Drawn,
    /// An opened file.
    File,
    /// The round numbers of the worked example.
    Hand,
}

/// What a lane runs.
#[derive(Clone, Debug)]
pub struct Plan {
    /// With every change by hand in it.
    pub experiment: Experiment,
    /// Where its weights come from.
    pub origin: Origin,
    /// What stood where numbers were changed.
    pub replaced: Edits,
    /// How many changes have no entry in this shape.
    pub waiting: usize,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            values: TABLE.iter().map(Setting::default).collect(),
            lanes: vec![Lane::new(Cell::Rnn), Lane::new(Cell::Lstm), Lane::new(Cell::Gru)],
            file: None,
            inputs: Edits::new(),
        }
    }
}

impl Settings {
    /// Lanes that fit on one page.
    pub const MOST_LANES: usize = 6;

    /// The shared value.
    #[must_use]
    pub fn shared(&self, key: Key) -> &Value {
        &self.values[key as usize]
    }

    /// The value in force for a lane.
    #[must_use]
    pub fn of(&self, lane: usize, key: Key) -> &Value {
        self.lanes.get(lane).and_then(|lane| lane.own.get(&key)).unwrap_or(&self.values[key as usize])
    }

    /// Sets the shared value. Other data have no use for changes of the inputs.
    pub fn set(&mut self, key: Key, value: Value) {
        let reseeded = key == Key::Seed && matches!(self.data(), Data::Recall | Data::Letters);
        if reseeded || matches!(key, Key::Data | Key::Text | Key::Numbers | Key::Example | Key::Own) {
            self.inputs.clear();
        }
        if key == Key::Data {
            for of_the_last in [Key::Example, Key::Own] {
                self.values[of_the_last as usize] = of_the_last.setting().default();
            }
        }
        self.values[key as usize] = value;
    }

    fn integer(&self, lane: Option<usize>, key: Key) -> usize {
        match self.of(lane.unwrap_or(usize::MAX), key) {
            Value::Integer(value) => *value,
            _ => 0,
        }
    }

    fn real(&self, lane: usize, key: Key) -> f64 {
        match self.of(lane, key) {
            Value::Real(value) => *value,
            _ => 0.0,
        }
    }

    fn word(&self, lane: usize, key: Key) -> &str {
        match self.of(lane, key) {
            Value::Text(word) => word.as_str(),
            _ => "",
        }
    }

    fn choice<C: Choice>(&self, lane: Option<usize>, key: Key) -> C {
        let word = self.word(lane.unwrap_or(usize::MAX), key);
        C::ALL.iter().find(|(_, known)| *known == word).map_or(C::ALL[0].0, |(value, _)| *value)
    }

    /// Whether the present data read a setting of data; the other settings are always read.
    #[must_use]
    pub fn reads(&self, key: Key) -> bool {
        let data = self.data();
        match key {
            Key::Text => data == Data::Text,
            Key::Numbers => data == Data::Numbers,
            Key::Example | Key::Epochs => data.has_examples(),
            Key::Own => data.reads_words(),
            Key::Shape => data != Data::File && data.shape().is_none(),
            Key::Steps => {
                !matches!(data, Data::File | Data::Hand) && !data.has_examples() && self.shape().has_inputs()
            }
            Key::Outputs => {
                !matches!(data, Data::File | Data::Hand) && !data.has_examples() && self.shape().writes_on()
            }
            Key::Feedback => data != Data::File && self.shape() == Shape::OneToMany,
            Key::Teaching => {
                data != Data::File && (0..self.lanes.len()).any(|lane| self.again(lane) != Again::Nothing)
            }
            Key::Match => data != Data::Hand,
            _ => true,
        }
    }

    /// Where the sequence comes from.
    #[must_use]
    pub fn data(&self) -> Data {
        self.choice(None, Key::Data)
    }

    /// The file of examples that the data need and the library lacks.
    #[must_use]
    pub fn missing(&self, library: &Library) -> Option<&'static str> {
        let data = self.data();
        data.file().filter(|_| library.get(data).is_none())
    }

    /// Which steps have inputs, and which have outputs.
    #[must_use]
    pub fn shape(&self) -> Shape {
        match (self.data(), &self.file) {
            (Data::File, Some(file)) => file.spec.shape,
            (data, _) => data.shape().unwrap_or_else(|| self.choice(None, Key::Shape)),
        }
    }

    /// What a lane's steps without an input read.
    fn again(&self, lane: usize) -> Again {
        let shape = self.shape();
        if !shape.writes_on() {
            return Again::Nothing;
        }
        let own = self.lanes.get(lane).and_then(|lane| lane.model.as_ref());
        let file = self.file.as_ref().filter(|_| self.data() == Data::File);
        if let Some(known) = own.or(file) {
            return Again::of(known);
        }
        if shape == Shape::OneToMany && self.word(lane, Key::Feedback) != "on" {
            return Again::Nothing;
        }
        if self.word(lane, Key::Teaching) == "teach" { Again::Targets } else { Again::Outputs }
    }

    /// The sequence that every lane reads.
    ///
    /// # Errors
    /// When text or numbers cannot be used, or examples are missing.
    pub fn task(&self, library: &Library) -> Result<Task, Error> {
        let steps = self.integer(None, Key::Steps);
        let seed = self.integer(None, Key::Seed) as u64;
        let span = Span { shape: self.shape(), steps, outputs: self.integer(None, Key::Outputs) };
        let mut task = match (self.data(), &self.file) {
            (Data::Text, _) => task::text(&self.shared(Key::Text).text(), span),
            (Data::Numbers, _) => task::numbers(&self.shared(Key::Numbers).text(), span),
            (Data::Sunspots, _) => task::sunspots(span),
            (Data::Recall, _) => Ok(task::recall(steps, seed)),
            (Data::Letters, _) => Ok(letters::task(span, seed)),
            (Data::Hand, _) => hand::task(span.shape),
            (Data::File, Some(file)) => Ok(task::file(file)),
            (Data::File, None) => Err(Error::at("data", "an opened experiment file", "none")),
            (data, _) => {
                let file = data.file().unwrap_or_default();
                let corpus = library.get(data).ok_or_else(|| Error::at("data", file, "no such file yet"))?;
                let own = self.shared(Key::Own).text();
                task::practice(corpus, span, self.integer(None, Key::Example), &own)
            }
        }?;
        if self.data() != Data::File && task.shape.writes_on() {
            let first = self.again(0);
            task.read_on(Some(first).filter(|_| (1..self.lanes.len()).all(|lane| self.again(lane) == first)));
        }
        if steps > task.most_steps && self.reads(Key::Steps) {
            task.note = format!("{}; they allow {} steps", task.note, task.most_steps);
        }
        task.change(&self.inputs);
        Ok(task)
    }

    /// Whether these lanes could have this value of a choice, or all lanes of one that they share.
    ///
    /// # Errors
    /// Names the lane, what it could have and why.
    pub fn allows(&self, lanes: &[usize], key: Key, word: &str) -> Result<(), Error> {
        for (index, known) in self.lanes.iter().enumerate() {
            let chosen = lanes.contains(&index);
            let of = |other: Key| if chosen && key == other { word } else { self.word(index, other) };
            if !known.cell.recurs() && known.model.is_none() {
                self.allows_ann(index, key, word)?;
            }
            let meets = known.cell == Cell::Gru && known.model.is_none();
            if meets && of(Key::Norm) == "on" && of(Key::Reset) == "after" {
                let place = format!("norm of lane {}", index + 1);
                return Err(Error::at(place, "off: a GRU with reset after has no sum to normalise", "on"));
            }
            let number = |key| of(key).parse::<usize>().unwrap_or(0);
            let skips = known.cell == Cell::Rnn && known.model.is_none() && number(Key::Skip) > 0;
            if skips && (number(Key::Window) > 0 || of(Key::Limit) != "off") {
                let place = format!("skip of lane {}", index + 1);
                let other = if number(Key::Window) > 0 { Key::Window } else { Key::Limit };
                let label = other.setting().label;
                let wanted = format!("none with “{label}”: it is defined for the step before alone");
                return Err(Error::at(place, wanted, number(Key::Skip)));
            }
            let shared = |other: Key| if key == other { word } else { self.word(usize::MAX, other) };
            let (data, shape) = (shared(Key::Data), shared(Key::Shape));
            let writes = || {
                let only =
                    Data::ALL.iter().find(|(_, word)| *word == data).and_then(|(data, _)| data.shape());
                only.map_or(shape == "one-to-many", |shape| shape == Shape::OneToMany)
            };
            let feeds = of(Key::Feedback) == "on" && data != "file" && writes();
            if feeds && known.model.is_none() && of(Key::Directions) == "both" {
                let place = format!("directions of lane {}", index + 1);
                let wanted =
                    "one: with feedback, an output would be read from right to left before it is made";
                return Err(Error::at(place, wanted, "both"));
            }
            if data == "hand" && shape == "encoder-decoder" {
                return Err(Error::at(
                    "shape",
                    "another shape: the worked example, by hand, has no decoder",
                    shape,
                ));
            }
        }
        Ok(())
    }

    /// Whether a feed-forward lane could read the data, with this shared value of a choice.
    fn allows_ann(&self, index: usize, key: Key, word: &str) -> Result<(), Error> {
        let own = self.lanes[index].own.keys().find(|key| !key.setting().concerns(Cell::Ann));
        if let Some(&own) = own {
            let place = format!("{} of lane {}", own.setting().key, index + 1);
            return Err(Error::at(place, "nothing: ANN has no such setting", self.of(index, own).text()));
        }
        let data = if key == Key::Data { Data::parse(word, "data")? } else { self.data() };
        let shape = match (data, &self.file) {
            (Data::File, Some(file)) => file.spec.shape,
            _ if key == Key::Shape => data.shape().map_or_else(|| Shape::parse(word, "shape"), Ok)?,
            _ => data.shape().unwrap_or_else(|| self.choice(None, Key::Shape)),
        };
        match Self::bars_ann(data, shape) {
            Some(why) => Err(Error::at(format!("shape with ANN in lane {}", index + 1), why, shape.word())),
            None => Ok(()),
        }
    }

    /// Why no feed-forward lane can read such data in such a shape, if none can.
    #[must_use]
    pub fn bars_ann(data: Data, shape: Shape) -> Option<&'static str> {
        let by_hand = "other data: the worked example reckons networks that recur";
        shape.needs_state().or_else(|| (data == Data::Hand).then_some(by_hand))
    }

    /// Whether every lane is a network that there is, and the models of opened files can read the data.
    ///
    /// # Errors
    /// Names what does not go together.
    pub fn check(&self, task: &Task) -> Result<(), Error> {
        self.allows(&[], Key::Norm, "")?;
        if let Some(lane) =
            self.lanes.iter().position(|lane| !lane.cell.recurs() && task.x.nrows() > task.places())
        {
            let wanted = format!(
                "at most {} words: the ANN in lane {} has weights for no more",
                task.places(),
                lane + 1
            );
            return Err(Error::at("own", wanted, task.x.nrows()));
        }
        let feeds = |lane| task.shape == Shape::OneToMany && self.again(lane) != Again::Nothing;
        if task.x.ncols() != task.outputs && (0..self.lanes.len()).any(feeds) {
            let wanted = format!("off, or as many outputs as inputs ({})", task.x.ncols());
            return Err(Error::at("feedback", wanted, format!("on with {} outputs", task.outputs)));
        }
        let has = (task.x.ncols(), task.outputs, task.shape, task.loss());
        for model in self.lanes.iter().filter_map(|lane| lane.model.as_deref()) {
            let Spec { inputs, outputs, shape, .. } = model.spec;
            let wants = (inputs, outputs, shape, model.loss());
            if wants != has {
                let words = |(inputs, outputs, shape, loss): (usize, usize, Shape, Loss)| {
                    format!("{inputs} inputs, {outputs} outputs, {}, {}", shape.word(), loss.word())
                };
                let wanted = format!("what the opened model reads ({})", words(wants));
                return Err(Error::at("data", wanted, words(has)));
            }
        }
        Ok(())
    }

    /// The architecture of a lane, for data of that shape.
    fn spec(&self, lane: usize, task: &Task, hidden: usize) -> Spec {
        let cell = self.lanes[lane].cell;
        if !cell.recurs() {
            return Spec {
                cell,
                places: task.places(),
                inputs: task.x.ncols(),
                hidden,
                outputs: task.outputs,
                layers: 1,
                bidirectional: false,
                shape: task.shape,
                feedback: false,
                activation: self.choice::<Activation>(Some(lane), Key::Activation),
                reset: Reset::Before,
                layer_norm: false,
                held: Held::None,
                window: 0,
                limit: None,
                skip: 0,
            };
        }
        Spec {
            cell,
            places: 0,
            inputs: task.x.ncols(),
            hidden,
            outputs: task.outputs,
            layers: self.integer(Some(lane), Key::Layers),
            bidirectional: self.word(lane, Key::Directions) == "both",
            shape: task.shape,
            feedback: task.shape == Shape::OneToMany && self.again(lane) != Again::Nothing,
            activation: self.choice::<Activation>(Some(lane), Key::Activation),
            reset: self.choice::<Reset>(Some(lane), Key::Reset),
            layer_norm: self.word(lane, Key::Norm) == "on",
            held: match cell {
                Cell::Rnn | Cell::Ann => Held::None,
                Cell::Lstm => self.choice(Some(lane), Key::Hold),
                Cell::Gru => self.choice(Some(lane), Key::HoldReset),
            },
            window: self.of(lane, Key::Window).text().parse().unwrap_or(0),
            limit: Some(self.choice::<Clip>(Some(lane), Key::Limit))
                .filter(|clip| *clip != Clip::Off)
                .map(|clip| Limit { clip, at: self.real(lane, Key::LimitAt) }),
            skip: match cell {
                Cell::Rnn => self.of(lane, Key::Skip).text().parse().unwrap_or(0),
                Cell::Ann | Cell::Lstm | Cell::Gru => 0,
            },
        }
    }

    /// The lane whose parameters a lane has as nearly as many of as whole units allow: the first that recurs. A feed-forward
    /// lane without a size of its own always does, the others where that is chosen.
    #[must_use]
    pub fn matched(&self, lane: usize) -> Option<usize> {
        let first = self.lanes.iter().position(|lane| lane.cell.recurs())?;
        let Lane { cell, own, model, .. } = self.lanes.get(lane)?;
        let free = lane != first && model.is_none() && !own.contains_key(&Key::Hidden);
        let matches = !cell.recurs() || self.choice::<Match>(None, Key::Match) == Match::Parameters;
        (free && matches).then_some(first)
    }

    /// The number of hidden units of a lane: its own, or the shared one, or what matches parameters.
    fn hidden(&self, lane: usize, task: &Task) -> usize {
        let hidden = self.integer(Some(lane), Key::Hidden);
        let Some(first) = self.matched(lane) else { return hidden };
        let wanted = match &self.lanes[first].model {
            Some(model) => model.spec.parameters(),
            None => self.spec(first, task, self.integer(Some(first), Key::Hidden)).parameters(),
        };
        (1..=LARGEST_HIDDEN)
            .min_by_key(|&hidden| self.spec(lane, task, hidden).parameters().abs_diff(wanted))
            .unwrap_or(hidden)
    }

    /// The step that a lane takes.
    #[must_use]
    pub fn descent(&self, lane: usize) -> Descent {
        Descent {
            clip: self.choice(Some(lane), Key::Clip),
            threshold: self.real(lane, Key::Threshold),
            rate: self.real(lane, Key::Rate),
        }
    }

    /// How many epochs a lane learns.
    #[must_use]
    pub fn epochs(&self, lane: usize) -> usize {
        self.integer(Some(lane), Key::Epochs)
    }

    /// What a lane runs. `learn` puts learnt weights in the place of drawn ones; numbers changed by hand lie over those.
    #[must_use]
    pub fn plan(
        &self,
        lane: usize,
        task: &Task,
        draw: &mut Draw,
        learn: impl FnOnce(&mut Experiment),
    ) -> Plan {
        let (mut experiment, origin) = self.unchanged(lane, task, draw);
        if origin == Origin::Drawn {
            learn(&mut experiment);
        }
        let (replaced, waiting) =
            edits::apply(&self.lanes[lane].edits, &mut experiment.weights, &experiment.spec);
        Plan { experiment, origin, replaced, waiting }
    }

    /// What a lane runs before anything is changed in it by hand.
    fn unchanged(&self, lane: usize, task: &Task, draw: &mut Draw) -> (Experiment, Origin) {
        let precision = self.choice::<Precision>(Some(lane), Key::Precision);
        let (x, target) = (task.x.clone(), task.target.clone());
        let teaching = self.again(lane) == Again::Targets;
        if let Some(model) = &self.lanes[lane].model {
            return (Experiment { precision, x, target, ..(**model).clone() }, Origin::File);
        }
        if self.data() == Data::Hand {
            let spec = self.spec(lane, task, hand::units(self.word(lane, Key::Norm) == "on"));
            let weights = hand::weights(&spec);
            return (Experiment { precision, weights, init: None, spec, x, target, teaching }, Origin::Hand);
        }
        let spec = self.spec(lane, task, self.hidden(lane, task));
        let init = Init {
            scheme: self.choice::<Scheme>(Some(lane), Key::Init),
            seed: self.integer(Some(lane), Key::Seed) as u64,
            rho: Some(self.real(lane, Key::Rho)),
            forget_bias: self.real(lane, Key::ForgetBias),
            update_bias: self.real(lane, Key::UpdateBias),
            ..Init::default()
        };
        let weights = draw.weights(&spec, &init);
        (Experiment { precision, weights, init: Some(init), spec, x, target, teaching }, Origin::Drawn)
    }

    /// The edits that an entry belongs to: the inputs', or a lane's.
    pub fn edits_of(&mut self, lane: usize, entry: &Entry) -> Option<&mut Edits> {
        if entry.part() == "x" {
            return Some(&mut self.inputs);
        }
        self.lanes.get_mut(lane).map(|lane| &mut lane.edits)
    }
}
