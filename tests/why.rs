//! `bantam why`, from an archive to its output.

mod archive;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use archive::Archive;
use assert_cmd::Command;
use predicates::prelude::PredicateBooleanExt;
use predicates::str::contains;
use serde_json::Value;

/// A small image with something for every kind of verdict.
fn image(cmd: &[&str]) -> Archive {
    let mut image = Archive::new(cmd)
        .exe("/usr/bin/serve", "#!/bin/sh\nexec worker --config /etc/worker.conf\n")
        .exe("/usr/bin/worker", "#!/usr/bin/dash\ncat /usr/share/worker/greeting\n")
        .file("/usr/share/worker/greeting", "hello\n")
        .file("/usr/share/worker/never-named", "x\n")
        .file("/usr/share/doc/worker/README", "Long.\n")
        .file("/usr/share/doc/worker/copyright", "Free.\n")
        .exe("/usr/bin/dash", "not a real one\n")
        .symlink("/usr/bin/sh", "dash")
        .symlink("/bin", "usr/bin")
        .exe("/usr/bin/cat", "not a real one\n")
        .exe("/usr/bin/bash", "not a real one\n")
        .exe("/usr/bin/celery", "not a real one\n")
        .file("/usr/share/man/man1/celery.1.gz", "not a real one\n")
        .file("/usr/share/doc/celery/copyright", "Free.\n")
        .file("/etc/worker.conf", "a=b\n")
        .file("/srv/data", "payload\n")
        .dir("/var/spool/worker");
    for (name, files) in [
        (
            "worker",
            vec![
                "/usr/bin/serve",
                "/usr/bin/worker",
                "/usr/share/worker/greeting",
                "/usr/share/worker/never-named",
                "/usr/share/doc/worker/README",
                "/usr/share/doc/worker/copyright",
                "/etc/worker.conf",
            ],
        ),
        ("dash", vec!["/usr/bin/dash", "/usr/bin/sh"]),
        ("coreutils", vec!["/usr/bin/cat"]),
        ("bash", vec!["/usr/bin/bash"]),
        ("celery", vec!["/usr/bin/celery", "/usr/share/man/man1/celery.1.gz", "/usr/share/doc/celery/copyright"]),
    ] {
        image = image.package(name, "1.0", &files);
    }
    image
}

struct Scene {
    _dir: tempfile::TempDir,
    path: PathBuf,
    names: Vec<String>,
}

fn scene(cmd: &[&str]) -> Scene {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("small.tar");
    let image = image(cmd);
    let names = image.paths.clone();
    image.write(&path);
    Scene { _dir: dir, path, names }
}

impl Scene {
    fn bantam(&self, command: &str, args: &[&str]) -> Command {
        let mut bantam = Command::cargo_bin("bantam").unwrap();
        bantam.arg(command).arg(&self.path).args(args).arg("--quiet");
        bantam
    }

    fn stdout(&self, command: &str, args: &[&str]) -> String {
        String::from_utf8(self.bantam(command, args).assert().success().get_output().stdout.clone()).unwrap()
    }

    fn walk(&self, args: &[&str]) -> BTreeMap<String, Value> {
        let text = self.stdout("why", &[&["/**", "--json"], args].concat());
        let value: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(value["schema"], "bantam.why/1");
        let files = value["files"].as_array().unwrap().iter();
        files.map(|file| (file["path"].as_str().unwrap().to_owned(), file.clone())).collect()
    }
}

/// What is missing from an explanation.
fn gap(file: &Value) -> Option<&'static str> {
    let text = |key: &str| file[key].as_str().is_some_and(|text| !text.is_empty());
    let list = |key: &str| file[key].as_array().is_some_and(|list| !list.is_empty());
    let named = |key: &str, name: &str| file[key][name].as_str().is_some_and(|text| !text.is_empty());
    let reason = file["reason"].as_str().unwrap_or_default();
    let rule = !named("rule", "profile") || named("rule", "reason");
    match file["stays"].as_bool() {
        None => Some("no verdict"),
        _ if !text("sentence") => Some("no sentence"),
        _ if !rule => Some("a rule without a reason"),
        Some(true) if reason == "reached" && !list("chain") => Some("reached without a chain"),
        Some(true) if reason == "keep-rule" && !named("rule", "id") => Some("kept by no rule"),
        Some(false) if !named("owner", "name") && !named("rule", "id") => Some("neither owner nor rule"),
        Some(false) if !list("to_keep") => Some("nothing would have kept it"),
        _ => None,
    }
}

#[test]
fn every_file_has_a_chain_or_a_reason() {
    let scene = scene(&["/usr/bin/serve"]);
    for args in [vec![], vec!["--no-prune"], vec!["--no-strip"], vec!["--keep", "/usr/bin/bash", "--strip", "/srv/*"]] {
        let files = scene.walk(&args);
        for name in &scene.names {
            let file = files.get(name).unwrap_or_else(|| panic!("{name} is not explained"));
            assert_eq!(gap(file), None, "{args:?}: {file:#}");
        }
        let gone: BTreeSet<&str> =
            files.iter().filter(|(_, file)| file["stays"] == false).map(|(path, _)| path.as_str()).collect();
        let list = scene.stdout("report", &[&["--list"], args.as_slice()].concat());
        let listed: BTreeSet<&str> = list.lines().map(|line| line.trim_end_matches('/')).collect();
        assert_eq!(gone, listed, "{args:?}");
    }
}

#[test]
fn reasons_are_the_right_ones() {
    let scene = scene(&["/usr/bin/serve"]);
    let files = scene.walk(&[]);
    let reasons = |path: &str| files[path]["reason"].as_str().unwrap().to_owned();
    for (path, reason) in [
        ("/usr/bin/worker", "reached"),
        ("/usr/bin/dash", "reached"),
        ("/usr/share/worker/greeting", "reached"),
        ("/usr/bin/celery", "not-reached"),
        ("/usr/bin/bash", "not-reached"),
        ("/usr/share/man/man1/celery.1.gz", "strip-rule"),
        ("/usr/share/doc/worker/copyright", "keep-rule"),
        ("/usr/share/doc/celery/copyright", "not-reached"),
        ("/srv/data", "payload"),
        ("/var/spool/worker", "directory"),
        ("/usr/bin", "directory"),
    ] {
        assert_eq!(reasons(path), reason, "{:#}", files[path]);
    }
    let chain = files["/usr/share/worker/greeting"]["chain"].as_array().unwrap();
    let steps: Vec<&str> = chain.iter().map(|step| step["path"].as_str().unwrap()).collect();
    assert_eq!(steps, ["/usr/bin/serve", "/usr/bin/worker", "/usr/share/worker/greeting"]);
    assert_eq!((&chain[0]["kind"], &chain[0]["detail"]), (&"entry-point".into(), &"Cmd".into()));
}

#[test]
fn text_for_one_file_and_for_none() {
    let scene = scene(&["/usr/bin/serve"]);
    insta::assert_snapshot!(scene.stdout("why", &["/bin/cat"]));
    insta::assert_snapshot!(scene.stdout("why", &["celery"]));
    scene.bantam("why", &["/no/such/file"]).assert().code(1).stderr(contains("no file, Python module or library"));
    scene.bantam("why", &["/x["]).assert().code(2).stderr(contains("bad glob"));
}

#[test]
fn an_interactive_command_turns_pruning_off_and_that_is_said_first() {
    let scene = scene(&["/usr/bin/bash"]);
    let why = scene.stdout("why", &["/usr/bin/celery"]);
    assert!(why.contains("stays: pruning is off: Cmd is") && why.contains("--entry"), "{why}");
    let report = scene.stdout("report", &[]);
    assert!(report.lines().nth(2).unwrap().starts_with("PRUNING IS OFF: Cmd is"), "{report}");
    let out = scene.path.with_file_name("out.tar");
    let mut slim = Command::cargo_bin("bantam").unwrap();
    let slim = slim.arg("slim").arg(&scene.path).arg("-o").arg(out).assert().success();
    slim.stderr(contains("PRUNING IS OFF: Cmd is").and(contains("--entry")));
}

#[test]
fn commands_that_go_are_named_shells_first() {
    let scene = scene(&["/usr/bin/serve"]);
    let report: Value = serde_json::from_str(&scene.stdout("report", &["--json"])).unwrap();
    let names: Vec<&str> = report["commands"].as_array().unwrap().iter().map(|c| c["name"].as_str().unwrap()).collect();
    assert_eq!(names, ["bash", "celery"]);
    assert!(scene.stdout("report", &[]).contains("bash, celery"));
}
