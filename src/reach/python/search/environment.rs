//! The environment an interpreter builds for itself: where its standard library is and what `sys.path` holds.
//!
//! Follows CPython's `Modules/getpath.py` and `Lib/site.py`: prefix by landmark, `pyvenv.cfg` (PEP 405), site
//! directories, user site, `.pth` files, `PYTHONPATH`.

use super::sites::{LIB_DIRS, is_editable_finder, mapping, site_dirs, user_sites};
use super::suffixes::suffixes;
use crate::reach::context::Context;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// An element of `sys.path`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PathEntry {
    /// A directory.
    Dir(NodeId),
    /// A zip file (zipped standard library, egg, zipapp).
    Zip(NodeId),
}

/// A line of a `.pth` file that is code, not a path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PthCode {
    /// The `.pth` file.
    pub file: NodeId,
    /// The line's text.
    pub code: String,
}

/// One interpreter and the environment it runs in (a virtual environment is one of its own).
#[derive(Clone, Debug)]
pub struct Environment {
    /// Major and minor version.
    pub version: (u8, u8),
    /// `lib/pythonX.Y` (or the zip that holds it).
    pub stdlib: NodeId,
    /// `sys.path`, in order.
    pub path: Vec<PathEntry>,
    /// Directories that are searched by some programs only (script directories): they add, never shadow.
    pub local: Vec<NodeId>,
    /// Top-level modules that the finder of an editable install knows: name, directory, and file name without suffix.
    pub mapped: Vec<(String, NodeId, String)>,
    /// Directories that `site` treats as site directories.
    pub sites: Vec<NodeId>,
    /// Every `.pth` file that is read at start-up.
    pub pth: Vec<NodeId>,
    /// Code lines in them.
    pub pth_code: Vec<PthCode>,
    /// `pyvenv.cfg` of a virtual environment.
    pub venv: Option<NodeId>,
    /// File name suffixes of extension modules, source and byte code, in the order of the importer.
    pub suffixes: Vec<String>,
    /// A program brings its interpreter and all of its modules along (PyInstaller): the user's own files run elsewhere.
    pub is_frozen: bool,
}

/// Whether a file name is one of an interpreter: `python`, `python3`, `python3.11`, `python3.13t`, `python3-dbg`, `pypy3` …
pub fn is_interpreter(name: &[u8]) -> bool {
    let rest = name.strip_prefix(b"python").or_else(|| name.strip_prefix(b"pypy"));
    rest.is_some_and(|rest| {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        matches!(&rest[digits..], b"" | b"t" | b"d" | b"td" | b"m" | b"dm" | b"-dbg")
    })
}

/// The version in `libpython3.11.so.1.0`, `python3.11` …
pub(in crate::reach::python) fn version_in(name: &[u8]) -> Option<(u8, u8)> {
    let text = std::str::from_utf8(name).ok()?;
    let at = text.find("python").map(|i| i + 6).or_else(|| text.find("pypy").map(|i| i + 4))?;
    let mut parts = text[at..].split(|c: char| !c.is_ascii_digit());
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// Finds the environments that belong to a reached file: an interpreter's binary, a symlink to one (which may
/// stand in a virtual environment), or a `libpython`.
pub fn discover(rootfs: &Rootfs, ctx: &Context, node: NodeId) -> Vec<Environment> {
    let tree = &rootfs.tree;
    let name = tree.name(node);
    let library = name.starts_with(b"libpython");
    if !library && !is_interpreter(name) {
        return Vec::new();
    }
    let Some(real) = tree.resolve_from(tree.parent(node), name).map(|found| found.node) else { return Vec::new() };
    if !tree.inode(real).is_file() {
        return Vec::new();
    }
    let version = version_in(tree.name(real)).or_else(|| version_in(name));
    let bin = tree.parent(node);
    let cfg = [bin, tree.parent(bin)].into_iter().filter_map(|dir| tree.child(dir, b"pyvenv.cfg")).find(|_| !library);
    let config = cfg.map(|cfg| VenvConfig::read(rootfs, cfg));
    let mut homes: Vec<NodeId> = Vec::new();
    if let Some(home) = ctx.env.get("PYTHONHOME").and_then(|home| tree.follow(home.split(':').next().unwrap_or(""))) {
        homes.push(home);
    }
    if let Some(home) = config.as_ref().and_then(|c| c.home.as_deref()).and_then(|home| tree.follow(home)) {
        homes.push(tree.parent(home));
    }
    homes.extend(ancestors(tree, real));
    homes.extend(ancestors(tree, node));
    let Some((prefix, stdlib, version)) = homes.iter().find_map(|&home| stdlib_below(tree, home, version)) else {
        return Vec::new();
    };
    vec![Environment::new(rootfs, ctx, prefix, stdlib, version, cfg.zip(config))]
}

fn ancestors(tree: &Tree, node: NodeId) -> Vec<NodeId> {
    let mut out = Vec::new();
    let mut at = node;
    while at != Tree::ROOT {
        at = tree.parent(at);
        out.push(at);
    }
    out
}

/// Looks for the landmark `lib/pythonX.Y/os.py` below a prefix.
fn stdlib_below(tree: &Tree, prefix: NodeId, version: Option<(u8, u8)>) -> Option<(NodeId, NodeId, (u8, u8))> {
    for lib in LIB_DIRS {
        let Some(dir) = tree.resolve_from(prefix, lib).map(|found| found.node) else { continue };
        let mut versions: Vec<(u8, u8)> = match version {
            Some(version) => vec![version],
            None => tree.children(dir).filter_map(|child| version_in(tree.name(child))).collect(),
        };
        versions.sort_unstable_by(|a, b| b.cmp(a));
        for (major, minor) in versions {
            for suffix in ["", "t"] {
                let landmark = format!("python{major}.{minor}{suffix}/os.py");
                if let Some(found) = tree.resolve_from(dir, landmark) {
                    return Some((prefix, tree.parent(found.node), (major, minor)));
                }
            }
            // A zipped standard library has no os.py beside it.
            if let Some(found) = tree.resolve_from(dir, format!("python{major}{minor}.zip"))
                && tree.inode(found.node).is_file()
            {
                return Some((prefix, found.node, (major, minor)));
            }
        }
    }
    None
}

#[derive(Debug, Default)]
struct VenvConfig {
    home: Option<String>,
    system_site: bool,
}

impl VenvConfig {
    fn read(rootfs: &Rootfs, cfg: NodeId) -> Self {
        let mut out = Self::default();
        let mut bytes = Vec::new();
        if rootfs.read_prefix(cfg, 64 << 10, &mut bytes).is_err() {
            return out;
        }
        for line in String::from_utf8_lossy(&bytes).lines() {
            let Some((key, value)) = line.split_once('=') else { continue };
            match key.trim().to_ascii_lowercase().as_str() {
                "home" => out.home = Some(value.trim().to_owned()),
                "include-system-site-packages" => out.system_site = value.trim().eq_ignore_ascii_case("true"),
                _ => {}
            }
        }
        out
    }
}

impl Environment {
    /// That of a program whose modules are all in this file.
    pub fn frozen(file: NodeId, version: (u8, u8), ctx: &Context) -> Self {
        Self { is_frozen: true, ..Self::bare(file, version, ctx) }
    }

    /// One that searches nowhere.
    fn bare(stdlib: NodeId, version: (u8, u8), ctx: &Context) -> Self {
        Self {
            version,
            stdlib,
            path: Vec::new(),
            local: Vec::new(),
            mapped: Vec::new(),
            sites: Vec::new(),
            pth: Vec::new(),
            pth_code: Vec::new(),
            venv: None,
            suffixes: suffixes(version, &ctx.architecture),
            is_frozen: false,
        }
    }

    fn new(
        rootfs: &Rootfs,
        ctx: &Context,
        prefix: NodeId,
        stdlib: NodeId,
        version: (u8, u8),
        venv: Option<(NodeId, VenvConfig)>,
    ) -> Self {
        let mut env = Self { venv: venv.as_ref().map(|(cfg, _)| *cfg), ..Self::bare(stdlib, version, ctx) };
        env.add_given(&rootfs.tree, ctx);
        env.add_stdlib(&rootfs.tree, prefix);
        env.add_sites(rootfs, ctx, prefix, venv);
        env
    }

    /// What `PYTHONPATH` names.
    fn add_given(&mut self, tree: &Tree, ctx: &Context) {
        let base = tree.follow(&ctx.workdir).unwrap_or(Tree::ROOT);
        for dir in ctx.env.get("PYTHONPATH").into_iter().flat_map(|path| path.split(':')) {
            if let Some(found) = tree.resolve_from(base, dir).filter(|_| !dir.is_empty()) {
                self.push(tree, found.node);
            }
        }
    }

    /// The standard library below a prefix, zipped or not, and its extension modules.
    fn add_stdlib(&mut self, tree: &Tree, prefix: NodeId) {
        let (major, minor) = self.version;
        for lib in LIB_DIRS {
            if let Some(zip) = tree.resolve_from(prefix, format!("{lib}/python{major}{minor}.zip")) {
                self.push(tree, zip.node);
            }
        }
        self.push(tree, self.stdlib);
        for lib in LIB_DIRS {
            if let Some(dir) = tree.resolve_from(prefix, format!("{lib}/python{major}.{minor}/lib-dynload")) {
                self.push(tree, dir.node);
            }
        }
        if let Some(dir) = tree.resolve_from(self.stdlib, "lib-dynload") {
            self.push(tree, dir.node);
        }
        // Python 2 keeps modules of the platform and of its toolkit apart (`Modules/getpath.c`, `PYTHONPATH` in `Modules/Setup`).
        if major == 2 && tree.inode(self.stdlib).is_dir() {
            let apart = |name: &[u8]| name.starts_with(b"plat-") || matches!(name, b"lib-tk" | b"lib-old");
            let found: Vec<NodeId> = tree.children(self.stdlib).filter(|&dir| apart(tree.name(dir))).collect();
            for dir in found {
                self.push(tree, dir);
            }
        }
    }

    /// The site directories: a virtual environment's own come first, and may be all.
    fn add_sites(&mut self, rootfs: &Rootfs, ctx: &Context, prefix: NodeId, venv: Option<(NodeId, VenvConfig)>) {
        let tree = &rootfs.tree;
        let mut dirs = Vec::new();
        if let Some((cfg, _)) = &venv {
            dirs.extend(site_dirs(tree, tree.parent(*cfg), self.version));
        }
        if venv.is_none_or(|(_, config)| config.system_site) {
            dirs.extend(user_sites(tree, ctx, self.version));
            dirs.extend(site_dirs(tree, prefix, self.version));
        }
        for dir in dirs {
            self.add_site(rootfs, dir);
        }
    }

    /// Adds a directory or a zip file to the path, once.
    pub fn push(&mut self, tree: &Tree, node: NodeId) -> bool {
        let entry = if tree.inode(node).is_dir() { PathEntry::Dir(node) } else { PathEntry::Zip(node) };
        let new = !self.path.contains(&entry);
        if new {
            self.path.push(entry);
        }
        new
    }

    /// What `site.addsitedir` does: the directory, and what its `.pth` files name, in the order of their names.
    fn add_site(&mut self, rootfs: &Rootfs, dir: NodeId) {
        let tree = &rootfs.tree;
        if self.sites.contains(&dir) {
            return;
        }
        self.sites.push(dir);
        self.push(tree, dir);
        for finder in tree.children(dir).filter(|&node| is_editable_finder(tree.name(node))) {
            let mut bytes = Vec::new();
            if rootfs.read_prefix(finder, 1 << 20, &mut bytes).is_ok() {
                self.mapped.extend(mapping(&String::from_utf8_lossy(&bytes)).filter_map(|(name, path)| {
                    let (parent, last) = path.rsplit_once('/')?;
                    Some((name.to_owned(), tree.follow(parent)?, last.to_owned()))
                }));
            }
        }
        let files: Vec<NodeId> = tree.children(dir).filter(|&n| tree.name(n).ends_with(b".pth")).collect();
        for file in files {
            let Some(real) = tree.resolve_from(dir, tree.name(file)).map(|found| found.node) else { continue };
            let mut bytes = Vec::new();
            if rootfs.read_prefix(real, 1 << 20, &mut bytes).is_err() {
                continue;
            }
            self.pth.push(file);
            for line in String::from_utf8_lossy(&bytes).lines() {
                let text = line.trim_end();
                if text.is_empty() || text.starts_with('#') {
                    continue;
                }
                if text.starts_with("import ") || text.starts_with("import\t") {
                    self.pth_code.push(PthCode { file, code: text.to_owned() });
                } else if let Some(found) = tree.resolve_from(dir, text) {
                    self.push(tree, found.node);
                }
            }
        }
    }

    /// The directories on the path, in order.
    pub fn dirs(&self) -> impl Iterator<Item = NodeId> {
        self.path.iter().filter_map(|entry| if let PathEntry::Dir(dir) = entry { Some(*dir) } else { None })
    }

    /// The zip files on the path, in order.
    pub fn zips(&self) -> impl Iterator<Item = NodeId> {
        self.path.iter().filter_map(|entry| if let PathEntry::Zip(zip) = entry { Some(*zip) } else { None })
    }

    /// The directories that records of distributions are looked for in.
    pub fn distribution_dirs(&self, tree: &Tree) -> Vec<NodeId> {
        let eggs = self.dirs().filter(|&dir| tree.name(dir).ends_with(b".egg")).map(|dir| tree.parent(dir));
        let mut dirs: Vec<NodeId> = self.sites.iter().copied().chain(eggs).chain(self.dirs()).collect();
        dirs.sort_unstable();
        dirs.dedup();
        dirs
    }

    /// The innermost directory on the path that a file lies in.
    pub fn contains(&self, tree: &Tree, node: NodeId) -> Option<NodeId> {
        // Site-packages lies inside the standard library's directory.
        self.dirs().filter(|&dir| tree.is_within(node, dir)).max_by_key(|&dir| tree.path(dir).len())
    }

    /// Whether a file is the standard library's, extension modules included.
    pub fn is_stdlib(&self, tree: &Tree, file: NodeId) -> bool {
        let entry = self.contains(tree, file);
        entry.is_some_and(|dir| tree.is_within(dir, self.stdlib) && !self.sites.contains(&dir))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    fn context() -> Context {
        Context { architecture: "amd64".into(), workdir: "/".into(), ..Context::default() }
    }

    fn base() -> Builder {
        Builder::new()
            .exe("/usr/local/bin/python3.11", b"\x7fELF")
            .symlink("/usr/local/bin/python3", "python3.11")
            .symlink("/usr/local/bin/python", "python3")
            .file("/usr/local/lib/python3.11/os.py", b"")
            .dir("/usr/local/lib/python3.11/lib-dynload")
            .dir("/usr/local/lib/python3.11/site-packages")
    }

    fn paths(rootfs: &Rootfs, env: &Environment) -> Vec<String> {
        let nodes = env.path.iter().map(|entry| match entry {
            PathEntry::Dir(node) | PathEntry::Zip(node) => *node,
        });
        nodes.map(|node| rootfs.tree.path(node).to_string()).collect()
    }

    #[test]
    fn names_of_interpreters() {
        for name in ["python", "python3", "python3.11", "python3.13t", "pypy3.10", "python3.7m"] {
            assert!(is_interpreter(name.as_bytes()), "{name}");
        }
        for name in ["python3-config", "pythonw", "ipython", "python-argcomplete", "pythonx"] {
            assert!(!is_interpreter(name.as_bytes()), "{name}");
        }
    }

    #[test]
    fn an_installation_in_a_prefix() {
        let rootfs = base().build();
        let node = rootfs.tree.get("/usr/local/bin/python").unwrap();
        let env = &discover(&rootfs, &context(), node)[0];
        assert_eq!(env.version, (3, 11));
        let lib = "/usr/local/lib/python3.11";
        assert_eq!(paths(&rootfs, env), [lib.to_owned(), format!("{lib}/lib-dynload"), format!("{lib}/site-packages")]);
    }

    #[test]
    fn pth_files_add_paths_and_code() {
        let rootfs = base()
            .dir("/src/proj")
            .file("/usr/local/lib/python3.11/site-packages/a.pth", b"# c\n/src/proj\nimport hook; hook.go()\nmissing\n")
            .build();
        let node = rootfs.tree.get("/usr/local/bin/python3.11").unwrap();
        let env = &discover(&rootfs, &context(), node)[0];
        assert_eq!(paths(&rootfs, env).last().unwrap(), "/src/proj");
        assert_eq!(env.pth_code[0].code, "import hook; hook.go()");
        assert_eq!(env.pth.len(), 1);
    }

    #[test]
    fn a_venv_sees_its_own_site_packages_and_the_system_s_only_if_told_to() {
        for (flag, seen) in [("false", false), ("true", true)] {
            let cfg = format!("home = /usr/local/bin\ninclude-system-site-packages = {flag}\n");
            let rootfs = base()
                .symlink("/opt/venv/bin/python", "/usr/local/bin/python3.11")
                .file("/opt/venv/pyvenv.cfg", cfg.as_bytes())
                .dir("/opt/venv/lib/python3.11/site-packages")
                .build();
            let node = rootfs.tree.get("/opt/venv/bin/python").unwrap();
            let env = &discover(&rootfs, &context(), node)[0];
            assert!(env.venv.is_some());
            let paths = paths(&rootfs, env);
            assert!(paths.contains(&"/opt/venv/lib/python3.11/site-packages".to_owned()));
            assert!(paths.contains(&"/usr/local/lib/python3.11".to_owned()));
            assert_eq!(paths.contains(&"/usr/local/lib/python3.11/site-packages".to_owned()), seen);
        }
    }

    #[test]
    fn debian_user_site_and_pythonpath() {
        let rootfs = Builder::new()
            .exe("/usr/bin/python3.11", b"\x7fELF")
            .file("/usr/lib/python3.11/os.py", b"")
            .dir("/usr/lib/python3/dist-packages")
            .dir("/usr/local/lib/python3.11/dist-packages")
            .dir("/root/.local/lib/python3.11/site-packages")
            .dir("/srv/lib")
            .build();
        let mut ctx = context();
        ctx.env.insert("PYTHONPATH".into(), "/srv/lib:/nowhere".into());
        let node = rootfs.tree.get("/usr/bin/python3.11").unwrap();
        let env = &discover(&rootfs, &ctx, node)[0];
        assert_eq!(
            paths(&rootfs, env),
            [
                "/srv/lib",
                "/usr/lib/python3.11",
                "/root/.local/lib/python3.11/site-packages",
                "/usr/local/lib/python3.11/dist-packages",
                "/usr/lib/python3/dist-packages"
            ]
        );
    }

    #[test]
    fn a_shared_library_stands_for_its_interpreter() {
        let rootfs = base().file("/usr/local/lib/libpython3.11.so.1.0", b"\x7fELF").build();
        let node = rootfs.tree.get("/usr/local/lib/libpython3.11.so.1.0").unwrap();
        assert_eq!(discover(&rootfs, &context(), node).len(), 1);
    }
}
