//! The dry run says exactly what `slim` does.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use crate::archive::{Image, Layer};
use crate::bench::{Bench, open};

fn bench() -> Bench {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    bench
}

#[test]
fn the_bytes_promised_are_the_bytes_removed() {
    let bench = bench();
    let report = bench.run("report app.tar --json").done().json();
    bench.run("slim app.tar -o out.tar").done();
    let bytes = |name: &str| {
        let layers = open(&bench.path("."), name).layers;
        let merged = bantam::rootfs::merge(&layers).unwrap();
        merged.accounting.layers.iter().map(|layer| layer.bytes).sum::<u64>()
    };
    let removed = bytes("app.tar") - bytes("out.tar");
    assert!(removed >= 5500, "{removed}");
    assert_eq!(report["totals"]["removed"]["bytes"], removed);
    assert_eq!(report["totals"]["result"]["bytes"], bytes("out.tar"));
    assert_eq!(report["schema"], "bantam.report/1");
}

#[test]
fn the_list_names_what_is_gone_afterwards() {
    let bench = bench();
    let ended = bench.run("report app.tar --list").done();
    let list: Vec<&str> = ended.text().lines().map(|line| line.trim_end_matches('/')).collect();
    assert!(list.contains(&"/usr/share/man/man1/app.1"), "{list:?}");
    bench.run("slim app.tar -o out.tar").done();
    let names = |image: &str| -> Vec<String> {
        bench.tree(image).iter().map(|line| line.split(' ').next().unwrap().to_owned()).collect()
    };
    let after = names("out.tar");
    let gone: Vec<String> = names("app.tar").into_iter().filter(|name| !after.contains(name)).collect();
    assert_eq!(gone, list);
}

#[test]
fn a_dry_run_is_a_report_and_writes_nothing() {
    let bench = bench();
    for form in ["", "--json", "--list"] {
        let dry = bench.run(&format!("slim app.tar --dry-run {form} -o out.tar")).done();
        assert_eq!(dry.stdout, bench.run(&format!("report app.tar {form}")).done().stdout);
    }
    assert_eq!(bench.names(), ["app.tar"]);
}

#[test]
fn every_form_is_the_same_from_run_to_run() {
    let bench = bench();
    for form in ["", "--json", "--markdown", "--by folder", "--by owner --markdown"] {
        let print = |threads: u32| bench.run(&format!("report app.tar {form} --threads {threads}")).done().stdout;
        let first = print(1);
        assert!(!first.is_empty());
        assert_eq!(first, print(2), "{form}");
    }
}

#[test]
fn the_page_is_the_same_from_run_to_run_and_with_slim() {
    let bench = bench();
    bench.run("report app.tar --html page.html --threads 1").done();
    bench.run("report app.tar --html again.html --threads 2").done();
    bench.run("slim app.tar -o out.tar --html slim.html").done();
    let page = bench.bytes("page.html");
    assert!(
        page.starts_with(b"<!DOCTYPE html>") && page == bench.bytes("again.html") && page == bench.bytes("slim.html")
    );
    bench.run("report app.tar --html not/there.html").refused(1, "not/there.html");
    assert_eq!(bench.names(), ["again.html", "app.tar", "out.tar", "page.html", "slim.html"]);
}

#[test]
fn a_report_on_what_was_written_goes_to_standard_output() {
    let bench = bench();
    for form in ["--list", "--markdown", "--by layer"] {
        let written = bench.run(&format!("slim app.tar -o out.tar {form}")).done();
        assert_eq!(written.stdout, bench.run(&format!("report app.tar {form}")).done().stdout);
    }
    // In JSON there is what was written besides.
    let mut written = bench.run("slim app.tar -o out.tar --json").done().json();
    let output = written.as_object_mut().unwrap().shift_remove("output").unwrap();
    assert_eq!(written, bench.run("report app.tar --json").done().json());
    assert_eq!(output["config_digest"], crate::bench::open(&bench.path(""), "out.tar").config_digest);
    bench.run("slim app.tar -o - --markdown").refused(2, "standard output");
}

#[test]
fn text_fits_80_columns_and_a_pipe_gets_no_colours() {
    let bench = bench();
    for form in ["", "--top 3", "--by category", "--by owner", "--by layer", "--by folder"] {
        let ended = bench.run(&format!("report app.tar {form}")).done();
        assert!(ended.text().lines().all(|line| line.chars().count() <= 80), "{}", ended.text());
        assert!(!ended.text().contains('\u{1b}'));
    }
    let run = |variable: &str| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bantam"));
        command.args(["report", "app.tar"]).current_dir(bench.path(".")).env("CLICOLOR_FORCE", "1").env(variable, "1");
        String::from_utf8(command.output().unwrap().stdout).unwrap()
    };
    assert!(run("CLICOLOR_FORCE").contains('\u{1b}'));
    assert!(!run("NO_COLOR").contains('\u{1b}'));
}

#[test]
fn manual_pages_are_there_for_every_command() {
    let bench = Bench::new();
    let page = bench.run("man").done();
    for command in ["slim", "report", "why", "profiles", "completions", "man"] {
        assert!(page.text().contains(command));
        let page = bench.run(&format!("man {command}")).done();
        assert!(page.text().contains(&format!(".TH bantam-{command} 1")), "{}", page.text());
    }
    bench.run("man frobnicate").refused(2, "frobnicate");
}

#[test]
fn fail_over_exits_with_3_only_above_the_limit() {
    let bench = bench();
    for (limit, code) in [("1%", 3), ("99.9%", 0), ("5kB", 3), ("50MB", 0)] {
        let ended = bench.run(&format!("report app.tar --fail-over {limit}"));
        assert_eq!(ended.code, Some(code), "{limit}: {}", ended.stderr);
        assert!(ended.text().contains("documentation"), "the report is printed all the same");
    }
}

#[test]
fn why_explains_both_what_stays_and_what_goes() {
    let bench = bench();
    let verdict = |path: &str| {
        let ended = bench.run(&format!("why app.tar {path}")).done();
        ended.text().lines().nth(1).unwrap_or_default().trim().to_owned()
    };
    assert!(verdict("/app/run").starts_with("stays: "), "{}", verdict("/app/run"));
    assert!(verdict("/usr/share/man/man1/app.1").starts_with("goes: "), "{}", verdict("/usr/share/man/man1/app.1"));
    bench.run("why app.tar /not/there").refused(1, "/not/there");
}

#[test]
fn a_reader_that_has_seen_enough_is_no_failure() {
    let bench = Bench::new();
    let mut layer = Layer::new().file("app/run", "#!/bin/sh\n");
    for number in 0..20_000 {
        layer = layer.file(&format!("usr/share/man/man1/page-{number}.1"), "m");
    }
    Image::new(vec![layer.tar()]).docker().save(bench.path("app.tar"));
    let mut command = Command::new(env!("CARGO_BIN_EXE_bantam"));
    command.args(["report", "--list", "app.tar"]).current_dir(bench.path("."));
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::with_capacity(64, child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(line.starts_with("/usr/share/man"), "{line}");
    assert_eq!((output.status.code(), output.stderr), (Some(0), Vec::new()));
}

#[test]
fn the_page_has_no_hidden_characters_and_its_script_reads_none() {
    // Overrides of direction, a line separator, no width, a tag character, C1 and DEL (UAX 9; general categories Cf, Zl, Cc).
    let evil = "a\u{202e}b\u{2066}c\u{2028}d\u{200b}e\u{e0041}f\u{9b}g\u{7f}h\u{1b}2J";
    let is_evil = |text: &str| {
        text.chars().any(|c| evil.contains(c) && !c.is_ascii_graphic() || (c.is_control() && c != '\n' && c != '\t'))
    };
    let layer = Layer::new()
        .file_with_mode("app/run", 0o755, "#!/bin/sh\ncat /app/data\n")
        .file(&format!("app/{evil}"), "x")
        .symlink("app/link", &format!("{evil}/x"))
        .file(&format!("usr/share/doc/{evil}/README"), "d")
        .file("var/lib/dpkg/status", format!("Package: {evil}\nStatus: install ok installed\nVersion: 1{evil}\n\n"))
        .file(&format!("var/lib/dpkg/info/{evil}.list"), format!("/usr/share/{evil}\n"))
        .file(&format!("usr/share/{evil}"), "x");
    let gone = Layer::new().file(&format!("app/.wh.{evil}"), "");
    let bench = Bench::new();
    let mut image = Image::new(vec![layer.tar(), gone.tar()])
        .label("bantam.strip", &format!("/usr/share/doc/{}/**", evil.replace('\u{2028}', "*")));
    image.tag = format!("app:1{evil}");
    image.docker().save(bench.path("app.tar"));
    bench.run("report app.tar --html page.html").done();
    let page = String::from_utf8(bench.bytes("page.html")).unwrap();
    assert!(!is_evil(&page));
    let (_, data) = page.split_once("id=\"data\">").unwrap();
    let data: serde_json::Value = serde_json::from_str(data.split_once("</script>").unwrap().0).unwrap();
    let mut open = vec![&data];
    let mut texts = 0;
    while let Some(value) = open.pop() {
        match value {
            serde_json::Value::String(text) => {
                texts += usize::from(text.contains("\\xE2\\x80\\xAE"));
                assert!(!is_evil(text) && !text.contains(['\n', '\t']), "{text:?}");
            }
            serde_json::Value::Array(values) => open.extend(values),
            serde_json::Value::Object(values) => open.extend(values.values()),
            _ => {}
        }
    }
    assert!(texts >= 4, "names, a target, a package: {texts}");
}
