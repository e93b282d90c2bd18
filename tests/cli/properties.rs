//! What holds for any image, on generated ones: the program is given each and what it wrote is read again.

use std::collections::{BTreeMap, BTreeSet};

use bantam::rootfs::{Kind, merge};
use proptest::prelude::*;
use serde_json::Value;

use crate::archive::{Image, Layer};
use crate::bench::{Bench, open};

/// What a layer does to one path.
#[derive(Clone, Debug)]
enum Change {
    File(String),
    Symlink(String),
    /// Another name of a file that stands before it in the layer.
    HardLink(String),
    Whiteout,
    /// The folder's older content is hidden.
    Opaque,
}

/// The changes of a layer, by path. The kind of a name is in its first letter, so that no layer has to replace a folder.
type Changes = BTreeMap<String, Change>;

fn folder() -> impl Strategy<Value = String> {
    (0..3_u8, prop::option::of(0..2_u8)).prop_map(|(outer, inner)| match inner {
        Some(inner) => format!("app/d{outer}/s{inner}"),
        None => format!("app/d{outer}"),
    })
}

fn changes() -> impl Strategy<Value = Changes> {
    let file =
        (folder(), 0..4_u8, "[a-z]{0,9}").prop_map(|(dir, n, content)| (format!("{dir}/f{n}"), Change::File(content)));
    let symlink = (folder(), 0..3_u8, folder(), 0..4_u8)
        .prop_map(|(dir, n, to, file)| (format!("{dir}/l{n}"), Change::Symlink(format!("/{to}/f{file}"))));
    let hard = (folder(), 0..3_u8, folder(), 0..4_u8)
        .prop_map(|(dir, n, to, file)| (format!("{dir}/h{n}"), Change::HardLink(format!("{to}/f{file}"))));
    let gone = (folder(), "[flh][0-3]|s[01]").prop_map(|(dir, name)| (format!("{dir}/{name}"), Change::Whiteout));
    let opaque = folder().prop_map(|dir| (format!("{dir}/"), Change::Opaque));
    let change = prop_oneof![5 => file, 2 => symlink, 2 => hard, 2 => gone, 1 => opaque];
    prop::collection::vec(change, 0..14).prop_map(|all| {
        let mut changes: Changes = all.into_iter().collect();
        let files: BTreeSet<String> = changes
            .iter()
            .filter(|(_, change)| matches!(change, Change::File(_)))
            .map(|(path, _)| path.clone())
            .collect();
        changes.retain(|_, change| !matches!(change, Change::HardLink(to) if !files.contains(to)));
        // A whiteout beside what the same layer puts below it would mean two things.
        let paths: Vec<String> = changes.keys().cloned().collect();
        changes.retain(|path, change| {
            !matches!(change, Change::Whiteout) || !paths.iter().any(|other| other.starts_with(&format!("{path}/")))
        });
        changes
    })
}

fn layer(changes: &Changes) -> Vec<u8> {
    let mut layer = Layer::new();
    let whiteout = |path: &str| {
        let (dir, name) = path.rsplit_once('/').unwrap();
        format!("{dir}/.wh.{name}")
    };
    for (path, change) in changes {
        layer = match change {
            Change::File(content) => layer.file(path, content),
            Change::Symlink(to) => layer.symlink(path, to),
            Change::HardLink(_) => layer,
            Change::Whiteout => layer.file(&whiteout(path), ""),
            Change::Opaque => layer.file(&format!("{path}.wh..wh..opq"), ""),
        };
    }
    for (path, change) in changes {
        if let Change::HardLink(to) = change {
            layer = layer.hard_link(path, to);
        }
    }
    layer.tar()
}

/// What the layers make, by the rules of the OCI image specification ("Applying Changesets"): files with their content, links
/// with what they point to.
fn expected(layers: &[Changes]) -> BTreeMap<String, String> {
    let mut tree: BTreeMap<String, String> = BTreeMap::new();
    for changes in layers {
        for (path, change) in changes {
            let below = match change {
                Change::Whiteout => format!("{path}/"),
                Change::Opaque => path.clone(),
                _ => continue,
            };
            tree.retain(|known, _| !known.starts_with(&below) && known != path);
        }
        for (path, change) in changes {
            match change {
                Change::File(content) => _ = tree.insert(path.clone(), content.clone()),
                Change::Symlink(to) => _ = tree.insert(path.clone(), format!("-> {to}")),
                _ => {}
            }
        }
        for (path, change) in changes {
            if let Change::HardLink(to) = change {
                tree.insert(path.clone(), tree[to].clone());
            }
        }
    }
    tree
}

/// The names of an image that are no folders, with size, content, or target.
fn leaves(bench: &Bench, image: &str) -> BTreeMap<String, (u64, String)> {
    let merged = merge(&open(&bench.path("."), image).layers).unwrap();
    let tree = &merged.rootfs.tree;
    let leaves = tree.iter().filter(|&node| !tree.inode(node).is_dir());
    let told = |node| match &tree.inode(node).kind {
        Kind::Symlink(target) => (0, format!("-> {}", String::from_utf8_lossy(target))),
        _ => (tree.inode(node).size(), String::from_utf8_lossy(&merged.rootfs.read(node).unwrap()).into_owned()),
    };
    leaves.map(|node| (tree.path(node).to_string()[1..].to_owned(), told(node))).collect()
}

/// Files of packages and of nobody, some of which the image's script runs, and files that a later layer replaces.
#[derive(Clone, Debug)]
struct Packages {
    /// Path, package if any, bytes.
    files: Vec<(String, Option<usize>, usize)>,
    runs: Vec<u8>,
    replaced: Vec<usize>,
}

fn packages() -> impl Strategy<Value = Packages> {
    let path = prop_oneof![
        (0..5_u8).prop_map(|n| format!("usr/bin/tool{n}")),
        (0..5_u8).prop_map(|n| format!("usr/share/data{n}/file")),
        (0..3_u8).prop_map(|n| format!("usr/share/doc/p{n}/README")),
        (0..3_u8).prop_map(|n| format!("usr/share/man/man1/tool{n}.1")),
        (0..3_u8).prop_map(|n| format!("srv/own{n}")),
    ];
    let file = (path, prop::option::weighted(0.8, 0..3_usize), 0..3000_usize);
    (prop::collection::vec(file, 1..16), prop::collection::vec(0..5_u8, 0..3), prop::collection::vec(0..16_usize, 0..4))
        .prop_map(|(mut files, runs, replaced)| {
            let mut seen = BTreeSet::new();
            files.retain(|(path, ..)| seen.insert(path.clone()));
            Packages { files, runs, replaced }
        })
}

impl Packages {
    fn image(&self) -> Image {
        let code: String = self.runs.iter().map(|n| format!("tool{n} /usr/share/data{n}/file\n")).collect();
        let mut lower = Layer::new().file_with_mode("app/run", 0o755, format!("#!/bin/sh\n{code}"));
        lower = lower.file_with_mode("bin/sh", 0o755, "\x7fELF");
        let mut status = String::new();
        for package in 0..3 {
            status +=
                &format!("Package: p{package}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n");
            let listed = self.files.iter().filter(|(_, of, _)| *of == Some(package));
            let list: String = listed.map(|(path, ..)| format!("/{path}\n")).collect();
            lower = lower.file(&format!("var/lib/dpkg/info/p{package}.list"), format!("/.\n{list}"));
        }
        lower = lower.file("var/lib/dpkg/status", status);
        let mut upper = Layer::new();
        for (at, (path, _, size)) in self.files.iter().enumerate() {
            lower = lower.file_with_mode(path, 0o755, "x".repeat(*size));
            if self.replaced.contains(&at) {
                upper = upper.file_with_mode(path, 0o755, "y".repeat(size / 2));
            }
        }
        Image::new(vec![lower.tar(), upper.tar()])
    }
}

fn paths(list: &Value, wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let list = list.as_array().unwrap().iter().filter(|item| wanted(item));
    list.map(|item| item["path"].as_str().unwrap()[1..].to_owned()).collect()
}

proptest! {
    // Each runs the program several times.
    #![proptest_config(ProptestConfig { cases: 12, ..ProptestConfig::default() })]

    #[test]
    fn merged_written_and_read_again_an_image_is_the_same(layers in prop::collection::vec(changes(), 1..5)) {
        let bench = Bench::new();
        let start = Layer::new().file_with_mode("app/run", 0o755, "run").tar();
        let tars = std::iter::once(start).chain(layers.iter().map(layer)).collect();
        Image::new(tars).docker().save(bench.path("app.tar"));
        bench.run("slim app.tar -o out.tar").done();
        let mut expected = expected(&layers);
        expected.insert("app/run".into(), "run".into());
        let found: BTreeMap<String, String> =
            leaves(&bench, "out.tar").into_iter().map(|(path, (_, told))| (path, told)).collect();
        prop_assert_eq!(found, expected);
        // Folders, owners, times, and which names are one file.
        prop_assert_eq!(bench.tree("out.tar"), bench.tree("app.tar"));
        prop_assert_eq!(open(&bench.path("."), "out.tar").layers.len(), 1);
        bench.run("slim out.tar -o again.tar").done();
        prop_assert_eq!(bench.tree("again.tar"), bench.tree("app.tar"));
    }

    #[test]
    fn the_report_promises_what_slim_does(packages in packages(), dedupe in any::<bool>()) {
        let bench = Bench::new();
        packages.image().docker().save(bench.path("app.tar"));
        let options = if dedupe { " --dedupe" } else { "" };
        let report = bench.run(&format!("report app.tar --json{options}")).done().json();
        bench.run(&format!("slim app.tar -o out.tar{options}")).done();
        let (before, after) = (leaves(&bench, "app.tar"), leaves(&bench, "out.tar"));
        // The list.
        let gone: BTreeSet<String> = before.keys().filter(|path| !after.contains_key(*path)).cloned().collect();
        prop_assert_eq!(paths(&report["removed"], |item| item["type"] != "directory"), gone);
        prop_assert!(after.keys().all(|path| before.contains_key(path)), "nothing is new");
        // What stays with other content.
        let changed: BTreeSet<String> =
            after.iter().filter(|(path, told)| before[*path] != **told).map(|(path, _)| path.clone()).collect();
        prop_assert_eq!(paths(&report["rewritten"], |_| true), changed);
        for item in report["rewritten"].as_array().unwrap() {
            let path = &item["path"].as_str().unwrap()[1..];
            prop_assert_eq!(item["before"].as_u64().unwrap(), before[path].0);
            prop_assert_eq!(item["after"].as_u64().unwrap(), after[path].0);
        }
        // What later layers hide.
        let replaced = packages.replaced.iter().filter_map(|&at| packages.files.get(at));
        let replaced: BTreeMap<String, u64> = replaced.map(|(path, _, size)| (path.clone(), *size as u64)).collect();
        prop_assert_eq!(paths(&report["superseded"], |_| true), replaced.keys().cloned().collect());
        // The bytes: what lies in the layers, each file once.
        let stored = |image: &str| -> u64 {
            let merged = merge(&open(&bench.path("."), image).layers).unwrap();
            let tree = &merged.rootfs.tree;
            let files: BTreeMap<_, u64> = tree.iter().map(|node| (tree.inode_id(node).index(), tree.inode(node).size())).collect();
            files.values().sum()
        };
        let original = stored("app.tar") + replaced.values().sum::<u64>();
        prop_assert_eq!(report["totals"]["original"]["bytes"].as_u64().unwrap(), original);
        prop_assert_eq!(report["totals"]["result"]["bytes"].as_u64().unwrap(), stored("out.tar"));
        prop_assert_eq!(report["totals"]["removed"]["bytes"].as_u64().unwrap(), original - stored("out.tar"));
    }
}
