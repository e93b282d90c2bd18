//! Libraries that strings name without their version, or in part.
//!
//! Loaders put names together: a version or a suffix behind what they know (`libcudnn_cnn.so` and `.9`), conversions
//! (`lib%s_cuda%d.so`), a choice by what the machine can do (`_avx2`, `-sm90`). Which one it becomes depends on the machine that
//! runs the image, so all stay that fit: of the same software, in the same folder, and in the folders where the loader looks
//! for this file's libraries. A whole name that none of these has means those where loaders look for everyone's, else any of
//! that name: who loads it may have looked in a folder that it found in some other way, or another one may have loaded it.

use std::collections::{BTreeSet, HashMap};

use bstr::{BString, ByteSlice};
use rustc_hash::{FxHashMap, FxHashSet};

use super::folders::Folders;
use super::{is_library, with_holes};
use crate::owners::{Ecosystem, OwnerId, Owners};
use crate::reach::command::fits;
use crate::reach::elf::facts::ElfFacts;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::reach::hole::HOLE;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// A shorter beginning says nothing. `libX` at least.
const MIN_STEM: usize = 5;
/// How many names may be compared for one image. Once they are used up, all libraries of a group stay.
const MAX_LOOKS: usize = 1_000_000;

/// The libraries of one image.
#[derive(Debug)]
pub(super) struct Libraries<'a> {
    rootfs: &'a Rootfs,
    owners: &'a Owners,
    /// Found when first asked for.
    index: Option<Index>,
    looks: usize,
    /// The first libraries of groups that stayed as a whole.
    whole: FxHashSet<NodeId>,
}

/// Libraries in groups, each sorted by name.
#[derive(Debug, Default)]
struct Index {
    /// Those in a folder that is not everyone's.
    by_folder: FxHashMap<NodeId, Vec<NodeId>>,
    /// Those that packages of one source brought, by the first of these packages.
    by_software: FxHashMap<OwnerId, Vec<NodeId>>,
    /// All, by their names without version. Whether they lie where loaders look for everyone's.
    by_name: HashMap<BString, Vec<(NodeId, bool)>>,
    /// The first of the packages that were built from the same source.
    first: FxHashMap<OwnerId, OwnerId>,
}

impl Index {
    fn of(rootfs: &Rootfs, owners: &Owners, folders: &mut Folders<'_>) -> Self {
        let tree = &rootfs.tree;
        let mut index = Self::default();
        for node in tree.iter().filter(|&node| !tree.inode(node).is_dir() && is_library(tree.name(node))) {
            let folder = tree.parent(node);
            let is_common = folders.is_searched(folder);
            index.by_name.entry(without_version(tree.name(node)).into()).or_default().push((node, is_common));
            if !is_common {
                index.by_folder.entry(folder).or_default().push(node);
            }
            if let Some(owner) = owners.of(node) {
                let first = index.first.entry(owner);
                let first = *first.or_insert_with(|| owners.siblings(owner).into_iter().min().unwrap_or(owner));
                index.by_software.entry(first).or_default().push(node);
            }
        }
        for group in index.by_folder.values_mut().chain(index.by_software.values_mut()) {
            group.sort_unstable_by_key(|&node| (tree.name(node), node));
        }
        index
    }

    /// The libraries that a text names, whole or in part: those in `groups`, else, by a whole name, any.
    fn named(&self, tree: &Tree, groups: &[&[NodeId]], text: &str, looks: &mut usize) -> Vec<NodeId> {
        let Some(asked) = Asked::of(text) else { return Vec::new() };
        let mut files: Vec<NodeId> = groups.iter().flat_map(|group| fitting(tree, group, &asked, looks)).collect();
        if let Asked::Name(name) = asked
            && !files.iter().any(|&file| with_version(name, tree.name(file)))
        {
            files.extend(self.elsewhere(tree, name));
        }
        files
    }

    /// The libraries anywhere that a whole name means, which its own software has not.
    fn elsewhere(&self, tree: &Tree, name: &str) -> Vec<NodeId> {
        let all = self.by_name.get(without_version(name.as_bytes()).as_bstr()).into_iter().flatten();
        let fits = |&&(file, _): &&(NodeId, bool)| with_version(name, tree.name(file));
        let (common, other): (Vec<_>, Vec<_>) = all.filter(fits).partition(|(_, is_common)| *is_common);
        // The loader takes one of exactly this name.
        if common.iter().any(|&(file, _)| tree.name(file) == name) {
            return Vec::new();
        }
        let found = if common.is_empty() { other } else { common };
        found.into_iter().map(|(file, _)| file).collect()
    }

    /// The groups that what the file at `node` names in part is looked for in.
    fn groups(&self, rootfs: &Rootfs, owners: &Owners, node: NodeId, facts: Option<&ElfFacts>) -> Vec<&[NodeId]> {
        let tree = &rootfs.tree;
        let mut dirs = BTreeSet::from([tree.parent(node)]);
        dirs.extend(facts.into_iter().flat_map(|facts| searched(tree, node, facts)));
        let first = owners.of(node).and_then(|owner| self.first.get(&owner));
        let software = first.and_then(|first| self.by_software.get(first));
        dirs.iter().filter_map(|dir| self.by_folder.get(dir)).chain(software).map(Vec::as_slice).collect()
    }

    /// The libraries in folders where the loader looks for those of the file at `node`, which loads libraries, and where none
    /// lies that it needs from the start: the folders are there for those whose names it makes (`"lib" + name + ".so"`). Not
    /// what several packages of a system have in common.
    fn only_loaded(&self, tree: &Tree, owners: &Owners, node: NodeId, facts: &ElfFacts) -> Vec<NodeId> {
        let is_needed = |file: NodeId| facts.needed.iter().any(|name| name == tree.name(file));
        let software = |file: NodeId| owners.of(file).and_then(|owner| self.first.get(&owner));
        let is_distributions =
            |file: NodeId| owners.of(file).is_none_or(|owner| owners.get(owner).ecosystem == Ecosystem::Python);
        let is_theirs = |group: &&Vec<NodeId>| {
            let of_one =
                group.iter().all(|&file| group.first().is_some_and(|&first| software(file) == software(first)));
            !group.iter().any(|&file| is_needed(file)) && (of_one || group.iter().all(|&file| is_distributions(file)))
        };
        let dirs = searched(tree, node, facts).into_iter().filter(|&dir| dir != tree.parent(node));
        dirs.filter_map(|dir| self.by_folder.get(&dir)).filter(is_theirs).flatten().copied().collect()
    }
}

/// The folders in which the loader looks for libraries of the file at `node` first, by its RPATH and RUNPATH (see ld.so(8)).
fn searched(tree: &Tree, node: NodeId, facts: &ElfFacts) -> BTreeSet<NodeId> {
    let here = tree.parent(node);
    let dirs = facts.runpath.iter().chain(&facts.rpath).filter_map(|dir| {
        let dir = dir.replace("${ORIGIN}", "$ORIGIN");
        match dir.strip_prefix(b"$ORIGIN") {
            Some(rest) => tree.resolve_from(here, rest.trim_start_with(|c| c == '/')).map(|found| found.node),
            None => tree.follow(dir),
        }
    });
    dirs.collect()
}

/// What a part of a name asks for.
#[derive(Debug)]
enum Asked<'s> {
    /// A whole name, maybe without its version.
    Name(&'s str),
    /// How names begin.
    Beginning(&'s str),
    /// How names end, but for the version.
    End(&'s str),
    /// Names with holes in them.
    Pattern(String),
}

impl<'s> Asked<'s> {
    fn of(text: &'s str) -> Option<Self> {
        let pattern = with_wildcards(text);
        if let Some((stem, version)) = text.split_once(".so").filter(|_| pattern.contains(HOLE))
            && !with_wildcards(stem).contains(HOLE)
            && (version.starts_with('.') || with_wildcards(version).starts_with(HOLE))
        {
            let name = text.get(..stem.len() + 3).unwrap_or(text);
            return is_library(name.as_bytes()).then_some(Self::Name(name));
        }
        if pattern.contains(HOLE) {
            // Behind a beginning may be anything, and `lib` and `.so` alone say nothing.
            let pattern = if pattern.contains(".so") { pattern } else { format!("{pattern}{HOLE}") };
            let said = pattern.split_once(".so").map_or(&*pattern, |(before, _)| before);
            let said = said.strip_prefix("lib").unwrap_or(said);
            return said.contains(|c: char| c.is_ascii_alphanumeric()).then_some(Self::Pattern(pattern));
        }
        // `.cpython-311-x86_64-linux-gnu.so` is how files of a kind end, and says nothing of which.
        if text.starts_with('.') {
            return None;
        }
        if text.starts_with(['_', '-']) {
            return is_library(text.as_bytes()).then_some(Self::End(text));
        }
        if is_library(text.as_bytes()) {
            return Some(Self::Name(text));
        }
        (text.len() >= MIN_STEM && !text.contains(".so")).then_some(Self::Beginning(text))
    }

    /// How every name that fits begins.
    fn prefix(&self) -> &str {
        match self {
            Self::Name(name) => name.split_once(".so").map_or(*name, |(stem, _)| stem),
            Self::Beginning(text) => text,
            Self::End(_) => "",
            Self::Pattern(pattern) => pattern.split(HOLE).next().unwrap_or_default(),
        }
    }

    fn fits(&self, name: &[u8]) -> bool {
        match self {
            // With a version behind it, or another part of the name before its end.
            Self::Name(text) => with_version(text, name) || (text.ends_with(".so") && is_longer(self.prefix(), name)),
            Self::Beginning(text) => is_longer(text, name),
            Self::End(text) => name.ends_with(text.as_bytes()) || without_version(name).ends_with(text.as_bytes()),
            Self::Pattern(pattern) => fits(pattern, name) || fits(pattern, without_version(name)),
        }
    }
}

/// Whether a name goes on behind `stem` with another part: `libcudnn` does in `libcudnn_cnn.so.9`, and not in `libcudnnx.so`.
fn is_longer(stem: &str, name: &[u8]) -> bool {
    let is_mark = |b: u8| b"_-.".contains(&b);
    name.strip_prefix(stem.as_bytes()).is_some_and(|rest| {
        stem.bytes().last().is_some_and(is_mark) || rest.first().is_some_and(|&b| is_mark(b) || b.is_ascii_digit())
    })
}

/// Whether a name is `text`, maybe with a version put on.
fn with_version(text: &str, name: &[u8]) -> bool {
    name.strip_prefix(text.as_bytes()).is_some_and(|rest| rest.is_empty() || rest.starts_with(b"."))
}

/// `libz.so` for `libz.so.1.2`.
fn without_version(name: &[u8]) -> &[u8] {
    name.trim_end_with(|c| c == '.' || c.is_ascii_digit())
}

/// A text with holes in the places of conversions (of printf(3), of C++'s and Python's `format`) and of wildcards.
fn with_wildcards(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let holes = with_holes(text);
    let mut rest = holes.as_str();
    while let Some(at) = rest.find(['{', '*', '?', '[']) {
        let (before, after) = rest.split_at(at);
        out.push_str(before);
        out.push(HOLE);
        let close = match after.bytes().next() {
            Some(b'{') => after.find('}'),
            Some(b'[') => after.find(']'),
            _ => Some(0),
        };
        rest = close.and_then(|close| after.get(close + 1..)).unwrap_or_default();
    }
    out.push_str(rest);
    out
}

impl<'a> Libraries<'a> {
    pub(super) fn new(rootfs: &'a Rootfs, owners: &'a Owners) -> Self {
        Self { rootfs, owners, index: None, looks: MAX_LOOKS, whole: FxHashSet::default() }
    }

    /// Marks the libraries that strings of the file at `node` name without their version or in part, and, where it loads
    /// libraries, those whose names begin with its own.
    pub(super) fn resolve(
        &mut self,
        graph: &mut Graph,
        node: NodeId,
        facts: &ElfFacts,
        folders: &mut Folders<'_>,
        is_cut: &impl Fn(&str) -> bool,
    ) {
        let (rootfs, owners) = (self.rootfs, self.owners);
        let index = self.index.get_or_insert_with(|| Index::of(rootfs, owners, folders));
        let groups = index.groups(rootfs, owners, node, Some(facts));
        // `lib_` and such: of words only those that ask for more.
        let loads = facts.loads_libraries();
        let mut texts: Vec<&str> = facts.stems.iter().chain(&facts.libraries).map(|text| &**text).collect();
        if loads {
            let words = facts.words.iter().map(|word| &**word);
            texts.extend(words.filter(|word| word.len() >= MIN_STEM && word.ends_with(['_', '-'])));
        }
        let mut texts: Vec<&str> = texts.into_iter().map(|text| text.rsplit('/').next().unwrap_or_default()).collect();
        texts.sort_unstable();
        texts.dedup();
        let mut found: Vec<(NodeId, Evidence)> = Vec::new();
        for text in texts {
            let evidence = Evidence::new(EvidenceKind::Dlopen, format!("string {text}"));
            let files = index.named(&rootfs.tree, &groups, text, &mut self.looks);
            found.extend(files.into_iter().map(|file| (file, evidence.clone())));
        }
        if loads {
            found.extend(own(&rootfs.tree, node, &groups, &mut self.looks));
            let evidence = Evidence::new(EvidenceKind::Dlopen, "any library where it looks for those of others");
            let loaded = index.only_loaded(&rootfs.tree, owners, node, facts);
            found.extend(loaded.into_iter().map(|file| (file, evidence.clone())));
        }
        if self.looks == 0 {
            let what = "more parts of names of libraries are in strings than can be looked at".to_owned();
            graph.uncertain_once(None, 0, what, "all libraries beside those that were left were kept".to_owned());
            let evidence = Evidence::new(EvidenceKind::Dlopen, "any library beside it");
            let new = groups.iter().filter(|group| group.first().is_some_and(|&first| self.whole.insert(first)));
            found.extend(new.flat_map(|group| group.iter().map(|&file| (file, evidence.clone()))));
        }
        for (file, evidence) in found {
            let name = rootfs.tree.name(file).to_str();
            if file != node && name.is_ok_and(|name| !is_cut(name)) {
                graph.reach_followed(Some(node), file, &evidence);
            }
        }
    }

    /// Marks the libraries that a text in code at `node` names, whole or in part.
    pub(super) fn name(
        &mut self,
        graph: &mut Graph,
        node: NodeId,
        text: &str,
        folders: &mut Folders<'_>,
        evidence: &Evidence,
    ) {
        let (rootfs, owners) = (self.rootfs, self.owners);
        let index = self.index.get_or_insert_with(|| Index::of(rootfs, owners, folders));
        let groups = index.groups(rootfs, owners, node, None);
        let mut files = index.named(&rootfs.tree, &groups, text, &mut self.looks);
        if self.looks == 0 {
            files = groups.concat();
        }
        for file in files {
            graph.reach_followed(Some(node), file, evidence);
        }
    }
}

/// The libraries whose names begin with that of the file at `node`, which loads libraries: names that are put together begin so.
fn own(tree: &Tree, node: NodeId, groups: &[&[NodeId]], looks: &mut usize) -> Vec<(NodeId, Evidence)> {
    let own = tree.name(node).to_str().ok().and_then(|name| name.split_once(".so")).map(|(stem, _)| stem);
    let Some(own) = own.filter(|stem| stem.len() >= MIN_STEM) else { return Vec::new() };
    let evidence = Evidence::new(EvidenceKind::Dlopen, format!("its own {own}…"));
    let asked = Asked::Beginning(own);
    let fitting = groups.iter().flat_map(|group| fitting(tree, group, &asked, looks));
    // What links to the file itself is a name that others use.
    let leads_here =
        |&file: &NodeId| tree.resolve_from(tree.parent(file), tree.name(file)).is_some_and(|found| found.node == node);
    fitting.filter(|file| !leads_here(file)).map(|file| (file, evidence.clone())).collect()
}

/// The files of a sorted group that fit.
fn fitting(tree: &Tree, group: &[NodeId], asked: &Asked<'_>, looks: &mut usize) -> Vec<NodeId> {
    let prefix = asked.prefix().as_bytes();
    let first = group.partition_point(|&file| tree.name(file).as_bytes() < prefix);
    let candidates = group.get(first..).unwrap_or_default();
    let candidates = candidates.iter().copied().take_while(|&file| tree.name(file).starts_with(prefix));
    let candidates: Vec<NodeId> = candidates.take(*looks).collect();
    *looks -= candidates.len();
    candidates.into_iter().filter(|&file| asked.fits(tree.name(file))).collect()
}

#[cfg(test)]
mod tests {
    use super::super::tests as trial;
    use super::*;
    use crate::reach::elf::fixture::ElfFile;
    use crate::rootfs::Builder;

    /// The files that the one at `path` names.
    fn named(rootfs: &Rootfs, packages: &[(&str, &str, &str)], path: &str) -> Vec<String> {
        trial::named(rootfs, packages, path).into_keys().collect()
    }

    /// The files of `names` that a library at `/opt/n/lib/libn.so.9` with these strings keeps.
    fn beside(strings: &[&str], names: &[&str]) -> Vec<String> {
        let library = strings.iter().fold(ElfFile::new(), |file, text| file.string(text)).build();
        let tree = Builder::new().file("/opt/n/lib/libn.so.9", &library);
        let rootfs = names.iter().fold(tree, |tree, name| tree.file(&format!("/opt/n/lib/{name}"), b"")).build();
        let found = named(&rootfs, &[("/opt/n", "n", "n")], "/opt/n/lib/libn.so.9");
        found.into_iter().map(|path| path.trim_start_matches("/opt/n/lib/").to_owned()).collect()
    }

    /// cuDNN's `libcudnn.so.9` says `libcudnn_cnn.so` and puts its version behind it.
    #[test]
    fn a_name_without_version_is_that_of_all_versions() {
        let there = ["libn_cnn.so.9", "libn_cnn.so.9.1.0", "libn_ops.so.9", "liba.so.8"];
        assert_eq!(beside(&["libn_cnn.so"], &there), ["libn_cnn.so.9", "libn_cnn.so.9.1.0"]);
        assert_eq!(beside(&["cannot load libn_ops.so.9: no such file"], &there), ["libn_ops.so.9"]);
        assert_eq!(beside(&["/usr/local/n/lib64/libn_ops.so"], &there), ["libn_ops.so.9"]);
        assert_eq!(beside(&["libn_cnn.so.9"], &there), ["libn_cnn.so.9", "libn_cnn.so.9.1.0"]);
        assert_eq!(beside(&["libn_cnn.so.%d"], &there), ["libn_cnn.so.9", "libn_cnn.so.9.1.0"]);
        assert_eq!(beside(&["libn_cnn.so.*[0-9]"], &there), ["libn_cnn.so.9", "libn_cnn.so.9.1.0"]);
        assert_eq!(beside(&["liba.so.9", "libn_ops.so.8", "libn_cnnx.so"], &there), Vec::<String>::new());
    }

    #[test]
    fn beginnings_ends_and_conversions_name_all_that_fit() {
        let there = ["libq-sm90.so.1", "libq_a_cuda12.so", "libq_avx2.so", "libqq.so", "plug_ibrc.so.3"];
        assert_eq!(beside(&["lib%s_cuda%d.so"], &there), ["libq_a_cuda12.so"]);
        assert_eq!(beside(&["lib{}_cuda{:d}.so"], &there), ["libq_a_cuda12.so"]);
        assert_eq!(beside(&["libq-sm%d.so"], &there), ["libq-sm90.so.1"]);
        assert_eq!(beside(&["_avx2.so"], &there), ["libq_avx2.so"]);
        assert_eq!(beside(&["libq_"], &there), ["libq_a_cuda12.so", "libq_avx2.so"]);
        assert_eq!(beside(&["libq.so"], &there), ["libq-sm90.so.1", "libq_a_cuda12.so", "libq_avx2.so"]);
        assert_eq!(beside(&["plug_%s.so"], &there), ["plug_ibrc.so.3"]);
        let nothing = ["lib%s.so", "%s.so", ".so", ".cuda12.so", "plug", "libx_"];
        assert_eq!(beside(&nothing, &["liba.cuda12.so", "libq_a.so"]), Vec::<String>::new());
    }

    #[test]
    fn one_that_loads_libraries_keeps_those_that_begin_with_its_own_name() {
        let library = |file: ElfFile| {
            Builder::new()
                .file("/opt/n/libnv.so.12", &file.build())
                .file("/opt/n/libnv-builtins.so.12.8", b"")
                .file("/opt/n/libnvx.so.12", b"")
                .symlink("/opt/n/libnv.so", "libnv.so.12")
                .file("/opt/m/libnv_more.so", b"")
                .file("/opt/o/libnv_other.so", b"")
                .build()
        };
        let packages = [("/opt/n", "n", "nv"), ("/opt/m", "m", "nv"), ("/opt/o", "o", "o")];
        let found = named(&library(ElfFile::new().import("dlopen")), &packages, "/opt/n/libnv.so.12");
        assert_eq!(found, ["/opt/m/libnv_more.so", "/opt/n/libnv-builtins.so.12.8"]);
        assert!(named(&library(ElfFile::new()), &packages, "/opt/n/libnv.so.12").is_empty(), "it loads nothing");
        let words = ElfFile::new().import("dlopen").string("libnv_oth").string("libnvx").string("any_");
        assert_eq!(named(&library(words), &packages, "/opt/n/libnv.so.12").len(), 3, "libnvx is a whole name");
    }

    /// In folders of everyone's a part of a name says something only to the software that brought it; a whole name is what the
    /// loader looks for, or what somebody else has loaded.
    #[test]
    fn folders_of_everyones() {
        let library = ElfFile::new().string("libcommon.so").string("libexact.so").string("libpart_");
        let rootfs = Builder::new()
            .file("/usr/lib/liba.so.1", &library.string("libfar.so.%d").build())
            .file("/opt/far/lib/libfar.so.2", b"")
            .file("/opt/far/lib/libcommon.so.2", b"")
            .file("/usr/lib/libcommon.so.3", b"")
            .file("/usr/lib/libexact.so", b"")
            .file("/usr/lib/libexact.so.4", b"")
            .file("/usr/lib/libpart_a.so.1", b"")
            .file("/usr/lib/libpart_b.so.1", b"")
            .build();
        let packages = [("/usr/lib", "x", "x"), ("/usr/lib/liba", "a", "a"), ("/usr/lib/libpart_a", "a", "a")];
        let found = named(&rootfs, &packages, "/usr/lib/liba.so.1");
        assert_eq!(found, ["/opt/far/lib/libfar.so.2", "/usr/lib/libcommon.so.3", "/usr/lib/libpart_a.so.1"]);
        let cut = |name: &str| name.starts_with("libcommon");
        let found: Vec<String> = trial::named_but(&rootfs, &packages, "/usr/lib/liba.so.1", &cut).into_keys().collect();
        assert_eq!(found, ["/opt/far/lib/libfar.so.2", "/usr/lib/libpart_a.so.1"], "a rule knows better");
    }

    /// PyTorch's libraries find those of NVIDIA's packages by RUNPATH.
    #[test]
    fn where_the_loader_looks_for_a_files_own_libraries() {
        let library = ElfFile::new()
            .runpath("$ORIGIN/../../nv/lib:/none")
            .string("libnv_rtc.so.13")
            .string("libnv_rtc.so")
            .build();
        let rootfs = Builder::new()
            .file("/opt/torch/lib/libtorch.so", &library)
            .file("/opt/nv/lib/libnv_rtc.so.12", b"")
            .file("/opt/else/lib/libnv_rtc.so.12", b"")
            .build();
        let packages = [("/opt/torch", "torch", "torch"), ("/opt/nv", "nv", "nv"), ("/opt/else", "e", "e")];
        assert_eq!(named(&rootfs, &packages, "/opt/torch/lib/libtorch.so"), ["/opt/nv/lib/libnv_rtc.so.12"]);
    }

    /// TensorFlow calls a library `cudnn` and makes the rest of its name; its RUNPATH says where.
    #[test]
    fn folders_of_libraries_that_are_only_loaded() {
        let library = |file: ElfFile| {
            let runpath = "$ORIGIN/../nv/lib:$ORIGIN/../own/lib:$ORIGIN/../../env/lib:$ORIGIN";
            Builder::new()
                .file("/opt/tf/libtf.so.2", &file.runpath(runpath).needed("libown.so").build())
                .file("/opt/tf/libelse.so", b"")
                .file("/opt/nv/lib/libnv.so.9", b"")
                .file("/opt/nv/lib/libnv_ops.so.9", b"")
                .file("/opt/own/lib/libown.so", b"")
                .file("/opt/own/lib/libmore.so", b"")
                .file("/env/lib/liba.so", b"")
                .file("/env/lib/libb.so", b"")
                .build()
        };
        let packages = [
            ("/opt/tf", "tf", "tf"),
            ("/opt/nv", "nv", "nv"),
            ("/opt/own", "own", "own"),
            ("/env/lib/liba", "a", "a"),
            ("/env/lib/libb", "b", "b"),
        ];
        let loads = ElfFile::new().import("dlopen");
        let found = named(&library(loads), &packages, "/opt/tf/libtf.so.2");
        assert_eq!(found, ["/opt/nv/lib/libnv.so.9", "/opt/nv/lib/libnv_ops.so.9"]);
        assert!(named(&library(ElfFile::new()), &packages, "/opt/tf/libtf.so.2").is_empty(), "it loads nothing");
    }

    #[test]
    fn many_parts_of_names_and_many_libraries_end_and_keep_them() {
        const COUNT: usize = 1_500;
        let file = (0..COUNT).fold(ElfFile::new(), |file, n| file.string(&format!("%s{n}_x%d.so")));
        let tree = Builder::new().file("/opt/n/libn.so", &file.build());
        let rootfs = (0..COUNT).fold(tree, |tree, n| tree.file(&format!("/opt/n/lib{n}.so"), b"")).build();
        let start = std::time::Instant::now();
        assert_eq!(named(&rootfs, &[("/opt", "n", "n")], "/opt/n/libn.so").len(), COUNT);
        assert!(start.elapsed() < std::time::Duration::from_secs(20), "{:?}", start.elapsed());
    }
}
