//! Programs that bring an interpreter of their own.

use crate::rootfs::NodeId;

/// Programs other than interpreters that are linked with Python's library.
#[derive(Debug, Default)]
pub(super) struct Embedding {
    /// There is one.
    pub(super) is_embedded: bool,
    /// Libraries of interpreters that were started in an environment found already: such a program would start another.
    pub(super) libraries: Vec<NodeId>,
}
