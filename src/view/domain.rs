//! The log scales of gradient strips and chart, in decades relative to the gradient at t = T.

use super::Figure;
use super::number::{real, whole};

/// A range of decades.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Domain {
    /// Lower end.
    pub low: f64,
    /// Upper end.
    pub high: f64,
}

impl Domain {
    /// The one scale of all gradient strips. When something explodes, the lower end is held at 10⁻³, so that
    /// the lanes which do not explode keep a bar.
    #[must_use]
    pub fn strips(figure: &Figure) -> Self {
        let (least, most) = extent(figure);
        let high = (most - 0.3).ceil().max(0.0);
        let low = least.floor().min(-3.0);
        Self { low: if high > 0.0 { low.max(-3.0) } else { low }, high }
    }

    /// The scale of a chart of this height: a low one keeps room above the level 1 for the values there.
    #[must_use]
    pub fn chart(figure: &Figure, height: u32) -> Self {
        let (least, most) = extent(figure);
        let high = (most + 0.5).ceil().max(1.0);
        let calm = if height < 220 { 1.8 } else { 0.9 };
        Self { low: (least - 0.3).floor(), high: if high <= 1.0 { calm } else { high } }
    }

    /// How far up a value stands, 0 to 1.
    #[must_use]
    pub fn share(&self, decades: f64) -> f64 {
        ((decades - self.low) / (self.high - self.low)).clamp(0.0, 1.0)
    }

    /// Distance from the top of a band of `height`, growing downwards.
    #[must_use]
    pub fn down(&self, decades: f64, height: f64) -> f64 {
        (1.0 - self.share(decades)) * height
    }

    /// The powers of ten that are at least `apart` from each other in a band of `height`, rising.
    #[must_use]
    pub fn powers(&self, height: f64, apart: f64) -> Vec<i32> {
        let spacing = apart * (self.high - self.low) / height.max(1.0);
        let step =
            [1, 2, 3, 5, 10, 20, 30, 50, 100].into_iter().find(|&s| f64::from(s) >= spacing).unwrap_or(200);
        let first = whole((self.low / f64::from(step)).ceil());
        let last = whole((self.high / f64::from(step)).floor());
        (first..=last).map(|n| n * step).collect()
    }
}

/// Least and most finite decades of all lanes, with the level 1 among them.
fn extent(figure: &Figure) -> (f64, f64) {
    let finite = figure.lanes.iter().flat_map(|lane| lane.decades).copied().filter(|d| d.is_finite());
    finite.fold((0.0, 0.0), |(least, most): (f64, f64), d| (least.min(d), most.max(d)))
}

/// Steps between the small markers of a curve, so that they stand about `apart` pixels from each other.
pub(crate) fn marker_step(column: u32, apart: f64) -> usize {
    let mut step = 1;
    while real(step) * f64::from(column) < apart && column < 60 {
        step += 1;
    }
    step
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::view::{Lane, Progress};

    fn domain_of(decades: &[f64]) -> (Domain, Domain) {
        let lane = Lane {
            name: "RNN",
            mark: 0,
            rows: vec![],
            outputs: false,
            window: 0,
            decades,
            ratios: &[],
            mirrored: false,
            gradient: String::new(),
        };
        let progress = Progress::Backward(1);
        let figure = Figure {
            steps: decades.len(),
            encoder: decades.len(),
            targets: false,
            lanes: vec![lane],
            progress,
            band: false,
        };
        (Domain::strips(&figure), Domain::chart(&figure, 96))
    }

    #[test]
    fn scales_hold_what_they_show() {
        let (strips, chart) = domain_of(&[f64::NEG_INFINITY, -9.2, f64::NAN, 0.0]);
        assert_eq!((strips.low, strips.high), (-10.0, 0.0));
        assert_eq!((chart.low, chart.high), (-10.0, 1.8));
        let (strips, chart) = domain_of(&[5.2, f64::INFINITY, -9.0]);
        assert_eq!((strips.low, strips.high), (-3.0, 5.0));
        assert_eq!((chart.low, chart.high), (-10.0, 6.0));
        assert_eq!(domain_of(&[f64::NAN]).0, Domain { low: -3.0, high: 0.0 });
    }

    #[test]
    fn powers_keep_their_distance() {
        let domain = Domain { low: -10.0, high: 1.8 };
        assert_eq!(domain.powers(96.0, 22.0), [-9, -6, -3, 0]);
        assert_eq!(Domain { low: -3.0, high: 0.9 }.powers(96.0, 22.0), [-3, -2, -1, 0]);
    }
}
