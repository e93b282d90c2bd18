//! The command line: parses it, runs a command, turns its end into an exit status.

mod analysis;
mod args;
mod completions;
mod diff;
mod exit;
mod fleet;
mod limit;
mod man;
mod platforms;
mod profile_test;
mod profiles;
mod progress;
mod report;
mod sbom;
mod several;
mod slim;
mod summary;
mod terminal;
mod timings;
mod watch;
mod why;

use clap::Parser;

use args::{Args, Command};
pub use exit::Exit;
use exit::Failure;

/// Runs the command line of this process.
pub fn run() -> Exit {
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => {
            // Help and version are no errors, but come this way too.
            return if error.use_stderr() { exit::print_usage(&error) } else { print_help(&error) };
        }
    };
    match dispatch(&args) {
        Ok(exit) => exit,
        Err(failure) => failure.print(),
    }
}

fn print_help(error: &clap::Error) -> Exit {
    let broken_pipe = |error: std::io::Error| Failure::from(error).print();
    error.print().map_or_else(broken_pipe, |()| Exit::Done)
}

fn dispatch(args: &Args) -> Result<Exit, Failure> {
    if let Some(threads) = args.general.threads {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads.get());
        pool.build_global().map_err(|error| Failure::other(format!("cannot start {threads} threads: {error}")))?;
    }
    if let Some(memory) = args.general.max_memory {
        limit::watch(memory).map_err(|error| Failure::other(format!("--max-memory: {error}")))?;
    }
    match &args.command {
        Command::Slim(slim) => slim::run(slim, &args.general),
        Command::Report(report) => report::run(report, &args.general),
        Command::Diff(diff) => diff::run(diff, &args.general),
        Command::Summary(summary) => summary::run(summary),
        Command::Why(why) => why::run(why, &args.general),
        Command::Profiles(profiles) => profiles::run(profiles, &args.general),
        Command::Completions(completions) => completions::run(completions),
        Command::Man(man) => man::run(man),
    }
}
