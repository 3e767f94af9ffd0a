//! Experiment files for the numeric tests: built, run and read as JSON, as any other tool would.

pub mod digest;
pub mod sample;

use proptest::test_runner::{Config, RngSeed};
use serde_json::{Value, json};

/// So many cases, the same in every run: long ones are there for what was changed, not for luck. `PROPTEST_RNG_SEED`
/// chooses others.
pub fn repeatable(cases: u32) -> Config {
    let asked = Config::default();
    let rng_seed = if asked.rng_seed == RngSeed::Random { RngSeed::Fixed(1) } else { asked.rng_seed };
    Config { cases, rng_seed, failure_persistence: None, ..asked }
}

/// Every kind of cell: a name for messages, and what it says under `model`.
pub fn cells() -> [(&'static str, Value); 8] {
    [
        ("rnn tanh", json!({"cell": "rnn", "activation": "tanh"})),
        ("rnn relu", json!({"cell": "rnn", "activation": "relu"})),
        ("rnn skip", json!({"cell": "rnn", "skip": 3})),
        ("lstm", json!({"cell": "lstm"})),
        ("gru before", json!({"cell": "gru", "reset": "before"})),
        ("gru after", json!({"cell": "gru", "reset": "after"})),
        ("lstm f = 1", json!({"cell": "lstm", "hold": "f"})),
        ("gru r = 1", json!({"cell": "gru", "hold": "r"})),
    ]
}

/// The feed-forward network, as [`cells`] has the others: it has one layer and direction, no start, no decoder.
pub fn windows() -> [(&'static str, Value); 2] {
    [
        ("ann tanh", json!({"cell": "ann", "activation": "tanh"})),
        ("ann relu", json!({"cell": "ann", "activation": "relu"})),
    ]
}

/// What `cells` or `windows` says about the cell of this name, and `more` settings.
pub fn model(cell: &str, more: &Value) -> Value {
    let found = cells().into_iter().chain(windows()).find(|(name, _)| *name == cell);
    let mut model = found.unwrap_or_else(|| panic!("no cell {cell}")).1;
    merge(&mut model, more);
    model
}

/// Puts every field of `more` into `into`, objects field by field.
pub fn merge(into: &mut Value, more: &Value) {
    match more {
        Value::Object(fields) if into.is_object() => {
            for (name, value) in fields {
                merge(&mut into[name], value);
            }
        }
        value => *into = value.clone(),
    }
}

/// A small stream of numbers in [-1, 1): the tests need variety, not quality (splitmix64).
pub struct Draw(pub u64);

impl Draw {
    pub fn number(&mut self) -> f64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let bits = u32::try_from((z ^ (z >> 31)) >> 32).unwrap();
        f64::from(bits) / f64::from(1_u32 << 31) - 1.0
    }

    pub fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        usize::try_from((self.0 ^ (self.0 >> 29)).wrapping_mul(0xBF58_476D_1CE4_E5B9) >> 33).unwrap() % limit
    }

    pub fn numbers(&mut self, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.number()).collect()
    }

    pub fn rows(&mut self, count: usize, columns: usize) -> Vec<Vec<f64>> {
        (0..count).map(|_| self.numbers(columns)).collect()
    }
}

/// How large an experiment is.
#[derive(Clone, Copy, Debug)]
pub struct Size {
    pub inputs: usize,
    pub hidden: usize,
    pub outputs: usize,
    pub steps: usize,
}

/// The gates of a cell, as they end the names of its weights.
pub fn gates(model: &Value) -> &'static [&'static str] {
    match model["cell"].as_str() {
        Some("lstm") => &["f", "i", "C", "o"],
        Some("gru") => &["z", "r", "h"],
        _ => &["h"],
    }
}

/// Layers with drawn weights, gains and all, that read so many numbers; with initial states if they `start`.
fn entries(
    model: &Value,
    inputs: usize,
    hidden: usize,
    both: bool,
    start: bool,
    draw: &mut Draw,
) -> Vec<Value> {
    let directions: &[&str] = if both { &["forward", "backward"] } else { &["forward"] };
    let width = hidden * directions.len();
    let mut entries = Vec::new();
    for layer in 1..=model["layers"].as_u64().unwrap_or(1) {
        let below = if layer == 1 { inputs } else { width };
        for direction in directions {
            let mut entry = json!({"layer": layer, "direction": direction});
            for gate in gates(model) {
                if model["cell"] == "rnn" {
                    entry["W_xh"] = json!(draw.rows(hidden, below));
                    entry["W_hh"] = json!(draw.rows(hidden, hidden));
                    if model["skip"].is_u64() {
                        entry["W_skip"] = json!(draw.rows(hidden, hidden));
                    }
                } else {
                    entry[format!("W_{gate}")] = json!(draw.rows(hidden, hidden + below));
                }
                entry[format!("b_{gate}")] = json!(draw.numbers(hidden));
                if model["layer_norm"] == true {
                    entry[format!("g_{gate}")] = json!(draw.numbers(hidden));
                }
            }
            if model["reset"] == "after" {
                entry["b_hh"] = json!(draw.numbers(hidden));
            }
            if start {
                entry["h_0"] = json!(draw.numbers(hidden));
                if model["cell"] == "lstm" {
                    entry["C_0"] = json!(draw.numbers(hidden));
                }
            }
            entries.push(entry);
        }
    }
    entries
}

/// An experiment with drawn weights, inputs and targets. A decoder says one step more than the encoder reads.
pub fn experiment(model: &Value, shape: &str, loss: &str, size: Size, draw: &mut Draw) -> Value {
    let Size { inputs, hidden, outputs, steps } = size;
    let both = model["bidirectional"] == true;
    let width = if both { 2 * hidden } else { hidden };
    let layers = if model["cell"] == "ann" {
        let reads = if shape == "one-to-one" { inputs } else { steps * inputs };
        let (w, b) = (draw.rows(hidden, reads), draw.numbers(hidden));
        vec![json!({"layer": 1, "direction": "forward", "W_xh": w, "b_h": b})]
    } else {
        entries(model, inputs, hidden, both, true, draw)
    };
    let (read, said) = match shape {
        "one-to-one" => (1, 1),
        "one-to-many" => (1, steps),
        "many-to-one" => (steps, 1),
        "encoder-decoder" => (steps, steps + 1),
        _ => (steps, steps),
    };
    let target = if loss == "squared-error" {
        json!(draw.rows(said, outputs))
    } else {
        json!((0..said).map(|_| draw.below(outputs)).collect::<Vec<_>>())
    };
    let mut file = json!({
        "format": "unrolled/1",
        "model": {
            "inputs": inputs, "hidden": hidden, "outputs": outputs, "shape": shape,
            "weights": {
                "layers": layers,
                "head": { "W_hy": draw.rows(outputs, width), "b_y": draw.numbers(outputs) },
            },
        },
        "loss": loss,
        "x": draw.rows(read, inputs),
        "target": target,
    });
    merge(&mut file["model"], model);
    if shape == "encoder-decoder" {
        file["model"]["weights"]["decoder"] = json!(entries(model, outputs, width, false, false, draw));
    }
    file
}

/// The trace of an experiment that must have one.
pub fn trace(experiment: &Value) -> Value {
    let text = unrolled::trace_experiment(&experiment.to_string())
        .unwrap_or_else(|error| panic!("{error}\nin {experiment}"));
    serde_json::from_str(&text).unwrap()
}

/// The number that a JSON value stands for.
pub fn number(value: &Value) -> Option<f64> {
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

/// The number at a JSON pointer.
pub fn at(document: &Value, pointer: &str) -> f64 {
    let value = document.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
    number(value).unwrap_or_else(|| panic!("{pointer} is no number: {value}"))
}

/// The JSON pointers of all numbers under `pointer`; `layer` counts, it does not measure.
pub fn leaves(document: &Value, pointer: &str) -> Vec<String> {
    let value = document.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
    let below: Vec<String> = match value {
        Value::Array(items) => (0..items.len()).map(|n| n.to_string()).collect(),
        Value::Object(fields) => fields.keys().filter(|name| *name != "layer").cloned().collect(),
        value => return number(value).map(|_| pointer.to_owned()).into_iter().collect(),
    };
    below.iter().flat_map(|name| leaves(document, &format!("{pointer}/{name}"))).collect()
}

/// A list of numbers at a JSON pointer.
pub fn row(document: &Value, pointer: &str) -> Vec<f64> {
    let value = document.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
    let items = value.as_array().unwrap_or_else(|| panic!("{pointer} is no list"));
    items.iter().map(|item| number(item).unwrap_or_else(|| panic!("{pointer} holds {item}"))).collect()
}

/// A list of lists of numbers at a JSON pointer.
pub fn rows(document: &Value, pointer: &str) -> Vec<Vec<f64>> {
    let value = document.pointer(pointer).unwrap_or_else(|| panic!("nothing at {pointer}"));
    let items = value.as_array().unwrap_or_else(|| panic!("{pointer} is no list"));
    (0..items.len()).map(|n| row(document, &format!("{pointer}/{n}"))).collect()
}

/// Writes a number (or anything else) at a JSON pointer that exists.
pub fn put(document: &mut Value, pointer: &str, value: impl Into<Value>) {
    *document.pointer_mut(pointer).unwrap_or_else(|| panic!("nothing at {pointer}")) = value.into();
}
