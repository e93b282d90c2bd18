//! What labels of the image say: `bantam.keep` and `bantam.strip`, besides the caller's globs, and `bantam.entry`. An image
//! inherits the labels of its base, so whoever made that speaks here too: what labels say is bounded, what they take is
//! reported, and they cannot take what the image starts.

use std::collections::{BTreeMap, BTreeSet};

use super::choices::Choices;
use crate::image::RunConfig;
use crate::plan::{Plan, Verdict};
use crate::profile::{Given, NamedBy, UserGlob, UserGlobs, Wish};
use crate::reach::entrypoint::{LABEL, Launch};
use crate::reach::{Edges, EvidenceKind};
use crate::report::{RuleTotal, human};
use crate::rootfs::{NodeId, Tree};

/// What names of labels begin with that are obeyed.
const PREFIX: &str = "bantam.";
/// Most globs or commands of one label.
const MAX_ITEMS: usize = 100;
/// Longest text of one label, in bytes: a glob takes some kilobytes a byte when it is compiled.
const MAX_TEXT: usize = 16 << 10;
/// How many globs of a label are named with what they take.
const SHOWN: usize = 5;

/// The config as it counts: without labels if they are not to be obeyed.
pub fn counted(mut config: RunConfig, choices: &Choices) -> RunConfig {
    if !choices.labels {
        config.labels.retain(|name, _| !name.starts_with(PREFIX));
    }
    config
}

/// Every glob, those of the caller before those of labels.
///
/// # Errors
/// If a label is too long, or a glob in it malformed, in words that name the label.
pub fn globs(choices: &Choices, labels: &BTreeMap<String, String>) -> Result<Vec<UserGlob>, String> {
    let entries = labels.iter().filter(|(name, _)| name.starts_with(LABEL));
    for (name, value) in entries {
        check(name, value, value.lines().count())?;
    }
    let of = |wish, given: &[String], label: &str| {
        let value = labels.get(label).map_or("", String::as_str);
        check(label, value, value.split_ascii_whitespace().count())?;
        let labelled = value.split_ascii_whitespace().map(|glob| UserGlob::new(wish, Given::Label, glob));
        let labelled: Vec<UserGlob> = labelled.collect();
        UserGlobs::new(labelled.iter().cloned()).map_err(|error| format!("{error}; --no-labels leaves labels out"))?;
        let given = given.iter().map(|glob| UserGlob::new(wish, Given::Option, glob));
        Ok::<_, String>(given.chain(labelled).collect::<Vec<_>>())
    };
    Ok([of(Wish::Keep, &choices.keep, "bantam.keep")?, of(Wish::Strip, &choices.strip, "bantam.strip")?].concat())
}

fn check(label: &str, value: &str, items: usize) -> Result<(), String> {
    let hint = "--no-labels leaves labels out";
    if value.len() > MAX_TEXT {
        return Err(format!("label {label}: {} bytes are more than {MAX_TEXT}; {hint}", value.len()));
    }
    if items > MAX_ITEMS {
        return Err(format!("label {label}: {items} globs or commands are more than {MAX_ITEMS}; {hint}"));
    }
    Ok(())
}

/// Refuses labels that take what the image starts: the files that its commands name, and their interpreters and libraries.
///
/// # Errors
/// Names the label and the file.
pub fn check_taken(tree: &Tree, plan: &Plan, launch: &Launch, edges: Option<&Edges>) -> Result<(), String> {
    let mut started: Option<BTreeSet<NodeId>> = None;
    for node in tree.iter() {
        let Verdict::Strip(reason) = plan.verdict(node) else { continue };
        let NamedBy::User(glob) = &reason.rule else { continue };
        if glob.given() != Given::Label {
            continue;
        }
        let started = started.get_or_insert_with(|| launch.started(tree));
        if started.contains(&node) || edges.is_some_and(|edges| starts_with(edges, node, started)) {
            let (glob, path) = (glob.as_str(), tree.path(node));
            return Err(format!("{glob} takes {path}, which the image starts with; --no-labels leaves labels out"));
        }
    }
    Ok(())
}

/// Whether an entry point leads to a file by what the kernel and the loader open before its first instruction runs.
fn starts_with(edges: &Edges, node: NodeId, started: &BTreeSet<NodeId>) -> bool {
    use EvidenceKind::{EntryPoint, Interpreter, Needed, Symlink};
    let mut at = node;
    // Each file is reached from one that was reached before it, so this ends.
    while let Some(edge) = edges.get(at) {
        match (edge.evidence.kind, edge.from) {
            (EntryPoint, _) => return true,
            (Interpreter | Needed | Symlink, Some(from)) if from != at => at = from,
            _ => return false,
        }
        if started.contains(&at) {
            return true;
        }
    }
    false
}

/// A sentence on what the globs of the label `bantam.strip` take; none if they take nothing.
pub fn note(rules: &[RuleTotal]) -> Option<String> {
    let label = format!("label {PREFIX}strip ");
    let taken: Vec<(&str, &RuleTotal)> =
        rules.iter().filter_map(|rule| Some((rule.id.strip_prefix(&label)?, rule))).collect();
    let (files, bytes) = taken
        .iter()
        .fold((0, 0u64), |(files, bytes), (_, rule)| (files + rule.sums.files, bytes.saturating_add(rule.sums.bytes)));
    let mut shown: Vec<String> =
        taken.iter().take(SHOWN).map(|(glob, rule)| format!("{glob} {}", human(rule.sums.bytes))).collect();
    if taken.len() > SHOWN {
        shown.push(format!("{} more", taken.len() - SHOWN));
    }
    let (bytes, shown) = (human(bytes), shown.join(", "));
    let plural = if files == 1 { "" } else { "s" };
    let what = format!("{label}takes {files} file{plural}, {bytes} ({shown})");
    (!taken.is_empty()).then(|| format!("{what}; --no-labels leaves labels out"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labels(labels: &[(&str, &str)]) -> BTreeMap<String, String> {
        labels.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect()
    }

    #[test]
    fn options_come_before_labels() {
        let choices = Choices { keep: vec!["/a".into()], ..Choices::default() };
        let found = globs(&choices, &labels(&[("bantam.keep", " /b\n /c /d "), ("bantam.strip", "/e")])).unwrap();
        let shown: Vec<&str> = found.iter().map(UserGlob::as_str).collect();
        let keep = ["--keep /a", "label bantam.keep /b", "label bantam.keep /c", "label bantam.keep /d"];
        assert_eq!(shown, [&keep[..], &["label bantam.strip /e"]].concat());
    }

    #[test]
    fn labels_are_bounded() {
        let many = "/x ".repeat(MAX_ITEMS + 1);
        let long = "x".repeat(MAX_TEXT + 1);
        for (name, value, says) in [
            ("bantam.strip", many.as_str(), "101 globs"),
            ("bantam.keep", long.as_str(), "16385 bytes"),
            ("bantam.keep", "*.map", "bad glob"),
            ("bantam.entry.web", &"a\n".repeat(MAX_ITEMS + 1), "101 globs or commands"),
        ] {
            let error = globs(&Choices::default(), &labels(&[(name, value)])).unwrap_err();
            assert!(error.contains(name) && error.contains(says) && error.contains("--no-labels"), "{error}");
        }
    }
}
