//! Whole images, written to every kind of destination and read back.

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::*;
use crate::plan::Plan;
use crate::rootfs::{Builder, Rootfs};
use crate::{Error, Result};

/// Compressible, but not the same everywhere.
fn noise(len: usize, seed: u32) -> Vec<u8> {
    let mut state = seed;
    let step = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 28) as u8 + b'a'
    };
    (0..len).map(step).collect()
}

fn rootfs() -> Rootfs {
    Builder::new()
        .file("/big", &noise(3_000_000, 1))
        .exe("/bin/app", &noise(700_001, 2))
        .symlink("/app", "bin/app")
        .build()
}

fn config() -> Value {
    json!({
        "architecture": "amd64", "os": "linux", "config": {"Cmd": ["/app"]}, "created": "2024-01-01T00:00:00Z",
        "rootfs": {"type": "layers", "diff_ids": ["sha256:1", "sha256:2"]}, "history": [{"created_by": "one"}],
    })
}

fn write_to(destination: &str, options: &Options) -> Result<Written> {
    let rootfs = rootfs();
    let annotations = BTreeMap::from([("kept".to_owned(), "yes".to_owned())]);
    let original = Original {
        config: &config(),
        annotations: &annotations,
        tags: &["team/app:1".to_owned(), "not a name".to_owned()],
        manifest_digest: Some("sha256:feed"),
        config_digest: Some("sha256:beef"),
    };
    write(&rootfs, &Plan::keep_all(&rootfs.tree), &original, options, &destination.parse()?, None)
}

fn options(compression: Compression) -> Options {
    Options { compression: Some(compression), ..Options::default() }
}

fn members(path: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut archive = tar::Archive::new(fs::File::open(path).unwrap());
    let read = archive.entries().unwrap().map(|entry| {
        let mut entry = entry.unwrap();
        let mut bytes = Vec::new();
        entry.read_to_end(&mut bytes).unwrap();
        (String::from_utf8(entry.path_bytes().into_owned()).unwrap(), bytes)
    });
    read.collect()
}

fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().fold("sha256:".to_owned(), |text, byte| format!("{text}{byte:02x}"))
}

fn blob<'a>(members: &'a BTreeMap<String, Vec<u8>>, digest: &Value) -> &'a [u8] {
    let digest = digest.as_str().unwrap();
    let bytes = &members[&digest.replace("sha256:", "blobs/sha256/")];
    assert_eq!(sha256(bytes), digest);
    bytes
}

fn parse(bytes: &[u8]) -> Value {
    serde_json::from_slice(bytes).unwrap()
}

fn listing(dir: &Path) -> Vec<String> {
    let mut names: Vec<_> = fs::read_dir(dir).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

fn decompressed(compression: Compression, blob: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    match compression {
        Compression::None => out.extend_from_slice(blob),
        // Reads one member only: what follows it would be missing.
        Compression::Gzip(_) => drop(flate2::read::GzDecoder::new(blob).read_to_end(&mut out).unwrap()),
        Compression::Zstd(_) => zstd::stream::copy_decode(blob, &mut out).unwrap(),
    }
    out
}

#[test]
fn a_combined_archive_leads_to_the_layer_both_ways() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x.tar");
    for (compression, kind) in [
        (Compression::None, "tar"),
        (Compression::Gzip(0), "tar+gzip"),
        (Compression::GZIP, "tar+gzip"),
        (Compression::Gzip(1), "tar+gzip"),
        (Compression::Gzip(9), "tar+gzip"),
        (Compression::ZSTD, "tar+zstd"),
    ] {
        let written = write_to(out.to_str().unwrap(), &options(compression)).unwrap();
        let members = members(&out);
        assert_eq!(parse(&members["oci-layout"]), json!({"imageLayoutVersion": "1.0.0"}));
        let entry = &parse(&members["index.json"])["manifests"][0];
        assert_eq!(
            entry["annotations"],
            json!({"io.containerd.image.name": "docker.io/team/app:1", "org.opencontainers.image.ref.name": "1"})
        );
        assert_eq!(entry["platform"], json!({"architecture": "amd64", "os": "linux"}));
        let manifest = parse(blob(&members, &entry["digest"]));
        assert_eq!(entry["digest"], written.manifest_digest);
        assert_eq!(
            manifest["annotations"],
            json!({
                "kept": "yes", "org.opencontainers.image.base.digest": "sha256:feed",
                "org.opencontainers.image.base.name": "docker.io/team/app:1",
            })
        );
        let layer = &manifest["layers"][0];
        assert_eq!(layer["mediaType"], format!("application/vnd.oci.image.layer.v1.{kind}"));
        let packed = blob(&members, &layer["digest"]);
        assert_eq!((layer["size"].as_u64(), written.layer_size), (Some(packed.len() as u64), packed.len() as u64));
        let tar = decompressed(compression, packed);
        assert_eq!((sha256(&tar), tar.len() as u64), (written.diff_id.clone(), written.layer_tar_size));
        assert_eq!((written.content_size, written.entries), (3_700_001, 5));
        let config = parse(blob(&members, &manifest["config"]["digest"]));
        assert_eq!(config["rootfs"]["diff_ids"], json!([written.diff_id]));
        assert_eq!(config["config"], json!({"Cmd": ["/app"]}));

        let docker = parse(&members["manifest.json"]);
        assert_eq!(docker[0]["RepoTags"], json!(["team/app:1"]));
        assert_eq!(docker[0]["Layers"], json!([written.layer_digest.replace("sha256:", "blobs/sha256/")]));
        assert_eq!(docker[0]["Config"], written.config_digest.replace("sha256:", "blobs/sha256/"));
    }
    assert_eq!(listing(dir.path()), ["x.tar"]);
}

#[test]
fn the_single_formats_hold_what_their_readers_need() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x.tar");
    let written = write_to(&format!("docker-archive:{}:other:2", out.display()), &Options::default()).unwrap();
    let docker = members(&out);
    let entry = &parse(&docker["manifest.json"])[0];
    assert_eq!((&entry["RepoTags"], written.compression), (&json!(["other:2"]), Compression::None));
    assert_eq!(sha256(&docker[entry["Layers"][0].as_str().unwrap()]), written.diff_id);
    assert_eq!(sha256(&docker[entry["Config"].as_str().unwrap()]), written.config_digest);
    assert_eq!(docker.len(), 3);

    write_to(&format!("oci-archive:{}:v2", out.display()), &Options::default()).unwrap();
    let oci = members(&out);
    let entries = &parse(&oci["index.json"])["manifests"];
    assert_eq!(entries[0]["annotations"], json!({"org.opencontainers.image.ref.name": "v2"}));
    assert!(!oci.contains_key("manifest.json"));
}

#[test]
fn names_of_the_options_replace_those_of_the_input() {
    let dir = tempfile::tempdir().unwrap();
    let out = dir.path().join("x.tar");
    let tags = vec!["a".parse().unwrap(), "b:2".parse().unwrap(), "a:latest".parse().unwrap()];
    let written = write_to(out.to_str().unwrap(), &Options { tags, ..Options::default() }).unwrap();
    assert_eq!(written.tags, ["a:latest", "b:2"]);
    let members = members(&out);
    assert_eq!(parse(&members["manifest.json"])[0]["RepoTags"], json!(["a:latest", "b:2"]));
    assert_eq!(parse(&members["index.json"])["manifests"].as_array().unwrap().len(), 2);
}

#[test]
fn the_bytes_do_not_depend_on_threads_or_runs() {
    let dir = tempfile::tempdir().unwrap();
    for compression in [Compression::None, Compression::GZIP, Compression::ZSTD] {
        let mut outputs = Vec::new();
        for (run, threads) in [1, 4, 4, 3].into_iter().enumerate() {
            let out = dir.path().join(run.to_string());
            let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
            pool.install(|| write_to(out.to_str().unwrap(), &options(compression))).unwrap();
            outputs.push(fs::read(out).unwrap());
        }
        assert!(outputs.iter().all(|output| *output == outputs[0]), "{compression}");
    }
}

#[test]
fn gzip_blocks_see_what_came_before_them() {
    let dir = tempfile::tempdir().unwrap();
    // Random 20 KB over and over: without a look back, every one of the 16 blocks would store it once more.
    let piece: Vec<u8> = (0..20_000u32).map(|i| sha256(&i.to_le_bytes()).as_bytes()[10]).collect();
    let rootfs = Builder::new().file("/f", &piece.repeat(210)).build();
    let original = Original {
        config: &config(),
        annotations: &BTreeMap::new(),
        tags: &[],
        manifest_digest: None,
        config_digest: None,
    };
    let destination =
        Destination::Archive { path: dir.path().join("x"), format: ArchiveFormat::Combined, reference: None };
    let plan = Plan::keep_all(&rootfs.tree);
    let written = write(&rootfs, &plan, &original, &options(Compression::GZIP), &destination, None).unwrap();
    assert!(written.layer_size < 60_000, "{}", written.layer_size);
}

#[test]
fn a_layout_is_created_and_then_added_to() {
    let dir = tempfile::tempdir().unwrap();
    let layout = dir.path().join("layout");
    fs::create_dir(&layout).unwrap();
    let at = |reference: &str| format!("oci:{}{reference}", layout.display());
    let first = write_to(&at(":v1"), &Options::default()).unwrap();
    write_to(&at(":v2"), &options(Compression::None)).unwrap();
    // The same reference again: the index has it once, leading to the new image.
    let again = write_to(&at(":v1"), &options(Compression::ZSTD)).unwrap();
    assert_ne!(first.manifest_digest, again.manifest_digest);
    let index = parse(&fs::read(layout.join("index.json")).unwrap());
    let names: Vec<_> = index["manifests"]
        .as_array()
        .unwrap()
        .iter()
        .map(|entry| {
            (
                entry["annotations"]["org.opencontainers.image.ref.name"].as_str().unwrap(),
                entry["digest"].as_str().unwrap(),
            )
        })
        .collect();
    assert_eq!((names[0].0, names[1]), ("v2", ("v1", again.manifest_digest.as_str())));
    for name in listing(&layout.join("blobs/sha256")) {
        assert_eq!(sha256(&fs::read(layout.join("blobs/sha256").join(&name)).unwrap()), format!("sha256:{name}"));
    }
    assert_eq!(listing(&layout), ["blobs", "index.json", "oci-layout"]);
    assert_eq!(listing(dir.path()), ["layout"]);
}

#[test]
fn a_failure_leaves_what_was_there_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (out, layout, fresh) = (dir.path().join("x.tar"), dir.path().join("layout"), dir.path().join("fresh"));
    fs::write(&out, "before").unwrap();
    write_to(&format!("oci:{}:v1", layout.display()), &Options::default()).unwrap();
    let blobs = listing(&layout.join("blobs/sha256"));
    // Cut off near the end, so that much is written before it is noticed.
    let mut rootfs = rootfs();
    rootfs.layers[0] = rootfs.layers[0].slice(0, 3_700_000);
    let original = Original {
        config: &config(),
        annotations: &BTreeMap::new(),
        tags: &[],
        manifest_digest: None,
        config_digest: None,
    };
    let plan = Plan::keep_all(&rootfs.tree);
    let done = AtomicU64::new(0);
    for destination in
        [out.display().to_string(), format!("oci:{}:v2", layout.display()), format!("oci:{}", fresh.display())]
    {
        let progress = |event: Event<'_>| {
            if let Event::Packed { done: now, .. } = event {
                done.store(now, Ordering::Relaxed);
            }
        };
        let result =
            write(&rootfs, &plan, &original, &Options::default(), &destination.parse().unwrap(), Some(&progress));
        assert!(matches!(result, Err(Error::Layer { .. })));
    }
    assert_eq!(fs::read(&out).unwrap(), b"before");
    assert_eq!(listing(dir.path()), ["layout", "x.tar"]);
    assert_eq!(listing(&layout.join("blobs/sha256")), blobs);
}

#[test]
fn the_input_is_refused_as_output_by_any_name() {
    let dir = tempfile::tempdir().unwrap();
    let path = |name: &str| dir.path().join(name);
    fs::write(path("in.tar"), "image").unwrap();
    fs::hard_link(path("in.tar"), path("hard")).unwrap();
    std::os::unix::fs::symlink("in.tar", path("soft")).unwrap();
    let options = Options { input: Some(path("in.tar")), ..Options::default() };
    for name in ["in.tar", "hard", "soft"] {
        let error = write_to(path(name).to_str().unwrap(), &options).unwrap_err();
        assert!(error.to_string().contains("is the input"), "{error}");
    }
    assert_eq!(fs::read(path("in.tar")).unwrap(), b"image");

    write_to(&format!("oci:{}", path("layout").display()), &Options::default()).unwrap();
    let options = Options { input: Some(path("layout")), ..Options::default() };
    for out in [format!("oci:{}", path("layout").display()), path("layout/index.json").display().to_string()] {
        assert!(write_to(&out, &options).unwrap_err().to_string().contains("is the input"));
    }
}

#[test]
fn outputs_that_cannot_be_are_refused() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "x").unwrap();
    let at = dir.path().display();
    for (out, says) in [
        (format!("{at}"), "is a directory"),
        (format!("oci:{at}"), "neither empty nor an OCI layout"),
        (format!("{at}/missing/x.tar"), "there is no directory"),
        (format!("oci:{at}/file"), "cannot open"),
    ] {
        let error = write_to(&out, &Options::default()).unwrap_err();
        assert!(error.to_string().contains(says), "{out}: {error}");
    }
    assert_eq!(listing(dir.path()), ["file"]);
}

#[test]
fn links_are_followed_and_devices_written_to() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("real"), "x").unwrap();
    std::os::unix::fs::symlink("real", dir.path().join("link")).unwrap();
    write_to(dir.path().join("link").to_str().unwrap(), &Options::default()).unwrap();
    assert!(dir.path().join("link").is_symlink());
    assert!(members(&dir.path().join("real")).contains_key("manifest.json"));

    write_to("/dev/null", &Options::default()).unwrap();
    assert!(!fs::metadata("/dev/null").unwrap().is_file());
}

#[test]
fn progress_ends_at_the_total() {
    let dir = tempfile::tempdir().unwrap();
    let rootfs = rootfs();
    let original = Original {
        config: &config(),
        annotations: &BTreeMap::new(),
        tags: &[],
        manifest_digest: None,
        config_digest: None,
    };
    let (done, total) = (AtomicU64::new(0), AtomicU64::new(0));
    let progress = |event: Event<'_>| {
        let Event::Packed { done: now, total: all } = event else { panic!("{event:?}") };
        assert!(done.swap(now, Ordering::Relaxed) <= now);
        total.store(all, Ordering::Relaxed);
    };
    let destination =
        Destination::Archive { path: dir.path().join("x"), format: ArchiveFormat::Combined, reference: None };
    write(&rootfs, &Plan::keep_all(&rootfs.tree), &original, &Options::default(), &destination, Some(&progress))
        .unwrap();
    assert_eq!((done.into_inner(), total.into_inner()), (3_700_001, 3_700_001));
}
