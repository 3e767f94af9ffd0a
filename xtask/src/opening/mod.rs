//! Writes the engine's opening: the part of the engine that runs before the page's first picture.
//!
//! There is one engine. `xtask/opening.js` calls it as the page does, at many sizes, while it notes which of its code
//! runs. The opening is the engine without the code that did not run, and without the constants that the rest of the
//! code cannot reach. What is left out is a trap, and so is seen when it is called all the same; the page then waits
//! for the whole engine. Only the checks that lead to a panic are left out without a trap: in the engine they never do. The whole engine draws the picture anew, with a session of its own: whatever the opening
//! said, it said for that long.

mod glue;
mod instrument;
mod leave_out;
mod module;
mod objects;
mod prune;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow, ensure};

use crate::tools;

/// Writes `opening.js` and `opening_bg.wasm` beside the engine in `package`, of which the linker wrote the map `map`.
/// Where no opening can be cut out, the whole engine takes its place: the page then opens more slowly, but opens.
///
/// # Errors
/// When a file cannot be read or written.
pub fn write(package: &Path, map: &Path) -> Result<()> {
    let engine = read(&package.join("unrolled_bg.wasm"))?;
    let glue = String::from_utf8(read(&package.join("unrolled.js"))?)?;
    let (opening, glue) = cut_out(package, &engine, &glue, map).unwrap_or_else(|error| {
        eprintln!("  no opening, so that the page opens with all of the engine: {error:#}");
        (engine, glue)
    });
    fs::write(package.join("opening_bg.wasm"), opening)?;
    fs::write(package.join("opening.js"), glue.replace("unrolled_bg.wasm", "opening_bg.wasm"))?;
    fs::copy(package.join("unrolled.d.ts"), package.join("opening.d.ts"))?;
    Ok(())
}

/// The opening of an engine, and of its glue; they answer what the engine answers, or it is an error.
fn cut_out(package: &Path, engine: &[u8], glue: &str, map: &Path) -> Result<(Vec<u8>, String)> {
    let module = module::Module::parse(engine)?;
    let objects = objects::Objects::read(&String::from_utf8(read(map)?)?, &module.data)?;
    let work = tools::target_dir().join("opening");
    fs::create_dir_all(&work)?;
    let [noting, notes] = ["noting.wasm", "notes"].map(|name| work.join(name));
    fs::write(&noting, instrument::instrument(engine)?)?;
    let said = call(&package.join("unrolled.js"), &noting, &notes)?;

    let memory = read(&notes)?;
    let opening = leave_out::opening(&module, &instrument::Notes::read(&memory)?, &objects)?;
    let glue = glue::without(glue, &names(&opening)?);
    let [small, script, again] = ["opening.wasm", "opening.mjs", "again"].map(|name| work.join(name));
    fs::write(&small, &opening)?;
    fs::write(&script, &glue)?;
    ensure!(call(&script, &small, &again)? == said, "it says another thing than the engine");
    Ok((opening, glue))
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| path.display().to_string())
}

/// The names by which an engine and its glue know each other.
fn names(engine: &[u8]) -> Result<BTreeSet<String>> {
    let module = module::Module::parse(engine)?;
    let exports = module.exports.iter().map(|export| export.name.to_owned());
    Ok(exports.chain(module.imports.iter().map(|import| import.name.to_owned())).collect())
}

/// Calls an engine as the page does; returns what stands for all its answers.
fn call(glue: &Path, engine: &Path, notes: &Path) -> Result<String> {
    let advice =
        "call in xtask/opening.js what the page calls; Node 20 or newer runs it (https://nodejs.org)";
    let mut node = tools::node("xtask/opening.js");
    tools::output(node.arg(glue).arg(engine).arg(notes), advice).map_err(|failure| anyhow!("{failure}"))
}
