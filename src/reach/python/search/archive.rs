//! Zip files on the search path: a zipped standard library, eggs, zipapps (PEP 441).

use std::io::BufReader;

use crate::reach::bundle::{Member, zipped};
use crate::rootfs::{NodeId, Rootfs};

/// No archive of modules is larger than this.
const MAX_ARCHIVE: u64 = 1 << 30;
/// How much of it is read at once.
const BUFFER: usize = 64 << 10;

/// Reads the modules of a zip file; an empty list for anything that is none. All of it stays or goes together,
/// so every module in it counts.
pub fn members(rootfs: &Rootfs, zip: NodeId) -> Vec<Member> {
    let inode = rootfs.tree.inode(zip);
    if !inode.is_file() || inode.size() > MAX_ARCHIVE || rootfs.is_hollow(zip) {
        return Vec::new();
    }
    let reader = BufReader::with_capacity(BUFFER, rootfs.reader(zip));
    zipped::read_from(reader, inode.size()).map(|bundle| bundle.members).unwrap_or_default()
}
