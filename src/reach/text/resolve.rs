//! From the facts of a text file to the files it reaches.

use super::facts::{KeyValue, TextFacts};
use crate::reach::command::{self, Outcome, Ran, Runner, is_name};
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::notice::Notice;
use crate::rootfs::{NodeId, Tree};

/// Keys whose value is a command: supervisor, systemd, Compose, circus, uWSGI, runit, CI files.
const COMMANDS: [&str; 16] = [
    "command",
    "cmd",
    "exec",
    "entrypoint",
    "execstart",
    "execstartpre",
    "execstartpost",
    "execstop",
    "execreload",
    "cron",
    "attach_daemon",
    "attach_daemon2",
    "exec_pre_app",
    "exec_asap",
    "hook_pre_app",
    "process",
];

/// Keys whose value is a directory that relative paths start from.
const DIRECTORIES: [&str; 7] = ["directory", "chdir", "workingdirectory", "working_dir", "workdir", "cwd", "root"];

/// Parts of keys whose value is a module, even without a dot in it.
const MODULES: [&str; 9] = ["module", "app", "wsgi", "asgi", "worker", "settings", "class", "engine", "backend"];

/// Longer values are text.
const MAX_CODE: usize = 4 << 10;

/// Marks what the text file at `node` names: files that exist, commands, names of modules (as notices).
pub fn resolve(graph: &mut Graph, ctx: &Context, node: NodeId, facts: &TextFacts) -> Ran {
    let tree = graph.tree();
    let procfile = tree.name(node).starts_with(b"Procfile");
    let own_dir = tree.parent(node);
    let evidence = Evidence::new(EvidenceKind::Name, "");
    let mut runner = Runner::new(graph, ctx, Some(node), evidence, &ctx.workdir);
    runner.dirs.push(own_dir);
    for setting in facts.settings.iter().filter(|setting| DIRECTORIES.contains(&&*setting.key)) {
        if setting.value.starts_with('/') {
            runner.change_dir(&setting.value);
        }
    }
    for (path, line) in &facts.paths {
        if !runner.step() {
            break;
        }
        let path = path.replace('*', &HOLE.to_string());
        let evidence = Evidence::at(EvidenceKind::Name, path.replace(HOLE, "*"), *line);
        for found in runner.files(&path, &evidence) {
            data_directory(runner.graph, node, found, &evidence);
        }
    }
    for (name, line) in &facts.names {
        let evidence = Evidence::at(EvidenceKind::Name, name.clone(), *line);
        runner.graph.tell(Some(node), Notice::Word(name.to_string()), evidence);
    }
    for setting in &facts.settings {
        apply(&mut runner, node, setting, procfile);
        if !is_command(setting) && !procfile {
            plausible(&mut runner, setting);
        }
    }
    runner.finish(Outcome::default())
}

/// Marks the commands that configuration of a package holds, and nothing else that it names.
pub(super) fn resolve_commands(graph: &mut Graph, ctx: &Context, node: NodeId, facts: &TextFacts) {
    let evidence = Evidence::new(EvidenceKind::Name, "");
    let mut runner = Runner::new(graph, ctx, Some(node), evidence, &ctx.workdir);
    for setting in &facts.settings {
        if is_command(setting) && first_word(&setting.value).is_some_and(|word| runner.is_program(word)) {
            apply(&mut runner, node, setting, false);
        } else if command::is_command_line(&setting.value) {
            plausible(&mut runner, setting);
        }
    }
    runner.finish(Outcome::default());
}

fn is_command(setting: &KeyValue) -> bool {
    COMMANDS.contains(&&*setting.key)
}

/// The first word of a command, quotes removed.
fn first_word(code: &str) -> Option<&str> {
    let code = code.trim_start().trim_start_matches('|').trim_start();
    match code.chars().next()? {
        quote @ ('"' | '\'') => code.get(1..)?.split(quote).next(),
        _ => code.split(|c: char| c.is_whitespace() || c == ';').next(),
    }
}

/// A value whose key says nothing of commands is one all the same if it is written like one and its program is there. So
/// are the elements of a list.
fn plausible(runner: &mut Runner, setting: &KeyValue) {
    let words: Vec<String> = setting.value.lines().map(str::to_owned).collect();
    let is_code = |runner: &Runner, text: &str| {
        let english = |word: &str| command::is_english(word) && !command::is_command_line(text);
        text.len() < MAX_CODE && first_word(text).is_some_and(|word| !english(word) && runner.is_program(word))
    };
    let known = runner.graph.uncertainties.len();
    runner.evidence = Evidence::at(EvidenceKind::Command, &*setting.key, setting.line);
    if setting.list && words.first().is_some_and(|word| !word.contains(' ') && is_code(runner, word)) {
        runner.command(&words, None);
    } else {
        for line in words.iter().filter(|line| line.len() > 1) {
            if runner.step() && is_code(runner, line) {
                command::run_code(runner, &without_references(line));
            }
        }
    }
    // That a text is a command is a guess: what it does not say is nothing to wonder about.
    if let Some(file) = runner.from {
        runner.graph.take_back(known, file);
    }
}

fn apply(runner: &mut Runner, node: NodeId, setting: &KeyValue, procfile: bool) {
    if is_command(setting) || procfile {
        runner.evidence = Evidence::at(EvidenceKind::Command, &*setting.key, setting.line);
        if setting.list {
            let argv: Vec<String> = setting.value.lines().map(str::to_owned).collect();
            runner.command(&argv, None);
            return;
        }
        // systemd's prefixes: see `systemd.service(5)`, "COMMAND LINES".
        let code = setting.value.trim_start_matches(['-', '@', '+', '!', ':', '|']);
        command::run_code(runner, &without_references(code));
        // A system crontab names the user before the command: see `crontab(5)`.
        if &*setting.key == "cron"
            && let Some((_, command)) = code.split_once([' ', '\t'])
        {
            command::run_code(runner, command);
        }
        return;
    }
    if !runner.step() {
        return;
    }
    let evidence = Evidence::at(EvidenceKind::Name, &*setting.value, setting.line);
    if MODULES.iter().any(|part| setting.key.contains(part)) {
        for name in setting.value.split(['\n', ' ', ',']).filter(|name| is_name(name) && !name.contains(['.', ':'])) {
            let evidence = Evidence::at(EvidenceKind::Name, name, setting.line);
            runner.graph.tell(Some(node), Notice::Word(name.to_owned()), evidence);
        }
    }
    // A relative path: `wsgi-file = app.py`, `load_module modules/x.so`.
    if !setting.value.starts_with('/') && setting.value.contains(['.', '/']) && !setting.value.contains(['\n', ' ']) {
        runner.files(&setting.value, &evidence);
    }
}

/// supervisor's `%(ENV_X)s` is known at run time only.
fn without_references(code: &str) -> String {
    let mut parts = code.split("%(");
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        out.push(HOLE);
        out.push_str(part.split_once(")s").map_or("", |(_, after)| after));
    }
    out
}

/// A directory for data that configuration names (`root /usr/share/nginx/html`) is served or read as a whole.
pub(in crate::reach) fn data_directory(graph: &mut Graph, from: NodeId, dir: NodeId, evidence: &Evidence) {
    let tree = graph.tree();
    if !tree.inode(dir).is_dir() {
        return;
    }
    let shares = ["/usr/share", "/usr/local/share"];
    let within = |share: &str| {
        tree.follow(share).is_some_and(|share| share != Tree::ROOT && share != dir && tree.is_within(dir, share))
    };
    if shares.into_iter().any(within) {
        graph.reach_tree(Some(from), dir, evidence);
    }
}
