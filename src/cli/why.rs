//! `bantam why`: the verdict on a file, and what it comes from.

use std::io::Write;

use bantam::report::{write_why, write_why_json};

use super::analysis::{Doubt, analyse, network};
use super::args::{General, Why};
use super::exit::{Exit, Failure};
use super::terminal;
use super::watch::Watch;

/// Explains every file that the path, glob, module or soname stands for.
pub fn run(args: &Why, general: &General) -> Result<Exit, Failure> {
    let watch = Watch::new(general, &args.input);
    let analysis =
        analyse(&args.input, &args.selection, &network(&args.input.means.registries), Doubt::Wanted, &watch)?;
    let reach = analysis.reach.as_ref();
    let explainer = analysis.explainer();
    let found = explainer.find(&args.path)?;
    if found.is_empty() {
        let message = format!("{}: no file, Python module or library of that name is in the image", args.path);
        return Err(Failure::other(message));
    }
    let explanations = found.into_iter().map(|node| explainer.explain(node));
    let mut out = terminal::stdout();
    if args.json {
        let off = reach.and_then(|reach| reach.roots.keep_all.as_deref());
        write_why_json(&analysis.original.info(), &args.path, off, explanations, &mut out)?;
    } else {
        write_why(explanations, &mut out)?;
    }
    out.flush()?;
    watch.print_timings();
    Ok(Exit::Done)
}
