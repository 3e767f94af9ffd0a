//! The page as it is published: scripts and styles bundled and minified by esbuild. What the page loads when it
//! starts comes in one script and one style sheet, what it imports later in files of its own.

use std::ffi::OsStr;
use std::fs;
use std::path::Path;

use crate::failure::{Failure, Result, at};
use crate::tools;

pub const SCRIPT: &str = "www/main.js";
pub const STYLE: &str = "www/style/page.css";

/// Writes the page of the folder `root` to the folder `out`, packed.
pub fn pack(root: &Path, out: &Path) -> Result<()> {
    tools::npm_packages()?;
    if out.exists() {
        fs::remove_dir_all(out).map_err(at(out))?;
    }
    let folder = |name: &str| format!("--outdir={}", out.join(name).display());
    // The engine's own scripts find the engine beside them.
    esbuild(root, &[SCRIPT.to_owned()], &["--bundle", "--splitting", "--external:./pkg/*", &folder("www")])?;
    esbuild(root, &files(root, "www/pkg", "js")?, &[&folder("www/pkg")])?;
    esbuild(root, &files(root, "www/style", "css")?, &[&folder("www/style")])?;
    copy_others(root, "www", out)?;
    let index = root.join(super::INDEX);
    let page = fs::read_to_string(&index).map_err(at(&index))?;
    let (page, styles) = one_style(&page)?;
    let mut together = String::new();
    for style in styles {
        let place = out.join(style);
        together += &fs::read_to_string(&place).map_err(at(&place))?;
    }
    let (page_style, packed) = (out.join(STYLE), out.join(super::INDEX));
    fs::write(&page_style, together).map_err(at(&page_style))?;
    fs::write(&packed, page).map_err(at(&packed))
}

/// Minifies files of the folder `root`.
pub fn esbuild(root: &Path, inputs: &[String], arguments: &[&str]) -> Result<()> {
    let mut esbuild = tools::command(tools::root().join("node_modules/.bin/esbuild"));
    let common = ["--minify", "--format=esm", "--target=es2023", "--log-level=warning"];
    tools::run(
        esbuild.current_dir(root).args(inputs).args(common).args(arguments),
        "mend the script or the style sheet that is named above",
    )
}

/// Copies what is neither script nor style sheet nor type declaration: the engine and the data.
fn copy_others(root: &Path, folder: &str, out: &Path) -> Result<()> {
    let place = root.join(folder);
    for entry in fs::read_dir(&place).map_err(at(&place))? {
        let path = entry.map_err(at(&place))?.path();
        let name = format!("{folder}/{}", path.file_name().unwrap_or_default().to_string_lossy());
        if path.is_dir() {
            copy_others(root, &name, out)?;
        } else if path.extension().is_none_or(|ending| !["js", "css", "ts"].map(OsStr::new).contains(&ending))
        {
            let (copy, target) = (out.join(&name), out.join(folder));
            fs::create_dir_all(&target).map_err(at(&target))?;
            fs::copy(&path, &copy).map_err(at(&copy))?;
        }
    }
    Ok(())
}

/// Files of a folder by the ending of their names.
fn files(root: &Path, folder: &str, ending: &str) -> Result<Vec<String>> {
    let place = root.join(folder);
    let mut files = Vec::new();
    for entry in fs::read_dir(&place).map_err(at(&place))? {
        let path = entry.map_err(at(&place))?.path();
        if path.extension().is_some_and(|found| found == ending) {
            files.extend(path.file_name().map(|name| format!("{folder}/{}", name.to_string_lossy())));
        }
    }
    files.sort();
    Ok(files)
}

/// The page with one style sheet instead of all it names, which are returned; and without the modules that it names
/// only for the browser to load early, since they are now in one file.
fn one_style(page: &str) -> Result<(String, Vec<&str>)> {
    let mut styles = Vec::new();
    let mut out = String::new();
    for line in page.lines() {
        if let Some(style) = line.strip_prefix("<link rel=\"stylesheet\" href=\"") {
            if styles.is_empty() {
                out = out + "<link rel=\"stylesheet\" href=\"" + STYLE + "\">\n";
            }
            styles.extend(style.strip_suffix("\">"));
        } else if !line.starts_with("<link rel=\"modulepreload\"") {
            out = out + line.trim_start() + "\n";
        }
    }
    if styles.is_empty() {
        let advice = "write <link rel=\"stylesheet\" href=\"…\"> in lines of their own";
        return Err(Failure::new(format!("{} names no style sheet", super::INDEX), advice));
    }
    Ok((out, styles))
}

#[cfg(test)]
mod tests {
    use super::{STYLE, one_style};

    #[test]
    fn all_style_sheets_become_one() -> Result<(), crate::failure::Failure> {
        let link = |name: &str| format!("<link rel=\"stylesheet\" href=\"{name}\">\n");
        let page = |styles: &[&str]| {
            format!("<head>\n{}</head>\n", styles.iter().map(|s| link(s)).collect::<String>())
        };
        let whole = page(&["a.css", "b.css"]);
        assert_eq!(one_style(&whole)?, (page(&[STYLE]), vec!["a.css", "b.css"]));
        assert!(one_style("<head></head>").is_err());
        Ok(())
    }
}
