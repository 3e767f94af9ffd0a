//! Runs scripts that drive the browser: those of `xtask/browser/`, and Playwright's tests.

use std::process::Command;

use serde::de::DeserializeOwned;

use crate::failure::{Failure, Result};
use crate::tools;

/// Node with a script of this repository, told which browser to start and how.
pub fn script(path: &str) -> Result<Command> {
    tools::npm_packages()?;
    let mut node = tools::node(path);
    node.env("CHROMIUM", tools::chromium()?).env("CHROMIUM_FLAGS", tools::CHROMIUM_FLAGS.join(" "));
    Ok(node)
}

/// What a script measures on the page at `address`.
pub fn figures<T: DeserializeOwned>(path: &str, address: &str, advice: &str) -> Result<T> {
    let printed = tools::output(script(path)?.arg(address), advice)?;
    serde_json::from_str(&printed).map_err(|error| Failure::new(format!("{path}: {error}"), advice))
}
