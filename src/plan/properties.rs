//! What holds for the plan of any image, on generated ones: packages of Debian with programs, libraries, links and modules.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use proptest::prelude::*;

use super::testing::keep;
use super::{Bytecode, Inputs, Plan, apply, decide, records, symbols};
use crate::image::RunConfig;
use crate::owners;
use crate::profile::{Matchers, ProfileSet};
use crate::reach::entrypoint::Launch;
use crate::reach::{self, Request};
use crate::rootfs::{Builder, Kind, NodeId, Rootfs, Tree};

static PROFILES: LazyLock<ProfileSet> = LazyLock::new(|| ProfileSet::builtin().unwrap());

/// How many things of a kind there may be.
const COUNT: usize = 6;

/// A file, by the number in its name, and the numbers of what it asks for.
#[derive(Clone, Debug)]
enum Item {
    Program(usize, Vec<usize>),
    Library(usize, Vec<usize>),
    Script(usize, Vec<usize>),
    Module(usize, Vec<usize>),
    Data(usize),
    /// To a library, a program, data, a folder, or nothing.
    Link(usize, usize),
}

fn library(number: usize) -> String {
    format!("/usr/lib/lib{number}.so")
}

/// An ELF file for x86-64 that needs these libraries, and has nothing else in it (elf(5)).
fn elf(needed: &[usize]) -> Vec<u8> {
    const HEAD: u64 = 64 + 2 * 56;
    let mut strings = vec![0];
    let mut dynamic = Vec::new();
    for number in needed {
        dynamic.push([1, strings.len() as u64]);
        strings.extend_from_slice(format!("lib{number}.so\0").as_bytes());
    }
    let table = 16 * (dynamic.len() as u64 + 3);
    dynamic.extend([[5, HEAD + table], [10, strings.len() as u64], [0, 0]]);
    let size = HEAD + table + strings.len() as u64;
    let halves = |halves: &[u16]| halves.iter().flat_map(|half| half.to_le_bytes()).collect::<Vec<u8>>();
    let words = |words: &[u32]| words.iter().flat_map(|word| word.to_le_bytes()).collect::<Vec<u8>>();
    let longs = |longs: &[u64]| longs.iter().flat_map(|long| long.to_le_bytes()).collect::<Vec<u8>>();
    let segment = |kind, at, size| [words(&[kind, 5]), longs(&[at, at, at, size, size, 8])].concat();
    [
        b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0".to_vec(),
        halves(&[3, 62]),
        words(&[1]),
        longs(&[0, 64, 0]),
        words(&[0]),
        halves(&[64, 56, 2, 64, 0, 0]),
        segment(1, 0, size),
        segment(2, HEAD, table),
        longs(dynamic.as_flattened()),
        strings,
    ]
    .concat()
}

impl Item {
    fn path(&self) -> String {
        match self {
            Self::Program(number, _) => format!("/usr/bin/program{number}"),
            Self::Library(number, _) => library(*number),
            Self::Script(number, _) => format!("/usr/bin/script{number}"),
            Self::Module(number, _) => format!("/usr/lib/python3/dist-packages/module{number}.py"),
            Self::Data(number) => format!("/usr/share/data{number}/file"),
            Self::Link(number, _) => format!("/usr/lib/link{number}.so"),
        }
    }

    fn add_to(&self, builder: Builder) -> Builder {
        let path = &self.path();
        let lines = |of: &dyn Fn(&usize) -> String, numbers: &[usize]| numbers.iter().map(of).collect::<String>();
        match self {
            Self::Program(_, needed) | Self::Library(_, needed) => builder.exe(path, &elf(needed)),
            Self::Script(_, runs) => {
                let code = lines(&|n| format!("program{n}\n. script{n}\ncat /usr/share/data{n}/file\n"), runs);
                builder.exe(path, format!("#!/bin/sh\n{code}").as_bytes())
            }
            Self::Module(_, imports) => {
                builder.file(path, lines(&|n| format!("import module{n}\n"), imports).as_bytes())
            }
            Self::Data(_) => builder.file(path, b"data"),
            Self::Link(_, to) => {
                let number = to / 5;
                let target = match to % 5 {
                    0 => format!("lib{number}.so"),
                    1 => format!("../bin/program{number}"),
                    2 => format!("/usr/share/data{number}/file"),
                    3 => format!("/usr/share/data{number}"),
                    _ => "nowhere".to_owned(),
                };
                builder.symlink(path, &target)
            }
        }
    }
}

/// Items, each with the package that it is in, if any.
type Items = Vec<(Item, Option<usize>)>;

fn items() -> impl Strategy<Value = Items> {
    let asks = || prop::collection::vec(0..COUNT, 0..3);
    let item = prop_oneof![
        (0..COUNT, asks()).prop_map(|(number, asks)| Item::Program(number, asks)),
        (0..COUNT, asks()).prop_map(|(number, asks)| Item::Library(number, asks)),
        (0..COUNT, asks()).prop_map(|(number, asks)| Item::Script(number, asks)),
        (0..COUNT, asks()).prop_map(|(number, asks)| Item::Module(number, asks)),
        (0..COUNT).prop_map(Item::Data),
        (0..COUNT, 0..5 * COUNT).prop_map(|(number, to)| Item::Link(number, to)),
    ];
    prop::collection::vec((item, prop::option::weighted(0.8, 0..4_usize)), 0..24).prop_map(|mut items| {
        let mut seen = BTreeSet::new();
        items.retain(|(item, _)| seen.insert(item.path()));
        items
    })
}

/// An image of these items, whose own script runs those of these numbers.
fn image(items: &Items, runs: &[usize]) -> Rootfs {
    let code: String = runs.iter().map(|n| format!("program{n}\nscript{n}\npython3 -m module{n}\n")).collect();
    let mut builder = Builder::new()
        .exe("/app/run", format!("#!/bin/sh\n{code}").as_bytes())
        .exe("/bin/sh", &elf(&[]))
        .exe("/usr/bin/python3", &elf(&[]))
        .file("/usr/lib/python3/os.py", b"");
    let mut status = String::new();
    for package in 0..4 {
        let mut list = String::from("/.\n");
        for (item, _) in items.iter().filter(|(_, of)| *of == Some(package)) {
            list += &format!("{}\n", item.path());
        }
        status += &format!("Package: p{package}\nStatus: install ok installed\nVersion: 1\nArchitecture: amd64\n\n");
        builder = builder.file(&format!("/var/lib/dpkg/info/p{package}.list"), list.as_bytes());
    }
    builder = builder.file("/var/lib/dpkg/status", status.as_bytes());
    items.iter().fold(builder, |builder, (item, _)| item.add_to(builder)).build()
}

/// The plan of an image that starts `/app/run`, with these options.
fn planned(rootfs: &Rootfs, entries: &[&str], keeps: &[&str]) -> Plan {
    let config = RunConfig { entrypoint: vec!["/app/run".into()], ..RunConfig::default() };
    let entries: Vec<String> = entries.iter().map(ToString::to_string).collect();
    let owners = owners::find(rootfs, &PROFILES.owner_rules().unwrap());
    let launch = Launch::of(&config, "amd64", &entries);
    let matchers = Matchers::new(&PROFILES, &keep(keeps), launch.premises(&rootfs.tree), &rootfs.tree).unwrap();
    let rules = reach::Rules::of_profiles(PROFILES.iter().map(|loaded| &loaded.profile)).unwrap();
    let baggage = matchers.baggage(&owners);
    let request = Request { baggage: &baggage, ..Request::new(rootfs, &launch.context, &owners, &launch) };
    let found = reach::analyse(&request, rules).unwrap();
    let inputs = Inputs {
        rootfs,
        owners: &owners,
        reached: Some(&found.edges),
        matchers: &matchers,
        launch: &launch,
        bytecode: Bytecode::Strip,
    };
    let mut plan = decide(&inputs);
    symbols::strip(rootfs, &mut plan);
    records::trim(rootfs, &owners, &mut plan);
    plan
}

fn paths(tree: &Tree, wanted: impl Fn(NodeId) -> bool) -> BTreeSet<String> {
    tree.iter().filter(|&node| wanted(node)).map(|node| tree.path(node).to_string()).collect()
}

fn gone(rootfs: &Rootfs, plan: &Plan) -> BTreeSet<String> {
    paths(&rootfs.tree, |node| !plan.keeps(node) && !rootfs.tree.inode(node).is_dir())
}

proptest! {
    // Each takes several analyses with all built-in rules.
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn what_stays_is_whole(items in items(), runs in prop::collection::vec(0..COUNT, 0..3)) {
        let before = image(&items, &runs);
        let plan = planned(&before, &[], &[]);
        let after = apply(&before, &plan).unwrap();
        prop_assert_eq!(paths(&after.tree, |_| true), paths(&before.tree, |node| plan.keeps(node)));
        for node in after.tree.iter() {
            let path = after.tree.path(node);
            if let Kind::Symlink(_) = after.tree.inode(node).kind {
                prop_assert_eq!(after.tree.follow(&path).is_some(), before.tree.follow(&path).is_some(), "{}", path);
            }
        }
        for (item, _) in &items {
            let (Item::Program(_, needed) | Item::Library(_, needed)) = item else { continue };
            for number in needed.iter().filter(|_| after.tree.get(item.path()).is_some()) {
                let (had, has) = (before.tree.follow(library(*number)), after.tree.follow(library(*number)));
                prop_assert_eq!(has.is_some(), had.is_some(), "{} of {}", number, item.path());
            }
        }
        // Once more, nothing more goes.
        let again = planned(&after, &[], &[]);
        prop_assert_eq!(gone(&after, &again), BTreeSet::new());
    }

    #[test]
    fn whoever_asks_for_more_loses_no_more(
        items in items(),
        runs in prop::collection::vec(0..COUNT, 0..3),
        (entry, kept) in (0..COUNT, 0..COUNT),
    ) {
        let image = image(&items, &runs);
        let less = gone(&image, &planned(&image, &[], &[]));
        let program = format!("/usr/bin/program{entry}");
        for (entries, keeps) in [(vec![], vec![library(kept)]), (vec![program.as_str()], vec![])] {
            let keeps: Vec<&str> = keeps.iter().map(String::as_str).collect();
            let more = gone(&image, &planned(&image, &entries, &keeps));
            let lost: Vec<&String> = more.difference(&less).collect();
            prop_assert!(lost.is_empty(), "{:?} with {:?} {:?}", lost, entries, keeps);
        }
    }
}
