//! Numbers changed by hand: what runs, what the link brings back, what undo takes back, what is refused.

use proptest::prelude::*;
use serde_json::{Value, json};
use unrolled::Error;
use unrolled::session::Session;

fn session(link: &str) -> Session {
    let mut session = Session::new().unwrap();
    session.open(link, None).unwrap();
    session.settle(true);
    session
}

fn seen(session: &Session) -> Value {
    let lanes: Vec<_> = (0..lanes(session)).map(|lane| session.trace_file(lane).unwrap()).collect();
    serde_json::to_value((session.overview(), session.controls(), session.matrices(312), lanes)).unwrap()
}

fn lanes(session: &Session) -> usize {
    serde_json::to_value(session.overview()).unwrap()["lanes"].as_array().unwrap().len()
}

fn lane(session: &Session, lane: usize) -> Value {
    serde_json::to_value(session.overview()).unwrap()["lanes"][lane].clone()
}

fn file(session: &Session, lane: usize) -> Value {
    serde_json::from_str(&session.experiment_file(lane).unwrap()).unwrap()
}

/// Stands at an entry of a lane, with `@2b` behind it at one of that layer and direction, and sets it.
fn set(session: &mut Session, lane: usize, entry: &str, value: &str) -> Result<(), Error> {
    let (entry, place) = entry.split_once('@').unwrap_or((entry, ""));
    let row = if place.is_empty() { "h".into() } else { format!("h.{place}") };
    session.select(lane, &row, 0, true)?;
    session.look(entry, false)?;
    session.set_entry(value)
}

/// A changed number is the number of a file that was changed there; the link brings both back.
fn check(link: &str, entry: &str, place: &str) {
    let mut by_hand = session(link);
    let mut changed = file(&by_hand, 0);
    set(&mut by_hand, 0, entry, "0.25").unwrap();
    *changed.pointer_mut(place).unwrap_or_else(|| panic!("nothing at {place}")) = json!(0.25);
    let trace = unrolled::trace_experiment(&changed.to_string()).unwrap();
    let (theirs, ours): (Value, Value) = (
        serde_json::from_str(&trace).unwrap(),
        serde_json::from_str(&by_hand.trace_file(0).unwrap()).unwrap(),
    );
    for part in ["layers", "y", "loss_t", "loss", "gradients"] {
        assert_eq!(ours[part], theirs[part], "{entry}: {part}");
    }
    let own = by_hand.link();
    assert!(own.contains(":0.25"), "{own}");
    let again = session(&own);
    assert_eq!(seen(&again), seen(&by_hand), "{own}");
    assert_eq!(again.link(), own);
    // A saved file brings it back as a change, not as weights of a file.
    let mut opened = Session::new().unwrap();
    opened.open_file(&by_hand.experiment_file(0).unwrap()).unwrap();
    assert_eq!(seen(&opened), seen(&by_hand), "{entry}");
}

const LAYER: &str = "/model/weights/layers/0";

#[test]
fn a_changed_number_is_that_of_a_changed_file() {
    let small = "H=3&T=5&data=sunspots";
    check(&format!("{small}&lanes=rnn"), "W_hh.2.3", &format!("{LAYER}/W_hh/1/2"));
    check(&format!("{small}&lanes=rnn"), "W_xh.3.1", &format!("{LAYER}/W_xh/2/0"));
    check(&format!("{small}&lanes=lstm"), "U_f.2.3", &format!("{LAYER}/W_f/1/2"));
    check(&format!("{small}&lanes=lstm"), "V_o.2.1", &format!("{LAYER}/W_o/1/3"));
    check(&format!("{small}&lanes=lstm"), "b_C.2", &format!("{LAYER}/b_C/1"));
    check(&format!("{small}&lanes=lstm"), "C_0.3", &format!("{LAYER}/C_0/2"));
    check(&format!("{small}&lanes=gru&reset=after"), "b_hh.1", &format!("{LAYER}/b_hh/0"));
    check(&format!("{small}&lanes=gru"), "U_h.1.2", &format!("{LAYER}/W_h/0/1"));
    check(&format!("{small}&lanes=gru"), "h_0.1", &format!("{LAYER}/h_0/0"));
    check(&format!("{small}&lanes=gru"), "W_hy.1.2", "/model/weights/head/W_hy/0/1");
    check(&format!("{small}&lanes=gru"), "b_y.1", "/model/weights/head/b_y/0");
    check(&format!("{small}&lanes=gru&at=f4"), "x.1.1", "/x/3/0");
    check(&format!("{small}&lanes=lstm&precision=f32"), "U_i.1.1", &format!("{LAYER}/W_i/0/0"));
    check("data=hand&lanes=lstm", "V_i.2.1", &format!("{LAYER}/W_i/1/2"));
    // Every layer and direction has its own; the readout is one.
    let layer = |index| format!("/model/weights/layers/{index}");
    let stack = format!("{small}&layers=2&directions=both&norm=on&lanes");
    check(&format!("{stack}=lstm"), "U_f.2.3@1", &format!("{}/W_f/1/2", layer(0)));
    check(&format!("{stack}=lstm"), "U_f.2.3@1b", &format!("{}/W_f/1/2", layer(1)));
    check(&format!("{stack}=lstm"), "V_i.2.6@2", &format!("{}/W_i/1/8", layer(2)));
    check(&format!("{stack}=lstm"), "C_0.3@2b", &format!("{}/C_0/2", layer(3)));
    check(&format!("{stack}=gru"), "g_z.3@2b", &format!("{}/g_z/2", layer(3)));
    check(&format!("{stack}=gru"), "h_0.1@1b", &format!("{}/h_0/0", layer(1)));
    check(&format!("{stack}=rnn"), "W_xh.2.6@2b", &format!("{}/W_xh/1/5", layer(3)));
    check(&format!("{stack}=rnn"), "W_hy.1.5@2b", "/model/weights/head/W_hy/0/4");
}

/// A decoder has matrices of its own, which are shown at its steps; what it starts from is the encoder's.
#[test]
fn a_changed_number_of_a_decoder_is_that_of_a_changed_file() {
    let small = "data=letters&shape=encoder-decoder&T=5&out=4&H=3&losses=every";
    let layer = |index| format!("/model/weights/decoder/{index}");
    for reads in ["", "&teaching=free"] {
        let plain = format!("{small}{reads}&at=f7&lanes");
        check(&format!("{plain}=rnn"), "W_hh.2.3", &format!("{}/W_hh/1/2", layer(0)));
        check(&format!("{plain}=lstm"), "V_f.2.4", &format!("{}/W_f/1/6", layer(0)));
        check(&format!("{plain}=gru&reset=after"), "b_hh.3", &format!("{}/b_hh/2", layer(0)));
        check(&format!("{plain}=gru"), "h_0.3", "/model/weights/layers/0/h_0/2");
        check(&format!("{plain}=gru"), "W_hy.1.2", "/model/weights/head/W_hy/0/1");
    }
    // As wide as both directions; its layers are reached from either.
    let stack = format!("{small}&layers=2&directions=both&norm=on&at=b8&lanes");
    check(&format!("{stack}=lstm"), "U_f.5.6@2", &format!("{}/W_f/4/5", layer(1)));
    check(&format!("{stack}=lstm"), "V_i.6.6@2b", &format!("{}/W_i/5/11", layer(1)));
    check(&format!("{stack}=gru"), "g_z.4@1b", &format!("{}/g_z/3", layer(0)));
    check(&format!("{stack}=lstm"), "C_0.3@2b", "/model/weights/layers/3/C_0/2");
}

#[test]
fn the_matrices_follow_the_playhead_over_the_border() {
    let link = "data=letters&shape=encoder-decoder&T=5&out=4&H=3&directions=both&lanes=lstm";
    let mut s = session(&format!("{link}&at=f7"));
    let facts = |s: &Session| serde_json::to_value(s.matrices(312)).unwrap();
    set(&mut s, 0, "U_f.5.6@1b", "0.25").unwrap();
    assert!(s.link().contains("lstm~U_f.d.5.6:0.25"), "{}", s.link());
    s.settle(false);
    assert_eq!(s.steps_back()[0].as_deref(), Some("W_f[5, 6] of the decoder 0.25, LSTM"));
    let there = facts(&s);
    assert_eq!(
        (&there["entry"]["name"], &there["entry"]["full"]),
        (&json!("W_f[5, 6] of the decoder"), &json!("0.25"))
    );
    assert_eq!(there["words"], "LSTM, decoder, forget gate, numbers: 6 rows, 15 columns");
    // Unit 1 of the direction from right to left is the decoder's fourth.
    assert_eq!(there["unit"]["y"], s.lit_entry("W_f.4.1", 312).map(|area| json!(area.y)).unwrap());
    assert_eq!(there["entry"]["meaning"], "from unit 6 to the forget gate of unit 5");
    let table = serde_json::to_value(s.matrix_table(0)).unwrap();
    assert_eq!(table["rows"].as_array().unwrap().len(), 6);
    assert_eq!(table["rows"][4]["entries"][5]["text"], "U_f.d.5.6");
    assert_eq!(table["rows"][4]["entries"][5]["changed"], true);
    // One step back the encoder's are there, and the entry that exists.
    s.seek(5);
    let before = facts(&s);
    assert_eq!(before["entry"]["name"], "W_f[3, 3] of layer 1, right to left");
    assert_eq!(before["words"], "LSTM, right to left, forget gate, numbers: 3 rows, 12 columns");
    s.undo().unwrap();
    assert!(!s.link().contains(".d."), "{}", s.link());
    // In another shape a decoder's change waits.
    s.redo().unwrap();
    s.set("shape", "many-to-one", None).unwrap();
    assert!(lane(&s, 0)["facts"].as_str().unwrap().ends_with("1 change waits for its entry"));
}

/// The gradients in the matrices are those of the losses that count, as everywhere on the page.
#[test]
fn gradients_in_the_matrices_are_of_the_losses_that_count() {
    let link = "data=letters&shape=encoder-decoder&T=5&out=4&H=3&lanes=gru&at=b7";
    let of = |losses: &str| {
        let mut s = session(&format!("{link}&losses={losses}"));
        s.look("W_hy.1.2", true).unwrap();
        let shown = serde_json::to_value((s.matrices(312), s.inspect())).unwrap();
        let trace: Value = serde_json::from_str(&s.trace_file(0).unwrap()).unwrap();
        (shown, trace["gradients"]["head"]["W_hy"][0][1].as_f64().unwrap())
    };
    let (every, whole) = of("every");
    let full = |shown: &Value| {
        shown[0]["entry"]["gradientFull"].as_str().unwrap().replace('−', "-").parse::<f64>().unwrap()
    };
    assert!((full(&every) - whole).abs() <= 1e-15 * whole.abs());
    assert!(
        every[0]["scale"].as_str().unwrap().starts_with("of all losses; log scale"),
        "{}",
        every[0]["scale"]
    );
    assert_eq!(every[1]["counted"], "of all losses");
    let (last, whole) = of("last");
    assert!((full(&last) - whole).abs() > 1e-3 * whole.abs());
    assert!(
        last[0]["scale"].as_str().unwrap().starts_with("of the last loss alone; log scale"),
        "{}",
        last[0]["scale"]
    );
    assert!(
        last[0]["words"].as_str().unwrap().contains("gradients of the last loss alone: "),
        "{}",
        last[0]["words"]
    );
    assert_eq!(last[1]["counted"], "of the last loss alone");
}

#[test]
fn a_link_names_the_layer_of_a_change_and_old_links_mean_the_first() {
    let stack = "H=3&T=5&data=sunspots&layers=2&directions=both";
    let mut s = session(&format!("{stack}&lanes=lstm"));
    set(&mut s, 0, "U_f.2.3@2b", "0.25").unwrap();
    set(&mut s, 0, "h_0.2@1b", "0.5").unwrap();
    assert!(s.link().contains("lstm~U_f.2b.2.3:0.25~h_0.1b.2:0.5"), "{}", s.link());
    assert_eq!(s.steps_back()[0].as_deref(), None);
    s.settle(false);
    let old = session(&format!("{stack}&lanes=lstm~U_f.2.3:0.25~b_f.1.2:0.5&pin=1.h.1.1&matrix=U_f.2.3"));
    let facts = |s: &Session| serde_json::to_value(s.matrices(312)).unwrap();
    assert_eq!(facts(&old)["entry"]["name"], "W_f[2, 3]");
    assert_eq!(facts(&old)["entry"]["full"], "0.25");
    assert!(old.link().contains("U_f.2.3:0.25~b_f.2:0.5"), "{}", old.link());
    // The matrices follow the selected layer and direction.
    let mut there = session(&old.link());
    there.select(0, "h.2b", 0, true).unwrap();
    let seen = facts(&there);
    assert_eq!(
        (&seen["entry"]["name"], &seen["entry"]["text"]),
        (&json!("W_f[2, 3] of layer 2, right to left"), &json!("U_f.2b.2.3"))
    );
    assert_ne!(seen["entry"]["full"], "0.25");
    assert_eq!(seen["words"], "LSTM, layer 2, right to left, forget gate, numbers: 3 rows, 10 columns");
    there.look("V_f.2.5", false).unwrap();
    let meaning = "from unit 2 of layer 1, right to left to the forget gate of unit 2";
    assert_eq!(facts(&there)["entry"]["meaning"], meaning);
    there.look("W_hy.1.4", false).unwrap();
    assert_eq!(facts(&there)["entry"]["meaning"], "from unit 1 of layer 2, right to left to output 1");
    let file = file(&there, 0);
    assert_eq!(facts(&there)["entry"]["value"], file["model"]["weights"]["head"]["W_hy"][0][3]);
}

#[test]
fn a_lane_says_what_was_changed_in_it() {
    let mut s = session("");
    set(&mut s, 1, "U_f.3.7", "1.5").unwrap();
    assert_eq!(lane(&s, 1)["spec"], "bias f +3.0, 1 weight changed");
    set(&mut s, 1, "W_hy.1.2", "−0.5").unwrap();
    set(&mut s, 1, "h_0.2", "1").unwrap();
    assert_eq!(lane(&s, 1)["spec"], "bias f +3.0, 2 weights changed, start state changed");
    let facts = serde_json::to_value(s.matrices(312)).unwrap();
    assert_eq!((&facts["entry"]["name"], &facts["entry"]["before"]), (&json!("h_0[2]"), &json!("0")));
    s.reset_entry().unwrap();
    assert_eq!(lane(&s, 1)["spec"], "bias f +3.0, 2 weights changed");
    assert_eq!(lane(&s, 0)["spec"], lane(&session(""), 0)["spec"], "the others are as they were");
    s.reset_entries().unwrap();
    assert_eq!(lane(&s, 1), lane(&session(""), 1));
    // A value that is put back is no change.
    s.look("b_f.1", false).unwrap();
    s.nudge_entry(3.0, 25).unwrap();
    assert!(s.link().contains("b_f.1:3.25"), "{}", s.link());
    s.nudge_entry(3.0, 0).unwrap();
    assert!(!s.link().contains("b_f.1:"), "{}", s.link());
}

#[test]
fn a_change_waits_for_its_entry() {
    let mut s = session("");
    set(&mut s, 1, "U_f.12.2", "1.5").unwrap();
    set(&mut s, 1, "V_f.2.17", "1.5").unwrap();
    s.set("H", "4", None).unwrap();
    assert_eq!(lane(&s, 1)["spec"], "bias f +3.0, 1 weight changed");
    assert_eq!(lane(&s, 1)["facts"], "4 units, 458 parameters; 1 change waits for its entry");
    let again = session(&s.link());
    assert_eq!(seen(&again), seen(&s));
    s.set("H", "16", None).unwrap();
    assert_eq!(lane(&s, 1)["spec"], "bias f +3.0, 2 weights changed");
    // A change of the inputs goes with its data.
    s.seek(2);
    set(&mut s, 1, "x.1.3", "0.5").unwrap();
    assert!(s.link().contains("x=2.3:0.5"), "{}", s.link());
    assert!(seen(&s).to_string().contains("1 input changed by hand"));
    s.set("text", "Another text", None).unwrap();
    assert!(!s.link().contains("&x="), "{}", s.link());
}

fn check_error(act: impl FnOnce(&mut Session) -> Result<(), Error>, words: &[&str]) {
    let mut s = session("lanes=lstm,gru~U_z.1.2:0.5&at=f3&on=1.h.3&matrix=U_f.2.3");
    let before = (seen(&s), s.link());
    let error = act(&mut s).expect_err(words[0]).to_string();
    for word in words {
        assert!(error.contains(word), "{error}: no {word}");
    }
    assert_eq!((seen(&s), s.link()), before, "{error}: something changed");
}

#[test]
fn wrong_numbers_change_nothing() {
    check_error(|s| s.set_entry("lots"), &["W_f[2, 3]: ", "a number from −1000000 to 1000000", "\"lots\""]);
    check_error(|s| s.set_entry(""), &["W_f[2, 3]: ", "nothing"]);
    check_error(|s| s.set_entry("1e7"), &["W_f[2, 3]: ", "1e7"]);
    check_error(|s| s.set_entry("NaN"), &["W_f[2, 3]: ", "NaN"]);
    check_error(|s| s.look("U_q.1.1", false), &["entry: ", "U_q.1.1"]);
    check_error(|s| s.look("b_f.1.1.1", false), &["entry: ", "b_f.1.1.1"]);
    check_error(|s| s.look("U_f.0.1", false), &["entry: ", "U_f.0.1"]);
    check_error(|s| s.look("U_f.1.18446744073709551615", false), &["entry: ", "18446744073709551615"]);
    check_error(|s| s.open("matrix=U_f", None), &["matrix: ", "part.row.column"]);
    check_error(|s| s.open("lanes=lstm~U_f.1.2:x", None), &["U_f.1.2: ", "\"x\""]);
    check_error(|s| s.open("lanes=lstm~U_f.0.1.2:1", None), &["lanes: ", "U_f.0.1.2"]);
    check_error(|s| s.open("lanes=lstm~W_hy.2.1.2:1", None), &["lanes: ", "W_hy.2.1.2"]);
    check_error(|s| s.open("lanes=lstm~h_0.d.2:1", None), &["lanes: ", "h_0.d.2"]);
    check_error(|s| s.open("lanes=lstm~U_f.1d.1.2:1", None), &["lanes: ", "U_f.1d.1.2"]);
    check_error(|s| s.open("lanes=lstm~x.1.2:1", None), &["lanes: ", "a number of the model"]);
    check_error(|s| s.open("x=1:1", None), &["x: ", "step.column:value", "1:1"]);
    check_error(|s| s.open("x=1.1:1e9", None), &["x: ", "1e9"]);
    let many: Vec<String> = (1..=501).map(|row| format!("U_f.{row}.1:1")).collect();
    let link = format!("lanes=lstm~{}", many.join("~"));
    check_error(|s| s.open(&link, None), &["lanes: ", "at most 500", "501"]);
    check_error(
        |s| {
            s.look_away();
            let nothing = s.set_entry("1");
            s.look("U_f.2.3", false)?;
            nothing
        },
        &["entry: ", "open matrices"],
    );
}

#[test]
fn the_matrices_stand_at_an_entry_that_exists() {
    let mut s = session("matrix=U_f.99.99");
    let at = |s: &Session| serde_json::to_value(s.matrices(312)).unwrap()["entry"]["text"].clone();
    assert_eq!(at(&s), "U_f.16.16");
    s.look_along(0, 1);
    assert_eq!(at(&s), "V_f.16.1", "the next part of the panel");
    s.look_along(-1, -1);
    assert_eq!(at(&s), "U_f.15.16");
    s.look_along(-99, 99);
    assert_eq!(at(&s), "b_f.1");
    s.select(2, "h", 0, true).unwrap();
    assert_eq!(at(&s), "U_z.1.1", "the first of a lane without it");
    s.look("x.1.9", true).unwrap();
    s.seek(7);
    assert_eq!(at(&s), "x.7.9");
    assert!(s.link().contains("gradient=x.1.9"), "{}", s.link());
    s.set("data", "sunspots", None).unwrap();
    assert_eq!(at(&s), "x.7.1");
    let facts = serde_json::to_value(s.matrices(312)).unwrap();
    assert_eq!(facts["layout"]["rows"], 1);
    assert!(s.look_at(3.0, 3.0, 312) && !s.look_at(3.0, 300.0, 312));
}

/// Every number of the open matrices stands in their table, with its gradient, however many rows one has.
#[test]
fn the_table_says_every_number_and_its_gradient() {
    let links = [
        "H=3&T=5&lanes=lstm~U_f.2.1:0.5&on=1.h.1&matrix=U_f.1.1",
        "H=96&T=6&lanes=gru&on=1.h.1&matrix=U_z.1.1",
    ];
    for (link, hidden) in links.into_iter().zip([3, 96]) {
        let mut s = session(link);
        let mut from = json!(0);
        let mut row = 0;
        while let Some(first) = from.as_u64() {
            let table = serde_json::to_value(s.matrix_table(usize::try_from(first).unwrap())).unwrap();
            for line in table["rows"].as_array().unwrap() {
                row += 1;
                assert_eq!(line["name"], format!("unit {row}"));
                let entries = line["entries"].as_array().unwrap();
                assert_eq!(entries.len(), table["head"].as_array().unwrap().len());
                for entry in [&entries[0], entries.last().unwrap()] {
                    s.look(entry["text"].as_str().unwrap(), false).unwrap();
                    let there = serde_json::to_value(s.matrices(312)).unwrap()["entry"].clone();
                    for part in ["name", "shown", "gradient"] {
                        assert_eq!(there[part], entry[part], "{link}: {entry}");
                    }
                    assert_eq!(entry["changed"], there["before"] != "", "{entry}");
                }
            }
            from = table["after"].clone();
        }
        assert_eq!(row, hidden, "{link}");
    }
}

/// What a viewer may do that is a step of undo.
#[derive(Clone, Debug)]
enum Act {
    Set(&'static str, &'static str),
    Edit(usize, &'static str, i32),
    Input(usize, i32),
    Reset,
    Add,
    Duplicate,
    Remove,
    Move,
    Fold,
}

fn act() -> impl Strategy<Value = Act> {
    let settings =
        [("T", "4"), ("T", "7"), ("H", "2"), ("H", "5"), ("rho", "1.5"), ("seed", "9"), ("data", "hand")];
    let settings = settings.into_iter().chain([
        ("data", "recall"),
        ("data", "text"),
        ("act", "relu"),
        ("precision", "f32"),
    ]);
    let entries = vec!["W_hh.2.2", "U_f.1.4", "V_z.2.3", "b_y.1", "h_0.5", "W_hy.1.1"];
    prop_oneof![
        4 => prop::sample::select(settings.collect::<Vec<_>>()).prop_map(|(key, value)| Act::Set(key, value)),
        4 => (0..4_usize, prop::sample::select(entries), -300..300).prop_map(|(lane, entry, to)| Act::Edit(lane, entry, to)),
        1 => (1..8_usize, -300..300).prop_map(|(t, to)| Act::Input(t, to)),
        1 => prop::sample::select(vec![Act::Reset, Act::Add, Act::Duplicate, Act::Remove, Act::Move, Act::Fold]),
    ]
}

fn perform(session: &mut Session, act: &Act) {
    let count = lanes(session);
    // What cannot be done is refused, and is no step.
    _ = match *act {
        Act::Set(key, value) => session.set(key, value, None),
        Act::Edit(lane, entry, to) => set(session, lane % count, entry, &(f64::from(to) / 100.0).to_string()),
        Act::Input(t, to) => {
            session.seek(t);
            set(session, 0, "x.1.1", &(f64::from(to) / 100.0).to_string())
        }
        Act::Reset => session.reset_entries(),
        Act::Add => session.add_lane("gru"),
        Act::Duplicate => session.duplicate_lane(0),
        Act::Remove => session.remove_lane(0),
        Act::Move => session.move_lane(0, count - 1),
        Act::Fold => session.toggle_row(0, "h"),
    };
}

/// What is seen and linked from one and the same place of the cursor.
fn state(session: &Session) -> (String, Value) {
    let mut there = Session::new().unwrap();
    there.open(&session.link(), None).unwrap();
    there.seek(1);
    there.look_away();
    there.set_losses(unrolled::session::Losses::Last);
    there.select(0, "h", 0, false).unwrap();
    (there.link(), seen(&there))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Whatever is done: undo goes back over the same states, redo on over the same.
    #[test]
    fn undo_takes_everything_back(acts in prop::collection::vec(act(), 1..9)) {
        let mut s = session("T=6&H=3&lanes=rnn,lstm,gru");
        let mut states = vec![state(&s)];
        for act in &acts {
            perform(&mut s, act);
            if s.settle(false) {
                states.push(state(&s));
            }
        }
        let last = states.len() - 1;
        for expected in states[..last].iter().rev() {
            prop_assert!(s.steps_back()[0].as_ref().is_some_and(|words| !words.is_empty()));
            prop_assert!(s.undo().unwrap().is_some());
            prop_assert_eq!(&state(&s), expected);
        }
        prop_assert!(s.undo().unwrap().is_none());
        for expected in &states[1..] {
            prop_assert!(s.redo().unwrap().is_some());
            prop_assert_eq!(&state(&s), expected);
        }
        prop_assert!(s.redo().unwrap().is_none());
    }
}

#[test]
fn a_movement_is_one_step_and_the_cursor_none() {
    let mut s = session("");
    for rho in ["0.8", "0.9", "1.1"] {
        s.set("rho", rho, None).unwrap();
    }
    assert!(s.settle(false));
    s.seek(12);
    assert!(!s.settle(false), "the cursor is no step");
    s.set("rho", "1.2", None).unwrap();
    assert!(s.settle(true));
    assert_eq!(s.steps_back(), [Some("Recurrent scale: 0.70 → 1.20".into()), None]);
    assert_eq!(s.undo().unwrap().as_deref(), Some("Recurrent scale is 0.70 again"));
    assert_eq!(s.link(), "at=f12");
    assert_eq!(s.steps_back(), [None, Some("Recurrent scale: 0.70 → 1.20".into())]);
    set(&mut s, 1, "V_f.3.2", "0.5").unwrap();
    s.settle(false);
    assert_eq!(s.steps_back(), [Some("W_f[3, 18] 0.5, LSTM".into()), None], "a new step ends the old way on");
}

#[test]
fn a_part_as_a_whole_is_its_entries() {
    use unrolled::experiment::{edits::Entry, file};
    for cell in ["rnn", "lstm", "gru&reset=after"] {
        let s = session(&format!("H=3&T=4&lanes={cell}"));
        let experiment = file::parse(&s.experiment_file(0).unwrap()).unwrap();
        let (weights, spec) = (&experiment.weights, &experiment.spec);
        let mut counted = 0;
        for part in [
            "W_hh", "W_xh", "U_f", "V_f", "U_o", "V_z", "U_h", "b_h", "b_hh", "b_C", "W_hy", "b_y", "h_0",
            "C_0",
        ] {
            let entry = |row, column| Entry::new(part, row, column).unwrap();
            let whole = entry(0, 0).whole(weights, spec);
            assert_eq!(
                whole.as_ref().map(ndarray::ArrayBase::dim),
                entry(0, 0).size(weights, spec),
                "{cell}: {part}"
            );
            for ((row, column), value) in whole.iter().flat_map(|whole| whole.indexed_iter()) {
                counted += 1;
                assert_eq!(
                    entry(row, column).get(weights, spec),
                    Some(*value),
                    "{cell}: {part}[{row}, {column}]"
                );
            }
        }
        assert!(counted > 60, "{cell}: {counted}");
    }
}
