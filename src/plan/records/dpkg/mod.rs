//! `/var/lib/dpkg`: the status file, and for every package its lists and scripts.
//!
//! As long as dpkg itself is in the image, packages that stay keep everything dpkg knows of them. Without it their
//! maintainer scripts, triggers and symbol lists can serve nobody and go; what `dpkg-query` reads from outside
//! stays: `list`, `md5sums`, `conffiles`.

mod lists;
mod status;

use std::collections::HashSet;

use bstr::ByteSlice;
use rustc_hash::FxHashMap;

use super::adapting::Records;
use super::remains::{self, Remains, Standing};
use crate::owners::OwnerId;
use crate::owners::dpkg::control::stanzas;
use crate::owners::dpkg::{ADMIN, Diversions, Info, Infos, package_of};
use crate::owners::place::Places;
use crate::rootfs::{NodeId, Tree};
use lists::Lists;

/// Where dpkg itself may be.
const PROGRAM: &str = "/usr/bin/dpkg";

/// What stays of a package's files below `info/` in an image without dpkg.
const READ_FROM_OUTSIDE: [&[u8]; 3] = [b"list", b"md5sums", b"conffiles"];

/// What stays of it when only configuration is left; the script would purge that.
const OF_CONFIG_FILES: [&[u8]; 2] = [b"list", b"postrm"];

/// Databases that describe the whole system to `dpkg-query`.
const SYSTEM: [&str; 4] = ["info/format", "arch", "diversions", "statoverride"];

/// Copies of databases as they were before the last change: they list what is gone.
const BACKUPS: [&str; 6] =
    ["status-old", "available", "available-old", "diversions-old", "statoverride-old", "cmethopt-old"];

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let Some(admin) = tree.follow(ADMIN) else { return };
    let prunes = records.prunes;
    let claims = remains::count(records.rootfs, records.owners, records.plan, |node| tree.is_within(node, admin));
    let has_dpkg = tree.follow(PROGRAM).is_some_and(|node| records.keeps(node));
    let text = Diversions::file(tree, admin).and_then(|file| records.rootfs.read(file).ok()).unwrap_or_default();
    let diversions = Diversions::parse(&text);
    let mut database = Database {
        lists: Lists { places: Places::below(tree, Tree::ROOT), diversions: &diversions },
        infos: Infos::read(tree, admin),
        admin,
        claims,
        prunes,
        has_dpkg,
    };
    let states = database.trim_status(records);
    if let Some(states) = states {
        database.trim_infos(records, &states);
        database.trim_system(records, &states);
    }
    database.trim_status_d(records);
}

struct Database<'a> {
    lists: Lists<'a>,
    infos: Infos,
    admin: NodeId,
    /// What is left of every owner's files.
    claims: Vec<Remains>,
    prunes: bool,
    has_dpkg: bool,
}

/// What became of the packages of the status file.
#[derive(Debug, Default)]
struct States {
    /// By position in [`Infos`].
    by_info: FxHashMap<usize, Standing>,
    /// Name and architecture of those that are still listed.
    listed: HashSet<(Vec<u8>, Vec<u8>)>,
    /// Whether any is not listed as it was.
    changed: bool,
}

impl Database<'_> {
    /// What is left of a package, by its list and by what its owner claims beside it. Without a list nobody knows
    /// what its files are: then it counts as installed.
    fn state(&mut self, records: &Records<'_>, info: Option<&Info>, package: &[u8]) -> Standing {
        let Some(list) = info.and_then(|info| info.get("list")) else { return Standing::Installed };
        let Some(text) = records.content(list) else { return Standing::Installed };
        let mut left = self.lists.remains(records, &text, package);
        if let Some(owner) = records.owners.of(list) {
            self.add_claims(&mut left, owner);
        }
        left.state(self.prunes)
    }

    fn add_claims(&self, left: &mut Remains, owner: OwnerId) {
        let claims = self.claims.get(owner.0 as usize).copied().unwrap_or_default();
        left.kept = left.kept.max(claims.kept);
        left.removed = left.removed.max(claims.removed);
        left.total = left.total.max(claims.total);
    }

    /// Leaves the paragraphs of packages that stay. None if there is no status file.
    fn trim_status(&mut self, records: &mut Records<'_>) -> Option<States> {
        let tree = &records.rootfs.tree;
        let node = tree.resolve_from(self.admin, "status")?.node;
        let before = records.content(node)?.into_owned();
        let mut after = Vec::with_capacity(before.len());
        let mut states = States::default();
        for stanza in stanzas(&before) {
            let Some(package) = stanza.field("Package") else {
                after.extend_from_slice(stanza.raw);
                continue;
            };
            let architecture = stanza.field("Architecture").unwrap_or_default();
            let position = self.infos.position(package, architecture);
            let info = position.and_then(|at| self.infos.list.get(at)).map(|(_, info)| info.clone());
            let was_installed = stanza.field("Status").is_none_or(|status| status.ends_with(b" installed"));
            let state = match self.state(records, info.as_ref(), package) {
                Standing::Installed if !was_installed => Standing::ConfigFiles,
                state => state,
            };
            if let Some(position) = position {
                states.by_info.insert(position, state);
            }
            match state {
                Standing::Installed => after.extend(status::without_lost_conffiles(stanza, &mut self.lists, records)),
                Standing::ConfigFiles if !was_installed => after.extend_from_slice(stanza.raw),
                Standing::ConfigFiles => {
                    after.extend(status::as_config_files(stanza, &mut self.lists, records));
                    states.changed = true;
                }
                Standing::Gone => states.changed = true,
            }
            if state != Standing::Gone {
                states.listed.insert((package.to_vec(), architecture.to_vec()));
            }
        }
        records.restore(node);
        records.rewrite(node, &before, after);
        Some(states)
    }

    fn trim_infos(&mut self, records: &mut Records<'_>, states: &States) {
        let list = std::mem::take(&mut self.infos.list);
        for (at, (key, info)) in list.iter().enumerate() {
            let package = package_of(key);
            let state = match states.by_info.get(&at) {
                Some(&state) => state,
                // A list without a paragraph: nothing but the list says that the package is there.
                None => self.state(records, Some(info), package),
            };
            for (extension, node) in &info.files {
                let extension: &[u8] = extension;
                let stays = match state {
                    Standing::Installed => self.has_dpkg || READ_FROM_OUTSIDE.contains(&extension),
                    Standing::ConfigFiles => {
                        extension == b"list" || self.has_dpkg && OF_CONFIG_FILES.contains(&extension)
                    }
                    Standing::Gone => false,
                };
                if stays {
                    records.restore(*node);
                } else if state != Standing::Installed || !records.is_needed(*node) && self.prunes {
                    records.drop(*node);
                }
                match extension {
                    _ if !records.keeps(*node) => {}
                    b"list" => self.lists.trim_list(records, *node, package),
                    b"md5sums" => self.lists.trim_md5sums(records, *node, package),
                    b"conffiles" => self.lists.trim_conffiles(records, *node),
                    _ => {}
                }
            }
        }
        self.infos.list = list;
    }

    /// What concerns the system as a whole.
    fn trim_system(&mut self, records: &mut Records<'_>, states: &States) {
        let tree = &records.rootfs.tree;
        let find = |path: &str| tree.resolve_from(self.admin, path).map(|found| found.node);
        if !states.listed.is_empty() {
            for node in SYSTEM.iter().filter_map(|path| find(path)) {
                records.restore(node);
            }
        }
        if states.changed {
            for node in BACKUPS.iter().filter_map(|path| find(path)) {
                records.drop(node);
            }
        }
        if self.has_dpkg {
            let backups: Vec<NodeId> = BACKUPS.iter().filter_map(|path| find(path)).collect();
            let dirs = [Some(self.admin), find("triggers"), find("alternatives")];
            for node in dirs.into_iter().flatten().flat_map(|dir| tree.children(dir)) {
                if !tree.inode(node).is_dir() && !backups.contains(&node) {
                    records.restore(node);
                }
            }
        }
        if let Some(node) = find("diversions") {
            self.lists.trim_diversions(records, node);
        }
        if let Some(node) = find("statoverride") {
            self.lists.trim_statoverride(records, node);
        }
        self.lists.trim_alternatives(records, find("alternatives"));
        status::trim_extended_states(records, &states.listed);
    }

    /// Packages of images without dpkg, one file each.
    fn trim_status_d(&mut self, records: &mut Records<'_>) {
        let tree = &records.rootfs.tree;
        let Some(dir) = tree.resolve_from(self.admin, "status.d") else { return };
        for node in tree.children(dir.node) {
            let name = tree.name(node).as_bytes();
            if name.ends_with(b".md5sums") {
                continue;
            }
            let sums = tree.child(dir.node, &[name, b".md5sums"].concat());
            let Some(sums) = sums else { continue };
            let left = records.owners.of(node).and_then(|id| self.claims.get(id.0 as usize)).copied();
            // There is no state for leftover configuration here.
            if left.unwrap_or_default().state(self.prunes) == Standing::Installed {
                records.restore(node);
                records.restore(sums);
                self.lists.trim_md5sums(records, sums, name);
            } else {
                records.drop(node);
                records.drop(sums);
            }
        }
    }
}

#[cfg(test)]
mod tests;
