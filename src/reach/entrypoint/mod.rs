//! Where a container of the image starts: Entrypoint, Cmd, Healthcheck, labels, `--entry` and the environment.
//!
//! The fields of the config are those of the OCI image specification, "Image Configuration", and of Docker's
//! extensions to it (Healthcheck, Shell).

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::command::{self, Mode, Ran};
use super::context::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::graph::Graph;
use super::notice::Notice;
use super::shell::facts::ShellFacts;
use super::shell::reader;
use crate::rootfs::Tree;

/// The label that adds an entry point; `bantam.entry.NAME` adds more.
pub const LABEL: &str = "bantam.entry";

/// What the image's config and the user say about commands.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Launch {
    /// `Entrypoint`.
    pub entrypoint: Vec<String>,
    /// `Cmd`.
    pub cmd: Vec<String>,
    /// `Healthcheck.Test`: `["CMD", …]`, `["CMD-SHELL", code]`, `["NONE"]`.
    pub healthcheck: Vec<String>,
    /// `Shell`: what shell forms are passed to; empty for `/bin/sh -c`.
    pub shell: Vec<String>,
    /// `Labels`.
    pub labels: BTreeMap<String, String>,
    /// `--entry` options, as a shell would read them.
    pub entries: Vec<String>,
}

/// Where a command comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Origin {
    /// Entrypoint and Cmd, concatenated as the container engine does.
    Image,
    /// The health check.
    Healthcheck,
    /// A label of the image.
    Label,
    /// The user's `--entry`.
    Option,
}

/// A command that a container may start with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct EntryCommand {
    /// Its words.
    pub argv: Vec<String>,
    /// Where it comes from.
    pub origin: Origin,
    /// The same for people: `Entrypoint`, `Cmd`, `Healthcheck`, `label bantam.entry`, `--entry`.
    pub shown: String,
}

/// The commands, in the order: image, health check, labels, options.
pub fn commands(launch: &Launch) -> Vec<EntryCommand> {
    let mut found = Vec::new();
    let image: Vec<String> = launch.entrypoint.iter().chain(&launch.cmd).cloned().collect();
    if image.iter().any(|word| !word.is_empty()) {
        let shown = if launch.entrypoint.is_empty() { "Cmd" } else { "Entrypoint" };
        found.push(EntryCommand { argv: image, origin: Origin::Image, shown: shown.to_owned() });
    }
    let check = match launch.healthcheck.split_first() {
        Some((kind, argv)) if kind == "CMD" => argv.to_vec(),
        Some((kind, code)) if kind == "CMD-SHELL" => in_shell(&launch.shell, &code.join(" ")),
        _ => Vec::new(),
    };
    if !check.is_empty() {
        found.push(EntryCommand { argv: check, origin: Origin::Healthcheck, shown: "Healthcheck".to_owned() });
    }
    for (label, value) in &launch.labels {
        if label != LABEL && !label.strip_prefix(LABEL).is_some_and(|rest| rest.starts_with('.')) {
            continue;
        }
        let lines = value.lines().filter(|line| !line.trim().is_empty());
        found.extend(lines.map(|line| EntryCommand {
            argv: words(line, &launch.shell),
            origin: Origin::Label,
            shown: format!("label {label}"),
        }));
    }
    found.extend(launch.entries.iter().filter(|line| !line.trim().is_empty()).map(|line| EntryCommand {
        argv: words(line, &launch.shell),
        origin: Origin::Option,
        shown: "--entry".to_owned(),
    }));
    found
}

fn in_shell(shell: &[String], code: &str) -> Vec<String> {
    let mut argv = if shell.is_empty() { vec!["/bin/sh".to_owned(), "-c".to_owned()] } else { shell.to_vec() };
    argv.push(code.to_owned());
    argv
}

/// Splits a line into words as a shell does. A line that is more than one plain command needs a shell.
fn words(line: &str, shell: &[String]) -> Vec<String> {
    let facts = reader::read(line.as_bytes());
    plain(&facts).unwrap_or_else(|| in_shell(shell, line))
}

fn plain(facts: &ShellFacts) -> Option<Vec<String>> {
    let [command] = facts.commands.as_slice() else { return None };
    if !facts.assignments.is_empty() || !facts.words.is_empty() || facts.unread.is_some() {
        return None;
    }
    command.words.iter().map(|word| word.literal()).collect()
}

/// What the entry points came to.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Roots {
    /// Each command and what became of it.
    pub commands: Vec<(EntryCommand, Ran)>,
    /// Why nothing may be pruned, in one sentence that says what to do; `None` where pruning is safe.
    pub keep_all: Option<String>,
}

/// Marks what the entry points reach, and decides whether they say enough for pruning.
pub fn resolve(graph: &mut Graph, ctx: &Context, launch: &Launch) -> Roots {
    environment(graph, ctx);
    let mut roots = Roots::default();
    for command in commands(launch) {
        let evidence = Evidence::new(EvidenceKind::EntryPoint, command.shown.clone());
        let ran = command::run(graph, ctx, None, &command.argv, &evidence, &ctx.workdir);
        if command.origin == Origin::Healthcheck
            && let Some(name) = &ran.missing
        {
            graph.uncertain(
                None,
                0,
                format!("the health check's program {name} is not in the image"),
                "nothing was kept for it",
            );
        }
        roots.commands.push((command, ran));
    }
    roots.keep_all = obstacle(&roots.commands);
    roots
}

/// Why the commands do not say enough for pruning.
fn obstacle(commands: &[(EntryCommand, Ran)]) -> Option<String> {
    const HINT: &str = "so nothing is pruned; say what it runs with --entry 'COMMAND'";
    let named = commands.iter().any(|(command, _)| matches!(command.origin, Origin::Label | Origin::Option));
    let mut image = false;
    for (command, ran) in commands {
        let line = shown_argv(&command.argv);
        let of_image = command.origin == Origin::Image;
        image |= of_image;
        if command.origin == Origin::Healthcheck || (of_image && named) {
            continue;
        }
        let what = &command.shown;
        if let Some(name) = &ran.missing {
            return Some(format!("{what} runs `{name}`, which is not in the image, {HINT}"));
        }
        if let Some(name) = &ran.unknown {
            return Some(format!("{what} runs `{name}`, which is known at run time only, {HINT}"));
        }
        match ran.mode {
            Mode::Runs => {}
            Mode::Prompts => return Some(format!("{what} is `{line}`, which runs whatever someone types, {HINT}")),
            Mode::Idles => return Some(format!("{what} is `{line}`, which only keeps the container alive, {HINT}")),
        }
    }
    (!image && !named).then(|| format!("the image names no command, {HINT}"))
}

fn shown_argv(argv: &[String]) -> String {
    argv.join(" ").chars().take(120).collect()
}

/// Values of the environment that name files or modules.
fn environment(graph: &mut Graph, ctx: &Context) {
    /// Their values are lists of folders or notes about the image, never something to run.
    const SILENT: [&str; 6] = ["PATH", "HOME", "LANG", "LC_ALL", "TERM", "PWD"];
    for (name, value) in &ctx.env {
        if SILENT.contains(&name.as_str()) {
            continue;
        }
        let evidence = Evidence::new(EvidenceKind::EntryPoint, format!("ENV {name}"));
        for word in value.split_ascii_whitespace() {
            for path in command::paths(word).filter(|path| path.starts_with('/')) {
                graph.reach_path(None, Tree::ROOT, path, &evidence);
            }
            for module in command::names(word) {
                graph.tell(None, Notice::Word(module.to_owned()), evidence.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests;
