//! Words over the figure of steps.

use super::super::chart::GRID;
use super::super::number::real;
use super::super::{Anchor, Domain, Label, Mode, Viewport, Words};
use super::{SpectrumFigure, SpectrumLane, SpectrumLayout, SpectrumPlace, domain, down};
use crate::analysis::number::power_of_ten;

/// All words over a figure.
#[must_use]
pub fn labels(figure: &SpectrumFigure, layout: &SpectrumLayout, viewport: Viewport) -> Vec<Label> {
    let mode = viewport.mode;
    let domain = domain(figure);
    let mut words = vec![];
    for plane in &layout.planes {
        let (x, y) = plane.centre();
        let size = Words::Decade.size(mode);
        let at = |x, y, anchor, text| plain(x, y, anchor, text, Words::Decade);
        words.push(at(x + plane.unit + 3.0, y + size + 1.0, Anchor::Start, "1"));
        words.push(at(x - plane.unit - 3.0, y + size + 1.0, Anchor::End, "−1"));
        words.push(at(x + 4.0, y - plane.unit - 4.0, Anchor::Start, "i"));
    }
    for (lane, place) in figure.lanes.iter().zip(&layout.lanes) {
        words.extend(decades(domain, layout, place, mode));
        words.extend(bound(domain, figure.steps, lane, layout, place, mode));
        words.extend(state(figure, lane, layout, place, mode));
    }
    words
}

fn plain(x: f64, y: f64, anchor: Anchor, text: impl Into<String>, kind: Words) -> Label {
    Label { x, y, anchor, text: text.into(), kind, mark: -1 }
}

fn decades(domain: Domain, layout: &SpectrumLayout, place: &SpectrumPlace, mode: Mode) -> Vec<Label> {
    let size = Words::Decade.size(mode);
    let (x, anchor) = match mode {
        Mode::Phone => (f64::from(layout.axis.x0) + 3.0, Anchor::Start),
        _ => (f64::from(layout.axis.x0) - 8.0, Anchor::End),
    };
    let powers = domain.powers(f64::from(place.curves.height), GRID.max(size * 2.0));
    // The strip has its own word at the foot.
    let fits = |y: &f64| *y <= f64::from(place.curves.end()) - size * 0.5;
    powers
        .into_iter()
        .map(|power| (power, down(domain, place.curves, f64::from(power))))
        .filter(|(_, y)| fits(y))
        .map(|(power, y)| plain(x, y + size * 0.35, anchor, power_of_ten(power), Words::Decade))
        .collect()
}

/// The bound's name, at a place of its line that is in view.
fn bound(
    domain: Domain,
    steps: usize,
    lane: &SpectrumLane,
    layout: &SpectrumLayout,
    place: &SpectrumPlace,
    mode: Mode,
) -> Option<Label> {
    let bound = lane.bound.filter(|bound| bound.is_finite())?;
    let seen = |t: usize| (domain.low..=domain.high).contains(&(bound * real(steps - t)));
    let first = (1..=steps).find(|&t| seen(t))?;
    let size = Words::Note.size(mode);
    let t = first + (steps - first) / 3;
    let (x, y) = (layout.axis.centre(t), down(domain, place.curves, bound * real(steps - t)));
    let mut label = plain(x, y - 6.0, Anchor::End, "bound (γ·σmax)ᵀ⁻ᵗ", Words::Note);
    let width = label.width(mode);
    label.x =
        label.x.clamp(f64::from(layout.axis.x0) + width + 4.0, f64::from(layout.axis.right()).max(width));
    // A bound that hardly moves has its name above, one that falls beside its line.
    label.y = label.y.max(f64::from(place.curves.y) + size);
    Some(label)
}

/// Where nothing is left, and where numbers end.
fn state(
    figure: &SpectrumFigure,
    lane: &SpectrumLane,
    layout: &SpectrumLayout,
    place: &SpectrumPlace,
    mode: Mode,
) -> Option<Label> {
    let products = lane.products?;
    let text = if products.is_finite() {
        let last = (1..=figure.steps).rev().find(|&t| products.at(t).is_empty())?;
        format!("nothing left from t = {last} back")
    } else {
        "not finite: the pass leaves f64".to_owned()
    };
    let middle = f64::from(place.curves.y) + f64::from(place.curves.height) / 2.0;
    let y = middle + Words::State.size(mode) * 0.35;
    Some(plain(f64::from(layout.axis.x0) + 10.0, y, Anchor::Start, text, Words::State))
}
