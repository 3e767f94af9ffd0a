//! With the offered clicks alone: from any number to all weights, inputs and start states that made it, and from any
//! gradient to all losses that sent it.

use std::collections::BTreeSet;

use crate::common::repeatable;
use proptest::prelude::*;
use serde_json::Value;
use unrolled::experiment::Steps;
use unrolled::experiment::edits::Entry;
use unrolled::session::Session;

const HIDDEN: usize = 2;
const STEPS: usize = 3;
/// Steps of the outputs, where a shape has so many.
const OUT: usize = 2;
/// Steps that `rnn~skip:2` skips.
const SKIP: usize = 2;

/// What has nowhere to lead to: a constant, a target, or what is said of all units, whose parts are listed with it.
const GIVEN: [&str; 12] = [
    "1, held",
    "its target",
    "1 where this is the target, else 0",
    "the mean over the units",
    "the deviation over the units",
    "the mean over the units of gain times gradient",
    "the mean over the units of gain times gradient times n",
    "the normalised sum",
    "its part from the loss",
    "its part from the future",
    "its part from the next",
    "its part from the skip",
];

/// One unit of a layer and direction at a step, in one of the phases.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Spot {
    site: String,
    unit: usize,
    t: usize,
    backward: bool,
}

/// All that a reader comes to.
#[derive(Default)]
struct Found {
    /// Places, and of outputs and inputs that one came to by their number the equation of that.
    spots: BTreeSet<(Spot, String)>,
    /// Entries of the matrices as links name them.
    entries: BTreeSet<String>,
    /// Steps at which `∂L/∂y` is read.
    losses: BTreeSet<usize>,
    /// Whether outputs are classes.
    classes: bool,
}

fn inspected(session: &Session) -> Value {
    serde_json::to_value(session.inspect().unwrap()).unwrap()
}

/// Every goal that a formula offers.
fn goals(formula: &Value, found: &mut BTreeSet<String>) {
    match formula {
        Value::Array(parts) => parts.iter().for_each(|part| goals(part, found)),
        Value::Object(attributes) => {
            found.extend(attributes.get("data-go").and_then(Value::as_str).map(str::to_owned));
        }
        _ => {}
    }
}

/// What an equation of this name comes to where the session stands.
fn result(session: &Session, name: &str) -> Value {
    let shown = inspected(session);
    let all = shown["forward"].as_array().unwrap().iter().chain(shown["backward"].as_array().unwrap());
    let mut of_name = all.filter(|equation| equation["symbol"] == name);
    let spoken = of_name.next_back().unwrap()["spoken"].as_str().unwrap().to_owned();
    spoken.rsplit("which is ").next().unwrap().into()
}

impl Spot {
    fn stand(&self, session: &mut Session) {
        session.seek(if self.backward { 2 * session.steps() } else { 1 });
        let back = if self.backward { "b." } else { "" };
        session.walk(&format!("{back}h.{}.{}.{}", self.site, self.unit, self.t)).unwrap();
    }

    /// Where a goal leads from here.
    fn on(&self, goal: &str, steps: Steps) -> Self {
        let goal = goal.split('=').next().unwrap();
        let (backward, spot) = goal.strip_prefix("b.").map_or((self.backward, goal), |spot| (true, spot));
        let [t, unit, row] = spot.rsplitn(3, '.').collect::<Vec<_>>()[..] else { panic!("{goal}") };
        let mut site = row.split_once('.').map_or(self.site.as_str(), |(_, site)| site).to_owned();
        let (mut unit, mut t): (usize, usize) = (unit.parse().unwrap(), t.parse().unwrap());
        // A decoder's layer counts the units of both directions, and so does what it starts from.
        let starts = steps.decodes(self.t) && t == steps.encoder;
        if steps.border().is_some() && (steps.decodes(t) || starts) && !row.ends_with('b') {
            site.truncate(1);
            if unit > HIDDEN {
                site.push('b');
                t = if starts { 1 } else { t };
            }
            unit = (unit - 1) % HIDDEN + 1;
        }
        Self { site, unit, t, backward }
    }

    /// Clicks everything that this place offers.
    fn look(&self, only: &str, session: &mut Session, found: &mut Found) -> Vec<(Self, String)> {
        self.stand(session);
        let mut offered = BTreeSet::new();
        let folded = inspected(session);
        let list = |name: &str| folded[name].as_array().unwrap().clone();
        let names: Vec<String> = list("forward")
            .iter()
            .chain(&list("backward"))
            .map(|equation| equation["symbol"].as_str().unwrap().to_owned())
            .collect();
        let groups: Vec<String> =
            list("shares").iter().map(|share| share["group"].as_str().unwrap().to_owned()).collect();
        if names.iter().any(|name| name == "dy") {
            found.losses.insert(self.t);
        }
        let steps = session.axis();
        for share in list("shares") {
            goals(&share["symbol"], &mut offered);
            goals(&share["now"], &mut offered);
        }
        let asked = if only.is_empty() { names.clone() } else { vec![only.to_owned()] };
        for goal in &asked {
            session.walk(&format!("={goal}")).unwrap();
            let (name, open) = (goal.split('.').next().unwrap(), inspected(session));
            let equation =
                open["forward"].as_array().unwrap().iter().chain(open["backward"].as_array().unwrap());
            let equation = equation.clone().find(|equation| equation["symbol"] == name).unwrap();
            goals(&equation["symbolic"], &mut offered);
            goals(&equation["numeric"], &mut offered);
            for term in equation["terms"].as_array().unwrap() {
                let (entry, go) = (term["entry"].as_str().unwrap(), term["go"].as_str().unwrap());
                let words = term["words"][1].as_str().unwrap();
                let told =
                    ["where nothing is read", "of the target before"].iter().any(|end| words.ends_with(end));
                assert!(
                    !go.is_empty() || told || GIVEN.contains(&words),
                    "{self:?}: {name} has {term}, which leads nowhere"
                );
                // The number that is clicked is the number that one comes to.
                if !entry.is_empty() {
                    let there = self.arrive(session, entry);
                    assert_eq!(there["entry"]["shown"], term["value"], "{self:?}: {entry} of {name}");
                }
                if go.starts_with("w.") && term["product"] != "" {
                    let there = self.arrive(session, go);
                    assert_eq!(there["entry"]["shown"], term["of"], "{self:?}: {go} of {name}");
                } else if let Some((_, equation)) = go.split_once('=') {
                    // A probability is a softmax of all; a likeliest class is read as 1, whatever the output was.
                    let choice = words.starts_with("the probability")
                        || (words.ends_with("of the output before") && found.classes);
                    session.walk(go).unwrap();
                    let there = result(session, equation.split('.').next().unwrap());
                    assert!(choice || there == term["of"], "{self:?}: {go} of {name} is {there}, {term}");
                    self.stand(session);
                } else if !self.backward && !go.is_empty() && term["product"] != "" {
                    let reset = words.contains('⊙');
                    session.walk(go).unwrap();
                    assert!(reset || inspected(session)["value"] == term["of"], "{self:?}: {go} of {name}");
                    self.stand(session);
                }
                offered.extend([entry, go].into_iter().filter(|goal| !goal.is_empty()).map(str::to_owned));
            }
        }
        let mut next = Vec::new();
        for goal in offered {
            let numbered = goal.split_once('=').map(|(_, name)| name).filter(|name| name.contains('.'));
            if let Some(name) = goal.strip_prefix('=') {
                let base = name.split('.').next().unwrap();
                let there = |known: &String| known == base;
                assert!(names.iter().any(there) || groups.iter().any(there), "{self:?}: no equation {goal}");
                next.extend(numbered.map(|name| (self.clone(), name.to_owned())));
            } else if goal.starts_with("w.") {
                let there = self.arrive(session, &goal);
                found.entries.insert(there["entry"]["text"].as_str().unwrap().to_owned());
                // And back to where the entry is used.
                session.walk(there["entry"]["go"].as_str().unwrap()).unwrap();
            } else {
                let spot = self.on(&goal, steps);
                next.extend(numbered.map(|name| (spot.clone(), name.to_owned())));
                next.push((spot, String::new()));
            }
        }
        next
    }

    /// The matrices, where a goal leads to an entry.
    fn arrive(&self, session: &mut Session, goal: &str) -> Value {
        self.stand(session);
        session.walk(goal).unwrap();
        let there = serde_json::to_value(session.matrices(312)).unwrap();
        session.look_away();
        self.stand(session);
        there
    }
}

/// Everything that can be reached from a place.
fn wander(session: &mut Session, start: Spot, classes: bool) -> Found {
    let mut found = Found { classes, ..Found::default() };
    let mut open = vec![(start, String::new())];
    while let Some((spot, equation)) = open.pop() {
        if found.spots.insert((spot.clone(), equation.clone())) {
            open.extend(spot.look(&equation, session, &mut found));
        }
    }
    found
}

/// A network of one lane.
#[derive(Clone, Debug)]
struct Network {
    lane: &'static str,
    layers: usize,
    both: bool,
    norm: bool,
    /// Shape, and what it reads where it has no input.
    shape: &'static str,
    data: &'static str,
    losses: &'static str,
}

impl Network {
    fn session(&self) -> Session {
        let Self { lane, layers, norm, shape, data, losses, .. } = self;
        let directions = if self.both { "both" } else { "one" };
        let norm = if *norm && !lane.contains("after") { "on" } else { "off" };
        // Where a walk goes from one step to the one before by what is read, it passes by what skips there.
        let skips = !self.hears_itself() && *shape != "one-to-one";
        let lane = if skips { lane } else { lane.trim_end_matches("~skip:2") };
        let link = format!(
            "{data}&T={STEPS}&out={OUT}&H={HIDDEN}&layers={layers}&directions={directions}&norm={norm}&shape={shape}&losses={losses}&lanes={lane}&on=1.h.1"
        );
        let mut session = Session::new().unwrap();
        session.open(&link, None).unwrap_or_else(|error| panic!("{link}: {error}"));
        session
    }

    fn decodes(&self) -> bool {
        self.shape.starts_with("encoder")
    }

    /// Whether what is said comes back as what is read.
    fn hears_itself(&self) -> bool {
        self.shape.contains("teaching=free")
    }

    fn classes(&self) -> bool {
        self.data.starts_with("text")
    }

    fn sites(&self) -> Vec<String> {
        let sides: &[&str] = if self.both { &["", "b"] } else { &[""] };
        (1..=self.layers).flat_map(|layer| sides.iter().map(move |side| format!("{layer}{side}"))).collect()
    }

    /// Where a direction has computed everything.
    fn last(&self, site: &str, steps: Steps) -> usize {
        if site.ends_with('b') && !self.decodes() { 1 } else { steps.count }
    }

    /// All that a unit of `site` at [`Self::last`] was made of, as links name it.
    fn makers(&self, session: &Session, site: &str, unit: usize) -> BTreeSet<String> {
        let file: Value = serde_json::from_str(&session.experiment_file(0).unwrap()).unwrap();
        let weights = &file["model"]["weights"];
        let layer: usize = site[..1].parse().unwrap();
        let all = self.hears_itself();
        let mut entries = BTreeSet::new();
        for (known, of) in self.sites().iter().zip(weights["layers"].as_array().unwrap()) {
            let below: usize = known[..1].parse().unwrap();
            if all || known == site || below < layer || (self.decodes() && below == layer) {
                self.put(&mut entries, of, if known == "1" { "" } else { known }, HIDDEN);
            }
        }
        let wide = HIDDEN * if self.both { 2 } else { 1 };
        for (k, of) in weights["decoder"].as_array().into_iter().flatten().enumerate() {
            let place = if k == 0 { "d".into() } else { format!("{}d", k + 1) };
            if all || k < layer {
                self.put(&mut entries, of, &place, wide);
            }
        }
        if all {
            self.put(&mut entries, &weights["head"], "", wide);
        }
        // In one step no unit of a layer reads another one's, nor in as many as are skipped through what skips.
        let axis = session.axis();
        entries.retain(|name| {
            let entry = Entry::parse(name, "entry").unwrap();
            let home = entry.home();
            let count = if home.decodes { axis.count - axis.encoder } else { axis.encoder };
            let alone = if name.starts_with("W_skip") { SKIP } else { 1 };
            // A decoder counts the units of both directions.
            let first = if home.decodes && site.ends_with('b') { HIDDEN } else { 0 };
            count > alone || home.site.layer < layer || entry.row + 1 == first + unit
        });
        entries
    }

    /// The entries of some blocks of a file.
    fn put(&self, entries: &mut BTreeSet<String>, blocks: &Value, place: &str, units: usize) {
        let place = if place.is_empty() { String::new() } else { format!(".{place}") };
        for (block, values) in blocks.as_object().unwrap() {
            let Some(rows) = values.as_array() else { continue };
            // A gate that is held at 1 asks no weights.
            let held = self.lane.contains("hold:f") && ["W_f", "b_f", "g_f"].contains(&block.as_str());
            if held || (block == "C_0" && !self.lane.starts_with("lstm")) {
                continue;
            }
            for (row, values) in rows.iter().enumerate() {
                let Some(columns) = values.as_array() else {
                    entries.insert(format!("{block}{place}.{}", row + 1));
                    continue;
                };
                for column in 1..=columns.len() {
                    let joint = block.starts_with('W') && block.len() == 3;
                    let (part, column) = match (joint, column > units) {
                        (false, _) => (block.clone(), column),
                        (true, false) => (block.replace('W', "U"), column),
                        (true, true) => (block.replace('W', "V"), column - units),
                    };
                    entries.insert(format!("{part}{place}.{}.{column}", row + 1));
                }
            }
        }
    }
}

/// Every shape, read and told in every way.
const SHAPES: [&str; 8] = [
    "one-to-one",
    "one-to-many",
    "one-to-many&feedback=on",
    "one-to-many&feedback=on&teaching=free",
    "many-to-one",
    "many-to-many",
    "encoder-decoder",
    "encoder-decoder&teaching=free",
];

fn network() -> impl Strategy<Value = Network> {
    let lanes =
        vec!["rnn", "rnn~act:relu", "rnn~skip:2", "lstm", "lstm~hold:f", "gru", "gru~reset:after", "ann"];
    let data = vec!["data=sunspots", "text=abcabb"];
    (
        prop::sample::select(lanes),
        1..3_usize,
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(SHAPES.to_vec()),
        prop::sample::select(data),
        prop::sample::select(vec!["last", "every"]),
    )
        .prop_map(|(lane, layers, both, norm, shape, data, losses)| {
            // What reads its outputs cannot read them from their end.
            let both = both && !shape.contains("feedback");
            let window = lane == "ann";
            let (layers, both, norm) = if window { (1, false, false) } else { (layers, both, norm) };
            let stateless = window && !shape.starts_with("many") && shape != "one-to-one";
            let shape = if stateless { "many-to-one" } else { shape };
            Network { lane, layers, both, norm, shape, data, losses }
        })
}

/// From what has seen everything to all that it was made of.
fn back_to_the_makers(network: &Network, site: &str, unit: usize) {
    let mut session = network.session();
    let steps = session.axis();
    let start = Spot { site: site.into(), unit, t: network.last(site, steps), backward: false };
    let found = wander(&mut session, start, network.classes());
    for entry in network.makers(&session, site, unit) {
        assert!(found.entries.contains(&entry), "{network:?}, {site}: {entry} was not reached");
    }
    let inputs = if network.shape.starts_with("one") { 1 } else { STEPS };
    for t in 1..=inputs {
        let there = found.entries.iter().any(|entry| entry.starts_with(&format!("x.{t}.")));
        assert!(there, "{network:?}: x_{t}");
    }
}

/// From what all losses come back to, to each of them.
fn on_to_the_losses(network: &Network, site: &str, unit: usize) {
    let mut session = network.session();
    let steps = session.axis();
    let (t, count) = (if site.ends_with('b') { steps.encoder } else { 1 }, steps.count);
    let found = wander(&mut session, Spot { site: site.into(), unit, t, backward: true }, network.classes());
    let own = if site.ends_with('b') { 1 } else { count };
    let wanted: BTreeSet<usize> = match (network.shape.split('&').next().unwrap(), network.losses) {
        // Each direction has a loss of its own there.
        ("many-to-many" | "one-to-many", "last") => BTreeSet::from([own]),
        ("many-to-many" | "one-to-many", _) => (1..=count).collect(),
        ("encoder-decoder", "last") => BTreeSet::from([count]),
        ("encoder-decoder", _) => (steps.encoder + 1..=count).collect(),
        // A single output reads what each direction computes last.
        _ if network.both && network.layers > 1 && site.starts_with('1') => BTreeSet::from([1, count]),
        _ => BTreeSet::from([own]),
    };
    assert!(found.losses.is_superset(&wanted), "{network:?}, {site}: {:?} of {wanted:?}", found.losses);
}

/// A shape with every cell, with all that can be combined, once.
fn can_be_walked(k: usize) {
    let shape = SHAPES[k];
    let rnn = if shape.starts_with("many") { "rnn~skip:2" } else { "rnn" };
    let lanes = [rnn, "lstm", if k.is_multiple_of(2) { "gru" } else { "gru~reset:after" }];
    for (n, lane) in lanes.into_iter().enumerate() {
        let both = n != 1 && !shape.contains("feedback");
        let deep = n == 1 || (n == 0 && ["many-to-many", "encoder-decoder"].contains(&shape));
        let network = Network {
            lane,
            layers: if deep { 2 } else { 1 },
            both,
            norm: n % 2 == 0,
            shape,
            data: if (k + n).is_multiple_of(2) { "data=sunspots" } else { "text=abcabb" },
            losses: if (k + n / 2).is_multiple_of(2) { "every" } else { "last" },
        };
        let sites = network.sites();
        back_to_the_makers(&network, &sites[sites.len() - 1], 1);
        on_to_the_losses(&network, &sites[0], 2);
    }
}

/// A test for each of the shapes, so that they share the cores.
macro_rules! can_be_walked {
    ($($name:ident: $shape:literal,)*) => {$(
        #[test]
        fn $name() {
            can_be_walked($shape);
        }
    )*};
}

can_be_walked! {
    one_to_one_can_be_walked: 0,
    one_to_many_can_be_walked: 1,
    feedback_can_be_walked: 2,
    free_feedback_can_be_walked: 3,
    many_to_one_can_be_walked: 4,
    many_to_many_can_be_walked: 5,
    a_told_decoder_can_be_walked: 6,
    a_free_decoder_can_be_walked: 7,
}

proptest! {
    #![proptest_config(repeatable(6))]

    #[test]
    fn every_number_leads_back_to_all_that_made_it(network in network(), at in any::<prop::sample::Index>(), unit in 1..=HIDDEN) {
        let sites = network.sites();
        back_to_the_makers(&network, &sites[at.index(sites.len())], unit);
    }

    #[test]
    fn every_gradient_leads_to_all_losses_that_sent_it(network in network(), at in any::<prop::sample::Index>(), unit in 1..=HIDDEN) {
        let sites = network.sites();
        on_to_the_losses(&network, &sites[at.index(sites.len())], unit);
    }
}
