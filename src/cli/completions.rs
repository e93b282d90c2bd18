//! `bantam completions`.

use std::io::Write;

use clap::CommandFactory;

use super::args::{Args, Completions};
use super::exit::{Exit, Failure};
use super::terminal;

/// Prints the script.
pub fn run(args: &Completions) -> Result<Exit, Failure> {
    // The generator panics if its output fails, so it gets memory.
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Args::command(), "bantam", &mut script);
    let mut out = terminal::stdout();
    out.write_all(&script)?;
    out.flush()?;
    Ok(Exit::Done)
}
