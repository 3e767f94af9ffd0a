//! What may help a lane whose gradient fades or explodes: each cure is a twin of the lane, to be compared with it.

use serde::Serialize;

use super::{Session, lane_at, lane_of};
use crate::Error;
use crate::analysis::gauge::EXPLODED;
use crate::experiment::settings::{Key, Lane, Settings, Value};
use crate::experiment::{Cell, Direction};

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
    against: Ail,
    /// The cell that it is for.
    of: Cell,
    label: &'static str,
    why: &'static str,
    /// The cell of the twin.
    cell: Cell,
    /// The twin's own settings.
    own: &'static [(Key, Own)],
}

/// A value that a constant table can hold.
enum Own {
    Real(f64),
    Word(&'static str),
}

impl Own {
    fn value(&self) -> Value {
        match self {
            Self::Real(value) => Value::Real(*value),
            Self::Word(word) => Value::Text((*word).into()),
        }
    }
}

/// Below this many decades a gradient is said to fade: a hundredth.
const FADED: f64 = -2.0;

const CURES: [Cure; 13] = [
    Cure {
        against: Ail::Fades,
        of: Cell::Rnn,
        label: "LSTM, forget bias +3",
        why: "Its cell’s own way back is f, and σ(3) = 0.95.",
        cell: Cell::Lstm,
        own: &[(Key::ForgetBias, Own::Real(3.0)), (Key::Hold, Own::Word("none"))],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Rnn,
        label: "GRU, update bias −2.5",
        why: "Its state’s own way back is 1 − z, and 1 − σ(−2.5) = 0.92.",
        cell: Cell::Gru,
        own: &[(Key::UpdateBias, Own::Real(-2.5))],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Rnn,
        label: "ReLU, identity start",
        why: "ReLU′ is 1 where a unit is active, and the recurrent matrix starts as the identity (Le et al., 2015).",
        cell: Cell::Rnn,
        own: &[
            (Key::Activation, Own::Word("relu")),
            (Key::Init, Own::Word("identity")),
            (Key::Rho, Own::Real(1.0)),
        ],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Rnn,
        label: "Orthogonal start, ρ = 1",
        why: "The recurrent matrix keeps every length (Saxe et al., 2014): what still shrinks the gradient is tanh′.",
        cell: Cell::Rnn,
        own: &[
            (Key::Activation, Own::Word("tanh")),
            (Key::Init, Own::Word("orthogonal")),
            (Key::Rho, Own::Real(1.0)),
        ],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Lstm,
        label: "Forget bias +3",
        why: "f starts near σ(3) = 0.95: the cell keeps that share of its gradient at each step.",
        cell: Cell::Lstm,
        own: &[(Key::ForgetBias, Own::Real(3.0)), (Key::Hold, Own::Word("none"))],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Lstm,
        label: "Hold f = 1",
        why: "The constant error carousel (Hochreiter & Schmidhuber, 1997): nothing is forgotten.",
        cell: Cell::Lstm,
        own: &[(Key::Hold, Own::Word("f"))],
    },
    Cure {
        against: Ail::Fades,
        of: Cell::Gru,
        label: "Update bias −4",
        why: "z starts near σ(−4) = 0.018: the state keeps 0.98 of itself at each step.",
        cell: Cell::Gru,
        own: &[(Key::UpdateBias, Own::Real(-4.0))],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Rnn,
        label: "ReLU, identity start",
        why: "ReLU′ is 1 or 0, and the recurrent matrix starts as the identity (Le et al., 2015).",
        cell: Cell::Rnn,
        own: &[
            (Key::Activation, Own::Word("relu")),
            (Key::Init, Own::Word("identity")),
            (Key::Rho, Own::Real(1.0)),
        ],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Rnn,
        label: "tanh instead of ReLU",
        why: "Where the state grows, tanh′ = 1 − h² gets small.",
        cell: Cell::Rnn,
        own: &[(Key::Activation, Own::Word("tanh"))],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Rnn,
        label: "Truncated BPTT, windows of 10",
        why: "No gradient crosses the beginning of a window: it cannot grow for more than 10 steps.",
        cell: Cell::Rnn,
        own: &[(Key::Window, Own::Word("10"))],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Rnn,
        label: "LSTM, ρ = 1",
        why: "Its state is bounded, and its cell’s own way back is f ≤ 1.",
        cell: Cell::Lstm,
        own: &[(Key::Rho, Own::Real(1.0))],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Lstm,
        label: "Scale back to ρ = 1, forget bias +3",
        why: "The way through the gates gets weaker; the cell’s own way is f, near 0.95.",
        cell: Cell::Lstm,
        own: &[(Key::Rho, Own::Real(1.0)), (Key::ForgetBias, Own::Real(3.0))],
    },
    Cure {
        against: Ail::Explodes,
        of: Cell::Gru,
        label: "Scale back to ρ = 1, update bias −2.5",
        why: "The way through the gates gets weaker; the state’s own way is 1 − z, near 0.92.",
        cell: Cell::Gru,
        own: &[(Key::Rho, Own::Real(1.0)), (Key::UpdateBias, Own::Real(-2.5))],
    },
];

impl Session {
    /// What ails the gradient of a lane with drawn weights. Where a window cuts it nothing does: that was asked for.
    fn ail(&self, lane: usize) -> Option<Ail> {
        let run = self.lanes.get(lane).filter(|run| run.experiment.init.is_some())?;
        let site = run.nearest(self.cursor.gradient);
        let decades = &run.norms(self.cursor.losses, site).decades;
        let (mut first, mut last) = (*decades.first()?, *decades.last()?);
        if site.direction == Direction::Backward {
            (first, last) = (last, first);
        }
        if run.experiment.spec.window > 0 || last == f64::NEG_INFINITY {
            None
        } else if first >= EXPLODED
            || decades.iter().any(|&decade| decade.is_nan() || decade == f64::INFINITY)
        {
            Some(Ail::Explodes)
        } else {
            (first <= FADED).then_some(Ail::Fades)
        }
    }

    /// What may help a lane; empty where nothing ails it, or there is no room for a twin.
    #[must_use]
    pub fn cures(&self, lane: usize) -> Vec<Offer> {
        let Some(ail) = self.ail(lane).filter(|_| self.lanes.len() < Settings::MOST_LANES) else {
            return vec![];
        };
        let cell = self.lanes[lane].experiment.spec.cell;
        let changes = |cure: &Cure| {
            cure.cell != cell
                || cure.own.iter().any(|(key, own)| *self.settings.of(lane, *key) != own.value())
        };
        CURES
            .iter()
            .enumerate()
            .filter(|(_, cure)| cure.against == ail && cure.of == cell && changes(cure))
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
        let mut twin = Lane { cell: cure.cell, ..lane_of(&mut self.settings.clone(), lane)?.clone() };
        twin.own.retain(|key, _| key.setting().concerns(cure.cell));
        twin.own.extend(cure.own.iter().map(|(key, own)| (*key, own.value())));
        twin.shown.clear();
        self.insert_lane(lane + 1, twin)
    }
}
