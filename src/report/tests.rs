//! The printed forms of a small report.

use serde_json::Value;

use super::{ImageInfo, LayerInfo, Report, Sources, write_json, write_list, write_summary, write_text};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::plan::{Choices, Inputs, Plan, Rules, Setting, decide};
use crate::profile::ProfileSet;
use crate::reach::entrypoint::Roots;
use crate::reach::{Context, Evidence, EvidenceKind, Graph, Reach, Uncertainty};
use crate::rootfs::{Accounting, Builder, LayerBytes, Rootfs, Superseded};

struct Scene {
    rootfs: Rootfs,
    accounting: Accounting,
    owners: Owners,
    plan: Plan,
    context: Context,
    keep_all: Option<String>,
}

fn scene() -> Scene {
    let rootfs = Builder::new()
        .file("/usr/share/doc/git/changelog.gz", &[b'd'; 12_000])
        .file("/usr/share/doc/git/a\nb\u{1b}[31m", b"odd")
        .file("/var/cache/apt/archives/g++-12_12.2.0-14+deb12u1_amd64.deb", &[b'a'; 2_500_000])
        .file("/usr/lib/x86_64-linux-gnu/some/deeply/nested/folder/libunused-plugin.so.1.2.3", &[b'x'; 800_000])
        .exe("/usr/bin/celery", &[b'c'; 300])
        .exe("/usr/bin/bash", &[b'b'; 1000])
        .exe("/usr/bin/zstd", &[b'z'; 500])
        .symlink("/bin", "usr/bin")
        .file("/app/main.py", &[b'p'; 400_000])
        .file("/var/lib/dpkg/status", &[b's'; 1000])
        .build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner {
        ecosystem: Ecosystem::Dpkg,
        name: "libunused".into(),
        version: "1.2.3-1".into(),
        architecture: None,
        records: Vec::new(),
    });
    let unused = "/usr/lib/x86_64-linux-gnu/some/deeply/nested/folder/libunused-plugin.so.1.2.3";
    owners.claim(tree.get(unused).unwrap(), owner);
    for (path, name, ecosystem) in [
        ("/usr/bin/celery", "celery", Ecosystem::Python),
        ("/usr/bin/bash", "bash", Ecosystem::Dpkg),
        ("/usr/bin/zstd", "zstd", Ecosystem::Dpkg),
    ] {
        let owner = owners.add(Owner::new(ecosystem, name, "5.2"));
        owners.claim(tree.get(path).unwrap(), owner);
    }
    owners.notes.push("/var/lib/rpm: rpm databases are not read".into());
    let mut setting = Setting::default();
    setting.context.workdir = "/app".into();
    let mut graph = Graph::new(&rootfs);
    graph.reach(None, tree.get("/app/main.py").unwrap(), Evidence::new(EvidenceKind::EntryPoint, "Cmd"));
    let profiles = ProfileSet::builtin().unwrap();
    let rules = Rules::new(&profiles, &Choices::default(), &setting, tree, Some(&graph.edges)).unwrap();
    let inputs =
        Inputs { rootfs: &rootfs, owners: &owners, reached: Some(&graph.edges), rules: &rules, setting: &setting };
    let mut plan = decide(&inputs);
    plan.rewrites.insert(tree.inode_id(tree.get("/var/lib/dpkg/status").unwrap()), vec![b's'; 400]);
    let layer = LayerBytes { files: 8, bytes: 3_713_003 + 700_000, superseded_files: 1, superseded_bytes: 700_000 };
    let superseded = vec![Superseded { path: "/opt/old.bin".into(), layer: 0, bytes: 700_000 }];
    Scene {
        accounting: Accounting { layers: vec![layer], superseded },
        rootfs,
        owners,
        plan,
        context: setting.context,
        keep_all: None,
    }
}

impl Scene {
    fn report(&self) -> Report {
        let image = ImageInfo {
            reference: "app.tar".into(),
            tags: vec!["app:latest".into()],
            platform: "linux/amd64".into(),
            config_digest: "sha256:c".into(),
            layers: vec![LayerInfo { digest: "sha256:l".into(), diff_id: "sha256:d".into(), ..LayerInfo::default() }],
        };
        let uncertainties = vec![Uncertainty {
            path: "/app/main.py".into(),
            line: 7,
            what: "import of a computed name".into(),
            effect: "kept all of package plugins".into(),
        }];
        let roots = Roots { keep_all: self.keep_all.clone(), ..Roots::default() };
        let reach = Reach { uncertainties, roots, ..Reach::default() };
        let sources = Sources {
            rootfs: &self.rootfs,
            accounting: &self.accounting,
            owners: &self.owners,
            plan: &self.plan,
            reach: Some(&reach),
            context: &self.context,
        };
        Report::new(image, &sources)
    }
}

fn printed(print: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> String {
    let mut out = Vec::new();
    print(&mut out).unwrap();
    String::from_utf8(out).unwrap()
}

#[test]
fn text() {
    let report = scene().report();
    let text = printed(|out| write_text(&report, 3, out));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn summary() {
    let report = scene().report();
    insta::assert_snapshot!(printed(|out| write_summary(&report, out)));
}

#[test]
fn pruning_that_is_off_comes_first() {
    let why = "Cmd is `bash`, which runs whatever someone types, so nothing is pruned; say what it runs with --entry 'COMMAND'";
    let scene = Scene { keep_all: Some(why.into()), ..scene() };
    let report = scene.report();
    let summary = printed(|out| write_summary(&report, out));
    assert_eq!(summary.lines().skip(1).take(2).collect::<Vec<_>>().join(" "), format!("PRUNING IS OFF: {why}"));
    assert!(printed(|out| write_text(&report, 3, out)).lines().nth(2).unwrap().starts_with("PRUNING IS OFF: Cmd"));
    let json = printed(|out| write_json(&report, &scene.rootfs, &scene.accounting, out));
    assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["pruning_off"], why);
}

#[test]
fn list() {
    let report = scene().report();
    insta::assert_snapshot!(printed(|out| write_list(&report, out)));
}

#[test]
fn json() {
    let scene = scene();
    let report = scene.report();
    let text = printed(|out| write_json(&report, &scene.rootfs, &scene.accounting, out));
    let text = text.replace(env!("CARGO_PKG_VERSION"), "VERSION");
    insta::assert_snapshot!(text);
    let value: Value = serde_json::from_str(&text).unwrap();
    let sum =
        |list: &str| value[list].as_array().unwrap().iter().map(|item| item["bytes"].as_i64().unwrap()).sum::<i64>();
    assert_eq!(sum("categories"), value["totals"]["removed"]["bytes"].as_i64().unwrap());
    let rewritten = 600;
    assert_eq!(sum("removed") + sum("superseded") + rewritten, report.removed_bytes());
}
