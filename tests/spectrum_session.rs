//! The tab "Spectrum" of the page's state: what it says, where it is found, how a hand changes it.

use serde_json::{Value, json};
use unrolled::analysis::spectrum::{Scaling, products, recurrent};
use unrolled::experiment::file;
use unrolled::model::jacobian::Steps;
use unrolled::session::Session;
use unrolled::view::{Mode, Viewport};

const WIDE: Viewport = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };

/// The tab with everything computed.
fn opened(link: &str) -> Session {
    let mut session = Session::new().unwrap();
    session.open(link, None).unwrap();
    finish(&mut session);
    session
}

fn finish(session: &mut Session) {
    while session.spectrum_advance() > 0 {}
    session.spectrum_layout(WIDE).unwrap();
}

fn json_of(value: impl serde::Serialize) -> Value {
    serde_json::to_value(value).unwrap()
}

fn facts(session: &Session) -> Value {
    json_of(session.spectrum_facts())
}

fn overview(session: &Session) -> Value {
    json_of(session.overview())
}

fn number(text: &Value) -> f64 {
    text.as_str().unwrap().replace('−', "-").parse().unwrap_or_else(|_| panic!("{text}"))
}

#[test]
fn what_is_shown_is_what_the_experiment_file_gives() {
    let session = opened("tab=spectrum&T=12&H=5&at=b7");
    let shown = facts(&session);
    for lane in 0..3 {
        let experiment = file::parse(&session.experiment_file(lane).unwrap()).unwrap();
        let step = Scaling::new(&Steps::new(&experiment, 0).jacobian(7));
        let w: Vec<_> = recurrent(&experiment, 0).iter().map(Scaling::new).collect();
        let expected: Vec<f64> =
            w.iter().chain([&step]).flat_map(|scaling| [scaling.radius, scaling.largest]).collect();
        let dials = shown["lanes"][lane]["dials"].as_array().unwrap();
        assert_eq!(dials.len(), expected.len());
        for (dial, expected) in dials.iter().zip(expected) {
            assert!((number(&dial["full"]) - expected).abs() < 1e-15 * expected.abs(), "{dial}: {expected}");
        }
        let known = products(&experiment, 0);
        let largest = 10_f64.powf(known.at(1)[0]);
        let said = shown["lanes"][lane]["shown"].as_str().unwrap();
        assert_eq!(said, unrolled::analysis::number::short(largest));
        let ticks = &shown["side"]["singular"]["lanes"][lane];
        let below = ticks["below"].as_str().unwrap().split(' ').next().unwrap().parse().unwrap_or(0);
        assert_eq!(ticks["at"].as_array().unwrap().len() + below, known.size(7));
    }
    assert_eq!(shown["lanes"][1]["head"], "● J of (h, C), t = 7");
}

#[test]
fn the_curves_before_stay_until_there_are_new_ones() {
    let mut session = opened("tab=spectrum&T=20");
    session.set("rho", "0.9", None).unwrap();
    assert!(session.spectrum_advance() > 0);
    session.spectrum_layout(WIDE);
    let shown = facts(&session);
    assert_eq!((&shown["lanes"][1]["pending"], &shown["lanes"][1]["shown"]), (&json!(true), &json!("…")));
    assert_eq!(shown["lanes"][0]["dials"][0]["shown"], "0.900", "the dials follow at once");
    let before = session.spectrum_svg(WIDE).matches("<polyline").count();
    finish(&mut session);
    let shown = facts(&session);
    assert_eq!(shown["lanes"][1]["pending"], json!(false));
    assert_ne!(shown["lanes"][1]["shown"], "…");
    assert!(before > 40, "the curves of the run before: {before}");
}

#[test]
fn a_hand_pulls_rho() {
    let mut session = opened("tab=spectrum");
    let plane = session.spectrum_layout(WIDE).unwrap().planes[0].clone();
    let (x, y) = plane.centre();
    // Somewhere on the circle of ρ(W) = 0.7.
    let radius = 0.7 * plane.unit;
    let grip = session.spectrum_grab(x + radius * 0.6, y + radius * 0.8).unwrap();
    assert_eq!((grip.lane, grip.own), (0, false));
    let pull = |to: f64| {
        session
            .spectrum_pull(0, grip.rho, [x + radius * 0.6, y + radius * 0.8], [x + to * radius, y])
            .unwrap()
    };
    assert_eq!([pull(1.0), pull(2.0), pull(0.5)], ["0.70", "1.40", "0.35"]);
    assert_eq!([pull(99.0), pull(0.0)], ["3.00", "0.10"], "held in the range of the setting");
    assert!(session.spectrum_grab(x + radius * 0.3, y + radius * 0.3).is_none_or(|grip| grip.lane == 0));
    let other = session.spectrum_layout(WIDE).unwrap().planes[1].clone();
    assert!(session.spectrum_grab(other.centre().0, other.centre().1).is_none(), "an LSTM has no one matrix");
    let value = session.spectrum_pull(0, grip.rho, [x + radius, y], [x + radius * 1.3, y]).unwrap();
    session.set("rho", &value, None).unwrap();
    finish(&mut session);
    assert_eq!(facts(&session)["lanes"][0]["dials"][0]["shown"], "0.910");
}

#[test]
fn an_opened_model_has_no_rho_to_pull() {
    let drawn = opened("T=6&H=3&lanes=rnn").experiment_file(0).unwrap();
    let mut bare: Value = serde_json::from_str(&drawn).unwrap();
    bare.as_object_mut().unwrap().remove("page");
    let trace: Value = serde_json::from_str(&opened("T=6&H=3&lanes=rnn").trace_file(0).unwrap()).unwrap();
    bare["model"]["weights"] = trace["weights"].clone();
    bare["model"].as_object_mut().unwrap().remove("init");
    let mut session = Session::new().unwrap();
    session.open_file(&bare.to_string()).unwrap();
    finish(&mut session);
    let plane = session.spectrum_layout(WIDE).unwrap().planes[0].clone();
    assert!(session.spectrum_grab(plane.centre().0 + 0.7 * plane.unit, plane.centre().1).is_none());
    assert_eq!(facts(&session)["lanes"][0]["pulls"], json!(false));
}

#[test]
fn the_words_follow_the_cursor() {
    let mut session = opened("tab=spectrum&on=1.h.1");
    assert_eq!(overview(&session)["tab"], "spectrum");
    let said = |session: &Session| json_of(session.caption())["text"].as_str().unwrap().to_owned();
    let at = |session: &mut Session, position: usize| {
        session.seek(position);
        finish(session);
        said(session)
    };
    assert!(at(&mut session, 41).contains("Here the way back begins"));
    let here = at(&mut session, 72);
    assert!(here.starts_with("The RNN’s step to t = 9 has ρ(J) = "), "{here}");
    assert!(here.contains("arrives here with at most: RNN "), "{here}");
    assert_ne!(at(&mut session, 73), here);
    assert!(session.describe().contains("Must it vanish? not proven"), "{}", session.describe());
    let table = json_of(session.table());
    assert_eq!(table["rows"].as_array().unwrap().len(), 40);
    assert_eq!(table["rows"][39][2], "1.00", "at T nothing is scaled yet");
    let columns = table["head"].as_array().unwrap().len();
    assert!(table["rows"].as_array().unwrap().iter().all(|row| row.as_array().unwrap().len() == columns));
    for (reason, lane) in [("γ·σmax = 1.12 is above 1", 0), ("The gates change J at every step", 1)] {
        session.select(lane, "h", 0, false).unwrap();
        let side = facts(&session)["side"].clone();
        assert!(side["verdicts"][0]["reason"].as_str().unwrap().contains(reason), "{side}");
        assert!(side["signal"].as_str().unwrap().contains("in f32 as in f64"), "{side}");
    }
}

#[test]
fn zero_in_f32_and_not_in_f64_is_said() {
    let session = opened("tab=spectrum&rho=0.1&T=45&on=1.h.1");
    let said = facts(&session)["side"]["signal"].as_str().unwrap().to_owned();
    assert!(said.contains("In f32 it is exactly 0 from t = ") && said.ends_with("in f64 nowhere."), "{said}");
}

#[test]
fn points_are_found_where_they_are_drawn() {
    let mut session = opened("tab=spectrum&rho=0.8");
    let layout = session.spectrum_layout(WIDE).unwrap().clone();
    let pick = |x: f64, y: f64| json_of(session.spectrum_pick(x, y));
    let (x, place) = (layout.axis.centre(12), &layout.lanes[2]);
    let curve = pick(x, f64::from(place.curves.y) + 9.0);
    assert_eq!((&curve["lane"], &curve["t"], &curve["symbol"]), (&json!(2), &json!(12), &json!("singular")));
    assert!(curve["note"].as_str().unwrap().starts_with("16 singular values, largest "), "{curve}");
    let strip = pick(x, f64::from(place.strip.y) + 2.0);
    assert_eq!((&strip["shown"], &strip["symbol"]), (&json!("0 %"), &json!("saturated")));
    let (cx, cy) = layout.planes[0].centre();
    let ring = (0..40).map(f64::from).find_map(|n| {
        let (sin, cos) = (n * 0.157).sin_cos();
        let radius = 0.8 * layout.planes[0].unit;
        Some(pick(cx + radius * cos, cy + radius * sin)).filter(|found| found["symbol"] == "ring")
    });
    let ring = ring.expect("a part of the circle is free");
    assert_eq!((&ring["shown"], &ring["held"]), (&json!("0.800"), &json!(true)));
    assert!(pick(2.0, f64::from(layout.ticks.end()) + 1.0).is_null());
}

#[test]
fn links_bring_the_tab_back() {
    let session = opened("tab=spectrum&at=b9&rho=1.3");
    assert!(session.link().contains("tab=spectrum"), "{}", session.link());
    let mut again = opened(&session.link());
    finish(&mut again);
    assert_eq!(facts(&again), facts(&session));
    assert!(Session::new().unwrap().open("tab=other", None).unwrap_err().to_string().contains("spectrum"));
}
