//! Builds the engine: Rust to WebAssembly, and the JavaScript glue beside it.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::failure::{Failure, Result, at};
use crate::tools::{self, WASM};

/// Builds the release engine into `www/pkg/`.
pub fn build() -> Result<()> {
    tools::wasm_target()?;
    tools::step("building the release engine", || {
        tools::run(
            tools::cargo().args(["build", "--release", "--package", "unrolled", "--lib", "--target", WASM]),
            "mend what the compiler says above",
        )
    })?;
    let wasm = tools::target_dir().join(WASM).join("release/unrolled.wasm");
    let pkg = tools::root().join("www/pkg");
    tools::step("writing the JavaScript glue to www/pkg", || {
        if pkg.exists() {
            fs::remove_dir_all(&pkg).map_err(at(&pkg))?;
        }
        write_glue(&wasm, &pkg).map_err(|error| {
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
