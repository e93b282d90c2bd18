//! `slim --from`: the images of a list, one after the other, each as `slim` alone would make it.

use std::env;
use std::fs::File;
use std::io::{self, Read};
use std::time::Instant;

use bantam::Error;
use bantam::fleet::{Entry, List, Share, Status, Task};
use bantam::output;
use clap::Parser;

use super::analysis::{Doubt, choices, means, network};
use super::args::{General, Input, LineOptions, Slim};
use super::exit::{Exit, Failure};
use super::watch::Watch;
use super::{platforms, sbom, slim, terminal};

/// Slims the images of this process's share of the list.
pub fn run(list: &str, args: &Slim, general: &General) -> Result<Exit, Failure> {
    let share = Share::find(args.index, args.of, |name| env::var(name).ok())?;
    let tasks = tasks(list, args, share)?;
    let watch = Watch::untimed(general);
    let number = tasks.len();
    let (mut failed, mut skipped) = (0_u64, 0_u64);
    for task in &tasks {
        let started = Instant::now();
        let mut record = task.run(&watch);
        record.milliseconds = u64::try_from(started.elapsed().as_millis()).unwrap_or(u64::MAX);
        match record.status {
            Status::Failed | Status::Doubtful => failed += 1,
            Status::Skipped => skipped += 1,
            Status::Slimmed => {}
        }
        if let Some(error) = &record.error {
            terminal::message(error);
        }
        record.write(&mut io::stdout().lock())?;
    }
    if !general.quiet {
        let slimmed = number as u64 - failed - skipped;
        terminal::message(&format!(
            "part {} of {}: {slimmed} images slimmed, {skipped} there already, {failed} failed",
            share.index, share.of
        ));
    }
    Ok(if failed > 0 { Exit::SomeFailed } else { Exit::Done })
}

/// Reads all of the list, so that what is wrong with it is said before any work is done; the tasks are those of the share.
fn tasks(list: &str, args: &Slim, share: Share) -> Result<Vec<Task>, Failure> {
    let target = args.output.as_deref();
    let (name, input): (&str, Box<dyn Read>) = match list {
        "-" => ("standard input", Box::new(io::stdin().lock())),
        _ => (list, Box::new(File::open(list).map_err(Error::io(list, "cannot open the list"))?)),
    };
    let list = List::read(name, input, target)?;
    let network = network(&args.means.registries);
    let source_date_epoch = sbom::source_date_epoch()?;
    let task = |entry: &Entry| -> Result<Task, Error> {
        let own = LineOptions::try_parse_from(&entry.options).map_err(|error| usage(&error))?;
        let input = Input { image: String::new(), means: args.means.clone() };
        let mut means = means(&input, platforms::one(&input)?, &network, Doubt::Idle);
        if let Some(wanted) = &own.platform {
            means.platform = Some(platforms::single(wanted)?);
        }
        let (name, level) = match (&own.compression, own.level) {
            (None, None) => (args.compression.as_deref(), args.level),
            (None, level) => (args.compression.as_deref(), level),
            (name, level) => (name.as_deref(), level),
        };
        let compression = slim::compression(name, level, &entry.target)?;
        let choices = choices(&args.selection.with(&own.selection))?;
        slim::can_attach(args, &entry.target)?;
        let options =
            output::Options { compression, source_date_epoch, network: network.clone(), ..output::Options::default() };
        let (attachments, strict) = (args.attachments(), args.strict);
        Ok(Task { entry: entry.clone(), choices, means, options, attachments, strict })
    };
    // Every line is looked at, whoever's it is: a list that makes no sense is refused by all.
    let mut tasks = Vec::new();
    for (number, entry) in (0..).zip(&list.entries) {
        let made = task(entry).map_err(|error| match error {
            Error::Usage(reason) => Error::Usage(format!("{name}:{}: {reason}", entry.line)),
            other => other,
        })?;
        tasks.extend(share.has(number).then_some(made));
    }
    Ok(tasks)
}

/// The first line of what is wrong with a line's options.
fn usage(error: &clap::Error) -> Error {
    let text = error.render().to_string();
    let first = text.split("\n\n").next().unwrap_or_default();
    let words: Vec<&str> = first.strip_prefix("error: ").unwrap_or(first).split_whitespace().collect();
    Error::Usage(words.join(" "))
}
