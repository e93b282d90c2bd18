//! How two images differ.

use crate::archive::{Image, Layer};
use crate::bench::Bench;

fn bench() -> Bench {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    bench
}

#[test]
fn an_image_and_its_slimmed_self_differ_in_what_the_report_lists() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar").done();
    let planned = bench.run("diff app.tar --json").done().json();
    let done = bench.run("diff app.tar out.tar --json").done().json();
    assert_eq!(done["schema"], "bantam.diff/1");
    for field in ["files", "packages", "config"] {
        assert_eq!(planned[field], done[field], "{field}");
    }
    let list = bench.run("report app.tar --list").done();
    let mut removed: Vec<String> = list.text().lines().map(|line| format!("- {line}")).collect();
    removed.sort();
    let found = bench.run("diff app.tar out.tar --list").done();
    let mut found: Vec<String> = found.text().lines().map(Into::into).collect();
    found.sort();
    assert_eq!(found, removed);
    let report = bench.run("report app.tar --json").done().json();
    assert_eq!(done["before"]["layer_bytes"], report["totals"]["original"]["bytes"]);
    assert_eq!(done["after"]["layer_bytes"], report["totals"]["result"]["bytes"]);
    assert_eq!(planned["after"]["layer_bytes"], done["after"]["layer_bytes"]);
}

#[test]
fn the_exit_status_tells_a_difference_only_if_asked() {
    let bench = bench();
    let mut other = Image::new(vec![Layer::new().file("app/run", "#!/bin/sh\n").tar()]);
    other.config["config"]["Cmd"] = serde_json::json!(["other"]);
    other.docker().save(bench.path("other.tar"));
    assert_eq!(bench.run("diff app.tar app.tar --exit-code").code, Some(0));
    assert_eq!(bench.run("diff app.tar other.tar").code, Some(0));
    let ended = bench.run("diff app.tar other.tar --exit-code");
    assert_eq!(ended.code, Some(4));
    assert!(ended.stderr.is_empty() && ended.text().contains("\n  Cmd\n  - [\"/app/run\"]\n  + [\"other\"]\n"));
    assert!(ended.text().lines().all(|line| line.chars().count() <= 80));
}

#[test]
fn what_cannot_be_compared_is_one_line() {
    let bench = bench();
    bench.run("diff app.tar missing.tar").refused(1, "missing.tar");
    bench.run("diff app.tar app.tar --json --list").refused(2, "--list");
    bench.run("diff").refused(2, "IMAGE");
}
