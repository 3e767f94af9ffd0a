//! How fast the engine runs forward, and forward and back through time.

use std::fs;

use serde::Deserialize;

use super::Quantiles;
use crate::failure::{Result, at};
use crate::server::{self, Site};
use crate::{browser, engine, tools};

/// Compiled for this machine, by Criterion.
pub fn native() -> Result<()> {
    tools::step("timing the engine on this machine", || {
        tools::run(
            tools::cargo().args(["bench", "--package", "unrolled-bench", "--bench", "engine"]),
            "mend what the compiler says above",
        )
    })
}

/// One pass of one case, so many milliseconds each time.
#[derive(Deserialize)]
struct Row {
    case: String,
    times: Vec<f64>,
}

/// Compiled for the browser, in Chromium.
pub fn browser() -> Result<()> {
    let root = tools::target_dir().join("bench-page");
    engine::build_package("unrolled-bench", &root.join("www/pkg"))?;
    let index = root.join("index.html");
    fs::write(&index, "<!doctype html>\n<title>bench</title>\n").map_err(at(&index))?;
    let page = server::start(Site { root, prefix: "/", secured: true }, [0])?;
    let rows: Vec<Row> = tools::step("timing the engine in the browser", || {
        browser::figures("xtask/browser/engine.js", &page, "mend what the browser says above")
    })?;
    println!();
    for Row { case, times } in rows {
        if let Some(quantiles) = Quantiles::of(times) {
            println!("{case:<40}{quantiles}");
        }
    }
    Ok(())
}
