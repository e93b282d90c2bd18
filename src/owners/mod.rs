//! Who put a file there: a package manager, a Python installer, CPython's own `make install`, or nobody.
//!
//! [`find`] reads the records that package tools keep. What no record names is looked at once more: byte code
//! belongs to the owner of its source, links of the alternatives system to the package they lead to, files that a
//! maintainer script makes to its package (by [`Rule`]s). A file that a record lists but somebody changed after
//! the installation belongs to nobody: a later layer or time gives it away, the hash in the record proves it.
//! Directories are never owned: packages share them.

pub(crate) mod apk;
mod bytecode;
mod claim;
mod conda;
mod cpython;
pub(crate) mod digest;
pub(crate) mod dpkg;
mod foreign;
mod landmarks;
pub(crate) mod nix;
pub(crate) mod opkg;
mod owner;
mod pacman;
pub(crate) mod place;
pub(crate) mod portage;
pub(crate) mod python;
pub mod rpm;
mod rules;

pub use owner::{Ecosystem, Owner, OwnerId, Owners};
pub use rules::Rule;

use crate::rootfs::Rootfs;

/// Finds the owner of every file of an image. `rules` say which package's scripts make which unlisted files.
pub fn find(rootfs: &Rootfs, rules: &[Rule]) -> Owners {
    let mut owners = Owners::none(&rootfs.tree);
    let landmarks = landmarks::Landmarks::find(&rootfs.tree);
    // A later claim wins: what a system package brought is its own, even if it is a Python distribution too.
    let rpm = rpm::Installed::read(rootfs, &mut owners);
    let foreign = foreign::note(rootfs, rpm.unread, &mut owners);
    python::find(rootfs, &landmarks, foreign, &mut owners);
    conda::find(rootfs, &landmarks, &mut owners);
    apk::find(rootfs, &mut owners);
    dpkg::find(rootfs, &mut owners);
    rpm.claim(rootfs, &mut owners);
    pacman::find(rootfs, &mut owners);
    opkg::find(rootfs, &mut owners);
    portage::find(rootfs, &mut owners);
    nix::find(rootfs, &mut owners);
    // From here on only files that nobody has claimed yet are looked at.
    cpython::find(rootfs, &landmarks, foreign, &mut owners);
    python::venv::find(rootfs, &landmarks, &mut owners);
    dpkg::claim_alternatives(rootfs, &mut owners);
    rules::apply(rootfs, rules, &mut owners);
    bytecode::claim(&rootfs.tree, &mut owners);
    foreign::leave_whole(&rootfs.tree, &mut owners);
    owners.note_changed(&rootfs.tree);
    owners
}
