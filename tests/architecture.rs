//! The arrows of ARCHITECTURE.md and its invariants, read from the sources.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// From left to right: a module may import those before it.
const ORDER: [&str; 7] = ["experiment", "model", "trace", "analysis", "view", "session", "web"];

fn files(under: &str, extension: &str) -> Vec<(PathBuf, String)> {
    fn walk(folder: &Path, extension: &str, found: &mut Vec<(PathBuf, String)>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() && path.file_name().unwrap() != "pkg" {
                walk(&path, extension, found);
            } else if path.extension().is_some_and(|known| known == extension) {
                let text = fs::read_to_string(&path).unwrap();
                found.push((path, text));
            }
        }
    }
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut found = Vec::new();
    walk(&root.join(under), extension, &mut found);
    assert!(!found.is_empty(), "no .{extension} under {under}");
    found
}

/// The module that a source file belongs to.
fn module(path: &Path) -> String {
    let inside = path.strip_prefix(Path::new(env!("CARGO_MANIFEST_DIR")).join("src")).unwrap();
    inside.components().next().unwrap().as_os_str().to_str().unwrap().trim_end_matches(".rs").to_owned()
}

#[test]
fn imports_point_left() {
    let place = |name: &str| ORDER.iter().position(|known| *known == name);
    let mut seen = 0;
    for (path, text) in files("src", "rs") {
        let Some(own) = place(&module(&path)) else { continue };
        for (number, line) in text.lines().enumerate() {
            for import in line.split("crate::").skip(1) {
                let name: String = import.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
                let Some(other) = place(&name) else { continue };
                seen += 1;
                assert!(other <= own, "{}:{}: {} imports {name}", path.display(), number + 1, ORDER[own]);
            }
        }
    }
    assert!(seen > 50, "only {seen} imports were read");
}

/// `words` stand in no file under `under` (but for `except`).
fn absent(under: &str, extension: &str, words: &[&str], except: &str) {
    for (path, text) in files(under, extension) {
        if !except.is_empty() && path.starts_with(Path::new(env!("CARGO_MANIFEST_DIR")).join(except)) {
            continue;
        }
        for (number, line) in text.lines().enumerate() {
            for word in words {
                assert!(!line.contains(word), "{}:{}: {word}", path.display(), number + 1);
            }
        }
    }
}

#[test]
fn the_model_is_pure_mathematics() {
    absent(
        "src/model",
        "rs",
        &[
            "std::time",
            "std::fs",
            "std::io",
            "std::env",
            "static mut",
            "Cell<",
            "Mutex",
            "Lock",
            "rand_",
            "println",
        ],
        "",
    );
}

#[test]
fn only_web_knows_the_browser() {
    absent("src", "rs", &["wasm_bindgen", "web_sys", "js_sys"], "src/web");
    let tree = Command::new(env!("CARGO"))
        .args(["tree", "--package", "unrolled", "--edges", "normal", "--prefix", "none", "--offline"])
        .args(["--target", "x86_64-unknown-linux-gnu"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    assert!(tree.contains("ndarray"), "cargo tree said nothing");
    assert!(!tree.contains("web-sys") && !tree.contains("wasm-bindgen"), "{tree}");
}

#[test]
fn the_page_computes_nothing_of_the_network() {
    absent("www", "js", &["Math.exp", "Math.tanh", "Math.log", "Math.pow", "Math.sqrt", "innerHTML"], "");
}

#[test]
fn nothing_is_loaded_from_elsewhere() {
    absent("www", "js", &["https://", "fetch(\"http", "//cdn"], "");
    absent("www", "css", &["url(http", "https://", "@import"], "");
}
