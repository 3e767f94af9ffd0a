//! What a lesson says is so on the experiment that it opens.

use serde_json::{Value, json};
use unrolled::analysis::spectrum::{Products, Scaling, products, recurrent};
use unrolled::experiment::{Experiment, file};
use unrolled::session::Session;
use unrolled::session::lessons::lessons;
use unrolled::session::practice::Progress;
use unrolled::trace::{LayerTrace, run};

/// With the examples that a lesson learns from.
fn ready() -> Session {
    let mut session = Session::new().unwrap();
    session.provide("mood.txt", &std::fs::read_to_string("www/data/mood.txt").unwrap()).unwrap();
    session
}

fn opened(word: &str) -> (Session, Experiment) {
    let lesson = lessons().into_iter().find(|lesson| lesson.word == word).unwrap();
    let mut session = ready();
    session.open(&lesson.link, None).unwrap();
    let experiment = file::parse(&session.experiment_file(0).unwrap()).unwrap();
    (session, experiment)
}

fn largest(products: &Products, t: usize) -> f64 {
    10_f64.powf(products.at(t)[0])
}

fn gauge(session: &Session, lane: usize) -> (f64, String) {
    let overview = serde_json::to_value(session.overview()).unwrap();
    let gauge = &overview["lanes"][lane]["gauge"];
    let full = gauge["full"].as_str().unwrap().replace('−', "-");
    (full.parse().unwrap(), gauge["verdict"].as_str().unwrap().to_owned())
}

fn layer(experiment: &Experiment) -> LayerTrace {
    run(experiment).trace.layers[0].clone()
}

#[test]
fn rho_0_grows() {
    let (_, experiment) = opened("rho-0-grows");
    let w = Scaling::new(&recurrent(&experiment, 0)[0]);
    assert!(w.radius < 1e-7, "ρ = {}", w.radius);
    let known = products(&experiment, 0);
    for t in 1..known.axis().count - 1 {
        let factor = largest(&known, t) / largest(&known, t + 1);
        assert!((factor - 2.0).abs() < 1e-3, "the step to {t} multiplies by {factor}");
    }
    assert!(layer(&experiment).h.column(1).iter().all(|h| h.abs() > 0.97), "unit 2 is saturated");
}

#[test]
fn rho_over_1_vanishes() {
    let (session, experiment) = opened("rho-over-1-vanishes");
    let w = &recurrent(&experiment, 0)[0];
    let identity = w.indexed_iter().all(|((i, k), v)| (v - if i == k { 1.5 } else { 0.0 }).abs() < 1e-15);
    assert!(identity, "W = 1.5·I");
    assert!(largest(&products(&experiment, 0), 1) < 1e-7);
    assert!(gauge(&session, 0).1.starts_with("vanished"));
    // Each unit's own factor, on average over the steps: its logarithm is below that of 1.
    let layer = layer(&experiment);
    for unit in layer.h.columns() {
        let mean: f64 = unit.iter().map(|h| (1.5 * (1.0 - h * h)).ln()).sum::<f64>();
        assert!(mean < 0.0, "{mean}");
    }
    assert!(layer.h.iter().all(|h| h.abs() < 0.97), "no unit is saturated");
}

#[test]
fn relu_explodes() {
    let (session, experiment) = opened("relu-explodes");
    assert!(largest(&products(&experiment, 0), 1) > 100.0);
    let (ratio, verdict) = gauge(&session, 0);
    assert!(ratio > 100.0 && verdict.starts_with("explodes"), "{ratio}, {verdict}");
    let w = Scaling::new(&recurrent(&experiment, 0)[0]);
    assert!((w.radius - 1.6).abs() < 1e-9);
}

#[test]
fn a_saturated_softmax_sends_back_0() {
    let (session, experiment) = opened("softmax-0");
    let trace = run(&experiment).trace;
    assert!(trace.gradients.layers[0].values.iter().all(|(_, w)| w.iter().all(|v| *v == 0.0)));
    assert_eq!(gauge(&session, 0).1, "no signal: exactly 0 at t = T");
    // The recurrent part is not what stops it.
    assert!(largest(&products(&experiment, 0), 1) > 1e-6);
}

#[test]
fn an_lstm_with_b_1_fades() {
    let (session, experiment) = opened("lstm-b-1-fades");
    let mean = |experiment: &Experiment| {
        let layer = layer(experiment);
        layer.gate(&layer.gates, 0).mean().unwrap()
    };
    assert!((mean(&experiment) - 0.73).abs() < 0.02, "{}", mean(&experiment));
    let other = file::parse(&session.experiment_file(1).unwrap()).unwrap();
    assert!((mean(&other) - 0.95).abs() < 0.01, "{}", mean(&other));
    assert!((0.73_f64.powi(39) - 5e-6).abs() < 0.5e-6);
    let (one, three) = (gauge(&session, 0), gauge(&session, 1));
    assert!(one.0 < 1e-3 && one.1.starts_with("fades"), "{one:?}");
    assert!(three.0 > 0.3, "{three:?}");
    assert_eq!(experiment.x.nrows(), 40);
}

#[test]
fn a_lesson_stays_while_the_data_do_and_says_when_its_experiment_changed() {
    let said = |session: &Session| serde_json::to_value(session.overview()).unwrap()["lesson"].clone();
    let all = lessons();
    for (k, lesson) in all.iter().enumerate() {
        let (mut session, _) = opened(lesson.word);
        assert_eq!(
            (&said(&session)["title"], &said(&session)["says"]),
            (&json!(lesson.title), &json!(lesson.says))
        );
        assert_eq!(
            (&said(&session)["task"], &said(&session)["changed"]),
            (&json!(lesson.task), &json!(false))
        );
        assert_eq!(said(&session)["next"]["word"], json!(all.get(k + 1).map(|next| next.word)));
        let mut again = ready();
        again.open(&session.link(), None).unwrap();
        assert_eq!(again.link(), session.link());
        assert_eq!(said(&again), said(&session));
        session.settle(false);
        session.seek(3);
        session.toggle_row(0, "h").unwrap();
        assert_eq!(said(&session)["changed"], false, "where one looks changes nothing of it");
        session.settle(false);
        session.set("precision", "f32", None).unwrap();
        assert_eq!(
            (&said(&session)["title"], &said(&session)["changed"]),
            (&json!(lesson.title), &json!(true))
        );
        let mut changed = ready();
        changed.open(&session.link(), None).unwrap();
        assert_eq!(said(&changed), said(&session));
        session.undo().unwrap();
        assert_eq!(said(&session)["changed"], false);
        // A model of a file reads no other data.
        if !session.link().contains("data=file") {
            session.set("data", "sunspots", None).unwrap();
            assert_eq!(said(&session), Value::Null, "of other data it says nothing");
            assert!(!session.link().contains("lesson"));
        }
        changed.close_lesson();
        assert_eq!(said(&changed), Value::Null);
    }
    assert!(
        Session::new().unwrap().open("lesson=other", None).unwrap_err().to_string().contains("rho-0-grows")
    );
}

#[test]
fn a_gradient_vanishes_and_its_cure_helps() {
    let (mut session, experiment) = opened("vanishes");
    assert!((Scaling::new(&recurrent(&experiment, 0)[0]).radius - 0.7).abs() < 1e-9);
    let (left, verdict) = gauge(&session, 0);
    assert!(left < 1e-8 && verdict.starts_with("vanished"), "{left}, {verdict}");
    assert!((left.powf(1.0 / 39.0) - 0.6).abs() < 0.01, "{}", left.powf(1.0 / 39.0));
    assert_eq!(experiment.x.nrows(), 40);
    let overview = serde_json::to_value(session.overview()).unwrap();
    assert_eq!((&overview["phase"], &overview["t"]), (&json!("backward"), &json!(40)));
    let cure = &overview["lanes"][0]["cures"][0];
    assert_eq!(cure["label"], "LSTM, forget bias +3");
    session.cure(0, 0).unwrap();
    assert!(gauge(&session, 1).0 > 0.3, "{:?}", gauge(&session, 1));
    let cured = layer(&file::parse(&session.experiment_file(1).unwrap()).unwrap());
    assert!((cured.gate(&cured.gates, 0).mean().unwrap() - 0.95).abs() < 0.01);
}

/// What a lesson tells to do leads where it says.
fn check_task(word: &str, act: impl FnOnce(&mut Session), holds: impl FnOnce(&Session, f64) -> bool) {
    let (mut session, _) = opened(word);
    let before = gauge(&session, 0).0;
    act(&mut session);
    assert!(holds(&session, before), "{word}: {:?} after {before}", gauge(&session, 0));
}

#[test]
fn what_a_lesson_tells_to_do_shows_something() {
    let set = |key: &'static str, value: &'static str| {
        move |session: &mut Session| session.set(key, value, None).unwrap()
    };
    check_task("rho-over-1-vanishes", set("act", "relu"), |s, _| gauge(s, 0).1.starts_with("explodes"));
    check_task("relu-explodes", set("act", "tanh"), |s, before| gauge(s, 0).0 < before / 100.0);
    let both = |s: &Session, _| gauge(s, 0) == gauge(s, 1) && gauge(s, 0).0 > 0.01;
    check_task("lstm-b-1-fades", set("bf", "2"), both);
    check_task("no-recurrence", set("T", "20"), |s, _| (gauge(s, 2).0 - 1.0).abs() < 1e-12);
    let cures = |s: &Session| serde_json::to_value(s.overview()).unwrap()["lanes"][0]["cures"].clone();
    check_task("softmax-0", |_| (), |s, _| cures(s) == json!([]));
}

#[test]
fn without_recurrence_nothing_vanishes() {
    let (session, rnn) = opened("no-recurrence");
    let ann = file::parse(&session.experiment_file(2).unwrap()).unwrap();
    let (left, verdict) = gauge(&session, 2);
    assert!((left - 1.0).abs() < 1e-12 && verdict.starts_with("about all is left"), "{left}, {verdict}");
    assert_eq!((rnn.spec.parameters(), ann.spec.hidden, ann.x.nrows()), (866, 1, 40));
    let mut longer = Session::new().unwrap();
    longer.open(&session.link(), None).unwrap();
    longer.set("T", "41", None).unwrap();
    let other = file::parse(&longer.experiment_file(2).unwrap()).unwrap();
    assert!(other.weights.layers[0].values[0].1.ncols() > ann.weights.layers[0].values[0].1.ncols());
    let weights = |session: &Session| file::parse(&session.experiment_file(0).unwrap()).unwrap().weights;
    assert_eq!(weights(&longer), rnn.weights, "what recurs keeps its own");
}

fn learn(session: &mut Session) {
    while session.learn_advance() != Progress::Done {
        session.learn_show().unwrap();
    }
    session.learn_show().unwrap();
}

#[test]
fn a_window_knows_a_word_by_its_place() {
    let mut session = opened("place-not-word").0;
    let table = serde_json::to_value(session.table()).unwrap();
    assert_eq!(table["rows"][4][1], "good", "{table}");
    let sentences = std::fs::read_to_string("www/data/mood.txt").unwrap();
    assert!(sentences.lines().any(|line| line == "+ a very good film"));
    learn(&mut session);
    let overview = serde_json::to_value(session.overview()).unwrap();
    let share = |lane: usize| overview["practice"]["lanes"][lane]["share"].as_f64().unwrap();
    let parameters = |lane: usize| overview["lanes"][lane]["parameters"].as_f64().unwrap();
    assert!(share(0) < share(1) - 0.05 && share(1) < share(2), "{} {} {}", share(0), share(1), share(2));
    assert!((parameters(0) / parameters(1) - 1.0).abs() < 0.2);
}

#[test]
fn a_date_must_fit_into_one_state() {
    let mut session = opened("one-state").0;
    learn(&mut session);
    let overview = serde_json::to_value(session.overview()).unwrap();
    let right = [0, 1].map(|lane: usize| {
        let share = overview["practice"]["lanes"][lane]["share"].as_f64().unwrap();
        format!("{:.0}", 100.0 * share)
    });
    assert_eq!(right, ["65", "94"]);
    let table = serde_json::to_value(session.table()).unwrap();
    let column = |index: usize| -> String {
        table["rows"].as_array().unwrap().iter().map(|row| row[index].as_str().unwrap()).collect()
    };
    assert!(column(1).starts_with("11␣october␣1986") && column(2) == "1986-10-11", "{table}");
    let (rnn, lstm) = (gauge(&session, 0), gauge(&session, 1));
    assert!(rnn.0 < 1e-3 && rnn.1.starts_with("fades"), "{rnn:?}");
    assert!(lstm.0 > 0.5, "{lstm:?}");
}
