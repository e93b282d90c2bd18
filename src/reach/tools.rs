//! From a set of tools to the programs of an image.

use super::context::Context;
use super::globs::named_nodes;
use crate::owners::Owners;
use crate::profile::ToolsRule;
use crate::rootfs::{NodeId, Tree};

/// The programs of a set that an image has: its commands along `PATH`, whatever of its packages lies there, and the files of its
/// path globs.
pub fn tools(tree: &Tree, owners: &Owners, ctx: &Context, rule: &ToolsRule) -> Vec<NodeId> {
    let mut found = Vec::new();
    for dir in ctx.path() {
        let Some(dir) = tree.follow(dir) else { continue };
        for node in tree.children(dir) {
            let wanted = rule.commands.iter().any(|name| tree.name(node) == name.as_str());
            let of_package = || owners.of(node).is_some_and(|id| rule.packages.contains(&owners.get(id).name));
            if wanted || of_package() {
                found.push(node);
            }
        }
    }
    found.extend(named_nodes(tree, &rule.paths));
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::{Ecosystem, Owner};
    use crate::profile::ProfileSet;
    use crate::rootfs::Builder;

    #[test]
    fn commands_packages_and_paths_are_found() {
        let rootfs = Builder::new()
            .exe("/usr/bin/dash", b"x")
            .symlink("/bin", "usr/bin")
            .symlink("/usr/bin/sh", "dash")
            .exe("/usr/bin/shred", b"x")
            .exe("/usr/bin/tool", b"x")
            .exe("/usr/lib/sh", b"x")
            .file("/lib/terminfo/x/xterm", b"x")
            .build();
        let tree = &rootfs.tree;
        let mut owners = Owners::none(tree);
        let coreutils = owners.add(Owner::new(Ecosystem::Dpkg, "coreutils", "1"));
        owners.claim(tree.get("/usr/bin/shred").unwrap(), coreutils);
        let profiles = ProfileSet::builtin().unwrap();
        let rule = profiles.tools(&["shell".to_owned()]).unwrap()[0];
        let mut found: Vec<_> = tools(tree, &owners, &Context::default(), rule)
            .into_iter()
            .map(|node| tree.path(node).to_string())
            .collect();
        found.sort();
        found.dedup();
        assert_eq!(found, ["/lib/terminfo/x/xterm", "/usr/bin/dash", "/usr/bin/sh", "/usr/bin/shred"]);
    }
}
