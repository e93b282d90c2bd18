//! Verdicts and their reasons.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::owners::OwnerId;
use crate::profile::{Given, NamedBy, StripRule, UserGlob};
use crate::rootfs::{InodeId, NodeId, Tree};

use super::edit::Edit;
use super::totals::Amount;

/// What becomes of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It stays.
    Keep(KeepReason),
    /// A profile's glob names it as baggage.
    Strip(Box<StripReason>),
    /// Its owner is known and no evidence reaches it.
    Prune(OwnerId),
}

/// Why a file stays.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeepReason {
    /// Evidence reaches it: see `reach`.
    Reached,
    /// The image's command names it.
    EntryPoint,
    /// Nobody owns it.
    Payload,
    /// A rule of a profile or the user names it.
    Rule(NamedBy),
    /// A directory on the way to something that stays, or one that a program may write to or mount on.
    Directory,
    /// A kept hard link or symlink needs it.
    LinkTarget,
    /// A symlink to a directory that stays or that a program may write to: paths that do not exist yet go through it.
    DirectoryLink,
    /// Under `/etc`.
    Configuration,
    /// The record of an owner that stays.
    Record,
    /// An interpreter that runs takes it in the place of its source, which stays, and `--bytecode keep` asks for it.
    Bytecode,
    /// Pruning is off and no strip rule names it.
    NotExamined,
}

/// Which rule strips a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StripReason {
    /// The rule, or the user's own glob.
    pub rule: NamedBy,
    /// The heading it is counted under.
    pub category: Box<str>,
}

impl StripReason {
    /// A profile's rule.
    pub(super) fn of(rule: &StripRule) -> Self {
        Self { rule: rule.id.as_str().into(), category: rule.category.as_str().into() }
    }

    /// The user's own glob.
    pub fn users(glob: &Arc<UserGlob>) -> Self {
        let category = match glob.given() {
            Given::Option => "named by --strip",
            Given::Label => "named by a label",
        };
        Self { rule: glob.into(), category: category.into() }
    }
}

/// A verdict for every node of a tree, and the files whose content changes.
#[derive(Debug, Default)]
pub struct Plan {
    verdicts: Vec<Option<Verdict>>,
    /// New contents of regular files that stay (trimmed package records).
    pub rewrites: BTreeMap<InodeId, Vec<u8>>,
    /// What ELF files that stay lose: debug information and symbols.
    pub stripped: BTreeMap<InodeId, Edit>,
    /// Files that become names of another one, which has the same content and attributes: see [`super::dedupe()`].
    pub links: BTreeMap<InodeId, InodeId>,
    /// Byte code that goes though an interpreter would take it for a source that stays.
    pub uncompiled: Amount,
}

impl Plan {
    /// A plan that keeps everything.
    pub fn keep_all(tree: &Tree) -> Self {
        Self { verdicts: vec![Some(Verdict::Keep(KeepReason::NotExamined)); tree.capacity()], ..Self::default() }
    }

    /// A plan without verdicts.
    pub(super) fn undecided(tree: &Tree) -> Self {
        Self { verdicts: vec![None; tree.capacity()], ..Self::default() }
    }

    /// The verdict on `node`.
    pub fn verdict(&self, node: NodeId) -> &Verdict {
        const NOT_EXAMINED: Verdict = Verdict::Keep(KeepReason::NotExamined);
        self.verdicts[node.index()].as_ref().unwrap_or(&NOT_EXAMINED)
    }

    /// Size of the new content of `inode`, if it has one.
    pub fn rewritten_size(&self, inode: InodeId) -> Option<u64> {
        let rewritten = self.rewrites.get(&inode).map(|bytes| bytes.len() as u64);
        rewritten.or_else(|| self.stripped.get(&inode).map(Edit::size))
    }

    /// The file that stands for `inode` in the output: itself, or the one that it becomes a name of.
    pub fn standing_for(&self, inode: InodeId) -> InodeId {
        self.links.get(&inode).copied().unwrap_or(inode)
    }

    /// Sets the verdict on `node`.
    pub fn set(&mut self, node: NodeId, verdict: Verdict) {
        self.verdicts[node.index()] = Some(verdict);
    }

    /// Whether `node` is in the output.
    pub fn keeps(&self, node: NodeId) -> bool {
        matches!(self.verdict(node), Verdict::Keep(_))
    }
}
