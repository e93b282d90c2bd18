//! `bantam why`: the verdict on a file, and what it comes from.

use std::io::{self, Write};

use bantam::plan::{KeepReason, Verdict};
use bantam::profile::PathGlobs;
use bantam::report::printable;
use bantam::rootfs::NodeId;

use super::analysis::Analysis;
use super::args::{General, Why};
use super::exit::{Exit, Failure};
use super::progress::Progress;
use super::terminal;

/// Explains every file that the path or glob names.
pub fn run(args: &Why, general: &General) -> Result<Exit, Failure> {
    let analysis = Analysis::new(&args.input, &args.selection, Progress::new(general))?;
    let found = find(&analysis, &args.path)?;
    if found.is_empty() {
        return Err(Failure::other(format!("{}: no file of that path is in the image", args.path)));
    }
    let mut out = terminal::stdout();
    for node in found {
        explain(&analysis, node, &mut out)?;
    }
    out.flush()?;
    Ok(Exit::Done)
}

fn find(analysis: &Analysis, path: &str) -> Result<Vec<NodeId>, Failure> {
    let tree = &analysis.merged.rootfs.tree;
    // A path first: names may hold brackets.
    if let Some(node) = tree.get(path).or_else(|| tree.follow(path)) {
        return Ok(vec![node]);
    }
    let globs = PathGlobs::new([path]).map_err(bantam::Error::Usage)?;
    Ok(tree.iter().filter(|&node| globs.is_match(tree.path(node))).collect())
}

fn explain(analysis: &Analysis, node: NodeId, out: &mut impl Write) -> io::Result<()> {
    let tree = &analysis.merged.rootfs.tree;
    let (word, reason) = match analysis.plan.verdict(node) {
        Verdict::Keep(reason) => ("stays", kept(reason)),
        Verdict::Strip(reason) => ("goes", stripped(analysis, &reason.rule)),
        Verdict::Prune(owner) => {
            let owner = analysis.owners.get(*owner);
            let what = format!(
                "{} {} ({}) owns it and nothing reaches it",
                owner.name,
                owner.version,
                owner.ecosystem.as_str()
            );
            ("goes", what)
        }
    };
    writeln!(out, "{}: {word}: {}", printable(tree.path(node).as_ref()), printable(reason.as_str().into()))
}

fn kept(reason: &KeepReason) -> String {
    match reason {
        KeepReason::Reached => "the program reaches it".into(),
        KeepReason::EntryPoint => "the image's command names it".into(),
        KeepReason::Payload => "no package owns it".into(),
        KeepReason::Rule(rule) if rule.starts_with("--") => format!("{rule} names it"),
        KeepReason::Rule(rule) => format!("rule {rule} keeps it"),
        KeepReason::Directory => "a directory with something in it, or that programs may write to".into(),
        KeepReason::LinkTarget => "a symlink that stays leads to it".into(),
        KeepReason::Configuration => "configuration".into(),
        KeepReason::Record => "the record of a package of which something stays".into(),
        KeepReason::NotExamined => "no rule strips it, and nothing is removed for not being reached".into(),
    }
}

fn stripped(analysis: &Analysis, id: &str) -> String {
    let rules = analysis.profiles.iter().flat_map(|loaded| loaded.profile.strip.iter().map(move |rule| (loaded, rule)));
    match rules.into_iter().find(|(_, rule)| rule.id == id) {
        Some((loaded, rule)) => format!("rule {id} of profile {}: {}", loaded.profile.name, rule.reason),
        None => format!("{id} names it"),
    }
}
