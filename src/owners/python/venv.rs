//! Virtual environments: what `python -m venv`, virtualenv and uv make beside the distributions (PEP 405).

use bstr::ByteSlice;

use crate::owners::claim::read_record;
use crate::owners::landmarks::Landmarks;
use crate::owners::{Ecosystem, Owner, Owners};
use crate::rootfs::{Kind, NodeId, Rootfs, Tree};

/// What activates an environment in a shell. Programs do not need it, unless a shell names it.
const ACTIVATORS: [&[u8]; 13] = [
    b"activate",
    b"activate.csh",
    b"activate.fish",
    b"activate.nu",
    b"activate.xsh",
    b"activate.ps1",
    b"Activate.ps1",
    b"activate.bat",
    b"activate_this.py",
    b"deactivate.nu",
    b"deactivate.bat",
    b"deactivate",
    b"pydoc.bat",
];

/// Claims activators, interpreters and `lib64` of every virtual environment. `pyvenv.cfg` itself is left to nobody:
/// the interpreter needs it to find its modules, so it stays.
pub(in crate::owners) fn find(rootfs: &Rootfs, landmarks: &Landmarks, owners: &mut Owners) {
    let tree = &rootfs.tree;
    for &config in &landmarks.venvs {
        let dir = tree.parent(config);
        let files = made_files(tree, dir, tree.inode(config).layer);
        if files.is_empty() {
            continue;
        }
        let version = read_record(rootfs, owners, config).map(|text| python_version(&text)).unwrap_or_default();
        let owner = owners.add(Owner::new(Ecosystem::Python, "venv", version));
        for node in files {
            if owners.of(node).is_none() {
                owners.claim(node, owner);
            }
        }
    }
}

fn made_files(tree: &Tree, dir: NodeId, layer: u32) -> Vec<NodeId> {
    let mut found = Vec::new();
    if let Some(bin) = tree.child(dir, b"bin") {
        found.extend(tree.children(bin).filter(|&node| {
            let name = tree.name(node).as_bytes();
            ACTIVATORS.contains(&name) || is_interpreter(name)
        }));
    }
    if let Some(lib64) = tree.child(dir, b"lib64")
        && matches!(&tree.inode(lib64).kind, Kind::Symlink(target) if target == "lib")
    {
        found.push(lib64);
    }
    found.retain(|&node| !tree.inode(node).is_dir() && tree.inode(node).layer <= layer);
    found
}

/// `python`, `python3`, `python3.11`, `python3.13t`, `pypy3` …
fn is_interpreter(name: &[u8]) -> bool {
    let Some(rest) = name.strip_prefix(b"python").or_else(|| name.strip_prefix(b"pypy")) else { return false };
    rest.strip_suffix(b"t").unwrap_or(rest).iter().all(|b| b.is_ascii_digit() || *b == b'.')
}

/// `version = 3.11.2` (venv) or `version_info = 3.11.2.final.0` (virtualenv).
fn python_version(config: &[u8]) -> String {
    let values = config.lines().filter_map(|line| line.split_once_str("="));
    let mut versions = values.filter(|(key, _)| matches!(key.trim(), b"version" | b"version_info"));
    versions.next().map(|(_, value)| value.trim().to_str_lossy().into_owned()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use crate::owners::find;
    use crate::rootfs::Builder;

    #[test]
    fn claims_what_venv_makes_and_no_more() {
        let rootfs = Builder::new()
            .file("/venv/pyvenv.cfg", b"home = /usr/bin\nversion = 3.11.2\n")
            .file("/venv/bin/activate", b"")
            .symlink("/venv/bin/python3", "/usr/bin/python3")
            .exe("/venv/bin/python-app", b"")
            .exe("/venv/bin/run", b"")
            .symlink("/venv/lib64", "lib")
            .dir("/venv/lib")
            .file("/elsewhere/bin/activate", b"")
            .build();
        let owners = find(&rootfs, &[]);
        let owned = |path| owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).version.as_str());
        for path in ["/venv/bin/activate", "/venv/bin/python3", "/venv/lib64"] {
            assert_eq!(owned(path), Some("3.11.2"), "{path}");
        }
        for path in ["/venv/pyvenv.cfg", "/venv/bin/run", "/venv/bin/python-app", "/elsewhere/bin/activate"] {
            assert_eq!(owned(path), None, "{path}");
        }
    }
}
