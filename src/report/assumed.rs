//! What only assumptions keep out, added up.

use std::collections::BTreeSet;
use std::io::{self, Write};

use bstr::BStr;
use serde::Serialize;

use super::basis::Basis;
use super::model::Sums;
use super::paths::{PathText, printable, shell_word};
use super::size::human;
use super::style::{Palette, Role};
use super::table::{WIDTH, cut_middle, wrap};
use crate::profile::ProfileSet;
use crate::reach::Assumption;
use crate::rootfs::NodeId;

/// How many of an assumption's names are printed.
const TAKEN: usize = 3;

/// An assumption, and what would stay without it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AssumptionTotal {
    /// The rule's id; none where no rule is behind it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// What is assumed, in one sentence.
    pub reason: String,
    /// The option that gives it up, alone or with others.
    pub option: String,
    /// Regular files that go and would stay, besides those of the assumptions before it.
    #[serde(flatten)]
    pub sums: Sums,
    /// What does not count for it, and brings in files that go.
    pub taken_back: Vec<TakenBackName>,
}

/// A name that does not count.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct TakenBackName {
    /// Where it stands.
    #[serde(flatten)]
    pub path: PathText,
    /// 1-based line; 0 where lines mean nothing.
    pub line: u32,
    /// What it means: a module, a library.
    pub name: String,
}

/// The sentence, and the option that gives the assumption up.
pub(super) fn said(assumption: &Assumption, profiles: &ProfileSet) -> (String, String) {
    match assumption {
        Assumption::Rule(id) => {
            let reason = profiles.iter().find_map(|loaded| loaded.profile.reason_of_cut(id)).unwrap_or_default();
            (reason.to_owned(), format!("--no-rule {}", shell_word(id)))
        }
        Assumption::Unused => (
            "a function whose name nothing uses is not called, a module that nothing runs as a program does not run as one, \
             and the standard library imports nothing in the place of its own modules"
                .to_owned(),
            "--assume nothing".to_owned(),
        ),
    }
}

/// The assumptions that keep out files that go.
pub(super) fn totals(basis: &Basis<'_>) -> Vec<AssumptionTotal> {
    let Some(reach) = basis.reach.filter(|reach| reach.roots.keep_all.is_none()) else { return Vec::new() };
    let all = reach.assumed.by.iter().map(|(assumption, files)| total(basis, assumption, files));
    all.filter(|total| total.sums.files > 0).collect()
}

fn total(basis: &Basis<'_>, assumption: &Assumption, files: &[NodeId]) -> AssumptionTotal {
    let tree = &basis.rootfs.tree;
    let (mut sums, mut seen, mut names) = (Sums::default(), BTreeSet::new(), BTreeSet::new());
    let mut taken_back = Vec::new();
    let edges = basis.reach.map(|reach| &reach.assumed.edges);
    for &node in files.iter().filter(|&&node| !basis.plan.keeps(node) && tree.inode(node).is_file()) {
        if seen.insert(tree.inode_id(node)) {
            sums.files += 1;
            sums.bytes += tree.inode(node).size();
        }
        // What it comes from stays: this is where the assumption makes the difference.
        if let Some(edge) = edges.and_then(|edges| edges.get(node))
            && let Some(from) = edge.from.filter(|&from| basis.plan.keeps(from))
        {
            let (line, name) = (edge.evidence.line, edge.evidence.detail.to_string());
            // One name may bring in many files.
            if names.insert((from, line, name.clone())) {
                taken_back.push(TakenBackName { path: PathText(tree.path(from)), line, name });
            }
        }
    }
    let (reason, option) = said(assumption, basis.profiles);
    let rule = match assumption {
        Assumption::Rule(id) => Some(id.clone()),
        Assumption::Unused => None,
    };
    AssumptionTotal { rule, reason, option, sums, taken_back }
}

/// Prints the assumptions that keep most out, each with some of the names that do not count.
pub(super) fn write(all: &[AssumptionTotal], top: usize, palette: Palette, out: &mut impl Write) -> io::Result<()> {
    if all.is_empty() || top == 0 {
        return Ok(());
    }
    let heading = "ASSUMED, and what would stay otherwise (--assume nothing gives up all of it)";
    writeln!(out, "\n{}", palette.paint(Role::Heading, heading))?;
    let mut sorted: Vec<&AssumptionTotal> = all.iter().collect();
    sorted.sort_by_key(|total| std::cmp::Reverse(total.sums.bytes));
    for total in sorted.iter().take(top) {
        let line = format!("{} [{}]", total.reason, total.option);
        let lead = format!("{:>9}  ", human(total.sums.bytes));
        wrap(printable(BStr::new(&line)).split(' '), WIDTH, [&lead, "           "], " ", out)?;
        for taken in total.taken_back.iter().take(TAKEN) {
            let line = if taken.line == 0 { String::new() } else { format!(":{}", taken.line) };
            let name = printable(BStr::new(&taken.name));
            let place = printable(taken.path.0.as_ref());
            let room = WIDTH.saturating_sub(13);
            writeln!(out, "             {}", cut_middle(&format!("{place}{line}: {name}"), room))?;
        }
        let more = total.taken_back.len().saturating_sub(TAKEN);
        if more > 0 {
            writeln!(out, "             … and {more} more")?;
        }
    }
    let rest = sorted.iter().skip(top);
    let (count, bytes) = (rest.len(), rest.map(|total| total.sums.bytes).sum());
    if count > 0 {
        writeln!(out, "{:>9}  … by {count} more; --json has them all", human(bytes))?;
    }
    Ok(())
}
