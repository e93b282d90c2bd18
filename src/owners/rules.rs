//! Files that no record lists but that a known package makes when it is installed or triggered.

use std::collections::HashMap;

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use super::owner::{Ecosystem, OwnerId, Owners};
use crate::rootfs::{Kind, NodeId, Rootfs};

/// Larger files are not compared with the one they may be a copy of.
const MAX_COMPARED: u64 = 1 << 20;

/// Says which package makes certain files. It applies only where the package is installed and only to files that no
/// record lists.
#[derive(Clone, Debug)]
pub struct Rule {
    ecosystems: Vec<Ecosystem>,
    packages: Vec<String>,
    globs: GlobSet,
    links_to: Option<String>,
    copy_of: Option<String>,
}

impl Rule {
    /// Files that match one of the path `globs` belong to the first of `packages` that is installed.
    ///
    /// # Errors
    /// If a glob is malformed.
    pub fn new(
        ecosystems: impl Into<Vec<Ecosystem>>,
        packages: impl IntoIterator<Item = impl Into<String>>,
        globs: impl IntoIterator<Item = impl AsRef<str>>,
    ) -> Result<Self, globset::Error> {
        let mut set = GlobSetBuilder::new();
        for glob in globs {
            set.add(GlobBuilder::new(glob.as_ref()).literal_separator(true).build()?);
        }
        let packages = packages.into_iter().map(Into::into).collect();
        Ok(Self { ecosystems: ecosystems.into(), packages, globs: set.build()?, links_to: None, copy_of: None })
    }

    /// Only symlinks with exactly this target that are in the same layer as what they lead to.
    #[must_use]
    pub fn links_to(mut self, target: Option<String>) -> Self {
        self.links_to = target;
        self
    }

    /// Only files with the same content as the one at this path.
    #[must_use]
    pub fn copy_of(mut self, original: Option<String>) -> Self {
        self.copy_of = original;
        self
    }

    fn holds_for(&self, rootfs: &Rootfs, node: NodeId) -> bool {
        let tree = &rootfs.tree;
        let inode = tree.inode(node);
        if let Some(wanted) = &self.links_to {
            let Kind::Symlink(target) = &inode.kind else { return false };
            return *target == wanted.as_bytes()
                && tree.resolve_from(tree.parent(node), target).is_some_and(|found| {
                    let there = tree.inode(found.node);
                    there.is_dir() || there.layer == inode.layer
                });
        }
        if let Some(original) = &self.copy_of {
            let Some(original) = tree.follow(original) else { return false };
            let size = inode.size();
            return inode.is_file()
                && tree.inode(original).is_file()
                && size == tree.inode(original).size()
                && size <= MAX_COMPARED
                && matches!((rootfs.read(node), rootfs.read(original)), (Ok(a), Ok(b)) if a == b);
        }
        true
    }
}

/// Claims unowned files by rule; the first rule that fits wins.
pub(super) fn apply(rootfs: &Rootfs, rules: &[Rule], owners: &mut Owners) {
    let mut installed: HashMap<(Ecosystem, &str), OwnerId> = HashMap::default();
    let list = owners.list.clone();
    for (index, owner) in list.iter().enumerate() {
        installed.entry((owner.ecosystem, &owner.name)).or_insert(OwnerId(index as u32));
    }
    let active: Vec<(&Rule, OwnerId)> = rules
        .iter()
        .filter_map(|rule| {
            let named = rule.packages.iter().flat_map(|p| rule.ecosystems.iter().map(move |&e| (e, p.as_str())));
            Some((rule, named.into_iter().find_map(|key| installed.get(&key).copied())?))
        })
        .collect();
    if active.is_empty() {
        return;
    }
    for node in rootfs.tree.iter() {
        if owners.of(node).is_some() || rootfs.tree.inode(node).is_dir() {
            continue;
        }
        let path = rootfs.tree.path(node);
        let path = std::path::Path::new(<std::ffi::OsStr as std::os::unix::ffi::OsStrExt>::from_bytes(&path));
        let fits = active.iter().find(|(rule, _)| rule.globs.is_match(path) && rule.holds_for(rootfs, node));
        if let Some(&(_, owner)) = fits {
            owners.claim(node, owner);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::find;
    use crate::rootfs::Builder;

    fn image() -> Builder {
        Builder::new()
            .file("/lib/apk/db/installed", b"P:busybox\nV:1\nF:bin\nR:busybox\n\n")
            .exe("/bin/busybox", b"x")
            .symlink("/bin/ls", "/bin/busybox")
            .symlink("/bin/mine", "busybox")
            .file("/skel/.profile", b"same")
            .file("/root/.profile", b"same")
            .file("/home/a/.profile", b"diff")
    }

    #[test]
    fn rules_claim_only_what_they_describe() {
        let rootfs = image().build();
        let rules = [
            Rule::new([Ecosystem::Apk], ["busybox"], ["/bin/*"]).unwrap().links_to(Some("/bin/busybox".into())),
            Rule::new([Ecosystem::Apk], ["busybox"], ["/root/.profile", "/home/*/.profile"])
                .unwrap()
                .copy_of(Some("/skel/.profile".into())),
            Rule::new([Ecosystem::Apk], ["missing"], ["/skel/**"]).unwrap(),
        ];
        let owners = find(&rootfs, &rules);
        let owned = |path| owners.of(rootfs.tree.get(path).unwrap()).is_some();
        assert!(owned("/bin/ls"));
        assert!(!owned("/bin/mine"));
        assert!(owned("/root/.profile"));
        assert!(!owned("/home/a/.profile"));
        assert!(!owned("/skel/.profile"));
    }

    #[test]
    fn a_link_from_a_later_layer_is_the_users() {
        let mut rootfs = image().build();
        let link = rootfs.tree.get("/bin/ls").unwrap();
        rootfs.tree.inode_mut(link).layer = 3;
        let rule = Rule::new([Ecosystem::Apk], ["busybox"], ["/bin/*"]).unwrap();
        let owners = find(&rootfs, &[rule.links_to(Some("/bin/busybox".into()))]);
        assert_eq!(owners.of(link), None);
    }
}
