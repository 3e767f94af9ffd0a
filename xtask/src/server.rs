//! Serves the page: `index.html` and `www/`, and nothing else.

use std::collections::HashMap;
use std::fs;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use crate::compress::{Effort, Encoding};
use crate::failure::{Failure, Result};
use crate::http::{self, Answer, Request};

macro_rules! policy {
    () => {
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval' \
         'sha256-+fVfPLIMwZ7ya2xW8hwWkVcMiUToLV8kOlooVn8C4nQ='; style-src 'self'; connect-src 'self'; \
         img-src 'self' data: blob:; base-uri 'none'; form-action 'none'; require-trusted-types-for 'script'"
    };
}

/// What the page may do, in the words that a `<meta>` element can carry too: use its own files, and no others.
pub const POLICY: &str = policy!();

/// What is served, and how.
pub struct Site {
    /// The folder that holds `index.html` and `www/`.
    pub root: PathBuf,
    /// The path of the page, such as `/` or `/a/sub/path/`.
    pub prefix: &'static str,
    /// Whether the security headers are sent; GitHub Pages sends none.
    pub secured: bool,
}

/// Serves `site` on this computer from the first free of the `ports`, until the program ends; returns the address
/// of the page. Port 0 stands for any free port.
pub fn start(site: Site, ports: impl IntoIterator<Item = u16>) -> Result<String> {
    let mut refusal = "no port was given".to_owned();
    for port in ports {
        match TcpListener::bind(("127.0.0.1", port))
            .and_then(|listener| Ok((listener.local_addr()?, listener)))
        {
            Ok((address, listener)) => {
                let url = format!("http://{address}{}", site.prefix);
                let cache = Cache::default();
                http::serve(listener, move |request| answer(request, &site, &cache));
                return Ok(url);
            }
            Err(error) => refusal = format!("port {port}: {error}"),
        }
    }
    Err(Failure::new(
        format!("the server cannot listen: {refusal}"),
        "name another port by --port, or end the program that holds this one",
    ))
}

/// Compressed files.
#[derive(Default)]
struct Cache(Mutex<HashMap<(PathBuf, Encoding), Cached>>);

struct Cached {
    /// The hash of the plain bytes that `body` stands for.
    hash: u64,
    body: Arc<[u8]>,
}

impl Cache {
    fn encoded(
        &self,
        path: &Path,
        hash: u64,
        bytes: Vec<u8>,
        encoding: Encoding,
    ) -> std::io::Result<Arc<[u8]>> {
        if encoding == Encoding::Identity {
            return Ok(bytes.into());
        }
        let key = (path.to_owned(), encoding);
        let files = || self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(cached) = files().get(&key).filter(|cached| cached.hash == hash) {
            return Ok(Arc::clone(&cached.body));
        }
        let body: Arc<[u8]> = encoding.encode(&bytes, Effort::Quick)?.into();
        files().insert(key, Cached { hash, body: Arc::clone(&body) });
        Ok(body)
    }
}

fn plain(status: u16, text: &str) -> Answer {
    let headers = vec![("Content-Type", "text/plain; charset=utf-8".into())];
    Answer { status, headers, body: text.as_bytes().into() }
}

fn answer(request: &Request, site: &Site, cache: &Cache) -> Answer {
    let mut answer = match request.method.as_str() {
        "GET" | "HEAD" => file_answer(request, site, cache),
        _ => plain(405, "Only GET and HEAD are answered here.\n"),
    };
    answer.headers.extend(site.headers().into_iter().map(|(name, value)| (name, value.to_owned())));
    answer
}

fn file_answer(request: &Request, site: &Site, cache: &Cache) -> Answer {
    let path = request.target.split(['?', '#']).next().unwrap_or_default();
    let Some((path, kind)) = site.file(path) else {
        return plain(404, "There is nothing here.\n");
    };
    let Ok(bytes) = fs::read(&path) else {
        return plain(500, "This file cannot be read.\n");
    };
    let encoding = Encoding::accepted(request.header("Accept-Encoding"));
    let hash = hash_of(&bytes);
    let tag = format!("\"{hash:016x}-{}\"", encoding.token().unwrap_or("plain"));
    let mut headers = vec![("Vary", "Accept-Encoding".to_owned()), ("ETag", tag.clone())];
    if request.header("If-None-Match") == tag {
        return Answer { status: 304, headers, body: Arc::default() };
    }
    let Ok(body) = cache.encoded(&path, hash, bytes, encoding) else {
        return plain(500, "This file cannot be compressed.\n");
    };
    headers.push(("Content-Type", kind.into()));
    headers.extend(encoding.token().map(|token| ("Content-Encoding", token.into())));
    Answer { status: 200, headers, body }
}

impl Site {
    /// The file that a request path names, and its type; none for anything but the page's own files.
    fn file(&self, path: &str) -> Option<(PathBuf, &'static str)> {
        let inner = path.strip_prefix(self.prefix)?;
        let inner = if inner.is_empty() { "index.html" } else { inner };
        let plain = |segment: &str| {
            !(segment.is_empty() || segment.starts_with('.'))
                && segment.bytes().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-' | b'_'))
        };
        if !(["index.html", "unrolled.html"].contains(&inner) || inner.starts_with("www/"))
            || !inner.split('/').all(plain)
        {
            return None;
        }
        let kind = content_type(inner)?;
        // A link must not lead out of the folder.
        let (root, file) = (self.root.canonicalize().ok()?, self.root.join(inner).canonicalize().ok()?);
        (file.starts_with(root) && file.is_file()).then_some((file, kind))
    }

    fn headers(&self) -> Vec<(&'static str, &'static str)> {
        let mut headers = vec![("Cache-Control", "no-cache"), ("X-Content-Type-Options", "nosniff")];
        if self.secured {
            headers.extend([
                ("Content-Security-Policy", concat!(policy!(), "; frame-ancestors 'none'")),
                ("Cross-Origin-Opener-Policy", "same-origin"),
                ("Cross-Origin-Embedder-Policy", "require-corp"),
                ("Cross-Origin-Resource-Policy", "same-origin"),
                ("Referrer-Policy", "no-referrer"),
            ]);
        }
        headers
    }
}

pub fn content_type(path: &str) -> Option<&'static str> {
    Some(match path.rsplit_once('.')?.1 {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "wasm" => "application/wasm",
        "json" | "map" => "application/json",
        "csv" => "text/csv; charset=utf-8",
        "txt" | "ts" => "text/plain; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "ico" => "image/x-icon",
        _ => return None,
    })
}

/// A hash of a file's bytes, the same in every run of one build of this program.
pub fn hash_of(bytes: &[u8]) -> u64 {
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::{POLICY, Site};
    use crate::tools;

    fn site(prefix: &'static str) -> Site {
        Site { root: tools::root().join("xtask/tests/site"), prefix, secured: true }
    }

    #[test]
    fn only_the_pages_own_files_are_served() {
        let check = |path: &str, kind: Option<&str>| {
            assert_eq!(site("/").file(path).map(|(_, kind)| kind), kind, "{path}");
        };
        check("/", Some("text/html; charset=utf-8"));
        check("/index.html", Some("text/html; charset=utf-8"));
        check("/www/main.js", Some("text/javascript; charset=utf-8"));
        check("/www/data/points.json", Some("application/json"));
        for path in [
            "",
            "/www",
            "/www/",
            "/www/missing.js",
            "/www//main.js",
            "/www/../index.html",
            "/www/%2e%2e/index.html",
            "/www/..%2f..%2fCargo.toml",
            "/../Cargo.toml",
            "/secret.txt",
            "/.git/config",
            "/www/.hidden.js",
        ] {
            check(path, None);
        }
    }

    #[test]
    fn a_sub_path_is_the_whole_address() {
        let served = |path: &str| site("/a/b/").file(path).is_some();
        assert!(served("/a/b/") && served("/a/b/www/main.js"));
        assert!(!served("/") && !served("/www/main.js"));
    }

    #[test]
    fn the_policy_is_sent() {
        let headers = site("/").headers();
        let sent =
            headers.iter().find(|(name, _)| *name == "Content-Security-Policy").map(|(_, value)| *value);
        assert_eq!(sent, Some(format!("{POLICY}; frame-ancestors 'none'").as_str()));
    }
}
