//! Finds the relative addresses in the page's files, so that `dist` can follow and rename them.

use std::ops::Range;

/// A relative address in a file.
#[derive(Debug, PartialEq, Eq)]
pub struct Reference {
    /// Where it stands.
    pub at: Range<usize>,
    /// Whether the browser follows it before it runs anything: all but `import(…)` and links that a script sets free.
    pub eager: bool,
}

/// The references of a file, by the ending of its name.
pub fn find(path: &str, text: &str) -> Vec<Reference> {
    let mut found = match path.rsplit_once('.').map(|(_, ending)| ending) {
        Some("js") => in_script(text),
        Some("css") => in_style(text),
        Some("html") => in_markup(text),
        _ => Vec::new(),
    };
    found.retain(|reference| text.get(reference.at.clone()).is_some_and(is_relative));
    found
}

fn is_relative(address: &str) -> bool {
    let scheme = address.split(['/', '?', '#']).next().is_some_and(|first| first.contains(':'));
    !(address.is_empty() || address.starts_with(['/', '#', '?']) || scheme)
}

/// `from '…'`, `import '…'`, `import('…')` and `new URL('…', …)`, outside comments and text.
fn in_script(text: &str) -> Vec<Reference> {
    let mut found = Vec::new();
    // The last tokens, newest last: enough to recognise what stands before a string.
    let mut before: Vec<&str> = Vec::new();
    // For each `${` that is open: the depth of braces in it.
    let mut templates: Vec<usize> = Vec::new();
    let mut at = 0;
    while let Some(first) = text[at..].chars().next() {
        let rest = &text[at..];
        let end = match first {
            _ if rest.starts_with("//") => at + rest.find('\n').unwrap_or(rest.len()),
            _ if rest.starts_with("/*") => at + rest.find("*/").map_or(rest.len(), |end| end + 2),
            _ if first.is_whitespace() => at + first.len_utf8(),
            '\'' | '"' => {
                let end = at + quoted(rest, first);
                found.extend(introduces(&before).map(|eager| Reference { at: at + 1..end - 1, eager }));
                end
            }
            '`' => {
                let end = at + template(rest, 1, &mut templates);
                // No file has such a name if the template computes it: that is found out when it is looked for.
                found.extend(introduces(&before).map(|eager| Reference { at: at + 1..end - 1, eager }));
                end
            }
            '}' if templates.last() == Some(&0) => {
                templates.pop();
                at + template(rest, 1, &mut templates)
            }
            '/' if starts_pattern(before.last().copied()) => at + pattern(rest),
            _ if is_word(first) => at + rest.find(|c| !is_word(c)).unwrap_or(rest.len()),
            _ => {
                if let Some(depth) = templates.last_mut() {
                    *depth = (*depth + usize::from(first == '{')).saturating_sub(usize::from(first == '}'));
                }
                at + first.len_utf8()
            }
        };
        let token = &text[at..end];
        if !(token.trim().is_empty() || token.starts_with("//") || token.starts_with("/*")) {
            before.push(token);
        }
        at = end;
    }
    found
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_' || c == '$'
}

/// Whether the tokens before a string make it an address, and if so an eager one.
fn introduces(before: &[&str]) -> Option<bool> {
    match before {
        [.., ".", "from" | "import"] | [.., ".", "import", "("] => None,
        [.., "from" | "import"] | [.., "new", "URL", "("] => Some(true),
        [.., "import", "("] => Some(false),
        _ => None,
    }
}

/// Whether a slash after this token opens a regular expression; else it divides.
fn starts_pattern(token: Option<&str>) -> bool {
    const KEYWORDS: [&str; 8] = ["return", "typeof", "case", "in", "of", "delete", "void", "await"];
    token.is_none_or(|token| {
        let value = token.ends_with(|c| is_word(c) || matches!(c, ')' | ']' | '}' | '\'' | '"' | '`' | '/'));
        !value || KEYWORDS.contains(&token)
    })
}

/// The length of a string in quotes.
fn quoted(rest: &str, quote: char) -> usize {
    scan(rest, 1, |c| c == quote)
}

/// The length of a regular expression, without its flags.
fn pattern(rest: &str) -> usize {
    let mut in_class = false;
    scan(rest, 1, |c| {
        in_class = (in_class || c == '[') && c != ']';
        (c == '/' || c == '\n') && !in_class
    })
}

/// The length of a template's text, up to its end or to a `${`, which it opens.
fn template(rest: &str, from: usize, templates: &mut Vec<usize>) -> usize {
    let mut previous = ' ';
    let end = scan(rest, from, |c| {
        let ends = c == '`' || (previous == '$' && c == '{');
        previous = c;
        ends
    });
    if rest[..end].ends_with('{') {
        templates.push(0);
    }
    end
}

/// The index behind the first character that `ends`; a backslash hides the one after it.
fn scan(rest: &str, from: usize, mut ends: impl FnMut(char) -> bool) -> usize {
    let mut escaped = false;
    for (at, c) in rest[from..].char_indices() {
        if !escaped && ends(c) {
            return from + at + c.len_utf8();
        }
        escaped = !escaped && c == '\\';
    }
    rest.len()
}

/// `url(…)` and `@import "…"`, outside comments.
fn in_style(text: &str) -> Vec<Reference> {
    let text = blank(text, "/*", "*/");
    let after = |start: &'static str| between(&text, start, |c| matches!(c, ')' | ';'));
    after("url(").chain(after("@import ")).map(|at| Reference { at, eager: true }).collect()
}

/// `src="…"` and `href="…"`, outside comments. A link without a `rel` waits for one.
fn in_markup(text: &str) -> Vec<Reference> {
    let text = blank(text, "<!--", "-->");
    let after = |start: &'static str| between(&text, start, |c| matches!(c, '>'));
    let waits = |at: &Range<usize>| {
        let tag = text[..at.start].rfind('<').map_or("", |start| &text[start..]);
        let tag = tag.split('>').next().unwrap_or_default();
        tag.starts_with("<link ") && !tag.contains(" rel=")
    };
    after(" src=").chain(after(" href=")).map(|at| Reference { eager: !waits(&at), at }).collect()
}

/// What stands between each `start` and its end, without quotes; in quotes, the quote is the end.
fn between(text: &str, start: &'static str, ends: fn(char) -> bool) -> impl Iterator<Item = Range<usize>> {
    text.match_indices(start).map(move |(at, _)| {
        let from = at + start.len();
        let quote = text[from..].chars().next().filter(|c| matches!(c, '"' | '\''));
        let from = from + usize::from(quote.is_some());
        let length = text[from..].find(|c| quote.map_or_else(|| ends(c), |quote| c == quote));
        from..length.map_or(text.len(), |length| from + length)
    })
}

/// `text` with everything from `open` to `close` overwritten by spaces, byte for byte.
fn blank(text: &str, open: &str, close: &str) -> String {
    let (mut out, mut rest) = (String::new(), text);
    while let Some(start) = rest.find(open) {
        let length = rest[start..].find(close).map_or(rest.len() - start, |end| end + close.len());
        out.push_str(&rest[..start]);
        out.extend(std::iter::repeat_n(' ', length));
        rest = &rest[start + length..];
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::find;

    #[track_caller]
    fn check(path: &str, text: &str, expected: &[&str]) {
        let found: Vec<_> = find(path, text).into_iter().map(|r| &text[r.at]).collect();
        assert_eq!(found, expected, "{text}");
    }

    #[test]
    fn imports_and_module_addresses_are_found() {
        check(
            "a.js",
            "import a from './a.js'; import \"./b.js\"; export * from '../c.js';",
            &["./a.js", "./b.js", "../c.js"],
        );
        check("a.js", "const u = new URL('points.json', import.meta.url);", &["points.json"]);
        check("a.js", "import(`./${name}.js`); import(`./m.js`);", &["./$", "./m.js"]);
        check("a.js", "const m = await import( './m.js' );", &["./m.js"]);
    }

    #[test]
    fn text_and_comments_are_not() {
        check("a.js", "// from './a.js'\n/* import './b.js' */ say('from', './c.js');", &[]);
        check("a.js", "Array.from('./a.js'); x.import('./b.js'); import n from 'https://x.org/n.js';", &[]);
        check(
            "a.js",
            r#"const p = /['"`]/; import './a.js'; const q = 4 / 2; "\"'"; import './b.js';"#,
            &["./a.js", "./b.js"],
        );
        check("a.js", "const s = `import './a.js' ${ { k: `}'` }.k } '`; import './b.js';", &["./b.js"]);
    }

    #[test]
    fn text_that_breaks_off_is_survived() {
        for text in ["import '", "import 'ä", "import `", "/", "x = /[", "/*", "'\\"] {
            check("a.js", text, &[]);
        }
    }

    #[test]
    fn import_calls_and_links_without_a_relation_are_lazy() {
        let eager: Vec<_> =
            find("a.js", "import './a.js'; import('./b.js');").iter().map(|r| r.eager).collect();
        assert_eq!(eager, [true, false]);
        let links = "<link rel=\"preload\" href=\"a\"><link data-link href=\"b\">";
        let eager: Vec<_> = find("a.html", links).iter().map(|r| r.eager).collect();
        assert_eq!(eager, [true, false]);
    }

    #[test]
    fn style_and_markup() {
        check(
            "a.css",
            "@import 'b.css'; /* url(c.svg) */ i { background: url(d.svg) url(\"e.svg\") url(data:x) }",
            &["d.svg", "e.svg", "b.css"],
        );
        check(
            "a.html",
            "<a href='#x'><img src=\"a.png\"><!-- <img src='b.png'> --><a href=https://x.org/>",
            &["a.png"],
        );
    }
}
