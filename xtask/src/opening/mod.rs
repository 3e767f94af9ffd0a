//! Writes the engine's opening: the part of the engine that runs before the page's first picture.
//!
//! There is one engine. `xtask/opening.js` calls it as the page does, at many sizes, while it notes which of its code
//! runs. The opening is the engine without the code that did not run, and without the constants that the rest of the
//! code cannot reach. What is left out is a trap, and so is seen when it is called all the same; the page then waits
//! for the whole engine. The whole engine draws the picture anew, with a session of its own: whatever the opening
//! said, it said for that long.

mod glue;
mod instrument;
mod leave_out;
mod module;
mod objects;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, anyhow};

use crate::tools;

/// Writes `opening.js` and `opening_bg.wasm` beside the engine in `package`, of which the linker wrote the map `map`.
///
/// # Errors
/// When the engine, its map or the calls are not what they should be.
pub fn write(package: &Path, map: &Path) -> Result<()> {
    let read = |path: &Path| fs::read(path).with_context(|| path.display().to_string());
    let engine = read(&package.join("unrolled_bg.wasm"))?;
    let module = module::Module::parse(&engine)?;
    let map = String::from_utf8(read(map)?)?;
    let objects = objects::Objects::read(&map, &module.data)?;

    let work = tools::target_dir().join("opening");
    fs::create_dir_all(&work)?;
    let [noting, notes, again] = ["noting.wasm", "notes", "again"].map(|name| work.join(name));
    fs::write(&noting, instrument::instrument(&engine)?)?;
    let glue = package.join("unrolled.js");
    let small = package.join("opening_bg.wasm");
    let said = call(&glue, &noting, &notes)?;
    let memory = read(&notes)?;
    fs::write(&small, leave_out::opening(&module, &instrument::Notes::read(&memory)?, &objects)?)?;
    if !call(&glue, &small, &again).is_ok_and(|opening| opening == said) {
        eprintln!(
            "  the opening says another thing than the engine: the page opens with all of the engine instead"
        );
        fs::write(&small, &engine)?;
    }
    let text = String::from_utf8(read(&glue)?)?;
    let text = text.replace("unrolled_bg.wasm", "opening_bg.wasm");
    fs::write(package.join("opening.js"), glue::without(&text, &names(&read(&small)?)?))?;
    fs::copy(package.join("unrolled.d.ts"), package.join("opening.d.ts"))?;
    Ok(())
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
