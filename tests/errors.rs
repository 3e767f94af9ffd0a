//! Whatever is wrong with a file is an error that names the place; nothing in a file is a panic.

use crate::common::{Draw, Size, experiment, leaves, merge, model, put, trace};
use proptest::prelude::*;
use serde_json::{Value, json};

const SIZE: Size = Size { inputs: 2, hidden: 3, outputs: 2, steps: 4 };

/// An experiment that nothing is wrong with: 2 inputs, 3 hidden units, 2 outputs, 4 steps.
fn valid(cell: &str, loss: &str) -> Value {
    experiment(&model(cell, &json!({})), "many-to-many", loss, SIZE, &mut Draw(3))
}

fn remove(object: &mut Value, name: &str) {
    object.as_object_mut().unwrap().remove(name).unwrap();
}

/// Breaks a valid RNN with classes for targets. The error must stand at `place` exactly, and its two
/// halves must name these values; the rest of its words are free.
#[track_caller]
fn check(change: impl FnOnce(&mut Value), place: &str, expected: &str, found: &str) {
    check_in(valid("rnn tanh", "cross-entropy"), change, place, expected, found);
}

#[track_caller]
fn check_in(mut file: Value, change: impl FnOnce(&mut Value), place: &str, expected: &str, found: &str) {
    trace(&file);
    change(&mut file);
    check_text(&file.to_string(), place, expected, found);
}

#[track_caller]
fn check_text(text: &str, place: &str, expected: &str, found: &str) {
    let Err(error) = unrolled::trace_experiment(text) else { panic!("{place}: no error") };
    assert_eq!(error.place, place, "{error}");
    assert!(error.expected.contains(expected), "{expected:?} is not in: {error}");
    assert!(error.found.contains(found), "{found:?} is not in: {error}");
    assert_eq!(error.to_string(), format!("{place}: expected {}, found {}", error.expected, error.found));
}

#[test]
fn the_example_of_the_format() {
    let mut file = valid("rnn tanh", "cross-entropy");
    file["model"]["weights"]["layers"][0]["W_hh"].as_array_mut().unwrap().pop();
    let error = unrolled::trace_experiment(&file.to_string()).unwrap_err();
    assert_eq!(error.to_string(), "model.weights.layers[0].W_hh: expected 3 rows, found 2");
}

#[test]
fn text_that_is_not_json() {
    check_text("", "line 1, column 0", "JSON", "");
    check_text("{\n  \"format\": oops", "line 2, column 13", "JSON", "");
    check_text("[1, 2", "line 1, column 5", "JSON", "");
    check_text("{} {}", "line 1, column 4", "JSON", "");
    check_text(&"[".repeat(100_000), "line 1, column 128", "JSON", "");
    // NaN is written as a text.
    check_text("{\"x\": NaN}", "line 1, column 7", "JSON", "");
}

#[test]
fn another_document() {
    check_text("[]", "$", "object", "0");
    check_text("{}", "format", "", "nothing");
    check(|file| file["format"] = json!("unrolled/2"), "format", "unrolled/1", "unrolled/2");
    check(|file| file["format"] = json!("unrolled-trace/1"), "format", "unrolled/1", "unrolled-trace/1");
    check(|file| file["format"] = json!(1), "format", "", "1");
}

#[test]
fn fields_that_are_missing() {
    for name in ["format", "model", "loss", "x", "target"] {
        check(|file| remove(file, name), name, "", "nothing");
    }
    for name in ["cell", "inputs", "hidden", "outputs", "shape"] {
        check(|file| remove(&mut file["model"], name), &format!("model.{name}"), "", "nothing");
    }
    // Weights, or a way to draw them.
    check(|file| remove(&mut file["model"], "weights"), "model.weights", "init", "neither");
    for name in ["layers", "head"] {
        let place = format!("model.weights.{name}");
        check(|file| remove(&mut file["model"]["weights"], name), &place, "", "nothing");
    }
    for name in ["layer", "direction", "W_xh", "W_hh", "b_h"] {
        let place = format!("model.weights.layers[0].{name}");
        check(|file| remove(&mut file["model"]["weights"]["layers"][0], name), &place, "", "nothing");
    }
    for name in ["W_hy", "b_y"] {
        let place = format!("model.weights.head.{name}");
        check(|file| remove(&mut file["model"]["weights"]["head"], name), &place, "", "nothing");
    }
}

#[test]
fn values_of_another_type() {
    check(|file| file["model"] = json!([]), "model", "object", "0");
    check(|file| file["model"]["cell"] = json!(7), "model.cell", "", "7");
    check(|file| file["model"]["hidden"] = json!("3"), "model.hidden", "", "\"3\"");
    check(|file| file["model"]["hidden"] = json!(3.5), "model.hidden", "", "3.5");
    check(|file| file["model"]["bidirectional"] = json!(1), "model.bidirectional", "true or false", "1");
    check(|file| file["model"]["layer_norm"] = json!("no"), "model.layer_norm", "true or false", "no");
    check(|file| file["x"] = json!(1.0), "x", "list", "1");
    check(|file| file["x"][1] = json!(1.0), "x[1]", "", "1");
    check(|file| file["x"][1][0] = json!(null), "x[1][0]", "number", "null");
    check(|file| file["x"][1][0] = json!("nan"), "x[1][0]", "number", "nan");
    check(|file| file["target"][2] = json!([1.0, 0.0]), "target[2]", "from 0 to 1", "2");
    check(|file| file["model"]["weights"] = json!([]), "model.weights", "object", "0");
    let layers = |file: &mut Value| file["model"]["weights"]["layers"][0]["W_hh"][2][1] = json!(true);
    check(layers, "model.weights.layers[0].W_hh[2][1]", "number", "true");
}

#[test]
fn words_that_are_not_known() {
    check(|file| file["model"]["cell"] = json!("RNN"), "model.cell", "rnn", "\"RNN\"");
    check(|file| file["model"]["cell"] = json!("elman"), "model.cell", "lstm", "\"elman\"");
    check(|file| file["model"]["shape"] = json!("many"), "model.shape", "many-to-many", "\"many\"");
    check(|file| file["model"]["activation"] = json!("gelu"), "model.activation", "relu", "\"gelu\"");
    check(|file| file["loss"] = json!("mse"), "loss", "squared-error", "\"mse\"");
    check(|file| file["precision"] = json!("f16"), "precision", "f32", "\"f16\"");
    let gru = valid("gru after", "cross-entropy");
    check_in(gru, |file| file["model"]["reset"] = json!("never"), "model.reset", "before", "\"never\"");
    let entry = |file: &mut Value| file["model"]["weights"]["layers"][0]["direction"] = json!("up");
    check(entry, "model.weights.layers[0].direction", "forward", "\"up\"");
}

#[test]
fn numbers_out_of_range() {
    for name in ["inputs", "hidden", "outputs", "layers"] {
        for wrong in [json!(0), json!(-1), json!(1_000_000_000), json!(1e300), json!(u64::MAX)] {
            let place = format!("model.{name}");
            check(|file| file["model"][name] = wrong.clone(), &place, "from 1 to", &wrong.to_string());
        }
    }
    check(|file| file["target"][3] = json!(2), "target[3]", "from 0 to 1", "2");
    check(|file| file["target"][3] = json!(-1), "target[3]", "from 0 to 1", "-1");
    check(|file| file["target"][3] = json!(0.5), "target[3]", "from 0 to 1", "0.5");
    check(|file| file["x"] = json!([]), "x", "1", "0");
    check(|file| file["x"] = json!(vec![[0.0, 0.0]; 10_001]), "x", "10000", "10001");
}

#[test]
fn sizes_that_disagree() {
    check(|file| file["x"][2] = json!([0.0]), "x[2]", "2 numbers", "1");
    check(|file| file["x"][2] = json!([0.0, 0.0, 0.0]), "x[2]", "2 numbers", "3");
    check(|file| file["target"] = json!([0, 1]), "target", "4", "2");
    check(|file| file["model"]["shape"] = json!("many-to-one"), "target", "1", "4");
    check(|file| file["model"]["shape"] = json!("one-to-one"), "x", "1", "4");
    // A wrong size shows where the first thing does not fit it.
    check(|file| file["model"]["inputs"] = json!(3), "x[0]", "3 numbers", "2");
    check(|file| file["model"]["hidden"] = json!(2), "model.weights.layers[0].W_xh", "2 rows", "3");
    let squared = valid("rnn tanh", "squared-error");
    check_in(squared, |file| file["target"][1] = json!([0.0]), "target[1]", "2 numbers", "1");

    let entry = |name: &'static str, value: Value| {
        move |file: &mut Value| file["model"]["weights"]["layers"][0][name] = value
    };
    let ragged = json!([[0, 0, 0], [0, 0], [0, 0, 0]]);
    check(entry("W_hh", ragged), "model.weights.layers[0].W_hh[1]", "3 numbers", "2");
    check(entry("W_hh", json!([])), "model.weights.layers[0].W_hh", "3 rows", "0");
    check(entry("b_h", json!([0, 0, 0, 0])), "model.weights.layers[0].b_h", "3 numbers", "4");
    check(entry("h_0", json!([0])), "model.weights.layers[0].h_0", "3 numbers", "1");
    let lstm = || valid("lstm", "cross-entropy");
    check_in(lstm(), entry("C_0", json!([0])), "model.weights.layers[0].C_0", "3 numbers", "1");
    // [h, x] has H + D columns.
    check_in(
        lstm(),
        entry("W_f", json!([[0], [0], [0]])),
        "model.weights.layers[0].W_f[0]",
        "5 numbers",
        "1",
    );
    let head = |file: &mut Value| file["model"]["weights"]["head"]["W_hy"] = json!([[0, 0, 0]]);
    check(head, "model.weights.head.W_hy", "2 rows", "1");
    let head = |file: &mut Value| file["model"]["weights"]["head"]["b_y"] = json!([0]);
    check(head, "model.weights.head.b_y", "2 numbers", "1");
}

#[test]
fn layers_in_another_order() {
    let more = json!({"layers": 2, "bidirectional": true});
    let deep = || experiment(&model("gru after", &more), "many-to-one", "squared-error", SIZE, &mut Draw(3));
    let layers = |file: &mut Value, change: fn(&mut Vec<Value>)| {
        change(file["model"]["weights"]["layers"].as_array_mut().unwrap());
    };
    let at = |place: &str| format!("model.weights.layers{place}");
    check_in(deep(), |file| layers(file, |list| list.truncate(3)), &at(""), "4", "3");
    check_in(deep(), |file| layers(file, |list| list.push(list[3].clone())), &at(""), "4", "5");
    check_in(deep(), |file| layers(file, |list| list.swap(0, 2)), &at("[0].layer"), "1", "2");
    check_in(
        deep(),
        |file| layers(file, |list| list.swap(0, 1)),
        &at("[0].direction"),
        "forward",
        "backward",
    );
    check_in(
        deep(),
        |file| layers(file, |list| list[1] = list[0].clone()),
        &at("[1].direction"),
        "back",
        "for",
    );
    // The first layer reads D = 2 numbers, the second both directions of the first, 2 · 3.
    let narrow = |list: &mut Vec<Value>| list[2]["W_z"] = list[0]["W_z"].clone();
    check_in(deep(), |file| layers(file, narrow), &at("[2].W_z[0]"), "9 numbers", "5");
}

#[test]
fn settings_of_another_cell() {
    let set =
        |name: &'static str, value: &'static str| move |file: &mut Value| file["model"][name] = json!(value);
    check(set("reset", "after"), "model.reset", "gru", "after");
    check_in(valid("lstm", "cross-entropy"), set("activation", "relu"), "model.activation", "rnn", "relu");
    check_in(
        valid("gru after", "cross-entropy"),
        set("activation", "tanh"),
        "model.activation",
        "rnn",
        "tanh",
    );
    let cell = |file: &mut Value| file["model"]["weights"]["layers"][0]["C_0"] = json!([0, 0, 0]);
    check(cell, "model.weights.layers[0].C_0", "lstm", "3");
    check(set("hold", "f"), "model.hold", "rnn has no gate", "f");
    check_in(valid("lstm", "cross-entropy"), set("hold", "r"), "model.hold", "f, i or o", "r");
    check_in(valid("gru after", "cross-entropy"), set("hold", "z"), "model.hold", "r", "z");
    check(|file| file["model"]["window"] = json!(-3), "model.window", "0", "-3");
    let limit =
        |file: &mut Value, by: &str, at: Value| file["model"]["clip_back"] = json!({"by": by, "at": at});
    check(|file| limit(file, "length", json!(1)), "model.clip_back.by", "norm", "length");
    check(|file| limit(file, "norm", json!(0)), "model.clip_back.at", "above 0", "0");
    check(|file| limit(file, "value", json!("c")), "model.clip_back.at", "number", "\"c\"");
    let norm = |file: &mut Value| file["model"]["layer_norm"] = json!(true);
    check_in(valid("gru after", "cross-entropy"), norm, "model.layer_norm", "after", "true");
    check(norm, "model.weights.layers[0].g_h", "", "nothing");
}

/// A one-to-many model that reads its outputs, which are as wide as its inputs.
fn speaking(more: &Value) -> Value {
    experiment(&model("lstm", more), "one-to-many", "squared-error", SIZE, &mut Draw(3))
}

fn decoding(more: &Value) -> Value {
    experiment(&model("lstm", more), "encoder-decoder", "cross-entropy", SIZE, &mut Draw(3))
}

fn set(name: &'static str, value: Value) -> impl FnOnce(&mut Value) {
    move |file: &mut Value| file["model"][name] = value
}

#[test]
fn feedback_where_there_is_none() {
    let place = "model.feedback";
    check(set("feedback", json!(true)), place, "one-to-many", "many-to-many");
    check_in(decoding(&json!({})), set("feedback", json!(true)), place, "one-to-many", "encoder-decoder");
    check(set("feedback", json!("yes")), place, "true or false", "yes");
    let both = json!({"bidirectional": true});
    check_in(speaking(&both), set("feedback", json!(true)), place, "bidirectional", "true");
    let wide = || {
        experiment(
            &model("lstm", &json!({})),
            "one-to-many",
            "squared-error",
            Size { outputs: 3, ..SIZE },
            &mut Draw(3),
        )
    };
    check_in(wide(), set("feedback", json!(true)), place, "as many outputs as inputs (2)", "3 outputs");
    // Told or free: only what reads outputs.
    let teaching = |value: Value| move |file: &mut Value| file["teaching"] = value;
    check(teaching(json!(true)), "teaching", "encoder-decoder", "true");
    check_in(speaking(&json!({})), teaching(json!(false)), "teaching", "feedback", "false");
    check_in(speaking(&json!({"feedback": true})), teaching(json!(1)), "teaching", "true or false", "1");
    check_in(decoding(&json!({})), teaching(json!(null)), "teaching", "true or false", "null");
}

#[test]
fn shapes_with_lengths_of_their_own() {
    for file in [speaking(&json!({})), speaking(&json!({"feedback": true})), decoding(&json!({}))] {
        let target = |value: Value| move |file: &mut Value| file["target"] = value;
        check_in(file.clone(), target(json!([])), "target", "1 to 10000 rows", "0");
        check_in(file.clone(), target(json!(vec![[0.0, 0.0]; 10_001])), "target", "10000", "10001");
        check_in(file.clone(), target(json!(3)), "target", "list", "3");
    }
    check_in(speaking(&json!({})), |file| file["x"] = json!([[0, 0], [0, 0]]), "x", "1", "2");
    check_in(speaking(&json!({})), |file| file["target"][3] = json!([0.0]), "target[3]", "2 numbers", "1");
    check_in(decoding(&json!({})), |file| file["target"][4] = json!(2), "target[4]", "from 0 to 1", "2");
    check_in(decoding(&json!({})), |file| file["x"] = json!([]), "x", "1", "0");
}

#[test]
fn decoders_that_do_not_fit() {
    let decoder = "model.weights.decoder";
    let weights = |name: &'static str, value: Value| {
        move |file: &mut Value| file["model"]["weights"]["decoder"][0][name] = value
    };
    let without = |file: &mut Value| remove(&mut file["model"]["weights"], "decoder");
    check_in(decoding(&json!({})), without, decoder, "a value", "nothing");
    check(|file| file["model"]["weights"]["decoder"] = json!([]), decoder, "encoder-decoder", "a list of 0");
    let layers = json!({"layers": 2});
    let shorter = |file: &mut Value| _ = file["model"]["weights"]["decoder"].as_array_mut().unwrap().pop();
    check_in(decoding(&layers), shorter, decoder, "2 entries", "1");
    let swapped = |file: &mut Value| file["model"]["weights"]["decoder"].as_array_mut().unwrap().swap(0, 1);
    check_in(decoding(&layers), swapped, "model.weights.decoder[0].layer", "1", "2");
    let narrow = json!(vec![[0.0; 3]; 3]);
    check_in(
        decoding(&json!({})),
        weights("W_f", narrow),
        "model.weights.decoder[0].W_f[0]",
        "5 numbers",
        "3",
    );
    check_in(
        decoding(&json!({})),
        weights("b_f", json!([0])),
        "model.weights.decoder[0].b_f",
        "3 numbers",
        "1",
    );
    let back = weights("direction", json!("backward"));
    check_in(decoding(&json!({})), back, "model.weights.decoder[0].direction", "forward", "backward");
    // Both directions of the encoder end in a decoder of twice the width.
    let both = json!({"bidirectional": true});
    let half = weights("W_f", json!(vec![[0.0; 5]; 3]));
    check_in(decoding(&both), half, "model.weights.decoder[0].W_f", "6 rows", "3");
    for name in ["h_0", "C_0"] {
        let place = format!("model.weights.decoder[0].{name}");
        check_in(decoding(&json!({})), weights(name, json!([0, 0, 0])), &place, "encoder's last", "3");
    }
}

/// What is no error: fields that nobody knows, and numbers that are not finite, written as texts.
#[test]
fn what_is_allowed() {
    let file = valid("lstm", "squared-error");
    let mut more = file.clone();
    merge(&mut more, &json!({"author": "Ada", "model": {"name": "m", "weights": {"note": [1, 2]}}}));
    more["model"]["weights"]["layers"][0]["comment"] = json!({"of": "the layer"});
    assert_eq!(trace(&file), trace(&more));

    for (word, y) in [("Infinity", "Infinity"), ("-Infinity", "-Infinity"), ("NaN", "NaN")] {
        let mut file = file.clone();
        put(&mut file, "/model/weights/head/b_y/0", word);
        assert_eq!(trace(&file)["y"][0][0], y);
    }
    let mut file = file;
    put(&mut file, "/x/0/0", "NaN");
    let trace = trace(&file);
    assert_eq!((&trace["loss"], &trace["layers"][0]["h"][3][0]), (&json!("NaN"), &json!("NaN")));
    assert_eq!(trace["gradients"]["x"][3][0], "NaN");
}

/// A file somebody edited by hand: one value replaced, one removed, or the end cut off.
#[derive(Clone, Debug)]
enum Edit {
    Replace(Value),
    Remove,
    Cut,
}

/// The JSON pointers of everything in a document.
fn places(value: &Value, here: &str, into: &mut Vec<String>) {
    into.push(here.to_owned());
    match value {
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(n, item)| places(item, &format!("{here}/{n}"), into));
        }
        Value::Object(fields) => {
            fields.iter().for_each(|(name, item)| places(item, &format!("{here}/{name}"), into));
        }
        _ => {}
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, failure_persistence: None, ..ProptestConfig::default() })]

    /// No edit is a panic. A file with numbers replaced by numbers may well run.
    #[test]
    fn no_edit_is_a_panic(
        cell in prop::sample::select(vec!["rnn tanh", "rnn relu", "lstm", "gru before", "gru after"]),
        loss in prop::sample::select(vec!["squared-error", "cross-entropy"]),
        (shape, more) in prop::sample::select(vec![
            ("many-to-many", json!({})), ("many-to-many", json!({"layers": 2})),
            ("many-to-one", json!({"bidirectional": true})), ("one-to-many", json!({})),
            ("one-to-many", json!({"feedback": true})), ("encoder-decoder", json!({"layers": 2})),
            ("encoder-decoder", json!({"bidirectional": true})),
        ]),
        teaching in any::<bool>(),
        where_to in any::<prop::sample::Index>(),
        edit in prop_oneof![
            prop::sample::select(vec![
                json!(null), json!(true), json!(-1), json!(0), json!(2), json!(5), json!(1e308), json!(u64::MAX),
                json!(0.5), json!(""), json!("NaN"), json!("-Infinity"), json!("one-to-one"), json!("many-to-one"),
                json!("one-to-many"), json!("encoder-decoder"), json!("f32"), json!("lstm"), json!("gru"),
                json!([]), json!([[]]), json!([[1, 2], [3]]), json!({}), json!({"scheme": "glorot", "seed": 1}),
            ]).prop_map(Edit::Replace),
            Just(Edit::Remove),
            Just(Edit::Cut),
        ],
    ) {
        let mut file = experiment(&model(cell, &more), shape, loss, SIZE, &mut Draw(3));
        if shape == "encoder-decoder" || more["feedback"] == true {
            file["teaching"] = teaching.into();
        }
        let mut all = Vec::new();
        places(&file, "", &mut all);
        let place = where_to.get(&all).clone();
        let text = match edit {
            Edit::Replace(value) => {
                put(&mut file, &place, value);
                file.to_string()
            }
            Edit::Remove => {
                let (parent, name) = place.rsplit_once('/').unwrap_or_default();
                match file.pointer_mut(parent) {
                    Some(Value::Array(items)) if !name.is_empty() => _ = items.remove(name.parse().unwrap()),
                    Some(Value::Object(fields)) => _ = fields.remove(name),
                    _ => {}
                }
                file.to_string()
            }
            Edit::Cut => {
                let text = file.to_string();
                text[..where_to.index(text.len())].to_owned()
            }
        };
        match unrolled::trace_experiment(&text) {
            Ok(trace) => {
                let trace: Value = serde_json::from_str(&trace).unwrap();
                prop_assert!(!leaves(&trace, "").is_empty());
            }
            Err(error) => prop_assert!(!error.place.is_empty(), "{error}"),
        }
    }
}

/// What is no experiment file is named, and what helps.
fn check_foreign(bytes: &[u8], found: &str) {
    let mut session = unrolled::session::Session::new().unwrap();
    let before = session.link();
    let error = session.open_file(&String::from_utf8_lossy(bytes)).unwrap_err();
    assert_eq!(error.place, "file", "{error}");
    assert!(error.expected.contains("docs/from_pytorch.py") && error.found.contains(found), "{error}");
    assert_eq!(session.link(), before);
}

#[test]
fn models_of_other_programs_are_told_by_name() {
    check_foreign(b"PK\x03\x04\0\0\x08\x08\0\0\0\0model/data.pkl", "zip archive, as PyTorch");
    check_foreign(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.", "bytes that are no text");
    check_foreign(b"\x89HDF\r\n\x1a\n\0\0\0", "HDF5");
    check_foreign(b"\x93NUMPY\x01\0v\0{'descr': '<f8'", "NumPy");
    check_foreign(b"\x40\x01\0\0\0\0\0\0{\"w\":{\"dtype\":\"F32\",\"shape\":[1]", "safetensors");
    check_foreign(b"\x08\x07\x12\x07pytorch\x1a\x052.0.0:\0", "ONNX");
    check_foreign(br#"{"lstm.weight_ih_l0": [[0.1]], "fc.bias": [0]}"#, "lstm.weight_ih_l0");
    check_foreign(br#"{"epoch": 3, "state_dict": {"weight_hh_l0": [[0.1]]}}"#, "weight_hh_l0");
    check_foreign(br#"{"lstm": {"recurrent_kernel": [[0.1]]}}"#, "recurrent_kernel");
    // Numbers with a letter of another alphabet are text.
    let error = unrolled::session::Session::new().unwrap().open_file("größe\nüber\n").unwrap_err();
    assert_ne!(error.place, "file", "{error}");
}
