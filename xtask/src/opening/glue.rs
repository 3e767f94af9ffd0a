//! The JavaScript beside the opening: that of the engine without what the opening lacks.

use std::collections::BTreeSet;

/// `glue` without the methods that call a function that is not among `names`, and without the functions for the engine
/// that are not among them. It is cut where the lines of wasm-bindgen begin and end a member of a class (after four
/// blanks) or of the imports (after eight); what is written otherwise stays.
pub fn without(glue: &str, names: &BTreeSet<String>) -> String {
    let mut out = String::new();
    let mut member = String::new();
    for line in glue.lines() {
        let inside = !member.is_empty();
        if !inside && !begins(line) {
            out.push_str(line);
            out.push('\n');
            continue;
        }
        member.push_str(line);
        member.push('\n');
        let end = if member.starts_with("        ") {
            ["        },", "        }, arguments); },"]
        } else {
            ["    }", "    }"]
        };
        if end.contains(&line) {
            if kept(&member, names) {
                out.push_str(&member);
            }
            member.clear();
        }
    }
    out + &member
}

/// Whether a member of a class or of the imports begins.
fn begins(line: &str) -> bool {
    let text = line.trim_start();
    match line.len() - text.len() {
        4 => text.ends_with(") {") && text.split('(').next().is_some_and(|name| !name.contains(' ')),
        8 => text.starts_with("__wb") && text.contains(": function("),
        _ => false,
    }
}

fn kept(member: &str, names: &BTreeSet<String>) -> bool {
    if member.starts_with("        ") {
        return member.trim_start().split(':').next().is_some_and(|name| names.contains(name));
    }
    // What the glue itself needs of an engine it asks for where it needs it.
    member.split("wasm.").skip(1).all(|call| {
        let name: String = call.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
        name.starts_with("__wbindgen") || names.contains(&name)
    })
}

#[cfg(test)]
mod tests {
    use super::without;

    #[test]
    fn what_the_opening_lacks_is_left_out() {
        let member = |name: &str| {
            format!(
                "    {name}() {{\n        wasm.__wbindgen_x();\n        wasm.session_{name}(1);\n    }}\n"
            )
        };
        let import = |name: &str| {
            format!("        {name}: function(a) {{\n            if (a) {{\n            }}\n        }},\n")
        };
        let glue = |members: &[&str], imports: &[&str]| {
            let members: String = members.iter().map(|name| member(name)).collect();
            let imports: String = imports.iter().map(|name| import(name)).collect();
            format!(
                "class Session {{\n{members}}}\nfunction imports() {{\n    if (x) {{\n    }}\n{imports}}}\n"
            )
        };
        let names = ["session_paint", "__wbg_kept"].map(str::to_owned).into();
        let whole = glue(&["paint", "unfold"], &["__wbg_kept", "__wbg_left"]);
        assert_eq!(without(&whole, &names), glue(&["paint"], &["__wbg_kept"]));
    }
}
