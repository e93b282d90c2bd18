//! The built-in rules about native libraries and programs: each is needed by a scene of its own.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::elf::fixture::ElfFile;
use super::entrypoint::Launch;
use super::rules::Rules;
use super::{Context, Request, analyse};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::profile::{ImpliesRule, Profile, ProfileSet};
use crate::rootfs::Builder;

/// Profiles whose rules are about ELF files and what they open.
const NATIVE: [&str; 7] = ["libc", "tls", "desktop", "system-libraries", "runtimes", "programs", "services"];

/// The built-in profiles of these names.
pub(super) fn profiles(names: &'static [&'static str]) -> impl Iterator<Item = &'static Profile> + Clone {
    static SET: OnceLock<ProfileSet> = OnceLock::new();
    let set = SET.get_or_init(|| ProfileSet::builtin().unwrap());
    names.iter().map(|name| &set.get(name).unwrap().profile)
}

/// All rules of some profiles but one.
pub(super) fn rules_without(profiles: impl Iterator<Item = &'static Profile> + Clone, id: &str) -> Rules {
    let implies = profiles.clone().flat_map(|profile| &profile.implies).filter(|rule| rule.id != id);
    let cuts = profiles.clone().flat_map(|profile| &profile.cut).filter(|rule| rule.id != id);
    let conditional = profiles.flat_map(|profile| &profile.conditional).filter(|rule| rule.id != id);
    Rules::new(implies, cuts, conditional).unwrap()
}

/// What is reached of `files`, which a package owns, when the image runs `/app/main`.
fn reached(main: &ElfFile, files: &[(String, Vec<u8>)], without: &str) -> BTreeSet<String> {
    let builder = Builder::new().exe("/app/main", &main.build());
    let rootfs = files.iter().fold(builder, |builder, (path, content)| builder.exe(path, content)).build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "everything", "1"));
    for node in tree.iter() {
        if !tree.inode(node).is_dir() && tree.path(node) != "/app/main" {
            owners.claim(node, owner);
        }
    }
    static ALL: OnceLock<Rules> = OnceLock::new();
    let rules = match without {
        "" => ALL.get_or_init(|| Rules::of_profiles(profiles(&NATIVE)).unwrap()).clone(),
        id => rules_without(profiles(&NATIVE), id),
    };
    let ctx = Context { workdir: "/app".into(), architecture: "amd64".into(), ..Context::default() };
    let launch = Launch::running(&["/app/main"]);
    let request = Request::new(&rootfs, &ctx, &owners, &launch);
    let reach = analyse(&request, rules).unwrap();
    let paths = files.iter().map(|(path, _)| path);
    paths.filter(|path| reach.edges.is_reached(tree.get(path.as_str()).unwrap())).cloned().collect()
}

/// Some text that a glob matches.
pub(super) fn instance(glob: &str) -> String {
    let mut out = String::new();
    let mut rest = glob;
    while let Some(next) = rest.chars().next() {
        rest = &rest[next.len_utf8()..];
        match next {
            '*' if rest.starts_with('*') => {
                rest = &rest[1..];
                out.push_str("any");
            }
            '*' => out.push('9'),
            '?' => out.push('x'),
            '[' => {
                let (set, after) = rest.split_once(']').unwrap();
                rest = after;
                out.push(if set.starts_with('!') { 'z' } else { set.chars().next().unwrap() });
            }
            '{' => {
                let (list, after) = rest.split_once('}').unwrap();
                rest = after;
                out.push_str(&instance(list.split(',').next().unwrap()));
            }
            other => out.push(other),
        }
    }
    out
}

/// Paths and contents.
type Files = Vec<(String, Vec<u8>)>;

/// A scene that sets the rule off by one of its triggers, the n-th of all.
fn scene(rule: &ImpliesRule, trigger: usize) -> Option<(ElfFile, Files)> {
    const LIBRARIES: &str = "/usr/lib/x86_64-linux-gnu";
    let when = &rule.when;
    let (sonames, symbols) = (when.elf.soname.len(), when.elf.symbol.len());
    let library = ElfFile::new().build();
    let mut main = ElfFile::new();
    let (file, dir) = if trigger < sonames {
        let name = instance(&when.elf.soname[trigger]);
        main = main.string(&format!("{LIBRARIES}/{name}"));
        (Some((format!("{LIBRARIES}/{name}"), library)), LIBRARIES.to_owned())
    } else if trigger < sonames + symbols {
        let name: &'static str = Box::leak(instance(&when.elf.symbol[trigger - sonames]).into_boxed_str());
        main = main.import(name);
        (None, "/app".to_owned())
    } else {
        let path = instance(when.path.get(trigger - sonames - symbols)?);
        main = main.string(&path);
        let dir = path.rsplit_once('/').unwrap().0.to_owned();
        (Some((path, library)), dir)
    };
    let mut files: Files = file.into_iter().collect();
    for path in rule.paths.iter().map(|path| instance(&path.replace("{dir}", &dir))) {
        // One glob's file may be another's folder.
        let clash = |other: &String| {
            *other == path || other.starts_with(&format!("{path}/")) || path.starts_with(&format!("{other}/"))
        };
        if !files.iter().any(|(other, _)| clash(other)) {
            files.push((path, b"data".to_vec()));
        }
    }
    Some((main, files))
}

/// Wants each trigger of a rule to reach all that the rule names. Returns whether anything is missing without it.
fn is_needed(rule: &ImpliesRule) -> bool {
    let triggers = rule.when.elf.soname.len() + rule.when.elf.symbol.len() + rule.when.path.len();
    let mut needed = false;
    for trigger in 0..triggers {
        let (main, files) = scene(rule, trigger).unwrap();
        let with = reached(&main, &files, "");
        let missing: Vec<_> = files.iter().map(|(path, _)| path).filter(|path| !with.contains(*path)).collect();
        assert!(missing.is_empty(), "rule {}, trigger {trigger}: {missing:?}", rule.id);
        needed = needed || reached(&main, &files, &rule.id).len() < with.len();
    }
    needed
}

#[test]
fn every_native_rule_reaches_its_files_and_nothing_else_does() {
    // Rules that only raise doubts have a test of their own, in `doubts`.
    let rules = profiles(&NATIVE).flat_map(|profile| &profile.implies).filter(|rule| rule.doubt.is_none());
    let rules: Vec<&ImpliesRule> = rules.collect();
    let idle: Vec<&str> = rules.into_par_iter().filter(|rule| !is_needed(rule)).map(|rule| rule.id.as_str()).collect();
    assert!(idle.is_empty(), "these make no difference: {idle:?}");
}

const LIB: &str = "/usr/lib/x86_64-linux-gnu";

fn libraries(names: &[(&str, ElfFile)]) -> Files {
    names.iter().map(|(name, file)| (format!("{LIB}/{name}"), file.build())).collect()
}

#[test]
fn libidn2_stays_for_callers_that_may_ask_for_it() {
    let libc = ElfFile::new().soname("libc.so.6").string("libidn2.so.0");
    let socket = ElfFile::new().import("getaddrinfo").needed("libc.so.6");
    let files = libraries(&[
        ("libc.so.6", libc),
        ("libidn2.so.0", ElfFile::new()),
        ("_socket.cpython-311-x86_64-linux-gnu.so", socket.clone()),
    ]);
    let idn = format!("{LIB}/libidn2.so.0");
    let quiet = ElfFile::new().needed("_socket.cpython-311-x86_64-linux-gnu.so");
    assert!(!reached(&quiet, &files, "").contains(&idn), "CPython never asks");
    assert!(reached(&quiet, &files, "libc-idn").contains(&idn), "without the rule the name counts");
    assert!(reached(&socket, &files, "").contains(&idn), "who knows what a program asks for");
}

#[test]
fn ldconfig_starts_nothing_and_other_static_programs_may() {
    let files: Files = ["ldconfig", "sln", "ld"]
        .map(|name| (format!("/usr/bin/{name}"), ElfFile::new().interpreter("/lib/ld.so").string("ld").build()))
        .into_iter()
        .chain([("/usr/bin/as".to_owned(), ElfFile::new().build())])
        .collect();
    let ld = "/usr/bin/ld".to_owned();
    let runs =
        |name: &str| ElfFile::new().interpreter("/lib/ld.so").import("execv").string(&format!("/usr/bin/{name}"));
    assert!(!reached(&runs("ldconfig"), &files, "").contains(&ld));
    assert!(reached(&runs("ldconfig"), &files, "libc-ldconfig").contains(&ld), "without the rule the word counts");
    assert!(reached(&runs("sln"), &files, "").contains(&ld));
}

#[test]
fn databases_of_passwords_are_for_servers() {
    let files = [
        ("libsasl2.so.2".to_owned(), ElfFile::new()),
        ("sasl2/libsasldb.so.2".to_owned(), ElfFile::new().import("sasl_auxprop_add_plugin")),
        ("sasl2/libscram.so.2".to_owned(), ElfFile::new()),
        ("sasl2/libplain.so.2".to_owned(), ElfFile::new()),
    ];
    let files: Vec<_> = files.iter().map(|(name, file)| (format!("{LIB}/{name}"), file.build())).collect();
    let client = ElfFile::new().needed("libsasl2.so.2").import("sasl_client_init");
    let names = |main: &ElfFile| {
        let found = reached(main, &files, "");
        found.iter().map(|path| path.rsplit('/').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&client), ["libsasl2.so.2", "libplain.so.2", "libscram.so.2"]);
    assert_eq!(names(&client.import("sasl_server_init")).len(), 4);
}

#[test]
fn name_service_modules_are_those_that_the_configuration_names() {
    let module = |name: &str| (format!("{LIB}/libnss_{name}.so.2"), ElfFile::new().build());
    let mut files = vec![module("files"), module("compat"), module("systemd"), module("hesiod")];
    files.push((format!("{LIB}/libc.so.6"), ElfFile::new().soname("libc.so.6").build()));
    let main = ElfFile::new().needed("libc.so.6").import("getpwnam");
    let modules = |files: &[(String, Vec<u8>)]| {
        let found = reached(&main, files, "");
        let name = |path: &String| path.split("libnss_").nth(1).map(|name| name.trim_end_matches(".so.2").to_owned());
        found.iter().filter_map(name).collect::<Vec<_>>()
    };
    assert_eq!(modules(&files), ["compat", "files"], "the defaults");
    files.push(("/etc/nsswitch.conf".into(), b"passwd: files systemd\n".to_vec()));
    assert_eq!(modules(&files), ["files", "systemd"]);
}

#[test]
fn openssl_modules_stay_for_programs_and_configurations_that_load_them() {
    let mut files = libraries(&[("libcrypto.so.3", ElfFile::new()), ("ossl-modules/legacy.so", ElfFile::new())]);
    let legacy = format!("{LIB}/ossl-modules/legacy.so");
    let main = ElfFile::new().needed("libcrypto.so.3");
    assert!(!reached(&main, &files, "").contains(&legacy));
    assert!(reached(&main.clone().import("OSSL_PROVIDER_load"), &files, "").contains(&legacy));
    files.push(("/etc/ssl/openssl.cnf".into(), b"[providers]\nlegacy = legacy_sect\n".to_vec()));
    assert!(reached(&main, &files, "").contains(&legacy));
}

#[test]
fn a_program_with_fontconfig_in_it_keeps_its_settings() {
    let files = ["/etc/fonts/fonts.conf", "/etc/fonts/conf.d/1.conf"].map(|path| (path.to_owned(), b"x".to_vec()));
    assert!(reached(&ElfFile::new(), &files, "").is_empty());
    assert_eq!(reached(&ElfFile::new().string("/etc/fonts"), &files, "").len(), 2);
}
