//! From the strings of code to the programs and files that they name.

use std::collections::HashSet;

use super::facts::{ForeignFacts, Literal};
use crate::reach::command::{self, Outcome, Runner, is_command_line, is_english, paths};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::shell::reader;
use crate::reach::text::data_directory;
use crate::rootfs::NodeId;

/// How many words one command may have that is a list of strings.
const MAX_ARGUMENTS: usize = 32;

/// How many strings are followed with one budget of steps.
const BATCH: usize = 64;

/// Longer strings are text: no command line is that long.
const MAX_CODE: usize = 16 << 10;

/// How much the code says about what it starts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trust {
    /// The user's own, or code that cannot be read: every word that names a program counts.
    Everything,
    /// Installed: what stands where a command does.
    Commands,
}

/// Marks what the file's strings name.
pub(super) fn resolve(graph: &mut Graph<'_>, ctx: &Context, file: NodeId, facts: &ForeignFacts, trust: Trust) {
    let mut seen = HashSet::new();
    let mut path: Vec<String> = ctx.path().map(str::to_owned).collect();
    let folder = graph.tree().parent(file);
    let known = graph.uncertainties.len();
    for (batch, literals) in facts.literals.chunks(BATCH).enumerate() {
        let evidence = Evidence::new(EvidenceKind::Command, "");
        let mut runner = Runner::new(graph, ctx, Some(file), evidence, &ctx.workdir);
        runner.dirs.push(folder);
        runner.path = path;
        for (number, literal) in literals.iter().enumerate() {
            let rest = facts.literals.get(batch * BATCH + number + 1..).unwrap_or_default();
            let list: Vec<&Literal> = rest.iter().take_while(|next| next.follows).take(MAX_ARGUMENTS).collect();
            let shown: String = literal.text.lines().next().unwrap_or_default().chars().take(60).collect();
            runner.evidence = Evidence::at(EvidenceKind::Command, shown.replace(HOLE, "…"), literal.line);
            let is_new = seen.insert(&literal.text);
            match trust {
                Trust::Everything => everything(&mut runner, literal, &list, is_new),
                Trust::Commands => commands(&mut runner, literal, &list),
            }
        }
        path = std::mem::take(&mut runner.path);
        runner.finish(Outcome::default());
    }
    // What a string that is no command does not say is nothing to wonder about.
    graph.take_back(known, file);
}

/// A string of the user's own code.
fn everything(runner: &mut Runner<'_, '_, '_>, literal: &Literal, list: &[&Literal], is_new: bool) {
    arguments(runner, literal, list);
    if !is_new {
        return;
    }
    let text = &*literal.text;
    let evidence = Evidence::at(EvidenceKind::Name, runner.evidence.detail.clone(), literal.line);
    if text.contains(":/") && text.split(':').all(|dir| dir.starts_with('/')) {
        runner.set("PATH", text);
    }
    for part in paths(text).filter(|part| part.starts_with('/')) {
        for found in runner.files(part, &evidence) {
            if let Some(from) = runner.from {
                data_directory(runner.graph, from, found, &evidence);
            }
        }
    }
    let runs = code(runner, text);
    let is_word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '+' | '-');
    let words: HashSet<&str> = text.split(|c| !is_word(c)).map(|word| word.trim_matches(['-', '.'])).collect();
    let mut words: Vec<&str> = words.into_iter().filter(|word| (2..=64).contains(&word.len())).collect();
    words.sort_unstable();
    for word in words {
        if (runs || !is_english(word)) && runner.is_program(word) {
            runner.program(word);
        }
    }
}

/// A string of installed code: only where commands stand.
fn commands(runner: &mut Runner<'_, '_, '_>, literal: &Literal, list: &[&Literal]) {
    let text = literal.text.trim();
    let option = list.first().is_some_and(|next| next.text.starts_with('-'));
    let line = !literal.loose && is_command_line(text);
    if literal.started || literal.named || (option && !literal.loose) || line {
        arguments(runner, literal, list);
        code(runner, text);
    }
    if text.starts_with('/') && !literal.loose && !text.contains(char::is_whitespace) && runner.is_program(text) {
        runner.program(text);
    }
}

/// A command that is a list of strings: its first word is a program.
fn arguments(runner: &mut Runner<'_, '_, '_>, literal: &Literal, list: &[&Literal]) {
    let name = literal.text.trim();
    if name.is_empty() || name.contains(char::is_whitespace) || !runner.is_program(name) {
        return;
    }
    let rest = list.iter().map(|word| word.text.to_string());
    let argv: Vec<String> = std::iter::once(name.to_owned()).chain(rest).collect();
    runner.command(&argv, None);
}

/// Code for a shell, if one of its commands is a program of the image. Returns whether it is.
fn code(runner: &mut Runner<'_, '_, '_>, text: &str) -> bool {
    let text = text.trim().trim_start_matches('|');
    if text.is_empty() || text.len() > MAX_CODE {
        return false;
    }
    let facts = reader::read(text.as_bytes());
    let runs = facts.commands.iter().any(|command| {
        let words = command.words.iter().filter_map(|word| word.literal());
        let mut words = words.skip_while(|word| {
            matches!(word.as_str(), "exec" | "command" | "time" | "eval" | "builtin" | "." | "source")
        });
        words.next().is_some_and(|word| runner.is_program(&word))
    });
    if runs {
        command::run_code(runner, text);
    }
    runs
}
