//! With the offered clicks alone: from any number to all weights, inputs and start states that made it, and from any
//! gradient to all losses that sent it.

#![cfg(not(target_arch = "wasm32"))]
#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::Value;
use unrolled::session::Session;

const HIDDEN: usize = 2;
const STEPS: usize = 3;

/// What has nowhere to lead to: a constant, a target, or what is said of all units, whose parts are listed with it.
const GIVEN: [&str; 10] = [
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
    spots: BTreeSet<Spot>,
    /// Entries of the matrices as links name them.
    entries: BTreeSet<String>,
    /// Steps at which `∂L/∂y` is read.
    losses: BTreeSet<usize>,
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

impl Spot {
    fn stand(&self, session: &mut Session) {
        session.seek(if self.backward { 2 * STEPS } else { 1 });
        let back = if self.backward { "b." } else { "" };
        session.walk(&format!("{back}h.{}.{}.{}", self.site, self.unit, self.t)).unwrap();
    }

    /// Where a goal leads from here.
    fn on(&self, goal: &str) -> Self {
        let (backward, spot) = goal.strip_prefix("b.").map_or((self.backward, goal), |spot| (true, spot));
        let [t, unit, row] = spot.rsplitn(3, '.').collect::<Vec<_>>()[..] else { panic!("{goal}") };
        let site = row.split_once('.').map_or(self.site.as_str(), |(_, site)| site);
        Self { site: site.into(), unit: unit.parse().unwrap(), t: t.parse().unwrap(), backward }
    }

    /// Clicks everything that this place offers.
    fn look(&self, session: &mut Session, found: &mut Found) -> Vec<Self> {
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
        for share in list("shares") {
            goals(&share["symbol"], &mut offered);
            goals(&share["now"], &mut offered);
        }
        for name in &names {
            session.walk(&format!("={name}")).unwrap();
            let open = inspected(session);
            let equation =
                open["forward"].as_array().unwrap().iter().chain(open["backward"].as_array().unwrap());
            let equation = equation.clone().find(|equation| equation["symbol"] == **name).unwrap();
            goals(&equation["symbolic"], &mut offered);
            goals(&equation["numeric"], &mut offered);
            for term in equation["terms"].as_array().unwrap() {
                let (entry, go) = (term["entry"].as_str().unwrap(), term["go"].as_str().unwrap());
                let words = term["words"][1].as_str().unwrap();
                assert!(
                    !go.is_empty() || GIVEN.contains(&words),
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
                } else if !self.backward && !go.is_empty() && !go.starts_with('=') && term["product"] != "" {
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
            if let Some(name) = goal.strip_prefix('=') {
                let there = |known: &String| known == name;
                assert!(names.iter().any(there) || groups.iter().any(there), "{self:?}: no equation {goal}");
            } else if goal.starts_with("w.") {
                let there = self.arrive(session, &goal);
                found.entries.insert(there["entry"]["text"].as_str().unwrap().to_owned());
                // And back to where the entry is used.
                session.walk(there["entry"]["go"].as_str().unwrap()).unwrap();
            } else {
                next.push(self.on(&goal));
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
fn wander(session: &mut Session, start: Spot) -> Found {
    let mut found = Found::default();
    let mut open = vec![start];
    while let Some(spot) = open.pop() {
        if found.spots.insert(spot.clone()) {
            open.extend(spot.look(session, &mut found));
        }
    }
    found
}

/// A stack of cells.
#[derive(Clone, Debug)]
struct Network {
    lane: &'static str,
    layers: usize,
    both: bool,
    norm: bool,
    shape: &'static str,
    data: &'static str,
}

impl Network {
    fn session(&self) -> Session {
        let Self { lane, layers, both, norm, shape, data } = self;
        let directions = if *both { "both" } else { "one" };
        let norm = if *norm && !lane.contains("after") { "on" } else { "off" };
        let link = format!(
            "{data}&T={STEPS}&H={HIDDEN}&layers={layers}&directions={directions}&norm={norm}&shape={shape}&losses=every&lanes={lane}&on=1.h.1"
        );
        let mut session = Session::new().unwrap();
        session.open(&link, None).unwrap_or_else(|error| panic!("{link}: {error}"));
        session
    }

    fn sites(&self) -> Vec<String> {
        let sides: &[&str] = if self.both { &["", "b"] } else { &[""] };
        (1..=self.layers).flat_map(|layer| sides.iter().map(move |side| format!("{layer}{side}"))).collect()
    }

    /// All entries of a layer and direction, as links name them.
    fn entries(&self, session: &Session, site: &str) -> BTreeSet<String> {
        let file: Value = serde_json::from_str(&session.experiment_file(0).unwrap()).unwrap();
        let layers = file["model"]["weights"]["layers"].as_array().unwrap();
        let at = self.sites().iter().position(|known| known == site).unwrap();
        let place = if site == "1" { String::new() } else { format!(".{site}") };
        let mut entries = BTreeSet::new();
        for (block, values) in layers[at].as_object().unwrap() {
            let Some(rows) = values.as_array() else { continue };
            if block == "C_0" && !self.lane.starts_with("lstm") {
                continue;
            }
            for (row, values) in rows.iter().enumerate() {
                let Some(columns) = values.as_array() else {
                    entries.insert(format!("{block}{place}.{}", row + 1));
                    continue;
                };
                for column in 1..=columns.len() {
                    let joint = block.starts_with('W') && block.len() == 3;
                    let (part, column) = match (joint, column > HIDDEN) {
                        (false, _) => (block.clone(), column),
                        (true, false) => (block.replace('W', "U"), column),
                        (true, true) => (block.replace('W', "V"), column - HIDDEN),
                    };
                    entries.insert(format!("{part}{place}.{}.{column}", row + 1));
                }
            }
        }
        entries
    }
}

fn network() -> impl Strategy<Value = Network> {
    let lanes = vec!["rnn", "rnn~act:relu", "lstm", "lstm~hold:f", "gru", "gru~reset:after", "ann"];
    let data = vec!["data=sunspots", "text=abca"];
    let shapes = vec!["many-to-one", "many-to-many"];
    (
        prop::sample::select(lanes),
        1..3_usize,
        any::<bool>(),
        any::<bool>(),
        prop::sample::select(shapes),
        prop::sample::select(data),
    )
        .prop_map(|(lane, layers, both, norm, shape, data)| {
            let plain = lane == "ann";
            let (layers, both, norm) = if plain { (1, false, false) } else { (layers, both, norm) };
            Network { lane, layers, both, norm, shape, data }
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 10, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn every_number_leads_back_to_all_that_made_it(network in network(), at in any::<prop::sample::Index>(), unit in 1..=HIDDEN) {
        let mut session = network.session();
        let sites = network.sites();
        let site = &sites[at.index(sites.len())];
        // What a direction computes last has seen everything.
        let t = if site.ends_with('b') { 1 } else { STEPS };
        let found = wander(&mut session, Spot { site: site.clone(), unit, t, backward: false });
        let layer = &site[..1];
        for known in &sites {
            let below = known[..1] < *layer;
            if known != site && !below {
                continue;
            }
            for entry in network.entries(&session, known) {
                // A gate that is held at 1 asks no weights.
                let held = network.lane.contains("hold:f") && ["U_f", "V_f", "b_f", "g_f"].contains(&&entry[..3]);
                prop_assert!(held || found.entries.contains(&entry), "{network:?}, {site}: {entry} was not reached");
            }
        }
        for t in 1..=STEPS {
            prop_assert!(found.entries.iter().any(|entry| entry.starts_with(&format!("x.{t}."))), "{network:?}: x_{t}");
        }
    }

    #[test]
    fn every_gradient_leads_to_all_losses_that_sent_it(network in network(), at in any::<prop::sample::Index>(), unit in 1..=HIDDEN) {
        let mut session = network.session();
        let sites = network.sites();
        let site = &sites[at.index(sites.len())];
        // What a direction computes first is felt by all losses.
        let t = if site.ends_with('b') { STEPS } else { 1 };
        let found = wander(&mut session, Spot { site: site.clone(), unit, t, backward: true });
        let wanted: BTreeSet<usize> = match (network.shape, network.both) {
            ("many-to-many", _) => (1..=STEPS).collect(),
            // A single output reads what each direction computes last.
            (_, false) => BTreeSet::from([STEPS]),
            (_, true) if network.layers > 1 && site.starts_with('1') => BTreeSet::from([1, STEPS]),
            _ => BTreeSet::from([STEPS + 1 - t]),
        };
        prop_assert!(found.losses.is_superset(&wanted), "{network:?}, {site}: {:?} of {wanted:?}", found.losses);
    }
}
