//! Analyses of small trees, for tests.

use super::entrypoint::Launch;
use super::{Context, Reach, Request, Rules, analyse};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::rootfs::Rootfs;

/// Owners by beginnings of paths: `(prefix, package, source)`, of which the last counts that fits.
pub(super) fn owners(rootfs: &Rootfs, packages: &[(&str, &str, &str)]) -> Owners {
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    for &(prefix, name, source) in packages {
        let owner = Owner { source: Some(source.to_owned()), ..Owner::new(Ecosystem::Dpkg, name, "1") };
        let owner = owners.add(owner);
        for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
            if tree.path(node).starts_with(prefix.as_bytes()) {
                owners.claim(node, owner);
            }
        }
    }
    owners
}

/// What an image reaches whose command this is.
pub(super) fn analysed(rootfs: &Rootfs, owners: &Owners, argv: &[&str], rules: Rules) -> Reach {
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    analyse(&Request::new(rootfs, &ctx, owners, &Launch::running(argv)), rules).unwrap()
}

/// No rules.
pub(super) fn no_rules() -> Rules {
    Rules::new([], [], []).unwrap()
}
