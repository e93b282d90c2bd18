//! Debug information and static symbol tables of ELF files that stay: they go.
//!
//! Neither the loader nor the program reads them; debuggers and profilers do. Every byte that the program headers or an allocated
//! section name stays where it is: what goes is cut off at the file's end, and the section headers are written anew
//! (see `cut`). What cannot be cut off so, or looks as if something else read the file, is left alone and
//! reported.

mod cut;
mod headers;
mod holes;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use bstr::{BString, ByteSlice};
use rayon::prelude::*;

use crate::rootfs::{InodeId, NodeId, Rootfs, Tree};

use super::verdict::{KeepReason, Plan, Verdict};
use cut::Stripping;
use headers::ReadAt;

/// ELF files that keep their symbols although something could go.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LeftAlone {
    /// Path and reason, in the order of the tree.
    pub files: Vec<(BString, &'static str)>,
    /// Why no file was looked at.
    pub all: Option<String>,
}

impl LeftAlone {
    /// One sentence a reason.
    pub fn notes(&self) -> Vec<String> {
        let mut by_reason: BTreeMap<&str, Vec<&BString>> = BTreeMap::new();
        for (path, reason) in &self.files {
            by_reason.entry(reason).or_default().push(path);
        }
        let sentence = |(reason, paths): (&str, Vec<&BString>)| {
            let others = match paths.len() {
                0 | 1 => String::new(),
                count => format!(" and {} more", count - 1),
            };
            let first = paths.first().map(ToString::to_string).unwrap_or_default();
            format!("{first}{others}: symbols stay: {reason}")
        };
        self.all.iter().cloned().chain(by_reason.into_iter().map(sentence)).collect()
    }
}

/// Programs and libraries that read the symbols of others.
const READERS: [&[u8]; 14] = [
    b"bpftrace",
    b"eu-stack",
    b"gdb",
    b"gdbserver",
    b"libdw.so.1",
    b"lldb",
    b"lldb-server",
    b"ltrace",
    b"memray",
    b"perf",
    b"py-spy",
    b"stap",
    b"systemtap",
    b"valgrind",
];

/// Sets what the ELF files that `plan` keeps lose. Call it when the verdicts stand and before records are trimmed, which list
/// sizes and hashes.
pub fn strip(rootfs: &Rootfs, plan: &mut Plan) -> LeftAlone {
    let tree = &rootfs.tree;
    let mut left = LeftAlone::default();
    let mut names: Vec<(InodeId, NodeId)> = Vec::new();
    for node in tree.iter().filter(|&node| plan.keeps(node)) {
        let inode = tree.inode(node);
        if READERS.contains(&tree.name(node).as_bytes()) && !inode.is_dir() {
            left.all = Some(format!("{} reads symbols, so every file keeps them", tree.path(node)));
            return left;
        }
        if inode.is_file() && !plan.rewrites.contains_key(&tree.inode_id(node)) {
            names.push((tree.inode_id(node), node));
        }
    }
    // The names of a file side by side, in the order of the tree.
    names.sort_by_key(|&(inode, _)| inode);
    let files = names.par_chunk_by(|(one, _), (other, _)| one == other);
    let outcomes = files.map(|names| (names, look(rootfs, plan, names)));
    let outcomes: Vec<_> = outcomes.filter(|(_, outcome)| !matches!(outcome, Stripping::Nothing)).collect();
    let mut alone: BTreeSet<(NodeId, &'static str)> = BTreeSet::new();
    for (names, outcome) in outcomes {
        let Some(&(inode, node)) = names.first() else { continue };
        match outcome {
            Stripping::Nothing => {}
            Stripping::Edit(edit) => {
                plan.stripped.insert(inode, edit);
            }
            Stripping::LeaveAlone(reason) => {
                alone.insert((node, reason));
            }
        }
    }
    left.files = alone.into_iter().map(|(node, reason)| (tree.path(node), reason)).collect();
    left
}

fn look(rootfs: &Rootfs, plan: &Plan, names: &[(InodeId, NodeId)]) -> Stripping {
    let Some(&(_, node)) = names.first() else { return Stripping::Nothing };
    let size = rootfs.tree.inode(node).size();
    let read: &ReadAt<'_> = &|at, out| rootfs.read_at(node, at, out);
    let outcome = cut::edit(size, read);
    let Stripping::Edit(edit) = outcome else { return outcome };
    match names.iter().find_map(|&(_, name)| objection(&rootfs.tree, plan, name)) {
        Some(reason) => Stripping::LeaveAlone(reason),
        None => Stripping::Edit(edit),
    }
}

/// Why the file of this name must not change although it could.
fn objection(tree: &Tree, plan: &Plan, node: NodeId) -> Option<&'static str> {
    if matches!(plan.verdict(node), Verdict::Keep(KeepReason::Rule(rule)) if rule.is_users()) {
        return Some("--keep names it");
    }
    let inode = tree.inode(node);
    if inode.xattrs.iter().any(|(name, _)| matches!(name.as_bytes(), b"security.ima" | b"security.evm")) {
        return Some("its content is signed in an extended attribute");
    }
    let name = tree.name(node).as_bytes();
    // fipsmodule.cnf holds a code over the module's file.
    if has_checksum(tree, node, name) || name == b"fips.so" {
        return Some("something beside it holds a checksum or signature of it");
    }
    if name.starts_with(b"ld-") || name.starts_with(b"ld64.") || name == b"ld.so.1" || name == b"libjvm.so" {
        return Some("debuggers find the program by its symbols");
    }
    None
}

/// Whether a file beside it holds a checksum of the file's content: FIPS modules of OpenSSL, libgcrypt, GnuTLS
/// (`.NAME.hmac`) and NSS (`libfreebl3.chk`) check themselves when they are loaded.
fn has_checksum(tree: &Tree, node: NodeId, name: &[u8]) -> bool {
    const ENDINGS: [&[u8]; 7] = [b".hmac", b".chk", b".sig", b".asc", b".sha256", b".sha512", b".md5"];
    let dir = tree.parent(node);
    let stem = name.rsplit_once_str(".").map_or(name, |(stem, _)| stem);
    ENDINGS.iter().any(|ending| {
        [[name, ending].concat(), [b".", name, ending].concat(), [stem, ending].concat()]
            .iter()
            .any(|beside| tree.child(dir, beside).is_some())
    })
}
