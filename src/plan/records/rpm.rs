//! rpm's database: packages of which nothing is left leave it, the headers of those that stay are as they were.
//!
//! A header lists every file its package ever had, and has a checksum and a signature that a shorter list would break. What is made
//! from the headers goes with them: SQLite's log becomes part of the database, and the indexes of the other two formats, which rpm makes
//! anew where they are missing, are dropped. Where rpm itself stays, it may not be allowed to make them: there such databases stay whole.

use std::collections::HashSet;

use super::adapting::Records;
use super::remains::{self, Remains, Standing, is_licence};
use crate::owners::Ecosystem;
use crate::owners::rpm::database::Format;
use crate::owners::rpm::{Listing, Store, Trimmed};
use crate::rootfs::{NodeId, Tree};

pub(super) fn trim(records: &mut Records<'_>) {
    let has_rpm = has_rpm(records);
    for database in Trimmed::all(records.rootfs) {
        let gone = gone(records, &database);
        let store = database.store;
        let is_fixed = has_rpm && store.format != Format::Sqlite;
        let rewritten = (!gone.is_empty() && !is_fixed).then(|| database.without(&gone).ok()).flatten();
        match rewritten {
            Some((before, after)) => {
                records.restore(store.main);
                records.rewrite(store.main, before, after);
                drop_derived(records, &store);
            }
            None => {
                if is_fixed && !gone.is_empty() {
                    records.notes.push(kept_for_rpm(records, &store, gone.len()));
                }
                keep_whole(records, &store, has_rpm);
            }
        }
    }
}

/// Whether something that reads the database stays: rpm, or the library that it and dnf, yum and zypper are made with.
fn has_rpm(records: &Records<'_>) -> bool {
    let tree = &records.rootfs.tree;
    tree.iter().any(|node| {
        let name = tree.name(node);
        let is_library = name.starts_with(b"librpm.so") || name.starts_with(b"librpm-");
        (is_library || name == "rpm" && tree.is_program(node)) && tree.inode(node).is_file() && records.keeps(node)
    })
}

/// The numbers of packages of which nothing is left.
fn gone(records: &Records<'_>, database: &Trimmed) -> HashSet<u32> {
    let tree = &records.rootfs.tree;
    let dir = database.store.dir(tree);
    let left = remains::count(records.rootfs, records.owners, records.plan, |node| tree.is_within(node, dir));
    let mut ids = records
        .owners
        .iter()
        .filter(|(_, owner)| owner.ecosystem == Ecosystem::Rpm && owner.records.contains(&database.store.main))
        .map(|(id, _)| id);
    let mut gone = HashSet::new();
    let mut kept = HashSet::new();
    for (number, header) in database.packages() {
        // A file may be several packages', of which one only owns it.
        let mut listed = Remains::default();
        for (node, _) in Listing::new(tree, &header).nodes().filter(|(node, _)| !tree.is_within(*node, dir)) {
            listed.count(records.plan, node, is_licence(tree, node));
        }
        let claimed = ids.next().and_then(|id| left.get(id.index())).copied().unwrap_or_default();
        // rpm has no state for leftover configuration.
        if listed.or(claimed).state(records.prunes) == Standing::Installed {
            kept.insert(number);
        } else {
            gone.insert(number);
        }
    }
    gone.retain(|number| !kept.contains(number));
    gone
}

/// Drops what was made from headers of which some are gone.
fn drop_derived(records: &mut Records<'_>, store: &Store) {
    let tree = &records.rootfs.tree;
    if store.format == Format::Sqlite {
        for node in [store.log, store.shared].into_iter().flatten() {
            records.rewrite(node, b"before", Vec::new());
        }
        return;
    }
    for node in others(tree, store) {
        records.drop(node);
    }
}

/// What a database tells that stays whole because rpm does.
fn kept_for_rpm(records: &Records<'_>, store: &Store, gone: usize) -> String {
    let path = records.rootfs.tree.path(store.main);
    let packages = if gone == 1 { "package" } else { "packages" };
    format!(
        "{path}: stays as it is, with {gone} {packages} of which nothing is left: rpm or its library stays in the image, and may not be able \
         to make the indexes of this format anew"
    )
}

/// Keeps a database as it is: all of it where rpm stays, else what holds headers.
fn keep_whole(records: &mut Records<'_>, store: &Store, has_rpm: bool) {
    records.restore(store.main);
    if let Some(log) = store.log {
        records.restore(log);
    }
    if has_rpm {
        for node in others(&records.rootfs.tree, store) {
            records.restore(node);
        }
    }
}

/// The other files of a database's folder.
fn others(tree: &Tree, store: &Store) -> Vec<NodeId> {
    let dir = store.dir(tree);
    tree.children(dir).filter(|&node| node != store.main && !tree.inode(node).is_dir()).collect()
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::owners::rpm::database::{Database, Format};
    use crate::owners::rpm::testing::{ndb, package, unpacked};
    use crate::plan::Plan;
    use crate::plan::records::testing::{prune, text};
    use crate::plan::records::trim;
    use crate::rootfs::{Builder, Rootfs};

    fn packages(rootfs: &Rootfs, plan: &Plan, path: &str, format: Format) -> Vec<u32> {
        let node = rootfs.tree.get(path).unwrap();
        assert!(plan.keeps(node));
        let rewritten = plan.rewrites.get(&rootfs.tree.inode_id(node)).cloned();
        let main = rewritten.unwrap_or_else(|| rootfs.read(node).unwrap());
        let mut numbers: Vec<u32> =
            Database { format, main: &main, log: b"" }.records().unwrap().iter().map(|record| record.number).collect();
        numbers.sort_unstable();
        numbers
    }

    fn mini() -> Builder {
        Builder::new()
            .file("/usr/bin/mini", b"hello\n")
            .symlink("/usr/bin/mini-link", "mini")
            .file("/etc/mini.conf", b"conf\n")
            .file("/usr/share/other/data", b"data\n")
            .file("/usr/share/bulk/file-7", b"7\n")
    }

    #[test]
    fn packages_of_which_nothing_is_left_leave_a_database_of_sqlite_with_its_log() {
        let rootfs = mini()
            .file("/var/lib/rpm/rpmdb.sqlite", &unpacked(include_bytes!("../../owners/rpm/testdata/logged.sqlite.gz")))
            .file(
                "/var/lib/rpm/rpmdb.sqlite-wal",
                &unpacked(include_bytes!("../../owners/rpm/testdata/logged.sqlite-wal.gz")),
            )
            .file("/var/lib/rpm/rpmdb.sqlite-shm", b"shared")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path == "/usr/share/bulk/file-7");
        trim(&rootfs, &owners, &mut plan);
        assert_eq!(packages(&rootfs, &plan, "/var/lib/rpm/rpmdb.sqlite", Format::Sqlite), [3]);
        assert_eq!(text(&rootfs, &plan, "/var/lib/rpm/rpmdb.sqlite-wal"), "(gone)");
        // One that is kept has to be empty: it is about pages that are no longer there.
        let mut plan = prune(&rootfs, &owners, |path| path == "/usr/share/bulk/file-7" || path.contains("rpmdb"));
        trim(&rootfs, &owners, &mut plan);
        assert_eq!(packages(&rootfs, &plan, "/var/lib/rpm/rpmdb.sqlite", Format::Sqlite), [3]);
        assert_eq!(text(&rootfs, &plan, "/var/lib/rpm/rpmdb.sqlite-wal"), "");
        assert_eq!(text(&rootfs, &plan, "/var/lib/rpm/rpmdb.sqlite-shm"), "");
        // Where nothing goes, nothing changes.
        let mut plan = prune(&rootfs, &owners, |_| true);
        trim(&rootfs, &owners, &mut plan);
        assert!(plan.rewrites.is_empty());
    }

    #[test]
    fn packages_of_which_nothing_is_left_leave_a_hash() {
        for (name, packed) in [
            ("little", &include_bytes!("../../owners/rpm/testdata/Packages-little.gz")[..]),
            ("big", include_bytes!("../../owners/rpm/testdata/Packages-big.gz")),
        ] {
            let rootfs = mini().file("/var/lib/rpm/Packages", &unpacked(packed)).build();
            let owners = find(&rootfs, &[]);
            let mut plan = prune(&rootfs, &owners, |path| path == "/usr/bin/mini");
            trim(&rootfs, &owners, &mut plan);
            assert_eq!(packages(&rootfs, &plan, "/var/lib/rpm/Packages", Format::Bdb), [2], "{name}");
        }
    }

    fn own_format() -> Rootfs {
        let blobs = [
            package("rpm", &["/usr/bin/rpm", "/usr/share/shared"]),
            package("gone", &["/usr/bin/gone"]),
            package("same", &["/usr/share/shared"]),
            package("gpg-pubkey", &[]),
            package("doc", &["/usr/share/licenses/doc/COPYING", "/usr/bin/doc"]),
        ];
        let numbered: Vec<(u32, &[u8])> = (1..).zip(blobs.iter().map(Vec::as_slice)).collect();
        Builder::new()
            .file("/usr/lib/sysimage/rpm/Packages.db", &ndb(&numbered))
            .file("/usr/lib/sysimage/rpm/Index.db", b"index")
            .exe("/usr/bin/rpm", b"x")
            .exe("/usr/bin/gone", b"x")
            .exe("/usr/bin/doc", b"x")
            .file("/usr/share/shared", b"x")
            .file("/usr/share/licenses/doc/COPYING", b"x")
            .build()
    }

    #[test]
    fn indexes_go_with_what_they_are_made_from_unless_rpm_stays() {
        let rootfs = own_format();
        let owners = find(&rootfs, &[]);
        let main = "/usr/lib/sysimage/rpm/Packages.db";
        let mut plan =
            prune(&rootfs, &owners, |path| matches!(path, "/usr/share/shared" | "/usr/share/licenses/doc/COPYING"));
        trim(&rootfs, &owners, &mut plan);
        assert_eq!(packages(&rootfs, &plan, main, Format::Ndb), [1, 3, 4], "a lone licence is no package");
        assert_eq!(text(&rootfs, &plan, "/usr/lib/sysimage/rpm/Index.db"), "(gone)");

        let mut plan = prune(&rootfs, &owners, |path| path == "/usr/bin/rpm");
        let notes = trim(&rootfs, &owners, &mut plan);
        assert_eq!(notes.len(), 1);
        assert!(notes[0].contains("Packages.db: stays as it is, with 3 packages"), "{notes:?}");
        assert_eq!(packages(&rootfs, &plan, main, Format::Ndb), [1, 2, 3, 4, 5]);
        assert_eq!(text(&rootfs, &plan, "/usr/lib/sysimage/rpm/Index.db"), "index");
    }
}
