//! A small image: an interpreter, packages that somebody owns, and the user's own program.

use std::io::{Cursor, Write};

use zip::write::SimpleFileOptions;

use crate::owners::{Ecosystem, Owner, Owners};
use crate::profile::ProfileSet;
use crate::reach::elf::fixture::ElfFile;
use crate::reach::entrypoint::Launch;
use crate::reach::rules::Rules;
use crate::reach::{Assume, Assumption, Context, EvidenceKind, Reach, Request, analyse};
use crate::rootfs::{Builder, Rootfs};

/// Where relative paths start.
pub(super) const SITE: &str = "/usr/local/lib/python3.11/site-packages";
/// The standard library.
pub(super) const STDLIB: &str = "/usr/local/lib/python3.11";

/// An image under construction. All files have an owner, except those below `/app`.
pub(super) struct Scene {
    builder: Builder,
    context: Context,
    launch: Launch,
    profiles: bool,
    assume: Assume,
    doubt: bool,
}

impl Scene {
    /// An image without an entry point.
    pub(super) fn new() -> Self {
        let interpreter = ElfFile::new().export("Py_BytesMain").build();
        let builder = Builder::new()
            .exe("/usr/local/bin/python3.11", &interpreter)
            .symlink("/usr/local/bin/python3", "python3.11")
            .exe("/bin/sh", &ElfFile::new().build())
            .dir(SITE);
        let context = Context { workdir: "/app".into(), architecture: "amd64".into(), ..Context::default() };
        Self { builder, context, launch: Launch::default(), profiles: false, assume: Assume::Usual, doubt: false }
            .file(&format!("{STDLIB}/os.py"), "")
    }

    /// An image that runs this as the user's own `/app/main.py`.
    pub(super) fn program(source: &str) -> Self {
        Self::new().file("/app/main.py", source).command(&["python3", "/app/main.py"])
    }

    /// An image that runs a program which does no more than import `installed`, a module with this source that
    /// somebody owns.
    pub(super) fn installed(source: &str) -> Self {
        Self::program("import installed\n").file("installed.py", source)
    }

    /// What the image runs.
    pub(super) fn command(mut self, words: &[&str]) -> Self {
        self.launch = Launch::running(words);
        self
    }

    pub(super) fn env(mut self, name: &str, value: &str) -> Self {
        self.context.env.insert(name.into(), value.into());
        self
    }

    /// Where so much is assumed.
    pub(super) fn assuming(self, assume: Assume) -> Self {
        Self { assume, ..self }
    }

    /// What only assumptions keep out is looked for, too.
    pub(super) fn doubting(self) -> Self {
        Self { doubt: true, ..self }
    }

    /// With the built-in profiles.
    pub(super) fn with_profiles(mut self) -> Self {
        self.profiles = true;
        self
    }

    /// A file; one whose path is relative is in `site-packages`.
    pub(super) fn file(self, path: &str, content: impl AsRef<[u8]>) -> Self {
        let builder = self.builder.file_mode(&absolute(path), 0o755, content.as_ref());
        Self { builder, ..self }
    }

    pub(super) fn symlink(self, path: &str, target: &str) -> Self {
        let builder = self.builder.symlink(&absolute(path), target);
        Self { builder, ..self }
    }

    /// Files with nothing in them that matters, separated by spaces.
    pub(super) fn files(self, paths: &str) -> Self {
        paths.split_whitespace().fold(self, |scene, path| scene.file(path, "pass\n"))
    }

    /// The analysis.
    pub(super) fn run(self) -> Outcome {
        let profiles = self.profiles.then(|| ProfileSet::builtin().unwrap());
        let profiles = profiles.iter().flat_map(ProfileSet::iter).map(|loaded| &loaded.profile);
        self.run_by(Rules::of_profiles(profiles).unwrap())
    }

    /// The analysis by these rules.
    pub(super) fn run_by(self, rules: Rules) -> Outcome {
        let rootfs = self.builder.build();
        let tree = &rootfs.tree;
        let mut owners = Owners::none(tree);
        let owner = owners.add(Owner::new(Ecosystem::Dpkg, "everything", "1"));
        for node in tree.iter() {
            if !tree.inode(node).is_dir() && !tree.path(node).starts_with(b"/app/") {
                owners.claim(node, owner);
            }
        }
        let request = Request {
            assume: self.assume,
            doubt: self.doubt,
            ..Request::new(&rootfs, &self.context, &owners, &self.launch)
        };
        let reach = analyse(&request, rules).unwrap();
        Outcome { rootfs, reach }
    }
}

fn absolute(path: &str) -> String {
    if path.starts_with('/') { path.to_owned() } else { format!("{SITE}/{path}") }
}

/// What was found out about a [`Scene`].
pub(super) struct Outcome {
    rootfs: Rootfs,
    reach: Reach,
}

impl Outcome {
    pub(super) fn is_reached(&self, path: &str) -> bool {
        let node = self.rootfs.tree.get(absolute(path)).unwrap_or_else(|| panic!("{path} is not in the image"));
        self.reach.edges.is_reached(node)
    }

    /// The assumption that alone keeps a file out, and the line of what would bring it in.
    pub(super) fn kept_out_by(&self, path: &str) -> Option<(&Assumption, u32)> {
        let node = self.rootfs.tree.get(absolute(path)).unwrap();
        let (assumption, _) = self.reach.assumed.by.iter().find(|(_, files)| files.contains(&node))?;
        Some((assumption, self.reach.assumed.edges.get(node).unwrap().evidence.line))
    }

    /// Whether a file is reached by evidence that beats a strip rule.
    pub(super) fn is_reached_for_certain(&self, path: &str) -> bool {
        self.reach.edges.is_reached_for_certain(self.rootfs.tree.get(absolute(path)).unwrap())
    }

    /// The evidence that reached a file first.
    pub(super) fn first_evidence(&self, path: &str) -> Option<EvidenceKind> {
        let node = self.rootfs.tree.get(absolute(path))?;
        self.reach.edges.get(node).map(|edge| edge.evidence.kind)
    }

    /// Wants these files reached.
    #[track_caller]
    pub(super) fn reaches(&self, paths: &str) -> &Self {
        let missing: Vec<_> = paths.split_whitespace().filter(|path| !self.is_reached(path)).collect();
        assert!(missing.is_empty(), "not reached: {missing:?}");
        self
    }

    /// Wants these files not reached.
    #[track_caller]
    pub(super) fn leaves(&self, paths: &str) -> &Self {
        let kept: Vec<_> = paths.split_whitespace().filter(|path| self.is_reached(path)).collect();
        assert!(kept.is_empty(), "reached: {kept:?}");
        self
    }
}

/// A zip file with these members.
pub(super) fn zip(members: &[(&str, &str)]) -> Vec<u8> {
    let mut writer = zip::ZipWriter::new(Cursor::new(Vec::new()));
    for (name, content) in members {
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        writer.start_file(*name, options).unwrap();
        writer.write_all(content.as_bytes()).unwrap();
    }
    writer.finish().unwrap().into_inner()
}
