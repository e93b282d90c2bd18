use serde_json::{Value, json};

use super::*;
use crate::owners::find;
use crate::rootfs::{Builder, Rootfs};

fn compare(before: &Rootfs, after: &Rootfs, configs: [Value; 2]) -> Diff {
    let [owners_before, owners_after] = [before, after].map(|rootfs| find(rootfs, &[]));
    let [config_before, config_after] = &configs;
    let side = |name: &str, config, rootfs, owners| Side {
        reference: name.to_owned(),
        tags: &[],
        config_digest: None,
        config,
        rootfs,
        owners,
        layer_bytes: 0,
    };
    let before = side("a.tar", config_before, before, &owners_before);
    let after = side("b.tar", config_after, after, &owners_after);
    Diff::new(&before, &after).unwrap()
}

fn status(packages: &[(&str, &str)]) -> String {
    let one = |(name, version): &(&str, &str)| {
        format!("Package: {name}\nStatus: install ok installed\nArchitecture: amd64\nVersion: {version}\n\n")
    };
    packages.iter().map(one).collect()
}

fn before() -> Rootfs {
    Builder::new()
        .file("/same", b"x")
        .file("/content", b"old")
        .file("/longer", b"1")
        .file("/mode", b"")
        .file("/type", b"12345")
        .symlink("/target", "a")
        .file("/gone/file", b"1234")
        .file("/first", b"123")
        .hardlink("/second", "/first")
        .file("/var/lib/dpkg/status", status(&[("a", "1"), ("b", "1"), ("c", "1")]).as_bytes())
        .build()
}

fn after() -> Rootfs {
    Builder::new()
        .file("/same", b"x")
        .file("/content", b"new")
        .file("/longer", b"123")
        .exe("/mode", b"")
        .symlink("/type", "same")
        .symlink("/target", "b")
        .file("/new", b"12")
        .file("/second", b"123")
        .file("/var/lib/dpkg/status", status(&[("a", "1"), ("b", "2"), ("d", "1")]).as_bytes())
        .build()
}

#[test]
fn every_kind_of_difference_is_seen_and_bytes_add_up() {
    let diff = compare(&before(), &after(), [json!({"config": {"Cmd": ["a"]}}), json!({"config": {"Cmd": ["b"]}})]);
    let names = |files: &[File]| -> Vec<(String, u64)> {
        files.iter().map(|file| (file.path.to_string(), file.bytes)).collect()
    };
    // The file called first and second is counted with the name that both have.
    let removed = [("/first", 0), ("/gone", 0), ("/gone/file", 4)].map(|(path, bytes)| (path.to_owned(), bytes));
    assert_eq!(names(&diff.files.removed), removed);
    assert_eq!(names(&diff.files.added), [("/new".to_owned(), 2)]);
    let changed: Vec<(String, &[Aspect])> =
        diff.files.changed.iter().map(|file| (file.path.to_string(), file.aspects.as_slice())).collect();
    let want: [(&str, &[Aspect]); 6] = [
        ("/content", &[Aspect::Content]),
        ("/longer", &[Aspect::Content]),
        ("/mode", &[Aspect::Mode]),
        ("/target", &[Aspect::Target]),
        ("/type", &[Aspect::Type]),
        ("/var/lib/dpkg/status", &[Aspect::Content]),
    ];
    assert_eq!(changed, want.map(|(path, aspects)| (path.to_owned(), aspects)));
    let grown: i64 = diff.files.changed.iter().map(|file| file.after as i64 - file.before as i64).sum();
    let expected = diff.after.sums.bytes as i64 - diff.before.sums.bytes as i64;
    assert_eq!(grown + 2 - 4, expected);
    let packages = |list: &[Package]| -> Vec<String> { list.iter().map(|package| package.name.clone()).collect() };
    assert_eq!(packages(&diff.packages.gone), ["c"]);
    assert_eq!(packages(&diff.packages.new), ["d"]);
    assert_eq!(packages(&diff.packages.changed), ["b"]);
    assert_eq!(diff.config.len(), 1);
    assert!(!diff.is_empty());
}

#[test]
fn an_image_does_not_differ_from_itself() {
    let diff = compare(&before(), &before(), [json!({}), json!({})]);
    assert!(diff.is_empty());
    let mut out = Vec::new();
    write_list(&diff, &mut out).unwrap();
    assert!(out.is_empty());
}

#[test]
fn files_made_one_are_told_by_their_links() {
    let joined = Builder::new().file("/a", b"12").hardlink("/b", "/a").build();
    let apart = Builder::new().file("/a", b"12").file("/b", b"12").build();
    let diff = compare(&apart, &joined, [json!({}), json!({})]);
    let [changed] = &diff.files.changed[..] else { panic!("{:?}", diff.files) };
    assert_eq!((changed.path.to_string().as_str(), changed.before, changed.after), ("/b", 2, 0));
    assert_eq!(changed.aspects, [Aspect::Links]);
}

#[test]
fn text_and_list_fit_and_escape() {
    let long = "x".repeat(300);
    let hostile = Builder::new()
        .file("/new\n\u{1b}[31m", b"1")
        .file(&format!("/{long}"), b"12")
        .file("/var/lib/dpkg/status", status(&[(&long, "1")]).as_bytes())
        .build();
    let label = json!({"config": {"Labels": {&long: &long}, "Cmd": ["\u{1b}"]}});
    let diff = compare(&Builder::new().build(), &hostile, [json!({}), label]);
    let mut text = Vec::new();
    write_text(&diff, 10, &mut text).unwrap();
    let text = String::from_utf8(text).unwrap();
    assert!(text.lines().all(|line| line.chars().count() <= 80), "{text}");
    assert!(!text.contains('\u{1b}'));
    let mut list = Vec::new();
    write_list(&diff, &mut list).unwrap();
    let list = String::from_utf8(list).unwrap();
    assert!(list.starts_with("+ /new\\n\\x1B[31m\n+ /var/\n"), "{list}");
    let mut json = Vec::new();
    write_json(&diff, &mut json).unwrap();
    let json: Value = serde_json::from_slice(&json).unwrap();
    assert_eq!(json["files"]["totals"]["added"], json!({"files": 3, "bytes": diff.after.sums.bytes}));
    assert_eq!(json["packages"]["new"][0]["name"], long);
}
