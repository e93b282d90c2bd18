//! Site directories: where they are, and what installers leave in them.

use crate::reach::context::Context;
use crate::rootfs::{NodeId, Tree};

/// Folders of libraries below a prefix.
pub(super) const LIB_DIRS: [&str; 2] = ["lib", "lib64"];

/// The module that setuptools writes for an editable install: `setuptools/command/editable_wheel.py`.
pub(super) fn is_editable_finder(name: &[u8]) -> bool {
    name.starts_with(b"__editable__") && name.ends_with(b"_finder.py")
}

/// The dictionary of names and paths in such a module: `MAPPING: dict[str, str] = {'demo': '/src/demo'}`.
pub(super) fn mapping(source: &str) -> impl Iterator<Item = (&str, &str)> {
    let line = source.lines().find(|line| line.starts_with("MAPPING")).unwrap_or("");
    let dict = line.split_once('{').map_or("", |(_, rest)| rest.split('}').next().unwrap_or(""));
    let mut quoted = dict.split(['\'', '"']).skip(1).step_by(2);
    std::iter::from_fn(move || quoted.next().zip(quoted.next()))
}

/// `site.getsitepackages`, Debian's patched version included.
pub(super) fn site_dirs(tree: &Tree, prefix: NodeId, (major, minor): (u8, u8)) -> Vec<NodeId> {
    let mut names = Vec::new();
    for lib in LIB_DIRS {
        for suffix in ["", "t"] {
            names.push(format!("{lib}/python{major}.{minor}{suffix}/site-packages"));
        }
    }
    names.push(format!("local/lib/python{major}.{minor}/dist-packages"));
    names.push(format!("lib/python{major}/dist-packages"));
    names.push(format!("lib/python{major}.{minor}/dist-packages"));
    let found = names.iter().filter_map(|name| tree.resolve_from(prefix, name)).map(|found| found.node);
    found.filter(|&node| tree.inode(node).is_dir()).collect()
}

/// `site.getusersitepackages` for every user that the image could run as: containers are often started with
/// another user than the image's own.
pub(super) fn user_sites(tree: &Tree, ctx: &Context, (major, minor): (u8, u8)) -> Vec<NodeId> {
    let mut bases: Vec<NodeId> = Vec::new();
    bases.extend(ctx.env.get("PYTHONUSERBASE").and_then(|base| tree.follow(base)));
    let mut homes: Vec<NodeId> = Vec::new();
    homes.extend(ctx.env.get("HOME").and_then(|home| tree.follow(home)));
    homes.extend(tree.follow("/root"));
    if let Some(home) = tree.follow("/home") {
        homes.extend(tree.children(home));
    }
    if let Some(passwd) = tree.follow(&ctx.workdir) {
        homes.push(passwd);
    }
    bases.extend(homes.into_iter().filter_map(|home| tree.resolve_from(home, ".local")).map(|found| found.node));
    let site = format!("lib/python{major}.{minor}/site-packages");
    bases.into_iter().filter_map(|base| tree.resolve_from(base, &site)).map(|found| found.node).collect()
}
