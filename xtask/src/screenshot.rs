//! `cargo xtask screenshot`: the picture in the README.

use std::path::Path;

use crate::failure::{Result, at};
use crate::{browser, engine, serve, server, tools};

/// Builds the engine, opens the page at `hash` and writes its picture to `out`.
pub fn run(hash: &str, out: &Path) -> Result<()> {
    let out = std::path::absolute(out).map_err(at(out))?;
    engine::build()?;
    let page = server::start(serve::page(), [0])?;
    let separator = if hash.is_empty() || hash.starts_with('#') { "" } else { "#" };
    tools::step(&format!("writing a picture of the page to {}", out.display()), || {
        let address = format!("{page}{separator}{hash}");
        tools::run(
            browser::script("xtask/browser/screenshot.js")?.arg(address).arg(&out),
            "open the page by `cargo xtask serve`: it must set data-ready on <html>",
        )
    })
}
