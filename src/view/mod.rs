//! Pictures of traces: layout apart from paint, so that hover reads what paint drew.
//!
//! A [`Figure`] says what is shown, a [`Viewport`] where. [`layout()`] turns both into integer bands on one
//! time axis, and everything else reads those numbers: [`Raster`] paints heat maps and gradient strips as
//! pixels, [`chart()`] draws the gradient curves by plotters, [`labels()`] places the words, [`hit()`] says what
//! lies under a point, and [`svg()`] draws all of it once more as a file. [`flow`], [`spectrum`], [`boxes`] and
//! [`update`] do the same for their own pictures.
//!
//! Thick is done, thin is still to come. The colour of a cell never changes with the cursor: a faded cell would
//! read as a vanished gradient.

pub mod boxes;
mod chart;
pub mod circuit;
mod colour;
mod domain;
pub mod flow;
mod hit;
mod labels;
mod layout;
pub mod matrix;
mod number;
mod paint;
mod pixels;
pub mod spectrum;
mod spread;
mod strip_words;
mod svg;
pub mod update;

pub use chart::chart;
pub use colour::{Identity, Ramp, Ramps, Rgb, Shape, Theme, identity, ramps, theme};
pub use domain::Domain;
pub use hit::{Area, Hit, hit};
pub use labels::{Anchor, Label, Words, labels};
pub use layout::{Axis, Band, Folded, LaneLayout, Layout, RowLayout, layout};
pub(crate) use number::real;
pub use paint::{Block, Hatch, Painter, Run, device_size, paint};
pub use pixels::Raster;
pub use svg::{SpectrumWords, boxes_svg, flow_svg, spectrum_svg, svg, update_svg};

use ndarray::ArrayView2;

use crate::experiment::{Direction, Steps};

/// The direction of what is mirrored, or not.
fn direction(mirrored: bool) -> Direction {
    if mirrored { Direction::Backward } else { Direction::Forward }
}

/// Size, density and theme of the place that a figure is drawn for.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Viewport {
    /// Width in CSS pixels.
    pub width: u32,
    /// Height in CSS pixels that can be seen without scrolling.
    pub height: u32,
    /// Device pixels per CSS pixel.
    pub scale: f64,
    /// Which of the three arrangements.
    pub mode: Mode,
    /// Dark instead of light colours.
    pub dark: bool,
}

/// The three arrangements of the figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Desktop: gutter at the left, everything that fits.
    Wide,
    /// 390 px in the hand: lane heads above the lanes.
    Phone,
    /// Projected: large type, gates folded.
    Present,
}

/// What a figure shows: the lanes on one time axis.
#[derive(Clone, Debug)]
pub struct Figure<'a> {
    /// Time steps: `T`, or those of encoder and decoder together.
    pub steps: usize,
    /// Those before a decoder's; all where there is none.
    pub encoder: usize,
    /// Whether a row of targets stands under the inputs.
    pub targets: bool,
    /// The lanes, top to bottom.
    pub lanes: Vec<Lane<'a>>,
    /// Where the viewer stands.
    pub progress: Progress,
    /// Whether the playhead is a band of the ground: columns are wide, and lines would cut arrows.
    pub band: bool,
}

impl Figure<'_> {
    /// The steps on their axis.
    #[must_use]
    pub fn axis(&self) -> Steps {
        Steps { count: self.steps, encoder: self.encoder }
    }

    /// Step `t` as a direction counts that begins at the other end.
    #[must_use]
    pub fn seen(&self, mirrored: bool, t: usize) -> usize {
        self.axis().seen(direction(mirrored), t)
    }
}

/// What is done and what is still to come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Forward: steps 1 to `t` are done, no gradient yet.
    Forward(usize),
    /// Backward: the forward pass is done, gradients of steps `t` to T are done.
    Backward(usize),
}

impl Progress {
    /// The step where the playhead stands, from 1.
    #[must_use]
    pub fn now(self) -> usize {
        match self {
            Self::Forward(now) | Self::Backward(now) => now,
        }
    }

    /// Whether the pass is on its way back.
    #[must_use]
    pub fn backward(self) -> bool {
        matches!(self, Self::Backward(_))
    }

    /// Whether the states and gates of step `t` are done.
    #[must_use]
    pub fn forward_done(self, t: usize) -> bool {
        match self {
            Self::Forward(now) => t <= now,
            Self::Backward(_) => true,
        }
    }

    /// Whether the gradient of step `t` is done.
    #[must_use]
    pub fn backward_done(self, t: usize) -> bool {
        match self {
            Self::Forward(_) => false,
            Self::Backward(now) => t >= now,
        }
    }
}

/// One model of a comparison.
#[derive(Clone, Debug)]
pub struct Lane<'a> {
    /// Name at the left end of its curve.
    pub name: &'a str,
    /// Colour, dash and marker, 0 to 5.
    pub mark: usize,
    /// Heat maps, top to bottom.
    pub rows: Vec<Row<'a>>,
    /// Whether the lane shows a row of outputs.
    pub outputs: bool,
    /// Truncated BPTT: steps of a window over whose beginning no gradient crosses; 0 is none.
    pub window: usize,
    /// log10 of the gradient norm at t relative to t = T, one per step;
    /// `-inf` is an exact zero, `NaN` or `+inf` is not finite.
    pub decades: &'a [f64],
    /// The same ratio, formatted, one per step.
    pub ratios: &'a [String],
    /// Whether the gradient is that of a backward direction: relative to t = 1, it travels to t = T.
    pub mirrored: bool,
    /// What stands beside the strip: `∂L/∂h`.
    pub gradient: String,
}

impl Lane<'_> {
    /// Whether the gradient of step `t` is done.
    #[must_use]
    pub fn done(&self, figure: &Figure, t: usize) -> bool {
        figure.progress.backward_done(figure.seen(self.mirrored, t))
    }

    /// The steps, from 1, in the order in which the gradient comes to them.
    #[must_use]
    pub fn way(&self, steps: Steps) -> impl DoubleEndedIterator<Item = usize> + Clone + use<> {
        steps.way(direction(self.mirrored))
    }

    /// Whether a window begins at step `t`, from 1; in the direction of the gradient that is shown.
    #[must_use]
    pub fn window_begins(&self, t: usize, steps: Steps) -> bool {
        let t = t.min(steps.count);
        let seen = steps.seen(direction(self.mirrored), t);
        let read = if steps.decodes(t) { t - steps.encoder } else { seen };
        self.window > 0 && read > 1 && (read - 1).is_multiple_of(self.window)
    }

    /// log10 of the gradient norm at step `t`, from 1; `NaN` where the trace holds none.
    #[must_use]
    pub fn decade(&self, t: usize) -> f64 {
        t.checked_sub(1).and_then(|index| self.decades.get(index)).copied().unwrap_or(f64::NAN)
    }
}

/// One heat map: T rows of `units` values.
#[derive(Clone, Debug)]
pub struct Row<'a> {
    /// Its name among the lane's rows: its symbol, in a stack with the layer, `C.2`, `h.2b`.
    pub name: String,
    /// Its symbol in files: `h`, `C`, `f`, `C_tilde`, …
    pub symbol: &'static str,
    /// Its symbol as text: `C̃`, `←h²`.
    pub written: String,
    /// Which colours.
    pub kind: Kind,
    /// T × units.
    pub values: ArrayView2<'a, f64>,
    /// Shown or folded by the user's own choice; `None` leaves it to the layout.
    pub shown: Option<bool>,
    /// Whether the layout leaves it folded, whatever room there is.
    pub rests: bool,
    /// Whether its direction reads from T to 1.
    pub mirrored: bool,
}

impl Row<'_> {
    /// What it has in common with the row of the same layer and symbol in the other direction.
    #[must_use]
    pub fn pair(&self) -> &str {
        self.name.strip_suffix('b').filter(|_| self.mirrored).unwrap_or(&self.name)
    }
}

/// Which colours a heat map has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A signed value; beyond [−1, 1] the row prints its own scale.
    Signed,
    /// 0 to 1.
    Gate,
    /// Not negative and unbounded (`ReLU` states): log scale.
    Log,
}
