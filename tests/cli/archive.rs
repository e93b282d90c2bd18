//! Images in every form that people store them in, written by hand.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

const OCI_CONFIG: &str = "application/vnd.oci.image.config.v1+json";
const OCI_MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const OCI_LAYER: &str = "application/vnd.oci.image.layer.v1.tar";

/// Hex SHA-256.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One gzip member.
pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// A layer being written.
pub struct Layer(tar::Builder<Vec<u8>>);

impl Layer {
    pub fn new() -> Self {
        Self(tar::Builder::new(Vec::new()))
    }

    fn header(kind: tar::EntryType, mode: u32, size: usize) -> tar::Header {
        let mut header = tar::Header::new_gnu();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_uid(0);
        header.set_gid(0);
        header.set_mtime(1_600_000_000);
        header.set_size(size as u64);
        header
    }

    pub fn dir(mut self, path: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Directory, 0o755, 0);
        self.0.append_data(&mut header, path, std::io::empty()).unwrap();
        self
    }

    pub fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        self.file_with_mode(path, 0o644, content)
    }

    pub fn file_with_mode(mut self, path: &str, mode: u32, content: impl AsRef<[u8]>) -> Self {
        let content = content.as_ref();
        let mut header = Self::header(tar::EntryType::Regular, mode, content.len());
        self.0.append_data(&mut header, path, content).unwrap();
        self
    }

    /// A file with an extended attribute.
    pub fn file_with_xattr(mut self, path: &str, name: &str, value: &[u8], content: &[u8]) -> Self {
        let key = format!("SCHILY.xattr.{name}");
        self.0.append_pax_extensions([(key.as_str(), value)]).unwrap();
        self.file(path, content)
    }

    pub fn symlink(mut self, path: &str, target: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Symlink, 0o777, 0);
        self.0.append_link(&mut header, path, target).unwrap();
        self
    }

    pub fn hard_link(mut self, path: &str, target: &str) -> Self {
        let mut header = Self::header(tar::EntryType::Link, 0o644, 0);
        self.0.append_link(&mut header, path, target).unwrap();
        self
    }

    pub fn tar(self) -> Vec<u8> {
        self.0.into_inner().unwrap()
    }
}

/// An image: its layers' tars and its config.
#[derive(Clone)]
pub struct Image {
    pub layers: Vec<Vec<u8>>,
    pub config: Value,
    pub tag: String,
}

impl Image {
    pub fn new(layers: Vec<Vec<u8>>) -> Self {
        let diff_ids: Vec<String> = layers.iter().map(|tar| format!("sha256:{}", sha256(tar))).collect();
        let config = json!({
            "architecture": "amd64", "os": "linux", "created": "2020-09-13T12:26:40Z",
            "config": {"Cmd": ["/app/run"], "Env": ["PATH=/usr/bin:/bin"], "Labels": {"kept": "yes"}, "Vendor": 7},
            "rootfs": {"type": "layers", "diff_ids": diff_ids},
        });
        Self { layers, config, tag: "app:1".into() }
    }

    /// The image most tests use: a payload, baggage in two layers, a file that the upper layer replaces.
    pub fn sample() -> Self {
        let lower = Layer::new()
            .dir("app")
            .file_with_mode("app/run", 0o755, "#!/bin/sh\ncat /app/data\n")
            .file("app/data", "old data")
            .file("usr/share/man/man1/app.1", "m".repeat(3000))
            .dir("tmp");
        let upper = Layer::new()
            .file("app/data", "new")
            .hard_link("app/also", "app/data")
            .symlink("app/link", "data")
            .file_with_xattr("app/capable", "security.capability", b"\x01\0\0\x02\xff", b"c")
            .file("usr/share/doc/app/README", "d".repeat(500))
            .file("var/lib/apt/lists/deb.example_dists", "l".repeat(2000));
        Self::new(vec![lower.tar(), upper.tar()])
    }

    pub fn label(mut self, name: &str, value: &str) -> Self {
        self.config["config"]["Labels"][name] = value.into();
        self
    }

    fn config_text(&self) -> Vec<u8> {
        self.config.to_string().into_bytes()
    }

    /// As Docker saved until 24: a folder a layer, named by a v1 id. A layer that occurs twice is a symlink the second time.
    pub fn old_docker(&self) -> Files {
        let mut files = Files::default();
        let config = self.config_text();
        let config_name = format!("{}.json", sha256(&config));
        let mut names: Vec<String> = Vec::new();
        for (number, tar) in self.layers.iter().enumerate() {
            let name = format!("{}/layer.tar", sha256(format!("v1 id {number}").as_bytes()));
            match self.layers[..number].iter().position(|earlier| earlier == tar) {
                Some(first) => files.links.push((name.clone(), format!("../{}", names[first]))),
                None => files.add(&name, tar),
            }
            names.push(name);
        }
        files.add(&config_name, &config);
        let manifest = json!([{"Config": config_name, "RepoTags": [self.tag], "Layers": names}]);
        files.add("manifest.json", manifest.to_string().as_bytes());
        files
    }

    /// As Docker saves since 25: both an OCI layout and a docker-archive.
    pub fn docker(&self) -> Files {
        let mut files = self.oci();
        let config = format!("blobs/sha256/{}", sha256(&self.config_text()));
        let layers: Vec<String> = self.layers.iter().map(|tar| format!("blobs/sha256/{}", sha256(tar))).collect();
        let manifest = json!([{"Config": config, "RepoTags": [self.tag], "Layers": layers}]);
        files.add("manifest.json", manifest.to_string().as_bytes());
        files
    }

    /// An OCI layout.
    pub fn oci(&self) -> Files {
        let mut files = Files::default();
        let descriptor = self.add_to(&mut files, |tar| (OCI_LAYER.into(), tar.to_vec()));
        files.layout(&[descriptor]);
        files
    }

    /// An OCI layout whose layers are compressed.
    pub fn oci_gzip(&self) -> Files {
        let mut files = Files::default();
        let descriptor = self.add_to(&mut files, |tar| (format!("{OCI_LAYER}+gzip"), gzip(tar)));
        files.layout(&[descriptor]);
        files
    }

    /// Adds the blobs of this image and gives its descriptor for an index.
    pub fn add_to(&self, files: &mut Files, store: impl Fn(&[u8]) -> (String, Vec<u8>)) -> Value {
        let config = files.blob(OCI_CONFIG, &self.config_text());
        let stored: Vec<Value> =
            self.layers.iter().map(|tar| store(tar)).map(|(kind, b)| files.blob(&kind, &b)).collect();
        let manifest = json!({"schemaVersion": 2, "mediaType": OCI_MANIFEST, "config": config, "layers": stored});
        let mut descriptor = files.blob(OCI_MANIFEST, manifest.to_string().as_bytes());
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": self.tag});
        descriptor
    }

    /// Two images in one OCI layout.
    pub fn oci_with(&self, other: &Self) -> Files {
        let mut files = Files::default();
        let descriptors = [self, other].map(|image| image.add_to(&mut files, |tar| (OCI_LAYER.into(), tar.to_vec())));
        files.layout(&descriptors);
        files
    }

    /// One image for two platforms.
    pub fn for_platforms(&self, architectures: [&str; 2]) -> Files {
        let mut files = Files::default();
        let manifests: Vec<Value> = architectures
            .iter()
            .map(|architecture| {
                let mut image = self.clone();
                image.config["architecture"] = (*architecture).into();
                let mut descriptor = image.add_to(&mut files, |tar| (OCI_LAYER.into(), tar.to_vec()));
                descriptor["platform"] = json!({"os": "linux", "architecture": architecture});
                descriptor.as_object_mut().unwrap().remove("annotations");
                descriptor
            })
            .collect();
        let kind = "application/vnd.oci.image.index.v1+json";
        let nested = json!({"schemaVersion": 2, "mediaType": kind, "manifests": manifests});
        let mut descriptor = files.blob(kind, nested.to_string().as_bytes());
        descriptor["annotations"] = json!({"org.opencontainers.image.ref.name": self.tag});
        files.layout(&[descriptor]);
        files
    }
}

/// The files that a stored image consists of.
#[derive(Default)]
pub struct Files {
    files: BTreeMap<String, Vec<u8>>,
    links: Vec<(String, String)>,
}

impl Files {
    fn add(&mut self, name: &str, content: &[u8]) {
        self.files.insert(name.into(), content.to_vec());
    }

    pub fn blob(&mut self, media_type: &str, content: &[u8]) -> Value {
        let digest = sha256(content);
        self.add(&format!("blobs/sha256/{digest}"), content);
        json!({"mediaType": media_type, "digest": format!("sha256:{digest}"), "size": content.len()})
    }

    pub fn layout(&mut self, manifests: &[Value]) {
        self.add("oci-layout", br#"{"imageLayoutVersion":"1.0.0"}"#);
        self.add("index.json", json!({"schemaVersion": 2, "manifests": manifests}).to_string().as_bytes());
    }

    /// Names and contents.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.files.iter().map(|(name, content)| (name.as_str(), content.as_slice()))
    }

    /// Changes one byte in the middle of the largest file.
    pub fn damage(mut self) -> Self {
        let largest = self.files.values_mut().max_by_key(|content| content.len()).unwrap();
        let middle = largest.len() / 2;
        largest[middle] ^= 1;
        self
    }

    pub fn tar(&self) -> Vec<u8> {
        let mut layer = Layer::new();
        for (name, target) in &self.links {
            layer = layer.symlink(name, target);
        }
        for (name, content) in &self.files {
            layer = layer.file(name, content);
        }
        layer.tar()
    }

    /// Writes an archive.
    pub fn save(&self, path: impl AsRef<Path>) -> PathBuf {
        fs::write(path.as_ref(), self.tar()).unwrap();
        path.as_ref().into()
    }

    /// Writes a directory.
    pub fn save_dir(&self, dir: impl AsRef<Path>) -> PathBuf {
        for (name, content) in &self.files {
            let path = dir.as_ref().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, content).unwrap();
        }
        dir.as_ref().into()
    }
}
