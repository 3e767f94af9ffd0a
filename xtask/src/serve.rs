//! `cargo xtask serve`: the page on this computer.

use std::process::Stdio;

use crate::engine;
use crate::failure::Result;
use crate::server::{self, Site};
use crate::tools;

/// The port that is tried first.
const PORT: u16 = 8080;

/// The page from the working copy.
pub fn page() -> Site {
    Site { root: tools::root().to_owned(), prefix: "/", secured: true }
}

/// Builds the engine and serves the page until the program is ended.
pub fn run(port: Option<u16>, open: bool) -> Result<()> {
    engine::build()?;
    let ports = port.map_or(PORT..=PORT + 99, |port| port..=port);
    let url = server::start(page(), ports)?;
    println!("Unrolled is at {url}  (Ctrl+C ends it; a changed file in www shows at the next reload)");
    if open {
        open_in_browser(&url);
    }
    loop {
        std::thread::park();
    }
}

fn open_in_browser(url: &str) {
    let (opener, arguments): (&str, &[&str]) = match std::env::consts::OS {
        "macos" => ("open", &[]),
        "windows" => ("cmd", &["/C", "start"]),
        _ => ("xdg-open", &[]),
    };
    let quiet =
        tools::command(opener).args(arguments).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    if quiet.is_err() {
        eprintln!("no browser was found by `{opener}`: open the address by hand");
    }
}
