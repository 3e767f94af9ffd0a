//! Runs scripts that drive the browser: those of `xtask/browser/`, and Playwright's tests.

use std::process::Command;

use crate::failure::Result;
use crate::tools;

/// Node with a script of this repository, told which browser to start and how.
pub fn script(path: &str) -> Result<Command> {
    tools::npm_packages()?;
    let mut node = tools::node(path);
    node.env("CHROMIUM", tools::chromium()?).env("CHROMIUM_FLAGS", tools::CHROMIUM_FLAGS.join(" "));
    Ok(node)
}
