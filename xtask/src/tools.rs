//! Finds the programs that the commands call, and installs what is missing.

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::failure::{Failure, Result, at};

/// The target that the engine is built for.
pub const WASM: &str = "wasm32-unknown-unknown";

/// How a browser is started everywhere here: headless, silent on the network, and without the sandbox that
/// containers do not allow.
pub const CHROMIUM_FLAGS: [&str; 8] = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
];

/// The repository's top folder.
pub fn root() -> &'static Path {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.parent().unwrap_or(here)
}

/// Where Cargo puts what it builds.
pub fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |dir| root().join(dir))
}

/// Says what is done, does it, and says how long it took.
pub fn step<T>(what: &str, work: impl FnOnce() -> Result<T>) -> Result<T> {
    eprintln!("· {what}");
    let start = Instant::now();
    let result = work();
    let outcome = if result.is_ok() { "done" } else { "failed" };
    eprintln!("  {outcome} in {:.1} s", start.elapsed().as_secs_f64());
    result
}

/// A command that runs in the repository's top folder.
pub fn command(program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    command.current_dir(root());
    command
}

/// The Cargo that runs these commands.
pub fn cargo() -> Command {
    command(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
}

/// Runs a command to its end, its output going straight to the reader.
pub fn run(command: &mut Command, advice: &str) -> Result<()> {
    let name = describe(command);
    let status = command.status().map_err(|error| Failure::new(format!("`{name}`: {error}"), advice))?;
    if status.success() { Ok(()) } else { Err(Failure::new(format!("`{name}` ended with {status}"), advice)) }
}

/// Runs a command to its end and returns what it printed.
pub fn output(command: &mut Command, advice: &str) -> Result<String> {
    let name = describe(command);
    let output = command
        .stderr(Stdio::inherit())
        .output()
        .map_err(|error| Failure::new(format!("`{name}`: {error}"), advice))?;
    if output.status.success() {
        Ok(String::from_utf8_lossy(&output.stdout).into_owned())
    } else {
        Err(Failure::new(format!("`{name}` ended with {}", output.status), advice))
    }
}

fn describe(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = std::iter::once(program).chain(command.get_args());
    words.map(OsStr::to_string_lossy).collect::<Vec<_>>().join(" ")
}

fn succeeds(command: &mut Command) -> bool {
    command.stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok_and(|status| status.success())
}

/// Adds the wasm32 standard library to the compiler in use when it has none.
pub fn wasm_target() -> Result<()> {
    let advice = "install Rust by https://rustup.rs, then try again";
    let rustc = env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let libdir = output(command(rustc).args(["--print", "target-libdir", "--target", WASM]), advice)?;
    let has_std = Path::new(libdir.trim()).read_dir().is_ok_and(|mut entries| {
        entries.any(|entry| entry.is_ok_and(|e| e.file_name().to_string_lossy().starts_with("libstd-")))
    });
    if has_std {
        return Ok(());
    }
    step(&format!("adding the {WASM} target to the compiler"), || {
        run(
            command("rustup").args(["target", "add", WASM]),
            "this compiler cannot build for the browser: install Rust by https://rustup.rs, or add the \
             wasm32-unknown-unknown standard library of your distribution",
        )
    })
}

/// Adds a component of the Rust toolchain, such as `clippy`, when `cargo <subcommand>` does not run.
pub fn rust_component(component: &str, subcommand: &str) -> Result<()> {
    if succeeds(cargo().args([subcommand, "--version"])) {
        return Ok(());
    }
    step(&format!("adding {component} to the compiler"), || {
        run(
            command("rustup").args(["component", "add", component]),
            &format!("install {component} for the compiler in use, by rustup or by your distribution"),
        )
    })
}

/// Installs the npm packages of the lock file, unless they are there already.
pub fn npm_packages() -> Result<()> {
    let advice = "install Node 20 or newer with npm (https://nodejs.org), then try again";
    let version = output(command("node").arg("--version"), advice)?;
    let major = version.trim_start_matches('v').split('.').next().and_then(|major| major.parse().ok());
    if major.is_none_or(|major: u32| major < 20) {
        return Err(Failure::new(format!("Node is {}, which is too old", version.trim()), advice));
    }
    let lock_path = root().join("package-lock.json");
    let lock = std::fs::read(&lock_path).map_err(at(&lock_path))?;
    let installed = root().join("node_modules/.installed-lock.json");
    if std::fs::read(&installed).is_ok_and(|bytes| bytes == lock) {
        return Ok(());
    }
    step("installing the npm packages of package-lock.json", || {
        run(
            command("npm").args(["ci", "--loglevel=error"]).env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
            advice,
        )?;
        std::fs::write(&installed, &lock).map_err(at(&installed))
    })
}

/// A command that runs a script by Node.
pub fn node(script: &str) -> Command {
    let mut node = command("node");
    node.arg(script);
    node
}

/// The browser: `CHROMIUM`, or the first Chromium or Chrome found, or Debian's, installed now.
pub fn chromium() -> Result<PathBuf> {
    let names = ["chromium", "chromium-browser", "google-chrome", "google-chrome-stable"];
    let apps = [
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome",
        "/Applications/Chromium.app/Contents/MacOS/Chromium",
    ];
    find_or_install("CHROMIUM", &names, &apps, "Chromium")
}

/// The browser of the page's tests: Chromium's headless shell, which is Chromium without windows and takes a quarter less
/// time, and Chromium where there is none.
pub fn headless_chromium() -> Result<PathBuf> {
    let chosen = env::var_os("CHROMIUM").is_some();
    let shell = || on_path("chromium-headless-shell").filter(|_| !chosen);
    shell().map_or_else(chromium, Ok)
}

/// The browser's driver: `CHROMEDRIVER`, or the one on the path, or Debian's, installed now.
pub fn chromedriver() -> Result<PathBuf> {
    find_or_install("CHROMEDRIVER", &["chromedriver"], &["/usr/lib/chromium/chromedriver"], "chromedriver")
}

fn find_or_install(variable: &str, names: &[&str], places: &[&str], what: &str) -> Result<PathBuf> {
    if let Some(chosen) = env::var_os(variable).map(PathBuf::from) {
        return if chosen.is_file() {
            Ok(chosen)
        } else {
            Err(Failure::new(
                format!("{variable} is {}, which is not a file", chosen.display()),
                format!("set {variable} to the program itself, or unset it"),
            ))
        };
    }
    let find = || {
        let on_path = names.iter().find_map(|name| on_path(name));
        on_path.or_else(|| places.iter().map(PathBuf::from).find(|place| place.is_file()))
    };
    if let Some(found) = find() {
        return Ok(found);
    }
    let by_hand = format!(
        "install it (Debian: `sudo apt-get install chromium chromium-driver`), or set {variable} to where it is"
    );
    if on_path("apt-get").is_none() || !succeeds(command("apt-get").args(["check"])) {
        return Err(Failure::new(
            format!("{what} was not found, and cannot be installed from here"),
            by_hand,
        ));
    }
    step("installing Chromium and its driver from Debian's packages", || {
        let apt = || {
            let mut apt = command("apt-get");
            apt.env("DEBIAN_FRONTEND", "noninteractive").arg("--quiet");
            apt
        };
        run(apt().arg("update"), &by_hand)?;
        let install = |packages: &[&str]| {
            run(apt().args(["install", "--yes", "--no-install-recommends"]).args(packages), &by_hand)
        };
        install(&["chromium", "chromium-driver"])?;
        // Not every distribution that has the others has it, and Chromium does as well.
        if succeeds(command("apt-cache").args(["show", "chromium-headless-shell"])) {
            install(&["chromium-headless-shell"])?;
        }
        Ok(())
    })?;
    find().ok_or_else(|| Failure::new(format!("{what} was not found after its installation"), by_hand))
}

fn on_path(name: &str) -> Option<PathBuf> {
    let path = env::var_os("PATH")?;
    let candidates =
        env::split_paths(&path).map(|dir| dir.join(name).with_extension(env::consts::EXE_EXTENSION));
    candidates.into_iter().find(|candidate| candidate.is_file())
}
