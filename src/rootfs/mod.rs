//! The layers of an image merged into one tree, with the contents of its files within reach.

mod accounting;
mod builder;
mod contents;
mod digest;
mod merge;
mod resolve;
mod tree;

pub use crate::tarball::{Metadata, Segment, Xattr};
pub use accounting::{Accounting, LayerBytes, Superseded};
pub use builder::Builder;
pub use contents::{ContentReader, Rootfs};
pub use merge::{Merged, merge, merge_within};
pub use resolve::Resolution;
pub use tree::{Content, Inode, InodeId, Kind, NodeId, Tree};
