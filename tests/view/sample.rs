//! Figures with made-up but plausible numbers: what the view draws, without a model.

use ndarray::Array2;
use unrolled::view::{Figure, Kind, Lane, Progress, Row};

/// A heat map's name, colours, numbers, and whether the user chose to show it.
pub type SampleRow = (&'static str, Kind, Array2<f64>, Option<bool>);

/// One lane's numbers, owned.
#[derive(Debug)]
pub struct SampleLane {
    pub name: &'static str,
    pub mark: usize,
    pub rows: Vec<SampleRow>,
    pub outputs: bool,
    pub decades: Vec<f64>,
    pub ratios: Vec<String>,
    /// Whether it reads from T to 1.
    pub mirrored: bool,
}

/// A figure's numbers, owned.
#[derive(Debug)]
pub struct Sample {
    pub steps: usize,
    pub targets: bool,
    /// Whether all but h stays folded.
    pub stack: bool,
    pub lanes: Vec<SampleLane>,
}

impl Sample {
    /// Lanes of the given kinds (`rnn`, `relu`, `lstm`, `gru`), each with the decades that its gradient gains on
    /// the way back to t = 1.
    pub fn new(steps: usize, units: usize, lanes: &[(&'static str, f64)]) -> Self {
        let make =
            |(mark, &(cell, decades)): (usize, &(&'static str, f64))| lane(cell, mark, steps, units, decades);
        Self { steps, targets: false, stack: false, lanes: lanes.iter().enumerate().map(make).collect() }
    }

    pub fn figure(&self, progress: Progress) -> Figure<'_> {
        let lanes = self.lanes.iter().map(|lane| Lane {
            window: 0,
            name: lane.name,
            mark: lane.mark,
            rows: lane
                .rows
                .iter()
                .map(|(symbol, kind, values, shown)| Row {
                    name: (*symbol).to_owned(),
                    symbol,
                    written: symbol.replace("_tilde", "\u{303}"),
                    rests: self.stack && *symbol != "h",
                    mirrored: false,
                    kind: *kind,
                    values: values.view(),
                    shown: *shown,
                })
                .collect(),
            outputs: lane.outputs,
            decades: &lane.decades,
            ratios: &lane.ratios,
            mirrored: lane.mirrored,
            gradient: "∂L/∂h".to_owned(),
        });
        Figure {
            steps: self.steps,
            encoder: self.steps,
            targets: self.targets,
            lanes: lanes.collect(),
            progress,
            band: false,
        }
    }
}

/// A count as a real number.
fn real(count: usize) -> f64 {
    u32::try_from(count).map_or(f64::INFINITY, f64::from)
}

/// Numbers in −1..1, the same on every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        f64::from(self.0) / f64::from(u32::MAX) * 2.0 - 1.0
    }

    /// Units that each remember the share `keep` of the step before.
    fn drift(&mut self, (steps, units): (usize, usize), gain: f64, keep: f64) -> Array2<f64> {
        let mut values = Array2::zeros((steps, units));
        for unit in 0..units {
            let mut value = 0.0;
            for t in 0..steps {
                value = keep * value + (1.0 - keep).sqrt() * gain * self.next();
                values[[t, unit]] = value;
            }
        }
        values
    }

    fn state(&mut self, size: (usize, usize), gain: f64, keep: f64) -> Array2<f64> {
        self.drift(size, gain, keep).mapv(f64::tanh)
    }

    fn gate(&mut self, size: (usize, usize), gain: f64, bias: f64) -> Array2<f64> {
        self.drift(size, gain, 0.2).mapv(|v| 1.0 / (1.0 + (-v - bias).exp()))
    }
}

fn lane(cell: &'static str, mark: usize, steps: usize, units: usize, decades: f64) -> SampleLane {
    let mut noise = Noise(u32::try_from(mark).unwrap_or(0) + 7);
    let size = (steps, units);
    let row = |symbol, kind, values| (symbol, kind, values, None);
    let (name, rows) = match cell {
        "relu" => ("RNN", vec![row("h", Kind::Log, noise.drift(size, 9.0, 0.9).mapv(|v| v.max(0.0)))]),
        "rnn" => ("RNN", vec![row("h", Kind::Signed, noise.state(size, 1.4, 0.1))]),
        "lstm" => (
            "LSTM",
            vec![
                row("h", Kind::Signed, noise.state(size, 0.6, 0.93)),
                row("C", Kind::Signed, noise.drift(size, 1.8, 0.93)),
                row("f", Kind::Gate, noise.gate(size, 0.6, 3.0)),
                row("i", Kind::Gate, noise.gate(size, 1.5, 0.0)),
                row("C_tilde", Kind::Signed, noise.state(size, 1.0, 0.2)),
                row("o", Kind::Gate, noise.gate(size, 1.5, 0.0)),
            ],
        ),
        _ => (
            "GRU",
            vec![
                row("h", Kind::Signed, noise.state(size, 0.4, 0.93)),
                row("z", Kind::Gate, noise.gate(size, 0.5, -2.5)),
                row("r", Kind::Gate, noise.gate(size, 1.5, 0.0)),
                row("h_tilde", Kind::Signed, noise.state(size, 1.0, 0.2)),
            ],
        ),
    };
    let wobble = |t: usize| 0.12 * (1.7 * real(t)).sin() * decades.abs().min(1.0);
    let ratio = |t: usize| decades * real(steps - 1 - t) / real(steps) + wobble(t) - wobble(steps - 1);
    let decades: Vec<f64> = (0..steps).map(ratio).collect();
    let ratios = decades.iter().map(|d| if *d < -2.0 { "1.14×10⁻⁸" } else { "0.0611" }.to_owned()).collect();
    SampleLane { name, mark, rows, outputs: false, decades, ratios, mirrored: false }
}
