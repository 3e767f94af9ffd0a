//! What may help a lane whose gradient fades or explodes: each cure is a twin of the lane, to be compared with it.

use serde::Serialize;

use super::{Session, lane_at, lane_of};
use crate::Error;
use crate::analysis::gauge::EXPLODED;
use crate::experiment::Cell;
use crate::experiment::settings::{Key, Settings, Value};

/// A cure that the page offers.
#[derive(Clone, Debug, Serialize)]
pub struct Offer {
    /// What [`Session::cure`] is told.
    cure: usize,
    label: &'static str,
    why: &'static str,
}

/// What ails a gradient on its way back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ail {
    Fades,
    Explodes,
}

/// A change of settings that may help.
struct Cure {
    against: &'static [Ail],
    /// The cells that it is for.
    of: &'static [Cell],
    label: &'static str,
    why: &'static str,
    /// The cell of the twin, where it is another.
    cell: Option<Cell>,
    /// The twin's own settings.
    own: &'static [(Key, Own)],
}

impl Cure {
    /// Whether it acts on the way back alone: then it cannot help where the forward pass breaks.
    fn of_gradients(&self) -> bool {
        self.own.iter().all(|(key, _)| matches!(key, Key::Window | Key::Limit | Key::LimitAt))
    }
}

/// A value that a constant table can hold.
#[derive(Clone, Copy)]
enum Own {
    Real(f64),
    Word(&'static str),
}

impl Own {
    fn value(self) -> Value {
        match self {
            Self::Real(value) => Value::Real(value),
            Self::Word(word) => Value::Text(word.into()),
        }
    }
}

/// Below this many decades a gradient is said to fade: a hundredth.
const FADED: f64 = -2.0;

const FADES: &[Ail] = &[Ail::Fades];
const EXPLODES: &[Ail] = &[Ail::Explodes];
const BOTH: &[Ail] = &[Ail::Fades, Ail::Explodes];
const RNN: &[Cell] = &[Cell::Rnn];
const LSTM: &[Cell] = &[Cell::Lstm];
const GRU: &[Cell] = &[Cell::Gru];
const ANY: &[Cell] = &[Cell::Rnn, Cell::Lstm, Cell::Gru];

const SCALE: (Key, Own) = (Key::Rho, Own::Real(1.0));
const REMEMBER: [(Key, Own); 2] = [(Key::ForgetBias, Own::Real(3.0)), (Key::Hold, Own::Word("none"))];
const KEEP: (Key, Own) = (Key::UpdateBias, Own::Real(-2.5));

/// What a twin whose gradient is clipped on its way back has of its own.
const LIMITED: [[(Key, Own); 2]; 2] = [
    [(Key::Limit, Own::Word("norm")), (Key::LimitAt, Own::Real(1.0))],
    [(Key::Limit, Own::Word("value")), (Key::LimitAt, Own::Real(1.0))],
];

/// A cure that leaves the cell as it is.
const fn cure(
    against: &'static [Ail],
    of: &'static [Cell],
    label: &'static str,
    why: &'static str,
    own: &'static [(Key, Own)],
) -> Cure {
    Cure { against, of, label, why, cell: None, own }
}

/// How far the skip connection of a cure reaches.
const SKIPPED: usize = 10;

const CURES: [Cure; 16] = [
    Cure {
        cell: Some(Cell::Lstm),
        ..cure(
            FADES,
            RNN,
            "LSTM, forget bias +3",
            "Its cell’s own way back is f, and σ(3) = 0.95.",
            &REMEMBER,
        )
    },
    Cure {
        cell: Some(Cell::Gru),
        ..cure(
            FADES,
            RNN,
            "GRU, update bias −2.5",
            "Its state’s own way back is 1 − z, and 1 − σ(−2.5) = 0.92.",
            &[KEEP],
        )
    },
    cure(
        BOTH,
        RNN,
        "ReLU, identity start",
        "ReLU′ is 1 or 0, and the recurrent matrix starts as the identity (Le et al., 2015).",
        &[(Key::Activation, Own::Word("relu")), (Key::Init, Own::Word("identity")), SCALE],
    ),
    cure(
        FADES,
        RNN,
        "Orthogonal start, ρ = 1",
        "The recurrent matrix keeps every length (Saxe et al., 2014): what still shrinks the gradient is tanh′.",
        &[(Key::Activation, Own::Word("tanh")), (Key::Init, Own::Word("orthogonal")), SCALE],
    ),
    cure(
        FADES,
        RNN,
        "Skip of 10 steps",
        "Each state also reads that of 10 steps before: a way back of a tenth of the steps (Zhang et al., 2016).",
        &[(Key::Skip, Own::Word("10"))],
    ),
    cure(
        FADES,
        LSTM,
        "Forget bias +3",
        "f starts near σ(3) = 0.95: the cell keeps that share of its gradient at each step.",
        &REMEMBER,
    ),
    cure(
        FADES,
        LSTM,
        "Hold f = 1",
        "The constant error carousel (Hochreiter & Schmidhuber, 1997): what is in the cell arrives whole. Nothing is forgotten, so C grows and tanh lets less in.",
        &[(Key::Hold, Own::Word("f"))],
    ),
    cure(
        FADES,
        GRU,
        "Update bias −4",
        "z starts near σ(−4) = 0.018: the state keeps 0.98 of itself at each step.",
        &[(Key::UpdateBias, Own::Real(-4.0))],
    ),
    cure(
        EXPLODES,
        RNN,
        "tanh instead of ReLU",
        "Where the state grows, tanh′ = 1 − h² gets small.",
        &[(Key::Activation, Own::Word("tanh"))],
    ),
    cure(
        BOTH,
        ANY,
        "Layer normalisation",
        "The sums of each gate are brought to mean 0 and deviation 1 at every step (Ba et al., 2016).",
        &[(Key::Norm, Own::Word("on"))],
    ),
    cure(
        EXPLODES,
        ANY,
        "Clip by norm on the way back",
        "At every step what travels on is shortened to length 1 and keeps its direction (Pascanu et al., 2013).",
        &LIMITED[0],
    ),
    cure(
        EXPLODES,
        ANY,
        "Clip by value on the way back",
        "At every step each entry that travels on is clamped to ±1, which turns it (Graves, 2013).",
        &LIMITED[1],
    ),
    cure(
        EXPLODES,
        ANY,
        "Truncated BPTT, windows of 10",
        "No gradient crosses the beginning of a window: it cannot grow for more than 10 steps.",
        &[(Key::Window, Own::Word("10"))],
    ),
    Cure {
        cell: Some(Cell::Lstm),
        ..cure(
            EXPLODES,
            RNN,
            "LSTM, ρ = 1",
            "Its state is bounded, and its cell’s own way back is f ≤ 1.",
            &[SCALE],
        )
    },
    cure(
        EXPLODES,
        LSTM,
        "Scale back to ρ = 1, forget bias +3",
        "The way through the gates gets weaker; the cell’s own way is f, near 0.95.",
        &[SCALE, REMEMBER[0]],
    ),
    cure(
        EXPLODES,
        GRU,
        "Scale back to ρ = 1, update bias −2.5",
        "The way through the gates gets weaker; the state’s own way is 1 − z, near 0.92.",
        &[SCALE, KEEP],
    ),
];

impl Session {
    /// What ails the gradient of a lane with drawn weights. Where a window cuts it or a limit
    /// clips it nothing does: that was asked for.
    fn ail(&self, lane: usize) -> Option<Ail> {
        let run = self.lanes.get(lane).filter(|run| run.experiment.init.is_some())?;
        let site = run.nearest(self.cursor.gradient);
        let decades = &run.norms(self.cursor.losses, site).decades;
        let axis = run.axis();
        let [begin, end] = [axis.count, 1].map(|t| decades[axis.seen(site.direction, t) - 1]);
        if run.experiment.spec.window > 0
            || run.clipped(self.cursor.losses, site) > 0
            || begin == f64::NEG_INFINITY
        {
            None
        } else if end >= EXPLODED || decades.iter().any(|&decade| decade.is_nan() || decade == f64::INFINITY)
        {
            Some(Ail::Explodes)
        } else {
            (end <= FADED).then_some(Ail::Fades)
        }
    }

    /// What may help a lane; empty where nothing ails it, or there is no room for a twin.
    #[must_use]
    pub fn cures(&self, lane: usize) -> Vec<Offer> {
        let Some(ail) = self.ail(lane).filter(|_| self.lanes.len() < Settings::MOST_LANES) else {
            return vec![];
        };
        let run = &self.lanes[lane];
        let cell = run.experiment.spec.cell;
        let changes = |cure: &Cure| {
            cure.cell.is_some_and(|other| other != cell)
                || cure.own.iter().any(|(key, own)| *self.settings.of(lane, *key) != own.value())
        };
        let broken = run.breaks(self.cursor.losses, self.cursor.gradient);
        let forward = broken.is_some_and(|broken| !broken.backward);
        let helps = |cure: &Cure| {
            let may = |(key, own): &(Key, Own)| match own {
                Own::Word(word) if cure.cell.is_none() => self.settings.allows(&[lane], *key, word).is_ok(),
                _ => true,
            };
            let skips = cure.own.iter().any(|(key, _)| *key == Key::Skip);
            !(forward && cure.of_gradients())
                && cure.own.iter().all(may)
                && (!skips || self.steps() > SKIPPED)
        };
        CURES
            .iter()
            .enumerate()
            .filter(|(_, cure)| cure.against.contains(&ail) && cure.of.contains(&cell))
            .filter(|(_, cure)| changes(cure) && helps(cure))
            .map(|(index, cure)| Offer { cure: index, label: cure.label, why: cure.why })
            .collect()
    }

    /// Adds the cured twin of a lane below it, and selects it.
    ///
    /// # Errors
    /// When there is no such cure or lane, or there are six lanes.
    pub fn cure(&mut self, lane: usize, cure: usize) -> Result<(), Error> {
        lane_at(&self.lanes, lane)?;
        let Some(cure) = CURES.get(cure) else {
            return Err(Error::at("cure", format!("0 to {}", CURES.len() - 1), cure));
        };
        let mut twin = lane_of(&mut self.settings.clone(), lane)?.clone();
        twin.cell = cure.cell.unwrap_or(twin.cell);
        twin.own.retain(|key, _| key.setting().concerns(twin.cell));
        twin.own.extend(cure.own.iter().map(|(key, own)| (*key, own.value())));
        twin.shown.clear();
        self.insert_lane(lane + 1, twin)
    }

    /// Whether clipping on the way back lets a lane end whose gradient breaks there.
    #[must_use]
    pub fn retries(&self, lane: usize) -> bool {
        let (losses, gradient) = (self.cursor.losses, self.cursor.gradient);
        self.lanes.get(lane).is_some_and(|run| {
            run.breaks(losses, gradient).is_some_and(|broken| broken.backward) && run.clipping_mends()
        })
    }

    /// Runs a lane again with its gradient clipped by norm at every step.
    ///
    /// # Errors
    /// When there is no such lane.
    pub fn retry(&mut self, lane: usize) -> Result<(), Error> {
        self.change(|settings| {
            lane_of(settings, lane)?.own.extend(LIMITED[0].map(|(key, own)| (key, own.value())));
            Ok(())
        })
    }
}
