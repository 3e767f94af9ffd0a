//! Tasks that come with examples, and lanes that learn from them.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use serde_json::Value;
use unrolled::session::Session;
use unrolled::session::practice::Progress;

fn file(name: &str) -> String {
    let path = format!("{}/www/data/{name}", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn session() -> Session {
    let mut session = Session::new().unwrap();
    for name in ["tags.txt", "mood.txt", "digits.txt"] {
        session.provide(name, &file(name)).unwrap();
    }
    session
}

fn learnt(session: &mut Session) {
    while session.learn_advance() != Progress::Done {
        // As the page does: what is done is shown.
        session.learn_show().unwrap();
    }
}

fn overview(session: &Session) -> Value {
    serde_json::to_value(session.overview()).unwrap()
}

#[test]
fn explore() {
    for link in ["data=tags&lanes=rnn,lstm,gru,rnn~directions:both,lstm~directions:both,gru~directions:both&epochs=15", "data=mood&epochs=20&lanes=rnn,lstm,gru,gru~directions:both", "data=digits&epochs=10"] {
        for start in ["", "&rho=1&bf=1&bz=-1"] {
        let mut s = session();
        s.open(&format!("{link}{start}"), None).unwrap();
        let now = std::time::Instant::now();
        learnt(&mut s);
        let o = overview(&s);
        println!("{link}{start} {:?}", now.elapsed());
        for lane in o["practice"]["lanes"].as_array().unwrap() {
            println!("  {} {}", lane["shown"], lane["words"]);
        }
        }
    }
}
