//! The project's own commands: `cargo xtask help` lists them.

mod bench;
mod browser;
mod compress;
mod dist;
mod engine;
mod failure;
mod http;
mod opening;
mod screenshot;
mod serve;
mod server;
mod test;
mod tools;

use std::process::ExitCode;

use lexopt::{Parser, prelude::*};

use failure::{Failure, Result};

const HELP: &str = "\
The project's own commands.

cargo xtask serve [--port N] [--open]
    Builds the engine and serves the page on http://127.0.0.1:8080, or on the next free port.

cargo xtask test [--only STAGE]...
    Checks everything, or the named stages. What a stage needs is installed first.
STAGES
cargo xtask dist [--out DIR]
    Writes dist/: static files that any web server serves from any path, and the page in one file.

cargo xtask bench [native | browser | weight | page]...
    Measures everything, or the named parts.

cargo xtask screenshot [--hash '#...'] [--out FILE]
    Writes docs/screenshot.png.

Programs are found on the path; CHROMIUM and CHROMEDRIVER name others.
";

impl From<lexopt::Error> for Failure {
    fn from(error: lexopt::Error) -> Self {
        Self::new(error.to_string(), "see `cargo xtask help`")
    }
}

fn main() -> ExitCode {
    match command() {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("error: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn command() -> Result<ExitCode> {
    let mut parser = Parser::from_env();
    match parser.next()? {
        Some(Value(name)) if name == "serve" => serve(parser),
        Some(Value(name)) if name == "test" => test(parser),
        Some(Value(name)) if name == "dist" => dist(parser),
        Some(Value(name)) if name == "bench" => bench(parser),
        Some(Value(name)) if name == "screenshot" => screenshot(parser),
        Some(Value(name)) if name != "help" => Err(Value(name).unexpected().into()),
        None | Some(Value(_) | Long("help") | Short('h')) => {
            print!("{}", HELP.replace("STAGES", &test::stages()));
            Ok(ExitCode::SUCCESS)
        }
        Some(other) => Err(other.unexpected().into()),
    }
}

fn serve(mut parser: Parser) -> Result<ExitCode> {
    let (mut port, mut open) = (None, false);
    while let Some(argument) = parser.next()? {
        match argument {
            Long("port") => port = Some(parser.value().and_then(|value| value.parse())?),
            Long("open") => open = true,
            other => return Err(other.unexpected().into()),
        }
    }
    serve::run(port, open)?;
    Ok(ExitCode::SUCCESS)
}

fn test(mut parser: Parser) -> Result<ExitCode> {
    let mut only = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Long("only") => only.push(parser.value().and_then(ValueExt::string)?),
            other => return Err(other.unexpected().into()),
        }
    }
    test::run(&only)
}

fn dist(mut parser: Parser) -> Result<ExitCode> {
    let mut out = tools::root().join("dist");
    while let Some(argument) = parser.next()? {
        match argument {
            Long("out") => out = parser.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    dist::run(&out)?;
    Ok(ExitCode::SUCCESS)
}

fn bench(mut parser: Parser) -> Result<ExitCode> {
    let mut parts = Vec::new();
    while let Some(argument) = parser.next()? {
        match argument {
            Value(part) => parts.push(part.string()?),
            other => return Err(other.unexpected().into()),
        }
    }
    bench::run(&parts)?;
    Ok(ExitCode::SUCCESS)
}

fn screenshot(mut parser: Parser) -> Result<ExitCode> {
    let (mut hash, mut out) = (String::new(), tools::root().join("docs/screenshot.png"));
    while let Some(argument) = parser.next()? {
        match argument {
            Long("hash") => hash = parser.value().and_then(ValueExt::string)?,
            Long("out") => out = parser.value()?.into(),
            other => return Err(other.unexpected().into()),
        }
    }
    screenshot::run(&hash, &out)?;
    Ok(ExitCode::SUCCESS)
}
