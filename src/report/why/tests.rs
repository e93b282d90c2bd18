//! The printed forms of explanations, and what queries stand for.

use super::{Explainer, Explanation, Reason, write_why, write_why_json};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::plan::{Bytecode, Inputs, Plan, decide};
use crate::profile::{Matchers, ProfileSet};
use crate::reach::entrypoint::Launch;
use crate::reach::{Assumed, Assumption, Edge, Evidence, EvidenceKind, FileName, Graph, NameKind, Reach};
use crate::report::{Basis, ImageInfo};
use crate::rootfs::{Accounting, Builder, Rootfs, Tree};

const SITE: &str = "/usr/local/lib/python3.11/site-packages";

struct Scene {
    rootfs: Rootfs,
    accounting: Accounting,
    owners: Owners,
    profiles: ProfileSet,
    plan: Plan,
    reach: Reach,
    launch: Launch,
}

/// Who put the files of the scene there.
fn owners(tree: &Tree) -> Owners {
    let node = |path: &str| tree.get(path).unwrap();
    let mut owners = Owners::none(tree);
    for (ecosystem, name, record, files) in [
        (
            Ecosystem::Python,
            "gunicorn",
            None,
            vec!["/usr/local/bin/gunicorn".to_owned(), format!("{SITE}/gunicorn/app/wsgiapp.py")],
        ),
        (
            Ecosystem::Dpkg,
            "zlib1g",
            Some("/var/lib/dpkg/info/zlib1g.list"),
            ["1", "1.2.13"].map(|version| format!("/usr/lib/x86_64-linux-gnu/libz.so.{version}")).into(),
        ),
        (
            Ecosystem::Dpkg,
            "perl",
            Some("/var/lib/dpkg/info/perl.list"),
            ["bin/perl", "share/doc/perl/changelog.gz"].map(|path| format!("/usr/{path}")).into(),
        ),
        (
            Ecosystem::CPython,
            "cpython",
            None,
            ["__init__", "tool"].map(|name| format!("/usr/local/lib/python3.11/json/{name}.py")).into(),
        ),
    ] {
        let mut owner = Owner::new(ecosystem, name, "1.2");
        owner.records = record.map(node).into_iter().collect();
        let id = owners.add(owner);
        files.iter().for_each(|file| owners.claim(node(file), id));
    }
    owners
}

fn scene() -> Scene {
    let rootfs = Builder::new()
        .exe("/usr/local/bin/gunicorn", b"#!/usr/local/bin/python3.11")
        .file(&format!("{SITE}/gunicorn/app/wsgiapp.py"), b"import json")
        .file("/usr/local/lib/python3.11/json/__init__.py", b"import zlib")
        .file("/usr/local/lib/python3.11/json/tool.py", b"")
        .file("/usr/lib/x86_64-linux-gnu/libz.so.1.2.13", b"z")
        .symlink("/usr/lib/x86_64-linux-gnu/libz.so.1", "libz.so.1.2.13")
        .symlink("/lib", "usr/lib")
        .exe("/usr/bin/perl", b"p")
        .file("/usr/share/doc/perl/changelog.gz", b"c")
        .file("/usr/share/doc/perl/copyright", b"c")
        .file("/var/lib/dpkg/info/zlib1g.list", b"/usr")
        .file("/var/lib/dpkg/info/perl.list", b"/usr")
        .file("/etc/issue", b"x")
        .file("/app/odd\n\u{1b}[31m", b"x")
        .dir("/var/empty")
        .build();
    let tree = &rootfs.tree;
    let node = |path: &str| tree.get(path).unwrap();
    let owners = owners(tree);
    let mut graph = Graph::new(&rootfs);
    let script = node("/usr/local/bin/gunicorn");
    let module = node(&format!("{SITE}/gunicorn/app/wsgiapp.py"));
    let json = node("/usr/local/lib/python3.11/json/__init__.py");
    graph.reach(None, script, Evidence::new(EvidenceKind::EntryPoint, "Cmd"));
    graph.reach(Some(script), module, Evidence::at(EvidenceKind::Import, "gunicorn.app.wsgiapp", 4));
    graph.reach(Some(module), json, Evidence::new(EvidenceKind::Rule, "python-encodings"));
    let needed = Evidence::new(EvidenceKind::Needed, "libz.so.1");
    graph.reach_path(Some(json), node("/usr/lib/x86_64-linux-gnu"), "libz.so.1", &needed);
    let own = Evidence::new(EvidenceKind::Payload, "no package owns it");
    graph.reach(None, node("/app/odd\n\u{1b}[31m"), own);
    let mut launch = Launch::default();
    launch.context.workdir = "/app".into();
    let profiles = ProfileSet::builtin().unwrap();
    let matchers = Matchers::new(&profiles, &[], launch.premises(tree), tree).unwrap();
    let reached = Some(&graph.edges);
    let plan = decide(&Inputs {
        rootfs: &rootfs,
        owners: &owners,
        reached,
        matchers: &matchers,
        launch: &launch,
        bytecode: Bytecode::Strip,
    });
    let tool = node("/usr/local/lib/python3.11/json/tool.py");
    let mut beyond = graph.edges.clone();
    let evidence = Evidence::at(EvidenceKind::Import, "json.tool", 9);
    beyond.add(tool, Edge { from: Some(module), evidence });
    let reach = Reach {
        assumed: Assumed { edges: beyond, by: vec![(Assumption::Rule("python-help".into()), vec![tool])] },
        names: [
            (NameKind::Soname, "libz.so.1", node("/usr/lib/x86_64-linux-gnu/libz.so.1.2.13")),
            (NameKind::Module, "gunicorn.app.wsgiapp", module),
            (NameKind::Module, "json", json),
        ]
        .map(|(kind, name, file)| FileName { kind, name: name.into(), file })
        .into(),
        edges: graph.edges,
        ..Reach::default()
    };
    Scene { rootfs, accounting: Accounting::default(), owners, profiles, plan, reach, launch }
}

impl Scene {
    fn explainer(&self) -> Explainer<'_> {
        Explainer::new(Basis {
            rootfs: &self.rootfs,
            accounting: &self.accounting,
            owners: &self.owners,
            profiles: &self.profiles,
            plan: &self.plan,
            reach: Some(&self.reach),
            context: &self.launch.context,
        })
    }

    fn explained(&self, query: &str) -> Vec<Explanation<'_>> {
        let explainer = self.explainer();
        explainer.find(query).unwrap().into_iter().map(|node| explainer.explain(node)).collect()
    }

    fn found(&self, query: &str) -> Vec<String> {
        self.explained(query).into_iter().map(|found| found.path.0.to_string()).collect()
    }

    fn text(&self, queries: &[&str]) -> String {
        let mut out = Vec::new();
        let all = queries.iter().flat_map(|query| self.explained(query));
        write_why(all, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }
}

#[test]
fn text_of_what_stays() {
    let scene = scene();
    let text = scene.text(&[
        "libz.so.1.2.13",
        "/app/*",
        "/etc/issue",
        "/var/empty",
        "/usr/local/bin",
        "/var/lib/dpkg/info/zlib1g.list",
    ]);
    assert!(text.lines().all(|line| line.chars().count() <= 100), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn text_of_what_goes() {
    let scene = scene();
    let text = scene.text(&["perl", "json.tool", "/usr/share/doc/perl/*", "/var/lib/dpkg/info/perl.list"]);
    insta::assert_snapshot!(text);
}

#[test]
fn json() {
    let scene = scene();
    let mut out = Vec::new();
    let image = ImageInfo { reference: "app.tar".into(), ..ImageInfo::default() };
    let all = ["libz.so.1.2.13", "/usr/bin/perl"].into_iter().flat_map(|query| scene.explained(query));
    write_why_json(&image, "both", None, all, &mut out).unwrap();
    let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
    let text = serde_json::to_string_pretty(&value).unwrap().replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text);
}

#[test]
fn queries() {
    let scene = scene();
    let json = "/usr/local/lib/python3.11/json";
    assert_eq!(scene.found("json.tool"), [format!("{json}/tool.py")]);
    assert_eq!(scene.found("json"), [format!("{json}/__init__.py")]);
    assert_eq!(scene.found("gunicorn.app"), [format!("{SITE}/gunicorn/app")]);
    assert_eq!(scene.found("gunicorn"), [format!("{SITE}/gunicorn"), "/usr/local/bin/gunicorn".into()]);
    let libz = "/usr/lib/x86_64-linux-gnu/libz.so.1";
    assert_eq!(scene.found("libz.so.1"), [format!("{libz}.2.13"), libz.into()]);
    assert_eq!(scene.found("/lib/x86_64-linux-gnu/libz.so.1"), [libz]);
    assert_eq!(scene.found("/lib/x86_64-linux-gnu/libz*"), [libz.to_owned(), format!("{libz}.2.13")]);
    assert_eq!(scene.found("/lib"), ["/lib"]);
    assert_eq!(scene.found("libz*"), [libz.to_owned(), format!("{libz}.2.13")]);
    assert_eq!(scene.found("/"), ["/"]);
    assert!(scene.found("/none").is_empty() && scene.found("tool").is_empty() && scene.found("").is_empty());
    assert!(scene.explainer().find("/x[").is_err());
}

#[test]
fn everything_has_a_reason() {
    let scene = scene();
    for found in scene.explained("/**") {
        assert!(!found.sentence.is_empty() && found.reason != Reason::NotExamined, "{found:?}");
        let evidence = if found.reason == Reason::Reached { !found.chain.is_empty() } else { true };
        let way_back = found.stays || !found.to_keep.is_empty();
        assert!(evidence && way_back, "{found:?}");
    }
}
