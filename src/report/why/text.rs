//! Explanations for people: one edge a line, the entry point first.

use std::io::{self, Write};

use bstr::BStr;

use super::explanation::{Explanation, RuleName, Step};
use crate::reach::EvidenceKind;
use crate::report::paths::printable;
use crate::report::size::human;
use crate::report::table::wrap;

/// Columns of prose. Edges and options are never broken, so that they can be searched for and copied.
const COLUMNS: usize = 90;

/// Prints explanations, an empty line between two.
///
/// # Errors
/// If `out` cannot be written to.
pub fn write_why<'a>(explanations: impl Iterator<Item = Explanation<'a>>, out: &mut impl Write) -> io::Result<()> {
    for (i, explanation) in explanations.enumerate() {
        if i > 0 {
            writeln!(out)?;
        }
        write(&explanation, out)?;
    }
    Ok(())
}

fn shown(text: &str) -> String {
    printable(BStr::new(text))
}

fn write(explanation: &Explanation<'_>, out: &mut impl Write) -> io::Result<()> {
    let target = explanation.target.as_ref().map(|target| format!(" -> {}", shown(target))).unwrap_or_default();
    writeln!(out, "{}{target}", printable(explanation.path.0.as_ref()))?;
    let verdict = if explanation.stays { "stays" } else { "goes" };
    labelled(verdict, &explanation.sentence, out)?;
    if let Some(reason) = explanation.rule.and_then(|rule| rule.reason) {
        labelled("reason", reason, out)?;
    }
    if let Some(owner) = explanation.owner {
        let version = if owner.version.is_empty() { String::new() } else { format!(" {}", shown(owner.version)) };
        writeln!(out, "  owner: {}{version} ({})", shown(owner.name), owner.ecosystem.as_str())?;
    }
    if let Some(size) = explanation.rewritten {
        writeln!(out, "  rewritten: {} remain", human(size))?;
    }
    // "No package owns it" is the sentence already.
    let own = explanation.chain.len() == 1
        && explanation.chain.iter().all(|step| step.kind == EvidenceKind::Payload)
        && explanation.owner.is_none();
    if !own {
        chain(explanation, out)?;
    }
    let width =
        explanation.to_keep.iter().map(|remedy| remedy.option.chars().count()).filter(|&width| width < 60).max();
    for (i, remedy) in explanation.to_keep.iter().enumerate() {
        let lead = if i == 0 { "to keep it:" } else { "or:" };
        let option = shown(&remedy.option);
        writeln!(out, "  {lead:<11} {option:<0$}  {1}", width.unwrap_or_default(), remedy.effect)?;
    }
    Ok(())
}

fn chain(explanation: &Explanation<'_>, out: &mut impl Write) -> io::Result<()> {
    let Some(first) = explanation.chain.first() else { return Ok(()) };
    if let Some(assumption) = &explanation.assumption {
        let rule = assumption.rule.map(|rule| format!(" by rule {rule}")).unwrap_or_default();
        labelled(&format!("assumed{rule}"), &assumption.reason, out)?;
        writeln!(out, "  without that assumption the program reaches it:")?;
    } else if !explanation.stays {
        writeln!(out, "  though the program reaches it:")?;
    }
    writeln!(out, "    {}", origin(first))?;
    for (i, step) in explanation.chain.iter().enumerate() {
        let evidence = if i == 0 { None } else { Some(evidence(step)) };
        let evidence = evidence.map(|evidence| format!(" ({evidence})")).unwrap_or_default();
        writeln!(out, "    → {}{evidence}", name(step))?;
    }
    for RuleName { id, profile, reason } in &explanation.chain_rules {
        let profile = profile.map(|profile| format!(" of profile {profile}")).unwrap_or_default();
        labelled(&format!("rule {id}{profile}"), reason.unwrap_or("no profile of this run has it"), out)?;
    }
    Ok(())
}

/// A line of prose after a label. Long ones go on below.
fn labelled(label: &str, text: &str, out: &mut impl Write) -> io::Result<()> {
    wrap(shown(text).split(' '), COLUMNS, [&format!("  {}: ", shown(label)), "    "], " ", out)
}

/// What a chain starts from.
fn origin(step: &Step<'_>) -> String {
    match step.kind {
        EvidenceKind::EntryPoint => shown(step.detail),
        EvidenceKind::Payload => "the image's own files".to_owned(),
        EvidenceKind::Name => format!("the image's config: {}", shown(step.detail)),
        _ => format!("the start ({})", evidence(step)),
    }
}

/// The shortest name that says which file it is.
fn name(step: &Step<'_>) -> String {
    match (step.kind, step.module) {
        (EvidenceKind::Import | EvidenceKind::DynamicImport, Some(module)) => shown(module),
        (EvidenceKind::Needed, _) if !step.detail.contains('/') => shown(step.detail),
        _ => printable(step.path.0.as_ref()),
    }
}

fn evidence(step: &Step<'_>) -> String {
    let detail = shown(step.detail);
    let said = |kind: &str| {
        let known = detail.is_empty() || step.module == Some(step.detail) || step.path.0 == step.detail;
        if known { kind.to_owned() } else { format!("{kind} {detail}") }
    };
    let text = match step.kind {
        EvidenceKind::EntryPoint => detail,
        EvidenceKind::Payload => "no package owns it".to_owned(),
        EvidenceKind::Symlink => "symlink".to_owned(),
        EvidenceKind::Interpreter => said("interpreter"),
        EvidenceKind::Needed => "NEEDED".to_owned(),
        EvidenceKind::Dlopen => said("dlopen"),
        EvidenceKind::Symbol => said("symbol"),
        EvidenceKind::Import => said("import"),
        EvidenceKind::DynamicImport => said("computed import"),
        EvidenceKind::Name => said("named"),
        EvidenceKind::Command => said("command"),
        EvidenceKind::Data => said("data of"),
        EvidenceKind::Metadata => said("metadata:"),
        EvidenceKind::Startup => said("startup:"),
        EvidenceKind::Rule => said("rule"),
    };
    if step.line == 0 { text } else { format!("{text}, line {}", step.line) }
}
