//! Archives of old tools and of other systems, written by hand.

use std::fs;

use serde_json::{Value, json};

use super::open_tests::tar;
use super::{OpenOptions, Reference, digest, listing, open};

fn stored(bytes: &[u8]) -> (tempfile::TempDir, String) {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("image.tar");
    fs::write(&path, bytes).unwrap();
    let path = path.to_str().unwrap().to_owned();
    (dir, path)
}

/// The image's config and tags, or why there is none.
fn opened(transport: &str, bytes: &[u8]) -> Result<(Value, Vec<String>), String> {
    let (_dir, path) = stored(bytes);
    let reference = Reference::parse(&format!("{transport}{path}")).unwrap();
    let image = open(&reference, &OpenOptions::default()).map_err(|error| error.to_string().replace(&path, "IMAGE"))?;
    Ok((image.config.clone(), image.tags))
}

/// As Docker 1.9 wrote it: two layers, one image with two names.
fn legacy(lower: &[u8], upper: &[u8], parent: &str) -> Vec<u8> {
    let of_lower = json!({"id": "aa", "created": "2015-01-01T00:00:00Z", "container_config": {"Cmd": ["/bin/sh", "-c", "#(nop) ADD x"]},
        "architecture": "amd64", "os": "linux", "Size": 3});
    let of_upper = json!({"id": "bb", "parent": parent, "created": "2015-01-02T00:00:00Z", "author": "someone",
        "config": {"Cmd": ["/app"], "Env": ["A=1"]}, "architecture": "amd64", "os": "linux", "docker_version": "1.9.1"});
    tar(&[
        ("bb/VERSION", b"1.0"),
        ("bb/json", of_upper.to_string().as_bytes()),
        ("bb/layer.tar", upper),
        ("aa/VERSION", b"1.0"),
        ("aa/json", of_lower.to_string().as_bytes()),
        ("aa/layer.tar", lower),
        ("repositories", json!({"team/app": {"1.0": "bb", "latest": "bb"}}).to_string().as_bytes()),
    ])
}

#[test]
fn archives_from_before_docker_1_10() {
    let (lower, upper) = (tar(&[("lib", b"1")]), tar(&[("app", b"2")]));
    let (config, tags) = opened("", &legacy(&lower, &upper, "aa")).unwrap();
    assert_eq!(tags, ["team/app:1.0", "team/app:latest"]);
    let expected = json!({
        "created": "2015-01-02T00:00:00Z", "author": "someone",
        "config": {"Cmd": ["/app"], "Env": ["A=1"]},
        "architecture": "amd64", "os": "linux", "docker_version": "1.9.1",
        "rootfs": {"type": "layers", "diff_ids": [digest::sha256(&lower), digest::sha256(&upper)]},
        "history": [
            {"created": "2015-01-01T00:00:00Z", "created_by": "/bin/sh -c #(nop) ADD x"},
            {"created": "2015-01-02T00:00:00Z", "author": "someone"},
        ],
    });
    assert_eq!(config, expected);
    assert_eq!(opened("docker-archive:", &legacy(&lower, &upper, "aa")).unwrap().0, expected);
    let packed = zstd::encode_all(&upper[..], 1).unwrap();
    assert_eq!(opened("", &legacy(&lower, &packed, "aa")).unwrap().0, expected);
}

#[test]
fn damaged_archives_from_before_docker_1_10() {
    let layer = tar(&[("lib", b"1")]);
    assert!(
        opened("", &legacy(&layer, &layer, "bb")).unwrap_err().contains("layers are listed, more than"),
        "a circle"
    );
    assert_eq!(opened("", &legacy(&layer, &layer, "cc")).unwrap_err(), "IMAGE: cc/json is not there");
    assert!(opened("", &legacy(&layer, &layer, "../../etc")).unwrap_err().contains("no name of a file within"));
    assert!(
        opened("", &legacy(&layer, &[0x1f, 0x8b, 8, 0, 0], "aa")).unwrap_err().contains("bb/layer.tar: cannot read")
    );
    assert!(opened("", &tar(&[("repositories", b"[]")])).unwrap_err().contains("repositories"));
    assert!(opened("", &tar(&[("repositories", b"{}")])).unwrap_err().contains("no image is in it"));
}

/// A docker-archive of one layer whose config has these fields, too.
fn archive(more: &Value, list: impl Fn(&str) -> Value) -> Vec<u8> {
    let layer = tar(&[("app", b"2")]);
    let mut config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest::sha256(&layer)]}});
    config.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    let config = config.to_string();
    let name = format!("{}.json", digest::sha256(config.as_bytes()).trim_start_matches("sha256:"));
    let list = list(&name).to_string();
    tar(&[(name.as_str(), config.as_bytes()), ("l/layer.tar", &layer), ("manifest.json", list.as_bytes())])
}

#[test]
fn an_image_that_is_listed_once_a_name_is_one() {
    let entry = |config: &str, tags: Value| json!({"Config": config, "RepoTags": tags, "Layers": ["l/layer.tar"]});
    let twice = archive(&json!({}), |config| {
        json!([entry(config, json!(["a:1"])), entry(config, json!(["a:1", "b:2"])), entry(config, Value::Null)])
    });
    assert_eq!(opened("", &twice).unwrap().1, ["a:1", "b:2"]);
}

#[test]
fn images_for_windows_are_refused() {
    let windows = archive(
        &json!({"os": "windows", "os.version": "10.0"}),
        |config| json!([{"Config": config, "RepoTags": null, "Layers": ["l/layer.tar"]}]),
    );
    let error = opened("", &windows).unwrap_err();
    assert!(error.contains("windows/amd64") && error.contains("for Windows"), "{error}");
    let (_dir, path) = stored(&windows);
    let all = listing(&Reference::parse(&path).unwrap(), &[], &OpenOptions::default());
    assert!(all.unwrap_err().to_string().contains("for Windows"));
}

#[test]
fn layers_that_are_not_distributed_are_called_so() {
    let config = json!({"architecture": "amd64", "os": "linux", "rootfs": {"type": "layers", "diff_ids": [digest::sha256(b"")]}});
    let config = config.to_string();
    let blob = |bytes: &[u8]| format!("blobs/{}", digest::sha256(bytes).replace(':', "/"));
    let of = |media_type: &str| {
        let manifest = json!({"schemaVersion": 2,
            "config": {"mediaType": "application/vnd.oci.image.config.v1+json", "digest": digest::sha256(config.as_bytes()), "size": config.len()},
            "layers": [{"mediaType": media_type, "digest": digest::sha256(b"elsewhere"), "size": 9, "urls": ["https://x.example/l"]}]});
        let manifest = manifest.to_string();
        let index = json!({"schemaVersion": 2, "manifests": [{"mediaType": "application/vnd.oci.image.manifest.v1+json",
            "digest": digest::sha256(manifest.as_bytes()), "size": manifest.len()}]});
        let files = tar(&[
            ("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#),
            ("index.json", index.to_string().as_bytes()),
            (&blob(manifest.as_bytes()), manifest.as_bytes()),
            (&blob(config.as_bytes()), config.as_bytes()),
        ]);
        opened("", &files).unwrap_err()
    };
    for media_type in [
        "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
        "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip",
    ] {
        assert!(of(media_type).contains("non-distributable"), "{}", of(media_type));
    }
    assert!(!of("application/vnd.oci.image.layer.v1.tar").contains("non-distributable"));
}

/// An ELF header of a machine, and nothing else.
fn program(class: u8, order: u8, machine: [u8; 2]) -> Vec<u8> {
    let mut bytes = vec![0; 64];
    bytes[..6].copy_from_slice(&[0x7f, b'E', b'L', b'F', class, order]);
    bytes[18..20].copy_from_slice(&machine);
    bytes
}

#[test]
fn root_file_systems_are_images_of_one_layer() {
    let (arm, s390, intel) = (program(2, 1, [183, 0]), program(2, 2, [0, 22]), program(2, 1, [62, 0]));
    let files = tar(&[("./bin/a", &arm), ("./bin/b", &intel), ("./bin/c", &arm), ("./etc/x", b"1")]);
    let (config, tags) = opened("rootfs:", &files).unwrap();
    let expected = json!({"architecture": "arm64", "os": "linux", "config": {},
        "rootfs": {"type": "layers", "diff_ids": [digest::sha256(&files)]}});
    assert_eq!((config, tags), (expected, Vec::new()));
    assert_eq!(opened("rootfs:", &tar(&[("a", &s390)])).unwrap().0["architecture"], "s390x");
    let hint = opened("", &tar(&[("etc", b""), ("x", b"1")])).unwrap_err();
    assert!(hint.contains("rootfs:FILE, with --entry"), "{hint}");
    assert!(!opened("", &tar(&[("a", b"1")])).unwrap_err().contains("rootfs"));
    assert!(opened("rootfs:", b"no tar at all").is_err());
    let (dir, _) = stored(b"");
    let reference = Reference::parse(&format!("rootfs:{}", dir.path().display())).unwrap();
    assert!(open(&reference, &OpenOptions::default()).unwrap_err().to_string().contains("tar -C DIR -c ."));
}
