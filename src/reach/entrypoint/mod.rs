//! Where a container of the image starts: what [`Launch`] says of it, followed into the tree.

use serde::{Deserialize, Serialize};

use super::command::{self, Mode, Ran};
use super::context::Context;
use super::evidence::{Evidence, EvidenceKind};
use super::graph::Graph;
use super::notice::Notice;
use crate::rootfs::Tree;

mod launch;
mod places;

pub use launch::{EntryCommand, GivenBy, LABEL, Launch};

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
    for command in &launch.commands {
        let evidence = Evidence::new(EvidenceKind::EntryPoint, command.shown.clone());
        let ran = command::run(graph, ctx, None, &command.argv, &evidence, &ctx.workdir);
        if command.given_by == GivenBy::Healthcheck
            && let Some(name) = &ran.missing
        {
            graph.uncertain(
                None,
                0,
                format!("the health check's program {name} is not in the image"),
                "nothing was kept for it",
            );
        }
        roots.commands.push((command.clone(), ran));
    }
    roots.keep_all = obstacle(&roots.commands);
    roots
}

/// Why the commands do not say enough for pruning.
fn obstacle(commands: &[(EntryCommand, Ran)]) -> Option<String> {
    const HINT: &str = "so nothing is pruned; say what it runs with --entry 'COMMAND'";
    let named = commands.iter().any(|(command, _)| matches!(command.given_by, GivenBy::Label | GivenBy::Option));
    let mut image = false;
    for (command, ran) in commands {
        let line = shown_argv(&command.argv);
        let of_image = command.given_by == GivenBy::Image;
        image |= of_image;
        if command.given_by == GivenBy::Healthcheck || (of_image && named) {
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
