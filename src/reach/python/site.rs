//! Where a name stands, and what is expected there.

use crate::reach::evidence::Evidence;
use crate::rootfs::NodeId;

/// Where a name stands, and so where it is looked for and what it is evidence of.
#[derive(Clone, Debug)]
pub(super) struct Site {
    /// The environment that finds what it names.
    pub(super) env: usize,
    /// The file it stands in; none for the configuration.
    pub(super) from: Option<NodeId>,
    /// What it says there.
    pub(super) evidence: Evidence,
}

/// What a string may be, by where it stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// A name of the kind that is asked for, so that a lone word counts.
    Name,
    /// Anything: a lone word is prose.
    Anything,
}
