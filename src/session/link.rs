//! Links: `key=value&…`, only what differs from the opening experiment.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD as BASE64;
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};

use super::lessons;
use super::walk::Unfolded;
use super::{Cursor, Looked, Losses, Site, Tab};
use crate::Error;
use crate::experiment::edits::{self, Edits, Entry};
use crate::experiment::settings::{Key, Lane, Settings};
use crate::experiment::{Cell, Choice as _, Experiment, file};

/// What may stand in a value as it is.
const PLAIN: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'.')
    .remove(b'_')
    .remove(b',')
    .remove(b'~')
    .remove(b':')
    .remove(b'+');
/// The longest file, in characters of the link, that a link carries.
const CARRIED: usize = 60_000;

/// A cursor whose position is not yet held against a number of steps.
#[derive(Clone, Debug)]
pub struct Stand {
    at: Option<(usize, bool)>,
    /// Selected lane.
    pub lane: usize,
    /// Whether the link says what is selected.
    chosen: bool,
    symbol: String,
    site: Option<Site>,
    unit: usize,
    pinned: bool,
    losses: Losses,
    gradient: Site,
    tab: Tab,
    boxes: bool,
    loss: Option<usize>,
    matrix: Option<Looked>,
    operation: Option<usize>,
    unfolded: Option<Unfolded>,
    lesson: Option<&'static str>,
}

impl Stand {
    /// The step, where the link names one.
    pub fn t(&self) -> Option<usize> {
        self.at.map(|(t, _)| t)
    }

    /// Key, lane, symbol and unit, where the link names them; lane and unit from 0.
    pub fn chosen(&self) -> Option<(&'static str, usize, &str, usize)> {
        let key = if self.pinned { "pin" } else { "on" };
        self.chosen.then_some((key, self.lane, self.symbol.as_str(), self.unit))
    }

    /// On a track of so many steps; without a place it is the end.
    pub fn on(self, steps: usize) -> Cursor {
        let position = match self.at {
            Some((t, false)) => t.min(steps),
            Some((t, true)) => 2 * steps + 1 - t.min(steps),
            None => 2 * steps,
        };
        let Self {
            lane,
            symbol,
            site,
            unit,
            pinned,
            losses,
            gradient,
            tab,
            boxes,
            loss,
            matrix,
            operation,
            unfolded,
            lesson,
            ..
        } = self;
        Cursor {
            position,
            lane,
            symbol,
            site,
            unit,
            pinned,
            losses,
            gradient,
            tab,
            boxes,
            loss,
            matrix,
            operation,
            unfolded,
            lesson,
        }
    }
}

pub fn write(settings: &Settings, cursor: &Cursor, steps: usize) -> String {
    let mut parts: Vec<String> = Vec::new();
    let mut put = |key: &str, value: &str| parts.push(format!("{key}={}", utf8_percent_encode(value, PLAIN)));
    for key in Key::ALL {
        let value = settings.shared(key);
        if settings.reads(key) && *value != key.setting().default() {
            put(key.setting().key, &value.text());
        }
    }
    if settings.lanes != Settings::default().lanes {
        put("lanes", &settings.lanes.iter().map(lane_text).collect::<Vec<_>>().join(","));
    }
    if !settings.inputs.is_empty() {
        let change = |(entry, &value): (&Entry, &f64)| {
            format!("{}.{}:{}", entry.row + 1, entry.column + 1, edits::value_text(value))
        };
        put("x", &settings.inputs.iter().map(change).collect::<Vec<_>>().join(","));
    }
    if let Some(carried) = carried(settings) {
        match carried {
            Ok(text) => put("file", &text),
            Err(digest) => put("stored", &digest),
        }
    }
    let backward = cursor.position > steps;
    let t = if backward { 2 * steps + 1 - cursor.position } else { cursor.position };
    if cursor.position != 2 * steps {
        put("at", &format!("{}{t}", if backward { 'b' } else { 'f' }));
    }
    let chosen = (cursor.lane, cursor.unit, cursor.symbol.as_str(), cursor.site) != (1, 0, "h", None);
    if cursor.pinned || chosen {
        let state = if cursor.pinned { "pin" } else { "on" };
        let site = cursor.site.map_or_else(String::new, |site| format!(".{}", site.text()));
        put(state, &format!("{}.{}.{}{site}", cursor.lane + 1, cursor.symbol, cursor.unit + 1));
    }
    if cursor.gradient != Site::FIRST {
        put("signal", &cursor.gradient.text());
    }
    if cursor.losses == Losses::Every {
        put("losses", "every");
    }
    if cursor.tab != Tab::Unrolled {
        put("tab", cursor.tab.word());
    }
    if cursor.boxes {
        put("view", "boxes");
    }
    if let Some(loss) = cursor.loss {
        put("loss", &loss.to_string());
    }
    if let Some(Looked { entry, gradient }) = cursor.matrix {
        put(if gradient { "gradient" } else { "matrix" }, &entry.text());
    }
    if let Some(operation) = cursor.operation {
        put("op", &operation.to_string());
    }
    if let Some(unfolded) = cursor.unfolded {
        put("terms", &unfolded.text());
    }
    if let Some(lesson) = cursor.lesson {
        put("lesson", lesson);
    }
    parts.join("&")
}

/// The file that a link must carry: its text, or where that is too long its digest.
fn carried(settings: &Settings) -> Option<Result<String, String>> {
    let text = file_text(settings)?;
    let encoded = BASE64.encode(&text);
    Some(if encoded.len() <= CARRIED { Ok(encoded) } else { Err(digest(&text)) })
}

fn file_text(settings: &Settings) -> Option<String> {
    settings.file.as_ref().map(|file| file::to_value(file).to_string())
}

/// The opened file when it is too long for a link.
pub fn stored(settings: &Settings) -> Option<String> {
    carried(settings)?.is_err().then(|| file_text(settings)).flatten()
}

/// FNV-1a, to recognise a file that this browser kept.
fn digest(text: &str) -> String {
    let hash = text.bytes().fold(0xCBF2_9CE4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3)
    });
    format!("{hash:016x}")
}

/// `lstm~bf:1~U_f.3.7:0.5~-o`: cell, own values, changed numbers, heat maps unfolded (+) and folded (-); `file` is the opened file's model.
fn lane_text(lane: &Lane) -> String {
    let mut text = if lane.model.is_some() { "file".into() } else { lane.cell.word().to_owned() };
    for (key, value) in &lane.own {
        _ = write!(text, "~{}:{}", key.setting().key, value.text());
    }
    for (entry, &value) in &lane.edits {
        _ = write!(text, "~{}:{}", entry.text(), edits::value_text(value));
    }
    for (symbol, shown) in &lane.shown {
        _ = write!(text, "~{}{symbol}", if *shown { '+' } else { '-' });
    }
    text
}

pub fn read(link: &str, kept: Option<&str>) -> Result<(Settings, Stand), Error> {
    let mut settings = Settings::default();
    let mut stand = Stand {
        at: None,
        lane: 1,
        chosen: false,
        symbol: "h".into(),
        site: None,
        unit: 0,
        pinned: false,
        losses: Losses::Last,
        gradient: Site::FIRST,
        tab: Tab::Unrolled,
        boxes: false,
        loss: None,
        matrix: None,
        operation: None,
        unfolded: None,
        lesson: None,
    };
    let mut lanes = None;
    let mut inputs = Edits::new();
    for part in link.split('&').filter(|part| !part.is_empty()) {
        let (key, value) =
            part.split_once('=').ok_or_else(|| Error::at("link", "key=value", format!("\"{part}\"")))?;
        let value = percent_decode_str(value)
            .decode_utf8()
            .map_err(|_| Error::at(key, "UTF-8 text", "something else"))?;
        match key {
            "lanes" => lanes = Some(value.into_owned()),
            "at" => stand.at = Some(read_at(&value)?),
            "on" | "pin" => {
                (stand.pinned, stand.chosen) = (key == "pin", true);
                (stand.lane, stand.symbol, stand.unit, stand.site) = read_selection(key, &value)?;
            }
            "signal" => {
                let wrong = || Error::at("signal", "a layer, such as 2 or 2b", format!("\"{value}\""));
                stand.gradient = Site::parse(&value).ok_or_else(wrong)?;
            }
            "losses" => {
                stand.losses = match &*value {
                    "last" => Losses::Last,
                    "every" => Losses::Every,
                    other => return Err(Error::at("losses", "last or every", format!("\"{other}\""))),
                }
            }
            "tab" => {
                stand.tab = Tab::parse(&value, "tab")?;
            }
            "view" => {
                stand.boxes = match &*value {
                    "heat" => false,
                    "boxes" => true,
                    other => return Err(Error::at("view", "heat or boxes", format!("\"{other}\""))),
                }
            }
            "loss" => {
                let wrong = || Error::at("loss", "a step from 1", format!("\"{value}\""));
                stand.loss = Some(value.parse().ok().filter(|&loss| loss >= 1).ok_or_else(wrong)?);
            }
            "matrix" | "gradient" => {
                stand.matrix =
                    Some(Looked { entry: Entry::parse(&value, key)?, gradient: key == "gradient" });
            }
            "x" => inputs = read_inputs(&value)?,
            "op" => {
                let wrong = || Error::at("op", "an operation from 1", format!("\"{value}\""));
                stand.operation = Some(value.parse().ok().filter(|&k| k >= 1).ok_or_else(wrong)?);
            }
            "terms" => stand.unfolded = Some(Unfolded::parse(&value)?),
            "lesson" => {
                stand.lesson = Some(lessons::find(&value)?);
            }
            "file" => {
                let bytes = BASE64.decode(&*value).map_err(|error| Error::at("file", "base64", error))?;
                let text = String::from_utf8(bytes)
                    .map_err(|_| Error::at("file", "UTF-8 text", "something else"))?;
                settings.file = Some(open(&text)?);
            }
            "stored" => {
                let text = kept.filter(|text| digest(text) == *value).ok_or_else(|| {
                    Error::at("stored", "a file that was opened in this tab; open it again", "none")
                })?;
                settings.file = Some(open(text)?);
            }
            _ => {
                let key = Key::parse(key)?;
                settings.set(key, key.setting().parse(&value)?);
            }
        }
    }
    // After the data that they belong to.
    settings.inputs = inputs;
    if let Some(lanes) = lanes {
        settings.lanes = read_lanes(&lanes, settings.file.as_ref())?;
    }
    Ok((settings, stand))
}

fn open(text: &str) -> Result<Arc<Experiment>, Error> {
    let experiment = file::parse(text)?;
    file::check_page(&experiment)?;
    Ok(Arc::new(experiment))
}

fn read_at(value: &str) -> Result<(usize, bool), Error> {
    let wrong = || Error::at("at", "f or b and a step from 1, such as b8", format!("\"{value}\""));
    let backward = match value.as_bytes().first() {
        Some(b'f') => false,
        Some(b'b') => true,
        _ => return Err(wrong()),
    };
    value[1..].parse().ok().filter(|&t| t >= 1).map(|t| (t, backward)).ok_or_else(wrong)
}

fn read_selection(key: &str, value: &str) -> Result<(usize, String, usize, Option<Site>), Error> {
    let wrong = || {
        let wanted = "lane.symbol.unit, such as 2.h.7, in a stack with the layer, such as 2.h.7.3b";
        Error::at(key, wanted, format!("\"{value}\""))
    };
    let number = |text: &str| text.parse::<usize>().ok().filter(|&n| n >= 1).ok_or_else(wrong);
    let (lane, symbol, unit, site) = match value.split('.').collect::<Vec<_>>()[..] {
        [lane, symbol, unit] => (lane, symbol, unit, None),
        [lane, symbol, unit, site] => (lane, symbol, unit, Some(Site::parse(site).ok_or_else(wrong)?)),
        _ => return Err(wrong()),
    };
    Ok((number(lane)? - 1, symbol.into(), number(unit)? - 1, site))
}

fn read_inputs(value: &str) -> Result<Edits, Error> {
    let wrong = |part: &str| Error::at("x", "step.column:value, such as 3.1:0.5", format!("\"{part}\""));
    let inputs = value
        .split(',')
        .map(|part| {
            let (place, value) = part.split_once(':').ok_or_else(|| wrong(part))?;
            let entry = Entry::parse(&format!("x.{place}"), "x").map_err(|_| wrong(part))?;
            Ok((entry, edits::value(value, "x")?))
        })
        .collect::<Result<Edits, Error>>()?;
    edits::check_count(&inputs, "x")?;
    Ok(inputs)
}

fn read_lanes(value: &str, file: Option<&Arc<Experiment>>) -> Result<Vec<Lane>, Error> {
    let lanes = value.split(',').map(|text| read_lane(text, file)).collect::<Result<Vec<_>, _>>()?;
    if lanes.len() > Settings::MOST_LANES {
        return Err(Error::at("lanes", format!("1 to {}", Settings::MOST_LANES), lanes.len()));
    }
    Ok(lanes)
}

fn read_lane(text: &str, file: Option<&Arc<Experiment>>) -> Result<Lane, Error> {
    let mut parts = text.split('~');
    let word = parts.next().unwrap_or_default();
    let mut lane = match (word, file) {
        ("file", Some(file)) => Lane { model: Some(file.clone()), ..Lane::new(file.spec.cell) },
        ("file", None) => return Err(Error::at("lanes", "an opened experiment file", "none")),
        _ => Lane::new(Cell::parse(word, "lanes")?),
    };
    let mut own = BTreeMap::new();
    for part in parts {
        if let Some(symbol) = part.strip_prefix(['+', '-']) {
            lane.shown.insert(symbol.into(), part.starts_with('+'));
            continue;
        }
        let (key, value) =
            part.split_once(':').ok_or_else(|| Error::at("lanes", "key:value", format!("\"{part}\"")))?;
        if key.contains('.') {
            let entry = Entry::parse(key, "lanes")?;
            if entry.part() == "x" {
                return Err(Error::at("lanes", "a number of the model", format!("\"{part}\"")));
            }
            lane.edits.insert(entry, edits::value(value, key)?);
            continue;
        }
        let key = Key::parse(key)?;
        let setting = key.setting();
        setting.may_be_own(part)?;
        own.insert(key, setting.parse(value)?);
    }
    lane.own = own;
    edits::check_count(&lane.edits, "lanes")?;
    Ok(lane)
}
