//! What to run: models with their weights, the data, the loss.
//!
//! [`Experiment`] is what the engine needs for one model, and what an experiment file says
//! ([`mod@file`]). [`Settings`](settings::Settings) is what the page's controls and its link say; it
//! yields one `Experiment` per lane, with weights from [`init`] and data from [`task`].

pub mod corpus;
pub mod dates;
pub mod edits;
pub mod file;
pub mod foreign;
pub mod hand;
pub mod init;
mod letters;
pub mod pasted;
pub mod settings;
mod site;
mod steps;
pub mod task;
pub mod weights;

use ndarray::Array2;

pub use site::{Home, Site};
pub use steps::Steps;
pub use weights::{Head, LayerWeights, Weights};

use crate::Error;

/// A named choice: the enum and the words that stand for it in files and links.
pub trait Choice: Copy + PartialEq + 'static {
    /// Every value with its word.
    const ALL: &'static [(Self, &'static str)];

    /// The word in files and links.
    fn word(self) -> &'static str {
        Self::ALL.iter().find(|(value, _)| *value == self).map_or("", |(_, word)| word)
    }

    /// The value that `word` stands for.
    ///
    /// # Errors
    /// When no value has that word; `place` says where it stood.
    fn parse(word: &str, place: &str) -> Result<Self, Error> {
        Self::ALL.iter().find(|(_, known)| *known == word).map(|(value, _)| *value).ok_or_else(|| {
            let words: Vec<_> = Self::ALL.iter().map(|(_, word)| format!("\"{word}\"")).collect();
            Error::at(place, format!("one of {}", words.join(", ")), format!("\"{word}\""))
        })
    }
}

macro_rules! choice {
    ($(#[$doc:meta])* $name:ident { $($(#[$value_doc:meta])* $value:ident = $word:literal,)+ }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum $name { $($(#[$value_doc])* $value,)+ }

        impl Choice for $name {
            const ALL: &'static [(Self, &'static str)] = &[$((Self::$value, $word),)+];
        }
    };
}
pub(crate) use choice;

choice! {
    /// The recurrent cell.
    Cell {
        /// Elman (1990).
        Rnn = "rnn",
        /// Hochreiter & Schmidhuber (1997), with the forget gate of Gers et al. (2000).
        Lstm = "lstm",
        /// Cho et al. (2014).
        Gru = "gru",
        /// No recurrent cell: a feed-forward network that reads a window of steps, with weights for each.
        Ann = "ann",
    }
}
choice! {
    /// The activation φ of the RNN and of the feed-forward network.
    Activation {
        /// Hyperbolic tangent.
        Tanh = "tanh",
        /// Rectified linear unit.
        Relu = "relu",
    }
}
choice! {
    /// Where the GRU applies its reset gate.
    Reset {
        /// To the state, before the product with `U`: Cho et al. (2014), ONNX `linear_before_reset=0`.
        Before = "before",
        /// To the product `U·h + b_hh`: cuDNN, `PyTorch`, ONNX `linear_before_reset=1`.
        After = "after",
    }
}
choice! {
    /// A gate that is 1 whatever its weights say: an ablation (Greff et al., 2017).
    Held {
        /// Every gate does as its weights say.
        None = "none",
        /// LSTM, `f = 1`: the constant error carousel of Hochreiter & Schmidhuber (1997).
        F = "f",
        /// LSTM, `i = 1`.
        I = "i",
        /// LSTM, `o = 1`.
        O = "o",
        /// GRU, `r = 1`.
        R = "r",
    }
}
choice! {
    /// Which steps have inputs and outputs.
    Shape {
        /// `x_1` to `y_1`.
        OneToOne = "one-to-one",
        /// `x_1` to `y_1 … y_T'`.
        OneToMany = "one-to-many",
        /// `x_1 … x_T` to `y_T`.
        ManyToOne = "many-to-one",
        /// `x_1 … x_T` to `y_1 … y_T`.
        ManyToMany = "many-to-many",
        /// `x_1 … x_T` to `y_1 … y_T'`.
        EncoderDecoder = "encoder-decoder",
    }
}
impl Shape {
    /// Whether there is an input at every one of T steps.
    #[must_use]
    pub fn has_inputs(self) -> bool {
        !matches!(self, Self::OneToOne | Self::OneToMany)
    }

    /// What a network without a state could not do of it, if there is something.
    #[must_use]
    pub fn needs_state(self) -> Option<&'static str> {
        match self {
            Self::OneToMany => {
                Some("another shape: after x_1 ann reads nothing new, and every output would be the same")
            }
            Self::EncoderDecoder => Some("another shape: ann has no state that a decoder could start from"),
            _ => None,
        }
    }

    /// Whether there are T' outputs, as many as one likes.
    #[must_use]
    pub fn writes_on(self) -> bool {
        matches!(self, Self::OneToMany | Self::EncoderDecoder)
    }
}
choice! {
    /// The loss of one output step.
    Loss {
        /// `½ Σ_k (y_k − target_k)²`.
        SquaredError = "squared-error",
        /// `−log softmax(y)[target]`.
        CrossEntropy = "cross-entropy",
    }
}
choice! {
    /// How a gradient is kept short.
    Clip {
        /// Not at all.
        Off = "off",
        /// Multiplied by min(1, c / ‖g‖): Pascanu et al. (2013).
        Norm = "norm",
        /// Each entry clamped to [−c, c]: Mikolov (2012).
        Value = "value",
    }
}
choice! {
    /// The type that every number is computed in.
    Precision {
        /// IEEE 754 binary64.
        F64 = "f64",
        /// IEEE 754 binary32.
        F32 = "f32",
    }
}
choice! {
    /// In which order a layer reads its sequence.
    Direction {
        /// From `x_1` to `x_T`.
        Forward = "forward",
        /// From `x_T` to `x_1`.
        Backward = "backward",
    }
}

/// The architecture of one model, without its weights.
#[derive(Clone, Debug, PartialEq)]
pub struct Spec {
    /// The recurrent cell of every layer.
    pub cell: Cell,
    /// The feed-forward network: for how many steps it has weights, each with V of its own. 0 elsewhere.
    pub places: usize,
    /// `D`, the width of an input.
    pub inputs: usize,
    /// `H`, the hidden units of each layer and direction.
    pub hidden: usize,
    /// `O`, the width of an output.
    pub outputs: usize,
    /// How many layers are stacked.
    pub layers: usize,
    /// Whether each layer reads its sequence in both directions.
    pub bidirectional: bool,
    /// Which steps have inputs and outputs.
    pub shape: Shape,
    /// One-to-many: whether a step reads the output before it; else it reads zeros.
    pub feedback: bool,
    /// φ of the RNN and of the feed-forward network.
    pub activation: Activation,
    /// Where the GRU applies its reset gate.
    pub reset: Reset,
    /// Whether pre-activations are normalised (Ba et al., 2016).
    pub layer_norm: bool,
    /// The gate that is held at 1.
    pub held: Held,
    /// Truncated BPTT: after so many steps of its sequence a layer hands no gradient on to the step before; 0 is never.
    pub window: usize,
    /// What each step hands on to the state before it is clipped.
    pub limit: Option<Limit>,
    /// k, of the RNN: a step also reads the state of k steps before, `h_{t−k}`, by weights of its own; 0 is no step.
    pub skip: usize,
}

/// A bound on the gradient that travels through time, at every step of its way.
///
/// # Formula
/// m is what a step hands on to the state before it, ∂L/∂h_{t−1} through this step, for LSTM with ∂L/∂C_{t−1} through
/// C_t beside it. By norm: m·min(1, c/‖m‖). By value: each entry clamped to [−c, c].
///
/// # Source
/// Graves: Generating sequences with recurrent neural networks (2013), section 2.1, clips inside the backward pass, by
/// value and at the sums of the gates; by norm as Pascanu, Mikolov, Bengio (2013).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limit {
    /// By norm or by value.
    pub clip: Clip,
    /// c > 0.
    pub at: f64,
}

impl Cell {
    /// The state beside h that travels through time: the LSTM's C, the feed-forward network's sum s.
    #[must_use]
    pub fn carried(self) -> Option<&'static str> {
        match self {
            Self::Rnn | Self::Gru => None,
            Self::Lstm => Some("C"),
            Self::Ann => Some("s"),
        }
    }

    /// Whether h_{t−1} is read at t.
    #[must_use]
    pub fn recurs(self) -> bool {
        self != Self::Ann
    }

    /// Whether it has gates.
    #[must_use]
    pub fn gated(self) -> bool {
        matches!(self, Self::Lstm | Self::Gru)
    }
}

impl Spec {
    /// The directions of one layer, in the order of files.
    #[must_use]
    pub fn directions(&self) -> &'static [Direction] {
        if self.bidirectional { &[Direction::Forward, Direction::Backward] } else { &[Direction::Forward] }
    }

    /// Whether a single loss comes to a layer, from 1, by both ends of the sequence: the directions of the layer above
    /// are read where each of them ends.
    #[must_use]
    pub fn enters_twice(&self, layer: usize) -> bool {
        let ends = matches!(self.shape, Shape::ManyToOne | Shape::EncoderDecoder);
        self.bidirectional && ends && layer < self.layers
    }

    /// Width of what one layer hands upward: H, or 2H when bidirectional.
    #[must_use]
    pub fn width(&self) -> usize {
        self.hidden * self.directions().len()
    }

    /// Width of what layer `layer` (from 0) reads: D, or the width of the layer below.
    #[must_use]
    pub fn inputs_of(&self, layer: usize) -> usize {
        if layer == 0 { self.inputs } else { self.width() }
    }

    /// The layers that speak after an encoder: as many, in one direction and as wide as what the encoder's layers
    /// hand upward, so that the last states of all directions fit in. They read outputs.
    #[must_use]
    pub fn decoder(&self) -> Option<Self> {
        let shape = Shape::OneToMany;
        let (inputs, hidden) = (self.outputs, self.width());
        (self.shape == Shape::EncoderDecoder).then(|| Self {
            inputs,
            hidden,
            bidirectional: false,
            shape,
            feedback: true,
            ..self.clone()
        })
    }

    /// Whether steps read the outputs before them, or their targets.
    #[must_use]
    pub fn reads_outputs(&self) -> bool {
        self.feedback || self.shape == Shape::EncoderDecoder
    }

    /// Whether it is a network that there is, as far as it does not recur.
    ///
    /// # Errors
    /// The field of a file, what it may say, and what it says.
    pub fn feeds_forward(&self) -> Result<(), (&'static str, &'static str, String)> {
        if self.cell.recurs() {
            return Ok(());
        }
        let wrong = |field, wanted, found: &dyn ToString| Err((field, wanted, found.to_string()));
        if let Some(why) = self.shape.needs_state() {
            return wrong("shape", why, &self.shape.word());
        }
        if self.layers > 1 {
            return wrong("layers", "1: ann has one hidden layer", &self.layers);
        }
        if self.bidirectional {
            return wrong("bidirectional", "false: ann reads its whole window at once", &true);
        }
        if self.layer_norm {
            return wrong("layer_norm", "false: ann is plain", &true);
        }
        if self.window > 0 {
            return wrong("window", "0: in ann nothing comes back through time", &self.window);
        }
        if self.limit.is_some() {
            return wrong("clip_back", "none: in ann nothing comes back through time", &"one");
        }
        Ok(())
    }

    /// Every layer (from 0) and direction, in the order of files.
    pub fn sweeps(&self) -> impl Iterator<Item = (usize, Direction)> + '_ {
        (0..self.layers).flat_map(|layer| self.directions().iter().map(move |&direction| (layer, direction)))
    }

    /// The steps (from 0) of a pass of `steps` steps that have an output.
    #[must_use]
    pub fn output_steps(&self, steps: usize) -> std::ops::Range<usize> {
        if self.shape == Shape::ManyToOne { steps - 1..steps } else { 0..steps }
    }

    /// Whether truncated BPTT lets no gradient pass from the step processed as number `step`, from 0, to the one before.
    #[must_use]
    pub fn cut(&self, step: usize) -> bool {
        self.window > 0 && step > 0 && step.is_multiple_of(self.window)
    }

    /// Which state the step processed as number `step`, from 0, reads besides the one before: that after so many steps,
    /// 0 is the one that the sequence starts from. `None` where there is none; then it reads zeros.
    #[must_use]
    pub fn skipped(&self, step: usize) -> Option<usize> {
        (step + 1).checked_sub(self.skip).filter(|_| self.skip > 0)
    }

    /// How many numbers the model learns.
    #[must_use]
    pub fn parameters(&self) -> usize {
        let layers: usize = self
            .sweeps()
            .flat_map(|(layer, _)| weights::blocks(self, self.inputs_of(layer)))
            .map(|block| block.rows * block.columns.unwrap_or(1))
            .sum();
        // A decoder counts the readout, which is the same.
        let head = self.outputs * (self.width() + 1);
        layers + self.decoder().map_or(head, |decoder| decoder.parameters())
    }
}

/// What the outputs should be.
#[derive(Clone, Debug, PartialEq)]
pub enum Target {
    /// For squared error: output steps × O.
    Values(Array2<f64>),
    /// For cross-entropy: one class index per output step.
    Classes(Vec<usize>),
}

impl Target {
    /// Output steps.
    #[must_use]
    pub fn steps(&self) -> usize {
        match self {
            Self::Values(values) => values.nrows(),
            Self::Classes(classes) => classes.len(),
        }
    }
}

/// Everything that one run needs.
#[derive(Clone, Debug, PartialEq)]
pub struct Experiment {
    /// The type that numbers are computed in.
    pub precision: Precision,
    /// The architecture.
    pub spec: Spec,
    /// Its weights.
    pub weights: Weights,
    /// How the weights were drawn, when the engine drew them.
    pub init: Option<init::Init>,
    /// Inputs, T × D.
    pub x: Array2<f64>,
    /// Targets, one per output step; they also say which loss.
    pub target: Target,
    /// Where steps read outputs: whether they are told the targets instead.
    pub teaching: bool,
}

impl Experiment {
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
        Steps::of(self.spec.shape, self.x.nrows(), self.target.steps())
    }
}
