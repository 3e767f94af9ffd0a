//! Layers and directions: where a lane's rows, its selected unit and its gradient belong.

use super::{LaneRun, Session};
use crate::analysis::math::Index;
use crate::experiment::settings::Lane;
use crate::experiment::{Direction, Spec};

pub use crate::experiment::Site;

/// A heat map of a lane.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Its layer and direction.
    pub site: Site,
    /// Its symbol.
    pub symbol: &'static str,
}

impl LaneRun {
    fn plain(&self) -> bool {
        self.run.trace.layers.len() == 1
    }

    /// The layer and direction of this lane that stand for `site`.
    #[must_use]
    pub fn nearest(&self, site: Site) -> Site {
        let Spec { layers, bidirectional, .. } = self.experiment.spec;
        let direction = if bidirectional { site.direction } else { Direction::Forward };
        Site { layer: site.layer.clamp(1, layers), direction }
    }

    /// The top layer, from left to right.
    #[must_use]
    pub fn top(&self) -> Site {
        Site { layer: self.experiment.spec.layers, ..Site::FIRST }
    }

    /// Its number in the order of files.
    #[must_use]
    pub fn sweep(&self, site: Site) -> usize {
        let Site { layer, direction } = self.nearest(site);
        let directions = self.experiment.spec.directions();
        (layer - 1) * directions.len() + usize::from(direction == Direction::Backward)
    }

    /// Every layer and direction, in the order of files.
    #[must_use]
    pub fn files(&self) -> Vec<Site> {
        self.run
            .trace
            .layers
            .iter()
            .map(|layer| Site { layer: layer.layer, direction: layer.direction })
            .collect()
    }

    /// Every layer and direction, the top layer first.
    fn sites(&self) -> impl Iterator<Item = Site> {
        let directions = self.experiment.spec.directions();
        let layers = (1..=self.experiment.spec.layers).rev();
        layers.flat_map(|layer| directions.iter().map(move |&direction| Site { layer, direction }))
    }

    /// What distinguishes symbols of this layer and direction from those of others.
    #[must_use]
    pub fn index(&self, site: Site) -> Index {
        let Site { layer, direction } = self.nearest(site);
        let spec = &self.experiment.spec;
        Index {
            layer: (spec.layers > 1).then_some(layer),
            direction: spec.bidirectional.then_some(direction),
        }
    }

    /// `layer 2, right to left`, as far as there are others; empty where there are none.
    #[must_use]
    pub fn place(&self, site: Site) -> String {
        words_of(self.index(site))
    }

    /// `, layer 1, left to right`, where a lane has more than what is shown; else empty.
    #[must_use]
    pub fn only_first(&self) -> String {
        if self.plain() { String::new() } else { format!(", {}", self.place(Site::FIRST)) }
    }

    /// The name of a heat map: its symbol, and where a lane has several of it, its place: `h.2b`.
    #[must_use]
    pub fn row_name(&self, Shown { site, symbol }: Shown) -> String {
        if self.plain() { symbol.to_owned() } else { format!("{symbol}.{}", self.nearest(site).text()) }
    }

    /// The names of a heat map in every direction.
    #[must_use]
    pub fn directions_of(&self, Shown { site, symbol }: Shown) -> Vec<String> {
        let directions = self.experiment.spec.directions().iter();
        directions
            .map(|&direction| self.row_name(Shown { site: Site { direction, ..site }, symbol }))
            .collect()
    }

    /// The heat map of that name; without a place it is that of `site`.
    #[must_use]
    pub fn row(&self, name: &str, site: Site) -> Option<Shown> {
        let (symbol, site) = match name.split_once('.') {
            Some((symbol, place)) => (symbol, Site::parse(place)?),
            None => (name, site),
        };
        let symbol = self.symbols().iter().find(|known| **known == symbol)?;
        Some(Shown { site: self.nearest(site), symbol })
    }

    /// The heat maps that are shown or can be unfolded, the top layer first. What belongs to a layer whose h is
    /// folded stays out of the way.
    #[must_use]
    pub fn rows(&self, lane: &Lane) -> Vec<Shown> {
        let top = self.experiment.spec.layers;
        let mut rows = Vec::new();
        for site in self.sites() {
            let of = |symbol: &'static str| Shown { site, symbol };
            let chosen = |symbol| lane.shown.get(&self.row_name(of(symbol))).copied();
            let open = self.plain() || chosen("h").unwrap_or(site.layer == top);
            let kept = |symbol: &&'static str| *symbol == "h" || open || chosen(symbol) == Some(true);
            rows.extend(self.symbols().iter().copied().filter(kept).map(of));
        }
        rows
    }

    /// Whether a heat map stays folded until somebody unfolds it: in a stack all but the top layer's h.
    #[must_use]
    pub fn rests(&self, Shown { site, symbol }: Shown) -> bool {
        !self.plain() && (symbol != "h" || site.layer != self.experiment.spec.layers)
    }
}

/// `layer 2, right to left`.
pub(super) fn words_of(Index { layer, direction }: Index) -> String {
    let layer = layer.map(|layer| format!("layer {layer}"));
    let direction = direction.map(|direction| match direction {
        Direction::Forward => "left to right".to_owned(),
        Direction::Backward => "right to left".to_owned(),
    });
    layer.into_iter().chain(direction).collect::<Vec<_>>().join(", ")
}

impl Session {
    /// Where the selected unit of a lane stands.
    #[must_use]
    pub fn site(&self, run: &LaneRun) -> Site {
        self.cursor.site.map_or_else(|| run.top(), |site| run.nearest(site))
    }

    /// The step of a layer when the playhead is at `t`: what a backward direction does at the same moment stands at
    /// the other end of the sequence.
    #[must_use]
    pub fn step(&self, site: Site, t: usize) -> usize {
        self.axis().seen(site.direction, t)
    }

    /// The layers and directions that the gradient can be read in.
    #[must_use]
    pub fn gradient_sites(&self) -> Vec<Site> {
        let layers = self.lanes.iter().map(|run| run.experiment.spec.layers).max().unwrap_or(1);
        let both = self.lanes.iter().any(|run| run.experiment.spec.bidirectional);
        let directions: &[_] =
            if both { &[Direction::Forward, Direction::Backward] } else { &[Direction::Forward] };
        (1..=layers)
            .flat_map(|layer| directions.iter().map(move |&direction| Site { layer, direction }))
            .collect()
    }

    /// Reads the gradient in another layer or direction.
    pub fn set_gradient(&mut self, site: Site) {
        self.cursor.gradient = site;
        self.place = None;
        self.flow_place = None;
        self.clamp();
    }
}
