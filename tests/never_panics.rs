//! No sequence of what the page can ask for is a panic, and each state comes back with its link.

use proptest::prelude::*;
use serde::Serialize;
use serde_json::{Value, json};
use unrolled::experiment::settings::{Key, Kind};
use unrolled::session::{Losses, Picture, Session, Site, Tab};
use unrolled::view::{Mode, Viewport};

use crate::common::{Draw, Size, cells, experiment, leaves, put, repeatable, windows};

const CELLS: [&str; 4] = ["rnn", "lstm", "gru", "ann"];
const SHAPES: [&str; 5] = ["one-to-one", "one-to-many", "many-to-one", "many-to-many", "encoder-decoder"];
const TABS: [Tab; 4] = [Tab::Unrolled, Tab::Flow, Tab::Spectrum, Tab::Update];
const TEXTS: [&str; 8] =
    ["", "a", "abcabcab", "e\u{301}\n\t ab", "1,2,3,4,5", "1;2\n3;4\n5;6", "0 0 0 0", "1e308,-1e308,3"];
const ROWS: [&str; 8] = ["h", "C", "s", "f", "h.1b", "C.2", "h.99", "boxes"];
const ENTRIES: [&str; 8] =
    ["U_f.1.1", "W_hh.2.2", "W_xh.1.99", "b_h.1", "W_hy.1.1", "x.1.1", "U_z.2b.1.1", "W_skip.d.1.1"];
const NUMBERS: [&str; 6] = ["1", "-2.5", "1e6", "1e7", "NaN", ""];
const STEPS: [&str; 10] = [
    "h.1.1",
    "b.h.2.3",
    "h.2b.1.2",
    "=dy.3",
    "=dh_prev",
    "w.W_f.1.1",
    "w.2b:W_hh.1.2",
    "w.x.2",
    "b.h.1.1.1=dx.1",
    "h.0.0",
];
const LINKS: [&str; 20] = [
    "at=f1",
    "at=b99",
    "on=3.h.2.2b",
    "pin=9.C.99",
    "signal=2b",
    "losses=every",
    "tab=flow",
    "tab=spectrum",
    "tab=update",
    "view=boxes",
    "loss=1",
    "loss=99",
    "op=999",
    "terms=dy.9",
    "matrix=W_hy.9.9",
    "x=1.1:5,9.9:-1",
    "lanes=rnn~skip:2,ann,lstm~hold:f",
    "lanes=gru~reset:after~U_h.1.1:9",
    "layers=3&directions=both",
    "precision=f32&rho=3&act=relu&norm=on",
];
const EXTREMES: [&str; 8] = ["0", "-1", "1e308", "\"NaN\"", "\"-Infinity\"", "1e-320", "3e38", "null"];

fn of<T: Copy>(all: &[T], at: u16) -> T {
    all[usize::from(at) % all.len()]
}

/// A value of a setting that its row of the table allows, small where that is a size.
fn value(key: Key, at: u16) -> String {
    match key.setting().kind {
        Kind::Integer { min, max, .. } => (min + usize::from(at) % (max - min + 1).min(7)).to_string(),
        Kind::Real { min, max, .. } => (min + (max - min) * f64::from(at) / 65535.0).to_string(),
        Kind::Choice(options) => of(options, at).0.into(),
        Kind::Text { .. } => of(&TEXTS, at).into(),
    }
}

/// An experiment file, with an extreme number in it.
fn file(a: u16, b: u16) -> String {
    let models: Vec<Value> = cells().into_iter().chain(windows()).map(|(_, model)| model).collect();
    let mut model = models[usize::from(a) % models.len()].clone();
    if model["cell"] != "ann" {
        crate::common::merge(&mut model, &json!({"layers": 1 + b % 2, "bidirectional": b.is_multiple_of(3)}));
    }
    let size = Size { inputs: 2, hidden: 3, outputs: 2, steps: 1 + usize::from(b % 4) };
    let loss = if b % 5 < 3 { "squared-error" } else { "cross-entropy" };
    let mut value = experiment(&model, of(&SHAPES, b), loss, size, &mut Draw(u64::from(a)));
    let numbers = leaves(&value, "");
    let place = &numbers[usize::from(a / 16) % numbers.len()];
    put(&mut value, place, serde_json::from_str::<Value>(of(&EXTREMES, b)).unwrap());
    value.to_string()
}

/// Something that a viewer does; what it refuses is no matter here.
fn act(session: &mut Session, kind: u8, a: u16, b: u16) {
    let (lane, small) = (usize::from(a % 4), usize::from(b % 16));
    match kind {
        0 => {
            let key = of(&Key::ALL, a);
            let own = (b.is_multiple_of(2) && key.setting().lane).then_some(usize::from(a / 64 % 4));
            _ = session.set(key.setting().key, &value(key, b), own);
        }
        1 => {
            let link = [of(&LINKS, a), of(&LINKS, b), of(&LINKS, a ^ b), "T=5&H=2&out=3"].join("&");
            _ = session.open(&link, None);
        }
        2 => _ = session.open_file(&file(a, b)),
        3 => _ = session.add_lane(of(&CELLS, a)),
        4 => _ = session.remove_lane(lane),
        5 => _ = session.move_lane(lane, small % 4),
        6 => _ = session.toggle_row(lane, of(&ROWS, b)),
        7 => session.seek(usize::from(a % 40)),
        8 => _ = session.select(lane, of(&ROWS, b), small, b.is_multiple_of(3)),
        9 => session.set_losses(if a.is_multiple_of(2) { Losses::Every } else { Losses::Last }),
        10 => session.set_gradient(Site::parse(of(&["1", "1b", "2", "2b", "9"], a)).unwrap()),
        11 => session.follow(small),
        12 => _ = session.look(of(&ENTRIES, a), b.is_multiple_of(2)),
        13 => _ = session.set_entry(of(&NUMBERS, a)),
        14 => {
            session.look_along(1 - isize::from(!a.is_multiple_of(3)), isize::from(!b.is_multiple_of(3)) - 1);
        }
        15 => _ = session.undo(),
        16 => _ = session.redo(),
        17 => session.operate(a.is_multiple_of(2)),
        18 => _ = session.walk(of(&STEPS, a)),
        19 => _ = session.cure(lane, small),
        20 => session.set_boxes(a.is_multiple_of(2)),
        _ => {
            session.check_begin();
            for _ in 0..a % 64 {
                session.check_advance();
            }
        }
    }
    session.settle(a.is_multiple_of(7));
    session.set_tab(of(&TABS, a ^ (b / 4)));
}

fn said(message: &impl Serialize) {
    serde_json::to_string(message).unwrap();
}

/// All that the page asks for after an action.
fn look(session: &mut Session, a: u16) {
    let size = of(&[(320, 480), (390, 844), (1280, 720), (2560, 1400)], a);
    let mode = of(&[Mode::Wide, Mode::Phone, Mode::Present], a / 4);
    let viewport = Viewport { width: size.0, height: size.1, scale: 1.0, mode, dark: a.is_multiple_of(2) };
    said(&session.overview());
    said(&session.controls());
    said(&session.inspect());
    said(&session.matrices(312));
    said(&session.check_facts());
    let (x, y) = (f64::from(size.0) * f64::from(a % 11) / 11.0, f64::from(size.1) * f64::from(a % 13) / 13.0);
    match session.picture() {
        Picture::Heat => {
            said(&session.layout_with_words(viewport));
            session.paint();
            said(&(session.labels(), session.marks(), session.pick(x, y)));
            said(&session.svg(viewport));
        }
        Picture::Boxes => {
            session.boxes_layout(viewport);
            session.boxes_paint();
            said(&(session.boxes(), session.boxes_labels(), session.boxes_pick(x, y)));
            said(&session.boxes_svg(viewport));
        }
        Picture::Flow => {
            session.flow_layout(viewport);
            while !session.given_advance() {}
            session.flow_layout(viewport);
            session.flow_paint();
            said(&(session.flow_facts(), session.flow_labels(), session.flow_pick(x, y)));
            said(&session.flow_svg(viewport));
        }
        Picture::Spectrum => {
            session.spectrum_advance();
            session.spectrum_layout(viewport);
            said(&(session.spectrum_facts(), session.spectrum_labels(), session.spectrum_pick(x, y)));
            said(&session.spectrum_svg(viewport));
        }
        Picture::Update => {
            session.update_advance();
            session.update_layout(viewport);
            session.update_paint();
            said(&(session.update_facts(), session.update_labels(), session.update_pick(x, y)));
            said(&session.update_svg(viewport));
        }
    }
    said(&(session.caption(), session.table(), session.steps_back()));
    said(&session.describe());
    for lane in 0..3 {
        said(&(session.cures(lane), session.facts(lane, None), session.drawing(lane, a.is_multiple_of(2))));
    }
    _ = session.worksheet();
}

proptest! {
    #![proptest_config(repeatable(12))]

    #[test]
    fn no_sequence_of_actions_panics(actions in prop::collection::vec((0..22_u8, any::<u16>(), any::<u16>()), 1..7)) {
        let mut session = Session::new().unwrap();
        session.open("T=5&H=3&out=3", None).unwrap();
        for (kind, a, b) in actions {
            act(&mut session, kind, a, b);
            look(&mut session, b);
            if session.wanted().is_none() {
                let mut again = Session::new().unwrap();
                again.open(&session.link(), session.stored().as_deref()).unwrap();
            }
        }
    }
}
