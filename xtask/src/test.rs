//! `cargo xtask test`: every check, one stage after the other.

use std::fmt::Write as _;
use std::fs;
use std::process::ExitCode;
use std::time::Instant;

use serde_json::json;

use crate::failure::{Failure, Result, at};
use crate::server::{self, Site};
use crate::tools::{self, WASM};
use crate::{browser, dist, engine, serve};

/// One kind of check.
struct Stage {
    name: &'static str,
    about: &'static str,
    /// Stages that must have passed before.
    needs: &'static [&'static str],
    run: fn() -> Result<()>,
}

const fn stage(name: &'static str, about: &'static str, run: fn() -> Result<()>) -> Stage {
    Stage { name, about, needs: &[], run }
}

const STAGES: [Stage; 8] = [
    stage("format", "the Rust sources are formatted", format),
    stage("lint", "clippy has nothing to say, natively and for the browser", lint),
    stage("docs", "the documentation builds without a warning", docs),
    stage("native", "the tests of the engine and of these commands", native),
    stage("wasm", "the engine's tests in a real browser", wasm),
    stage("engine", "the release engine builds", engine::build),
    Stage {
        needs: &["engine"],
        ..stage("types", "TypeScript finds no wrong type in the page's scripts", types)
    },
    Stage { needs: &["engine"], ..stage("e2e", "the page, served and as dist, in a real browser", e2e) },
];

/// The stages, for the help text.
pub fn stages() -> String {
    STAGES.iter().fold(String::new(), |mut text, stage| {
        let _ = writeln!(text, "      {:<8}{}", stage.name, stage.about);
        text
    })
}

/// How a stage ended.
enum Outcome {
    Passed,
    Failed(Failure),
    Skipped(&'static str),
}

/// Runs the stages named in `only`, or all, and sums up.
pub fn run(only: &[String]) -> Result<ExitCode> {
    if let Some(unknown) = only.iter().find(|name| !STAGES.iter().any(|stage| stage.name == **name)) {
        return Err(Failure::new(
            format!("there is no stage `{unknown}`"),
            format!("choose from {}", STAGES.map(|stage| stage.name).join(", ")),
        ));
    }
    let chosen = |name: &str| only.is_empty() || only.iter().any(|chosen| chosen == name);
    let needed = |name: &str| STAGES.iter().any(|s| chosen(s.name) && s.needs.contains(&name));
    let mut ended: Vec<(&str, Outcome, f64)> = Vec::new();
    for stage in STAGES.iter().filter(|stage| chosen(stage.name) || needed(stage.name)) {
        eprintln!("\n── {}: {}", stage.name, stage.about);
        let start = Instant::now();
        let failed =
            |name: &&&str| ended.iter().any(|(n, o, _)| *n == **name && !matches!(o, Outcome::Passed));
        let outcome = match stage.needs.iter().find(failed) {
            Some(need) => Outcome::Skipped(need),
            None => (stage.run)().map_or_else(Outcome::Failed, |()| Outcome::Passed),
        };
        if let Outcome::Failed(failure) = &outcome {
            eprintln!("error: {failure}");
        }
        ended.push((stage.name, outcome, start.elapsed().as_secs_f64()));
    }
    Ok(sum_up(&ended))
}

fn sum_up(ended: &[(&str, Outcome, f64)]) -> ExitCode {
    println!("\nstage     outcome    seconds");
    let (mut passed, mut failed) = (0, 0);
    for (name, outcome, seconds) in ended {
        let word = match outcome {
            Outcome::Passed => "ok",
            Outcome::Failed(_) => "FAILED",
            Outcome::Skipped(_) => "skipped",
        };
        let why = match outcome {
            Outcome::Passed => String::new(),
            Outcome::Failed(failure) => format!("   {}", failure.what()),
            Outcome::Skipped(need) => format!("   needs {need}"),
        };
        println!("{name:<10}{word:<9}{seconds:>9.1}{why}");
        passed += usize::from(matches!(outcome, Outcome::Passed));
        failed += usize::from(matches!(outcome, Outcome::Failed(_)));
    }
    println!("\n{passed} passed, {failed} failed");
    if failed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

fn format() -> Result<()> {
    tools::rust_component("rustfmt", "fmt")?;
    tools::run(tools::cargo().args(["fmt", "--all", "--check"]), "run `cargo fmt --all`")
}

fn lint() -> Result<()> {
    tools::rust_component("clippy", "clippy")?;
    tools::wasm_target()?;
    let advice = "mend what clippy says above, or allow it with its reason";
    let deny = ["--", "-D", "warnings"];
    tools::run(tools::cargo().args(["clippy", "--workspace", "--all-targets"]).args(deny), advice)?;
    let browser = ["clippy", "--package", "unrolled", "--lib", "--test", "web", "--target", WASM];
    tools::run(tools::cargo().args(browser).args(deny), advice)
}

fn docs() -> Result<()> {
    tools::wasm_target()?;
    let doc = |arguments: &[&str]| {
        tools::run(
            tools::cargo().args(["doc", "--no-deps"]).args(arguments).env("RUSTDOCFLAGS", "-D warnings"),
            "mend the documentation named above",
        )
    };
    doc(&["--workspace"])?;
    doc(&["--package", "unrolled", "--lib", "--target", WASM])
}

// One package at a time: together they would share features, and the heavy crates of this program be built twice.
fn native() -> Result<()> {
    let test = |package| {
        tools::run(
            tools::cargo().args(["test", "--no-fail-fast", "--package", package]),
            "read the first failing test above",
        )
    };
    test("unrolled")?;
    test("unrolled-kernels")?;
    test("xtask")
}

fn wasm() -> Result<()> {
    tools::wasm_target()?;
    let (chromium, driver) = (tools::chromium()?, tools::chromedriver()?);
    let settings = tools::target_dir().join("webdriver.json");
    let options = json!({"args": tools::CHROMIUM_FLAGS, "binary": chromium});
    fs::write(&settings, json!({"goog:chromeOptions": options}).to_string()).map_err(at(&settings))?;
    tools::run(
        tools::cargo()
            .args(["test", "--package", "unrolled", "--target", WASM, "--test", "web"])
            .env("CHROMEDRIVER", driver)
            // Seconds; a machine that is busy takes longer than the 20 that are the rule.
            .env("WASM_BINDGEN_TEST_TIMEOUT", "180")
            .env("WASM_BINDGEN_TEST_WEBDRIVER_JSON", settings),
        "read the first failing test above; Chromium and chromedriver must be of one version",
    )
}

fn types() -> Result<()> {
    tools::npm_packages()?;
    // The page knows the browser alone; its tests know Node as well.
    let check = |project| {
        tools::run(
            tools::node("node_modules/typescript/bin/tsc").args(["--project", project]),
            "mend the types named above; www/pkg/unrolled.d.ts says what the engine offers",
        )
    };
    check(".")?;
    check("tests/e2e")
}

fn e2e() -> Result<()> {
    let dist = tools::target_dir().join("dist");
    let files = tools::step("writing the page as dist", || dist::write(&dist))?;
    eprintln!("· {}", dist::opening_weight(&files)?);
    let page = server::start(serve::page(), [0])?;
    let below = server::start(Site { root: dist, prefix: "/a/sub/path/", secured: false }, [0])?;
    tools::run(
        browser::script("node_modules/@playwright/test/cli.js")?
            .arg("test")
            .env("CHROMIUM_HEADLESS", tools::headless_chromium()?)
            .env("UNROLLED_URL", page)
            .env("UNROLLED_DIST_URL", below),
        "read the first failing test above; test-results/ holds the traces",
    )
}
