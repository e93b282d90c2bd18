//! Images of every form, written by hand into a temporary directory.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::json;

use serde_json::Value;

use super::{Event, Image, Listener, OpenOptions, Reference, StoredCompression, digest, open};
use crate::Result;

const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// A tar of these files.
pub(super) fn tar(files: &[(&str, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, content) in files {
        let mut header = tar::Header::new_gnu();
        header.set_size(content.len() as u64);
        header.set_mode(0o644);
        builder.append_data(&mut header, name, *content).unwrap();
    }
    builder.into_inner().unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 1).unwrap()
}

/// The files of an image being put together.
#[derive(Clone, Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// Adds a blob and gives its descriptor.
    fn blob(&mut self, media_type: &str, bytes: &[u8]) -> Value {
        let digest = digest::sha256(bytes);
        self.0.insert(format!("blobs/{}", digest.replace(':', "/")), bytes.to_vec());
        json!({"mediaType": media_type, "digest": digest, "size": bytes.len()})
    }

    fn json(&mut self, name: &str, value: &Value) {
        self.0.insert(name.into(), value.to_string().into_bytes());
    }

    /// Adds an OCI image; `layers` are as stored and as unpacked. Gives the manifest's descriptor.
    fn image(&mut self, architecture: &str, layers: &[(Vec<u8>, &[u8])]) -> Value {
        let diff_ids: Vec<_> = layers.iter().map(|(_, tar)| digest::sha256(tar)).collect();
        let config = json!({"zz": 1, "architecture": architecture, "os": "linux", "config": {"Cmd": ["app"]},
            "rootfs": {"type": "layers", "diff_ids": diff_ids}});
        let config = self.blob("application/vnd.oci.image.config.v1+json", config.to_string().as_bytes());
        let layers: Vec<_> = layers.iter().map(|(stored, _)| self.blob(OCI_LAYER, stored)).collect();
        let manifest = json!({"schemaVersion": 2, "config": config, "layers": layers, "annotations": {"a": "b"}});
        self.blob(OCI_MANIFEST, manifest.to_string().as_bytes())
    }

    fn index(&mut self, manifests: &[Value]) {
        self.json("oci-layout", &json!({"imageLayoutVersion": "1.0.0"}));
        self.json("index.json", &json!({"schemaVersion": 2, "manifests": manifests}));
    }

    fn tar(&self) -> Vec<u8> {
        tar(&self.0.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())).collect::<Vec<_>>())
    }
}

/// A directory that images are written to and opened from.
struct Place(tempfile::TempDir);

impl Place {
    fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    fn put(&self, name: &str, bytes: &[u8]) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).unwrap();
        path
    }

    fn put_dir(&self, name: &str, files: &Files) -> PathBuf {
        let dir = self.0.path().join(name);
        for (file, bytes) in &files.0 {
            let path = dir.join(file);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, bytes).unwrap();
        }
        dir
    }

    fn try_open(&self, reference: &str, platform: Option<&str>) -> Result<Image> {
        let options = OpenOptions {
            platform: platform.map(|text| text.parse().unwrap()),
            spool_dir: self.0.path().into(),
            ..OpenOptions::default()
        };
        open(&Reference::parse(reference).unwrap(), &options)
    }

    fn open(&self, path: &Path) -> Image {
        self.try_open(path.to_str().unwrap(), None).unwrap()
    }

    fn error(&self, path: &Path) -> String {
        let error = self.try_open(path.to_str().unwrap(), None).unwrap_err().to_string();
        assert!(!error.contains('\n'), "{error:?} has more than one line");
        error
    }
}

fn with(mut value: Value, field: &str, content: Value) -> Value {
    value[field] = content;
    value
}

/// Paths in the merged tree.
fn paths(image: &Image) -> Vec<String> {
    let rootfs = crate::rootfs::merge(&image.layers).unwrap().rootfs;
    rootfs.tree.iter().skip(1).map(|node| rootfs.tree.path(node).to_string()).collect()
}

#[test]
fn oci_layouts_with_layers_of_every_compression() {
    let tars: Vec<Vec<u8>> = (0..4).map(|n| tar(&[(&format!("f{n}"), &[b'x'; 3000])])).collect();
    let members = [gzip(&tars[1][..700]), gzip(&tars[1][700..])].concat();
    let mut files = Files::default();
    let stored =
        [(tars[0].clone(), &*tars[0]), (members, &*tars[1]), (zstd(&tars[2]), &*tars[2]), (gzip(&tars[3]), &*tars[3])];
    let manifest = files.image("amd64", &stored);
    files.index(&[with(manifest.clone(), "annotations", json!({"org.opencontainers.image.ref.name": "v1", "c": "d"}))]);
    let place = Place::new();
    let image = place.open(&place.put_dir("layout", &files));
    assert_eq!(paths(&image), ["/f0", "/f1", "/f2", "/f3"]);
    assert_eq!(image.manifest_digest.as_deref(), manifest["digest"].as_str());
    assert_eq!(
        (image.ref_names.as_slice(), image.platform.to_string()),
        (&["v1".to_owned()][..], "linux/amd64".into())
    );
    assert_eq!((&*image.manifest_annotations["a"], &*image.index_annotations["c"]), ("b", "d"));
    assert_eq!(image.config.as_object().unwrap().keys().next().unwrap(), "zz", "fields keep their order");
    assert_eq!(image.run_config().cmd, ["app"]);
    let how: Vec<_> = image.layers.iter().map(|layer| layer.compression).collect();
    assert_eq!(
        how,
        [StoredCompression::None, StoredCompression::Gzip, StoredCompression::Zstd, StoredCompression::Gzip]
    );

    // As an archive, plain and compressed as a whole, the image is the same.
    for (name, bytes) in [("a.tar", files.tar()), ("a.tar.gz", gzip(&files.tar())), ("a.tar.zst", zstd(&files.tar()))] {
        let again = place.open(&place.put(name, &bytes));
        assert_eq!(paths(&again), paths(&image), "{name}");
    }
    let reference = format!("oci-archive:{}:v1", place.0.path().join("a.tar").display());
    assert_eq!(place.try_open(&reference, None).unwrap().config_digest, image.config_digest);
}

#[test]
fn uncompressed_layers_are_used_in_place() {
    let layer = tar(&[("f", b"content of f")]);
    let mut files = Files::default();
    let manifest = files.image("amd64", &[(layer.clone(), &layer)]);
    files.index(&[manifest]);
    let place = Place::new();
    let path = place.put("a.tar", &files.tar());
    let image = place.open(&path);
    let merged = crate::rootfs::merge(&image.layers).unwrap();
    // Changed behind our back, to see where the bytes come from.
    let mut bytes = fs::read(&path).unwrap();
    let at = bytes.windows(12).position(|window| window == b"content of f").unwrap();
    bytes[at] = b'C';
    fs::write(&path, bytes).unwrap();
    assert_eq!(merged.rootfs.read(merged.rootfs.tree.get("/f").unwrap()).unwrap(), b"Content of f");
}

/// An archive as Docker wrote it up to version 24, with a repeated layer as a symbolic link.
fn docker_archive(layer: &[u8], config_name: Option<&str>) -> Vec<u8> {
    let id = digest::sha256(layer);
    let config =
        json!({"os": "linux", "architecture": "arm64", "variant": "v8", "rootfs": {"diff_ids": [id, id]}}).to_string();
    let name = format!("{}.json", digest::sha256(config.as_bytes()).trim_start_matches("sha256:"));
    let name = config_name.unwrap_or(&name);
    let manifest = json!([{"Config": name, "RepoTags": ["team/app:1"], "Layers": ["one/layer.tar", "two/layer.tar"]}]);
    let mut builder = tar::Builder::new(tar(&[]));
    builder.get_mut().clear();
    for (name, bytes) in
        [(name, config.as_bytes()), ("one/layer.tar", layer), ("manifest.json", manifest.to_string().as_bytes())]
    {
        let mut header = tar::Header::new_gnu();
        header.set_size(bytes.len() as u64);
        builder.append_data(&mut header, name, bytes).unwrap();
    }
    let mut link = tar::Header::new_gnu();
    link.set_entry_type(tar::EntryType::Symlink);
    link.set_size(0);
    builder.append_link(&mut link, "two/layer.tar", "../one/layer.tar").unwrap();
    builder.into_inner().unwrap()
}

#[test]
fn old_docker_archives() {
    let place = Place::new();
    let layer = tar(&[("f", b"x")]);
    for (name, bytes) in [("a.tar", docker_archive(&layer, None)), ("b.tar", docker_archive(&gzip(&layer), None))] {
        let path = place.put(name, &bytes);
        if name == "b.tar" {
            // Its config states the digest of the compressed layer.
            assert!(place.error(&path).contains("one/layer.tar: does not match its diff ID"));
            continue;
        }
        let image = place.open(&path);
        assert_eq!((image.tags.as_slice(), image.layers.len()), (&["team/app:1".to_owned()][..], 2));
        assert_eq!((image.platform.to_string(), image.manifest_digest), ("linux/arm64/v8".into(), None));
    }
    let bad = place.put("c.tar", &docker_archive(&layer, Some(&format!("{}.json", "0".repeat(64)))));
    assert!(place.error(&bad).contains("does not match its digest"));
}

#[test]
fn archives_of_both_kinds_have_tags_from_both() {
    let layer = tar(&[("f", b"x")]);
    let mut files = Files::default();
    let manifest = files.image("amd64", &[(layer.clone(), &layer)]);
    let names = json!({"io.containerd.image.name": "r.example/team/app:1", "org.opencontainers.image.ref.name": "1"});
    files.index(&[with(manifest.clone(), "annotations", names)]);
    let text = &files.0[&format!("blobs/{}", manifest["digest"].as_str().unwrap().replace(':', "/"))];
    let parsed: Value = serde_json::from_slice(text).unwrap();
    let file = |descriptor: &Value| format!("blobs/{}", descriptor["digest"].as_str().unwrap().replace(':', "/"));
    let (config, layers) = (file(&parsed["config"]), [file(&parsed["layers"][0])]);
    files.json(
        "manifest.json",
        &json!([{"Config": config, "RepoTags": ["team/app:1", "team/app:new"], "Layers": layers}]),
    );
    let place = Place::new();
    let path = place.put("a.tar", &files.tar());
    let image = place.open(&path);
    assert_eq!(image.tags, ["team/app:1", "team/app:new"]);
    assert!(image.manifest_digest.is_some());
    for reference in
        ["docker-archive:A:team/app:new", "oci-archive:A:1", "oci-archive:A:app:new", "docker-archive:A:@0"]
    {
        let reference = reference.replace('A', path.to_str().unwrap());
        assert!(place.try_open(&reference, None).is_ok(), "{reference}");
    }
}

#[test]
fn nested_indexes_attestations_artifacts_and_platforms() {
    let layer = tar(&[("f", b"x")]);
    let mut files = Files::default();
    let (amd, arm) =
        (files.image("amd64", &[(layer.clone(), &layer)]), files.image("arm64", &[(gzip(&layer), &layer)]));
    let attestation =
        with(files.image("unknown", &[]), "platform", json!({"os": "unknown", "architecture": "unknown"}));
    let empty = files.blob("application/vnd.oci.empty.v1+json", b"{}");
    let artifact = json!({"schemaVersion": 2, "artifactType": "x/y", "config": empty, "layers": []});
    let artifact = files.blob(OCI_MANIFEST, artifact.to_string().as_bytes());
    let gone = json!({"mediaType": OCI_MANIFEST, "digest": digest::sha256(b"gone"), "size": 4,
        "platform": {"os": "linux", "architecture": "s390x"}});
    let inner = json!({"schemaVersion": 2, "manifests": [amd, arm, attestation, artifact, gone]});
    let inner = files.blob("application/vnd.oci.image.index.v1+json", inner.to_string().as_bytes());
    files.index(&[with(inner, "annotations", json!({"org.opencontainers.image.ref.name": "v1"}))]);
    let place = Place::new();
    let path = place.put_dir("layout", &files);
    let text = path.to_str().unwrap();
    assert_eq!(place.try_open(text, Some("linux/arm64")).unwrap().layers[0].compression, StoredCompression::Gzip);
    assert_eq!(place.try_open(&format!("oci:{text}:v1"), Some("linux/amd64")).unwrap().ref_names, ["v1"]);
    let error = place.error(&path);
    assert!(error.contains("2 images fit") && error.contains("v1 (linux/amd64), v1 (linux/arm64)"), "{error}");
    let error = place.try_open(text, Some("linux/s390x")).unwrap_err().to_string();
    assert!(error.contains("v1 (linux/s390x) is listed, but its blob"), "{error}");
}

/// As `skopeo copy` writes `dir:`.
#[test]
fn directories_of_skopeo_are_read() {
    let layers = [tar(&[("f", b"x")]), tar(&[("g", b"y")])];
    let mut files = Files::default();
    let manifest = files.image("amd64", &[(layers[0].clone(), &layers[0]), (gzip(&layers[1]), &layers[1])]);
    let digits = |descriptor: &Value| descriptor["digest"].as_str().unwrap().replace("sha256:", "");
    let top = files.0.remove(&format!("blobs/sha256/{}", digits(&manifest))).unwrap();
    let flat = |files: &Files| {
        Files(files.0.iter().map(|(name, bytes)| (name.rsplit('/').next().unwrap().into(), bytes.clone())).collect())
    };
    let mut one = flat(&files);
    one.0.insert("manifest.json".into(), top.clone());
    one.0.insert("version".into(), b"Directory Transport Version: 1.1\n".to_vec());
    let place = Place::new();
    let path = place.put_dir("one", &one);
    let image = place.open(&path);
    assert_eq!(paths(&image), ["/f", "/g"]);
    assert_eq!(image.manifest_digest.as_deref(), manifest["digest"].as_str());
    let named = format!("dir:{}", path.display());
    assert_eq!(place.try_open(&named, None).unwrap().config_digest, image.config_digest);
    // Of an index, manifests are files of their own kind.
    let mut several = flat(&files);
    several.0.insert(format!("{}.manifest.json", digits(&manifest)), top);
    several.json("manifest.json", &json!({"schemaVersion": 2, "manifests": [manifest]}));
    several.0.insert("version".into(), b"Directory Transport Version: 1.1\n".to_vec());
    assert_eq!(place.open(&place.put_dir("several", &several)).config_digest, image.config_digest);
    let mut damaged = one.clone();
    damaged.0.get_mut(&digits(&json!({"digest": digest::sha256(&layers[0])}))).unwrap()[0] ^= 1;
    assert!(place.error(&place.put_dir("damaged", &damaged)).contains("does not match its digest"));
    let nothing = format!("dir:{}", place.0.path().display());
    assert!(place.try_open(&nothing, None).unwrap_err().to_string().contains("no directory of skopeo's"));
}

#[test]
fn a_path_is_tried_as_a_whole_and_a_bare_name_gets_both_spellings() {
    let layer = tar(&[("f", b"x")]);
    let mut files = Files::default();
    let manifest = files.image("amd64", &[(layer.clone(), &layer)]);
    files.index(&[manifest]);
    let place = Place::new();
    for name in ["alpine:3.14.tar", "oci:x", "docker:y"] {
        assert_eq!(paths(&place.open(&place.put(name, &files.tar()))), ["/f"], "{name}");
    }
    for name in ["no-such-image", "no-such/image:3.14", "r.example:5000/no/such:1"] {
        let error = place.try_open(name, None).unwrap_err().to_string();
        assert!(
            error.contains(&format!("docker://{name}")) && error.contains(&format!("docker-daemon:{name}")),
            "{error}"
        );
    }
    for name in ["no-such.tar", "./no-such-image", "No-Such"] {
        let error = place.try_open(name, None).unwrap_err().to_string();
        assert!(error.contains("cannot open") && !error.contains("docker"), "{error}");
    }
}

#[test]
fn every_digest_is_verified_and_the_blob_named() {
    let layers = [tar(&[("f", b"x")]), tar(&[("g", &[b'y'; 5000])])];
    let mut files = Files::default();
    let manifest = files.image("amd64", &[(layers[0].clone(), &layers[0]), (gzip(&layers[1]), &layers[1])]);
    files.index(&[manifest]);
    let place = Place::new();
    for (number, name) in files.0.keys().filter(|name| name.starts_with("blobs/")).enumerate() {
        let digest = name.trim_start_matches("blobs/").replace('/', ":");
        for (change, says) in [("flip", "does not match its digest"), ("cut", "bytes where"), ("drop", "not there")] {
            let mut damaged = files.clone();
            match change {
                "flip" => {
                    // Not a byte that the format notices before the digest does.
                    let bytes = damaged.0.get_mut(name).unwrap();
                    let at = bytes.len() / 2;
                    bytes[at] ^= 1;
                }
                "cut" => drop(damaged.0.get_mut(name).unwrap().pop()),
                _ => drop(damaged.0.remove(name)),
            }
            let error = place.error(&place.put_dir(&format!("{number}{change}"), &damaged));
            assert!(
                error.contains(says) && error.contains(digest.trim_start_matches("sha256:")),
                "{change} {name}: {error}"
            );
        }
    }
}

#[test]
fn diff_ids_are_verified_and_counted() {
    let (one, other) = (tar(&[("f", b"x")]), tar(&[("f", b"y")]));
    let place = Place::new();
    for (number, stored) in [one.clone(), gzip(&one)].into_iter().enumerate() {
        let mut files = Files::default();
        let manifest = files.image("amd64", &[(stored, &other)]);
        files.index(&[manifest]);
        let error = place.error(&place.put_dir(&number.to_string(), &files));
        assert!(error.contains("diff ID") && error.contains(&digest::sha256(&one)), "{error}");
    }
    let mut files = Files::default();
    let config = files.blob("", json!({"rootfs": {"diff_ids": []}}).to_string().as_bytes());
    let layer = files.blob(OCI_LAYER, &one);
    let manifest = files.blob("", json!({"config": config, "layers": [layer]}).to_string().as_bytes());
    files.index(&[manifest]);
    assert!(place.error(&place.put_dir("few", &files)).contains("0 diff IDs where the manifest lists 1 layers"));
}

#[test]
fn what_is_no_image_gets_one_clear_line() {
    let place = Place::new();
    let mut files = Files::default();
    let layer = tar(&[("f", &[b'x'; 900])]);
    let manifest = files.image("amd64", &[(layer.clone(), &layer)]);
    files.index(&[manifest]);
    let whole = files.tar();
    let cut = whole.iter().rposition(|&b| b == b'x').unwrap();
    let oversized = json!([{"Config": "c".repeat(17 << 20)}]).to_string();
    let both = {
        let mut files = Files::default();
        let blob = files.blob("", json!({"manifests": [], "config": {}, "layers": []}).to_string().as_bytes());
        files.index(&[blob]);
        files.tar()
    };
    for (name, bytes, says) in [
        ("empty", &b""[..], "empty"),
        ("text", &b"hello, world\n".repeat(90), "not a tar archive"),
        ("short", b"hi", "truncated"),
        ("zeros", &[0; 2048], "empty tar archive"),
        ("rootfs.tar", &tar(&[("etc/passwd", b"")]), "neither manifest.json nor index.json"),
        ("v1.tar", &tar(&[("repositories", b"{}")]), "no image is in it"),
        ("cut.tar", &whole[..cut], "truncated"),
        ("cut.tar.gz", &gzip(&whole)[..300], "cannot decompress"),
        ("cut.tar.zst", &zstd(&whole)[..300], "cannot decompress"),
        ("a.tar.xz", b"\xfd7zXZ\0rest", "cannot decompress"),
        ("json.tar", &tar(&[("manifest.json", b"[{")]), "manifest.json: EOF"),
        ("none.tar", &tar(&[("manifest.json", b"[]")]), "no image is in it"),
        ("huge.tar", &tar(&[("manifest.json", oversized.as_bytes())]), "too many for a manifest"),
        ("both.tar", &both, "both an index and a manifest"),
    ] {
        let error = place.error(&place.put(name, bytes));
        assert!(error.contains(says) && error.contains(name), "{name}: {error}");
    }
    assert!(place.error(&place.0.path().join("gone.tar")).contains("gone.tar: cannot open: No such file"));
    assert!(place.error(place.0.path()).contains("neither manifest.json nor index.json"));
    let reference = format!("docker-archive:{}", place.put("oci.tar", &whole).display());
    assert!(place.try_open(&reference, None).unwrap_err().to_string().contains("there is no manifest.json"));
}

#[test]
fn progress_adds_up_to_the_layers() {
    use std::sync::atomic::{AtomicU64, Ordering};
    let layer = tar(&[("f", &[b'x'; 5000])]);
    let mut files = Files::default();
    // The same layer twice is read once.
    let manifest = files.image("amd64", &[(gzip(&layer), &layer), (layer.clone(), &layer), (layer.clone(), &layer)]);
    files.index(&[manifest]);
    let place = Place::new();
    let path = place.put("a.tar", &files.tar());
    let (total, read) = (AtomicU64::new(0), AtomicU64::new(0));
    let send = |event: Event<'_>| match event {
        Event::Total(bytes) => total.store(bytes, Ordering::Relaxed),
        Event::Read(bytes) => drop(read.fetch_add(bytes, Ordering::Relaxed)),
        Event::Spooled(_) | Event::Arrived { .. } => {}
    };
    let options = OpenOptions { report: Listener(Some(&send)), ..OpenOptions::default() };
    open(&Reference::parse(path.to_str().unwrap()).unwrap(), &options).unwrap();
    assert_eq!(total.into_inner(), (layer.len() + gzip(&layer).len()) as u64);
    assert_eq!(read.into_inner(), (layer.len() + gzip(&layer).len()) as u64);
}

/// Times opening and merging: `BANTAM_TIME_IMAGE=app.tar cargo test --release -- --ignored --nocapture time_of_opening`.
#[test]
#[ignore = "needs an image of one's own"]
fn time_of_opening_and_merging() {
    let reference = Reference::parse(&std::env::var("BANTAM_TIME_IMAGE").unwrap()).unwrap();
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let image = open(&reference, &OpenOptions::default()).unwrap();
        let opened = start.elapsed();
        let merged = crate::rootfs::merge(&image.layers).unwrap();
        let merging = start.elapsed() - opened;
        let (names, accounting) = (merged.rootfs.tree.iter().count(), &merged.accounting);
        let (bytes, hidden) = (accounting.bytes(), accounting.superseded_bytes());
        println!("open {opened:?}, merge {merging:?}: {names} names, {bytes} bytes, {hidden} of them hidden");
    }
}
