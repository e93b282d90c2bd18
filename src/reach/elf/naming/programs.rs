//! Programs that strings name.

use std::collections::HashMap;

use bstr::{BString, ByteSlice};
use rustc_hash::FxHashMap;

use super::{is_library, with_holes};
use crate::owners::Owners;
use crate::reach::command::{BUILTINS, Runner, is_wrapper};
use crate::reach::context::Context;
use crate::reach::elf::facts::ElfFacts;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::reach::shell::expand::{Outer, Variables};
use crate::reach::shell::reader::read;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// How rules write the name of a command.
pub(in crate::reach::elf) const COMMAND: &str = "command:";

/// A program that names more commands of others than this by single words is not taken to run any of them, unless it is the
/// image's own, and in Go or static: of such a one no more is known.
const MAX_WORDS: usize = 16;

/// The programs of one image.
#[derive(Debug)]
pub(super) struct Programs<'a> {
    rootfs: &'a Rootfs,
    ctx: &'a Context,
    owners: &'a Owners,
    /// Those that a package brought, by name: found when first asked for.
    by_name: Option<HashMap<BString, Vec<NodeId>>>,
    /// What files hold that were compared with others.
    digests: FxHashMap<NodeId, Option<String>>,
    /// Libraries that start programs, and what they go by.
    starters: Vec<(NodeId, Vec<BString>)>,
    /// Files that start none themselves, but may have a library do it.
    waiting: Vec<Waiting>,
}

/// A file that names programs of its own software.
#[derive(Debug)]
struct Waiting {
    node: NodeId,
    needed: Vec<BString>,
    words: Vec<Box<str>>,
}

impl<'a> Programs<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, ctx: &'a Context, owners: &'a Owners) -> Self {
        let digests = FxHashMap::default();
        Self { rootfs, ctx, owners, by_name: None, digests, starters: Vec::new(), waiting: Vec::new() }
    }

    /// Marks the programs that the strings of the file at `node` name. `is_cut` says of `command:NAME` that a rule knows better.
    pub(super) fn resolve(
        &mut self,
        graph: &mut Graph,
        node: NodeId,
        facts: &ElfFacts,
        is_cut: &impl Fn(&str) -> bool,
    ) {
        let wrapper = std::str::from_utf8(self.rootfs.tree.name(node)).is_ok_and(is_wrapper);
        let mut words: Vec<(&str, String)> = Vec::new();
        // The image's own may look them up by functions of its own.
        let own = self.owners.of(node).is_none();
        if facts.program && (facts.looks_commands_up() || (own && facts.starts)) && !wrapper {
            words = facts.words.iter().filter_map(|word| Some((&**word, self.command(word)?))).collect();
            words.retain(|(word, _)| !is_cut(&format!("{COMMAND}{word}")));
        }
        let count = words.len();
        let own_go = facts.go_starts && own;
        // One whose own words are also names of commands: an interpreter, a shell.
        if count > MAX_WORDS && !own_go && !(own && facts.is_static()) {
            let what = format!("a program that starts others has {count} words that name programs");
            graph.uncertain_once(Some(node), 0, what, "those of other software were not kept for it".to_owned());
            words.clear();
        }
        if own_go && facts.program && !wrapper {
            let what = "a program in Go that finds others by their names, which are not separated in it".to_owned();
            let effect = format!("programs that words of it name were kept ({count}), others not");
            graph.uncertain_once(Some(node), 0, what, effect);
        }
        let first = facts.commands.iter().filter_map(|word| Some((&**word, self.command(word)?)));
        let first = first.filter(|(word, _)| !is_cut(&format!("{COMMAND}{word}")));
        for (word, path) in first.chain(words) {
            mark(graph, node, word, path);
        }
        for line in facts.lines.iter().filter(|line| !self.records_build(line)) {
            self.line(graph, node, line, is_cut);
        }
        self.siblings(graph, node, facts);
    }

    /// Marks the programs in a folder that a string in the file at `node` names, if the same software brought both.
    pub(super) fn folder(&self, graph: &mut Graph, node: NodeId, dir: NodeId, text: &str) {
        let tree = &self.rootfs.tree;
        let common = ["/usr/local/games", "/usr/games", "/bin", "/sbin", "/usr/bin", "/usr/sbin"];
        if self.ctx.path().chain(common).any(|path| tree.follow(path) == Some(dir)) {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Command, format!("every program of {text}"));
        for file in tree.children(dir).filter(|&file| self.owners.of_one_source(node, file)) {
            if tree.is_program(file) {
                graph.reach_followed(Some(node), file, &evidence);
            }
        }
    }

    /// Marks the programs of the same software that a word names, if the file starts programs, or a library of that software
    /// does it for it (`mail_run_replace` of Postfix's).
    fn siblings(&mut self, graph: &mut Graph, node: NodeId, facts: &ElfFacts) {
        if self.owners.of(node).is_none() {
            return;
        }
        let (tree, owners) = (&self.rootfs.tree, self.owners);
        if facts.starts {
            self.keep_siblings(graph, node, words(facts));
            if facts.program {
                return;
            }
            let names = [Some(tree.name(node).into()), facts.soname.clone()];
            let names: Vec<BString> = names.into_iter().flatten().collect();
            let is_helped = |one: &mut Waiting| {
                owners.of_one_source(node, one.node) && one.needed.iter().any(|needed| names.contains(needed))
            };
            for helped in self.waiting.extract_if(.., is_helped).collect::<Vec<_>>() {
                self.keep_siblings(graph, helped.node, helped.words.iter().map(|word| &**word));
            }
            self.starters.push((node, names));
            return;
        }
        let helps = |(library, names): &(NodeId, Vec<BString>)| {
            owners.of_one_source(node, *library) && names.iter().any(|name| facts.needed.contains(name))
        };
        if self.starters.iter().any(helps) {
            self.keep_siblings(graph, node, words(facts));
            return;
        }
        let by_name = self.by_name.get_or_insert_with(|| index(self.rootfs, owners));
        let is_sibling = |word: &&str| {
            let named = by_name.get(word.as_bytes().as_bstr());
            named.is_some_and(|named| named.iter().any(|&program| owners.of_one_source(node, program)))
        };
        let words: Vec<Box<str>> = words(facts).filter(is_sibling).map(Box::from).collect();
        if !words.is_empty() {
            self.waiting.push(Waiting { node, needed: facts.needed.clone(), words });
        }
    }

    fn keep_siblings<'w>(&mut self, graph: &mut Graph, node: NodeId, words: impl Iterator<Item = &'w str>) {
        let (rootfs, owners) = (self.rootfs, self.owners);
        let by_name = self.by_name.get_or_insert_with(|| index(rootfs, owners));
        for word in words {
            let Some(named) = by_name.get(word.as_bytes().as_bstr()) else { continue };
            let evidence = Evidence::new(EvidenceKind::Command, format!("string {word}"));
            for &program in named.iter().filter(|&&program| owners.of_one_source(node, program)) {
                if !is_itself(rootfs, &mut self.digests, node, program) {
                    graph.reach_followed(Some(node), program, &evidence);
                }
            }
        }
    }

    /// Whether a line is how a program was compiled, which many can print: a compiler is told there to write another name for a folder
    /// (`-ffile-prefix-map=OLD=NEW`, GCC's manual, "Overall Options") that the image has not. Nobody compiles what is not there.
    fn records_build(&self, line: &str) -> bool {
        const MAPS: [&str; 3] = ["-ffile-prefix-map=", "-fdebug-prefix-map=", "-fmacro-prefix-map="];
        let mut folders = line.split_whitespace().filter_map(|word| {
            let map = MAPS.iter().find_map(|option| word.strip_prefix(option))?;
            Some(map.split_once('=')?.0).filter(|folder| folder.starts_with('/'))
        });
        folders.any(|folder| self.rootfs.tree.follow(folder).is_none())
    }

    /// Marks the program of this name.
    pub(super) fn name(&self, graph: &mut Graph, node: NodeId, name: &str) {
        if let Some(path) = self.command(name) {
            mark(graph, node, name, path);
        }
    }

    /// Follows a command line, if it begins with something that can be run.
    fn line(&self, graph: &mut Graph, node: NodeId, line: &str, is_cut: &impl Fn(&str) -> bool) {
        let code = with_holes(line);
        let facts = read(code.as_bytes());
        let evidence = Evidence::new(EvidenceKind::Command, format!("string {line}"));
        let mut runner = Runner::new(graph, self.ctx, Some(node), evidence, "/");
        let outer = Outer::default();
        let mut variables = Variables::new(&facts, &self.ctx.env, &outer, Vec::new());
        for (at, command) in facts.commands.iter().enumerate() {
            for argv in variables.argv(&command.words) {
                let argv = argv.strip_prefix(&["exec".to_owned()]).unwrap_or(&argv);
                let Some(name) = argv.first() else { continue };
                if name.contains(HOLE) || BUILTINS.contains(&name.as_str()) {
                    continue;
                }
                if runner.is_program(name) {
                    if !is_cut(&format!("{COMMAND}{name}")) {
                        runner.command(argv, None);
                    }
                } else if at == 0 {
                    return;
                }
            }
        }
    }

    /// The path of a command, as found in `PATH`.
    fn command(&self, name: &str) -> Option<String> {
        let tree = &self.rootfs.tree;
        let runs = |path: &String| tree.follow(path).is_some_and(|node| tree.is_program(node));
        self.ctx.path().map(|dir| format!("{dir}/{name}")).find(runs)
    }
}

/// Marks a command that a word in the file at `node` means.
fn mark(graph: &mut Graph, node: NodeId, word: &str, path: String) {
    let evidence = Evidence::new(EvidenceKind::Command, format!("string {word}"));
    graph.reach_path(Some(node), Tree::ROOT, path, &evidence);
}

/// What may be names of programs in a file.
fn words(facts: &ElfFacts) -> impl Iterator<Item = &str> {
    let ends = facts.relatives.iter().chain(&facts.formats).filter_map(|text| text.rsplit('/').next());
    facts.words.iter().map(|word| &**word).chain(ends)
}

/// Whether `other` goes by the name of `node`, or is a copy of it: a program says its own name, and one that is several
/// looks by which it was called. A link costs nothing and stays.
fn is_itself(rootfs: &Rootfs, digests: &mut FxHashMap<NodeId, Option<String>>, node: NodeId, other: NodeId) -> bool {
    let tree = &rootfs.tree;
    let (one, two) = (tree.inode(node), tree.inode(other));
    let mut copy = || {
        let mut digest = |node| digests.entry(node).or_insert_with(|| rootfs.blake3(node).ok().flatten()).clone();
        let digests = [node, other].map(&mut digest);
        matches!(digests, [Some(one), Some(two)] if one == two)
    };
    tree.name(node) == tree.name(other)
        || (two.is_file() && one.size() == two.size() && tree.inode_id(node) != tree.inode_id(other) && copy())
}

/// The programs that packages brought, by name. What lies in `/etc` is started by the system (`/etc/init.d`, `/etc/cron.daily`).
fn index(rootfs: &Rootfs, owners: &Owners) -> HashMap<BString, Vec<NodeId>> {
    let tree = &rootfs.tree;
    let mut by_name: HashMap<BString, Vec<NodeId>> = HashMap::default();
    for node in tree.iter().filter(|&node| owners.of(node).is_some()) {
        let name = tree.name(node);
        if !is_library(name) && tree.is_program(node) && !tree.path(node).starts_with(b"/etc/") {
            by_name.entry(name.to_owned()).or_default().push(node);
        }
    }
    by_name
}
