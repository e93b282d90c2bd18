//! Shell code that others may have a say in, and commands in it that cannot be read.

use std::collections::BTreeSet;
use std::rc::Rc;

use super::operands;
use super::runner::{Operands, Runner};
use super::script::{run_facts, with_environment};
use crate::reach::evidence::EvidenceKind;
use crate::reach::hole::HOLE;
use crate::reach::shell::expand::{Outer, Variables};
use crate::reach::shell::facts::{Piece, ShellFacts, Word};
use crate::reach::shell::shebang::base_name;
use crate::rootfs::NodeId;

/// How large a file may be whose lines may be commands, in bytes.
const MAX_LIST: u64 = 64 << 10;

/// How many words of a script are looked up.
const MAX_WORDS: usize = 20_000;

/// How many folders a script lists whose files may be commands.
const MAX_FOLDERS: usize = 64;

/// A command whose name cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Unread {
    /// 1-based line; 0 where lines mean nothing.
    pub line: u32,
    /// What can be read of the name.
    pub name: String,
}

/// Code that stands in an argument or a setting, and uses variables that are set elsewhere, or commands that cannot be read.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OpenCode {
    /// The code.
    pub text: String,
    /// Directories that relative paths may start from.
    pub dirs: Vec<NodeId>,
    /// `PATH`.
    pub path: Vec<String>,
    /// Variables that are set for it.
    pub environment: Vec<(String, String)>,
}

/// Runs such code once more, where more is known of its variables. Returns what cannot be read all the same.
pub(crate) fn run_open(runner: &mut Runner, code: &OpenCode, facts: &ShellFacts, outer: Outer) -> Vec<Unread> {
    runner.dirs.clone_from(&code.dirs);
    runner.path.clone_from(&code.path);
    runner.enclosed = true;
    runner.outer = with_environment(&Rc::new(outer), &code.environment);
    let outer = runner.outer.clone();
    run_facts(runner, facts, Vec::new(), &outer);
    std::mem::take(&mut runner.unread)
}

/// Marks the programs that words of a script name, and words of lists that it names: one of them may be the command that
/// cannot be read. Returns their names.
pub(crate) fn run_named(runner: &mut Runner, facts: &ShellFacts, outer: &Outer) -> BTreeSet<String> {
    let environment = &runner.ctx.env;
    let mut variables = Variables::new(facts, environment, outer, Vec::new());
    let mut texts: Vec<String> = Vec::new();
    let assigned = facts.assignments.iter().map(|assignment| &assignment.value);
    let elements = facts.arrays.iter().flat_map(|array| &array.words);
    // The name of a command that can be read has been looked up.
    let arguments = facts.commands.iter().flat_map(|command| command.words.iter().skip(1));
    let words = facts.words.iter().map(|(word, _)| word);
    for word in assigned.chain(elements).chain(arguments).chain(words).take(MAX_WORDS) {
        texts.extend(variables.expand(word).into_iter().chain([text_of(word)]));
    }
    // `$DIR/bin/name` may be a program that `PATH` knows as well.
    let names =
        facts.commands.iter().filter_map(|command| command.words.first()).filter(|name| name.literal().is_none());
    texts.extend(names.take(MAX_WORDS).map(|name| base_name(&text_of(name)).to_owned()));
    // What `printf` makes a line's end of.
    texts.extend(
        texts.iter().filter(|text| text.contains("\\n")).map(|text| text.replace("\\n", "\n")).collect::<Vec<_>>(),
    );
    folders(runner, facts, &mut variables);
    texts.extend(facts.commands.iter().filter_map(|command| command.input.as_deref().map(str::to_owned)));
    texts.sort();
    texts.dedup();
    let lists = lists(runner, facts, &mut variables);
    let mut named: BTreeSet<String> = BTreeSet::new();
    for line in texts.iter().chain(&lists).flat_map(|text| text.lines()) {
        command_line(runner, line, &mut named);
    }
    named
}

/// Programs that print, or run, what they read.
const READERS: [&str; 11] =
    ["awk", "cat", "cut", "grep", "head", "mapfile", "parallel", "sed", "sort", "tail", "xargs"];

/// Marks the files in folders that a script lists: they may be what it runs.
fn folders(runner: &mut Runner, facts: &ShellFacts, variables: &mut Variables<'_>) {
    let lists = |name: &Word| name.literal().is_some_and(|name| matches!(base_name(&name), "find" | "ls"));
    let commands = facts.commands.iter().filter(|command| command.words.first().is_some_and(lists));
    let mut found: BTreeSet<String> = BTreeSet::new();
    for word in commands.flat_map(|command| command.words.iter().skip(1)).take(MAX_WORDS) {
        let paths = variables.expand(word);
        found.extend(paths.into_iter().filter(|path| path.starts_with(['/', '.']) && !path.contains(HOLE)));
    }
    runner.files_below(found.iter().take(MAX_FOLDERS));
}

/// The texts of the files that a script reads.
fn lists(runner: &mut Runner, facts: &ShellFacts, variables: &mut Variables<'_>) -> Vec<String> {
    let reads = |name: &Word| name.literal().is_some_and(|name| READERS.contains(&base_name(&name)));
    let commands = facts.commands.iter().filter(|command| command.words.first().is_some_and(reads));
    let arguments = commands.flat_map(|command| command.words.iter().skip(1));
    let mut found: BTreeSet<String> = BTreeSet::new();
    for word in facts.words.iter().map(|(word, _)| word).chain(arguments).take(MAX_WORDS) {
        found.extend(variables.expand(word));
    }
    found.iter().filter_map(|word| list(runner, word)).collect()
}

/// The readable characters of a word.
fn text_of(word: &Word) -> String {
    let mut text = String::new();
    for piece in &word.0 {
        match piece {
            Piece::Text(part) => text.push_str(part),
            Piece::Choice(choices) => text.push_str(&choices.join(" ")),
            _ => text.push(HOLE),
        }
    }
    text
}

/// The text of a file that a word names, if lines of it may be commands.
fn list(runner: &mut Runner, word: &str) -> Option<String> {
    if word.contains([HOLE, '\n']) || !word.contains('/') && !word.contains('.') {
        return None;
    }
    let tree = runner.graph.tree();
    let node = runner.dirs.iter().find_map(|&dir| Some(tree.resolve_from(dir, word)?.node))?;
    let inode = tree.inode(node);
    if !inode.is_file() || inode.size() > MAX_LIST {
        return None;
    }
    let mut bytes = Vec::new();
    runner.graph.rootfs.read_prefix(node, MAX_LIST, &mut bytes).ok()?;
    (!bytes.contains(&0) && !bytes.starts_with(b"#!")).then(|| String::from_utf8(bytes).ok()).flatten()
}

/// Runs what may be commands in a line: from the first word on that names a program, and every other such word.
fn command_line(runner: &mut Runner, line: &str, named: &mut BTreeSet<String>) {
    let ends = |c: char| c.is_whitespace() || "\"'`;&|()<>{}[]=,$:".contains(c) || c == HOLE;
    let words: Vec<String> = line.split(ends).filter(|word| !word.is_empty()).map(str::to_owned).collect();
    let mut first = true;
    for (i, word) in words.iter().enumerate() {
        let known = !first && named.contains(word);
        if known || !runner.step() || word.starts_with('-') || !runner.is_program(word) {
            continue;
        }
        named.insert(word.clone());
        runner.evidence.kind = EvidenceKind::Command;
        runner.evidence.detail = word.as_str().into();
        let rest = words.get(i..).unwrap_or_default();
        let _ = if first { runner.command(rest, None) } else { runner.command(&rest[..1], None) };
        first = false;
    }
    for path in operands::paths(line).filter(|path| path.starts_with('/')) {
        runner.operand(path, Operands::Files);
    }
}
