//! The modules that exist, found as the interpreter's importers would find them.
//!
//! Follows `importlib._bootstrap_external.FileFinder`: in each directory a package comes first, then extension
//! modules, source, byte code; directories without `__init__` add up to a namespace package (PEP 420).

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use rustc_hash::FxHashMap;

use super::super::names::{is_identifier, parent_name, top_name};
use super::descendants::Descendants;
use super::environment::{Environment, PathEntry};
use super::growing::{LocalNames, take_below};
use super::stems::Stems;
use crate::rootfs::{NodeId, Tree};

/// An entry of [`Modules`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ModuleId(u32);

impl ModuleId {
    /// Position in a table with one slot a module.
    pub fn index(self) -> usize {
        self.0 as usize
    }
}

/// What a module is made of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MadeOf {
    /// A file: source, byte code or an extension module. The first node is the name found (which may be a
    /// symlink), the second the regular file it leads to.
    File(NodeId, NodeId),
    /// A namespace package without code.
    Namespace,
    /// A member of a zip file.
    Zip(NodeId),
}

/// A module that exists in an environment, reached or not.
#[derive(Clone, Debug)]
pub struct Module {
    /// Index of its environment.
    pub env: usize,
    /// Dotted name.
    pub name: Box<str>,
    /// What it is made of.
    pub made_of: MadeOf,
    /// `__path__` of a package; empty for anything else.
    pub dirs: Vec<NodeId>,
}

impl Module {
    /// The file that it is made of, if it is one.
    pub fn file(&self) -> Option<NodeId> {
        match self.made_of {
            MadeOf::File(_, file) => Some(file),
            MadeOf::Zip(_) | MadeOf::Namespace => None,
        }
    }

    /// Whether submodules are looked for below it.
    pub fn is_package(&self) -> bool {
        !self.dirs.is_empty() || matches!(self.made_of, MadeOf::Namespace)
    }

    /// The name that relative imports start from (`__package__`).
    pub fn package(&self) -> &str {
        if self.is_package() { &self.name } else { parent_name(&self.name).unwrap_or("") }
    }
}

/// A module in a folder that joined a search path, and those that its name meant before.
#[derive(Debug)]
pub struct Shadowing {
    /// The module.
    pub module: ModuleId,
    /// What else goes by its name.
    pub before: Vec<ModuleId>,
}

/// Names of modules that several may read.
pub type Names = Arc<[Box<str>]>;

/// Every module looked up so far, in all environments.
#[derive(Debug, Default)]
pub struct Modules {
    list: Vec<Module>,
    /// What names stand for, by environment. Names that stand for nothing are far more, and looked for again.
    by_name: Vec<HashMap<Box<str>, Vec<ModuleId>>>,
    /// Those names, by environment and top-level name.
    by_top: HashMap<(usize, Box<str>), Vec<Box<str>>>,
    local: LocalNames,
    by_file: FxHashMap<NodeId, Vec<ModuleId>>,
    stems: Stems,
    /// What is directly below packages, by full names.
    listings: BTreeMap<(usize, Box<str>), Names>,
    /// All that is below packages.
    pub(super) trees: BTreeMap<(usize, Box<str>), Descendants>,
}

/// Names longer than this are no module names.
const MAX_NAME: usize = 512;

impl Modules {
    /// The module with this id.
    pub fn get(&self, id: ModuleId) -> &Module {
        &self.list[id.index()]
    }

    /// The modules that are made of this file.
    pub fn of_file(&self, file: NodeId) -> &[ModuleId] {
        self.by_file.get(&file).map_or(&[], Vec::as_slice)
    }

    /// The first of them in this environment.
    pub fn of_file_in(&self, env: usize, file: NodeId) -> Option<ModuleId> {
        self.of_file(file).iter().copied().find(|&id| self.get(id).env == env)
    }

    /// Adds a directory to a package's `__path__`. Lookups that failed before are tried again.
    pub fn extend_path(&mut self, id: ModuleId, dir: NodeId) -> bool {
        let module = &mut self.list[id.index()];
        if module.dirs.contains(&dir) {
            return false;
        }
        module.dirs.push(dir);
        true
    }

    /// Forgets which names are below a name; for when a search path grew.
    pub fn forget(&mut self, env: usize, name: &str) {
        let top = top_name(name);
        take_below(&mut self.listings, env, top);
        take_below(&mut self.trees, env, top);
    }

    /// Adds what a folder that joined a search path has to the modules of the same names that were found before.
    /// Returns what is new, in byte order of the names.
    pub fn shadow(&mut self, tree: &Tree, envs: &[Environment], env: usize, dir: NodeId) -> Vec<Shadowing> {
        let names = self.names_of(env);
        let is_known = |name: &str| names.get(name).is_some_and(|found| !found.is_empty());
        let tops: BTreeSet<String> = names_in(tree, dir, &envs[env].suffixes).filter(|name| is_known(name)).collect();
        if tops.is_empty() {
            return Vec::new();
        }
        let names = tops.into_iter().filter_map(|top| self.by_top.get(&(env, top.into())));
        let found = |name: &str| Some((Box::from(name), self.by_name.get(env)?.get(name)?.clone()));
        let mut known: Vec<(Box<str>, Vec<ModuleId>)> = names.flatten().filter_map(|name| found(name)).collect();
        known.sort();
        let mut added: HashMap<Box<str>, ModuleId> = HashMap::default();
        let mut out = Vec::new();
        for (name, before) in known {
            let (last, dirs) = match name.rsplit_once('.') {
                None => (&*name, vec![dir]),
                Some((parent, last)) => {
                    let Some(&parent) = added.get(parent) else { continue };
                    (last, self.get(parent).dirs.clone())
                }
            };
            let path: Vec<PathEntry> = dirs.into_iter().map(PathEntry::Dir).collect();
            let Some(module) = self.search(tree, envs, env, &name, last, &path) else { continue };
            if before.contains(&module) {
                continue;
            }
            added.insert(name.clone(), module);
            self.names_of(env).entry(name).or_default().push(module);
            out.push(Shadowing { module, before });
        }
        out
    }

    fn add(&mut self, module: Module) -> ModuleId {
        let id = ModuleId(u32::try_from(self.list.len()).expect("fewer than 2^32 modules"));
        if let MadeOf::File(_, file) = module.made_of {
            self.by_file.entry(file).or_default().push(id);
        }
        self.list.push(module);
        id
    }

    /// A module that no lookup finds: a script, or a file whose name is shadowed.
    pub fn adopt(&mut self, env: usize, name: &str, entry: NodeId, file: NodeId, dirs: Vec<NodeId>) -> ModuleId {
        self.add(Module { env, name: name.into(), made_of: MadeOf::File(entry, file), dirs })
    }

    /// All modules called `name`: the one that `sys.path` gives first, then those in script directories.
    pub fn find(&mut self, tree: &Tree, envs: &[Environment], env: usize, name: &str) -> Vec<ModuleId> {
        // Caches and data folders of that kind are no packages, whatever names them.
        if name.is_empty() || name.len() > MAX_NAME || name.ends_with("__pycache__") {
            return Vec::new();
        }
        if let Some(known) = self.by_name.get(env).and_then(|names| names.get(name)) {
            return known.clone();
        }
        // `__init__` is the package itself, wherever in a name it stands: as a module of its own, with submodules of
        // its own, it would make names without end.
        if let Some((package, rest)) = name.split_once(".__init__")
            && (rest.is_empty() || rest.starts_with('.'))
        {
            return self.find(tree, envs, env, &format!("{package}{rest}"));
        }
        let mut found = Vec::new();
        match name.rsplit_once('.') {
            None => {
                let environment = &envs[env];
                found.extend(self.search(tree, envs, env, name, name, &environment.path));
                for dir in self.local.dirs(tree, environment, env, name) {
                    found.extend(self.search(tree, envs, env, name, name, &[PathEntry::Dir(dir)]));
                }
                for (_, dir, last) in environment.mapped.iter().filter(|(mapped, ..)| mapped == name) {
                    found.extend(self.search(tree, envs, env, name, last, &[PathEntry::Dir(*dir)]));
                }
            }
            Some((parent, last)) => {
                for parent in self.find(tree, envs, env, parent) {
                    let (zip, dirs) = {
                        let module = self.get(parent);
                        let zip = if let MadeOf::Zip(node) = module.made_of { Some(node) } else { None };
                        (zip, module.dirs.clone())
                    };
                    if let Some(zip) = zip {
                        // All modules of a zip file share its fate: which member it is does not matter.
                        found.push(self.add(Module {
                            env,
                            name: name.into(),
                            made_of: MadeOf::Zip(zip),
                            dirs: vec![],
                        }));
                        continue;
                    }
                    let path: Vec<PathEntry> = dirs.into_iter().map(PathEntry::Dir).collect();
                    found.extend(self.search(tree, envs, env, name, last, &path));
                }
            }
        }
        found.dedup();
        if !found.is_empty() {
            self.note(env, name, found.clone());
        }
        found
    }

    fn search(
        &mut self,
        tree: &Tree,
        envs: &[Environment],
        env: usize,
        name: &str,
        last: &str,
        path: &[PathEntry],
    ) -> Option<ModuleId> {
        let mut portions = Vec::new();
        for entry in path {
            let dir = match *entry {
                PathEntry::Dir(dir) => dir,
                // Which names a zip file holds is decided by `zip_modules`, which adopts them.
                PathEntry::Zip(_) => continue,
            };
            if !self.stems.may_have(tree, dir, last) {
                continue;
            }
            match look_in(tree, dir, last, &envs[env].suffixes) {
                Some(Found::Module { entry, file, package }) => {
                    let dirs = package.into_iter().collect();
                    return Some(self.known_or_add(Module {
                        env,
                        name: name.into(),
                        made_of: MadeOf::File(entry, file),
                        dirs,
                    }));
                }
                Some(Found::Portion(dir)) => portions.push(dir),
                None => {}
            }
        }
        if portions.is_empty() {
            return None;
        }
        Some(self.known_or_add(Module { env, name: name.into(), made_of: MadeOf::Namespace, dirs: portions }))
    }

    /// A script that was adopted under the name that an import finds is the same module.
    fn known_or_add(&mut self, module: Module) -> ModuleId {
        if let MadeOf::File(_, file) = module.made_of {
            let same = |&&id: &&ModuleId| {
                let known = self.get(id);
                known.env == module.env && known.name == module.name
            };
            if let Some(&id) = self.of_file(file).iter().find(same) {
                return id;
            }
        }
        self.add(module)
    }

    /// Makes a zip file's member importable.
    pub fn add_zip_member(&mut self, tree: &Tree, envs: &[Environment], env: usize, name: &str, zip: NodeId) {
        // A program that does not search the archive means the module outside it.
        let mut found = self.find(tree, envs, env, name);
        if found.iter().any(|&id| self.get(id).made_of == MadeOf::Zip(zip)) {
            return;
        }
        found.push(self.add(Module { env, name: name.into(), made_of: MadeOf::Zip(zip), dirs: Vec::new() }));
        self.note(env, name, found);
    }

    /// Notes what a name stands for.
    fn note(&mut self, env: usize, name: &str, found: Vec<ModuleId>) {
        if self.names_of(env).insert(name.into(), found).is_none() {
            self.by_top.entry((env, top_name(name).into())).or_default().push(name.into());
        }
    }

    fn names_of(&mut self, env: usize) -> &mut HashMap<Box<str>, Vec<ModuleId>> {
        if self.by_name.len() <= env {
            self.by_name.resize_with(env + 1, HashMap::default);
        }
        &mut self.by_name[env]
    }

    /// The full names of what is directly below a package, in byte order.
    pub fn below(&mut self, tree: &Tree, envs: &[Environment], env: usize, package: &str) -> Names {
        let key = (env, Box::from(package));
        if let Some(known) = self.listings.get(&key) {
            return known.clone();
        }
        let mut names: Vec<Box<str>> = Vec::new();
        for id in self.find(tree, envs, env, package) {
            let below = self.submodules(tree, envs, id);
            names.extend(below.into_iter().map(|name| format!("{package}.{name}").into_boxed_str()));
        }
        names.sort();
        let names: Names = names.into();
        self.listings.insert(key, names.clone());
        names
    }

    /// The names directly below a package, in byte order.
    fn submodules(&self, tree: &Tree, envs: &[Environment], id: ModuleId) -> Vec<String> {
        let module = self.get(id);
        let mut names = Vec::new();
        for &dir in &module.dirs {
            names.extend(names_in(tree, dir, &envs[module.env].suffixes));
        }
        names.sort();
        names.dedup();
        names
    }

    /// The top-level names of an environment, in byte order.
    pub fn top_level(&self, tree: &Tree, envs: &[Environment], env: usize) -> Vec<String> {
        let mut names = Vec::new();
        for entry in &envs[env].path {
            if let PathEntry::Dir(dir) = entry {
                names.extend(names_in(tree, *dir, &envs[env].suffixes));
            }
        }
        names.sort();
        names.dedup();
        names
    }
}

enum Found {
    Module { entry: NodeId, file: NodeId, package: Option<NodeId> },
    Portion(NodeId),
}

fn follow(tree: &Tree, dir: NodeId, name: &[u8]) -> Option<(NodeId, NodeId)> {
    let entry = tree.child(dir, name)?;
    let real = tree.resolve_from(dir, name)?.node;
    Some((entry, real))
}

fn look_in(tree: &Tree, dir: NodeId, name: &str, suffixes: &[String]) -> Option<Found> {
    let mut portion = None;
    if let Some((_, below)) = follow(tree, dir, name.as_bytes())
        && tree.inode(below).is_dir()
    {
        for suffix in suffixes {
            let init = format!("__init__{suffix}");
            if let Some((entry, file)) = follow(tree, below, init.as_bytes()).filter(|(_, f)| tree.inode(*f).is_file())
            {
                return Some(Found::Module { entry, file, package: Some(below) });
            }
        }
        portion = Some(Found::Portion(below));
    }
    let mut full = String::with_capacity(name.len() + 40);
    for suffix in suffixes {
        full.clear();
        full.push_str(name);
        full.push_str(suffix);
        if let Some((entry, file)) = follow(tree, dir, full.as_bytes()).filter(|(_, f)| tree.inode(*f).is_file()) {
            return Some(Found::Module { entry, file, package: None });
        }
    }
    portion
}

fn names_in<'t>(tree: &'t Tree, dir: NodeId, suffixes: &'t [String]) -> impl Iterator<Item = String> + 't {
    tree.children(dir).filter_map(move |child| {
        let name = std::str::from_utf8(tree.name(child)).ok()?;
        let real = tree.resolve_from(dir, name)?.node;
        let dir = tree.inode(real).is_dir();
        let stem = if dir { name } else { suffixes.iter().find_map(|suffix| name.strip_suffix(suffix.as_str()))? };
        // `__init__` is the package itself; a directory such as `foo-1.0.dist-info` is no name. A file's name need
        // be no identifier: `__import__` takes any string (`_sysconfigdata__linux_x86_64-linux-gnu`, `0001_initial`).
        let named = is_identifier(stem) || (!dir && is_identifier(&format!("_{}", stem.replace('-', "_"))));
        (named && stem != "__init__" && stem != "__pycache__").then(|| stem.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::Context;
    use crate::reach::python::search::environment::discover;
    use crate::rootfs::{Builder, Rootfs};

    #[test]
    fn init_is_the_package_itself_and_has_no_names_of_its_own() {
        let site = "/usr/lib/python3.11/site-packages";
        let builder = Builder::new().file(&format!("{site}/a/__init__.py"), b"").file(&format!("{site}/a/b.py"), b"");
        let (rootfs, envs) = setup(builder);
        let mut modules = Modules::default();
        let mut find = |name: &str| modules.find(&rootfs.tree, &envs, 0, name);
        assert_eq!(find("a.__init__"), find("a"));
        assert_eq!(find("a.__init__.__init__.b"), find("a.b"));
        assert!(!find("a.b").is_empty());
        assert!(find("a.__initial__").is_empty());
    }

    fn setup(builder: Builder) -> (Rootfs, Vec<Environment>) {
        let rootfs = builder
            .exe("/usr/bin/python3.11", b"\x7fELF")
            .file("/usr/lib/python3.11/os.py", b"")
            .dir("/usr/lib/python3.11/site-packages")
            .build();
        let node = rootfs.tree.get("/usr/bin/python3.11").unwrap();
        let ctx = Context { architecture: "amd64".into(), workdir: "/".into(), ..Context::default() };
        let envs = discover(&rootfs, &ctx, node);
        (rootfs, envs)
    }

    fn find(rootfs: &Rootfs, envs: &[Environment], name: &str) -> Option<(String, bool)> {
        let mut modules = Modules::default();
        let id = modules.find(&rootfs.tree, envs, 0, name).into_iter().next()?;
        let module = modules.get(id);
        let path = match module.made_of {
            MadeOf::File(entry, _) => rootfs.tree.path(entry).to_string(),
            MadeOf::Namespace => format!("{} dirs", module.dirs.len()),
            MadeOf::Zip(_) => "zip".into(),
        };
        Some((path, module.is_package()))
    }

    #[test]
    fn packages_come_before_extensions_before_source() {
        let site = "/usr/lib/python3.11/site-packages";
        let (rootfs, envs) = setup(
            Builder::new()
                .file(&format!("{site}/a/__init__.py"), b"")
                .file(&format!("{site}/a.py"), b"")
                .file(&format!("{site}/a/b.cpython-311-x86_64-linux-gnu.so"), b"")
                .file(&format!("{site}/a/b.py"), b"")
                .file(&format!("{site}/a/c.abi3.so"), b"")
                .file(&format!("{site}/a/d.cpython-310-x86_64-linux-gnu.so"), b""),
        );
        assert_eq!(find(&rootfs, &envs, "a"), Some((format!("{site}/a/__init__.py"), true)));
        assert_eq!(find(&rootfs, &envs, "a.b").unwrap().0, format!("{site}/a/b.cpython-311-x86_64-linux-gnu.so"));
        assert_eq!(find(&rootfs, &envs, "a.c").unwrap().0, format!("{site}/a/c.abi3.so"));
        assert_eq!(find(&rootfs, &envs, "a.d"), None, "an extension of another version");
        assert_eq!(find(&rootfs, &envs, "os").unwrap().0, "/usr/lib/python3.11/os.py");
    }

    #[test]
    fn namespace_packages_are_split_over_folders() {
        let (rootfs, envs) = setup(
            Builder::new()
                .file("/usr/lib/python3.11/site-packages/ns/one.py", b"")
                .file("/root/.local/lib/python3.11/site-packages/ns/two.py", b""),
        );
        assert_eq!(find(&rootfs, &envs, "ns"), Some(("2 dirs".into(), true)));
        assert!(find(&rootfs, &envs, "ns.one").is_some());
        assert!(find(&rootfs, &envs, "ns.two").is_some());
        assert!(find(&rootfs, &envs, "ns.three").is_none());
    }
}
