//! Small images that say that they are large: refused, in little time and memory, with the option that reads them anyway.

use std::fs;

use assert_cmd::Command;
use serde_json::json;

use crate::archive::{Image, Layer, sha256};
use crate::bench::Bench;

/// A layer with one entry under these PAX records.
fn under(records: &[(&str, &[u8])], kind: tar::EntryType) -> Vec<u8> {
    let mut layer = tar::Builder::new(Image::sample().layers[0].clone());
    // What follows an end marker is not read.
    let end = layer.get_ref().len() - 1024;
    layer.get_mut().truncate(end);
    layer.append_pax_extensions(records.iter().copied()).unwrap();
    let mut header = tar::Header::new_ustar();
    header.set_entry_type(kind);
    header.set_size(0);
    header.set_mode(0o644);
    header.set_path("entry").unwrap();
    header.set_cksum();
    layer.append(&header, std::io::empty()).unwrap();
    layer.into_inner().unwrap()
}

fn bench(layers: Vec<Vec<u8>>) -> Bench {
    let bench = Bench::new();
    Image::new(layers).oci_gzip().save(bench.path("app.tar"));
    bench
}

/// Refused by `report` and `slim` alike, unless the limit is raised.
#[track_caller]
fn limited(bench: &Bench, limit: &str, usual: &str, raised: &str) {
    for command in ["report app.tar", "slim app.tar -o out.tar"] {
        let ended = bench.run(&format!("{command} {usual}"));
        ended.refused(1, &format!("--limit {limit}=N"));
        assert!(ended.stderr.contains("app.tar: "), "{}", ended.stderr);
    }
    assert_eq!(bench.names(), ["app.tar"]);
    bench.run(&format!("report app.tar --limit {limit}={raised}")).done();
}

#[test]
fn attributes_names_and_targets_are_bounded_together() {
    let large = vec![b'x'; 900_000];
    let layer = under(&[("SCHILY.xattr.user.x", &large)], tar::EntryType::Regular);
    // A hundred layers that differ.
    let layers =
        (0..100).map(|n| [&layer[..layer.len() - 1024], &Layer::new().file("n", n.to_string()).tar()].concat());
    limited(&bench(layers.collect()), "metadata", "", "300MB");
    let target = vec![b't'; 4000];
    limited(
        &bench(vec![under(&[("linkpath", &target)], tar::EntryType::Symlink)]),
        "metadata",
        "--limit metadata=8kB",
        "12kB",
    );
    let path = [&b"d/".repeat(1000)[..], b"f"].concat();
    limited(
        &bench(vec![under(&[("path", &path)], tar::EntryType::Regular)]),
        "metadata",
        "--limit metadata=4kB",
        "60MB",
    );
}

#[test]
fn holes_entries_and_what_is_unpacked_are_bounded() {
    let sparse = [("GNU.sparse.size", &b"4000000000"[..]), ("GNU.sparse.map", b"4000000000,0")];
    let holes = bench(vec![under(&sparse, tar::EntryType::Regular)]);
    for command in ["report app.tar --json", "slim app.tar -o out.tar"] {
        holes
            .run(command)
            .refused(1, "entry: sparse files are larger than what is stored of them by more than 268435456");
    }
    holes.run("why app.tar /entry --limit holes=4GB").done();
    let plain = bench(Image::sample().layers);
    limited(&plain, "entries", "--limit entries=5", "100");
    limited(&plain, "unpacked", "--limit unpacked=4kB", "1MB");
    assert_eq!(plain.run("report app.tar --limit holes=many").code, Some(2));
    assert_eq!(plain.run("report app.tar --limit memory=1").code, Some(2));
}

#[test]
fn paths_that_no_system_takes_are_refused() {
    for (key, kind) in [("path", tar::EntryType::Regular), ("linkpath", tar::EntryType::Symlink)] {
        let long = "a/".repeat(2047).into_bytes();
        bench(vec![under(&[(key, &[&long[..], b"b"].concat())], kind)]).run("report app.tar").done();
        let bench = bench(vec![under(&[(key, &[&long[..], b"bc"].concat())], kind)]);
        bench.run("slim app.tar -o out.tar").refused(1, "more than 4095 bytes");
    }
    // Through a link, short names make long paths.
    let deep = "d/".repeat(2000);
    let layer = under(&[("path", deep.as_bytes())], tar::EntryType::Directory);
    let links = Layer::new().symlink("l", &deep).file(&format!("l/{deep}f"), "x").tar();
    bench(vec![layer, links]).run("report app.tar").refused(1, "behind links its path has more than 4095 bytes");
}

/// Thousands of manifests share one config, which is large when it is read.
#[test]
fn of_many_images_only_the_chosen_ones_config_is_kept() {
    let bench = Bench::new();
    let config = json!({"os": "linux", "rootfs": {"diff_ids": []}, "x": vec![0; 200_000]}).to_string();
    let name = format!("{}.json", sha256(config.as_bytes()));
    let images: Vec<_> = (0..4000)
        .map(|n| json!({"Config": name, "RepoTags": [format!("a:{n}")], "Layers": [format!("{n}.tar")]}))
        .collect();
    fs::create_dir(bench.path("image")).unwrap();
    fs::write(bench.path("image").join(&name), &config).unwrap();
    fs::write(bench.path("image/manifest.json"), json!(images).to_string()).unwrap();
    let ended = Command::new("sh")
        .args(["-c", "ulimit -v 1500000; exec \"$@\"", "sh", env!("CARGO_BIN_EXE_bantam"), "report", "image"])
        .current_dir(bench.path("."))
        .output()
        .unwrap();
    assert_eq!(ended.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&ended.stderr).contains("4000 images fit"),
        "{}",
        String::from_utf8_lossy(&ended.stderr)
    );
    let many = json!({"os": "linux", "rootfs": {"diff_ids": []}, "x": vec![0; 400_000]}).to_string();
    fs::write(bench.path("image/c.json"), many).unwrap();
    fs::write(bench.path("image/manifest.json"), json!([{"Config": "c.json", "Layers": []}]).to_string()).unwrap();
    bench.run("report image").refused(1, "c.json: more than 262144 values");
}
