//! Traps and the experiments that show them. What each says holds on its experiment: `tests/lessons.rs` measures it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use serde::Serialize;
use serde_json::{Value as Json, json};

/// A trap, the experiment that shows it, and one statement about that experiment.
#[derive(Clone, Debug, Serialize)]
pub struct Lesson {
    /// What links call it.
    pub word: &'static str,
    /// A few words.
    pub title: &'static str,
    /// One or two sentences.
    pub says: &'static str,
    /// The link that opens it.
    pub link: String,
}

/// Word, title, statement, and how its link is made.
type Row = (&'static str, &'static str, &'static str, fn() -> String);

const LESSONS: [Row; 8] = [
    (
        "rho-0-grows",
        "ρ < 1, yet it grows",
        "W = [[2, −2], [2, −2]] has ρ(W) = 0, yet the gradient doubles at every step: unit 2 is saturated, and what is left of W is not W. ρ(W) speaks only for the linear network.",
        || file("tab=spectrum&on=1.h.1", &two_units()),
    ),
    (
        "rho-over-1-vanishes",
        "ρ > 1 with tanh, yet it vanishes",
        "W = 1.5·I lets a linear network grow. But tanh flattens as a unit grows: each settles where its factor 1.5·(1 − h²) is below 1, and on this sequence the gradient vanishes, with no unit near ±1.",
        || "tab=spectrum&lanes=rnn&init=identity&rho=1.5&on=1.h.1".into(),
    ),
    (
        "relu-explodes",
        "ReLU at ρ = 1.6 explodes",
        "The slope of ReLU is 1 while a unit is on: nothing shrinks what W stretches. On this sequence the gradient grows more than a hundredfold; that ρ(W) is over 1 alone would not prove it.",
        || "tab=spectrum&lanes=rnn~act:relu&rho=1.6&on=1.h.1".into(),
    ),
    (
        "softmax-0",
        "A saturated softmax sends back exactly 0",
        "In f64 the right class has a probability of exactly 1 and the other of exactly 0, so softmax minus target is exactly 0: no gradient enters at T, whatever the recurrent part would do with one.",
        || file("on=1.h.1", &sure()),
    ),
    (
        "lstm-b-1-fades",
        "An untrained LSTM with b_f = 1 fades, too",
        "With b_f = 1 an untrained LSTM keeps about 0.73 of its cell at each step: straight through the cell 0.73³⁹ is 5×10⁻⁶, and what the gates add does not save it. With b_f = 3, the second lane, it keeps about 0.95.",
        || "lanes=lstm~bf:1,lstm~bf:3&on=1.h.1".into(),
    ),
    (
        "no-recurrence",
        "Without recurrence nothing vanishes, and nothing is shared",
        "The feed-forward ANN reads all 40 steps at once: each feels the loss whole, for nothing lies between. The price: every step has weights of its own, so that the RNN’s 866 parameters are enough for 1 unit, and another T is another network. Move T to see both.",
        || "lanes=rnn,lstm,ann&on=3.h.1".into(),
    ),
    (
        "place-not-word",
        "A window knows a word by its place",
        "“good” is word 5 here and word 3 of “a very good film”: there the ANN meets it with other weights, for it learns each place for itself. After 20 epochs the RNN, with about as many parameters, judges more of the held-out sentences rightly, and the GRU most.",
        || "data=mood&example=4&epochs=20&lanes=ann,rnn,gru&on=1.h.1".into(),
    ),
    (
        "one-state",
        "A date must fit into one state",
        "All that the decoder knows of “11 october 1986” is the encoder’s last state. The day is read first and written last, and in the RNN the gradient of its last digit fades on this way. After 3 epochs the LSTM writes 94 of 100 signs of dates that it never saw rightly, the RNN 65.",
        || "data=dates&epochs=3&H=32&lanes=rnn,lstm&on=2.h.1".into(),
    ),
];

/// All lessons, in the order of the menu.
#[must_use]
pub fn lessons() -> Vec<Lesson> {
    let lesson = |&(word, title, says, link): &Row| {
        let link = format!("{}&lesson={word}", link());
        Lesson { word, title, says, link }
    };
    LESSONS.iter().map(lesson).collect()
}

/// Title and statement of a lesson.
pub fn find(word: &str) -> Option<(&'static str, &'static str, &'static str)> {
    LESSONS.iter().find(|row| row.0 == word).map(|&(word, title, says, _)| (word, title, says))
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
