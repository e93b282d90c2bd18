//! `bantam man`.

use std::io::Write;

use clap::CommandFactory;

use super::args::{Args, Man};
use super::exit::{Exit, Failure};
use super::terminal;

/// Prints the page in roff, for `man -l -` or an installer.
pub fn run(args: &Man) -> Result<Exit, Failure> {
    let mut program = Args::command();
    program.build();
    let page = match &args.command {
        None => program,
        Some(name) => match program.find_subcommand(name) {
            // Built above, it is called `bantam-slim(1)`, as `git-log(1)` is.
            Some(command) => command.clone(),
            None => return Err(bantam::Error::Usage(format!("bantam has no command {name:?}")).into()),
        },
    };
    let mut out = terminal::stdout();
    clap_mangen::Man::new(page).render(&mut out)?;
    out.flush()?;
    Ok(Exit::Done)
}
