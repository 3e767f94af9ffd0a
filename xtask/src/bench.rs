//! `cargo xtask bench`: how fast and how heavy the page is.

use std::collections::BTreeMap;
use std::fmt;

use serde::Deserialize;

use crate::failure::{Failure, Result};
use crate::server::{self, Site};
use crate::{browser, dist, engine, tools};

/// Everything that the page loads before its first picture, in bytes of Brotli.
const WEIGHT_BUDGET: u64 = 120_000;

/// From a changed setting to the frame that shows it, for 95 of 100, in milliseconds.
const FRAME_BUDGET: f64 = 16.0;

/// The parts, for the reader who asks for one.
pub const PARTS: [&str; 2] = ["weight", "page"];

/// Measures the named parts, or all; what is over its budget is a failure.
pub fn run(parts: &[String]) -> Result<()> {
    if let Some(unknown) = parts.iter().find(|part| !PARTS.contains(&part.as_str())) {
        let choice = format!("choose from {}", PARTS.join(", "));
        return Err(Failure::new(format!("there is nothing to measure called `{unknown}`"), choice));
    }
    let chosen = |part: &str| parts.is_empty() || parts.iter().any(|chosen| chosen == part);
    engine::build()?;
    let root = tools::target_dir().join("dist");
    let files = tools::step("writing the page as dist", || dist::write(&root))?;
    let page = server::start(Site { root, prefix: "/", secured: true }, [0])?;
    let figures = tools::step("measuring the page in the browser", || measure(&page))?;
    let mut over = Vec::new();
    if chosen("weight") {
        println!("\n{}", dist::table(&files));
        over.extend(weight(&figures));
    }
    if chosen("page") {
        over.extend(speed(&figures));
    }
    if over.is_empty() {
        Ok(())
    } else {
        Err(Failure::new(over.join("; "), "measure again on an idle machine, then mend it"))
    }
}

/// What `xtask/browser/measure.js` prints.
#[derive(Deserialize)]
struct Figures {
    openings: Vec<Opening>,
    frames: Vec<f64>,
    shift: f64,
}

/// One opening of the page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opening {
    first_picture: Option<f64>,
    /// Bytes by path, as they came over the wire.
    fetched: BTreeMap<String, u64>,
}

fn measure(page: &str) -> Result<Figures> {
    let advice = "open the page by `cargo xtask serve`: it must set data-ready on <html>";
    let printed = tools::output(browser::script("xtask/browser/measure.js")?.arg(page), advice)?;
    serde_json::from_str(&printed).map_err(|error| Failure::new(format!("measure.js: {error}"), advice))
}

/// Prints what came over the wire before the first picture; says what is over its budget.
fn weight(figures: &Figures) -> Option<String> {
    let fetched = &figures.openings.first()?.fetched;
    let sum: u64 = fetched.values().sum();
    println!("before the first picture, Brotli:");
    for (path, bytes) in fetched {
        println!("  {path:<48}{bytes:>8} B");
    }
    println!("  {:<48}{sum:>8} B   budget {WEIGHT_BUDGET} B\n", format!("{} files", fetched.len()));
    (sum > WEIGHT_BUDGET).then(|| format!("the page weighs {sum} B before its first picture"))
}

/// Prints how fast the page opens and answers; says what is over its budget or was not measured.
fn speed(figures: &Figures) -> Vec<String> {
    let mut wrong = Vec::new();
    let opened: Vec<f64> = figures.openings.iter().filter_map(|opening| opening.first_picture).collect();
    match Quantiles::of(opened) {
        Some(q) => println!("navigation → first picture      {q}"),
        None => wrong.push("the page did not mark `first-picture`".to_owned()),
    }
    match Quantiles::of(figures.frames.clone()) {
        Some(q) => {
            println!("setting → frame, 3 lanes        {q}   budget {FRAME_BUDGET} ms at p95");
            if q.p95 > FRAME_BUDGET {
                wrong.push(format!("a changed setting takes {:.1} ms to show", q.p95));
            }
        }
        None => wrong.push("the page did not measure `setting-to-frame` while #rho moved".to_owned()),
    }
    println!("layout shift                    {:.4}   budget 0", figures.shift);
    if figures.shift > 0.0 {
        wrong.push(format!("the layout shifts by {:.4}", figures.shift));
    }
    wrong
}

/// How a measured time is distributed, in milliseconds.
struct Quantiles {
    count: usize,
    p50: f64,
    p95: f64,
}

impl Quantiles {
    fn of(mut times: Vec<f64>) -> Option<Self> {
        times.sort_by(f64::total_cmp);
        let last = times.len().checked_sub(1)?;
        Some(Self { count: times.len(), p50: times[last / 2], p95: times[(last * 95).div_ceil(100)] })
    }
}

impl fmt::Display for Quantiles {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "p50 {:>6.1} ms   p95 {:>6.1} ms   of {}", self.p50, self.p95, self.count)
    }
}

#[cfg(test)]
mod tests {
    use super::Quantiles;

    #[test]
    fn quantiles_are_measured_times() {
        let q = Quantiles::of((1..=100).rev().map(f64::from).collect());
        assert_eq!(q.map(|q| (q.p50, q.p95)), Some((50.0, 96.0)));
        let one = Quantiles::of(vec![7.0]);
        assert_eq!(one.map(|q| (q.p50, q.p95)), Some((7.0, 7.0)));
        assert!(Quantiles::of(Vec::new()).is_none());
    }
}
