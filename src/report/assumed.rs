//! What only assumptions keep out, added up.

use std::collections::BTreeSet;
use std::io::{self, Write};

use super::basis::Basis;
use super::model::{AssumptionTotal, Sums, TakenBackName};
use super::paths::{PathText, printable, shell_word};
use super::size::human;
use super::style::{Palette, Role};
use super::table::{WIDTH, cut_middle, wrap};
use crate::profile::ProfileSet;
use crate::reach::Assumption;
use crate::rootfs::NodeId;
use bstr::BStr;

/// How many of an assumption's names are printed.
const TAKEN: usize = 3;

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
    let taken: Vec<&str> = match (assumption, basis.reach) {
        (Assumption::Rule(id), Some(reach)) => {
            reach.taken_back.iter().filter(|taken| taken.rule == *id).map(|taken| &*taken.to).collect()
        }
        _ => Vec::new(),
    };
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
            // One name may bring in many files. Others may count only now that what the rule took back does.
            let is_own = taken.is_empty() || taken.iter().any(|to| means(&name, to));
            if is_own && names.insert((from, line, name.clone())) {
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

/// Whether evidence with this detail (`json`, `json in its strings`, `string json`) says a name that a rule took back. What
/// a listing or a computed name means has no name.
fn means(detail: &str, to: &str) -> bool {
    to.contains(':')
        || detail
            .split([' ', ','])
            .any(|word| word == to || word.strip_prefix(to).is_some_and(|rest| rest.starts_with('.')))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn evidence_says_what_a_rule_took_back() {
        assert!(means("json.tool", "json.tool") && means("json.tool.x", "json.tool"));
        assert!(means("string libidn2.so.0", "libidn2.so.0") && means("decimal in its strings", "decimal"));
        assert!(!means("jsonschema", "json") && !means("setuptools", "venv"));
        assert!(means("shutil.which", "command:*"), "what it means has no name");
    }
}
