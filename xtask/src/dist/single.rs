//! The page as one file that needs no server: its script, styles, data and engines stand in it, as text or as `data:`
//! addresses. It may load nothing else, which its security policy says.

use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::failure::{Failure, Result, at};
use crate::server;

use super::{pack, references};

/// Where it stands in the folder that `dist` writes.
pub const NAME: &str = "unrolled.html";

const POLICY: &str = "default-src 'none'; script-src 'unsafe-inline' 'wasm-unsafe-eval'; style-src 'unsafe-inline' data:; \
                      connect-src data:; img-src data: blob:; base-uri 'none'; form-action 'none'; \
                      require-trusted-types-for 'script'";

/// Puts the page of the folder `root`, packed in the folder `packed`, into one file.
pub fn page(root: &Path, packed: &Path) -> Result<Vec<u8>> {
    let script = packed.join("single.js");
    pack::esbuild(
        root,
        &[pack::SCRIPT.to_owned()],
        &["--bundle", &format!("--outfile={}", script.display())],
    )?;
    // A script ends where its end tag first stands, in a string too.
    let script = whole(&script, packed)?.replace("</script", "<\\/script");
    let policy = format!("<head>\n<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">");
    let style = read(&packed.join(pack::STYLE))?;
    let index = read(&packed.join(super::INDEX))?;
    // What they name stands in the script.
    let mut page: String =
        index.split_inclusive('\n').filter(|line| !line.starts_with("<link data-")).collect();
    for (element, content) in [
        ("<head>".to_owned(), policy),
        (format!("<link rel=\"stylesheet\" href=\"{}\">", pack::STYLE), format!("<style>{style}</style>")),
        (
            format!("<script type=\"module\" src=\"{}\"></script>", pack::SCRIPT),
            format!("<script type=\"module\">{script}</script>"),
        ),
    ] {
        let Some(place) = page.find(&element) else {
            return Err(Failure::new(
                format!("{} has no {element}", super::INDEX),
                "write it so, in a line of its own",
            ));
        };
        page.replace_range(place..place + element.len(), &content);
    }
    Ok(page.into_bytes())
}

/// The script with every file that it names in it.
fn whole(script: &Path, packed: &Path) -> Result<String> {
    let mut text = read(script)?;
    let mut named: Vec<_> = references::find("single.js", &text);
    named.sort_by_key(|reference| std::cmp::Reverse(reference.at.start));
    for reference in named {
        let address = &text[reference.at.clone()];
        // The scripts of the engine name what stands beside them.
        let place = ["www", "www/pkg"]
            .map(|folder| packed.join(folder).join(address))
            .into_iter()
            .find(|at| at.is_file());
        let (Some(place), Some(kind)) = (place, server::content_type(address)) else {
            return Err(Failure::new(
                format!("the page's script names `{address}`, which is no file of www"),
                "mend the address, or write it so that it is plainly text",
            ));
        };
        let bytes = fs::read(&place).map_err(at(&place))?;
        text.replace_range(
            reference.at,
            &format!("data:{};base64,{}", kind.replace(' ', ""), BASE64.encode(bytes)),
        );
    }
    Ok(text)
}

fn read(path: &Path) -> Result<String> {
    fs::read_to_string(path).map_err(at(path))
}
