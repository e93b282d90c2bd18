//! Where a name stands.

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
