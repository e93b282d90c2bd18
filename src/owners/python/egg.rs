//! What setuptools and distutils leave: `*.egg-info` with or without a list of files, eggs, development links.

use bstr::ByteSlice;

use super::{is_site, owner, prefix_of, whole};
use crate::owners::claim::{Installed, Listed, claim_listed, read_record};
use crate::owners::landmarks::Landmarks;
use crate::owners::place::Places;
use crate::owners::{Ecosystem, OwnerId, Owners};
use crate::rootfs::{NodeId, Rootfs};

/// How much of a script is read to find out who wrote it.
const SCRIPT_HEAD: u64 = 1024;

/// Claims an `.egg` in a site directory: all that is in it.
pub(super) fn claim_egg(rootfs: &Rootfs, egg: NodeId, owners: &mut Owners) {
    let tree = &rootfs.tree;
    if !is_site(tree, tree.parent(egg)) {
        return;
    }
    if tree.inode(egg).is_file() {
        let owner = owner(rootfs, owners, egg, None);
        owners.claim(egg, owner);
    } else if let Some(info) = tree.child(egg, b"EGG-INFO") {
        let metadata = tree.child(info, b"PKG-INFO");
        let owner = owner(rootfs, owners, egg, metadata);
        let installed = metadata.map(|node| Installed::with(tree.inode(node)));
        let mut listed: Vec<Listed> = whole(tree, egg, owner, installed);
        listed.retain(|file| !tree.is_within(file.node, info));
        listed.extend(whole(tree, info, owner, None));
        claim_listed(rootfs, owners, &listed);
    }
}

/// Claims an `.egg-link` (`setup.py develop`). The sources it leads to are the user's.
pub(super) fn claim_egg_link(rootfs: &Rootfs, link: NodeId, owners: &mut Owners) {
    let tree = &rootfs.tree;
    if !is_site(tree, tree.parent(link)) || !tree.inode(link).is_file() {
        return;
    }
    let Some(text) = read_record(rootfs, owners, link) else { return };
    let sources = text.lines().next().and_then(|line| tree.follow(line.trim()));
    let stem = tree.name(link).strip_suffix(b".egg-link").unwrap_or_default();
    let metadata = sources
        .and_then(|dir| {
            // File names spell `-` as `_`.
            [stem.to_vec(), stem.replace(b"-", b"_")]
                .into_iter()
                .find_map(|name| tree.child(dir, &[&name[..], b".egg-info"].concat()))
        })
        .and_then(|info| tree.child(info, b"PKG-INFO"));
    let owner = owner(rootfs, owners, link, metadata);
    owners.claim(link, owner);
}

/// Claims an `.egg-info` file or directory, and what it says it installed.
pub(super) fn claim_egg_info(rootfs: &Rootfs, info: NodeId, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let dir = tree.parent(info);
    if tree.inode(info).is_file() {
        // distutils leaves one file and no list. What it installed stays.
        if is_site(tree, dir) {
            let owner = owner(rootfs, owners, info, Some(info));
            owners.claim(info, owner);
        }
        return;
    }
    let Some(metadata) = tree.child(info, b"PKG-INFO") else { return };
    let list = tree.child(info, b"installed-files.txt");
    if list.is_none() && !is_site(tree, dir) {
        return;
    }
    let owner = owner(rootfs, owners, info, Some(metadata));
    let mut listed = match list {
        Some(list) => installed_files(rootfs, owners, info, list, owner),
        None => guessed_files(rootfs, owners, info, metadata, owner),
    };
    listed.extend(whole(tree, info, owner, None));
    claim_listed(rootfs, owners, &listed);
}

/// `installed-files.txt`: one path a line, relative to the `.egg-info`.
fn installed_files(rootfs: &Rootfs, owners: &mut Owners, info: NodeId, list: NodeId, owner: OwnerId) -> Vec<Listed> {
    let tree = &rootfs.tree;
    let text = read_record(rootfs, owners, list).unwrap_or_default();
    let prefix = prefix_of(tree, tree.parent(info));
    let installed = Some(Installed::with(tree.inode(list)));
    let mut places = Places::below(tree, info);
    text.lines()
        .filter(|line| !line.trim().is_empty())
        .filter_map(|line| places.find(line.trim()).filter(|&node| tree.is_within(node, prefix)))
        .map(|node| Listed { node, owner, installed, digest: None })
        .collect()
}

/// Without a list: the packages that `top_level.txt` names, if nobody else has files in them, and what
/// `SOURCES.txt` names.
fn guessed_files(rootfs: &Rootfs, owners: &mut Owners, info: NodeId, metadata: NodeId, owner: OwnerId) -> Vec<Listed> {
    let tree = &rootfs.tree;
    let dir = tree.parent(info);
    let installed = Some(Installed::with(tree.inode(metadata)));
    let read = |owners: &mut Owners, name: &[u8]| {
        tree.child(info, name).and_then(|node| read_record(rootfs, owners, node)).unwrap_or_default()
    };
    let (top_level, sources) = (read(owners, b"top_level.txt"), read(owners, b"SOURCES.txt"));
    let mut nodes = Vec::new();
    for name in top_level.lines().map(ByteSlice::trim).filter(|name| is_module_name(name)) {
        if let Some(package) = tree.child(dir, name)
            && tree.walk(package).all(|node| owners.of(node).is_none())
        {
            nodes.extend(tree.walk(package));
        }
        nodes.extend(tree.children(dir).filter(|&node| is_module_file(tree.name(node), name)));
    }
    let mut places = Places::below(tree, dir);
    for line in sources.lines().map(ByteSlice::trim).filter(|line| !line.is_empty()) {
        let path = line.strip_prefix(b"src/").unwrap_or(line);
        // Only what is in a package: `setup.py` and `tests/` of the sources are not what was installed.
        let in_package = path.split_str("/").next().is_some_and(|first| top_level.lines().any(|l| l.trim() == first));
        if in_package && let Some(node) = places.find(path).filter(|&node| tree.is_within(node, dir)) {
            nodes.push(node);
        }
    }
    nodes.retain(|&node| owners.of(node).is_none());
    nodes.into_iter().map(|node| Listed { node, owner, installed, digest: None }).collect()
}

fn is_module_name(name: &[u8]) -> bool {
    !name.is_empty() && name.iter().all(|&b| b.is_ascii_alphanumeric() || b == b'_' || b >= 0x80)
}

/// `NAME.py` or an extension module `NAME.cpython-311-x86_64-linux-gnu.so`.
fn is_module_file(file: &[u8], module: &[u8]) -> bool {
    file.strip_prefix(module).is_some_and(|rest| rest == b".py" || rest.starts_with(b".") && rest.ends_with(b".so"))
}

/// Claims the scripts that easy_install wrote for eggs: they name their distribution in a comment.
pub(super) fn claim_scripts(rootfs: &Rootfs, landmarks: &Landmarks, owners: &mut Owners) {
    let tree = &rootfs.tree;
    let sites = landmarks.eggs.iter().chain(&landmarks.egg_links).map(|&node| tree.parent(node));
    let mut bins: Vec<NodeId> = sites
        .filter(|&site| is_site(tree, site))
        .filter_map(|site| tree.resolve_from(prefix_of(tree, site), "bin").map(|found| found.node))
        .collect();
    bins.sort_unstable();
    bins.dedup();
    let mut head = Vec::new();
    for script in bins.into_iter().flat_map(|bin| tree.children(bin)) {
        if owners.of(script).is_some() || rootfs.read_prefix(script, SCRIPT_HEAD, &mut head).is_err() {
            continue;
        }
        let Some(name) = script_distribution(&head) else { continue };
        let owner = owners.iter().find(|(_, o)| o.ecosystem == Ecosystem::Python && same_name(&o.name, name));
        if let Some((owner, _)) = owner {
            owners.claim(script, owner);
        }
    }
}

/// `NAME` in `# EASY-INSTALL-ENTRY-SCRIPT: 'NAME==VERSION','console_scripts','SCRIPT'`.
fn script_distribution(head: &[u8]) -> Option<&[u8]> {
    let marker = head.find(b"# EASY-INSTALL-")?;
    let line = head[marker..].lines().next()?;
    let (_, quoted) = line.split_once_str("-SCRIPT: '")?;
    let (requirement, _) = quoted.split_once_str("'")?;
    requirement.split_str("==").next()
}

/// Whether two spellings name the same project (PEP 503).
fn same_name(a: &str, b: &[u8]) -> bool {
    let normal = |text: &[u8]| -> Vec<u8> {
        let parts = text.split(|b| matches!(b, b'-' | b'_' | b'.')).filter(|part| !part.is_empty());
        parts.collect::<Vec<_>>().join(&b'-').to_ascii_lowercase()
    };
    normal(a.as_bytes()) == normal(b)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::owners::find;
    use crate::rootfs::Builder;

    const SITE: &str = "/usr/lib/python3.6/site-packages";

    fn name(rootfs: &Rootfs, owners: &Owners, path: &str) -> String {
        let owner = owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id));
        owner.map_or_else(String::new, |o| format!("{} {}", o.name, o.version))
    }

    #[test]
    fn reads_installed_files_and_top_levels() {
        let rootfs = Builder::new()
            .file("/usr/bin/old", b"")
            .file("/usr/other", b"")
            .file(&format!("{SITE}/old.py"), b"")
            .file(&format!("{SITE}/old-1.egg-info/PKG-INFO"), b"Name: old\nVersion: 1\n")
            .file(
                &format!("{SITE}/old-1.egg-info/installed-files.txt"),
                b"../old.py\n../../../../bin/old\n../../../../../etc/x\nPKG-INFO\n",
            )
            .file(&format!("{SITE}/pkg/a.py"), b"")
            .file(&format!("{SITE}/pkg/data.txt"), b"")
            .file(&format!("{SITE}/ns/theirs.py"), b"")
            .file(&format!("{SITE}/ns/ours.py"), b"")
            .file(&format!("{SITE}/_fast.cpython-36m-x86_64-linux-gnu.so"), b"")
            .file(&format!("{SITE}/setup.py"), b"")
            .file(&format!("{SITE}/pkg-2.egg-info/PKG-INFO"), b"Name: pkg\nVersion: 2\n")
            .file(&format!("{SITE}/pkg-2.egg-info/top_level.txt"), b"pkg\n_fast\nns\n../../x\n")
            .file(&format!("{SITE}/pkg-2.egg-info/SOURCES.txt"), b"setup.py\nsrc/ns/ours.py\nns/theirs.py\n")
            .file(&format!("{SITE}/theirs-3.dist-info/RECORD"), b"ns/theirs.py,,\n")
            .file(&format!("{SITE}/single-4.egg-info"), b"Metadata-Version: 1\nName: single\nVersion: 4\n")
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path: &str| name(&rootfs, &owners, path);
        assert_eq!(of("/usr/bin/old"), "old 1");
        assert_eq!(of("/usr/other"), "");
        assert_eq!(of(&format!("{SITE}/old.py")), "old 1");
        for file in ["pkg/a.py", "pkg/data.txt", "_fast.cpython-36m-x86_64-linux-gnu.so", "ns/ours.py"] {
            assert_eq!(of(&format!("{SITE}/{file}")), "pkg 2", "{file}");
        }
        assert_eq!(of(&format!("{SITE}/ns/theirs.py")), "theirs 3");
        assert_eq!(of(&format!("{SITE}/setup.py")), "");
        assert_eq!(of(&format!("{SITE}/single-4.egg-info")), "single 4");
    }

    #[test]
    fn reads_eggs_links_and_their_scripts() {
        let script = |name: &str| format!("#!/usr/bin/python\n# EASY-INSTALL-ENTRY-SCRIPT: '{name}==1','g','s'\n");
        let rootfs = Builder::new()
            .file(&format!("{SITE}/a-1-py3.6.egg/EGG-INFO/PKG-INFO"), b"Name: a\nVersion: 1.0\n")
            .file(&format!("{SITE}/a-1-py3.6.egg/a.py"), b"")
            .file(&format!("{SITE}/b_b-2-py3.6.egg"), b"PK")
            .file(&format!("{SITE}/my-app.egg-link"), b"/src\n.")
            .file("/src/my_app.egg-info/PKG-INFO", b"Name: my-app\nVersion: 0.1\n")
            .file("/src/my_app.py", b"")
            .file("/src/dist/c-1-py3.6.egg", b"PK")
            .exe("/usr/bin/a", script("a").as_bytes())
            .exe("/usr/bin/b", script("B.b").as_bytes())
            .exe("/usr/bin/unknown", script("x").as_bytes())
            .build();
        let owners = find(&rootfs, &[]);
        let of = |path: &str| name(&rootfs, &owners, path);
        assert_eq!(of(&format!("{SITE}/a-1-py3.6.egg/a.py")), "a 1.0");
        assert_eq!(of(&format!("{SITE}/b_b-2-py3.6.egg")), "b_b 2");
        assert_eq!(of(&format!("{SITE}/my-app.egg-link")), "my-app 0.1");
        assert_eq!(of("/usr/bin/a"), "a 1.0");
        assert_eq!(of("/usr/bin/b"), "b_b 2");
        for path in ["/usr/bin/unknown", "/src/my_app.py", "/src/dist/c-1-py3.6.egg", "/src/my_app.egg-info/PKG-INFO"] {
            assert_eq!(of(path), "", "{path}");
        }
    }
}
