//! Every number of a trace against the same number from PyTorch, Keras and ONNX.
//!
//! `tests/reference/README.md` tells where the data comes from.

#![allow(clippy::float_cmp, reason = "zeros and infinities are held exactly")]

use crate::common::number;
use serde_json::Value;
use std::fs::{self, File};
use std::path::PathBuf;
use unrolled::session::Session;

/// Relative difference that two ways of rounding the same formula may have.
const TOLERANCE: f64 = 1e-10;

/// A number much smaller than its row is a difference of larger ones, whose rounding it inherits: it
/// is measured against this share of the row's largest. A row is one step's vector or one unit's
/// weights, so a gradient that has vanished over time is still held to its own size.
const FLOOR: f64 = 1e-3;

/// The same for a run in single precision: of the largest of its row, for its digits are half as many.
const TOLERANCE_F32: f64 = 1e-4;

/// The largest miss so far, in units of what is allowed, and where.
struct Worst {
    single: bool,
    miss: f64,
    place: String,
}

impl Worst {
    /// The difference of two numbers, the largest in whose row is `most`, in units of what is allowed.
    fn measure(&self, ours: f64, theirs: f64, most: f64) -> f64 {
        let size = ours.abs().max(theirs.abs());
        if ours == theirs || (ours.is_nan() && theirs.is_nan()) {
            return 0.0;
        }
        if self.single {
            return (ours - theirs).abs() / (TOLERANCE_F32 * size.max(most));
        }
        // What is exactly zero is so for a reason: no path leads there, or a unit is off.
        if ours == 0.0 || theirs == 0.0 || !ours.is_finite() || !theirs.is_finite() {
            return f64::INFINITY;
        }
        (ours - theirs).abs() / (TOLERANCE * size.max(FLOOR * most))
    }

    fn note(&mut self, miss: f64, place: impl FnOnce() -> String) {
        // A NaN is no agreement either.
        if miss.is_nan() || miss > self.miss {
            self.miss = if miss.is_nan() { f64::INFINITY } else { miss };
            self.place = place();
        }
    }
}

/// Holds every number of `theirs` against `ours`; `ours` may say more.
fn compare(ours: &Value, theirs: &Value, place: &str, worst: &mut Worst) {
    match (ours, theirs) {
        (Value::Object(_), Value::Object(fields)) => {
            for (name, value) in fields {
                compare(&ours[name], value, &format!("{place}.{name}"), worst);
            }
        }
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            let sizes = a.iter().chain(b).filter_map(number).map(f64::abs).filter(|n| n.is_finite());
            let most = sizes.fold(0.0, f64::max);
            for (n, (a, b)) in a.iter().zip(b).enumerate() {
                let place = || format!("{place}[{n}]");
                match (number(a), number(b)) {
                    (Some(a), Some(b)) => {
                        worst.note(worst.measure(a, b, most), || {
                            format!("{}: {a:e}, expected {b:e}", place())
                        });
                    }
                    _ => compare(a, b, &place(), worst),
                }
            }
        }
        _ => match (number(ours), number(theirs)) {
            (Some(a), Some(b)) => {
                worst.note(worst.measure(a, b, 0.0), || format!("{place}: {a:e}, expected {b:e}"));
            }
            _ if ours == theirs => {}
            _ => {
                worst.note(f64::INFINITY, || format!("{place}: {}, expected {}", short(ours), short(theirs)));
            }
        },
    }
}

fn short(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(_) => "an object".to_owned(),
        Value::Null => "nothing".to_owned(),
        value => value.to_string(),
    }
}

fn data() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/reference/data")
}

/// The names of the cases that `keep` wants.
fn names(keep: impl Fn(&str) -> bool) -> Vec<String> {
    let files = fs::read_dir(data()).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
    let names = files.filter_map(|file| file.strip_suffix(".json.gz").map(str::to_owned));
    let mut names: Vec<_> = names.filter(|name| keep(name)).collect();
    names.sort();
    names
}

/// Runs one case; the place and size of the worst miss if there is one.
fn check(name: &str, single: bool) -> Result<(), String> {
    check_with(name, single, unrolled::trace_experiment)
}

fn check_with(
    name: &str,
    single: bool,
    trace: impl FnOnce(&str) -> Result<String, unrolled::Error>,
) -> Result<(), String> {
    let file = File::open(data().join(format!("{name}.json.gz"))).unwrap();
    let mut pair: Value = serde_json::from_reader(flate2::read::GzDecoder::new(file)).unwrap();
    if single {
        pair["experiment"]["precision"] = "f32".into();
    }
    let text = trace(&pair["experiment"].to_string()).map_err(|error| format!("{name}: {error}"))?;
    let mut worst = Worst { single, miss: 1.0, place: String::new() };
    compare(&serde_json::from_str(&text).unwrap(), &pair["trace"], "trace", &mut worst);
    if worst.place.is_empty() { Ok(()) } else { Err(format!("{name}: {}", worst.place)) }
}

fn check_all(names: &[String]) {
    check_each(names, false);
}

fn check_each(names: &[String], single: bool) {
    let wrong: Vec<_> = names.iter().filter_map(|name| check(name, single).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

#[test]
fn one_layer() {
    let names = names(|name| !name.starts_with("deep-"));
    for cell in ["rnn-tanh", "rnn-relu", "lstm", "gru-before", "gru-after"] {
        let count = names.iter().filter(|name| name.starts_with(cell)).count();
        assert!(count >= 8, "{count} cases of {cell}: is tests/reference/data complete?");
    }
    let theirs = names.iter().filter(|name| name.starts_with("pytorch-")).count();
    assert_eq!(theirs, 20, "models of PyTorch through docs/from_pytorch.py");
    let windows = names.iter().filter(|name| name.starts_with("ann-")).count();
    assert!(windows >= 14, "{windows} cases of the feed-forward network");
    check_all(&names);
}

/// The names of a deep case with this in it, of which there are so many at least.
fn deep(word: &str, least: usize) -> Vec<String> {
    let names = names(|name| name.starts_with("deep-") && name.contains(word));
    assert!(names.len() >= least, "{} cases of {word}: is tests/reference/data complete?", names.len());
    names
}

#[test]
fn stacks_directions_and_layer_normalisation() {
    check_all(&deep("-m2m", 33));
    check_all(&deep("-m2o", 27));
    check_all(&deep("-o2o", 5));
}

#[test]
fn one_to_many() {
    check_all(&deep("-o2m", 39));
}

#[test]
fn encoder_decoder() {
    check_all(&deep("-e2d", 43));
}

/// The trace file that the page saves of an opened experiment.
#[test]
fn the_page_saves_the_same_trace() {
    let shapes = ["-m2m", "-m2o", "-o2o", "-o2m", "-e2d"];
    let names: Vec<_> = shapes
        .iter()
        .flat_map(|shape| deep(shape, 1))
        .chain(names(|name| name.starts_with("ann-")))
        .collect();
    let page = |text: &str| {
        let mut session = Session::new()?;
        session.open_file(text)?;
        session.trace_file(0)
    };
    let wrong: Vec<_> = names.iter().filter_map(|name| check_with(name, false, page).err()).collect();
    assert!(wrong.is_empty(), "{} of {} cases:\n{}", wrong.len(), names.len(), wrong.join("\n"));
}

#[test]
fn single_precision() {
    check_each(&deep("", 147), true);
    check_each(&names(|name| name.starts_with("ann-")), true);
}
