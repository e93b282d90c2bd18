//! The libraries bantam resolves for every ELF file of an image, compared with what the image's own loader
//! resolves. Needs Docker, so it runs only when asked to:
//!
//! ```sh
//! tests/e2e/list-libraries.sh IMAGE > /tmp/list
//! docker export $(docker create IMAGE) > /tmp/tree.tar
//! ELF_LIST=/tmp/list ELF_TREE=/tmp/tree.tar cargo test --test elf_closure -- --ignored --nocapture
//! ```
//!
//! For a musl tree: `chroot TREE /lib/ld-musl-x86_64.so.1 --list FILE` for every FILE, and a tar of TREE.
//!
//! It fails if a library that the loader takes is not resolved. What bantam resolves beyond that is listed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use bantam::reach::elf::{ElfFacts, Linker, facts};
use bantam::reach::{Context, Evidence, EvidenceKind, Graph};
use bantam::rootfs::{Builder, NodeId, Rootfs};

/// A tree with the contents of ELF files and of what the loader reads; other files are empty.
fn tree(path: &str) -> Rootfs {
    let mut archive = tar::Archive::new(std::fs::File::open(path).unwrap());
    let mut builder = Builder::new();
    let mut links = Vec::new();
    for entry in archive.entries().unwrap() {
        let mut entry = entry.unwrap();
        let path = String::from_utf8_lossy(&entry.path_bytes()).into_owned();
        let path = format!("/{}", path.trim_start_matches("./").trim_end_matches('/'));
        let target = entry.link_name_bytes().map(|name| String::from_utf8_lossy(&name).into_owned());
        match entry.header().entry_type() {
            tar::EntryType::Directory => builder = builder.dir(&path),
            tar::EntryType::Symlink => builder = builder.symlink(&path, &target.unwrap()),
            tar::EntryType::Link => links.push((path, format!("/{}", target.unwrap().trim_start_matches("./")))),
            _ => {
                let mut content = Vec::new();
                entry.read_to_end(&mut content).unwrap();
                if !content.starts_with(b"\x7fELF") && !path.starts_with("/etc/ld") {
                    content.clear();
                }
                builder = builder.exe(&path, &content);
            }
        }
    }
    links.into_iter().fold(builder, |builder, (path, target)| builder.hardlink(&path, &target)).build()
}

/// What the loader said: files by path, each with the libraries it loads, or none if it failed.
fn list(path: &str) -> BTreeMap<String, Option<BTreeSet<String>>> {
    let text = std::fs::read_to_string(path).unwrap();
    let mut files = BTreeMap::new();
    for block in text.split("== ").filter(|block| !block.is_empty()) {
        let mut lines = block.lines();
        let file = lines.next().unwrap().to_owned();
        let mut libraries = BTreeSet::new();
        let mut failed = false;
        for line in lines {
            let found = line.trim().split(" (0x").next().unwrap_or_default();
            let found = found.split(" => ").last().unwrap_or_default();
            failed |= line.starts_with("!!") || line.contains("not found") || !line.starts_with('\t');
            if found.starts_with('/') {
                libraries.insert(found.to_owned());
            }
        }
        files.insert(file, (!failed).then_some(libraries));
    }
    files
}

/// Everything that the file at `node` needs, directly or not.
fn closure(rootfs: &Rootfs, all: &mut BTreeMap<NodeId, Option<ElfFacts>>, node: NodeId) -> BTreeSet<NodeId> {
    let mut graph = Graph::new(rootfs);
    let mut resolver = Linker::new(rootfs, &Context { workdir: "/".into(), ..Context::default() });
    graph.reach(None, node, Evidence::new(EvidenceKind::EntryPoint, "the file itself"));
    let mut reached = BTreeSet::new();
    loop {
        let wave = graph.take_frontier();
        if wave.is_empty() {
            return reached;
        }
        for node in wave {
            let facts = all.entry(node).or_insert_with(|| facts(&rootfs.read_within(node, u64::MAX).unwrap()));
            if let Some(facts) = facts {
                // Only what the loader does at the start: no strings, no notes.
                let needs = ElfFacts {
                    interpreter: facts.interpreter.clone(),
                    needed: facts.needed.clone(),
                    rpath: facts.rpath.clone(),
                    runpath: facts.runpath.clone(),
                    no_default_lib: facts.no_default_lib,
                    is_64: facts.is_64,
                    big_endian: facts.big_endian,
                    machine: facts.machine,
                    ..ElfFacts::default()
                };
                resolver.resolve(&mut graph, node, &needs);
                reached.insert(node);
            }
        }
    }
}

#[test]
#[ignore = "needs an image's tree and its loader's own list: see the top of the file"]
fn closures_equal_the_loaders_own() {
    let rootfs = tree(&std::env::var("ELF_TREE").unwrap());
    let list = list(&std::env::var("ELF_LIST").unwrap());
    let mut all = BTreeMap::new();
    let (mut equal, mut failed, mut missing, mut more) = (0, Vec::new(), Vec::new(), Vec::new());
    for (file, theirs) in &list {
        let Some(node) = rootfs.tree.follow(file) else { continue };
        let Some(theirs) = theirs else {
            failed.push(file);
            continue;
        };
        let mut ours = closure(&rootfs, &mut all, node);
        ours.remove(&node);
        let theirs: BTreeSet<NodeId> =
            theirs.iter().map(|path| rootfs.tree.follow(path).unwrap()).filter(|&n| n != node).collect();
        let names =
            |nodes: Vec<&NodeId>| nodes.into_iter().map(|&n| rootfs.tree.path(n).to_string()).collect::<Vec<_>>();
        let absent = names(theirs.difference(&ours).collect());
        let extra = names(ours.difference(&theirs).collect());
        equal += usize::from(absent.is_empty() && extra.is_empty());
        if !absent.is_empty() {
            missing.push((file, absent));
        }
        if !extra.is_empty() {
            more.push((file, extra));
        }
    }
    println!("{} files, {equal} equal, {} that the loader refuses", list.len(), failed.len());
    missing.iter().for_each(|(file, names)| println!("missing {file}: {names:?}"));
    more.iter().for_each(|(file, names)| println!("more {file}: {names:?}"));
    failed.iter().for_each(|file| println!("refused {file}"));
    assert!(equal > 0 && missing.is_empty());
}

/// Prints what the files named by `ELF_ENTRY` (separated by colons) reach, with strings, and by which evidence.
#[test]
#[ignore = "a tool for looking at real images: see the top of the file"]
fn what_files_reach() {
    let rootfs = tree(&std::env::var("ELF_TREE").unwrap());
    let mut graph = Graph::new(&rootfs);
    let mut resolver = Linker::new(&rootfs, &Context { workdir: "/".into(), ..Context::default() });
    for entry in std::env::var("ELF_ENTRY").unwrap().split(':') {
        graph
            .reach_path(None, bantam::rootfs::Tree::ROOT, entry, &Evidence::new(EvidenceKind::EntryPoint, entry))
            .unwrap();
    }
    loop {
        let wave = graph.take_frontier();
        if wave.is_empty() {
            break;
        }
        for node in wave {
            let edge = graph.edge(node).cloned().unwrap();
            let from = edge.from.map(|from| rootfs.tree.path(from).to_string()).unwrap_or_default();
            println!("{} <- {from} {:?} {}", rootfs.tree.path(node), edge.evidence.kind, edge.evidence.detail);
            if let Some(facts) = facts(&rootfs.read_within(node, u64::MAX).unwrap()) {
                resolver.resolve(&mut graph, node, &facts);
            }
        }
    }
    graph.uncertainties.iter().for_each(|unsure| println!("{unsure:?}"));
}
