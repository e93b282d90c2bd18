//! Zip files on the search path: a zipped standard library, eggs, zipapps (PEP 441).

use crate::reach::bundle::{Member, zipped};
use crate::rootfs::{NodeId, Rootfs};

/// No archive of modules is larger than this.
const MAX_ARCHIVE: u64 = 1 << 30;

/// Reads the modules of a zip file; an empty list for anything that is none. All of it stays or goes together,
/// so every module in it counts.
pub fn members(rootfs: &Rootfs, zip: NodeId) -> Vec<Member> {
    let inode = rootfs.tree.inode(zip);
    if !inode.is_file() || inode.size() > MAX_ARCHIVE {
        return Vec::new();
    }
    let Ok(bytes) = rootfs.read(zip) else { return Vec::new() };
    zipped::read(&bytes).map(|bundle| bundle.members).unwrap_or_default()
}
