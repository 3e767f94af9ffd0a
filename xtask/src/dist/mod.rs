//! `cargo xtask dist`: the page as static files that any web server can serve from any path.
//!
//! Starting at `index.html` of the packed page, every relative address is followed; each file found is written under its own name plus
//! a hash of what it and everything behind it holds. A browser may thus keep each file for ever, modules may import
//! each other in circles, and no address is absolute. Beside them stands the whole page in one file.

mod pack;
mod references;
mod single;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use crate::compress::{Effort, Encoding};
use crate::engine;
use crate::failure::{Failure, Result, at};
use crate::server;
use crate::tools;

use references::Reference;

/// The page itself.
const INDEX: &str = "index.html";

/// Everything that the page loads before its first picture, in bytes of Brotli.
const BUDGET: usize = 120_000;

/// Builds the engine, writes the page to `out` and lists the files.
pub fn run(out: &Path) -> Result<()> {
    engine::build()?;
    let files = tools::step(&format!("writing the page to {}", out.display()), || write(out))?;
    print!("{}", table(&weights(&files)?));
    println!("{}", opening_weight(&files)?);
    for path in left_out()? {
        println!("left out, since no address leads to it: {path}");
    }
    Ok(())
}

/// Files in `www/` that nothing refers to; type declarations are for the compiler alone.
fn left_out() -> Result<Vec<String>> {
    let sources = Sources::read(tools::root())?;
    let mut folders = vec!["www".to_owned()];
    let mut left_out = Vec::new();
    while let Some(folder) = folders.pop() {
        let place = tools::root().join(&folder);
        for entry in fs::read_dir(&place).map_err(at(&place))? {
            let entry = entry.map_err(at(&place))?;
            let path = format!("{folder}/{}", entry.file_name().to_string_lossy());
            if entry.path().is_dir() {
                folders.push(path);
            } else if !(path.ends_with(".d.ts") || sources.0.contains_key(&path)) {
                left_out.push(path);
            }
        }
    }
    Ok(left_out)
}

/// A file of the page as it was written.
pub struct Written {
    /// Its path below the page's address.
    name: String,
    /// Whether the browser fetches it before the first picture.
    early: bool,
    bytes: Vec<u8>,
}

/// What a file weighs.
pub struct Weight<'a> {
    /// The file's path below the page's address.
    name: &'a str,
    /// Bytes as it is, in gzip and in Brotli.
    sizes: [usize; 3],
}

/// Weighs what the page loads before its first picture, which may not be more than its budget.
pub fn opening_weight(files: &[Written]) -> Result<String> {
    let early = || files.iter().filter(|file| file.early);
    let weights = early().map(|file| weigh(file, Encoding::Brotli)).collect::<Result<Vec<_>>>()?;
    let sum: usize = weights.iter().sum();
    let said = format!("{} files before the first picture: {sum} B of Brotli, of {BUDGET} B", weights.len());
    if sum <= BUDGET {
        return Ok(said);
    }
    let row = |(file, weight): (&Written, usize)| format!("  {weight:>7}  {}", file.name);
    let list: Vec<String> = std::iter::once(said).chain(early().zip(weights).map(row)).collect();
    Err(Failure::new(list.join("\n"), "load later what the first picture does without, or make it shorter"))
}

fn weigh(file: &Written, encoding: Encoding) -> Result<usize> {
    let all = encoding.encode(&file.bytes, Effort::Best).map_err(at(Path::new(&file.name)))?;
    Ok(all.len())
}

/// Weighs files the way that a server of static files compresses them.
pub fn weights(files: &[Written]) -> Result<Vec<Weight<'_>>> {
    let weight = |file| {
        let sizes =
            [weigh(file, Encoding::Identity)?, weigh(file, Encoding::Gzip)?, weigh(file, Encoding::Brotli)?];
        Ok(Weight { name: &file.name, sizes })
    };
    tools::step("weighing the files", || files.iter().map(weight).collect())
}

/// Writes the page to `out`, replacing what an earlier call wrote there.
pub fn write(out: &Path) -> Result<Vec<Written>> {
    let packed = tools::target_dir().join("packed");
    pack::pack(tools::root(), &packed)?;
    let sources = Sources::read(&packed)?;
    clear(out)?;
    let save = |name: &str, bytes: &[u8]| {
        let path = out.join(name);
        let folder = path.parent().unwrap_or(out);
        fs::create_dir_all(folder).map_err(at(folder))?;
        fs::write(&path, bytes).map_err(at(&path))
    };
    // GitHub Pages would leave out what it takes for drafts.
    save(".nojekyll", b"")?;
    let (mut written, eager) = (Vec::new(), sources.eager());
    for (path, source) in &sources.0 {
        let (name, bytes) = (sources.name(path), sources.renamed(path, source)?);
        save(&name, &bytes)?;
        written.push(Written { name, early: eager.contains(path), bytes });
    }
    save(single::NAME, &single::page(tools::root(), &packed)?)?;
    Ok(written)
}

/// Empties `out`, unless it holds something else than an earlier page.
fn clear(out: &Path) -> Result<()> {
    if !out.exists() {
        return Ok(());
    }
    let empty = out.read_dir().map_err(at(out))?.next().is_none();
    if !(empty || out.join(".nojekyll").is_file()) {
        return Err(Failure::new(
            format!("{} holds something else than the page", out.display()),
            "name an empty folder by --out, or remove this one",
        ));
    }
    fs::remove_dir_all(out).map_err(at(out))
}

/// Names and sizes, in kB, with a sum.
pub fn table(files: &[Weight]) -> String {
    let row = |name: &str, sizes: [usize; 3]| {
        let kilobytes = sizes.map(|bytes| format!("{:>8}.{}", bytes / 1000, bytes % 1000 / 100));
        format!("{name:<44}{}\n", kilobytes.concat())
    };
    let sum = files.iter().fold([0, 0, 0], |sum, file| [0, 1, 2].map(|i| sum[i] + file.sizes[i]));
    let head = format!("{:<44}{:>10}{:>10}{:>10}\n", "kB", "raw", "gzip", "brotli");
    let rows: String = files.iter().map(|file| row(file.name, file.sizes)).collect();
    head + &rows + &row(&format!("{} files", files.len()), sum)
}

/// The page's files by their path below the repository, each with what it refers to.
struct Sources(BTreeMap<String, Source>);

struct Source {
    bytes: Vec<u8>,
    references: Vec<(Reference, String)>,
}

impl Sources {
    /// Reads `index.html` and all that it leads to.
    fn read(root: &Path) -> Result<Self> {
        let mut sources = BTreeMap::new();
        let mut open = vec![INDEX.to_owned()];
        while let Some(path) = open.pop() {
            if sources.contains_key(&path) {
                continue;
            }
            let place = root.join(&path);
            let bytes = fs::read(&place).map_err(at(&place))?;
            let mut references = Vec::new();
            let text = String::from_utf8_lossy(&bytes);
            for reference in references::find(&path, &text) {
                let address = &text[reference.at.clone()];
                let target = resolve(&path, address)
                    .filter(|target| root.join(target).is_file())
                    .ok_or_else(|| {
                        Failure::new(
                            format!("{path} refers to `{address}`, which is not a file of the page"),
                            "mend the address, or write it so that it is plainly text",
                        )
                    })?;
                open.push(target.clone());
                references.push((reference, target));
            }
            sources.insert(path, Source { bytes, references });
        }
        Ok(Self(sources))
    }

    /// All that can be reached from `path` by references that `follow` accepts, itself included.
    fn reach(&self, path: &str, follow: impl Fn(&Reference) -> bool) -> BTreeSet<String> {
        let (mut reached, mut open) = (BTreeSet::new(), vec![path.to_owned()]);
        while let Some(path) = open.pop() {
            let references = self.0.get(&path).map_or(&[][..], |source| &source.references);
            open.extend(
                references.iter().filter(|(r, t)| follow(r) && !reached.contains(t)).map(|(_, t)| t.clone()),
            );
            reached.insert(path);
        }
        reached
    }

    /// The files that the browser fetches before the page runs.
    fn eager(&self) -> BTreeSet<String> {
        self.reach(INDEX, |reference| reference.eager)
    }

    /// The name under which a file is written: its own and a hash of all that it leads to.
    fn name(&self, path: &str) -> String {
        if path == INDEX {
            return path.to_owned();
        }
        let mut all = Vec::new();
        for path in std::iter::once(path.to_owned()).chain(self.reach(path, |_| true)) {
            all.extend_from_slice(path.as_bytes());
            all.extend_from_slice(self.0.get(&path).map_or(&[], |source| &source.bytes));
        }
        let hash = server::hash_of(&all) & 0xffff_ffff;
        match path.rsplit_once('.') {
            Some((stem, ending)) => format!("{stem}.{hash:08x}.{ending}"),
            None => format!("{path}.{hash:08x}"),
        }
    }

    /// A file's bytes with every address renamed; `index.html` also gets the security policy.
    fn renamed(&self, path: &str, source: &Source) -> Result<Vec<u8>> {
        let mut bytes = source.bytes.clone();
        let mut references: Vec<_> = source.references.iter().collect();
        references.sort_by_key(|(reference, _)| std::cmp::Reverse(reference.at.start));
        for (reference, target) in references {
            let name = self.name(target);
            let file = name.rsplit('/').next().unwrap_or_default();
            let address = String::from_utf8_lossy(&bytes[reference.at.clone()]).into_owned();
            let folder = address.rfind('/').map_or("", |slash| &address[..=slash]);
            bytes.splice(reference.at.clone(), format!("{folder}{file}").into_bytes());
        }
        if path != INDEX {
            return Ok(bytes);
        }
        let page = String::from_utf8_lossy(&bytes);
        let Some((head, rest)) = page.split_once("<head>") else {
            return Err(Failure::new(
                format!("{INDEX} has no <head>"),
                "write one, so that the security policy has its place",
            ));
        };
        let policy = server::POLICY;
        let meta = format!(
            "<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n<link rel=\"alternate\" href=\"{}\">",
            single::NAME
        );
        Ok(format!("{head}<head>\n{meta}\n{}{rest}", self.preloads()).into())
    }

    /// Has the browser fetch at once the scripts that it would find out about one by one.
    fn preloads(&self) -> String {
        let eager = self.eager();
        let scripts =
            eager.iter().filter(|path| Path::new(path).extension().is_some_and(|ending| ending == "js"));
        let link =
            |path: &String| ["<link rel=\"modulepreload\" href=\"", &self.name(path), "\">\n"].concat();
        scripts.map(link).collect()
    }
}

/// The file that `address` in the file `from` means.
fn resolve(from: &str, address: &str) -> Option<String> {
    let mut segments: Vec<&str> = from.split('/').collect();
    segments.pop();
    for segment in address.split('/') {
        match segment {
            "." => {}
            ".." => {
                segments.pop()?;
            }
            name => segments.push(name),
        }
    }
    Some(segments.join("/"))
}

#[cfg(test)]
mod tests {
    use super::{Sources, resolve};
    use crate::tools;

    #[test]
    fn addresses_are_relative_to_their_file() {
        let check =
            |from, address, expected: Option<&str>| assert_eq!(resolve(from, address).as_deref(), expected);
        check("index.html", "www/main.js", Some("www/main.js"));
        check("www/main.js", "./pkg/unrolled.js", Some("www/pkg/unrolled.js"));
        check("www/pkg/unrolled.js", "../main.js", Some("www/main.js"));
        check("index.html", "../outside.js", None);
    }

    #[test]
    fn a_circle_of_modules_is_renamed_as_one() -> Result<(), crate::failure::Failure> {
        let sources = Sources::read(&tools::root().join("xtask/tests/site"))?;
        let names: Vec<&str> = sources.0.keys().map(String::as_str).collect();
        let modules = ["lazy", "left", "main", "right"].map(|name| format!("www/{name}.js"));
        assert_eq!(names[0], "index.html");
        assert!(modules.iter().all(|module| names.contains(&module.as_str())), "{names:?}");
        let left = sources.renamed("www/left.js", &sources.0["www/left.js"])?;
        let right = sources.name("www/right.js").replace("www/", "./");
        assert!(String::from_utf8_lossy(&left).contains(&right));
        assert!(sources.eager().contains("www/data/points.json") && !sources.eager().contains("www/lazy.js"));
        Ok(())
    }

    #[test]
    fn a_name_changes_with_what_is_behind_it() -> Result<(), crate::failure::Failure> {
        let mut sources = Sources::read(&tools::root().join("xtask/tests/site"))?;
        let before = ["www/main.js", "www/lazy.js"].map(|path| sources.name(path));
        if let Some(source) = sources.0.get_mut("www/right.js") {
            source.bytes.push(b'\n');
        }
        assert_ne!(sources.name("www/main.js"), before[0]);
        assert_eq!(sources.name("www/lazy.js"), before[1]);
        Ok(())
    }
}
