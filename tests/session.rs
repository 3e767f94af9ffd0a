//! The page's state: what it opens on, what links and files bring back, what wrong input leaves alone.

use serde_json::{Value, json};
use unrolled::Error;
use unrolled::experiment::Direction;
use unrolled::session::{Session, Site};
use unrolled::view::{Mode, Viewport};

use crate::common::{Draw, Size, experiment, model};

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };

fn session() -> Session {
    Session::new().unwrap()
}

fn seen(session: &Session) -> Value {
    serde_json::to_value((session.overview(), session.controls(), session.inspect(), session.caption()))
        .unwrap()
}

fn overview(session: &Session) -> Value {
    serde_json::to_value(session.overview()).unwrap()
}

#[test]
fn opens_on_a_gradient_that_dies_and_ones_that_live() {
    let overview = overview(&session());
    let verdicts: Vec<_> =
        overview["lanes"].as_array().unwrap().iter().map(|lane| lane["gauge"]["verdict"].clone()).collect();
    assert_eq!(verdicts[0], "vanished on the way to t = 1");
    assert_eq!(verdicts[1], "over half is left at t = 1");
    assert_eq!(verdicts[2], "1 part in 15 is left at t = 1");
    assert_eq!(overview["position"], 80, "the picture is finished");
}

/// Whatever was done, its link brings it back.
fn check_link(name: &str, act: impl FnOnce(&mut Session) -> Result<(), Error>) {
    let mut before = session();
    act(&mut before).unwrap_or_else(|error| panic!("{name}: {error}"));
    let link = before.link();
    let mut after = session();
    after.open(&link, before.stored().as_deref()).unwrap_or_else(|error| panic!("{name}: {link}: {error}"));
    assert_eq!(seen(&before), seen(&after), "{name}: {link}");
    assert_eq!(after.link(), link, "{name}");
}

#[test]
fn links_bring_a_feed_forward_lane_back() {
    check_link("a feed-forward lane", |s| {
        s.add_lane("ann")?;
        s.set("H", "5", Some(3))?;
        s.select(3, "s", 4, true)?;
        s.look("W_xh.2.7", true)
    });
}

#[test]
fn links_bring_everything_back() {
    check_link("nothing", |_| Ok(()));
    assert_eq!(session().link(), "");
    check_link("settings", |s| {
        s.set("T", "17", None)?;
        s.set("rho", "1.25", None)?;
        s.set("bf", "-0.5", None)?;
        s.set("init", "orthogonal", None)?;
        s.set("precision", "f32", None)
    });
    check_link("fixes", |s| {
        s.set("hold", "f", None)?;
        s.set("holdr", "r", None)?;
        s.set("window", "10", Some(0))
    });
    check_link("text", |s| s.set("text", "naïve & \"quoted\" = 100% 日本\n#hash", None));
    check_link("numbers", |s| {
        s.set("numbers", "1;2,5\n2;3,5\n4;1,0\n8;0,5", None)?;
        s.set("data", "numbers", None)?;
        s.set("shape", "many-to-many", None)
    });
    check_link("lanes", |s| {
        s.add_lane("rnn")?;
        s.set("act", "relu", Some(3))?;
        s.set("H", "5", Some(3))?;
        s.move_lane(3, 0)?;
        s.remove_lane(2)?;
        s.toggle_row(0, "h")
    });
    check_link("cursor", |s| {
        s.seek(23);
        s.select(2, "z", 6, true)
    });
    check_link("last or every loss", |s| {
        s.set("shape", "many-to-many", None)?;
        s.set_losses(unrolled::session::Losses::Every);
        Ok(())
    });
    check_link("the gradient flow and its loss", |s| {
        s.set("shape", "many-to-many", None)?;
        s.set_tab(unrolled::session::Tab::Flow);
        s.follow(34);
        Ok(())
    });
    for reads in ["", "&teaching=free"] {
        let link =
            format!("data=letters&shape=encoder-decoder&T=9&out=6&at=b12&directions=both&on=2.C.3.1b{reads}");
        check_link("a step of a decoder", |s| s.open(&link, None));
    }
    check_link("one to many with feedback", |s| {
        s.set("shape", "one-to-many", None)?;
        s.set("feedback", "on", None)?;
        s.set("teaching", "free", None)?;
        s.set("out", "17", None)
    });
    check_link("layers, directions and their cursor", |s| {
        s.set("layers", "3", None)?;
        s.set("directions", "both", Some(1))?;
        s.set("norm", "on", Some(0))?;
        s.toggle_row(1, "h.2")?;
        s.toggle_row(1, "C.2b")?;
        s.toggle_row(1, "h.3b")?;
        s.select(1, "C.2b", 5, true)?;
        s.set_gradient(Site { layer: 2, direction: Direction::Backward });
        s.seek(23);
        Ok(())
    });
    check_link("a gradient's layer in the flow", |s| {
        s.open("layers=2&directions=both&T=9&H=3&shape=many-to-many&tab=flow&loss=4&signal=1b", None)
    });
    check_link("a file with layers and directions", |s| s.open_file(&stacked()));
    check_link("an operation and unfolded terms", |s| {
        s.seek(23);
        s.select(2, "z", 6, true)?;
        s.operate(true);
        s.operate(true);
        s.unfold("dh_prev")
    });
    check_link("the worked example, an edited weight and input, the gradients of its matrices", |s| {
        s.set("data", "hand", None)?;
        s.look("V_i.2.1", true)?;
        s.set_entry("-0.75")?;
        s.seek(2);
        s.look("x.1.1", true)?;
        s.set_entry("0.125")
    });
    check_link("boxes and arrows, and what is folded", |s| {
        s.set("T", "8", None)?;
        s.set_boxes(true);
        s.toggle_row(0, "boxes")
    });
    check_link("the update and its clipping", |s| {
        s.set_tab(unrolled::session::Tab::Update);
        s.set("clip", "norm", None)?;
        s.set("clip", "value", Some(0))?;
        s.set("clipat", "2.5", None)?;
        s.set("eta", "0.3", Some(2))
    });
    check_link("a short file", |s| s.open_file(&foreign(2, 3)));
    check_link("a long file", |s| s.open_file(&foreign(20, 64)));
}

/// An experiment file that another tool wrote.
fn foreign(inputs: usize, hidden: usize) -> String {
    let row = |columns: usize, row: usize| -> Vec<f64> {
        (0..columns)
            .map(|k| 0.3 * f64::sin(1.7 * u32::try_from(row * columns + k).map(f64::from).unwrap()))
            .collect()
    };
    let rows =
        |count: usize, columns: usize| -> Vec<Vec<f64>> { (0..count).map(|r| row(columns, r)).collect() };
    json!({
        "format": "unrolled/1",
        "model": {
            "cell": "rnn", "inputs": inputs, "hidden": hidden, "outputs": 1, "shape": "many-to-many",
            "weights": {
                "layers": [{ "layer": 1, "direction": "forward",
                    "W_xh": rows(hidden, inputs), "W_hh": rows(hidden, hidden), "b_h": row(hidden, 9) }],
                "head": { "W_hy": rows(1, hidden), "b_y": [0.5] },
            },
        },
        "loss": "squared-error",
        "x": rows(7, inputs), "target": rows(7, 1),
    })
    .to_string()
}

/// An experiment file with two layers in both directions.
fn stacked() -> String {
    let more = json!({"layers": 2, "bidirectional": true, "layer_norm": true});
    let size = Size { inputs: 2, hidden: 3, outputs: 1, steps: 6 };
    let mut draw = Draw(5);
    experiment(&model("lstm", &more), "many-to-many", "squared-error", size, &mut draw).to_string()
}

/// What is wrong leaves everything as it was and says where and what.
fn check_error(act: impl FnOnce(&mut Session) -> Result<(), Error>, words: &[&str]) {
    let mut session = session();
    session.set("seed", "5", None).unwrap();
    session.seek(11);
    let before = seen(&session);
    let error = act(&mut session).expect_err(words[0]).to_string();
    for word in words {
        assert!(error.contains(word), "{error}: no {word}");
    }
    assert_eq!(seen(&session), before, "{error}: something changed");
}

#[test]
fn wrong_input_changes_nothing() {
    check_error(|s| s.set("T", "900", None), &["T: ", "from 1 to 200", "900"]);
    check_error(|s| s.set("T", "", None), &["Steps T: ", "nothing"]);
    check_error(|s| s.set("rho", "NaN", None), &["Recurrent scale ρ: ", "from 0.1 to 3", "NaN"]);
    check_error(|s| s.set("speed", "1", None), &["speed: ", "unknown setting"]);
    check_error(|s| s.set("H", "4", Some(9)), &["lane: ", "1 to 3", "10"]);
    check_error(|s| s.set("text", "x", None), &["text: ", "at least 2 characters", "1"]);
    check_error(|s| s.open("T=900", None), &["T: ", "900"]);
    check_error(|s| s.open("T=4&lanes=rnn,cnn", None), &["lanes: ", "cnn"]);
    check_error(|s| s.open("at=x3", None), &["at: ", "x3"]);
    check_error(|s| s.open("on=1.h", None), &["on: ", "1.h"]);
    check_error(|s| s.open("at=b999", None), &["at: ", "from 1 to 40", "999"]);
    check_error(|s| s.open("T=5&at=f6", None), &["at: ", "from 1 to 5", "6"]);
    check_error(|s| s.open("pin=9.h.1", None), &["pin: ", "a lane from 1 to 3", "9"]);
    check_error(|s| s.open("pin=2.z.9", None), &["pin: ", "h, C, f", "z"]);
    check_error(|s| s.open("on=1.h.17", None), &["on: ", "a unit from 1 to 16", "17"]);
    check_error(|s| s.open("op=0", None), &["op: ", "0"]);
    check_error(|s| s.open("terms=all", None), &["terms: ", "all"]);
    check_error(|s| s.open("text=%FF", None), &["text: ", "UTF-8"]);
    check_error(|s| s.open("file=e30", None), &["format: ", "nothing"]);
    check_error(|s| s.open("stored=12", None), &["stored: "]);
    check_error(|s| s.open("layers=9", None), &["layers: ", "from 1 to 8", "9"]);
    check_error(|s| s.open("directions=three", None), &["directions: ", "one, both", "three"]);
    check_error(|s| s.open("signal=x", None), &["signal: ", "2b", "x"]);
    check_error(|s| s.open("on=1.h.2.x", None), &["on: ", "1.h.2.x"]);
    check_error(|s| s.open("norm=on&reset=after", None), &["norm of lane 3: ", "off", "reset after", "on"]);
    check_error(|s| s.open("norm=on&lanes=rnn,gru~reset:after", None), &["norm of lane 2: ", "reset after"]);
    check_error(|s| s.toggle_row(0, "h.x"), &["row: ", "h.x"]);
    check_error(|s| s.open("lanes=rnn,rnn,rnn,rnn,rnn,rnn,rnn", None), &["lanes: ", "1 to 6", "7"]);
    check_error(|s| s.open_file("{\"format\": \"unrolled/1\""), &["line 1, column", "EOF"]);
    check_error(
        |s| s.open_file("1,2\n3,x"),
        &["row 2, column 2", "correct it, or leave this row out", "\"x\" in the row “3, x”"],
    );
    check_error(|s| s.open_file("1,2\n3"), &["row 2", "2 columns", "1"]);
    check_error(|s| s.open_file(""), &["numbers: "]);
    check_error(|s| s.toggle_row(0, "z"), &["row: ", "z"]);
    let deep = foreign(2, 3).replace("\"outputs\":1", "\"outputs\":1,\"layers\":9");
    check_error(|s| s.open_file(&deep), &["model.layers: ", "from 1 to 8", "9"]);
}

#[test]
fn files_of_every_shape_open_and_go_out_as_they_came() {
    for (file, _) in crate::common::digest::FILES {
        let mut session = session();
        session.open_file(file).unwrap();
        if file.contains("\"f32\"") {
            session.set("precision", "f32", None).unwrap();
        }
        let trace = unrolled::trace_experiment(file).unwrap();
        let (mut theirs, ours): (Value, Value) = (
            serde_json::from_str(&trace).unwrap(),
            serde_json::from_str(&session.trace_file(0).unwrap()).unwrap(),
        );
        if ours.get("weights").is_none() {
            theirs.as_object_mut().unwrap().remove("weights");
        }
        assert_eq!(ours, theirs, "{file}");
        let mut again = Session::new().unwrap();
        again.open(&session.link(), session.stored().as_deref()).unwrap();
        let again: Value = serde_json::from_str(&again.trace_file(0).unwrap()).unwrap();
        assert_eq!((&again["y"], &again["gradients"]), (&ours["y"], &ours["gradients"]), "{file}");
    }
}

#[test]
fn an_opened_model_reads_only_its_own_data() {
    let mut session = session();
    session.open_file(&foreign(2, 3)).unwrap();
    let error = session.set("data", "text", None).unwrap_err().to_string();
    assert!(error.contains("2 inputs, 1 outputs"), "{error}");
    session.add_lane("lstm").unwrap();
    session.remove_lane(0).unwrap();
    session.set("data", "text", None).unwrap();
    assert_eq!(overview(&session)["T"], 40);
}

#[test]
fn a_saved_file_brings_the_comparison_back() {
    let mut before = session();
    before.set("T", "12", None).unwrap();
    before.add_lane("gru").unwrap();
    before.set("bz", "1.5", Some(3)).unwrap();
    before.select(3, "r", 4, true).unwrap();
    let file = before.experiment_file(3).unwrap();
    let mut after = session();
    after.open_file(&file).unwrap();
    assert_eq!(seen(&before), seen(&after));

    // Weights that somebody changed in the file are what runs.
    let mut changed: Value = serde_json::from_str(&file).unwrap();
    changed["model"]["weights"]["layers"][0]["b_z"][0] = json!(4.25);
    after.open_file(&changed.to_string()).unwrap();
    let again: Value = serde_json::from_str(&after.experiment_file(3).unwrap()).unwrap();
    assert_eq!(again["model"]["weights"]["layers"][0]["b_z"][0], json!(4.25));
}

#[test]
fn the_trace_file_is_the_trace_of_the_experiment_file() {
    let session = session();
    for lane in 0..3 {
        let trace = unrolled::trace_experiment(&session.experiment_file(lane).unwrap()).unwrap();
        let ours: Value = serde_json::from_str(&session.trace_file(lane).unwrap()).unwrap();
        let theirs: Value = serde_json::from_str(&trace).unwrap();
        for part in ["layers", "y", "loss_t", "loss", "gradients"] {
            assert_eq!(ours[part], theirs[part], "lane {lane}: {part}");
        }
    }
}

#[test]
fn the_cursor_goes_there_and_back() {
    let mut session = session();
    let mut stops = Vec::new();
    for position in 0..=81 {
        session.seek(position);
        stops.push(session.t());
    }
    assert_eq!(stops[0], (1, false), "clamped at the start");
    assert_eq!((stops[40], stops[41]), ((40, false), (40, true)), "the bend");
    assert_eq!((stops[80], stops[81]), ((1, true), (1, true)), "clamped at the end");
    session.seek(80);
    session.set("T", "7", None).unwrap();
    assert_eq!(session.t(), (1, true), "the end stays the end");
}

#[test]
fn lanes_can_have_the_same_number_of_parameters() {
    let mut session = session();
    session.set("H", "32", None).unwrap();
    session.set("match", "parameters", None).unwrap();
    let overview = overview(&session);
    let lanes = overview["lanes"].as_array().unwrap();
    let parameters: Vec<f64> = lanes.iter().map(|lane| lane["parameters"].as_f64().unwrap()).collect();
    assert_eq!(lanes[0]["hidden"], 32);
    for count in &parameters[1..] {
        assert!((count / parameters[0] - 1.0).abs() < 0.1, "{parameters:?}");
    }
}

#[test]
fn a_pointer_finds_the_number_that_is_drawn() {
    let mut session = session();
    let layout = session.layout(WIDE).clone();
    let row = &layout.lanes[1].rows[1];
    let (x, y) = (layout.axis.centre(20), f64::from(row.y) + 1.0);
    let picked = serde_json::to_value(session.pick(x, y)).unwrap();
    let trace: Value = serde_json::from_str(&session.trace_file(1).unwrap()).unwrap();
    assert_eq!((&picked["symbol"], &picked["t"], &picked["unit"]), (&json!("C"), &json!(20), &json!(0)));
    let value = trace["layers"][0]["C"][19][0].as_f64().unwrap();
    let full: f64 = picked["full"].as_str().unwrap().replace('−', "-").parse().unwrap();
    assert_eq!(full.to_bits(), value.to_bits());
    assert!(session.pick(2.0, 2.0).is_none());
}

#[test]
fn numbers_that_break_are_named() {
    let mut session = session();
    session.set("act", "relu", None).unwrap();
    session.set("rho", "3", None).unwrap();
    session.set("T", "200", None).unwrap();
    session.set("data", "sunspots", None).unwrap();
    session.set("precision", "f32", None).unwrap();
    let gauge = overview(&session)["lanes"][0]["gauge"].clone();
    assert_eq!(gauge["shown"], "not finite");
    let trace: Value = serde_json::from_str(&session.trace_file(0).unwrap()).unwrap();
    let h = trace["layers"][0]["h"].as_array().unwrap();
    let t = 1 + h.iter().position(|row| row.to_string().contains("Infinity")).unwrap();
    assert_eq!(gauge["verdict"], format!("W_hh·h exceeds f32 at t = {t}"));
    // The same product once more, in f64: the largest of its sums is more than f32 holds, the step before's is not.
    let file: Value = serde_json::from_str(&session.experiment_file(0).unwrap()).unwrap();
    let most = |t: usize| {
        let numbers = |row: &Value| -> Vec<f64> {
            row.as_array().unwrap().iter().map(|value| value.as_f64().unwrap()).collect()
        };
        let before = numbers(&h[t - 2]);
        let rows = file["model"]["weights"]["layers"][0]["W_hh"].as_array().unwrap();
        let sum = |row: &Value| numbers(row).iter().zip(&before).map(|(w, h)| w * h).sum::<f64>();
        rows.iter().map(sum).fold(0.0, f64::max)
    };
    assert!(most(t) > f64::from(f32::MAX) && most(t - 1) < f64::from(f32::MAX));
    assert_eq!(overview(&session)["lanes"][0]["breaks"], t);
    session.select(0, "h", 0, false).unwrap();
    session.seek(t);
    let caption = serde_json::to_value(session.caption()).unwrap();
    assert!(caption["text"].as_str().unwrap().starts_with("W_hh·h exceeds f32 here"), "{caption}");
    session.set("act", "tanh", None).unwrap();
    session.set("rho", "0.1", None).unwrap();
    let gauge = overview(&session)["lanes"][0]["gauge"].clone();
    assert_eq!(gauge["shown"], "0");
    assert!(gauge["verdict"].as_str().unwrap().contains("exactly zero from t = "), "{gauge}");
}

/// The native half of `a_browser_computes_the_same_bits` in `tests/web.rs`.
#[test]
fn runs_are_the_same_to_the_bit() {
    for (link, expected) in crate::common::digest::RUNS {
        let mut session = session();
        session.open(link, None).unwrap();
        assert_eq!(crate::common::digest::of(&session), expected, "{link}");
    }
    for (file, expected) in crate::common::digest::FILES {
        let found = crate::common::digest::hash(&unrolled::trace_experiment(file).unwrap());
        assert_eq!(found, expected, "{found:#x}: {file}");
    }
}

#[test]
fn the_inspector_shows_the_gradient_that_the_curves_count() {
    let mut session = session();
    session.set("shape", "many-to-many", None).unwrap();
    session.seek(71);
    let shown = |session: &Session| {
        serde_json::to_value(session.inspect()).unwrap()["backward"][0]["numeric"].to_string()
    };
    let last = shown(&session);
    assert!(last.contains("\"0\""), "no part of ∂L_T/∂h_t comes from the loss at t: {last}");
    session.set_losses(unrolled::session::Losses::Every);
    assert_ne!(shown(&session), last);
}

#[test]
fn a_series_without_spread_sends_back_exactly_nothing_and_says_so() {
    let mut session = session();
    session.set("numbers", "5 5 5 5", None).unwrap();
    session.set("data", "numbers", None).unwrap();
    let seen = seen(&session).to_string();
    assert!(seen.contains("no signal: exactly 0 at t = T"), "{seen}");
    assert!(
        seen.contains("deviation 0.000") && seen.contains("No gradient enters: it is exactly 0."),
        "{seen}"
    );
    assert!(!seen.contains("NaN"), "{seen}");
    check_error(|s| s.open_file("1e300, -1e300, 1e300, 5"), &["numbers: ", "1e300"]);
    check_error(|s| s.open_file(&"1 ".repeat(5000)), &["numbers: ", "at most 4000 values", "5000"]);
}

#[test]
fn a_name_that_counts_is_left_out_and_numbers_without_names_are_not() {
    let mut session = session();
    session.open_file("year,a\n1,5\n2,6\n3,5\n").unwrap();
    assert!(seen(&session).to_string().contains("left out: year"));
    session.open_file("1,5\n2,6\n3,5\n").unwrap();
    assert!(seen(&session).to_string().contains("3 rows of 2 columns"));
}

fn flow_facts(session: &mut Session) -> Value {
    session.flow_layout(WIDE);
    serde_json::to_value(session.flow_facts()).unwrap()
}

#[test]
fn the_flow_follows_a_loss_that_exists() {
    let mut s = session();
    s.set_tab(unrolled::session::Tab::Flow);
    s.follow(34);
    assert_eq!(s.followed(), 40, "many to one has the last loss only");
    let facts = flow_facts(&mut s);
    assert_eq!((&facts["one"], &facts["canEvery"]), (&json!(true), &json!(true)));
    // One loss: the gauge is the one of the other tab.
    let gauge = overview(&s)["lanes"][0]["gauge"].clone();
    assert_eq!(facts["lanes"][0]["shown"], gauge["shown"]);
    assert_eq!(facts["lanes"][0]["full"], gauge["full"]);

    s.set("shape", "many-to-many", None).unwrap();
    s.follow(34);
    assert_eq!(flow_facts(&mut s)["lanes"][1]["words"], "of loss 34 is left at k = 1");
    assert!(s.link().contains("tab=flow&loss=34"), "{}", s.link());
    s.seek(2 * 40 + 1 - 12);
    let caption = serde_json::to_value(s.caption()).unwrap();
    assert!(
        caption["text"].as_str().unwrap().starts_with("Left of loss 34 after 22 steps: RNN"),
        "{caption}"
    );
    let table = serde_json::to_value(s.table()).unwrap();
    assert_eq!(table["head"][2], "RNN, left of loss 34");
    assert_eq!((&table["rows"][33][2], &table["rows"][34][2]), (&json!("1.00"), &json!("none")));
    // The shares come after the flow, and are said in three ways.
    assert_eq!(flow_facts(&mut s)["lanes"][0]["given"], Value::Null);
    while !s.given_advance() {}
    let facts = flow_facts(&mut s);
    let said = |lane: usize| facts["lanes"][lane]["given"]["words"].as_str().unwrap().to_owned();
    let caption = serde_json::to_value(s.caption()).unwrap();
    for (lane, name) in ["RNN", "LSTM", "GRU"].iter().enumerate() {
        let words = format!("{name} {}", said(lane).strip_prefix("loss 34: ").unwrap());
        assert!(caption["text"].as_str().unwrap().contains(&words), "{words}: {caption}");
    }
    let table = serde_json::to_value(s.table()).unwrap();
    assert_eq!(table["head"][8], "RNN, share of loss k in ∂L/∂W_hh");
    assert_eq!(format!("loss 34: {}", table["rows"][33][8].as_str().unwrap()), said(0));
    assert!(s.describe().contains("LSTM: Of ∂L/∂U, as long as"), "{}", s.describe());
    s.set("limit", "norm", None).unwrap();
    while !s.given_advance() {}
    let limited = flow_facts(&mut s)["lanes"][0]["given"].clone();
    assert_eq!(limited["words"], "loss 34: none");
    assert!(limited["title"].as_str().unwrap().contains("do not add up"), "{limited}");
    s.set("T", "20", None).unwrap();
    assert_eq!(s.followed(), 20, "the loss of a step that is gone");
    for wrong in ["loss=0", "loss=x", "tab=other"] {
        assert!(s.open(wrong, None).is_err(), "{wrong}");
    }
    s.open("tab=flow&loss=999", None).unwrap();
    assert_eq!(s.followed(), 40);
}

fn update_facts(session: &mut Session) -> Value {
    session.update_layout(WIDE);
    while !session.update_advance() {}
    serde_json::to_value(session.update_facts()).unwrap()
}

/// `−1.26×10³` as a number, from what follows a word of a sentence.
fn after(text: &str, word: &str) -> f64 {
    let rest = text.split(word).nth(1).unwrap_or_else(|| panic!("no {word} in {text}"));
    let number: String = rest.trim_start().chars().take_while(|c| !" ,;".contains(*c)).collect();
    let (mantissa, exponent) = number.split_once("×10").unwrap_or((&number, ""));
    let digit = |c: char| "⁰¹²³⁴⁵⁶⁷⁸⁹".chars().position(|known| known == c).map(|n| n.to_string());
    let exponent: String = exponent.chars().map(|c| digit(c).unwrap_or_else(|| "-".into())).collect();
    let mantissa: f64 = mantissa.trim_end_matches('.').replace('−', "-").parse().unwrap();
    mantissa * 10_f64.powi(exponent.parse().unwrap_or(0))
}

/// The constant error carousel loses nothing on its way; the words say why less of the gradient is on it.
#[test]
fn a_held_forget_gate_says_what_it_costs() {
    let mut s = session();
    s.open("lanes=lstm~hold:f&on=1.h.1", None).unwrap();
    let said = serde_json::to_value(s.caption()).unwrap()["text"].as_str().unwrap().to_owned();
    let trace: Value = serde_json::from_str(&s.trace_file(0).unwrap()).unwrap();
    let cells = |t: usize| trace["layers"][0]["C"][t].as_array().unwrap().clone();
    let slopes = |t| cells(t).iter().map(|c| 1.0 - c.as_f64().unwrap().tanh().powi(2)).sum::<f64>() / 16.0;
    let share = slopes(39);
    assert!(share < 0.2 && slopes(0) > 0.8, "C grows: {share}");
    assert!(said.contains(&format!("tanh lets {:.1} % of it in", 100.0 * share)), "{said}");
    let fades =
        |s: &Session| overview(s)["lanes"][0]["gauge"]["shown"].as_str().unwrap().parse::<f64>().unwrap();
    let held = fades(&s);
    s.set("hold", "none", None).unwrap();
    assert!(fades(&s) > held, "as the page says, holding f does not help where it fades little");
    s.open("lanes=lstm~hold:f~bf:0&on=1.h.1&rho=0.1", None).unwrap();
    let gradients: Value = serde_json::from_str(&s.trace_file(0).unwrap()).unwrap();
    let norm = |t: usize| {
        let row = gradients["gradients"]["layers"][0]["C_from_future"][t].as_array().unwrap();
        row.iter().map(|v| v.as_f64().unwrap().powi(2)).sum::<f64>().sqrt()
    };
    assert!((norm(0) / norm(38) - 1.0).abs() < 0.1, "what is in the cell arrives whole");
}

#[test]
fn the_update_says_what_a_step_does_to_the_loss() {
    let mut s = session();
    s.open("shape=many-to-many&act=relu&rho=1.6&tab=update&clip=norm&lanes=rnn", None).unwrap();
    let facts = update_facts(&mut s);
    let sentence = facts["lanes"][0]["sentences"][1].as_str().unwrap();
    assert!(sentence.starts_with("The step η·g = 0.10·g, "), "{sentence}");
    assert_eq!(format!("{} {sentence}", "RNN:"), serde_json::to_value(s.caption()).unwrap()["text"]);
    // The loss of the sentence is that of a run: the step by hand, through an experiment file.
    let mut file: Value = serde_json::from_str(&s.experiment_file(0).unwrap()).unwrap();
    let trace: Value = serde_json::from_str(&s.trace_file(0).unwrap()).unwrap();
    let weights = if trace["weights"].is_object() { &trace["weights"] } else { &file["model"]["weights"] };
    let (mut weights, gradients) = (weights.clone(), &trace["gradients"]);
    let entries = |of: &Value| -> Vec<f64> {
        let mut all = vec![];
        visit(&mut of.clone(), &mut |value| all.push(*value));
        all
    };
    let only = |gradients: &Value| {
        let layer = ["W_xh", "W_hh", "b_h"].map(|name| gradients["layers"][0][name].clone());
        json!([layer, gradients["head"]])
    };
    let gradient = entries(&only(gradients));
    let length = gradient.iter().map(|g| g * g).sum::<f64>().sqrt();
    assert_eq!(facts["lanes"][0]["shown"], unrolled::analysis::number::short(length));
    let mut step = gradient.iter();
    for (place, names) in [("/layers/0", vec!["W_xh", "W_hh", "b_h"]), ("/head", vec!["W_hy", "b_y"])] {
        let block = weights.pointer_mut(place).unwrap();
        for name in names {
            visit(&mut block[name], &mut |w| *w -= 0.1 * step.next().unwrap() / length);
        }
    }
    file["model"]["weights"] = weights;
    file["model"].as_object_mut().unwrap().remove("init");
    let trace = unrolled::trace_experiment(&file.to_string()).unwrap();
    let loss = serde_json::from_str::<Value>(&trace).unwrap()["loss"].as_f64().unwrap();
    let words =
        if sentence.contains("clipped to norm 1.00 it falls to") { "it falls to" } else { "it rises to" };
    let said = after(sentence, words);
    assert!((said - loss).abs() <= 0.005 * loss, "{sentence} {loss}");
}

/// Every number of a document, in its order.
fn visit(value: &mut Value, work: &mut dyn FnMut(&mut f64)) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| visit(item, work)),
        Value::Object(fields) => fields.values_mut().for_each(|item| visit(item, work)),
        Value::Number(number) => {
            let mut changed = number.as_f64().unwrap();
            work(&mut changed);
            *value = json!(changed);
        }
        _ => {}
    }
}

/// The table counts every entry of the gradient once, layer by layer; the figure those of one layer.
#[test]
fn entries_are_counted_layer_by_layer() {
    for link in [
        "tab=update&T=6&H=3",
        "tab=update&T=6&H=3&layers=3&directions=both",
        "tab=update&T=6&H=3&lanes=rnn~layers:2,lstm,rnn~skip:2",
        "tab=update&T=6&H=3&data=letters&shape=encoder-decoder&layers=2&directions=both",
    ] {
        let mut s = session();
        s.open(link, None).unwrap();
        s.update_layout(WIDE);
        let overview = overview(&s);
        let table = serde_json::to_value(s.table()).unwrap();
        let rows = table["rows"].as_array().unwrap();
        for (lane, shown) in overview["lanes"].as_array().unwrap().iter().enumerate() {
            let entries = |row: &Value| -> u64 {
                let text = row[lane + 1].as_str().unwrap();
                let count = text.split(" entries").next().unwrap().replace(|c: char| !c.is_ascii_digit(), "");
                if text == "none" { 0 } else { count.parse().unwrap() }
            };
            let blocks = rows.iter().filter(|row| row[0].as_str().unwrap().starts_with("gradient of "));
            let sum: u64 = blocks.map(entries).sum();
            assert_eq!(Some(sum), shown["parameters"].as_u64(), "{link}, lane {lane}");
        }
        let facts = serde_json::to_value(s.update_facts()).unwrap();
        let said = facts["lanes"][0]["sentences"][2].as_str().unwrap();
        assert_eq!(said.starts_with("In layer 1"), link.contains("layers"), "{said}");
    }
}

#[test]
fn clipping_is_set_where_it_is_seen_and_leaves_the_run_alone() {
    let mut s = session();
    let keys = |s: &Session| {
        let controls = serde_json::to_value(s.controls()).unwrap();
        let of = |key: &str| {
            let found = controls.as_array().unwrap().iter().find(|control| control["key"] == key);
            found.unwrap()["applies"].as_bool().unwrap()
        };
        [of("clip"), of("clipat"), of("eta"), of("window")]
    };
    assert_eq!(keys(&s), [false, false, false, true]);
    s.set_tab(unrolled::session::Tab::Update);
    assert_eq!(keys(&s), [true; 4]);
    let before = s.trace_file(0).unwrap();
    s.set("clip", "value", None).unwrap();
    s.set("clipat", "0.05", None).unwrap();
    assert_eq!(s.trace_file(0).unwrap(), before);
    let facts = update_facts(&mut s);
    assert_eq!(facts["lanes"][0]["words"], "= ‖g‖, clipped by value at 0.0500");
    assert!(
        facts["lanes"][0]["sentences"][0].as_str().unwrap().contains("of its entries, which turns it by")
    );
    let taken = |stroke: &&Value| stroke["taken"] == true && stroke["ink"] == "value";
    assert!(
        facts["strokes"].as_array().unwrap().iter().filter(taken).count() >= 6,
        "a line and a tip twice a lane"
    );
    for wrong in ["clip=hard", "clipat=0", "eta=2"] {
        assert!(s.open(wrong, None).is_err(), "{wrong}");
    }
}

#[test]
fn before_a_decoder_a_gradient_ends_where_its_direction_began() {
    let mut s = session();
    let link = "text=abcabcabcabcabcabcab&shape=encoder-decoder&T=12&out=2&H=8&rho=0.6&directions=both&lanes=rnn&on=1.h.1";
    for (site, k) in [("1", 1), ("1b", 12)] {
        s.open(&format!("{link}&signal={site}&tab=flow"), None).unwrap();
        let facts = flow_facts(&mut s);
        let words = facts["lanes"][0]["words"].as_str().unwrap();
        assert!(words.ends_with(&format!(" at k = {k}")), "{site}: {words}");
        let table = serde_json::to_value(s.table()).unwrap();
        assert_eq!(table["rows"][k - 1][2], facts["lanes"][0]["shown"], "{site}");
        assert!(!s.cures(0).is_empty(), "{site}: what is left after 13 steps has faded");
        let own = facts["lanes"][0]["own"].clone();
        let middle = |name: &str, size: &str| own[name].as_f64().unwrap() + own[size].as_f64().unwrap() / 2.0;
        let picked = serde_json::to_value(s.flow_pick(middle("x", "width"), middle("y", "height"))).unwrap();
        assert!(picked["note"].as_str().unwrap().ends_with("at k = 2′"), "{picked}");
    }
}

#[test]
fn the_flow_is_picked_where_it_is_painted() {
    let mut s = session();
    s.open("shape=many-to-many&tab=flow", None).unwrap();
    let area = s.flow_layout(WIDE).unwrap().cell(1, 34, 12).unwrap();
    let pick = |s: &Session, y: f64| serde_json::to_value(s.flow_pick(area.x + 1.0, y).unwrap()).unwrap();
    let loss = pick(&s, area.y + area.height / 2.0);
    assert_eq!((&loss["lane"], &loss["loss"], &loss["at"]), (&json!(1), &json!(34), &json!("k = 12")));
    assert!(loss["note"].as_str().unwrap().ends_with("of that at k = 34"), "{loss}");
    let place = s.flow_layout(WIDE).unwrap().lanes[1].clone();
    let later = pick(&s, f64::from(place.matrix.y) + 1.0);
    assert_eq!((&later["shown"], &later["loss"]), (&json!("none"), &json!(1)));
    let bar = pick(&s, f64::from(place.bars.end()) - 1.0);
    assert!(bar["note"].as_str().unwrap().starts_with("own loss "), "{bar}");
    let shares = place.shares.unwrap();
    assert!(s.flow_pick(area.x + 1.0, f64::from(shares.y) + 2.0).is_none(), "nothing is computed yet");
    while !s.given_advance() {}
    let share = pick(&s, f64::from(shares.y) + 2.0);
    assert_eq!((&share["loss"], &share["word"]), (&json!(12), &json!("share of loss 12")));
    let note = share["note"].as_str().unwrap();
    assert!(note.starts_with("‖∂L12/∂U‖ = ") && note.contains("; f ") && note.contains(", o "), "{share}");
    assert!(s.flow_pick(3.0, 3.0).is_none());
}

/// What cannot be chosen says why, and what can be chosen does not.
#[test]
fn networks_that_there_are_not_are_not_offered() {
    let barred = |s: &Session, key: &str, value: &str| {
        let controls = serde_json::to_value(s.controls()).unwrap();
        let control =
            controls.as_array().unwrap().iter().find(|control| control["key"] == key).unwrap().clone();
        let option =
            control["options"].as_array().unwrap().iter().find(|o| o["value"] == value).unwrap().clone();
        option["barred"].as_str().unwrap_or_default().to_owned()
    };
    let mut s = session();
    assert_eq!((barred(&s, "norm", "on"), barred(&s, "reset", "after")), (String::new(), String::new()));
    s.set("norm", "on", None).unwrap();
    assert!(barred(&s, "reset", "after").contains("reset after"));
    assert!(s.set("reset", "after", None).is_err() && s.set("reset", "after", Some(2)).is_err());
    s.set("norm", "off", Some(2)).unwrap();
    assert_eq!(barred(&s, "reset", "after"), "");
    s.set("reset", "after", None).unwrap();
    assert_eq!(barred(&s, "norm", "on"), "", "the lane with reset after has its own");
    assert!(s.reset("norm", 2).is_err());
}

/// The rows of a lane that are shown, top to bottom, and what is folded.
fn rows(s: &mut Session, lane: usize) -> (Vec<String>, Vec<String>) {
    let layout = s.layout(WIDE).lanes[lane].clone();
    (
        layout.rows.into_iter().map(|row| row.name).collect(),
        layout.folded.into_iter().map(|row| row.name).collect(),
    )
}

#[test]
fn a_stack_shows_its_top_and_unfolds_what_is_below() {
    let mut s = session();
    s.open("layers=3&directions=both", None).unwrap();
    let (shown, folded) = rows(&mut s, 2);
    assert_eq!(shown, ["h.3", "h.3b"]);
    assert_eq!(folded, ["z.3", "r.3", "h_tilde.3", "h.2", "h.1"], "a chip stands for both directions");
    s.toggle_row(2, "h.2").unwrap();
    s.layout(WIDE);
    s.toggle_row(2, "z.2").unwrap();
    let (shown, folded) = rows(&mut s, 2);
    assert_eq!(shown, ["h.3", "h.3b", "h.2", "z.2", "h.2b", "z.2b"], "the top layer on top");
    assert!(folded.contains(&"r.2".to_owned()) && !folded.contains(&"r.1".to_owned()), "{folded:?}");
    s.toggle_row(2, "h.2b").unwrap();
    let (shown, folded) = rows(&mut s, 2);
    assert_eq!(shown, ["h.3", "h.3b", "h.2", "z.2", "z.2b"]);
    assert!(folded.contains(&"h.2b".to_owned()));
}

/// A backward direction begins at the other end: what is picked, marked and inspected there is what it computes when
/// the playhead is at the mirrored step.
#[test]
fn a_backward_direction_has_its_own_playhead() {
    let mut s = session();
    s.open("layers=2&directions=both&at=f10&pin=2.h.3.2b", None).unwrap();
    let layout = s.layout(WIDE).clone();
    let trace: Value = serde_json::from_str(&s.trace_file(1).unwrap()).unwrap();
    let entry = &trace["layers"][3];
    assert_eq!((&entry["layer"], &entry["direction"]), (&json!(2), &json!("backward")));
    let at = |t: usize| entry["h"][t - 1][2].as_f64().unwrap();
    let number = |text: &Value| text.as_str().unwrap().replace('−', "-").parse::<f64>().unwrap();
    let seen = serde_json::to_value(s.inspect()).unwrap();
    assert_eq!(number(&seen["full"]).to_bits(), at(31).to_bits(), "T + 1 − t = 31");
    assert!(seen["where"].as_str().unwrap().starts_with("layer 2, right to left, unit 3, t = 31"), "{seen}");
    let row = layout.lanes[1].rows.iter().find(|row| row.name == "h.2b").unwrap();
    assert_eq!(s.marks(), [layout.cell(1, row.index, 2, 31).unwrap()]);
    let area = layout.cell(1, row.index, 2, 7).unwrap();
    let picked = serde_json::to_value(s.pick(area.x + 1.0, area.y + area.height / 2.0)).unwrap();
    assert_eq!((&picked["t"], &picked["head"], &picked["symbol"]), (&json!(7), &json!(34), &json!("h.2b")));
    assert_eq!(number(&picked["full"]).to_bits(), at(7).to_bits());
    assert_eq!(overview(&s)["mirror"], 31);
}

/// The gauge of a layer and direction is the ratio of two norms of the trace file.
#[test]
fn gauges_are_those_of_the_chosen_layer_and_direction() {
    let mut s = session();
    s.open("layers=3&directions=both&lanes=rnn,gru&H=6&T=12", None).unwrap();
    for lane in 0..2 {
        let trace: Value = serde_json::from_str(&s.trace_file(lane).unwrap()).unwrap();
        for (index, entry) in trace["gradients"]["layers"].as_array().unwrap().iter().enumerate() {
            let norm = |t: usize| {
                let row = entry["h"][t - 1].as_array().unwrap();
                row.iter().map(|v| v.as_f64().unwrap().powi(2)).sum::<f64>().sqrt()
            };
            let backward = index % 2 == 1;
            let direction = if backward { Direction::Backward } else { Direction::Forward };
            s.set_gradient(Site { layer: index / 2 + 1, direction });
            let gauge = overview(&s)["lanes"][lane]["gauge"].clone();
            let found: f64 = gauge["full"].as_str().unwrap().replace('−', "-").parse().unwrap();
            let expected = if backward { norm(12) / norm(1) } else { norm(1) / norm(12) };
            assert!((found - expected).abs() <= 1e-12 * expected, "{index}: {found}, {expected}");
            assert!(gauge["what"].as_str().unwrap().contains(if backward {
                "left at t = T"
            } else {
                "left at t = 1"
            }));
        }
    }
}

/// With a loss at every step, the longest way through a backward direction is that of the first loss.
#[test]
fn the_last_loss_of_a_backward_direction_is_the_first() {
    let mut s = session();
    s.open("directions=both&shape=many-to-many&lanes=rnn&H=5&T=9&signal=1b", None).unwrap();
    let table = serde_json::to_value(s.table()).unwrap();
    let left: Vec<&str> =
        table["rows"].as_array().unwrap().iter().map(|row| row[4].as_str().unwrap()).collect();
    assert_eq!(left[0], "1.00");
    assert!(left[1..].iter().all(|text| *text != "0" && *text != "1.00"), "{left:?}");
    s.set_gradient(Site::FIRST);
    let table = serde_json::to_value(s.table()).unwrap();
    assert_eq!(table["rows"][8][4], "1.00");
}

/// Decades of the gradient from T to step 1, of a lane.
fn decades(session: &Session, lane: usize) -> f64 {
    let gauge = &overview(session)["lanes"][lane]["gauge"]["full"];
    let text = gauge.as_str().unwrap().replace('−', "-");
    text.parse::<f64>().unwrap_or_else(|_| panic!("{text}")).log10()
}

/// Every cure that is offered to this lane adds a twin below it, whose gradient arrives nearer to what it was.
fn check_cures(settings: &[(&str, &str)], lane: usize, least: usize) {
    let offered = |session: &Session| overview(session)["lanes"][lane]["cures"].as_array().unwrap().clone();
    let mut ill = session();
    for (key, value) in settings {
        ill.set(key, value, None).unwrap();
    }
    let cures = offered(&ill);
    assert!(cures.len() >= least, "{settings:?}: {cures:?}");
    for cure in cures {
        let mut session = session();
        session.open(&ill.link(), None).unwrap();
        session.cure(lane, usize::try_from(cure["cure"].as_u64().unwrap()).unwrap()).unwrap();
        let lanes = overview(&session)["lanes"].as_array().unwrap().len();
        assert_eq!((lanes, overview(&session)["lane"].as_u64()), (4, Some(lane as u64 + 1)));
        if overview(&session)["lanes"][lane + 1]["gauge"]["verdict"].as_str().unwrap().starts_with("cut") {
            continue;
        }
        let (before, after) = (decades(&session, lane), decades(&session, lane + 1));
        assert!(after.abs() < before.abs(), "{settings:?}, {}: {before} became {after}", cure["label"]);
    }
}

#[test]
fn cures_cure() {
    check_cures(&[], 0, 5);
    check_cures(&[("bf", "0")], 1, 3);
    check_cures(&[("bz", "0")], 2, 2);
    check_cures(&[("act", "relu"), ("rho", "1.8")], 0, 7);
    let wild = |bias| [("init", "orthogonal"), ("rho", "3"), ("H", "64"), ("seed", "2"), bias];
    check_cures(&wild(("bf", "2")), 1, 5);
    check_cures(&wild(("bz", "6")), 2, 5);
    let healthy = overview(&session());
    assert_eq!((&healthy["lanes"][1]["cures"], &healthy["lanes"][2]["cures"]), (&json!([]), &json!([])));
    check_error(|s| s.cure(0, 99), &["cure", "99"]);
}

/// Clipping mends what breaks on the way back, and is offered there alone.
#[test]
fn what_breaks_on_the_way_back_is_retried_with_clipping() {
    let lane = |s: &Session| overview(s)["lanes"][0].clone();
    let mut seen = [false; 2];
    for rho in 10..=30 {
        let mut s = session();
        let rho = (f64::from(rho) / 10.0).to_string();
        for (key, value) in
            [("act", "relu"), ("T", "200"), ("data", "sunspots"), ("precision", "f32"), ("rho", &rho)]
        {
            s.set(key, value, None).unwrap();
        }
        let before = lane(&s);
        let Some(at) = before["breaks"].as_u64() else { continue };
        let backward = at > 200;
        seen[usize::from(backward)] = true;
        assert_eq!(before["retries"], backward, "ρ = {rho}: {}", before["gauge"]["verdict"]);
        let clips = before["cures"].to_string().contains("Clip by norm");
        assert_eq!(clips, backward, "ρ = {rho}");
        s.select(0, "h", 0, true).unwrap();
        s.seek(usize::try_from(at).unwrap());
        let said = serde_json::to_value(s.caption()).unwrap()["text"].to_string();
        assert_eq!(said.contains("cannot mend the forward pass"), !backward, "{said}");
        assert_eq!(said.contains("every step mends it"), backward, "{said}");
        s.settle(false);
        s.retry(0).unwrap();
        let after = lane(&s);
        if backward {
            assert_eq!((&after["breaks"], &after["retries"]), (&Value::Null, &json!(false)));
            assert!(after["gauge"]["verdict"].as_str().unwrap().starts_with("clipped "), "{after}");
        } else {
            assert_eq!(after["breaks"], at, "ρ = {rho}");
        }
        s.settle(false);
        s.undo().unwrap();
        assert_eq!(lane(&s)["gauge"], before["gauge"]);
    }
    assert_eq!(seen, [true, true], "forward and backward");
    check_error(|s| s.retry(9), &["lane", "10"]);
}

#[test]
fn operations_lead_through_steps_and_around_the_bend() {
    let mut s = session();
    s.set("T", "2", None).unwrap();
    s.select(0, "h", 3, true).unwrap();
    s.seek(1);
    let stand = |s: &Session| (s.t(), overview(s)["operation"].as_u64().unwrap());
    for k in 1..=6 {
        s.operate(true);
        assert_eq!(stand(&s), ((1, false), k));
    }
    s.operate(true);
    assert_eq!(stand(&s), ((2, false), 1));
    s.operate(false);
    assert_eq!(stand(&s), ((1, false), 6), "back into the step before");
    for _ in 0..7 {
        s.operate(true);
    }
    assert_eq!(stand(&s), ((2, true), 1), "around the bend");
    for _ in 0..20 {
        s.operate(true);
    }
    assert_eq!(stand(&s), ((1, true), 8), "the end of the track");
    s.select(1, "h", 3, true).unwrap();
    assert_eq!(stand(&s), ((1, true), 8), "another lane, the same operation");
    s.seek(1);
    assert_eq!(stand(&s), ((1, false), 0), "a step as a whole");
    s.operate(false);
    assert_eq!(stand(&s), ((1, false), 21));
}

/// Every operation of every cell, forward and backward, says its numbers.
#[test]
fn every_operation_is_told() {
    for link in [
        "at=f5&on=1.h.2",
        "at=b5&on=1.h.2",
        "at=f5&on=2.h.2",
        "at=b5&on=2.h.2",
        "at=f5&on=3.z.2",
        "at=b5&on=3.z.2",
    ] {
        for reset in ["before", "after"] {
            let mut s = session();
            s.open(link, None).unwrap();
            s.set("reset", reset, None).unwrap();
            let mut titles = Vec::new();
            for k in 1..=s.operations() {
                s.operate(true);
                let caption = serde_json::to_value(s.caption()).unwrap();
                let (lead, text) = (caption["lead"].as_str().unwrap(), caption["text"].as_str().unwrap());
                assert!(lead.contains(&format!(", {k} of {}: ", s.operations())), "{lead}");
                assert!(
                    text.contains(|c: char| c.is_ascii_digit()) && !text.contains("NaN"),
                    "{link}: {text}"
                );
                assert!(!titles.contains(&lead.to_owned()), "{link}: {lead} twice");
                titles.push(lead.to_owned());
                let seen = serde_json::to_value(s.inspect()).unwrap();
                assert!(
                    seen["cell"]["wires"].as_array().unwrap().iter().any(|wire| wire["now"] == true),
                    "{lead}"
                );
            }
            let seen = serde_json::to_value(s.inspect()).unwrap();
            assert!(
                seen["cell"]["wires"].as_array().unwrap().iter().all(|wire| wire["known"] == true),
                "{link}: all is done"
            );
        }
    }
}

#[test]
fn a_drawing_says_which_step_is_read_before() {
    let s = session();
    for (mirrored, before, after) in [(false, "t−1", "t+1"), (true, "t+1", "t−1")] {
        for lane in 0..3 {
            let drawing = serde_json::to_string(&s.drawing(lane, mirrored)).unwrap();
            assert!(drawing.contains(before) && !drawing.contains(after), "{lane}, {mirrored}: {drawing}");
        }
    }
}

#[test]
fn a_term_leads_to_what_made_it() {
    let mut s = session();
    s.open("at=f3&on=2.h.7", None).unwrap();
    s.walk("C.7.2").unwrap();
    let seen = overview(&s);
    assert_eq!(
        (&seen["symbol"], &seen["unit"], &seen["t"], &seen["pinned"]),
        (&json!("C"), &json!(6), &json!(2), &json!(true))
    );
    s.walk("b.h.5.9").unwrap();
    assert_eq!((s.t(), overview(&s)["unit"].clone()), ((9, true), json!(4)));
    s.walk("=dh_prev").unwrap();
    let seen = serde_json::to_value(s.inspect()).unwrap();
    let open =
        seen["backward"].as_array().unwrap().iter().find(|line| line["symbol"] == "dh_prev").unwrap().clone();
    assert_eq!(open["terms"].as_array().unwrap().len(), 4 * 16);
    for wrong in [
        "h.0.3",
        "h.17.3",
        "h.1.41",
        "z.1.1",
        "h.1",
        "=other",
        "h.1.1=other",
        "",
        "w.",
        "w.W_q.1.1",
        "w.U_f.1",
        "w.2c:W_f.1.1",
    ] {
        check_error(|s| s.walk(wrong), &["expected"]);
    }
}

/// In every layer and direction every link of every equation and term leads to a heat map that is there.
#[test]
fn a_stack_leads_into_the_layers_that_it_names() {
    fn collect(value: &Value, goes: &mut Vec<String>) {
        match value {
            Value::String(_) | Value::Null | Value::Bool(_) | Value::Number(_) => {}
            Value::Array(all) => all.iter().for_each(|value| collect(value, goes)),
            Value::Object(fields) => {
                for (key, value) in fields {
                    match value {
                        Value::String(go) if ["go", "data-go"].contains(&key.as_str()) => {
                            goes.push(go.clone());
                        }
                        value => collect(value, goes),
                    }
                }
            }
        }
    }
    for (lane, row) in
        [(0, "h.1"), (0, "h.2b"), (1, "h.2"), (1, "C.1b"), (1, "h.2b"), (2, "h.2"), (2, "z.2b"), (2, "h.1b")]
    {
        for position in [1, 9, 10, 18] {
            let mut s = session();
            s.open("layers=2&directions=both&shape=many-to-many&T=9&H=3&losses=every", None).unwrap();
            s.seek(position);
            s.select(lane, row, 1, true).unwrap();
            for name in ["a", "f", "z", "dh", "dh_prev", "dx"] {
                s.seek(position);
                s.select(lane, row, 1, true).unwrap();
                s.walk(&format!("={name}")).unwrap();
                let seen = serde_json::to_value(s.inspect()).unwrap();
                let mut goes = Vec::new();
                collect(&seen, &mut goes);
                goes.sort();
                goes.dedup();
                if row.contains(".2") {
                    assert!(goes.iter().any(|go| go.starts_with("h.1.") || go.starts_with("h.1b.")), "{row}");
                }
                for go in goes.iter().filter(|go| !go.is_empty()) {
                    s.seek(position);
                    s.select(lane, row, 1, true).unwrap();
                    s.walk(go).unwrap_or_else(|error| panic!("{row} at {position}: {error}"));
                }
            }
        }
    }
    let mut s = session();
    s.open("layers=2&directions=both&T=9&H=3&at=f3", None).unwrap();
    s.select(1, "h.2", 1, true).unwrap();
    s.walk("h.1b.3.4").unwrap();
    assert_eq!((s.t(), overview(&s)["symbol"].clone()), ((6, false), json!("h.1b")), "t = 4 from the right");
}

#[test]
fn every_equation_unfolds_into_terms_that_lead_somewhere() {
    for link in ["at=f5&on=1.h.2", "at=b40&on=1.h.2", "at=b5&on=2.h.2", "at=b5&on=3.z.2"] {
        for reset in ["before", "after"] {
            let [mut s, mut there] = [session(), session()];
            s.open(link, None).unwrap();
            s.set("reset", reset, None).unwrap();
            let seen = |s: &Session| serde_json::to_value(s.inspect()).unwrap();
            let lines = |seen: &Value| {
                let lists = ["forward", "backward"].map(|list| seen[list].as_array().unwrap().clone());
                lists.concat()
            };
            for line in lines(&seen(&s)) {
                let name = line["symbol"].as_str().unwrap();
                s.unfold(name).unwrap();
                let open = lines(&seen(&s)).into_iter().find(|line| line["terms"].is_array()).unwrap();
                assert_eq!(open["symbol"], name, "{link}");
                let goes: Vec<String> = open["terms"]
                    .as_array()
                    .unwrap()
                    .iter()
                    .map(|term| term["go"].as_str().unwrap().to_owned())
                    .filter(|go| !go.is_empty())
                    .collect();
                for go in goes {
                    there.open(&s.link(), None).unwrap();
                    there.walk(&go).unwrap_or_else(|error| panic!("{link}, {name}: {error}"));
                }
            }
        }
    }
}
