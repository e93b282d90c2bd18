//! Precedence, links, directories, pruning and sums.

use super::testing::{keep, scene, strip};
use super::{Amount, KeepReason, Totals, Verdict, removals};
use crate::reach::{Evidence, EvidenceKind, Graph};

fn evidence(kind: EvidenceKind) -> Evidence {
    Evidence::new(kind, "test")
}

#[test]
fn keep_beats_strip_beats_keep_rules_beat_evidence_beats_strip_rules() {
    let scene = scene().add("/usr/share/doc/x/readme").add("/usr/share/doc/x/copyright").add("/bin/tool").build();
    let both = [keep(&["/bin"]), strip(&["/bin/tool"])].concat();
    assert!(scene.gone(&scene.plan(&both, None)).iter().all(|path| path != "/bin/tool"));
    let plan = scene.plan(&strip(&["/usr/share/doc/x/copyright"]), None);
    assert_eq!(scene.gone(&plan), ["/usr/share/doc/x", "/usr/share/doc/x/copyright", "/usr/share/doc/x/readme"]);
    let mut graph = Graph::new(&scene.rootfs);
    graph.reach(None, scene.node("/usr/share/doc/x/readme"), evidence(EvidenceKind::Name));
    assert!(scene.gone(&scene.plan(&[], Some(&graph.edges))).is_empty());
    let plan = scene.plan(&keep(&["/usr/share/doc/*/readme"]), None);
    assert!(scene.gone(&plan).is_empty());
}

#[test]
fn belonging_to_nobody_is_no_evidence_against_a_glob() {
    let scene = scene().add("/tmp/x").add("/tmp/y").build();
    let mut graph = Graph::new(&scene.rootfs);
    graph.reach(None, scene.node("/tmp/x"), evidence(EvidenceKind::Payload));
    graph.reach(None, scene.node("/tmp/y"), evidence(EvidenceKind::Name));
    assert_eq!(scene.gone(&scene.plan(&[], Some(&graph.edges))), ["/tmp/x"]);
}

#[test]
fn users_globs_take_directories_whole() {
    let scene = scene().add("/opt/x/a").add("/opt/x/empty/").add("/opt/x/keep").add("/opt/link -> x/a").build();
    let globs = [keep(&["/opt/x/keep"]), strip(&["/opt/x/"])].concat();
    assert_eq!(scene.gone(&scene.plan(&globs, None)), ["/opt/x/a", "/opt/x/empty"]);
    let gone = scene.gone(&scene.plan(&strip(&["/opt/x"]), None));
    assert_eq!(gone, ["/opt/x", "/opt/x/a", "/opt/x/empty", "/opt/x/keep"]);
}

#[test]
fn what_a_kept_symlink_needs_stays() {
    let scene =
        scene().add("/tmp/real").add("/tmp/second -> real").add("/app/link -> /tmp/second").add("/tmp/other").build();
    let plan = scene.plan(&[], None);
    assert_eq!(*scene.verdict(&plan, "/tmp/real"), Verdict::Keep(KeepReason::LinkTarget));
    assert_eq!(scene.gone(&plan), ["/tmp/other"]);
    let plan = scene.plan(&strip(&["/tmp/real"]), None);
    assert_eq!(scene.gone(&plan), ["/tmp/other", "/tmp/real"]);
}

#[test]
fn hard_links_are_judged_by_name_and_counted_once() {
    let scene = scene()
        .add("/opt/conda/pkgs/a/x")
        .hardlink("/opt/conda/pkgs/b/x", "/opt/conda/pkgs/a/x")
        .add("/opt/conda/pkgs/a/y")
        .hardlink("/opt/conda/lib/y", "/opt/conda/pkgs/a/y")
        .build();
    let plan = scene.plan(&[], None);
    let found = removals(&scene.rootfs.tree, &plan);
    let of = |path: &str| found.iter().find(|removal| removal.node == scene.node(path)).map(|r| (r.file, r.bytes));
    assert_eq!(of("/opt/conda/pkgs/a/x"), Some((true, 1)));
    assert_eq!(of("/opt/conda/pkgs/b/x"), Some((false, 0)));
    assert_eq!(of("/opt/conda/pkgs/a/y"), Some((false, 0)));
    assert_eq!(of("/opt/conda/lib/y"), None);
    let totals = Totals::new(&scene.rootfs.tree, &plan);
    assert_eq!(totals.before, Amount { files: 2, bytes: 2 });
    assert_eq!(totals.after, Amount { files: 1, bytes: 1 });
    assert_eq!(totals.by_category["language package caches"], Amount { files: 1, bytes: 1 });
}

#[test]
fn sums_add_up_with_rewrites() {
    let scene = scene().add("/tmp/a").add("/lib/b +pkg").add("/c").add("/d").build();
    let mut graph = Graph::new(&scene.rootfs);
    graph.reach(None, scene.node("/c"), evidence(EvidenceKind::Payload));
    let mut plan = scene.plan(&[], Some(&graph.edges));
    plan.rewrites.insert(scene.rootfs.tree.inode_id(scene.node("/c")), Vec::new());
    plan.rewrites.insert(scene.rootfs.tree.inode_id(scene.node("/d")), b"longer".to_vec());
    let totals = Totals::new(&scene.rootfs.tree, &plan);
    let stripped: u64 = totals.by_category.values().map(|amount| amount.bytes).sum();
    assert_eq!((stripped, totals.pruned.bytes, totals.rewritten), (1, 1, -4));
    assert_eq!(totals.by_owner.values().map(|amount| amount.bytes).sum::<u64>(), 1);
    let removed = i64::try_from(totals.before.bytes).unwrap() - i64::try_from(totals.after.bytes).unwrap();
    assert_eq!(removed, 1 + 1 - 4);
}

#[test]
fn directories_go_only_where_nobody_needs_them() {
    let scene = scene()
        .add("/usr/share/doc/x/sub/readme")
        .add("/usr/share/doc/empty/")
        .add("/usr/share/doc/work/readme")
        .add("/usr/share/doc/volume/readme")
        .add("/usr/share/man/man1/x.1")
        .add("/usr/share/man/de/man1/x.1")
        .add("/var/cache/man/de/index.db")
        .workdir("/usr/share/doc/work")
        .volume("/usr/share/doc/volume")
        .build();
    let gone = scene.gone(&scene.plan(&[], None));
    let directories: Vec<&str> =
        gone.iter().map(String::as_str).filter(|path| scene.rootfs.tree.inode(scene.node(path)).is_dir()).collect();
    assert_eq!(
        directories,
        ["/usr/share/doc/x", "/usr/share/doc/x/sub", "/usr/share/man/de", "/usr/share/man/de/man1"]
    );
}

#[test]
fn owned_files_that_are_not_reached_are_pruned_with_their_folders() {
    let scene = scene()
        .add("/usr/lib/used/a.so +used")
        .add("/usr/lib/used/b.so +used")
        .add("/usr/lib/idle/sub/c.so +idle")
        .add("/usr/lib/idle/spool/")
        .add("/var/lib/idle/state +idle")
        .add("/etc/idle.conf +idle")
        .add("/usr/lib/used/mine")
        .add("/etc/alternatives/c -> /usr/lib/idle/sub/c.so")
        .build();
    let mut graph = Graph::new(&scene.rootfs);
    graph.reach(None, scene.node("/usr/lib/used/a.so"), evidence(EvidenceKind::Needed));
    let plan = scene.plan(&[], Some(&graph.edges));
    assert_eq!(
        scene.gone(&plan),
        [
            "/etc/alternatives/c",
            "/usr/lib/idle/sub",
            "/usr/lib/idle/sub/c.so",
            "/usr/lib/used/b.so",
            "/var/lib/idle/state"
        ]
    );
    assert_eq!(*scene.verdict(&plan, "/etc/idle.conf"), Verdict::Keep(KeepReason::Configuration));
    assert_eq!(*scene.verdict(&plan, "/usr/lib/used/mine"), Verdict::Keep(KeepReason::Payload));
    assert!(scene.gone(&scene.plan(&[], None)).is_empty());
}

#[test]
fn records_and_licences_go_with_their_owner() {
    let scene = scene()
        .add("/var/lib/dpkg/info/used.list")
        .add("/var/lib/dpkg/info/idle.list")
        .add("/var/lib/dpkg/info/conf.list")
        .add("/usr/lib/used.so +used")
        .add("/usr/lib/idle.so +idle")
        .add("/etc/conf +conf")
        // As gcc's libraries do: the licence is another package's, through a symlink.
        .add("/usr/share/doc/used -> base +used")
        .add("/usr/share/doc/base/copyright +base")
        .add("/usr/share/doc/idle/copyright +idle")
        .add("/usr/share/doc/conf/copyright +conf")
        .build();
    let mut graph = Graph::new(&scene.rootfs);
    graph.reach(None, scene.node("/usr/lib/used.so"), evidence(EvidenceKind::Needed));
    let plan = scene.plan(&[], Some(&graph.edges));
    assert_eq!(
        scene.gone(&plan),
        ["/usr/lib/idle.so", "/usr/share/doc/idle", "/usr/share/doc/idle/copyright", "/var/lib/dpkg/info/idle.list"]
    );
}

#[test]
fn the_entry_point_stays_whatever_names_it() {
    let scene = scene()
        .add("/app/main.py")
        .add("/app/main.pyc")
        .add("/app/other.pyc")
        .add("/app/other.py")
        .workdir("/app")
        .command(&["python", "main.pyc"])
        .build();
    let plan = scene.plan(&[], None);
    assert_eq!(scene.gone(&plan), ["/app/other.pyc"]);
    assert_eq!(*scene.verdict(&plan, "/app/main.pyc"), Verdict::Keep(KeepReason::EntryPoint));
}

#[test]
fn only_the_first_program_of_a_name_in_path_is_the_entry_point() {
    let first = "/usr/local/bin/tool";
    let scene = scene().env("PATH", "/usr/local/bin:/usr/bin").add("/usr/bin/tool !").add(&format!("{first} !"));
    let scene = scene.command(&["tool"]).build();
    let plan = scene.plan(&[], None);
    assert_eq!(*scene.verdict(&plan, first), Verdict::Keep(KeepReason::EntryPoint));
    assert_ne!(*scene.verdict(&plan, "/usr/bin/tool"), Verdict::Keep(KeepReason::EntryPoint));
}

#[test]
fn baggage_is_what_strip_rules_take_without_evidence() {
    let scene = scene().add("/tmp/x").add("/app/x").build();
    let found = scene.matchers(&[]).baggage(&scene.owners);
    assert!(found[scene.node("/tmp/x").index()]);
    assert!(!found[scene.node("/app/x").index()]);
}
