use super::testing::{ndb, package, unpacked};
use crate::owners::{Owners, find};
use crate::rootfs::{Builder, Rootfs};

const SQLITE: &[u8] = include_bytes!("testdata/rpmdb.sqlite.gz");

fn owner<'a>(rootfs: &Rootfs, owners: &'a Owners, path: &str) -> Option<&'a str> {
    owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).name.as_str())
}

fn image() -> Builder {
    Builder::new()
        .file("/var/lib/rpm/rpmdb.sqlite", &unpacked(SQLITE))
        .file("/usr/bin/mini", b"hello\n")
        .symlink("/usr/bin/mini-link", "mini")
        .file("/etc/mini.conf", b"conf\n")
        .file("/var/log/mini.log", b"")
        .file("/usr/share/other/data", b"data\n")
        .file("/usr/share/bulk/file-7", b"7\n")
        .file("/usr/share/bulk/mine", b"")
}

#[test]
fn files_are_those_of_the_package_that_lists_them() {
    let rootfs = image().build();
    let owners = find(&rootfs, &[]);
    let of = |path| owner(&rootfs, &owners, path);
    assert_eq!(of("/usr/bin/mini"), Some("mini"));
    assert_eq!(of("/usr/bin/mini-link"), Some("mini"));
    assert_eq!(of("/etc/mini.conf"), Some("mini"));
    assert_eq!(of("/usr/share/other/data"), Some("other"));
    assert_eq!(of("/usr/share/bulk/file-7"), Some("bulk"));
    assert_eq!(of("/usr/share/bulk/mine"), None);
    assert_eq!(of("/var/log/mini.log"), None, "a ghost outside of /usr is a program's data");
    assert_eq!(owners.notes, [""; 0]);
    let mini = owners.iter().find(|(_, owner)| owner.name == "mini").unwrap().1;
    assert_eq!(mini.version, "3:1.0-2.el9");
}

#[test]
fn what_was_changed_since_is_nobodys() {
    let mut rootfs = image().build();
    let edit = |rootfs: &mut Rootfs, path: &str, layer| {
        let node = rootfs.tree.get(path).unwrap();
        rootfs.tree.inode_mut(node).layer = layer;
    };
    edit(&mut rootfs, "/usr/bin/mini", 1);
    edit(&mut rootfs, "/usr/bin/mini-link", 1);
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, "/usr/bin/mini"), Some("mini"), "its hash is that of the header");
    assert_eq!(owner(&rootfs, &owners, "/usr/bin/mini-link"), Some("mini"), "it leads where the header says");

    let mut rootfs = Builder::new()
        .file("/var/lib/rpm/rpmdb.sqlite", &unpacked(SQLITE))
        .file("/usr/bin/mini", b"mine")
        .symlink("/usr/bin/mini-link", "/opt/mine")
        .file("/etc/mini.conf", b"conf\n")
        .symlink("/usr/share/bulk/file-7", "file-8")
        .build();
    edit(&mut rootfs, "/usr/bin/mini", 1);
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, "/usr/bin/mini"), None);
    assert_eq!(owner(&rootfs, &owners, "/usr/bin/mini-link"), None);
    assert_eq!(owner(&rootfs, &owners, "/usr/share/bulk/file-7"), None, "the package has a file there");
    assert_eq!(owner(&rootfs, &owners, "/etc/mini.conf"), Some("mini"));
}

#[test]
fn a_file_that_is_newer_than_its_package_has_it_is_looked_into() {
    use super::testing::header;
    // SHA-1 of nothing, twice; the second file is not empty.
    let digest = "da39a3ee5e6b4b0d3255bfef95601890afd80709\0".repeat(2);
    let blob = header(&[
        (1000, 6, 1, b"web\0"),
        (1027, 8, 2, b"/srv/same\0/srv/edited\0"),
        (1034, 4, 2, b"\0\0\0\x05\0\0\0\x05"),
        (1035, 8, 2, digest.as_bytes()),
        (5011, 4, 1, b"\0\0\0\x02"),
    ]);
    let mut rootfs = Builder::new()
        .file("/var/lib/rpm/Packages.db", &ndb(&[(1, &blob)]))
        .file("/srv/same", b"")
        .file("/srv/edited", b"x")
        .build();
    for (path, mtime) in [("/srv/same", 7), ("/srv/edited", 7), ("/var/lib/rpm/Packages.db", 9)] {
        let node = rootfs.tree.get(path).unwrap();
        rootfs.tree.inode_mut(node).meta.mtime = mtime;
    }
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, "/srv/same"), Some("web"));
    assert_eq!(owner(&rootfs, &owners, "/srv/edited"), None, "in the same layer, before the database was written last");
}

#[test]
fn either_name_of_a_merged_directory_will_do() {
    let blobs = [
        package("rpm", &["/bin/rpm", "/lib64/ld.so", "/bin"]),
        package("old", &["/usr/bin/tool", "/usr/lib/x/../y", "/usr/bin/a/b"]),
        package("gpg-pubkey", &[]),
    ];
    let main = ndb(&[(1, &blobs[0]), (2, &blobs[1]), (3, &blobs[2])]);
    let rootfs = Builder::new()
        .symlink("/bin", "usr/bin")
        .symlink("/var/lib/rpm", "../../usr/lib/sysimage/rpm")
        .file("/usr/lib/sysimage/rpm/Packages.db", &main)
        .file("/usr/lib/sysimage/rpm/Index.db", b"")
        .file("/usr/bin/rpm", b"")
        .file("/usr/lib64/ld.so", b"")
        .file("/usr/bin/tool", b"")
        .build();
    let owners = find(&rootfs, &[]);
    let of = |path| owner(&rootfs, &owners, path);
    assert_eq!(of("/usr/bin/rpm"), Some("rpm"));
    assert_eq!(of("/usr/lib64/ld.so"), Some("rpm"));
    assert_eq!(of("/usr/bin/tool"), Some("old"));
    assert_eq!(of("/bin"), None);
    assert_eq!(of("/usr/lib/sysimage/rpm/Index.db"), Some("rpm"));
    let names: Vec<_> = owners.iter().map(|(_, owner)| owner.name.as_str()).collect();
    assert_eq!(names, ["rpm", "old"], "one database, and a key is no package");
}

#[test]
fn distributions_are_those_of_pip_or_of_the_package_that_lists_them() {
    let site = "/usr/lib/python3.9/site-packages";
    let file = |name: &str| format!("{site}/{name}");
    let main = ndb(&[(1, &package("python3-six", &[&file("six.py"), &file("six-1.dist-info/METADATA")]))]);
    let image = |main: &[u8]| {
        Builder::new()
            .file("/var/lib/rpm/Packages.db", main)
            .file(&file("six.py"), b"")
            .file(&file("six-1.dist-info/METADATA"), b"Name: six\nVersion: 1\n")
            .file(&file("six-1.dist-info/INSTALLER"), b"rpm\n")
            .file(&file("six-1.dist-info/RECORD"), b"six.py,,\n")
            .file(&file("flask.py"), b"")
            .file(&file("flask-1.dist-info/METADATA"), b"Name: flask\nVersion: 1\n")
            .file(&file("flask-1.dist-info/INSTALLER"), b"pip\n")
            .file(&file("flask-1.dist-info/RECORD"), b"flask.py,,\n")
            .build()
    };
    let rootfs = image(&main);
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, &file("six.py")), Some("python3-six"));
    assert_eq!(owner(&rootfs, &owners, &file("flask.py")), Some("flask"));
    // Of a database that cannot be read, nobody knows what it lists; but pip says what is its own.
    let rootfs = image(b"RpmP");
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, &file("six.py")), None);
    assert_eq!(owner(&rootfs, &owners, &file("flask.py")), Some("flask"));
    assert_eq!(owners.notes.len(), 1);
}

#[test]
fn databases_with_too_many_files_are_not_read() {
    let blob = super::testing::header(&[(1000, 6, 1, b"many\0"), (1027, 8, 1 << 20, &b"a\0".repeat(1 << 20))]);
    let notes = |count: u32| {
        let blobs: Vec<(u32, &[u8])> = (1..=count).map(|number| (number, blob.as_slice())).collect();
        find(&Builder::new().file("/var/lib/rpm/Packages.db", &ndb(&blobs)).build(), &[]).notes
    };
    assert_eq!(notes(4), [""; 0]);
    assert_eq!(notes(5).len(), 1);
}

#[test]
fn lists_without_a_database_name_packages_and_no_files() {
    let rootfs = Builder::new()
        .file(
            "/var/lib/rpmmanifest/container-manifest-2",
            b"glibc\t2.38-8.azl3\t1\t1\tM\t(none)\t1\tx86_64\t0\tx.src.rpm\n",
        )
        .file("/usr/lib/libc.so.6", b"")
        .build();
    let owners = find(&rootfs, &[]);
    assert_eq!(owner(&rootfs, &owners, "/usr/lib/libc.so.6"), None);
    assert_eq!(owners.iter().next().unwrap().1.version, "2.38-8.azl3");
}
