//! Where the loader looks for a library, and what it finds there.
//!
//! glibc: `ld.so(8)` and `elf/dl-load.c`. RPATH of the requesting file and of the chain of files that loaded it,
//! unless the requesting file has a RUNPATH; `LD_LIBRARY_PATH`; RUNPATH; `/etc/ld.so.cache`; the default
//! directories. musl: `ldso/dynlink.c`. `LD_LIBRARY_PATH`; RPATH or RUNPATH of the whole chain;
//! `/etc/ld-musl-ARCH.path` or the default directories.

use std::collections::HashMap;
use std::sync::Arc;

use bstr::{BStr, BString, ByteSlice, ByteVec};
use rustc_hash::{FxHashMap, FxHashSet};

use super::machine::{HEADER, Libc, Machine};
use super::{ldcache, ldconf};
use crate::reach::context::Context;
use crate::rootfs::{NodeId, Rootfs};

/// The part of a file's facts that the search for its libraries depends on.
#[derive(Clone, Debug)]
pub(super) struct Linkage {
    pub(super) machine: Machine,
    /// `DT_RPATH`, empty where there is a `DT_RUNPATH`: the loader ignores it then.
    pub(super) rpath: Vec<BString>,
    pub(super) runpath: Vec<BString>,
    pub(super) no_default_lib: bool,
}

/// Who asks for a library, as far as the search depends on it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Asking<'r> {
    pub(super) libc: Libc,
    pub(super) linkage: &'r Linkage,
    /// `$ORIGIN`: its directory.
    pub(super) origin: &'r BStr,
    /// Directories from the files that loaded it.
    pub(super) inherited: &'r [BString],
}

/// A directory that is there.
#[derive(Clone, Debug)]
struct Place {
    path: BString,
    node: NodeId,
}

/// Where the libraries of one file are looked for, in order.
#[derive(Clone, Debug)]
pub(super) struct Places {
    before_cache: Vec<Place>,
    after_cache: Arc<[Place]>,
    /// What files that it loads inherit.
    pub(super) bequeathed: Arc<[BString]>,
}

/// What decides on the directories that are searched last: libc, machine, and whether the file does without them.
type Defaults = (Libc, Machine, bool);

/// The search order of one image.
#[derive(Debug)]
pub(super) struct Search<'a> {
    rootfs: &'a Rootfs,
    workdir: BString,
    library_path: Vec<BString>,
    /// By soname, in the order of the cache.
    cache: HashMap<BString, Vec<BString>>,
    /// Directories of `ld.so.conf`, searched only if there is no cache: `ldconfig` may still write one.
    configured: Vec<BString>,
    /// Directories of each musl architecture's path file.
    musl_paths: FxHashMap<&'static str, Vec<BString>>,
    machines: FxHashMap<NodeId, Option<Machine>>,
    /// The directories that are searched last, by what they depend on.
    defaults: Vec<(Defaults, Arc<[Place]>)>,
    /// Subdirectories for certain processors, by directory.
    variants: FxHashMap<NodeId, Arc<[Place]>>,
    /// How many times a directory may still be looked into.
    looks: u64,
}

/// Larger caches do not exist.
const MAX_CACHE: u64 = 16 << 20;
/// Directories are looked into so many times, and no more: each of many libraries may be looked for in each of many directories.
/// The largest images need a twentieth of it.
const MAX_LOOKS: u64 = 8_000_000;
/// A file inherits no more directories than this from those that loaded it.
const MAX_INHERITED: usize = 256;
/// The longest string of an environment.
const MAX_VARIABLE: usize = 128 << 10;
const MAX_PATH_FILE: u64 = 1 << 16;
/// Subdirectories of a search directory for certain processors, besides `glibc-hwcaps/*`: those that glibc
/// up to 2.36 looked into.
const LEGACY_HWCAPS: [&str; 11] = [
    "tls",
    "x86_64",
    "haswell",
    "haswell/x86_64",
    "haswell/avx512_1",
    "haswell/avx512_1/x86_64",
    "xeon_phi",
    "atomics",
    "i686",
    "i686/sse2",
    "sse2",
];

impl<'a> Search<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, context: &Context) -> Self {
        let mut search = Self {
            rootfs,
            workdir: if context.workdir.is_empty() { "/".into() } else { context.workdir.as_str().into() },
            library_path: Vec::new(),
            cache: HashMap::default(),
            configured: Vec::new(),
            musl_paths: FxHashMap::default(),
            machines: FxHashMap::default(),
            defaults: Vec::new(),
            variants: FxHashMap::default(),
            looks: MAX_LOOKS,
        };
        if let Some(list) = context.env.get("LD_LIBRARY_PATH") {
            // The kernel gives no longer string to a program (`MAX_ARG_STRLEN`).
            let list = if list.len() < MAX_VARIABLE { list.as_str() } else { "" };
            search.library_path = list.split([':', ';']).filter(|dir| !dir.is_empty()).map(BString::from).collect();
        }
        match search.read("/etc/ld.so.cache", MAX_CACHE) {
            Some(bytes) => {
                for entry in ldcache::parse(&bytes) {
                    search.cache.entry(entry.soname.into()).or_default().push(entry.path.into());
                }
            }
            None => search.configured = ldconf::directories(rootfs),
        }
        search
    }

    pub(super) fn read(&self, path: &str, limit: u64) -> Option<Vec<u8>> {
        let node = self.rootfs.tree.follow(path).filter(|&node| self.rootfs.tree.inode(node).is_file())?;
        let mut bytes = Vec::new();
        self.rootfs.read_prefix(node, limit, &mut bytes).ok()?;
        Some(bytes)
    }

    /// Whether nothing is looked for any more: there was too much of it.
    pub(super) fn is_exhausted(&self) -> bool {
        self.looks == 0
    }

    /// Takes note that so many names were looked up.
    pub(super) fn spend(&mut self, looks: usize) {
        self.looks = self.looks.saturating_sub(looks as u64);
    }

    /// The directories in which whoever asks has its libraries looked for.
    pub(super) fn places(&mut self, asking: Asking<'_>) -> Places {
        let before_cache = self.directories_before_cache(asking);
        self.spend(before_cache.len() + 1);
        let before_cache = self.existing(before_cache);
        Places { before_cache, after_cache: self.default_places(asking), bequeathed: self.bequeathed(asking).into() }
    }

    /// Those directories that are there, each spelling once.
    fn existing(&self, dirs: Vec<BString>) -> Vec<Place> {
        let mut seen = FxHashSet::default();
        let places = dirs.into_iter().filter_map(|path| Some(Place { node: self.rootfs.tree.follow(&path)?, path }));
        places.filter(|place| seen.insert(place.path.clone())).collect()
    }

    /// The files the loader may take, as it would spell their paths: variants for certain processors, which
    /// may or may not be those of the machine that runs the image, and the one for all others.
    pub(super) fn find(&mut self, name: &BStr, asking: Asking<'_>, places: &Places) -> Vec<BString> {
        if name.contains(&b'/') {
            let paths = self.expand(name, asking);
            return paths.into_iter().find(|path| self.fits(path, asking.linkage.machine)).into_iter().collect();
        }
        let mut found = Vec::new();
        for place in &places.before_cache {
            if self.look_in(place, name, asking, &mut found) {
                return found;
            }
        }
        if asking.libc == Libc::Glibc && self.look_in_cache(name, asking, &mut found) {
            return found;
        }
        for place in places.after_cache.iter() {
            if self.look_in(place, name, asking, &mut found) {
                return found;
            }
        }
        found
    }

    /// The directories that files loaded by the one that asks inherit from it.
    fn bequeathed(&self, asking: Asking<'_>) -> Vec<BString> {
        let own = match asking.libc {
            Libc::Glibc => self.expand_all(&asking.linkage.rpath, asking),
            Libc::Musl => self.musl_own(asking),
        };
        let tree = &self.rootfs.tree;
        let mut seen = FxHashSet::default();
        // Spelled in one way only: with `..` in them there would be no end of them.
        let all = own.iter().chain(asking.inherited).filter_map(|dir| tree.follow(dir));
        all.filter(|&dir| seen.insert(dir)).map(|dir| tree.path(dir)).take(MAX_INHERITED).collect()
    }

    fn musl_own(&self, asking: Asking<'_>) -> Vec<BString> {
        let linkage = asking.linkage;
        self.expand_all(if linkage.runpath.is_empty() { &linkage.rpath } else { &linkage.runpath }, asking)
    }

    fn directories_before_cache(&self, asking: Asking<'_>) -> Vec<BString> {
        let mut dirs = Vec::new();
        let linkage = asking.linkage;
        let environment = self.expand_all(&self.library_path, asking);
        match asking.libc {
            Libc::Glibc => {
                if linkage.runpath.is_empty() {
                    dirs.extend(self.expand_all(&linkage.rpath, asking));
                    dirs.extend_from_slice(asking.inherited);
                }
                dirs.extend(environment);
                dirs.extend(self.expand_all(&linkage.runpath, asking));
            }
            Libc::Musl => {
                dirs.extend(environment);
                dirs.extend(self.musl_own(asking));
                dirs.extend_from_slice(asking.inherited);
            }
        }
        dirs
    }

    fn default_places(&mut self, asking: Asking<'_>) -> Arc<[Place]> {
        let key = (asking.libc, asking.linkage.machine, asking.linkage.no_default_lib);
        if let Some((_, known)) = self.defaults.iter().find(|(known, _)| *known == key) {
            return Arc::clone(known);
        }
        let dirs = self.default_directories(asking);
        let places: Arc<[Place]> = self.existing(dirs).into();
        self.defaults.push((key, Arc::clone(&places)));
        places
    }

    fn default_directories(&mut self, asking: Asking<'_>) -> Vec<BString> {
        let machine = asking.linkage.machine;
        let names = machine.names();
        if asking.libc == Libc::Musl {
            for &arch in names.musl {
                let path = format!("/etc/ld-musl-{arch}.path");
                if !self.musl_paths.contains_key(arch) {
                    let text = self.read(&path, MAX_PATH_FILE).unwrap_or_default();
                    let dirs = text.split(|b| matches!(b, b':' | b'\n')).filter(|dir| !dir.is_empty());
                    self.musl_paths.insert(arch, dirs.map(BString::from).collect());
                }
                if let Some(dirs) = self.musl_paths.get(arch).filter(|dirs| !dirs.is_empty()) {
                    return dirs.clone();
                }
            }
            return ["/lib", "/usr/local/lib", "/usr/lib"].map(BString::from).to_vec();
        }
        let mut dirs = self.configured.clone();
        if asking.linkage.no_default_lib {
            return dirs;
        }
        for multiarch in names.multiarch {
            dirs.extend([format!("/lib/{multiarch}").into(), format!("/usr/lib/{multiarch}").into()]);
        }
        let wide: &[&str] =
            if machine.is_64 { &["/lib64", "/usr/lib64"] } else { &["/lib32", "/usr/lib32", "/libx32"] };
        dirs.extend(wide.iter().chain(&["/lib", "/usr/lib"]).map(|&dir| BString::from(dir)));
        dirs
    }

    /// Looks in one directory; whether the search ends here.
    fn look_in(&mut self, place: &Place, name: &BStr, asking: Asking<'_>, found: &mut Vec<BString>) -> bool {
        let machine = asking.linkage.machine;
        if asking.libc == Libc::Glibc {
            let variants = self.variants(place.node);
            self.spend(variants.len());
            for variant in variants.iter().filter(|variant| self.has(variant.node, name, machine)) {
                found.push(join(&[&place.path, &variant.path, name]));
            }
        }
        self.spend(1);
        let fits = self.has(place.node, name, machine);
        if fits {
            found.push(join(&[&place.path, name]));
        }
        fits
    }

    /// The subdirectories of `dir` for certain processors, their paths as seen from there.
    fn variants(&mut self, dir: NodeId) -> Arc<[Place]> {
        let tree = &self.rootfs.tree;
        let all = || {
            let mut all = Vec::new();
            if let Some(levels) = tree.resolve_from(dir, "glibc-hwcaps").map(|found| found.node) {
                let levels = tree.children(levels).filter_map(|level| {
                    let node = tree.resolve_from(levels, tree.name(level))?.node;
                    Some(Place { path: join(&[b"glibc-hwcaps", tree.name(level)]), node })
                });
                all.extend(levels);
            }
            let legacy = LEGACY_HWCAPS
                .iter()
                .filter_map(|&path| Some(Place { path: path.into(), node: tree.resolve_from(dir, path)?.node }));
            all.extend(legacy);
            all.into()
        };
        Arc::clone(self.variants.entry(dir).or_insert_with(all))
    }

    /// Whether `name` in the directory `dir` leads to an ELF file for this machine.
    fn has(&mut self, dir: NodeId, name: &BStr, machine: Machine) -> bool {
        let Some(found) = self.rootfs.tree.resolve_from(dir, name) else { return false };
        self.machine(found.node) == Some(machine)
    }

    fn look_in_cache(&mut self, name: &BStr, asking: Asking<'_>, found: &mut Vec<BString>) -> bool {
        let paths = self.cache.get(name).cloned().unwrap_or_default();
        self.spend(paths.len());
        let mut ends = false;
        for path in paths {
            // Directories for some processors only are recognised by name: old caches do not mark them.
            let special = path.contains_str("/glibc-hwcaps/")
                || LEGACY_HWCAPS.iter().any(|level| path.contains_str(format!("/{level}/")));
            let default = ["/lib", "/usr/lib"].iter().any(|dir| path.starts_with(dir.as_bytes()));
            if (ends && !special) || (asking.linkage.no_default_lib && default) {
                continue;
            }
            if self.fits(&path, asking.linkage.machine) {
                ends |= !special;
                found.push(path);
            }
        }
        ends
    }

    /// Whether `path` leads to an ELF file for this machine.
    fn fits(&mut self, path: &BString, machine: Machine) -> bool {
        let Some(node) = self.rootfs.tree.follow(path) else { return false };
        self.machine(node) == Some(machine)
    }

    /// The machine of the ELF file at `node`.
    pub(super) fn machine(&mut self, node: NodeId) -> Option<Machine> {
        let rootfs = self.rootfs;
        *self.machines.entry(node).or_insert_with(|| {
            let mut head = Vec::new();
            rootfs.read_prefix(node, HEADER, &mut head).ok()?;
            Machine::of_header(&head)
        })
    }

    fn expand_all(&self, dirs: &[BString], asking: Asking<'_>) -> Vec<BString> {
        dirs.iter().flat_map(|dir| self.expand(dir.as_ref(), asking)).collect()
    }

    /// Replaces `$ORIGIN`, `$LIB` and `$PLATFORM` (also in braces); the latter two have several values.
    fn expand(&self, dir: &BStr, asking: Asking<'_>) -> Vec<BString> {
        let names = asking.linkage.machine.names();
        let mut all = vec![BString::from(dir)];
        if dir.contains(&b'$') {
            let lib = names.multiarch.iter().map(|multiarch| format!("lib/{multiarch}"));
            let lib: Vec<String> = lib.chain(["lib64".into(), "lib".into()]).collect();
            let platform: Vec<String> = names.platform.iter().map(|&platform| platform.into()).collect();
            all = substitute(all, "ORIGIN", &[asking.origin.to_owned()]);
            all = substitute(all, "LIB", &lib.into_iter().map(BString::from).collect::<Vec<_>>());
            all = substitute(all, "PLATFORM", &platform.into_iter().map(BString::from).collect::<Vec<_>>());
        }
        for path in all.iter_mut().filter(|path| !path.starts_with(b"/")) {
            *path = [self.workdir.as_slice(), b"/", path.as_slice()].concat().into();
        }
        all
    }
}

/// Parts of a path as one.
fn join(parts: &[&[u8]]) -> BString {
    let mut path = BString::default();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 && !path.ends_with(b"/") {
            path.push_byte(b'/');
        }
        path.push_str(part);
    }
    path
}

/// Every path of `paths` with each of `values` in the place of `$name` and `${name}`.
fn substitute(paths: Vec<BString>, name: &str, values: &[BString]) -> Vec<BString> {
    let (plain, braced) = (format!("${name}"), format!("${{{name}}}"));
    let mut out = Vec::new();
    for path in paths {
        if !path.contains_str(&plain) && !path.contains_str(&braced) {
            out.push(path);
            continue;
        }
        out.extend(values.iter().map(|value| path.replace(&braced, value).replace(&plain, value).into()));
    }
    out
}
