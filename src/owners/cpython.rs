//! A CPython that `make install` put somewhere: no record, but a fixed layout below its prefix.

use bstr::ByteSlice;

use super::claim::Installed;
use super::foreign::Foreign;
use super::landmarks::Landmarks;
use super::owner::{Ecosystem, Owner, OwnerId, Owners};
use crate::rootfs::{Inode, Kind, NodeId, Rootfs, Tree};

/// One installation.
#[derive(Debug)]
struct Installation<'a> {
    tree: &'a Tree,
    prefix: NodeId,
    /// `PREFIX/lib` or `PREFIX/lib64`.
    lib: NodeId,
    /// `PREFIX/lib/pythonX.Y`.
    stdlib: NodeId,
    /// `3.11`, `2.7`, `3.13t`.
    version: &'a [u8],
    /// When its `os.py` came.
    installed: Installed,
}

/// Claims every installation that no package owns.
pub(super) fn find(rootfs: &Rootfs, landmarks: &Landmarks, foreign: Foreign, owners: &mut Owners) {
    for &os in &landmarks.stdlibs {
        if owners.of(os).is_some() || foreign.may_own(&rootfs.tree, os) {
            continue;
        }
        let Some(installation) = Installation::around(&rootfs.tree, os) else { continue };
        let owner = owners.add(Owner::new(Ecosystem::CPython, "cpython", full_version(rootfs, &installation)));
        installation.claim(owner, owners);
    }
}

impl<'a> Installation<'a> {
    /// The installation whose `os.py` this is, if there is an interpreter or its library to go with it.
    fn around(tree: &'a Tree, os: NodeId) -> Option<Self> {
        let stdlib = tree.parent(os);
        let lib = tree.parent(stdlib);
        let version = tree.name(stdlib).as_bytes().strip_prefix(b"python")?;
        let numbers = version.strip_suffix(b"t").unwrap_or(version);
        let mut parts = numbers.split(|&b| b == b'.');
        let is_number = |part: Option<&[u8]>| part.is_some_and(|p| !p.is_empty() && p.iter().all(u8::is_ascii_digit));
        let is_version = is_number(parts.next()) && is_number(parts.next()) && parts.next().is_none();
        let inode = tree.inode(os);
        if !is_version || !matches!(tree.name(lib).as_bytes(), b"lib" | b"lib64") || !inode.is_file() {
            return None;
        }
        let found = Self { tree, prefix: tree.parent(lib), lib, stdlib, version, installed: Installed::with(inode) };
        // The directory was recognised by this too, so that a copy of `os.py` alone is not taken for Python.
        let interpreter = found.entry("bin").is_some_and(|bin| {
            tree.child(bin, &[b"python", version].concat()).is_some_and(|node| tree.inode(node).is_file())
        });
        let library = tree.children(lib).any(|node| found.is_library(tree.name(node)));
        (interpreter || library).then_some(found)
    }

    fn entry(&self, path: &str) -> Option<NodeId> {
        self.tree.resolve_from(self.prefix, path).map(|found| found.node)
    }

    /// `libpython3.11.so.1.0`, `libpython3.11.a`, `libpython3.6m.so`, `libpython3.so`.
    fn is_library(&self, name: &[u8]) -> bool {
        let Some(rest) = name.strip_prefix(b"libpython") else { return false };
        let rest = rest.strip_prefix(self.version).or_else(|| rest.strip_prefix(b"3")).unwrap_or(b"?");
        let rest = rest.trim_start_with(|c| matches!(c, 'm' | 'd' | 'u' | 't'));
        rest.starts_with(b".so") || rest == b".a"
    }

    /// `python`, `python3`, `python3.11`, and the same with `-config`, `pydoc`, `idle`, `2to3` and `pyvenv`.
    fn is_command(&self, name: &[u8]) -> bool {
        let base = name.strip_suffix(b"-config").unwrap_or(name);
        let tools: [&[u8]; 5] = [b"python", b"pydoc", b"idle", b"pyvenv", b"2to3"];
        tools.iter().any(|tool| {
            base.strip_prefix(*tool).is_some_and(|rest| {
                let rest = rest.strip_prefix(b"-").unwrap_or(rest);
                let major = self.version.get(..1).unwrap_or_default();
                let abi = rest.strip_prefix(self.version);
                rest.is_empty() || rest == major || abi.is_some_and(|flags| matches!(flags, b"" | b"m" | b"d" | b"t"))
            })
        })
    }

    /// `python-3.11.pc`, `python3-embed.pc`.
    fn is_pkgconfig(&self, name: &[u8]) -> bool {
        let Some(stem) = name.strip_suffix(b".pc") else { return false };
        let stem = stem.strip_suffix(b"-embed").unwrap_or(stem);
        let version = stem.strip_prefix(b"python").map(|rest| rest.strip_prefix(b"-").unwrap_or(rest));
        version.is_some_and(|v| v == self.version || v == self.version.get(..1).unwrap_or(b"?") || v.is_empty())
    }

    /// Whether a file came with the installation: a later layer is somebody else's. Times say nothing here, as the
    /// build writes for as long as it takes.
    fn came_along(&self, inode: &Inode) -> bool {
        !self.installed.is_later_layer(inode)
    }

    fn claim(&self, owner: OwnerId, owners: &mut Owners) {
        let tree = self.tree;
        let mut nodes: Vec<NodeId> = Vec::new();
        let mut stack = vec![self.stdlib];
        while let Some(node) = stack.pop() {
            if tree.inode(node).is_dir() {
                let is_site = matches!(tree.name(node).as_bytes(), b"site-packages" | b"dist-packages");
                if !(is_site && tree.parent(node) == self.stdlib) {
                    stack.extend(tree.children(node));
                }
                continue;
            }
            // Hooks for the administrator; the standard library has none.
            if !matches!(tree.name(node).as_bytes(), b"sitecustomize.py" | b"usercustomize.py") {
                nodes.push(node);
            }
        }
        if let Some(readme) = tree.child(self.stdlib, b"site-packages").and_then(|site| tree.child(site, b"README.txt"))
        {
            nodes.push(readme);
        }
        nodes.extend(tree.children(self.lib).filter(|&node| self.is_library(tree.name(node))));
        if self.lib_name() == b"lib64" {
            // Its modules without compiled code may be in `lib`, extensions in `lib64`.
            let twin = self.entry("lib").and_then(|lib| tree.child(lib, tree.name(self.stdlib)));
            let files = twin.into_iter().flat_map(|dir| tree.children(dir));
            nodes.extend(files.filter(|&node| tree.inode(node).is_file()));
        }
        if let Some(pkgconfig) = tree.resolve_from(self.lib, "pkgconfig") {
            nodes.extend(tree.children(pkgconfig.node).filter(|&node| self.is_pkgconfig(tree.name(node))));
        }
        if let Some(include) = self.entry("include") {
            for dir in tree.children(include) {
                let version = tree.name(dir).strip_prefix(b"python").unwrap_or_default();
                let flags = version.strip_prefix(self.version);
                if flags.is_some_and(|flags| matches!(flags, b"" | b"m" | b"d" | b"t" | b"td")) {
                    nodes.extend(tree.walk(dir));
                }
            }
        }
        if let Some(man) = self.entry("share/man/man1") {
            nodes.extend(tree.children(man).filter(|&node| {
                let page = tree.name(node).as_bytes();
                let page = page.strip_suffix(b".gz").unwrap_or(page).strip_suffix(b".1");
                page.is_some_and(|page| self.is_command(page))
            }));
        }
        nodes.retain(|&node| {
            let inode = tree.inode(node);
            !inode.is_dir() && self.came_along(inode) && owners.of(node).is_none()
        });
        for node in nodes {
            owners.claim(node, owner);
        }
        self.claim_commands(owner, owners);
    }

    fn lib_name(&self) -> &[u8] {
        self.tree.name(self.lib).as_bytes()
    }

    /// Commands in `bin`. Links among them may be newer: images add `python` → `python3` in a layer of their own.
    fn claim_commands(&self, owner: OwnerId, owners: &mut Owners) {
        let tree = self.tree;
        let Some(bin) = self.entry("bin") else { return };
        let named = tree.children(bin).filter(|&node| self.is_command(tree.name(node)) && owners.of(node).is_none());
        let named: Vec<NodeId> = named.collect();
        let (files, links): (Vec<NodeId>, Vec<NodeId>) = named.into_iter().partition(|&n| tree.inode(n).is_file());
        for node in files {
            if self.came_along(tree.inode(node)) {
                owners.claim(node, owner);
            }
        }
        for node in links {
            if let Kind::Symlink(target) = &tree.inode(node).kind
                && let Some(found) = tree.resolve_from(bin, target)
                && owners.of(found.node) == Some(owner)
            {
                owners.claim(node, owner);
            }
        }
    }
}

/// The release: `PY_VERSION` of `patchlevel.h`, or else what the directory says.
fn full_version(rootfs: &Rootfs, installation: &Installation<'_>) -> String {
    let include = installation.entry("include");
    let dirs = include.into_iter().flat_map(|dir| rootfs.tree.children(dir));
    let header = dirs
        .filter(|&dir| {
            let version = rootfs.tree.name(dir).strip_prefix(b"python").unwrap_or_default();
            version.starts_with(installation.version)
        })
        .find_map(|dir| rootfs.tree.child(dir, b"patchlevel.h"));
    let mut text = Vec::new();
    if let Some(header) = header {
        // An unreadable header is as good as none.
        let _ = rootfs.read_prefix(header, 1 << 16, &mut text);
    }
    let define = text.lines().find_map(|line| line.strip_prefix(b"#define PY_VERSION"));
    let version = define.map_or(installation.version, |rest| rest.trim().trim_with(|c| c == '"'));
    version.to_str_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use crate::owners::{Ecosystem, find};
    use crate::rootfs::Builder;

    fn python(prefix: &str) -> Builder {
        Builder::new()
            .exe(&format!("{prefix}/bin/python3.11"), b"x")
            .symlink(&format!("{prefix}/bin/python3"), "python3.11")
            .symlink(&format!("{prefix}/bin/python"), "python3")
            .exe(&format!("{prefix}/bin/pydoc3.11"), b"x")
            .exe(&format!("{prefix}/bin/python3.11-config"), b"x")
            .exe(&format!("{prefix}/bin/2to3-3.11"), b"x")
            .exe(&format!("{prefix}/bin/python-mine"), b"x")
            .symlink(&format!("{prefix}/bin/idle"), "/srv/idle")
            .file(&format!("{prefix}/lib/libpython3.11.so.1.0"), b"x")
            .file(&format!("{prefix}/lib/libpython3.so"), b"x")
            .file(&format!("{prefix}/lib/libpython3.11-extra.so"), b"x")
            .file(&format!("{prefix}/lib/libmine.so"), b"x")
            .file(&format!("{prefix}/lib/pkgconfig/python-3.11-embed.pc"), b"x")
            .file(&format!("{prefix}/lib/pkgconfig/mine.pc"), b"x")
            .file(&format!("{prefix}/lib/python3.11/os.py"), b"x")
            .file(&format!("{prefix}/lib/python3.11/__pycache__/os.cpython-311.pyc"), b"x")
            .file(&format!("{prefix}/lib/python3.11/json/decoder.py"), b"x")
            .file(&format!("{prefix}/lib/python3.11/sitecustomize.py"), b"x")
            .file(&format!("{prefix}/lib/python3.11/site-packages/README.txt"), b"x")
            .file(&format!("{prefix}/lib/python3.11/site-packages/mine.py"), b"x")
            .file(&format!("{prefix}/include/python3.11/patchlevel.h"), b"#define PY_VERSION      \t\"3.11.2\"\n")
            .file(&format!("{prefix}/share/man/man1/python3.11.1"), b"x")
    }

    #[test]
    fn claims_the_layout_and_nothing_beside_it() {
        for prefix in ["/usr/local", "/opt/py"] {
            let rootfs = python(prefix).build();
            let owners = find(&rootfs, &[]);
            let (_, owner) = owners.iter().next().unwrap();
            assert_eq!((owner.ecosystem, owner.version.as_str()), (Ecosystem::CPython, "3.11.2"));
            let unowned: Vec<String> = rootfs
                .tree
                .iter()
                .filter(|&n| !rootfs.tree.inode(n).is_dir() && owners.of(n).is_none())
                .map(|n| rootfs.tree.path(n).to_string().replace(prefix, ""))
                .collect();
            assert_eq!(
                unowned,
                [
                    "/bin/idle",
                    "/bin/python-mine",
                    "/lib/libmine.so",
                    "/lib/libpython3.11-extra.so",
                    "/lib/pkgconfig/mine.pc",
                    "/lib/python3.11/site-packages/mine.py",
                    "/lib/python3.11/sitecustomize.py",
                ]
            );
        }
    }

    #[test]
    fn later_files_are_the_users_but_not_links_to_the_interpreter() {
        let mut rootfs = python("/usr/local").build();
        for path in ["bin/python", "lib/python3.11/json/decoder.py", "lib/python3.11/__pycache__/os.cpython-311.pyc"] {
            let node = rootfs.tree.get(format!("/usr/local/{path}")).unwrap();
            rootfs.tree.inode_mut(node).layer = 1;
        }
        let owners = find(&rootfs, &[]);
        let owned = |path: &str| owners.of(rootfs.tree.get(format!("/usr/local/{path}")).unwrap()).is_some();
        assert!(owned("bin/python"));
        assert!(owned("lib/python3.11/__pycache__/os.cpython-311.pyc"));
        assert!(!owned("lib/python3.11/json/decoder.py"));
    }

    #[test]
    fn a_packaged_or_incomplete_python_is_not_claimed() {
        let rootfs = python("/usr")
            .file("/var/lib/dpkg/status", b"Package: p\nStatus: install ok installed\nVersion: 1\n")
            .file("/var/lib/dpkg/info/p.list", b"/usr/lib/python3.11/os.py\n")
            .file("/app/lib/python3.9/os.py", b"x")
            .file("/app/lib/python3/os.py", b"x")
            .build();
        let owners = find(&rootfs, &[]);
        assert!(owners.iter().all(|(_, owner)| owner.ecosystem != Ecosystem::CPython));
    }
}
