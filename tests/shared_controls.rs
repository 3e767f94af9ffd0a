//! A control of the shared settings always sets something, says what, and undo and link know it.

use serde_json::{Value, json};
use unrolled::session::Session;

fn opened(link: &str) -> Session {
    let mut session = Session::new().unwrap();
    session.open(link, None).unwrap();
    session.settle(false);
    session
}

fn control(session: &Session, key: &str) -> Value {
    let controls = serde_json::to_value(session.controls()).unwrap();
    controls.as_array().unwrap().iter().find(|control| control["key"] == key).unwrap().clone()
}

/// What each lane runs with.
fn of_lanes(session: &Session, key: &str) -> Vec<Value> {
    let overview = serde_json::to_value(session.overview()).unwrap();
    let value = |lane: &Value| {
        let all = lane["settings"].as_array().unwrap();
        all.iter().find(|control| control["key"] == key).map_or(Value::Null, |known| known["value"].clone())
    };
    overview["lanes"].as_array().unwrap().iter().map(value).collect()
}

/// A shared control shows `value` and says `note`; set to `to`, the lanes have `after`, and undo leads back.
fn check(link: &str, key: &str, (value, note): (Value, &str), to: &str, after: &[Value]) {
    let mut session = opened(link);
    let before = (session.link(), of_lanes(&session, key));
    let shown = control(&session, key);
    let said = shown["shared"]["note"].as_str().unwrap_or_default();
    assert_eq!((&shown["value"], said, &shown["applies"]), (&value, note, &json!(true)), "{link}: {key}");
    assert_eq!(shown["shared"]["differs"] == true, note.starts_with("Per lane"), "{link}: {key}");
    session.set(key, to, None).unwrap();
    session.settle(false);
    assert_eq!(of_lanes(&session, key), after, "{link}: {key} = {to}");
    assert_eq!(control(&session, key)["shared"]["differs"], false);
    let again = opened(&session.link());
    assert_eq!(of_lanes(&again, key), after, "{}", session.link());
    session.undo().unwrap().unwrap();
    assert_eq!((session.link(), of_lanes(&session, key)), before, "{link}: undone");
}

#[test]
fn a_shared_control_sets_the_lanes_that_follow_it_or_else_all() {
    let two = "Per lane: LSTM +1.0, LSTM 2 +3.0. Set here, it is set for both.";
    check("lanes=lstm~bf:1,lstm~bf:3", "bf", (json!(1.0), two), "2", &[json!(2.0), json!(2.0)]);
    check("lanes=rnn~act:relu&rho=1.6", "act", (json!("relu"), ""), "tanh", &[json!("tanh")]);
    let mixed = "Per lane: RNN tanh, RNN 2 ReLU, RNN 3 tanh. Set here, it is set for all.";
    let lanes = "lanes=rnn~act:tanh,rnn~act:relu,rnn~act:tanh";
    check(lanes, "act", (json!(""), mixed), "relu", &[json!("relu"), json!("relu"), json!("relu")]);
    // One that has its own keeps it, for the other to be compared with.
    let one = (json!(0.7), "Of its own: LSTM 2.20.");
    check("lanes=rnn,lstm~rho:2.2", "rho", one, "1", &[json!(1.0), json!(2.2)]);
    // What a lane has of its own and others cannot have is no reason to be dead.
    check("lanes=lstm~bf:0,gru", "bf", (json!(0.0), ""), "1", &[json!(1.0), Value::Null]);
    // A lane that follows the parameters of the first has no say in the units.
    let units = &[json!(20), json!(20)];
    check("lanes=rnn~H:8,lstm&match=parameters", "H", (json!(8), ""), "20", units);
    check("lanes=rnn,lstm~bf:1", "bf", (json!(1.0), ""), "3", &[Value::Null, json!(3.0)]);
}

#[test]
fn what_is_set_for_all_lanes_must_suit_them_all() {
    // The second lane's own value goes with its window; one for both would not.
    let mut session = opened("lanes=rnn~skip:5,rnn~skip:0~window:10");
    let barred = |session: &Session| {
        let options = control(session, "skip")["options"].clone();
        options.as_array().unwrap().iter().find(|option| option["value"] == "5").unwrap()["barred"].clone()
    };
    assert!(barred(&session).as_str().unwrap().contains("Truncated BPTT"), "{}", barred(&session));
    session.set("skip", "5", None).unwrap_err();
    session.set("window", "0", Some(1)).unwrap();
    assert_eq!(barred(&session), Value::Null);
}

#[test]
fn undo_says_no_value_that_no_lane_had() {
    let mut session = opened("lanes=lstm~bf:1,lstm~bf:3");
    session.set("bf", "2", None).unwrap();
    session.settle(false);
    assert_eq!(session.steps_back()[0].as_deref(), Some("Forget bias"));
}
