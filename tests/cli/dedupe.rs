//! Identical files of packages become one file, if asked.

use crate::archive::{Image, Layer};
use crate::bench::{Bench, open};

const LIST: &str = "/usr/share/p/a\n/usr/share/p/b\n/usr/share/p/c\n";

fn bench() -> Bench {
    let layer = Layer::new()
        .file_with_mode("app/run", 0o755, "#!/bin/sh\ncat /usr/share/p/a /usr/share/p/b /usr/share/p/c /app/mine\n")
        .file_with_mode("bin/sh", 0o755, "x")
        .file("app/mine", "x".repeat(1000))
        .file("usr/share/p/a", "x".repeat(1000))
        .file("usr/share/p/b", "x".repeat(1000))
        .file_with_mode("usr/share/p/c", 0o600, "x".repeat(1000))
        .file("var/lib/dpkg/status", "Package: p\nStatus: install ok installed\nVersion: 1\n")
        .file("var/lib/dpkg/info/p.list", LIST);
    let bench = Bench::new();
    Image::new(vec![layer.tar()]).docker().save(bench.path("app.tar"));
    bench
}

#[test]
fn files_are_joined_only_if_asked_and_the_report_says_so() {
    let bench = bench();
    let shared = |image: &str| {
        let image = open(&bench.path("."), image);
        let tree = bantam::rootfs::merge(&image.layers).unwrap().rootfs.tree;
        let links = |path| tree.inode(tree.get(path).unwrap()).links;
        ["/usr/share/p/a", "/usr/share/p/b", "/usr/share/p/c", "/app/mine"].map(links)
    };
    bench.run("slim app.tar -o plain.tar").done();
    assert_eq!(shared("plain.tar"), [1, 1, 1, 1]);
    bench.run("slim app.tar -o joined.tar --dedupe").done();
    assert_eq!(shared("joined.tar"), [2, 2, 1, 1]);
    let report = bench.run("report app.tar --dedupe --json").done().json();
    assert_eq!(report["linked"][0]["path"], "/usr/share/p/b");
    assert_eq!(report["linked"][0]["to"], "/usr/share/p/a");
    let size = |name: &str| {
        let merged = bantam::rootfs::merge(&open(&bench.path("."), name).layers).unwrap();
        merged.accounting.layers.iter().map(|layer| layer.bytes).sum::<u64>()
    };
    assert_eq!(report["totals"]["result"]["bytes"], size("joined.tar"));
    assert_eq!(size("plain.tar") - size("joined.tar"), 1000);
    let categories = report["categories"].as_array().unwrap();
    let sum: i64 = categories.iter().map(|category| category["bytes"].as_i64().unwrap()).sum();
    assert_eq!(report["totals"]["removed"]["bytes"], sum);
}

#[test]
fn nothing_but_links_tells_the_two_results_apart() {
    let bench = bench();
    bench.run("slim app.tar -o plain.tar").done();
    bench.run("slim app.tar -o joined.tar --dedupe").done();
    let diff = bench.run("diff plain.tar joined.tar --json").done().json();
    assert_eq!(
        diff["files"]["changed"],
        serde_json::json!([
            {"path": "/usr/share/p/b", "what": ["links"], "before": 1000, "after": 0}
        ])
    );
    assert_eq!((&diff["files"]["added"], &diff["files"]["removed"]), (&serde_json::json!([]), &serde_json::json!([])));
}
