//! A folder to work in, the program to run there, and what it wrote, read back.

use std::path::{Path, PathBuf};

use assert_cmd::Command;
use bantam::image::{self, OpenOptions, Reference};
use bantam::rootfs::{self, Kind, Tree};

/// A temporary folder in which the program runs.
pub struct Bench(tempfile::TempDir);

/// How a run ended.
pub struct Ended {
    pub code: Option<i32>,
    pub stdout: Vec<u8>,
    pub stderr: String,
}

impl Ended {
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.stdout).unwrap()
    }

    pub fn json(&self) -> serde_json::Value {
        serde_json::from_slice(&self.stdout).unwrap()
    }

    /// Asserts success.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, Some(0), "{}", self.stderr);
        self
    }

    /// Asserts the status, and one line on standard error that holds `words`.
    #[track_caller]
    pub fn refused(&self, code: i32, words: &str) {
        assert_eq!(self.code, Some(code), "{}", self.stderr);
        assert_eq!(self.stderr.lines().count(), 1, "{}", self.stderr);
        assert!(self.stderr.starts_with("bantam: ") && self.stderr.contains(words), "{}", self.stderr);
        assert!(self.stdout.is_empty());
    }
}

impl Bench {
    pub fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    pub fn bytes(&self, name: &str) -> Vec<u8> {
        std::fs::read(self.path(name)).unwrap()
    }

    /// The names in the folder.
    pub fn names(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.0.path()).unwrap();
        let mut names: Vec<_> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    /// Runs `bantam` with these words.
    pub fn run(&self, words: &str) -> Ended {
        self.run_with_stdin(words, Vec::new())
    }

    pub fn run_with_stdin(&self, words: &str, stdin: Vec<u8>) -> Ended {
        self.run_with(words, &[], stdin)
    }

    /// Runs it with these variables in its environment, in which nothing else says who the user is to a registry.
    pub fn run_with(&self, words: &str, environment: &[(&str, &str)], stdin: Vec<u8>) -> Ended {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bantam"));
        command.args(words.split_whitespace()).current_dir(self.0.path()).env_remove("SOURCE_DATE_EPOCH");
        command.env("REGISTRY_AUTH_FILE", self.path("no-logins.json")).envs(environment.iter().copied());
        let output = command.write_stdin(stdin).output().unwrap();
        Ended { code: output.status.code(), stdout: output.stdout, stderr: String::from_utf8(output.stderr).unwrap() }
    }

    pub fn tree(&self, reference: &str) -> Vec<String> {
        tree(self.0.path(), reference)
    }
}

/// Opens an image with the library; relative paths are below `dir`.
pub fn open(dir: &Path, reference: &str) -> image::Image {
    let mut reference = Reference::parse(reference).unwrap();
    reference.path = dir.join(&reference.path);
    image::open(&reference, &OpenOptions::default()).unwrap()
}

/// A line for every name in an image's merged tree: type, mode, owner, time, content or target, hard link group.
fn tree(dir: &Path, reference: &str) -> Vec<String> {
    let image = open(dir, reference);
    let merged = rootfs::merge(&image.layers).unwrap();
    let tree: &Tree = &merged.rootfs.tree;
    let nodes: Vec<_> = tree.iter().collect();
    let describe = |&node: &_| {
        let inode = tree.inode(node);
        let first = nodes.iter().find(|&&other| tree.inode_id(other) == tree.inode_id(node)).unwrap();
        let kind = match &inode.kind {
            Kind::File(_) => format!("{:?}", String::from_utf8_lossy(&merged.rootfs.read(node).unwrap())),
            other => format!("{other:?}"),
        };
        format!("{} {kind} {:?} {:?} as {}", tree.path(node), inode.meta, inode.xattrs, tree.path(*first))
    };
    nodes.iter().map(describe).collect()
}
