//! What verdicts are made from.

use crate::owners::Owners;
use crate::profile::{KeepRule, Matchers, StripRule};
use crate::reach::Edges;
use crate::reach::entrypoint::Launch;
use crate::rootfs::{NodeId, Rootfs, Tree};

use super::bytecode::Bytecode;

/// Everything a plan is made from.
#[derive(Clone, Copy, Debug)]
pub struct Inputs<'a> {
    /// The merged tree.
    pub rootfs: &'a Rootfs,
    /// Who put the files there.
    pub owners: &'a Owners,
    /// What the program reaches; without it nothing is pruned and only the entry point's own words are evidence.
    pub reached: Option<&'a Edges>,
    /// What rules and the user's globs name.
    pub matchers: &'a Matchers<'a>,
    /// What the image's config says.
    pub launch: &'a Launch,
    /// What becomes of byte code.
    pub bytecode: Bytecode,
}

impl<'a> Inputs<'a> {
    pub(super) fn tree(&self) -> &'a Tree {
        &self.rootfs.tree
    }

    /// Whether files that are not reached may go.
    pub(super) fn prunes(&self) -> bool {
        self.reached.is_some()
    }

    /// Evidence that beats a glob. That a file belongs to nobody, or lies beside reached code, does not.
    pub(super) fn has_evidence(&self, node: NodeId) -> bool {
        self.reached.is_some_and(|edges| edges.is_reached_for_certain(node))
    }

    pub(super) fn is_reached(&self, node: NodeId) -> bool {
        self.reached.is_some_and(|edges| edges.is_reached(node))
    }
}

/// What the first pass found out about a file that is not a directory, besides a verdict.
pub struct Decision<'a> {
    pub node: NodeId,
    /// The rule that strips this symlink if it leads nowhere in the end.
    pub dangling: Option<&'a StripRule>,
    /// The rule that keeps this file as long as its owner stays.
    pub licence: Option<&'a KeepRule>,
}
