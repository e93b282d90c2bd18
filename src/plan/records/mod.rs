//! Package records that stay true: they list what is left, no more and no less.
//!
//! - A package none of whose files is left is no longer listed. Directories do not count as files, nor does a lone
//!   licence. One with nothing but configuration left is what dpkg calls `config-files`.
//! - A package of which something is left stays listed; its lists of files name only what is left, and hashes follow
//!   files whose content changes.
//! - Records of packages that stay, stay, whether the program reads them or not.
//!
//! What a user's `--keep` or a rule keeps, stays even so.

mod adapting;
mod alternatives;
mod apk;
mod conda;
mod dpkg;
#[cfg(test)]
mod hostile_tests;
mod nix;
mod opkg;
mod pacman;
mod portage;
mod python;
mod remains;
mod rpm;
#[cfg(test)]
mod testing;

use std::cell::RefCell;

use crate::owners::Owners;
use crate::plan::Plan;
use crate::rootfs::Rootfs;
use adapting::Records;

/// Trims the records of every ecosystem to what `plan` keeps. Call it last: it needs the verdicts on files and
/// directories, and the new contents of files that change. Returns what there is to tell the user.
pub fn trim(rootfs: &Rootfs, owners: &Owners, plan: &mut Plan) -> Vec<String> {
    let prunes = remains::prunes(&rootfs.tree, plan);
    let mut records = Records { rootfs, owners, plan, prunes, hashed: RefCell::default(), notes: Vec::new() };
    // Python first: its records are files of Debian's packages.
    python::trim(&mut records);
    conda::trim(&mut records);
    apk::trim(&mut records);
    dpkg::trim(&mut records);
    rpm::trim(&mut records);
    pacman::trim(&mut records);
    opkg::trim(&mut records);
    portage::trim(&mut records);
    nix::trim(&mut records);
    alternatives::trim(&mut records);
    records.notes
}
