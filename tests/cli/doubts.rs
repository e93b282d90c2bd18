//! What makes a result doubtful is said where people see it, and can end a pipeline.

use crate::archive::{Image, Layer};
use crate::bench::Bench;

/// An image whose own script starts what only the container knows.
pub fn doubtful() -> Image {
    let script = "#!/bin/sh\nread -r command < /run/command\n$command --now\n";
    let layer = Layer::new()
        .file_with_mode("bin/sh", 0o755, "\x7fELF")
        .file_with_mode("app/run", 0o755, script)
        .file("usr/share/doc/x/readme", "text");
    Image::new(vec![layer.tar()])
}

#[test]
fn slim_says_what_makes_its_result_doubtful() {
    let bench = Bench::new();
    doubtful().docker().save(bench.path("app.tar"));
    let slim = bench.run("slim app.tar -o out.tar").done();
    let doubt = slim.stderr.lines().find(|line| line.starts_with("doubt: ")).expect("nothing is doubtful");
    assert!(doubt.starts_with("doubt: /app/run:3: ") && doubt.ends_with(" [--entry COMMAND]"), "{doubt}");
    let quiet = bench.run("slim app.tar -o out.tar --quiet").done();
    assert_eq!(quiet.stderr, "");
    let report = bench.run("report app.tar --json").done().json();
    let settled: Vec<_> = report["uncertainties"].as_array().unwrap().iter().map(|one| &one["settle"]).collect();
    assert_eq!(settled, ["--entry COMMAND"]);
}

#[test]
fn with_strict_doubt_is_an_exit_status_and_nothing_is_written() {
    let bench = Bench::new();
    doubtful().docker().save(bench.path("app.tar"));
    let slim = bench.run("slim app.tar -o out.tar --strict");
    assert_eq!(slim.code, Some(5), "{}", slim.stderr);
    assert!(
        slim.stderr.contains("doubt: /app/run:3: ") && slim.stderr.contains("nothing was written"),
        "{}",
        slim.stderr
    );
    assert_eq!(bench.names(), ["app.tar"]);
    for report in ["report app.tar --strict", "slim app.tar --dry-run --strict"] {
        let report = bench.run(report);
        assert_eq!(report.code, Some(5), "{}", report.stderr);
        assert!(report.text().contains("UNCERTAIN"), "{}", report.text());
    }
    Image::sample().docker().save(bench.path("plain.tar"));
    for certain in ["report plain.tar --strict", "slim plain.tar -o out.tar --strict"] {
        bench.run(certain).done();
    }
}

#[test]
fn nothing_is_doubtful_where_every_program_stays() {
    let bench = Bench::new();
    let mut shell = doubtful();
    shell.config["config"]["Cmd"] = serde_json::json!(["sh"]);
    shell.docker().save(bench.path("shell.tar"));
    let slim = bench.run("slim shell.tar -o out.tar --strict").done();
    assert!(slim.stderr.contains("PRUNING IS OFF") && !slim.stderr.contains("doubt:"), "{}", slim.stderr);
    let report = bench.run("report shell.tar --json").done().json();
    assert_eq!(report["uncertainties"].as_array().map(Vec::len), Some(1));
}
