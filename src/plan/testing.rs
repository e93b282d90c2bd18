//! Trees, owners and settings for the tests of plans, in a short notation.

use std::sync::Arc;

use bstr::ByteSlice;

use super::{Bytecode, Inputs, Plan, Verdict, decide};
use crate::owners::{Ecosystem, Owner, OwnerId, Owners};
use crate::profile::{Given, Matchers, NamedBy, ProfileSet, UserGlob, Wish};
use crate::reach::Edges;
use crate::reach::entrypoint::Launch;
use crate::rootfs::{Builder, NodeId, Rootfs};

/// A tree in the making.
pub struct Scene {
    builder: Builder,
    owned: Vec<String>,
    ids: Vec<(String, u32)>,
    launch: Launch,
}

/// A tree that is ready for plans.
pub struct Built {
    pub rootfs: Rootfs,
    pub owners: Owners,
    pub launch: Launch,
    pub bytecode: Bytecode,
}

/// `--keep` options.
pub fn keep(globs: &[&str]) -> Vec<UserGlob> {
    globs.iter().map(|glob| UserGlob::new(Wish::Keep, Given::Option, glob)).collect()
}

/// `--strip` options.
pub fn strip(globs: &[&str]) -> Vec<UserGlob> {
    globs.iter().map(|glob| UserGlob::new(Wish::Strip, Given::Option, glob)).collect()
}

/// That `--keep` names a file.
pub fn user_keep(glob: &str) -> NamedBy {
    NamedBy::User(Arc::new(UserGlob::new(Wish::Keep, Given::Option, glob)))
}

pub fn scene() -> Scene {
    Scene { builder: Builder::new(), owned: Vec::new(), ids: Vec::new(), launch: Launch::running(&[]) }
}

fn path_of(spec: &str) -> &str {
    spec.split(' ').next().unwrap().trim_end_matches('/')
}

impl Scene {
    /// Adds `/file` (one byte), `/file =` (empty), `/dir/`, `/link -> target`, `/file +` (owned by the package
    /// `owner`), `/file +name`, `/path @uid`, `/file !` (executable).
    pub fn add(mut self, spec: &str) -> Self {
        let (path, rest) = spec.split_once(' ').unwrap_or((spec, ""));
        self.builder = match rest {
            _ if path.ends_with('/') => self.builder.dir(path_of(spec)),
            "=" => self.builder.file(path, b""),
            "!" => self.builder.exe(path, b"x"),
            _ => match rest.strip_prefix("-> ") {
                Some(target) => self.builder.symlink(path, target.split(' ').next().unwrap()),
                None => self.builder.file(path, b"x"),
            },
        };
        if let Some((_, name)) = rest.split_once('+') {
            self.owned.push(format!("{} {}", path_of(spec), if name.is_empty() { "owner" } else { name }));
        }
        if let Some(uid) = rest.strip_prefix('@') {
            self.ids.push((path_of(spec).to_owned(), uid.parse().unwrap()));
        }
        self
    }

    pub fn hardlink(mut self, path: &str, target: &str) -> Self {
        self.builder = self.builder.hardlink(path, target);
        self
    }

    pub fn env(mut self, name: &str, value: &str) -> Self {
        self.launch.context.env.insert(name.into(), value.into());
        self
    }

    pub fn workdir(mut self, path: &str) -> Self {
        self.launch.context.workdir = path.into();
        self
    }

    pub fn command(mut self, words: &[&str]) -> Self {
        self.launch.commands = Launch::running(words).commands;
        self
    }

    pub fn volume(mut self, path: &str) -> Self {
        self.launch.volumes.push(path.into());
        self
    }

    pub fn build(self) -> Built {
        let mut rootfs = self.builder.build();
        for (path, uid) in self.ids {
            let node = rootfs.tree.get(path).unwrap();
            rootfs.tree.inode_mut(node).meta.uid = uid;
        }
        let mut owners = Owners::none(&rootfs.tree);
        for claim in self.owned {
            let (path, name) = claim.split_once(' ').unwrap();
            let known = owners.iter().find(|(_, owner)| owner.name == name).map(|(id, _)| id);
            let id: OwnerId = known.unwrap_or_else(|| {
                let record = rootfs.tree.get(format!("/var/lib/dpkg/info/{name}.list"));
                owners.add(Owner {
                    ecosystem: Ecosystem::Dpkg,
                    name: name.to_owned(),
                    version: "1".into(),
                    architecture: None,
                    source: None,
                    records: record.into_iter().collect(),
                })
            });
            owners.claim(rootfs.tree.get(path).unwrap(), id);
        }
        Built { rootfs, owners, launch: self.launch, bytecode: Bytecode::Strip }
    }
}

impl Built {
    /// The plan by the built-in profiles.
    pub fn plan(&self, globs: &[UserGlob], reached: Option<&Edges>) -> Plan {
        self.plan_by(&self.matchers(globs), reached)
    }

    pub fn plan_by(&self, matchers: &Matchers<'_>, reached: Option<&Edges>) -> Plan {
        let (rootfs, owners, launch) = (&self.rootfs, &self.owners, &self.launch);
        decide(&Inputs { rootfs, owners, reached, matchers, launch, bytecode: self.bytecode })
    }

    /// The rules of the built-in profiles, and globs of the user's.
    pub fn matchers(&self, globs: &[UserGlob]) -> Matchers<'_> {
        let tree = &self.rootfs.tree;
        Matchers::new(&ProfileSet::builtin().unwrap(), globs, self.launch.premises(tree), tree).unwrap()
    }

    pub fn node(&self, spec: &str) -> NodeId {
        self.rootfs.tree.get(path_of(spec)).unwrap_or_else(|| panic!("{spec} is not in the tree"))
    }

    pub fn verdict<'a>(&self, plan: &'a Plan, spec: &str) -> &'a Verdict {
        plan.verdict(self.node(spec))
    }

    /// Paths of everything that goes.
    pub fn gone(&self, plan: &Plan) -> Vec<String> {
        let tree = &self.rootfs.tree;
        tree.iter().filter(|&node| !plan.keeps(node)).map(|node| tree.path(node).to_str_lossy().into_owned()).collect()
    }
}
