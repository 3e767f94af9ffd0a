//! What a control of the shared settings stands for where lanes have values of their own. It is never dead: it sets the
//! lanes that follow it and, where each has a value of its own, all of them.

use super::Session;
use crate::experiment::settings::{Key, Value};

/// What a shared control shows.
pub(super) struct Standing {
    /// The value of the lanes that it sets; the first one's where they differ.
    pub value: Value,
    /// Whether the lanes that it sets have different values.
    pub differs: bool,
    /// The lanes that it sets.
    pub sets: Vec<usize>,
    /// Which lanes have a value of their own, and what becomes of it; empty where there is nothing to say.
    pub note: String,
}

impl Session {
    /// The lanes that a setting acts on.
    pub(super) fn concerned(&self, key: Key) -> Vec<usize> {
        let matched = |lane| key == Key::Hidden && self.settings.matched(lane).is_some();
        let acts = |lane: usize| self.lanes[lane].keys().any(|known| known == key) && !matched(lane);
        (0..self.lanes.len()).filter(|&lane| acts(lane)).collect()
    }

    /// The lanes that the shared control sets: those without a value of their own; where each has one, all.
    pub(super) fn led(&self, key: Key) -> Vec<usize> {
        self.parted(key).0
    }

    /// The lanes that the shared control sets, and those that keep a value of their own then.
    fn parted(&self, key: Key) -> (Vec<usize>, Vec<usize>) {
        let owns = |&lane: &usize| self.settings.lanes[lane].own.contains_key(&key);
        let (own, free): (Vec<_>, Vec<_>) = self.concerned(key).into_iter().partition(owns);
        if free.is_empty() { (own, free) } else { (free, own) }
    }

    /// What the shared control of a setting shows.
    pub(super) fn standing(&self, key: Key) -> Standing {
        let (sets, own) = self.parted(key);
        let of = |lane: usize| self.settings.of(lane, key);
        let value = sets.first().map_or_else(|| self.settings.shared(key), |&lane| of(lane)).clone();
        let differs = sets.iter().any(|&lane| *of(lane) != value);
        let listed = |lanes: &[usize]| {
            let words =
                |&lane: &usize| format!("{} {}", self.lanes[lane].name, key.setting().shown(of(lane)));
            lanes.iter().map(words).collect::<Vec<_>>().join(", ")
        };
        let note = if differs {
            let all = if sets.len() == 2 { "both" } else { "all" };
            format!("Per lane: {}. Set here, it is set for {all}.", listed(&sets))
        } else if own.is_empty() {
            String::new()
        } else {
            format!("Of its own: {}.", listed(&own))
        };
        Standing { value, differs, sets, note }
    }
}
