//! Records are input from anywhere: whatever is in them, finding owners and trimming must end without a panic.

use proptest::prelude::*;

use super::testing::prune;
use super::trim;
use crate::owners::find;
use crate::rootfs::Builder;

/// Records of every kind, and something of each that is right.
const RECORDS: [(&str, &str); 19] = [
    ("/var/lib/dpkg/status", "Package: a\nStatus: install ok installed\nConffiles:\n /etc/a 0\n\n"),
    ("/var/lib/dpkg/info/a.list", "/usr/bin/a\n/lib/../../x\n/loop/x\n"),
    ("/var/lib/dpkg/info/a.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/a\n"),
    ("/var/lib/dpkg/info/a.conffiles", "/etc/a\nremove-on-upgrade /etc/b\n"),
    ("/var/lib/dpkg/diversions", "/usr/bin/a\n/usr/bin/b\nb\n"),
    ("/var/lib/dpkg/statoverride", "root root 755 /usr/bin/a\n"),
    ("/var/lib/dpkg/alternatives/x", "auto\n/usr/bin/x\n\n/usr/bin/a\n5\n\n"),
    ("/var/lib/dpkg/status.d/b", "Package: b\n"),
    ("/var/lib/dpkg/status.d/b.md5sums", "d41d8cd98f00b204e9800998ecf8427e  usr/bin/b\n"),
    ("/lib/apk/db/installed", "P:c\nV:1\nF:usr/bin\nM:0:0:755\nR:c\nZ:Q1\n\n"),
    ("/usr/lib/python3/dist-packages/d-1.dist-info/RECORD", "d.py,sha256=x,1\n\"q\"\"\",,\n"),
    ("/usr/lib/python3/dist-packages/d-1.dist-info/METADATA", "Name: d\nVersion: 1\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/PKG-INFO", "Name: e\n"),
    ("/usr/lib/python3/dist-packages/e.egg-info/top_level.txt", "e\n"),
    ("/usr/lib/python3/dist-packages/f.egg-link", "/usr/lib\n."),
    ("/var/lib/rpmmanifest/container-manifest-2", "h\t1-1\t1\t1\tM\t(none)\t1\tx86_64\t0\th-1-1.src.rpm\n"),
    (
        "/var/db/pkg/x-y/i-1/CONTENTS",
        "dir /usr\nobj /usr/bin/a d41d8cd98f00b204e9800998ecf8427e 1\nsym /usr/bin/b -> a 1\n",
    ),
    ("/var/lib/alternatives/z", "auto\n/usr/bin/z\n\n/usr/bin/a\n@f@5\n\n"),
    ("/c/conda-meta/g-1-0.json", r#"{"name":"g","files":["x"],"paths_data":{"paths":[{"_path":"x"}]}}"#),
];

proptest! {
    #[test]
    fn no_record_causes_a_panic(
        which in 0..RECORDS.len(),
        at in any::<prop::sample::Index>(),
        cut in 0..40usize,
        noise in prop::collection::vec(prop_oneof![any::<u8>(), prop::sample::select(b"\n\n/.,:\" ".to_vec())], 0..60),
        keep in 0..3u8,
    ) {
        let mut builder = Builder::new()
            .symlink("/loop", "loop")
            .symlink("/bin", "usr/bin")
            .file("/usr/bin/a", b"")
            .file("/usr/bin/b", b"")
            .file("/usr/bin/c", b"")
            .file("/usr/lib/python3/dist-packages/d.py", b"")
            .file("/usr/lib/python3/dist-packages/e/e.py", b"")
            .file("/c/x", b"");
        for (index, (path, sample)) in RECORDS.iter().enumerate() {
            let mut text = sample.as_bytes().to_vec();
            if index == which {
                let start = at.index(text.len());
                let end = (start + cut).min(text.len());
                text.splice(start..end, noise.iter().copied());
            }
            builder = builder.file(path, &text);
        }
        let rootfs = builder.build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path.len() % 3 == usize::from(keep));
        trim(&rootfs, &owners, &mut plan);
        let mut again = prune(&rootfs, &owners, |path| path.len() % 3 == usize::from(keep));
        trim(&rootfs, &owners, &mut again);
        prop_assert_eq!(plan.rewrites, again.rewrites);
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]
    #[test]
    fn no_database_of_rpm_causes_a_panic(
        which in 0..3usize,
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 0..8),
        keep in 0..3u8,
    ) {
        use crate::owners::rpm::testing::{ndb, package, unpacked};
        let mut main = match which {
            0 => ndb(&[(1, &package("a", &["/usr/bin/a", "/loop/x"])), (2, &package("b", &["/usr/bin/b"]))]),
            1 => unpacked(include_bytes!("../../owners/rpm/testdata/Packages-big.gz")),
            _ => unpacked(include_bytes!("../../owners/rpm/testdata/rpmdb.sqlite.gz")),
        };
        for (at, value) in changes {
            // The pages that lead to others are at the front.
            let at = at.index(main.len().min(40_000));
            main[at] = value;
        }
        let path = ["/var/lib/rpm/Packages.db", "/usr/share/rpm/Packages", "/usr/lib/sysimage/rpm/rpmdb.sqlite"][which];
        let rootfs = Builder::new()
            .symlink("/loop", "loop")
            .file(path, &main)
            .file("/usr/bin/a", b"")
            .file("/usr/bin/b", b"")
            .file("/usr/bin/mini", b"hello\n")
            .build();
        let owners = find(&rootfs, &[]);
        let mut plan = prune(&rootfs, &owners, |path| path.len() % 3 == usize::from(keep));
        trim(&rootfs, &owners, &mut plan);
    }
}
