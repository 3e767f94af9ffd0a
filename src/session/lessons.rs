//! Lessons: first why a gradient vanishes, then traps. What each says holds on its experiment: `tests/lessons.rs`
//! measures it.

use std::sync::LazyLock;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde_json::{Value as Json, json};

use super::link;
use crate::Error;
use crate::experiment::settings::Settings;

/// A lesson: an experiment, one statement about it, and what to do with it.
#[derive(Clone, Debug, Serialize)]
pub struct Lesson {
    /// What links call it.
    pub word: &'static str,
    /// A few words.
    pub title: &'static str,
    /// One or two sentences.
    pub says: &'static str,
    /// Where to look, or what to change.
    pub task: &'static str,
    /// The link that opens it.
    pub link: String,
}

/// What stands over the figure while a lesson is open.
#[derive(Clone, Debug, Serialize)]
pub struct Opened {
    #[serde(flatten)]
    lesson: Lesson,
    /// Whether the experiment is no longer the one that the lesson speaks of.
    changed: bool,
    /// The lesson after it.
    next: Option<Lesson>,
}

/// Word, title, statement, task, and how its link is made.
type Row = (&'static str, &'static str, &'static str, &'static str, fn() -> String);

const LESSONS: [Row; 9] = [
    (
        "vanishes",
        "The gradient vanishes: why, and a cure",
        "On its way back the gradient is multiplied by Wᵀ·diag(1 − h²) at every step. With ρ(W) = 0.7 each step keeps about 0.6 of it, and after 39 steps less than 10⁻⁸ is left: what was read at the start cannot be learnt.",
        "Press Space and watch the bars shrink on their way left; then “Try a cure” beside RNN: that LSTM keeps 0.95 of its cell at each step.",
        || "lanes=rnn&at=b40&on=1.h.1".into(),
    ),
    (
        "rho-0-grows",
        "ρ < 1, yet it grows",
        "W = [[2, −2], [2, −2]] has ρ(W) = 0, yet the gradient doubles at every step: unit 2 is saturated, and what is left of W is not W. ρ(W) speaks only for the linear network.",
        "Compare the plane with the curve: both eigenvalues of W, the open rings, stand at 0; one of J stands at 2, and the curve doubles at every step back.",
        || file("tab=spectrum&on=1.h.1", &two_units()),
    ),
    (
        "rho-over-1-vanishes",
        "ρ > 1 with tanh, yet it vanishes",
        "W = 1.5·I lets a linear network grow. But tanh flattens as a unit grows: each settles where its factor 1.5·(1 − h²) is below 1, and on this sequence the gradient vanishes, with no unit near ±1.",
        "Choose ReLU under Start: the same W, nothing saturates, and the gradient grows.",
        || "tab=spectrum&lanes=rnn&init=identity&rho=1.5&on=1.h.1".into(),
    ),
    (
        "relu-explodes",
        "ReLU at ρ = 1.6 explodes",
        "The slope of ReLU is 1 while a unit is on: nothing shrinks what W stretches. On this sequence the gradient grows more than a hundredfold; that ρ(W) is over 1 alone would not prove it.",
        "Choose tanh under Start: the same W, and far less comes back.",
        || "tab=spectrum&lanes=rnn&act=relu&rho=1.6&on=1.h.1".into(),
    ),
    (
        "softmax-0",
        "A saturated softmax sends back exactly 0",
        "In f64 the right class has a probability of exactly 1 and the other of exactly 0, so softmax minus target is exactly 0: no gradient enters at T, whatever the recurrent part would do with one.",
        "Look at the strip: hatched from t = T on. “Try a cure” is missing here, for no change of the recurrent part would help.",
        || file("on=1.h.1", &sure()),
    ),
    (
        "lstm-b-1-fades",
        "An untrained LSTM with b_f = 1 fades, too",
        "With b_f = 1 an untrained LSTM keeps about 0.73 of its cell at each step: straight through the cell 0.73³⁹ is 5×10⁻⁶, and what the gates add does not save it. With b_f = 3, the second lane, it keeps about 0.95.",
        "Move “Forget bias” under Start: it sets both lanes. From where on does a tenth of the gradient arrive?",
        || "lanes=lstm~bf:1,lstm~bf:3&on=1.h.1".into(),
    ),
    (
        "no-recurrence",
        "Without recurrence nothing vanishes, and nothing is shared",
        "The feed-forward ANN reads all 40 steps at once: each feels the loss whole, for nothing lies between. The price: every step has weights of its own, so that the RNN’s 866 parameters are enough for 1 unit, and another T is another network.",
        "Move “Steps” under Size: the ANN’s gradient stays whole, and its weights become others.",
        || "lanes=rnn,lstm,ann&on=3.h.1".into(),
    ),
    (
        "place-not-word",
        "A window knows a word by its place",
        "“good” is word 5 here and word 3 of “a very good film”: there the ANN meets it with other weights, for it learns each place for itself. After 20 epochs the RNN, with about as many parameters, judges more of the held-out sentences rightly, and the GRU most.",
        "Take “Epochs learnt” back to 0 and on again, and compare the shares that are right on held-out sentences.",
        || "data=mood&example=4&epochs=20&lanes=ann,rnn,gru&on=1.h.1".into(),
    ),
    (
        "one-state",
        "A date must fit into one state",
        "All that the decoder knows of “11 october 1986” is the encoder’s last state. The day is read first and written last, and in the RNN the gradient of its last digit fades on this way. After 3 epochs the LSTM writes 94 of 100 signs of dates that it never saw rightly, the RNN 65.",
        "Compare the two lanes’ signs under the targets, then move “Epochs learnt”: which lane gets the day right first?",
        || "data=dates&epochs=3&H=32&lanes=rnn,lstm&on=2.h.1".into(),
    ),
];

/// A lesson, and the settings that it opens with, nothing unfolded.
struct Known {
    lesson: Lesson,
    opening: Option<Settings>,
}

/// Links are made and read once: what is said of a lesson is asked for at every drawing.
static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let known = |&(word, title, says, task, link): &Row| {
        let link = format!("{}&lesson={word}", link());
        let opening = link::read(&link, None).ok().map(|(settings, _)| folded(settings));
        Known { lesson: Lesson { word, title, says, task, link }, opening }
    };
    LESSONS.iter().map(known).collect()
});

/// What is folded or unfolded changes nothing of what is said.
fn folded(mut settings: Settings) -> Settings {
    settings.lanes.iter_mut().for_each(|lane| lane.shown.clear());
    settings
}

/// All lessons, in the order of the menu.
#[must_use]
pub fn lessons() -> Vec<Lesson> {
    KNOWN.iter().map(|known| known.lesson.clone()).collect()
}

/// The word of a lesson.
///
/// # Errors
/// Names all words where there is no such lesson.
pub fn find(word: &str) -> Result<&'static str, Error> {
    let words = || LESSONS.map(|row| row.0);
    let wrong = || Error::at("lesson", format!("one of {}", words().join(", ")), format!("\"{word}\""));
    words().into_iter().find(|known| *known == word).ok_or_else(wrong)
}

/// Whether a lesson speaks of these data.
#[must_use]
pub fn concerns(word: &str, settings: &Settings) -> bool {
    let opening =
        KNOWN.iter().find(|known| known.lesson.word == word).and_then(|known| known.opening.as_ref());
    opening.is_some_and(|known| known.data() == settings.data() && known.file == settings.file)
}

/// What is said of a lesson where the settings are these.
#[must_use]
pub fn facts(word: &str, settings: &Settings) -> Option<Opened> {
    let at = KNOWN.iter().position(|known| known.lesson.word == word)?;
    let Known { lesson, opening } = &KNOWN[at];
    let changed = opening.as_ref() != Some(&folded(settings.clone()));
    let next = KNOWN.get(at + 1).map(|known| known.lesson.clone());
    Some(Opened { lesson: lesson.clone(), changed, next })
}

/// A link that carries an experiment file.
fn file(link: &str, experiment: &Json) -> String {
    format!("data=file&lanes=file&file={}&{link}", BASE64.encode(experiment.to_string()))
}

/// Two tanh units. Unit 1 stands at 0, where its slope is 1, in a fixed point that its bias makes; unit 2 is saturated.
fn two_units() -> Json {
    let w: [[f64; 2]; 2] = [[2.0, -2.0], [2.0, -2.0]];
    // Where unit 2 settles.
    let far = libm::tanh(8.0);
    let bias = [-2.0 * far, -8.0 - 2.0 * far];
    let steps = 24;
    json!({
        "format": "unrolled/1",
        "model": {
            "cell": "rnn", "activation": "tanh", "inputs": 1, "hidden": 2, "outputs": 1, "shape": "many-to-one",
            "weights": {
                "layers": [{ "layer": 1, "direction": "forward", "W_xh": [[0], [0]], "W_hh": w, "b_h": bias,
                    "h_0": [0.0, -far] }],
                "head": { "W_hy": [[1, 1]], "b_y": [0] },
            },
        },
        "loss": "squared-error", "x": vec![[0]; steps], "target": [[1]],
    })
}

/// Three tanh units whose readout is certain of the right class.
fn sure() -> Json {
    let w = [[0.8, 0.1, 0.0], [-0.1, 0.7, 0.2], [0.0, 0.2, 0.6]];
    let x: Vec<[f64; 1]> = (0..20).map(|t| [if t % 3 == 0 { 1.0 } else { 0.5 }]).collect();
    json!({
        "format": "unrolled/1",
        "model": {
            "cell": "rnn", "activation": "tanh", "inputs": 1, "hidden": 3, "outputs": 2, "shape": "many-to-one",
            "weights": {
                "layers": [{ "layer": 1, "direction": "forward", "W_xh": [[0.5], [0.4], [0.3]], "W_hh": w,
                    "b_h": [0, 0, 0] }],
                "head": { "W_hy": [[400, 400, 400], [-400, -400, -400]], "b_y": [0, 0] },
            },
        },
        "loss": "cross-entropy", "x": x, "target": [0],
    })
}
