use std::collections::BTreeMap;

use super::*;
use crate::image::RunConfig;
use crate::reach::analysers::interpreters;
use crate::rootfs::{Builder, Rootfs};

fn rootfs() -> Rootfs {
    Builder::new()
        .exe("/bin/bash", b"\x7fELF")
        .symlink("/bin/sh", "bash")
        .exe("/usr/bin/python3.11", b"\x7fELF")
        .symlink("/usr/bin/python3", "python3.11")
        .exe("/usr/local/bin/gunicorn", b"#!/usr/bin/python3\nimport gunicorn\n")
        .exe("/usr/bin/tini", b"\x7fELF")
        .exe("/usr/bin/curl", b"\x7fELF")
        .exe("/usr/bin/sleep", b"\x7fELF")
        .exe("/entry.sh", b"#!/bin/sh\nexec \"$@\"\n")
        .file("/app/main.py", b"app = 1\n")
        .file("/etc/app.ini", b"")
        .build()
}

fn list(words: &[&str]) -> Vec<String> {
    words.iter().map(|&word| word.to_owned()).collect()
}

fn ctx() -> Context {
    Context { workdir: "/app".to_owned(), ..Context::default() }
}

fn roots(config: &RunConfig) -> (Roots, Vec<String>, Vec<Notice>) {
    roots_with(config, &[])
}

fn roots_with(config: &RunConfig, entries: &[&str]) -> (Roots, Vec<String>, Vec<Notice>) {
    let rootfs = rootfs();
    let mut graph = Graph::new(&rootfs).interpreting(interpreters());
    let roots = resolve(&mut graph, &ctx(), &Launch::of(config, "", &list(entries)));
    let reached = graph.take_frontier().into_iter().map(|node| rootfs.tree.path(node).to_string()).collect();
    (roots, reached, graph.messages.into_iter().map(|message| message.notice).collect())
}

#[test]
fn entrypoint_and_cmd_are_one_command() {
    let config = RunConfig {
        entrypoint: list(&["tini", "--"]),
        cmd: list(&["gunicorn", "-k", "gevent", "main:app"]),
        ..RunConfig::default()
    };
    let (roots, reached, notices) = roots(&config);
    assert_eq!(roots.keep_all, None);
    assert_eq!(roots.commands[0].0.shown, "Entrypoint");
    for path in ["/usr/bin/tini", "/usr/local/bin/gunicorn", "/usr/bin/python3", "/usr/bin/python3.11"] {
        assert!(reached.iter().any(|found| found == path), "{path}: {reached:?}");
    }
    assert!(notices.contains(&Notice::Word("main:app".to_owned())));
    assert!(notices.contains(&Notice::Word("gevent".to_owned())));
    let started =
        |notice: &Notice| matches!(notice, Notice::Started { program, .. } if program.path == "/usr/bin/python3");
    assert!(notices.iter().any(started), "{notices:?}");
}

#[test]
fn shell_form_is_read() {
    let config = RunConfig { cmd: list(&["/bin/sh", "-c", "exec gunicorn main:app"]), ..RunConfig::default() };
    let (roots, reached, notices) = roots(&config);
    assert_eq!(roots.keep_all, None);
    assert!(reached.contains(&"/usr/local/bin/gunicorn".to_owned()));
    assert!(notices.contains(&Notice::Word("main:app".to_owned())));
}

#[test]
fn arguments_of_an_entry_script_are_a_command_too() {
    let config =
        RunConfig { entrypoint: list(&["/entry.sh"]), cmd: list(&["gunicorn", "main:app"]), ..RunConfig::default() };
    let (roots, reached, _) = roots(&config);
    assert_eq!(roots.keep_all, None);
    assert!(reached.contains(&"/usr/local/bin/gunicorn".to_owned()));
    let config = RunConfig { entrypoint: list(&["/entry.sh"]), cmd: list(&["bash"]), ..RunConfig::default() };
    assert!(self::roots(&config).0.keep_all.unwrap().contains("/entry.sh bash"));
}

#[test]
fn health_checks_labels_and_options_are_followed() {
    let config = RunConfig {
        cmd: list(&["python3", "main.py"]),
        healthcheck: list(&["CMD-SHELL", "curl -f localhost || exit 1"]),
        labels: BTreeMap::from([("bantam.entry.two".to_owned(), "tini -- sleep 1".to_owned())]),
        ..RunConfig::default()
    };
    let (_, reached, _) = roots_with(&config, &["gunicorn 'x y' c:d"]);
    for path in ["/usr/bin/curl", "/app/main.py", "/usr/bin/tini", "/usr/bin/sleep", "/usr/local/bin/gunicorn"] {
        assert!(reached.iter().any(|found| found == path), "{path}: {reached:?}");
    }
}

#[test]
fn a_prompt_stops_pruning_unless_the_user_names_a_command() {
    for cmd in [
        &["bash"][..],
        &["/bin/bash", "-l"],
        &["python3"],
        &["/bin/sh", "-c", "bash"],
        &["sleep", "infinity"],
        &["tini", "--", "sh"],
    ] {
        let config = RunConfig { cmd: list(cmd), ..RunConfig::default() };
        let reason = roots(&config).0.keep_all.unwrap();
        assert!(reason.contains("--entry") && reason.contains(cmd[0]), "{reason}");
        let (roots, reached, _) = roots_with(&config, &["gunicorn main:app"]);
        assert_eq!(roots.keep_all, None, "{cmd:?}");
        assert!(reached.contains(&"/usr/local/bin/gunicorn".to_owned()));
    }
}

#[test]
fn no_command_or_an_absent_one_stops_pruning() {
    assert!(roots(&RunConfig::default()).0.keep_all.unwrap().contains("no command"));
    for cmd in [&["nosuch", "x"][..], &["tini", "nosuch"], &["/bin/sh", "-c", "nosuch x"], &["sh", "nosuch"]] {
        let config = RunConfig { cmd: list(cmd), ..RunConfig::default() };
        assert!(roots(&config).0.keep_all.unwrap().contains("`nosuch`"), "{cmd:?}");
    }
    let config = RunConfig { cmd: list(&["/bin/sh", "-c", "$WHAT"]), ..RunConfig::default() };
    assert!(roots(&config).0.keep_all.is_some());
}

#[test]
fn environment_names_modules_and_files() {
    let rootfs = rootfs();
    let mut graph = Graph::new(&rootfs).interpreting(interpreters());
    let env = [
        ("DJANGO_SETTINGS_MODULE", "demo.settings"),
        ("CONFIG", "/etc/app.ini"),
        ("GUNICORN_CMD_ARGS", "--worker-class a.B -kc.D"),
    ];
    let env = env.map(|(name, value)| (name.to_owned(), value.to_owned())).into_iter().collect();
    resolve(&mut graph, &Context { env, ..ctx() }, &Launch::default());
    let notices: Vec<_> = graph.messages.iter().map(|message| message.notice.clone()).collect();
    for name in ["demo.settings", "a.B", "c.D"] {
        assert!(notices.contains(&Notice::Word(name.to_owned())), "{name}: {notices:?}");
    }
    assert!(graph.is_reached(rootfs.tree.get("/etc/app.ini").unwrap()));
}
