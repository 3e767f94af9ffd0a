//! How heavy the page is, how fast it opens, and how fast it answers.

use serde::Deserialize;

use super::Quantiles;
use crate::dist;
use crate::failure::Result;
use crate::server::{self, Site};
use crate::{browser, engine, tools};

/// From a changed setting to the picture that shows it, for 95 of 100, in milliseconds: of the figures that have one.
const BUDGETS: [(&str, f64); 3] =
    [("Unrolled", 16.0), ("Gradient flow", 100.0), ("Gradient flow, T = 200, H = 64", 150.0)];

/// Measures the page as `dist` serves it and prints what is asked for; returns what is over its budget.
pub fn run(wants_weight: bool, wants_speed: bool) -> Result<Vec<String>> {
    engine::build()?;
    let root = tools::target_dir().join("dist");
    let files = tools::step("writing the page as dist", || dist::write(&root))?;
    if wants_weight {
        println!("\n{}\n{}\n", dist::table(&dist::weights(&files)?), dist::opening_weight(&files)?);
    }
    if !wants_speed {
        return Ok(Vec::new());
    }
    let page = server::start(Site { root, prefix: "/", secured: true }, [0])?;
    let figures: Figures = tools::step("measuring the page in the browser", || {
        let advice = "open the page by `cargo xtask serve`: it must set data-ready on <html>";
        browser::figures("xtask/browser/measure.js", &page, advice)
    })?;
    Ok(speed(&figures))
}

/// What `xtask/browser/measure.js` prints.
#[derive(Deserialize)]
struct Figures {
    openings: Vec<Opening>,
    changed: Vec<Changed>,
    shift: f64,
}

/// A setting was changed over and over.
#[derive(Deserialize)]
struct Changed {
    /// Of which figure.
    name: String,
    /// From each change to its picture.
    times: Vec<f64>,
    /// The longest task over 50 ms; else 0.
    longest: f64,
}

/// One opening of the page.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Opening {
    first_picture: Option<f64>,
}

/// Prints how fast the page opens and answers; says what is over its budget or was not measured.
fn speed(figures: &Figures) -> Vec<String> {
    let mut wrong = Vec::new();
    let opened: Vec<f64> = figures.openings.iter().filter_map(|opening| opening.first_picture).collect();
    match Quantiles::of(opened) {
        Some(q) => println!("navigation → first picture               {q}"),
        None => wrong.push("the page did not mark `first-picture`".to_owned()),
    }
    for Changed { name, times, longest } in &figures.changed {
        let Some(q) = Quantiles::of(times.clone()) else {
            wrong.push(format!("{name}: the page did not measure `setting-to-frame` while #rho moved"));
            continue;
        };
        let budget = BUDGETS.iter().find(|(figure, _)| figure == name).map(|(_, budget)| *budget);
        let said = budget.map_or(String::new(), |budget| format!("   budget {budget} ms at p95"));
        println!("setting → {name:<31}{q}   longest task {longest:.0} ms{said}");
        if budget.is_some_and(|budget| q.p95 > budget) {
            wrong.push(format!("{name}: a changed setting takes {:.1} ms to show", q.p95));
        }
    }
    println!("layout shift                             {:.4}   budget 0", figures.shift);
    if figures.shift > 0.0 {
        wrong.push(format!("the layout shifts by {:.4}", figures.shift));
    }
    wrong
}
