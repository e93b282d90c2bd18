//! The printed forms of a small report.

use serde_json::Value;

use super::{Basis, By, Explainer, ImageInfo, LayerInfo, Page, Palette, Report, TextOptions, breakdown};
use super::{write_html, write_json, write_list, write_markdown, write_summary, write_text};
use crate::image::{Blobs, StoredBlob};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::plan::{Bytecode, Inputs, Plan, decide};
use crate::profile::{Matchers, ProfileSet};
use crate::reach::entrypoint::{Launch, Roots};
use crate::reach::{Assumed, Assumption, Context, Evidence, EvidenceKind, Graph, Reach, Uncertainty};
use crate::rootfs::{Accounting, Builder, LayerBytes, Rootfs, Superseded};

struct Scene {
    rootfs: Rootfs,
    accounting: Accounting,
    owners: Owners,
    profiles: ProfileSet,
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
        source: None,
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
    let mut launch = Launch::default();
    launch.context.workdir = "/app".into();
    let mut graph = Graph::new(&rootfs);
    graph.reach(None, tree.get("/app/main.py").unwrap(), Evidence::new(EvidenceKind::EntryPoint, "Cmd"));
    let profiles = ProfileSet::builtin().unwrap();
    let matchers = Matchers::new(&profiles, &[], launch.premises(tree), tree).unwrap();
    let reached = Some(&graph.edges);
    let inputs = Inputs {
        rootfs: &rootfs,
        owners: &owners,
        reached,
        matchers: &matchers,
        launch: &launch,
        bytecode: Bytecode::Strip,
    };
    let mut plan = decide(&inputs);
    plan.rewrites.insert(tree.inode_id(tree.get("/var/lib/dpkg/status").unwrap()), vec![b's'; 400]);
    let layer = LayerBytes { files: 8, bytes: 3_713_003 + 700_000, superseded_files: 1, superseded_bytes: 700_000 };
    let superseded = vec![Superseded { path: "/opt/old.bin".into(), layer: 0, bytes: 700_000 }];
    Scene {
        accounting: Accounting { layers: vec![layer], superseded },
        rootfs,
        owners,
        profiles,
        plan,
        context: launch.context,
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
            stored: Blobs { blobs: vec![StoredBlob { digest: "sha256:l".into(), bytes: 7 }] },
            layers: vec![LayerInfo { digest: "sha256:l".into(), diff_id: "sha256:d".into(), ..LayerInfo::default() }],
        };
        let uncertainties = vec![Uncertainty {
            path: "/app/main.py".into(),
            line: 7,
            what: "import of a computed name".into(),
            effect: "kept all of package plugins".into(),
            settle: Some("--keep GLOB".into()),
        }];
        let roots = Roots { keep_all: self.keep_all.clone(), ..Roots::default() };
        let reach = Reach { uncertainties, roots, assumed: self.assumed(), ..Reach::default() };
        Report::new(image, &self.basis(Some(&reach)))
    }

    /// A file that a rule alone keeps out, and one that goes for another reason.
    fn assumed(&self) -> Assumed {
        let node = |path: &str| self.rootfs.tree.get(path).unwrap();
        let plugin = node("/usr/lib/x86_64-linux-gnu/some/deeply/nested/folder/libunused-plugin.so.1.2.3");
        let mut graph = Graph::new(&self.rootfs);
        let evidence = |line| Evidence::at(EvidenceKind::Import, "unused", line);
        graph.reach(Some(node("/app/main.py")), plugin, evidence(12));
        graph.reach(Some(plugin), node("/usr/bin/zstd"), evidence(3));
        graph.reach(None, node("/app/main.py"), evidence(0));
        let by = vec![
            (Assumption::Rule("python-help".into()), vec![plugin, node("/usr/bin/zstd")]),
            (Assumption::Unused, vec![node("/app/main.py")]),
        ];
        Assumed { edges: graph.edges, by }
    }

    fn basis<'a>(&'a self, reach: Option<&'a Reach>) -> Basis<'a> {
        Basis {
            rootfs: &self.rootfs,
            accounting: &self.accounting,
            owners: &self.owners,
            profiles: &self.profiles,
            plan: &self.plan,
            reach,
            context: &self.context,
        }
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
    let text = printed(|out| write_text(&report, TextOptions { top: 3, ..TextOptions::default() }, out));
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    insta::assert_snapshot!(text);
}

#[test]
fn summary() {
    let report = scene().report();
    insta::assert_snapshot!(printed(|out| write_summary(&report, Palette::default(), out)));
}

#[test]
fn pruning_that_is_off_comes_first() {
    let why = "Cmd is `bash`, which runs whatever someone types, so nothing is pruned; say what it runs with --entry 'COMMAND'";
    let scene = Scene { keep_all: Some(why.into()), ..scene() };
    let report = scene.report();
    let summary = printed(|out| write_summary(&report, Palette::default(), out));
    assert_eq!(summary.lines().skip(1).take(2).collect::<Vec<_>>().join(" "), format!("PRUNING IS OFF: {why}"));
    assert!(
        printed(|out| write_text(&report, TextOptions { top: 3, ..TextOptions::default() }, out))
            .lines()
            .nth(2)
            .unwrap()
            .starts_with("PRUNING IS OFF: Cmd")
    );
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

#[test]
fn every_breakdown_adds_up() {
    let scene = scene();
    let report = scene.report();
    for by in [By::Category, By::Owner, By::Layer, By::Folder] {
        for count in [1, 2, 5, 100] {
            let parts = breakdown(&scene.basis(None), by, count);
            assert_eq!(parts.iter().map(|part| part.bytes).sum::<i64>(), report.removed_bytes(), "{by:?}");
            assert_eq!(parts.iter().map(|part| part.files).sum::<u64>(), report.removed_files(), "{by:?}");
            assert_eq!(parts.iter().map(|part| part.stays.bytes).sum::<u64>(), report.result.bytes, "{by:?}");
            assert_eq!(parts.iter().map(|part| part.stays.files).sum::<u64>(), report.result.files, "{by:?}");
            assert!(by != By::Folder || parts.len() <= count, "{parts:?}");
        }
    }
}

#[test]
fn breakdowns_fit_80_columns() {
    let scene = scene();
    let report = scene.report();
    let mut all = String::new();
    for by in [By::Category, By::Owner, By::Layer, By::Folder] {
        let parts = breakdown(&scene.basis(None), by, 6);
        let options = TextOptions { top: 4, parts: Some(&parts), ..TextOptions::default() };
        let text = printed(|out| write_text(&report, options, out));
        assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
        let table = text.lines().skip(2).take_while(|line| !line.is_empty());
        all.push_str(&format!("{by:?}\n{}\n", table.collect::<Vec<_>>().join("\n")));
    }
    insta::assert_snapshot!(all);
}

#[test]
fn colours_change_nothing_but_colours() {
    let report = scene().report();
    let print = |colour| {
        let options = TextOptions { top: 3, palette: Palette { colour }, ..TextOptions::default() };
        printed(|out| write_text(&report, options, out))
    };
    let coloured = print(true);
    assert!(coloured.contains("\u{1b}["));
    assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), print(false));
}

#[test]
fn markdown() {
    let report = scene().report();
    insta::assert_snapshot!(printed(|out| write_markdown(&report, None, 3, out)));
}

#[test]
fn the_page_holds_names_as_text_and_is_the_same_every_time() {
    let scene = scene();
    let report = scene.report();
    let explainer = Explainer::new(scene.basis(None));
    let folders = breakdown(&scene.basis(None), By::Folder, 10);
    let page = Page { report: &report, explainer: &explainer, accounting: &scene.accounting, folders: &folders };
    let html = printed(|out| write_html(&page, out));
    assert_eq!(html, printed(|out| write_html(&page, out)));
    assert!(!html.contains('\u{1b}') && html.contains("a\\\\nb\\\\x1B[31m"));
    let (_, data) = html.split_once("<script type=\"application/json\" id=\"data\">").unwrap();
    let (data, _) = data.split_once("</script>").unwrap();
    let value: Value = serde_json::from_str(data).unwrap();
    let sizes: u64 = value["sizes"].as_array().unwrap().iter().map(|size| size.as_u64().unwrap()).sum();
    assert_eq!(sizes, report.original.bytes);
    let columns =
        ["names", "up", "sizes", "verdicts", "owners", "layers"].map(|name| value[name].as_array().unwrap().len());
    assert_eq!(columns, [value["types"].as_str().unwrap().len(); 6]);
}

#[test]
fn a_hostile_name_cannot_leave_the_page_s_data() {
    let rootfs = Builder::new().file("/</script><script>alert(1)<", b"x").build();
    let (owners, profiles) = (Owners::none(&rootfs.tree), ProfileSet::builtin().unwrap());
    let plan = Plan::keep_all(&rootfs.tree);
    let (accounting, context) = (Accounting::default(), Context::default());
    let basis = Basis {
        rootfs: &rootfs,
        accounting: &accounting,
        owners: &owners,
        profiles: &profiles,
        plan: &plan,
        reach: None,
        context: &context,
    };
    let report =
        Report { image: ImageInfo { reference: "<b>app</b>".into(), ..ImageInfo::default() }, ..Report::default() };
    let page = Page { report: &report, explainer: &Explainer::new(basis), accounting: &accounting, folders: &[] };
    let html = printed(|out| write_html(&page, out));
    assert_eq!((html.matches("</script>").count(), html.matches("<script").count()), (2, 2));
    assert!(html.contains("&lt;b&gt;app&lt;/b&gt;") && !html.contains("<b>app"));
}
