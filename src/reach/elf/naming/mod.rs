//! What the strings of an ELF file name, besides libraries that it loads: files, folders of plugins and of programs,
//! commands.
//!
//! - An absolute path names what is there. A folder of libraries or of programs is named with what is in it: who knows the
//!   folder opens what it finds (`lt_dlforeachfile`), or puts the names together.
//! - A folder of data of the same software is named with all that it brought there.
//! - A path that is a word of a longer string is a setting that is compiled in.
//! - A conversion in a path (`/usr/lib/sox/%s.so`, see printf(3)) stands for any name.
//! - The end of a path (`plugins`, `%s/modules`) names a folder of plugins that the same software brought, or that lies
//!   where another string says.
//! - A command line names the programs in it.
//! - A word names a program of the same software, wherever that lies.
//! - A name of a library without its version, or a part of one, names the libraries of the same software that fit.

mod data;
mod folders;
mod libraries;
mod programs;
#[cfg(test)]
mod tests;

use bstr::{BString, ByteSlice};
use data::Data;
use folders::Folders;
use libraries::Libraries;
pub(super) use programs::COMMAND;
use programs::Programs;

use super::facts::ElfFacts;
use super::glued;
use crate::owners::Owners;
use crate::reach::command::fits;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// A string that names a directory closer to the root names nothing in particular.
const MIN_DIRECTORY_PARTS: usize = 3;
/// How many files a path with conversions may stand for.
const MAX_MATCHES: usize = 1024;

/// Finds what strings name in one image.
#[derive(Debug)]
pub(super) struct Naming<'a> {
    rootfs: &'a Rootfs,
    data: Data<'a>,
    folders: Folders<'a>,
    libraries: Libraries<'a>,
    programs: Programs<'a>,
}

impl<'a> Naming<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, ctx: &'a Context, owners: &'a Owners) -> Self {
        let (folders, programs) = (Folders::new(rootfs, owners), Programs::new(rootfs, ctx, owners));
        let libraries = Libraries::new(rootfs, owners);
        Self { rootfs, data: Data::new(rootfs, owners), folders, libraries, programs }
    }

    /// Marks what the strings of the file at `node` name. `is_cut` says of a folder's path, or of `command:NAME`, that a rule knows better.
    pub(super) fn resolve(&mut self, graph: &mut Graph, node: NodeId, facts: &ElfFacts, is_cut: impl Fn(&str) -> bool) {
        let tree = &self.rootfs.tree;
        let glued = glued::paths(tree, &facts.glued);
        for path in facts.paths.iter().map(|path| &**path).chain(glued) {
            self.path(graph, node, path, &is_cut);
        }
        // A folder of one software's own, in which the loader looks for this file's libraries, has its plugins too.
        for dir in facts.runpath.iter().chain(&facts.rpath) {
            self.own_folder(graph, node, dir, &is_cut);
        }
        for path in facts.mentions.iter().filter(|path| facts.paths.binary_search(path).is_err()) {
            self.mention(graph, node, path, &is_cut);
        }
        for format in &facts.formats {
            self.format(graph, node, format, &is_cut);
        }
        self.folders.relative(graph, node, facts, &is_cut);
        for text in &facts.relatives {
            self.data.relative(graph, node, text, &mut self.folders);
        }
        self.libraries.resolve(graph, node, facts, &mut self.folders, &is_cut);
        self.programs.resolve(graph, node, facts, &is_cut);
    }

    /// Marks the libraries that a text in code at `node` names, whole or in part.
    pub(super) fn libraries(&mut self, graph: &mut Graph, node: NodeId, text: &str, evidence: &Evidence) {
        self.libraries.name(graph, node, text, &mut self.folders, evidence);
    }

    /// Marks what is in a folder that a string in the file at `node` names.
    pub(super) fn folder(&mut self, graph: &mut Graph, node: NodeId, path: &str) {
        if let Some(dir) = self.rootfs.tree.follow(path).filter(|&dir| self.rootfs.tree.inode(dir).is_dir()) {
            self.folders.keep(graph, node, dir, path);
            self.programs.folder(graph, node, dir, path);
        }
    }

    /// Marks the program that a string in the file at `node` names.
    pub(super) fn command(&mut self, graph: &mut Graph, node: NodeId, name: &str) {
        self.programs.name(graph, node, name);
    }

    fn path(&mut self, graph: &mut Graph, node: NodeId, path: &str, is_cut: &impl Fn(&str) -> bool) {
        let tree = &self.rootfs.tree;
        let Some(target) = tree.follow(path) else { return };
        // Who names `/usr/lib` means something in it, not itself; who names `/etc/fonts`, all of it.
        let parts = path.split('/').filter(|part| !part.is_empty()).count();
        let settings = parts > 1 && path.starts_with("/etc/");
        if tree.inode(target).is_dir() {
            if !is_cut(path.trim_end_matches('/')) {
                self.folder(graph, node, path);
                self.data_folder(graph, node, target, path);
            }
            if parts < MIN_DIRECTORY_PARTS && !settings {
                return;
            }
        }
        let evidence = Evidence::new(EvidenceKind::Name, format!("string {path}"));
        graph.reach_path(Some(node), Tree::ROOT, path, &evidence);
    }

    /// A path within a longer string: a setting that is compiled in, or a message.
    fn mention(&mut self, graph: &mut Graph, node: NodeId, path: &str, is_cut: &impl Fn(&str) -> bool) {
        let tree = &self.rootfs.tree;
        // Messages speak of manuals, and of programs of others.
        let Some(target) = tree.follow(path).filter(|_| !is_manual(path)) else { return };
        if self.data.is_of_one_software(node, path, target) {
            self.path(graph, node, path, is_cut);
        } else if tree.inode(target).is_file() && !tree.is_program(target) {
            let evidence = Evidence::new(EvidenceKind::Name, format!("string … {path}"));
            graph.reach_path(Some(node), Tree::ROOT, path, &evidence);
        }
    }

    /// A folder where the loader looks for the libraries of the file at `node`, if its software has something there.
    fn own_folder(&mut self, graph: &mut Graph, node: NodeId, dir: &BString, is_cut: &impl Fn(&str) -> bool) {
        let Ok(path) = std::str::from_utf8(dir) else { return };
        let target = self.rootfs.tree.follow(path).filter(|_| path.starts_with('/') && !is_cut(path));
        if target.is_some_and(|target| self.data.is_of_one_software(node, path, target)) {
            self.folder(graph, node, path);
        }
    }

    /// A folder of data, unless everyone's files lie there.
    fn data_folder(&mut self, graph: &mut Graph, node: NodeId, dir: NodeId, path: &str) {
        if !self.folders.is_searched(dir) {
            self.data.keep(graph, node, dir, path);
        }
    }

    /// Marks the libraries and programs that a path with conversions may stand for.
    fn format(&mut self, graph: &mut Graph, node: NodeId, format: &str, is_cut: &impl Fn(&str) -> bool) {
        let tree = &self.rootfs.tree;
        let pattern = with_holes(format);
        let (dir, last) = pattern.rsplit_once('/').unwrap_or_default();
        let literal = pattern.split(HOLE).next().unwrap_or_default();
        if literal.matches('/').count() < MIN_DIRECTORY_PARTS {
            return;
        }
        let evidence = Evidence::new(EvidenceKind::Name, format!("string {format}"));
        // `/usr/lib/git-core/%s` says no more than the folder.
        if !dir.contains(HOLE) && last.chars().all(|c| !c.is_alphanumeric()) {
            return self.path(graph, node, dir, is_cut);
        }
        let mut found = vec![BString::from("")];
        for part in pattern.split('/').filter(|part| !part.is_empty()) {
            let longer = |prefix: &BString, name: &[u8]| BString::from([prefix.as_slice(), b"/", name].concat());
            let mut next = Vec::new();
            for prefix in &found {
                let Some(dir) = tree.follow(if prefix.is_empty() { b"/" } else { prefix.as_slice() }) else { continue };
                if part.contains(HOLE) {
                    let names = tree.children(dir).map(|child| tree.name(child));
                    let room = MAX_MATCHES.saturating_sub(next.len());
                    next.extend(names.filter(|name| fits(part, name)).map(|name| longer(prefix, name)).take(room));
                } else if tree.resolve_from(dir, part).is_some() {
                    next.push(longer(prefix, part.as_bytes()));
                }
                if next.len() >= MAX_MATCHES {
                    break;
                }
            }
            found = next;
        }
        for path in found {
            let Some(target) = tree.follow(&path) else { continue };
            let inode = tree.inode(target);
            if inode.is_file() && (is_library(tree.name(target)) || inode.meta.mode & 0o111 != 0) {
                graph.reach_path(Some(node), Tree::ROOT, &path, &evidence);
            }
        }
    }
}

/// Whether a path is that of something to read for people.
fn is_manual(path: &str) -> bool {
    ["/usr/share/doc/", "/usr/share/man/", "/usr/share/info/"].iter().any(|dir| path.starts_with(dir))
}

/// Whether a file of this name is a library.
fn is_library(name: &[u8]) -> bool {
    name.trim_end_with(|c| c == '.' || c.is_ascii_digit()).ends_with(b".so")
}

/// A string with holes in the places of its conversions: see printf(3). Some programs have letters of their own.
fn with_holes(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('%') {
        out.push_str(before);
        let flags = after.bytes().take_while(|b| b.is_ascii_digit() || b"#0- +'.*$hlLqjzt".contains(b)).count();
        match after.as_bytes().get(flags) {
            Some(letter) if letter.is_ascii_alphabetic() => {
                out.push(HOLE);
                rest = after.get(flags + 1..).unwrap_or_default();
            }
            _ => {
                out.push('%');
                rest = after.strip_prefix('%').unwrap_or(after);
            }
        }
    }
    out.push_str(rest);
    out
}
