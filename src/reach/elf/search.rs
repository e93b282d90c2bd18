//! Where the loader looks for a library, and what it finds there.
//!
//! glibc: `ld.so(8)` and `elf/dl-load.c`. RPATH of the requesting file and of the chain of files that loaded it,
//! unless the requesting file has a RUNPATH; `LD_LIBRARY_PATH`; RUNPATH; `/etc/ld.so.cache`; the default
//! directories. musl: `ldso/dynlink.c`. `LD_LIBRARY_PATH`; RPATH or RUNPATH of the whole chain;
//! `/etc/ld-musl-ARCH.path` or the default directories.

use bstr::{BStr, BString, ByteSlice, ByteVec};
use rustc_hash::FxHashMap;

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

/// A search for one library.
#[derive(Clone, Copy, Debug)]
pub(super) struct Lookup<'r> {
    pub(super) name: &'r BStr,
    pub(super) libc: Libc,
    /// Of the file that asks.
    pub(super) linkage: &'r Linkage,
    /// `$ORIGIN`: the directory of the file that asks.
    pub(super) origin: &'r BStr,
    /// Directories from the files that loaded the one that asks.
    pub(super) inherited: &'r [BString],
}

/// The search order of one image.
#[derive(Debug)]
pub(super) struct Search<'a> {
    rootfs: &'a Rootfs,
    workdir: BString,
    library_path: Vec<BString>,
    /// By soname, in the order of the cache.
    cache: FxHashMap<BString, Vec<BString>>,
    /// Directories of `ld.so.conf`, searched only if there is no cache: `ldconfig` may still write one.
    configured: Vec<BString>,
    /// Directories of each musl architecture's path file.
    musl_paths: FxHashMap<&'static str, Vec<BString>>,
    machines: FxHashMap<NodeId, Option<Machine>>,
}

/// Larger caches do not exist.
const MAX_CACHE: u64 = 64 << 20;
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
            cache: FxHashMap::default(),
            configured: Vec::new(),
            musl_paths: FxHashMap::default(),
            machines: FxHashMap::default(),
        };
        if let Some(list) = context.env.get("LD_LIBRARY_PATH") {
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

    /// The files the loader may take, as it would spell their paths: variants for certain processors, which
    /// may or may not be those of the machine that runs the image, and the one for all others.
    pub(super) fn find(&mut self, request: Lookup) -> Vec<BString> {
        if request.name.contains(&b'/') {
            let paths = self.expand(request.name, request);
            return paths.into_iter().find(|path| self.fits(path, request.linkage.machine)).into_iter().collect();
        }
        let mut found = Vec::new();
        for dir in self.directories_before_cache(request) {
            if self.look_in(&dir, request, &mut found) {
                return found;
            }
        }
        if request.libc == Libc::Glibc && self.look_in_cache(request, &mut found) {
            return found;
        }
        for dir in self.default_directories(request) {
            if self.look_in(&dir, request, &mut found) {
                return found;
            }
        }
        found
    }

    /// The directories that files loaded by the one that asks inherit from it.
    pub(super) fn bequeathed(&self, request: Lookup) -> Vec<BString> {
        let own = match request.libc {
            Libc::Glibc => self.expand_all(&request.linkage.rpath, request),
            Libc::Musl => self.musl_own(request),
        };
        let tree = &self.rootfs.tree;
        let mut all: Vec<BString> = Vec::new();
        for dir in own.iter().chain(request.inherited) {
            // Spelled in one way only: with `..` in them there would be no end of them.
            let Some(dir) = tree.follow(dir).map(|dir| tree.path(dir)) else { continue };
            if !all.contains(&dir) {
                all.push(dir);
            }
        }
        all
    }

    fn musl_own(&self, request: Lookup) -> Vec<BString> {
        let linkage = request.linkage;
        self.expand_all(if linkage.runpath.is_empty() { &linkage.rpath } else { &linkage.runpath }, request)
    }

    fn directories_before_cache(&self, request: Lookup) -> Vec<BString> {
        let mut dirs = Vec::new();
        let linkage = request.linkage;
        let environment = self.expand_all(&self.library_path, request);
        match request.libc {
            Libc::Glibc => {
                if linkage.runpath.is_empty() {
                    dirs.extend(self.expand_all(&linkage.rpath, request));
                    dirs.extend_from_slice(request.inherited);
                }
                dirs.extend(environment);
                dirs.extend(self.expand_all(&linkage.runpath, request));
            }
            Libc::Musl => {
                dirs.extend(environment);
                dirs.extend(self.musl_own(request));
                dirs.extend_from_slice(request.inherited);
            }
        }
        dirs
    }

    fn default_directories(&mut self, request: Lookup) -> Vec<BString> {
        let machine = request.linkage.machine;
        let names = machine.names();
        if request.libc == Libc::Musl {
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
        if request.linkage.no_default_lib {
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
    fn look_in(&mut self, dir: &BString, request: Lookup, found: &mut Vec<BString>) -> bool {
        let tree = &self.rootfs.tree;
        let Some(node) = tree.follow(dir) else { return false };
        let machine = request.linkage.machine;
        let join = |parts: &[&[u8]]| {
            let mut path = dir.clone();
            for part in parts {
                if !path.ends_with(b"/") {
                    path.push_byte(b'/');
                }
                path.push_str(part);
            }
            path
        };
        if request.libc == Libc::Glibc {
            let mut variants: Vec<BString> = Vec::new();
            if let Some(levels) = tree.resolve_from(node, "glibc-hwcaps").map(|found| found.node) {
                let levels = tree.children(levels).map(|level| tree.name(level));
                variants.extend(levels.map(|level| join(&[b"glibc-hwcaps", level, request.name])));
            }
            for subdir in LEGACY_HWCAPS {
                if tree.resolve_from(node, subdir).is_some() {
                    variants.push(join(&[subdir.as_bytes(), request.name]));
                }
            }
            found.extend(variants.into_iter().filter(|path| self.fits(path, machine)));
        }
        let path = join(&[request.name]);
        let fits = self.fits(&path, machine);
        if fits {
            found.push(path);
        }
        fits
    }

    fn look_in_cache(&mut self, request: Lookup, found: &mut Vec<BString>) -> bool {
        let paths = self.cache.get(request.name).cloned().unwrap_or_default();
        let mut ends = false;
        for path in paths {
            // Directories for some processors only are recognised by name: old caches do not mark them.
            let special = path.contains_str("/glibc-hwcaps/")
                || LEGACY_HWCAPS.iter().any(|level| path.contains_str(format!("/{level}/")));
            let default = ["/lib", "/usr/lib"].iter().any(|dir| path.starts_with(dir.as_bytes()));
            if (ends && !special) || (request.linkage.no_default_lib && default) {
                continue;
            }
            if self.fits(&path, request.linkage.machine) {
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

    fn expand_all(&self, dirs: &[BString], request: Lookup) -> Vec<BString> {
        dirs.iter().flat_map(|dir| self.expand(dir.as_ref(), request)).collect()
    }

    /// Replaces `$ORIGIN`, `$LIB` and `$PLATFORM` (also in braces); the latter two have several values.
    fn expand(&self, dir: &BStr, request: Lookup) -> Vec<BString> {
        let names = request.linkage.machine.names();
        let mut all = vec![BString::from(dir)];
        if dir.contains(&b'$') {
            let lib = names.multiarch.iter().map(|multiarch| format!("lib/{multiarch}"));
            let lib: Vec<String> = lib.chain(["lib64".into(), "lib".into()]).collect();
            let platform: Vec<String> = names.platform.iter().map(|&platform| platform.into()).collect();
            all = substitute(all, "ORIGIN", &[request.origin.to_owned()]);
            all = substitute(all, "LIB", &lib.into_iter().map(BString::from).collect::<Vec<_>>());
            all = substitute(all, "PLATFORM", &platform.into_iter().map(BString::from).collect::<Vec<_>>());
        }
        for path in all.iter_mut().filter(|path| !path.starts_with(b"/")) {
            *path = [self.workdir.as_slice(), b"/", path.as_slice()].concat().into();
        }
        all
    }
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
