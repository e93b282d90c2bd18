//! Sums against numbers that are worked out by hand.

use std::path::PathBuf;

use serde_json::{Value, json};

use super::{Summary, read, write_csv, write_html, write_json, write_markdown, write_text};

fn blob(name: &str, bytes: u64) -> Value {
    json!({"digest": format!("sha256:{name}"), "bytes": bytes})
}

/// A report of an image on a base that others have, too.
fn report(name: &str, own: u64, new: u64) -> Value {
    json!({
        "schema": "bantam.report/1", "bantam": "0.1.0", "later": [1, {"x": null}],
        "image": {"reference": name, "platform": "linux/amd64", "blobs": [blob("base", 1000), blob(name, own)], "layers": []},
        "totals": {"original": {"files": 10, "bytes": 3000 + own}, "result": {"files": 4, "bytes": new * 2}, "removed": {"files": 6, "bytes": 1}},
        "categories": [{"name": "documentation", "files": 5, "bytes": 70}, {"name": "rewritten", "files": 1, "bytes": -3}],
        "packages": [
            {"ecosystem": "dpkg", "name": "gcc-12", "version": "1", "before": 500, "after": 0},
            {"ecosystem": "dpkg", "name": "libc6", "version": "2", "before": 300, "after": 300},
            {"ecosystem": "dpkg", "name": "libc6", "version": "3", "before": 100, "after": 0},
        ],
        "removed": [{"path": "/a", "type": "file", "bytes": 1, "category": "c", "layer": "l"}],
        "uncertainties": [{"path": "/x", "line": 1, "what": "w", "effect": "e", "settle": "--entry COMMAND"}, {"path": "/x", "line": 1, "what": "w", "effect": "e"}],
        "output": {"tags": [], "digest": "d", "blobs": [blob(&format!("{name}-new"), new)]},
    })
}

fn summary(documents: &[Value]) -> Summary {
    let dir = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = (0..documents.len()).map(|number| dir.path().join(format!("{number}.json"))).collect();
    for (file, document) in files.iter().zip(documents) {
        std::fs::write(file, document.to_string()).unwrap();
    }
    read(&files).unwrap()
}

#[test]
fn what_is_shared_is_stored_once_and_squashing_can_cost() {
    // Before: a base of 1000 and 10, 20, 600 of their own. After: 400, 300, 500.
    let all = summary(&[report("a", 10, 400), report("b", 20, 300), report("c", 600, 500)]);
    let storage = all.storage;
    assert_eq!((storage.before, storage.after, storage.together), (1630, 1200, 2830));
    let stored = |name: &str| all.images.iter().find(|image| image.name == name).unwrap().stored.unwrap();
    let (a, c) = (stored("a"), stored("c"));
    assert_eq!((a.before, a.share_before, a.own_before, a.after, a.share_after), (1010, 343, 10, 400, 400));
    assert_eq!((a.costs, a.costs_alone), (57, 390));
    assert_eq!((c.share_before, c.own_before, c.costs, c.costs_alone), (933, 600, 0, 0));
    // b: 333 + 20 before, 300 after.
    assert_eq!((storage.images, storage.costly, storage.costs), (3, 1, 57));
}

#[test]
fn an_image_that_failed_keeps_its_original() {
    let failed =
        json!({"schema": "bantam.fleet/1", "line": 2, "source": "d", "target": "e", "status": "failed", "error": "no"});
    let mut only_reported = report("b", 20, 300);
    only_reported["output"] = Value::Null;
    let all = summary(&[report("a", 10, 400), only_reported, failed]);
    assert_eq!((all.storage.before, all.storage.after, all.storage.images), (1030, 1420, 1));
    assert_eq!((all.totals.images, all.totals.failed, all.totals.slimmed, all.totals.reported), (3, 1, 1, 2));
}

#[test]
fn files_packages_and_categories_add_up() {
    let all = summary(&[report("a", 10, 400), report("b", 20, 300)]);
    assert_eq!((all.totals.before, all.totals.after), (6030, 1400));
    assert_eq!((all.totals.files_before, all.totals.files_after, all.totals.doubtful), (20, 8, 2));
    let packages: Vec<_> =
        all.packages.iter().map(|one| (one.name.as_str(), one.images, one.gone, one.before, one.after)).collect();
    assert_eq!(packages, [("gcc-12", 2, 2, 1000, 0), ("libc6", 2, 0, 800, 600)]);
    let categories: Vec<_> = all.categories.iter().map(|one| (one.name.as_str(), one.images, one.bytes)).collect();
    assert_eq!(categories, [("documentation", 2, 140), ("rewritten", 2, -6)]);
    assert_eq!(all.images.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["b", "a"]);
}

#[test]
fn of_a_line_that_comes_again_the_last_counts_and_a_skipped_one_says_less() {
    let side = |name: &str, bytes: u64| json!({"digest": name, "blobs": [blob(name, bytes)]});
    let line = |status: &str, after: Value| {
        let mut line = json!({"schema": "bantam.fleet/1", "line": 1, "source": "a", "target": "b", "status": status, "before": side("old", 9), "after": after});
        if status == "slimmed" {
            line["report"] = json!({"platform": "linux/amd64", "original": {"files": 2, "bytes": 20}, "result": {"files": 1, "bytes": 5}});
        }
        line
    };
    let failed = json!({"schema": "bantam.fleet/1", "line": 1, "source": "a", "target": "b", "status": "failed"});
    let again = summary(&[failed.clone(), line("slimmed", side("new", 4)), line("skipped", side("new", 4))]);
    assert_eq!((again.totals.images, again.totals.slimmed, again.totals.before), (1, 1, 20));
    let other = summary(&[line("slimmed", side("new", 4)), line("skipped", side("newer", 5))]);
    assert_eq!((other.totals.images, other.totals.skipped, other.totals.before, other.storage.after), (1, 1, 0, 5));
    let last = summary(&[line("slimmed", side("new", 4)), failed]);
    assert_eq!((last.totals.slimmed, last.totals.failed), (0, 1));
}

#[test]
fn several_documents_in_a_file_and_what_is_none() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("lines.json");
    let index =
        json!({"schema": "bantam.index/1", "images": [report("c", 1, 1)], "output": {"digest": "x", "size": 3}});
    std::fs::write(&file, format!("{}\n{}\n{index}\n", report("a", 1, 1), report("b", 1, 1))).unwrap();
    assert_eq!(read(std::slice::from_ref(&file)).unwrap().totals.images, 3);
    for bad in [
        "",
        "{}",
        "[]",
        "x",
        "{\"schema\": \"bantam.report/9\"}",
        "{\"schema\": \"bantam.report/1\"}",
        "{\"schema\": \"bantam.fleet/1\", \"source\": \"a\", \"target\": \"b\", \"status\": \"new\"}",
    ] {
        std::fs::write(&file, bad).unwrap();
        let error = read(std::slice::from_ref(&file)).unwrap_err().to_string();
        assert!(error.contains("lines.json"), "{bad}: {error}");
    }
}

#[test]
fn every_form_says_the_same_and_names_are_text() {
    let all =
        summary(&[report("<script>alert(1)</script>", 10, 400), report("=1+1", 20, 300), report("c|d", 600, 500)]);
    let of = |write: &dyn Fn(&mut Vec<u8>) -> std::io::Result<()>| {
        let mut out = Vec::new();
        write(&mut out).unwrap();
        String::from_utf8(out).unwrap()
    };
    let json: Value = serde_json::from_str(&of(&|out| write_json(&all, out))).unwrap();
    assert_eq!((&json["schema"], &json["storage"]["after"]), (&json!("bantam.summary/1"), &json!(1200)));
    let table = of(&|out| write_csv(&all, out));
    assert!(table.contains("\n'=1+1,") && table.lines().count() == 4, "{table}");
    let text = of(&|out| write_text(&all, 10, out));
    assert!(text.contains("stored, each blob once: 1.6 kB → 1.2 kB, 26.4% less; 2.8 kB while"), "{text}");
    assert!(text.contains("gcc-12 (dpkg) in 3 images"), "{text}");
    let markdown = of(&|out| write_markdown(&all, 10, out));
    assert!(
        markdown.contains("`c\\|d`") && markdown.contains("**Take more in the registry than before**"),
        "{markdown}"
    );
    let page = of(&|out| write_html(&all, out));
    assert!(!page.contains("<script>alert") && page.contains("Images that take more than before"), "{page}");
}
