//! Zip files on the search path: a zipped standard library, eggs, zipapps (PEP 441).

use std::io::{Cursor, Read};

use super::super::reading::extract::extract;
use super::super::reading::facts::PythonFacts;
use crate::rootfs::{NodeId, Rootfs};

/// A Python source file in a zip file: its dotted name and what it says.
pub type Member = (String, PythonFacts);

/// No archive of modules is larger than this.
const MAX_ARCHIVE: u64 = 1 << 30;
/// Members larger than this are no source files.
const MAX_MEMBER: u64 = 16 << 20;
/// More than this is not read of one archive.
const MAX_TOTAL: u64 = 512 << 20;

/// Reads the modules of a zip file; an empty list for anything that is none. All of it stays or goes together,
/// so every module in it counts.
pub fn members(rootfs: &Rootfs, zip: NodeId) -> Vec<Member> {
    let inode = rootfs.tree.inode(zip);
    if !inode.is_file() || inode.size() > MAX_ARCHIVE {
        return Vec::new();
    }
    let Ok(bytes) = rootfs.read(zip) else { return Vec::new() };
    let Ok(mut archive) = zip::ZipArchive::new(Cursor::new(bytes)) else { return Vec::new() };
    let mut out = Vec::new();
    let mut total = 0;
    for index in 0..archive.len() {
        let Ok(member) = archive.by_index(index) else { continue };
        let Some(stem) = member.name().strip_suffix(".py").map(str::to_owned) else { continue };
        let mut source = Vec::new();
        if member.take(MAX_MEMBER).read_to_end(&mut source).is_err() {
            continue;
        }
        total += source.len() as u64;
        if total > MAX_TOTAL {
            break;
        }
        let name = stem.replace('/', ".");
        let name = name.strip_suffix(".__init__").unwrap_or(&name).to_owned();
        out.push((name, extract(&source)));
    }
    out.sort_by(|a, b| a.0.cmp(&b.0));
    out
}
