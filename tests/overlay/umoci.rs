//! What umoci makes of the same layers, as an OCI layout unpacked by `umoci raw unpack`. Needs root.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{FileTypeExt, MetadataExt};
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Writes the layers as an OCI layout.
fn write(dir: &Path, layers: &[Vec<u8>]) {
    fs::create_dir_all(dir.join("blobs/sha256")).unwrap();
    let blob = |kind: &str, bytes: &[u8]| -> Value {
        let digest: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        fs::write(dir.join("blobs/sha256").join(&digest), bytes).unwrap();
        let media_type = format!("application/vnd.oci.image.{kind}");
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": bytes.len()})
    };
    let layers: Vec<Value> = layers.iter().map(|tar| blob("layer.v1.tar", tar)).collect();
    let ids: Vec<&Value> = layers.iter().map(|layer| &layer["digest"]).collect();
    let config = json!({"os": "linux", "architecture": "amd64", "rootfs": {"type": "layers", "diff_ids": ids}});
    let config = blob("config.v1+json", config.to_string().as_bytes());
    let kind = "application/vnd.oci.image.manifest.v1+json";
    let manifest = json!({"schemaVersion": 2, "mediaType": kind, "config": config, "layers": layers});
    let mut manifest = blob("manifest.v1+json", manifest.to_string().as_bytes());
    manifest["annotations"] = json!({"org.opencontainers.image.ref.name": "v"});
    fs::write(dir.join("oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#).unwrap();
    fs::write(dir.join("index.json"), json!({"schemaVersion": 2, "manifests": [manifest]}).to_string()).unwrap();
}

/// A line for every name (see [`super::line`]), or what umoci has to say against it.
pub fn unpack(layers: &[Vec<u8>]) -> Result<Vec<String>, String> {
    let dir = tempfile::tempdir().unwrap();
    let (layout, root) = (dir.path().join("layout"), dir.path().join("root"));
    write(&layout, layers);
    let mut command = Command::new("umoci");
    command.args(["raw", "unpack", "--image"]).arg(format!("{}:v", layout.display())).arg(&root);
    let output = command.output().expect("umoci has to be installed");
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned());
    }
    let mut first = BTreeMap::new();
    let mut lines = Vec::new();
    list(&root, "", &mut first, &mut lines);
    Ok(lines)
}

fn list(dir: &Path, below: &str, first: &mut BTreeMap<u64, String>, lines: &mut Vec<String>) {
    let mut entries: Vec<_> = fs::read_dir(dir).unwrap().map(|entry| entry.unwrap()).collect();
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name = entry.file_name().into_string().unwrap();
        let path = if below.is_empty() { name } else { format!("{below}/{name}") };
        let (at, meta) = (entry.path(), entry.metadata().unwrap());
        let kind = match meta.file_type() {
            kind if kind.is_dir() => "directory".to_owned(),
            kind if kind.is_symlink() => format!("symlink {}", fs::read_link(&at).unwrap().display()),
            kind if kind.is_fifo() => "fifo".into(),
            kind if kind.is_char_device() => format!("device {} {}", meta.rdev() >> 8, meta.rdev() & 0xff),
            _ => format!("file {}", fs::read_to_string(&at).unwrap()),
        };
        let owner = (meta.mode() as u16 & 0o7777, meta.uid(), meta.gid(), meta.mtime());
        let group = first.entry(meta.ino()).or_insert_with(|| path.clone()).clone();
        lines.push(super::line(&path, &kind, owner, "", &group));
        if meta.is_dir() {
            list(&at, &path, first, lines);
        }
    }
}
