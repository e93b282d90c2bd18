use crate::owners::digest::Written;
use crate::owners::{Owners, find};
use crate::plan::records::testing::{kept, prune, text};
use crate::plan::records::trim;
use crate::plan::{KeepReason, Plan, Verdict};
use crate::rootfs::{Builder, Rootfs};

const INFO: &str = "/var/lib/dpkg/info";

fn stanza(name: &str, more: &str) -> String {
    format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1\n{more}\n")
}

/// A package with one file, a licence, and whatever else is listed.
fn package(builder: Builder, name: &str, more: &str) -> Builder {
    let list = format!("/.\n/lib\n/usr\n/usr/lib\n/usr/lib/{name}\n/usr/share/doc/{name}/copyright\n{more}");
    builder
        .file(&format!("{INFO}/{name}.list"), list.as_bytes())
        .file(&format!("{INFO}/{name}.md5sums"), format!("{}  usr/lib/{name}\n", Written::Md5.of_bytes(b"")).as_bytes())
        .file(&format!("{INFO}/{name}.postinst"), b"#!/bin/sh\n")
        .file(&format!("/usr/lib/{name}"), b"")
        .file(&format!("/usr/share/doc/{name}/copyright"), b"")
}

fn image() -> Builder {
    let status = [
        stanza("stays", "Conffiles:\n /etc/stays.conf 0\n /etc/lost.conf 0\nDescription: x\n"),
        stanza("gone", ""),
        stanza("conf", "Conffiles:\n /etc/conf 0\n"),
        stanza("meta", ""),
        stanza("unknown", ""),
        stanza("dpkg", ""),
    ]
    .concat();
    let builder = Builder::new()
        .symlink("/lib", "usr/lib")
        .file("/var/lib/dpkg/status", status.as_bytes())
        .file("/var/lib/dpkg/status-old", status.as_bytes())
        .file("/var/lib/dpkg/lock", b"")
        .file(&format!("{INFO}/format"), b"1\n")
        .file(&format!("{INFO}/meta.list"), b"/usr/share/doc/meta/copyright\n")
        .file("/usr/share/doc/meta/copyright", b"")
        .file("/usr/bin/dpkg", b"")
        .file("/usr/share/stays/data", b"")
        .file("/etc/stays.conf", b"")
        .file("/etc/conf", b"")
        .file(
            "/var/lib/apt/extended_states",
            b"Package: gone\nAuto-Installed: 1\n\nPackage: stays\nAuto-Installed: 1\n",
        );
    let builder = package(builder, "stays", "/etc/stays.conf\n/usr/share/stays\n/usr/share/stays/data\n");
    let builder = package(package(builder, "gone", ""), "conf", "/etc/conf\n");
    package(builder, "dpkg", "/usr/bin/dpkg\n")
}

fn slim(rootfs: &Rootfs, keeps: impl Fn(&str) -> bool) -> (Owners, Plan) {
    let owners = find(rootfs, &[]);
    let mut plan = prune(rootfs, &owners, |path| keeps(path));
    let changed = rootfs.tree.get("/usr/lib/stays").unwrap();
    plan.rewrites.insert(rootfs.tree.inode_id(changed), b"new".to_vec());
    // Folders go with all that is in them.
    for path in ["/usr/share/stays", "/usr/share/doc/gone"] {
        let node = rootfs.tree.get(path).unwrap();
        let Verdict::Prune(owner) = *plan.verdict(rootfs.tree.children(node).next().unwrap()) else { continue };
        plan.set(node, Verdict::Prune(owner));
    }
    trim(rootfs, &owners, &mut plan);
    (owners, plan)
}

#[test]
fn the_status_file_lists_what_is_left() {
    let rootfs = image().build();
    let (_, plan) = slim(&rootfs, |path| path == "/usr/lib/stays");
    let want = [
        stanza("stays", "Conffiles:\n /etc/stays.conf 0\nDescription: x\n"),
        "Package: conf\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 1\nConfig-Version: 1\n\
         Conffiles:\n /etc/conf 0\n\n"
            .to_owned(),
        stanza("unknown", ""),
    ]
    .concat();
    assert_eq!(text(&rootfs, &plan, "/var/lib/dpkg/status"), want);
    assert_eq!(text(&rootfs, &plan, "/var/lib/apt/extended_states"), "Package: stays\nAuto-Installed: 1\n");
    let kept: Vec<String> =
        kept(&rootfs, &plan).into_iter().filter(|path| path.starts_with("/var/lib/dpkg/")).collect();
    let want = ["conf.list", "format", "stays.list", "stays.md5sums"].map(|name| format!("{INFO}/{name}"));
    assert_eq!(kept[..4], want);
    assert_eq!(kept[4..], ["/var/lib/dpkg/status"]);
}

#[test]
fn lists_name_what_is_left_and_hashes_follow() {
    let rootfs = image().build();
    let (_, plan) = slim(&rootfs, |path| path == "/usr/lib/stays");
    let list = "/.\n/lib\n/usr\n/usr/lib\n/usr/lib/stays\n/etc/stays.conf\n";
    assert_eq!(text(&rootfs, &plan, &format!("{INFO}/stays.list")), list);
    let sums = format!("{}  usr/lib/stays\n", Written::Md5.of_bytes(b"new"));
    assert_eq!(text(&rootfs, &plan, &format!("{INFO}/stays.md5sums")), sums);
}

#[test]
fn with_dpkg_in_the_image_scripts_of_what_stays_stay() {
    let rootfs = image().build();
    let (_, plan) = slim(&rootfs, |path| path == "/usr/bin/dpkg" || path == "/usr/lib/stays");
    let kept = kept(&rootfs, &plan);
    for path in ["info/stays.postinst", "info/dpkg.list", "lock"] {
        assert!(kept.contains(&format!("/var/lib/dpkg/{path}")), "{path}");
    }
    for path in ["info/gone.postinst", "info/conf.postinst", "status-old"] {
        assert!(!kept.contains(&format!("/var/lib/dpkg/{path}")), "{path}");
    }
}

#[test]
fn a_plan_that_removes_nothing_changes_nothing() {
    let rootfs = image().build();
    let owners = find(&rootfs, &[]);
    let mut plan = Plan::keep_all(&rootfs.tree);
    trim(&rootfs, &owners, &mut plan);
    assert!(rootfs.tree.iter().all(|node| plan.keeps(node)));
    // Paths that were not there to begin with are not listed any more: here /etc/lost.conf.
    let changed: Vec<_> = rootfs
        .tree
        .iter()
        .filter(|&node| plan.rewrites.contains_key(&rootfs.tree.inode_id(node)))
        .map(|node| rootfs.tree.path(node).to_string())
        .collect();
    assert_eq!(changed, ["/var/lib/dpkg/status"]);
}

#[test]
fn what_the_user_keeps_stays() {
    let rootfs = image().build();
    let owners = find(&rootfs, &[]);
    let mut plan = prune(&rootfs, &owners, |_| false);
    let wanted = rootfs.tree.get(format!("{INFO}/gone.postinst")).unwrap();
    plan.set(wanted, Verdict::Keep(KeepReason::Rule(crate::plan::testing::user_keep("x"))));
    trim(&rootfs, &owners, &mut plan);
    assert!(plan.keeps(wanted));
}

#[test]
fn packages_of_distroless_images() {
    let sums = |name: &str| {
        format!("{}  usr/lib/{name}\n{}  usr/lib/{name}2\n", Written::Md5.of_bytes(b""), Written::Md5.of_bytes(b""))
    };
    let dir = "/var/lib/dpkg/status.d";
    let rootfs = Builder::new()
        .file(&format!("{dir}/a"), b"Package: a\nVersion: 1\n")
        .file(&format!("{dir}/a.md5sums"), sums("a").as_bytes())
        .file(&format!("{dir}/b"), b"Package: b\nVersion: 1\n")
        .file(&format!("{dir}/b.md5sums"), sums("b").as_bytes())
        .file("/usr/lib/a", b"")
        .file("/usr/lib/a2", b"")
        .file("/usr/lib/b", b"")
        .build();
    let owners = find(&rootfs, &[]);
    let mut plan = prune(&rootfs, &owners, |path| path == "/usr/lib/a");
    trim(&rootfs, &owners, &mut plan);
    assert_eq!(
        text(&rootfs, &plan, &format!("{dir}/a.md5sums")),
        format!("{}  usr/lib/a\n", Written::Md5.of_bytes(b""))
    );
    assert_eq!(text(&rootfs, &plan, &format!("{dir}/a")), "Package: a\nVersion: 1\n");
    assert_eq!(text(&rootfs, &plan, &format!("{dir}/b")), "(gone)");
    assert_eq!(text(&rootfs, &plan, &format!("{dir}/b.md5sums")), "(gone)");
}
