//! The feed-forward lane on the page: as many parameters as another, a fixed length, nothing that passes through time.

use serde_json::{Value, json};
use unrolled::session::{Session, Tab};
use unrolled::view::{Mode, Viewport};

fn open(link: &str) -> Session {
    let mut session = Session::new().unwrap();
    session.provide("mood.txt", &std::fs::read_to_string("www/data/mood.txt").unwrap()).unwrap();
    session.open(link, None).unwrap_or_else(|error| panic!("{link}: {error}"));
    session
}

fn lanes(session: &Session) -> Vec<Value> {
    serde_json::to_value(session.overview()).unwrap()["lanes"].as_array().unwrap().clone()
}

fn count(lane: &Value) -> i64 {
    lane["parameters"].as_i64().unwrap()
}

fn file(session: &Session, lane: usize) -> Value {
    serde_json::from_str(&session.experiment_file(lane).unwrap()).unwrap()
}

/// N·(T·D + 1) of the hidden layer and O·(N + 1) of the readout; with one unit more or less it is farther from what it matches.
#[test]
fn units_are_as_many_as_match_the_first_lane_that_recurs() {
    let check = |link: &str, wanted: usize, own: usize| {
        let (session, all) = (open(link), lanes(&open(link)));
        let model = &file(&session, own)["model"];
        let size = |name: &str| model[name].as_i64().unwrap();
        let (reads, units, outputs) = (size("places") * size("inputs"), size("hidden"), size("outputs"));
        let parameters = |units: i64| units * (reads + 1) + outputs * (units + 1);
        assert_eq!(count(&all[own]), parameters(units), "{link}");
        let miss = |units| (parameters(units) - count(&all[wanted])).abs();
        let nearest = units == 1 || miss(units) <= miss(units - 1);
        assert!(nearest && miss(units) <= miss(units + 1), "{link}: {units} units");
        let words = format!("to match {}’s", all[wanted]["name"].as_str().unwrap());
        assert!(all[own]["facts"].as_str().unwrap().contains(&words), "{link}: {}", all[own]["facts"]);
    };
    check("lanes=lstm,rnn,ann", 0, 2);
    check("lanes=ann,gru", 1, 0);
    check("data=sunspots&T=12&lanes=ann,lstm~H:20,rnn", 1, 0);
    check("data=sunspots&T=1&match=parameters&lanes=rnn,lstm,ann", 0, 2);
    check("data=mood&lanes=gru~H:32,ann", 0, 1);
    // A size of its own is its own, and alone it has that of all.
    assert_eq!(lanes(&open("lanes=rnn,ann~H:5"))[1]["hidden"], 5);
    assert_eq!(lanes(&open("lanes=ann"))[0]["hidden"], 16);
}

/// What a longer sequence costs: other weights, and more of them. What recurs keeps its own.
#[test]
fn a_longer_sequence_needs_other_weights() {
    let at = |steps: usize| open(&format!("data=sunspots&T={steps}&lanes=rnn,ann~H:4"));
    let weights =
        |session: &Session, lane| file(session, lane)["model"]["weights"]["layers"][0]["W_xh"].clone();
    let (short, long) = (at(12), at(13));
    assert_eq!(weights(&short, 0), weights(&long, 0));
    let columns = |session: &Session| weights(session, 1)[0].as_array().unwrap().len();
    assert_eq!((columns(&short), columns(&long)), (12, 13));
    assert_eq!(count(&lanes(&long)[1]) - count(&lanes(&short)[1]), 4);
}

/// One step later the same input meets other weights: the output is another. With every V_k the same it would not be.
#[test]
fn nothing_is_shared_between_steps() {
    let said = |same: bool, shift: usize| {
        let mut experiment = file(&open("data=sunspots&T=4&lanes=rnn,ann~H:3"), 1);
        let mut x = vec![json!([0.0]); 4];
        x[shift] = json!([1.0]);
        experiment["x"] = x.into();
        if same {
            for row in experiment["model"]["weights"]["layers"][0]["W_xh"].as_array_mut().unwrap() {
                *row = json!([row[0], row[0], row[0], row[0]]);
            }
        }
        let trace: Value =
            serde_json::from_str(&unrolled::trace_experiment(&experiment.to_string()).unwrap()).unwrap();
        trace["y"][0][0].as_f64().unwrap()
    };
    assert!((said(false, 1) - said(false, 2)).abs() > 1e-3);
    assert!((said(true, 1) - said(true, 2)).abs() < 1e-15);
}

#[test]
fn every_step_feels_the_loss_whole() {
    for link in ["lanes=rnn,ann", "shape=many-to-many&lanes=rnn,ann~act:relu~H:4", "data=mood&lanes=rnn,ann"]
    {
        let session = open(link);
        let gauge = &lanes(&session)[1]["gauge"];
        assert_eq!((&gauge["shown"], &gauge["state"]), (&json!("1.00"), &json!("∂L/∂s")), "{link}");
        assert!(gauge["verdict"].as_str().unwrap().contains("about all is left"), "{link}: {gauge}");
        let table = serde_json::to_value(session.table()).unwrap();
        for row in table["rows"].as_array().unwrap() {
            assert_eq!(row.as_array().unwrap().last().unwrap(), "1.00", "{link}");
        }
    }
}

#[test]
fn what_it_cannot_do_is_said_and_not_offered() {
    let check = |link: &str, words: &str| {
        let mut session = Session::new().unwrap();
        let error = session.open(link, None).err().unwrap_or_else(|| panic!("{link} opens")).to_string();
        assert!(error.contains(words), "{link}: {error}");
    };
    check(
        "shape=encoder-decoder&lanes=rnn,ann",
        "shape with ANN in lane 2: expected another shape: ann has no state",
    );
    check("shape=one-to-many&lanes=ann", "every output would be the same");
    check("data=dates&lanes=ann", "ann has no state that a decoder could start from");
    check("data=hand&lanes=rnn,ann", "the worked example reckons networks that recur");
    check("lanes=rnn,ann~layers:2", "layers of lane 2: expected nothing: ANN has no such setting");
    check("lanes=ann~rho:0.9", "rho of lane 1");
    let error = open("data=sunspots&T=3&lanes=ann~H:2").worksheet().err().unwrap().to_string();
    assert!(error.starts_with("worksheet: expected a cell that recurs"), "{error}");
    let session = open("lanes=rnn,ann");
    let controls = serde_json::to_value(session.controls()).unwrap();
    for (key, barred) in
        [("shape", vec!["one-to-many", "encoder-decoder"]), ("data", vec!["names", "dates", "hand"])]
    {
        let control = controls.as_array().unwrap().iter().find(|control| control["key"] == key).unwrap();
        let options = control["options"].as_array().unwrap();
        let found: Vec<_> = options
            .iter()
            .filter(|option| option.get("barred").is_some_and(|why| *why != ""))
            .map(|o| o["value"].clone())
            .collect();
        assert_eq!(found, barred, "{key}");
    }
    assert!(open("shape=encoder-decoder").no_ann().contains("no state"));
    assert_eq!(open("lanes=rnn").no_ann(), "");
    // All lanes may have layers: the one that has one has it still.
    assert_eq!(
        file(&open("layers=3&directions=both&norm=on&window=5&limit=norm&lanes=rnn,ann"), 1)["model"]["layers"],
        1
    );
    let long = (0..24).map(|_| "good").collect::<Vec<_>>().join("%20");
    let error = open("data=mood&lanes=rnn")
        .open(&format!("data=mood&own={long}&lanes=rnn,ann"), None)
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("own: expected at most") && error.contains("the ANN in lane 2"), "{error}");
}

/// It has no part in the figure of steps, which says so; the others have theirs, and are named by their own lanes.
#[test]
fn there_is_no_jacobian_through_time() {
    let mut session = open("T=12&H=4&lanes=ann~H:2,rnn,lstm&tab=spectrum&on=1.h.1&at=b6");
    assert_eq!(session.tab(), Tab::Spectrum);
    while session.spectrum_advance() > 0 {}
    let wide = Viewport { width: 810, height: 722, scale: 1.0, mode: Mode::Wide, dark: false };
    let layout = session.spectrum_layout(wide).unwrap().clone();
    assert_eq!(layout.planes.len(), 2);
    let facts = serde_json::to_value(session.spectrum_facts().unwrap()).unwrap();
    assert_eq!((&facts["lanes"][0]["lane"], &facts["lanes"][1]["lane"]), (&json!(1), &json!(2)));
    assert!(facts["key"].as_str().unwrap().contains("ANN repeats no step"));
    assert_eq!(facts["side"]["where"], "no Jacobian through time");
    assert!(
        serde_json::to_value(session.caption()).unwrap()["text"]
            .as_str()
            .unwrap()
            .contains("repeats no step")
    );
    let (x, y) = layout.planes[0].centre();
    let picked = (0..200).find_map(|r| session.spectrum_pick(x + f64::from(r), y)).unwrap();
    assert_eq!(serde_json::to_value(picked).unwrap()["lane"], 1);
    let table = serde_json::to_value(session.table()).unwrap();
    assert!(!table["head"].to_string().contains("ANN") && table["head"].to_string().contains("LSTM"));
    assert_eq!(table["rows"][0].as_array().unwrap().len(), table["head"].as_array().unwrap().len());
    // Alone there is nothing to draw, and the page says it.
    let mut alone = open("T=12&lanes=ann~H:2&tab=spectrum");
    while alone.spectrum_advance() > 0 {}
    assert!(alone.spectrum_layout(wide).is_some());
    let facts = serde_json::to_value(alone.spectrum_facts().unwrap()).unwrap();
    assert!(facts["key"].as_str().unwrap().contains("ANN repeats no step"));
    assert!(alone.spectrum_svg(wide).contains("repeats"));
}

/// What is saved is opened again, with weights for more steps than it reads.
#[test]
fn files_have_weights_for_the_longest_example() {
    let session = open("data=mood&example=2&lanes=ann~H:3");
    let saved = file(&session, 0);
    let (places, steps) =
        (saved["model"]["places"].as_u64().unwrap(), saved["x"].as_array().unwrap().len() as u64);
    assert!(places > steps);
    let mut again = open("");
    again.open_file(&saved.to_string()).unwrap();
    assert_eq!(file(&again, 0)["model"]["weights"], saved["model"]["weights"]);
    let error = |change: fn(&mut Value)| {
        let mut changed = saved.clone();
        change(&mut changed);
        unrolled::trace_experiment(&changed.to_string()).unwrap_err().to_string()
    };
    let check = |change, words: &str| assert!(error(change).contains(words), "{}", error(change));
    check(|file| file["model"]["places"] = 2.into(), "x: expected at most 2 rows, for which ann has weights");
    check(|file| file["model"]["layers"] = 2.into(), "model.layers: expected 1: ann has one hidden layer");
    check(|file| file["model"]["layer_norm"] = true.into(), "model.layer_norm");
    check(|file| file["model"]["bidirectional"] = true.into(), "model.bidirectional");
    check(|file| file["model"]["window"] = 3.into(), "nothing comes back through time");
    check(|file| file["model"]["hold"] = "f".into(), "none: ann has no gate");
    check(
        |file| file["model"]["cell"] = "rnn".into(),
        "model.places: expected no places: only ann has weights for each step",
    );
    check(
        |file| file["model"]["weights"]["layers"][0]["h_0"] = json!([0, 0, 0]),
        "no h_0: ann starts from nothing",
    );
}
