//! How heavy the page is, how fast it opens, and how fast it answers.

use std::collections::BTreeSet;

use serde::Deserialize;

use super::Quantiles;
use crate::dist::{self, Weight};
use crate::failure::Result;
use crate::server::{self, Site};
use crate::{browser, engine, tools};

/// Everything that the page loads before its first picture, in bytes of Brotli.
const WEIGHT_BUDGET: usize = 120_000;

/// From a changed setting to the frame that shows it, for 95 of 100, in milliseconds.
const FRAME_BUDGET: f64 = 16.0;

/// Measures the page as `dist` serves it and prints what is asked for; returns what is over its budget.
pub fn run(wants_weight: bool, wants_speed: bool) -> Result<Vec<String>> {
    engine::build()?;
    let root = tools::target_dir().join("dist");
    let files = tools::step("writing the page as dist", || dist::write(&root))?;
    let page = server::start(Site { root, prefix: "/", secured: true }, [0])?;
    let figures: Figures = tools::step("measuring the page in the browser", || {
        let advice = "open the page by `cargo xtask serve`: it must set data-ready on <html>";
        browser::figures("xtask/browser/measure.js", &page, advice)
    })?;
    let mut over = Vec::new();
    if wants_weight {
        let weights = dist::weights(&files)?;
        println!("\n{}", dist::table(&weights));
        over.extend(weight(&figures, &weights));
    }
    if wants_speed {
        over.extend(speed(&figures));
    }
    Ok(over)
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
    /// Paths of the files fetched before it.
    fetched: BTreeSet<String>,
}

/// Prints what the browser fetched before the first picture; says what is over its budget.
fn weight(figures: &Figures, weights: &[Weight]) -> Option<String> {
    let fetched = &figures.openings.first()?.fetched;
    let is_early = |weight: &&Weight| {
        let path = if weight.name == dist::INDEX { "" } else { weight.name };
        fetched.contains(&format!("/{path}"))
    };
    let (early, late): (Vec<&Weight>, Vec<_>) = weights.iter().partition(is_early);
    let sum: usize = early.iter().map(|weight| weight.sizes[2]).sum();
    println!("{} files before the first picture: {sum} B of Brotli   budget {WEIGHT_BUDGET} B", early.len());
    for weight in late {
        println!("  only after it: {}", weight.name);
    }
    println!();
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
