//! Every network of the book on the page: each shape with each cell, deep and in both directions, can be chosen, stepped
//! forward and backward, and what is drawn at each step is what the trace has there.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use unrolled::Error;
use unrolled::experiment::settings::{Key, Kind, Setting};
use unrolled::experiment::{Choice as _, Shape, Steps};
use unrolled::session::{Losses, Session, Tab};
use unrolled::view::{Mode, Viewport};

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };
/// What the steps without an input read: by shape the settings that there are.
const READS: [(Shape, &[&str]); 5] = [
    (Shape::OneToOne, &[""]),
    (Shape::OneToMany, &["", "&feedback=on", "&feedback=on&teaching=free"]),
    (Shape::ManyToOne, &[""]),
    (Shape::ManyToMany, &[""]),
    (Shape::EncoderDecoder, &["", "&teaching=free"]),
];
const DATA: [&str; 4] = ["letters", "text", "sunspots", "numbers"];

fn open(link: &str) -> Result<Session, Error> {
    let mut session = Session::new().unwrap();
    session.open(link, None).map(|()| session)
}

fn value(of: impl serde::Serialize) -> Value {
    serde_json::to_value(of).unwrap()
}

/// How many steps there are: T = 5 inputs, T' = 4 outputs, where the shape has so many.
fn expected(shape: Shape) -> Steps {
    let inputs = if shape.has_inputs() { 5 } else { 1 };
    let outputs = if shape.writes_on() { 4 } else { inputs };
    Steps::of(shape, inputs, outputs)
}

/// The number in an equation's result: `= … = 0.123`.
fn spoken_result(line: &Value) -> String {
    line["spoken"].as_str().unwrap().rsplit("which is ").next().unwrap().to_owned()
}

/// Goes through a whole pass in every picture.
fn walk(link: &str, shape: Shape) {
    let mut session = open(link).unwrap_or_else(|error| panic!("{link}: {error}"));
    let (steps, wanted) = (session.steps(), expected(shape));
    assert_eq!((steps, session.axis()), (wanted.count, wanted), "{link}");
    for losses in [Losses::Last, Losses::Every] {
        session.set_losses(losses);
        for position in 1..=2 * steps {
            session.seek(position);
            let (t, backward) = session.t();
            let place = format!("{link}, position {position}");
            let seen = value((session.overview(), session.caption(), session.table(), session.describe()));
            let lead = seen[1]["lead"].as_str().unwrap();
            assert!(lead.contains(&wanted.name(t)), "{place}: {lead}");
            assert_eq!(seen[0]["step"], wanted.name(t), "{place}");
            let inspected = value(session.inspect().unwrap());
            let lines = |side: &str| inspected[side].as_array().unwrap().clone();
            // The last equation of the state itself ends in the state that the heat map shows.
            let own = lines("forward").into_iter().rev().find(|line| line["symbol"] == "h").unwrap();
            assert_eq!(json!(spoken_result(&own)), inspected["value"], "{place}");
            assert_eq!(lines("backward").is_empty(), !backward, "{place}");
            // In every layer and direction, also where a decoder's units go on from both.
            for row in ["h.1", "h.1b", "h.2", "h.2b"] {
                let units = (0..3).filter_map(|unit| session.inspect_at(0, row, unit, t).map(value));
                for inspected in units {
                    let lines = inspected["forward"].as_array().unwrap();
                    let own = lines.iter().rev().find(|line| line["symbol"] == "h").unwrap();
                    assert_eq!(json!(spoken_result(own)), inspected["value"], "{place}, {row}");
                }
            }
            for part in [true, false] {
                session.set_boxes(part);
                _ = session.layout_with_words(WIDE);
                assert!(session.paint().is_some() && !session.labels().is_empty(), "{place}");
                _ = session.boxes_layout(WIDE);
                assert!(session.boxes_paint().is_some() && !session.boxes().is_empty(), "{place}");
            }
            for _ in 0..session.operations() {
                session.operate(true);
                assert!(value(session.caption())["lead"].as_str().unwrap().contains(" of "), "{place}");
            }
        }
    }
    session.set_tab(Tab::Flow);
    while !session.flow_advance() {}
    while !session.given_advance() {}
    session.seek(2 * steps);
    _ = session.flow_layout(WIDE);
    assert!(session.flow_paint().is_some(), "{link}");
    session.set_tab(Tab::Spectrum);
    while session.spectrum_advance() > 0 {}
    for position in [1, steps, 2 * steps] {
        session.seek(position);
        _ = session.spectrum_layout(WIDE).unwrap();
        let said = value((session.spectrum_facts(), session.caption(), session.table(), session.describe()));
        assert!(
            said[0]["lanes"][0]["head"].as_str().unwrap().ends_with(&wanted.name(session.t().0)),
            "{said}"
        );
        assert_eq!(said[2]["rows"].as_array().unwrap().len(), steps, "{link}");
        assert!(!session.spectrum_svg(WIDE).is_empty() && !session.spectrum_labels().is_empty(), "{link}");
    }
    session.set_tab(Tab::Update);
    while !session.update_advance() {}
    assert!(!session.describe().is_empty(), "{link}");
}

#[test]
fn every_network_can_be_chosen_and_stepped() {
    for (shape, reads) in READS {
        for read in reads {
            for (layers, directions) in [(1, "one"), (2, "one"), (1, "both"), (2, "both")] {
                let data = if shape == Shape::ManyToOne { "letters" } else { "text" };
                let link = format!(
                    "data={data}&shape={}{read}&T=5&out=4&H=3&layers={layers}&directions={directions}",
                    shape.word()
                );
                if read.contains("feedback") && directions == "both" {
                    let error = open(&link).err().unwrap().to_string();
                    for word in ["directions of lane 1", "before it is made", "both"] {
                        assert!(error.contains(word), "{link}: {error}");
                    }
                } else {
                    walk(&link, shape);
                }
            }
        }
    }
}

#[test]
fn a_window_can_be_chosen_and_stepped() {
    for shape in [Shape::OneToOne, Shape::ManyToOne, Shape::ManyToMany] {
        for act in ["tanh", "relu"] {
            let data = if shape == Shape::ManyToOne { "letters" } else { "text" };
            walk(&format!("data={data}&shape={}&T=5&lanes=ann~act:{act}~H:3,rnn", shape.word()), shape);
        }
    }
}

#[test]
fn every_kind_of_data_has_every_shape() {
    for data in DATA {
        for (shape, reads) in READS {
            for read in reads {
                walk(&format!("data={data}&shape={}{read}&T=5&out=4&H=2&lanes=gru", shape.word()), shape);
            }
        }
    }
}

#[test]
fn what_is_impossible_says_which_and_why() {
    let check = |link: &str, words: &[&str]| {
        let error = open(link).err().unwrap_or_else(|| panic!("{link} opens")).to_string();
        for word in words {
            assert!(error.contains(word), "{link}: {error}");
        }
    };
    check("data=hand&shape=encoder-decoder", &["shape", "no decoder", "encoder-decoder"]);
    check(
        "data=letters&shape=one-to-many&feedback=on&directions=both",
        &["directions of lane 1", "before it is made"],
    );
    // And is not offered.
    let controls = |link: &str| value(open(link).unwrap().controls());
    let barred = |link: &str, key: &str, word: &str| {
        let controls = controls(link);
        let control =
            controls.as_array().unwrap().iter().find(|control| control["key"] == key).unwrap().clone();
        let option = control["options"].as_array().unwrap().iter().find(|option| option["value"] == word);
        option.unwrap()["barred"].as_str().map(str::to_owned)
    };
    assert!(barred("data=hand", "shape", "encoder-decoder").unwrap().contains("no decoder"));
    assert!(
        barred("shape=one-to-many&feedback=on", "directions", "both").unwrap().contains("before it is made")
    );
    assert!(
        barred("shape=one-to-many&directions=both", "feedback", "on").unwrap().contains("before it is made")
    );
    assert_eq!(barred("shape=one-to-many", "feedback", "on"), None);
}

/// A few values of a setting, each with what an error may call it.
fn values(setting: &Setting) -> Vec<(String, Vec<String>)> {
    let named = |word: String, label: &str| {
        let names = [setting.key, setting.label, &word, label].map(str::to_lowercase);
        (word, names.into_iter().filter(|name| name.len() > 2).collect())
    };
    match setting.kind {
        Kind::Choice(options) => {
            options.iter().map(|(word, label)| named((*word).to_owned(), label)).collect()
        }
        Kind::Integer { min, max, .. } => BTreeSet::from([min, (min + 3).min(max)])
            .into_iter()
            .map(|value| named(value.to_string(), ""))
            .collect(),
        Kind::Real { min, max, .. } => [min, max].map(|value| named(value.to_string(), "")).into(),
        Kind::Text { .. } => Vec::new(),
    }
}

/// Two settings go together, or an error names both; and what does not go with the one is not offered for the other.
#[test]
fn every_pair_of_settings_runs_or_is_not_offered() {
    let (mut ran, mut refused) = (0, 0);
    for (base, keys) in [
        ("H=2&T=4&out=3", Key::ALL.to_vec()),
        ("H=2&T=4&out=3&data=letters&shape=one-to-many&feedback=on", Key::ALL.to_vec()),
        (
            "H=2&T=4&out=3&data=letters&shape=encoder-decoder",
            vec![Key::Data, Key::Shape, Key::Directions, Key::Teaching],
        ),
    ] {
        // What needs a file that is loaded later is tried where it is.
        let alone: Vec<_> = keys
            .iter()
            .flat_map(|key| values(key.setting()).into_iter().map(move |(word, names)| (*key, word, names)))
            .filter(|(key, word, _)| open(&format!("{base}&{}={word}", key.setting().key)).is_ok())
            .collect();
        for (key, word, names) in &alone {
            let mut session = open(&format!("{base}&{}={word}", key.setting().key)).unwrap();
            let controls = value(session.controls());
            for (other, second, others) in alone.iter().filter(|(other, ..)| other != key) {
                let what = format!("{base}, {}={word}, {}={second}", key.setting().key, other.setting().key);
                // What does not act is not shown.
                let shown = |c: &&Value| c["key"] == other.setting().key && c["applies"] == true;
                let control = controls.as_array().unwrap().iter().find(shown);
                let options = control.and_then(|control| control["options"].as_array());
                let option = options.and_then(|options| options.iter().find(|o| o["value"] == **second));
                let barred = option.map(|option| option["barred"].as_str().unwrap_or_default().to_owned());
                let before = session.link();
                match session.set(other.setting().key, second, None) {
                    Ok(()) => {
                        ran += 1;
                        assert_eq!(barred.unwrap_or_default(), "", "{what}: barred, but runs");
                        session.open(&before, None).unwrap();
                    }
                    Err(error) => {
                        refused += 1;
                        let error = error.to_string().to_lowercase();
                        assert_ne!(barred.as_deref(), Some(""), "{what}: offered, but {error}");
                        for names in [names, others] {
                            assert!(
                                names.iter().any(|name| error.contains(name)),
                                "{what}: {error} names none of {names:?}"
                            );
                        }
                        assert_eq!(session.link(), before, "{what}");
                    }
                }
            }
        }
    }
    assert!(ran > 5000 && refused >= 8, "{ran} pairs ran, {refused} were refused");
}

/// Free running shows what was fed back; teaching shows the target.
#[test]
fn a_step_says_what_it_reads() {
    let read = |link: &str, t: usize| {
        let session = open(link).unwrap();
        let lanes = value(session.overview())["lanes"].clone();
        let said = lanes[0]["outputs"][t - 2]["shown"].as_str().map(str::to_owned);
        let mut session = session;
        session.seek(t);
        session.select(0, "h", 0, true).unwrap();
        (value(session.caption())["lead"].as_str().unwrap().to_owned(), said)
    };
    let link = "data=letters&shape=encoder-decoder&T=5&out=4&teaching=free&lanes=rnn";
    for t in 7..=9 {
        let (lead, said) = read(link, t);
        assert!(lead.contains(&format!("“{}” (its own output, fed back)", said.unwrap())), "{lead}");
    }
    assert!(read(link, 6).0.contains("“∅” (zeros)"));
    let told = read("data=letters&shape=encoder-decoder&T=5&out=4&lanes=rnn", 7).0;
    assert!(told.contains("(the target before)"), "{told}");
    let zeros = read("data=letters&shape=one-to-many&out=4&lanes=rnn", 3).0;
    assert!(zeros.contains("“∅” (zeros)"), "{zeros}");
}

/// Each lane is told or runs free, reads zeros or outputs, by its own setting.
#[test]
fn lanes_read_on_each_in_its_own_way() {
    let check = |link: &str, t: usize, words: &[&str]| {
        let mut session = open(link).unwrap_or_else(|error| panic!("{link}: {error}"));
        assert_eq!(session.link(), link);
        let same = words.iter().all(|word| *word == words[0]);
        let shown = value(session.overview())["inputs"][t - 1].clone();
        assert_eq!(shown == "⋯", !same, "{link}: {shown}");
        for (lane, word) in words.iter().enumerate() {
            session.select(lane, "h", 0, true).unwrap();
            session.seek(t);
            let lead = value(session.caption())["lead"].as_str().unwrap().to_owned();
            assert!(lead.contains(word), "{link}: {lead}");
            let file: Value = serde_json::from_str(&session.experiment_file(lane).unwrap()).unwrap();
            assert_eq!(
                file.get("teaching"),
                match *word {
                    "(zeros)" => None,
                    word => Some(json!(word == "(the target before)")),
                }
                .as_ref(),
                "{link}"
            );
        }
    };
    let [told, free, zeros] = ["(the target before)", "(its own output, fed back)", "(zeros)"];
    check("data=letters&shape=encoder-decoder&T=5&out=4&H=3&lanes=rnn,rnn~teaching:free", 7, &[told, free]);
    check(
        "data=letters&shape=encoder-decoder&teaching=free&T=5&out=4&H=3&lanes=rnn~teaching:teach,lstm",
        7,
        &[told, free],
    );
    check("data=letters&shape=encoder-decoder&teaching=free&T=5&out=4&H=3&lanes=rnn,lstm", 7, &[free, free]);
    let many = "data=letters&shape=one-to-many&out=4&H=3&lanes=rnn~directions:both,gru~feedback:on,lstm~feedback:on~teaching:free";
    check(many, 3, &[zeros, told, free]);
    let error =
        open("data=letters&shape=one-to-many&lanes=rnn~directions:both,gru~directions:both~feedback:on")
            .err()
            .unwrap();
    assert!(error.to_string().starts_with("directions of lane 2"), "{error}");
    // A lane offers what it reads.
    let session = open(many).unwrap();
    let lanes = value(session.overview())["lanes"].clone();
    let keys = |lane: usize| {
        lanes[lane]["settings"].as_array().unwrap().iter().map(|s| s["key"].clone()).collect::<Vec<_>>()
    };
    assert!(keys(0).contains(&json!("feedback")) && !keys(0).contains(&json!("teaching")));
    assert!(keys(2).contains(&json!("teaching")));
}

/// Encoder and decoder are one sequence: the decoder's first state comes from the encoder's last, and the gradient of
/// that passes the border.
#[test]
fn a_gradient_crosses_the_border() {
    for directions in ["one", "both"] {
        let link =
            format!("data=letters&shape=encoder-decoder&T=5&out=4&H=3&directions={directions}&losses=every");
        let session = open(&link).unwrap();
        for lane in 0..3 {
            let trace: Value = serde_json::from_str(&session.trace_file(lane).unwrap()).unwrap();
            let inside = trace["gradients"]["layers"][0]["h_from_future"][4].as_array().unwrap();
            let numbers: Vec<f64> = inside.iter().map(|number| number.as_f64().unwrap()).collect();
            assert!(numbers.iter().all(|number| *number != 0.0), "{link}");
            assert_eq!(trace["gradients"]["layers"][0]["h_from_loss"][4], json!([0.0, 0.0, 0.0]), "{link}");
        }
    }
}
