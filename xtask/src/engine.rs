//! Builds the engine: Rust to WebAssembly, and the JavaScript glue beside it.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Failure, Result, at};
use crate::opening;
use crate::tools::{self, WASM};

/// Builds the release engine and its opening into `www/pkg/`.
pub fn build() -> Result<()> {
    let out = tools::root().join("www/pkg");
    let map = tools::target_dir().join(WASM).join("release/unrolled.map");
    // The linker says what it put where: the opening leaves constants out.
    build_with("unrolled", &out, &["--", "-C", &format!("link-arg=-Map={}", map.display())])?;
    tools::step("writing the opening of the engine", || {
        opening::write(&out, &map).map_err(|error| {
            let advice = "remove target/wasm32-unknown-unknown/release and build again";
            Failure::new(format!("the engine's opening: {error:#}"), advice)
        })
    })
}

/// Builds a package of this workspace for the browser, with its JavaScript glue, into `out`.
pub fn build_package(package: &str, out: &Path) -> Result<()> {
    build_with(package, out, &[])
}

fn build_with(package: &str, out: &Path, arguments: &[&str]) -> Result<()> {
    tools::wasm_target()?;
    tools::step(&format!("building {package} for the browser, optimised"), || {
        tools::run(
            tools::cargo()
                .args(["rustc", "--release", "--package", package, "--lib", "--target", WASM])
                .args(arguments),
            "mend what the compiler says above",
        )
    })?;
    let wasm = tools::target_dir().join(WASM).join("release").join(package.replace('-', "_") + ".wasm");
    tools::step(&format!("writing the JavaScript glue to {}", out.display()), || {
        if out.exists() {
            fs::remove_dir_all(out).map_err(at(out))?;
        }
        write_glue(&wasm, out).map_err(|error| {
            Failure::new(
                format!("wasm-bindgen: {error:#}"),
                "wasm-bindgen and wasm-bindgen-cli-support must have the same version in Cargo.lock",
            )
        })
    })
}

fn write_glue(wasm: &Path, out: &Path) -> anyhow::Result<()> {
    Bindgen::new()
        .input_path(wasm)
        .web(true)?
        .omit_default_module_path(false)
        .typescript(true)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(out)
}
