//! Makes a docker-archive of one layer, file by file, as `docker save` lays it out.

use std::path::Path;

use data_encoding::HEXLOWER;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use tar::{Builder, EntryType, Header};

/// An image in the making.
pub struct Archive {
    layer: Builder<Vec<u8>>,
    config: Value,
    /// dpkg's status file.
    status: String,
    /// Absolute paths of everything added, in order.
    pub paths: Vec<String>,
}

impl Archive {
    /// An empty image that runs `cmd`.
    pub fn new(cmd: &[&str]) -> Self {
        let config = json!({"Cmd": cmd, "Env": ["PATH=/usr/bin:/bin"], "WorkingDir": "/"});
        Self { layer: Builder::new(Vec::new()), config, status: String::new(), paths: Vec::new() }
    }

    /// Adds a directory.
    pub fn dir(self, path: &str) -> Self {
        self.entry(path, EntryType::Directory, 0o755, b"", None)
    }

    /// Adds a file.
    pub fn file(self, path: &str, content: &str) -> Self {
        self.entry(path, EntryType::Regular, 0o644, content.as_bytes(), None)
    }

    /// Adds an executable file.
    pub fn exe(self, path: &str, content: &str) -> Self {
        self.entry(path, EntryType::Regular, 0o755, content.as_bytes(), None)
    }

    /// Adds a symlink.
    pub fn symlink(self, path: &str, target: &str) -> Self {
        self.entry(path, EntryType::Symlink, 0o777, b"", Some(target))
    }

    /// Adds the records of a Debian package that put `files` there.
    pub fn package(mut self, name: &str, version: &str, files: &[&str]) -> Self {
        let list = files.iter().map(|file| format!("{file}\n")).collect::<String>();
        self.status +=
            &format!("Package: {name}\nStatus: install ok installed\nArchitecture: all\nVersion: {version}\n\n");
        self.file(&format!("/var/lib/dpkg/info/{name}.list"), &list)
    }

    fn entry(mut self, path: &str, kind: EntryType, mode: u32, content: &[u8], target: Option<&str>) -> Self {
        let mut header = Header::new_ustar();
        header.set_entry_type(kind);
        header.set_mode(mode);
        header.set_size(content.len() as u64);
        let name = path.trim_start_matches('/');
        match target {
            Some(target) => self.layer.append_link(&mut header, name, target).unwrap(),
            None => self.layer.append_data(&mut header, name, content).unwrap(),
        }
        self.paths.push(path.to_owned());
        self
    }

    /// Writes the archive to `path`.
    pub fn write(mut self, path: &Path) {
        let status = std::mem::take(&mut self.status);
        self = self.file("/var/lib/dpkg/status", &status);
        let layer = self.layer.into_inner().unwrap();
        let digest = |bytes: &[u8]| HEXLOWER.encode(&Sha256::digest(bytes));
        let config = json!({
            "architecture": "amd64",
            "os": "linux",
            "config": self.config,
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{}", digest(&layer))]},
        });
        let config = config.to_string().into_bytes();
        let name = format!("{}.json", digest(&config));
        let manifest = json!([{"Config": name, "RepoTags": ["small:latest"], "Layers": ["layer/layer.tar"]}]);
        let mut archive = Builder::new(Vec::new());
        for (name, bytes) in [
            (name.as_str(), &config),
            ("layer/layer.tar", &layer),
            ("manifest.json", &manifest.to_string().into_bytes()),
        ] {
            let mut header = Header::new_ustar();
            header.set_mode(0o644);
            header.set_size(bytes.len() as u64);
            archive.append_data(&mut header, name, bytes.as_slice()).unwrap();
        }
        std::fs::write(path, archive.into_inner().unwrap()).unwrap();
    }
}
