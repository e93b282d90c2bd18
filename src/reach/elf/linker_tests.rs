//! Tests of the linker on trees of small ELF files.

use std::collections::BTreeMap;

use super::fixture::ElfFile;
use super::{Linker, facts, ldcache};
use crate::reach::rules::{RuleIndex, Spelling};
use crate::reach::{Context, Evidence, EvidenceKind, Graph};
use crate::rootfs::{Builder, NodeId, Rootfs};

const GLIBC: &str = "/lib64/ld-linux-x86-64.so.2";
const MUSL: &str = "/lib/ld-musl-x86_64.so.1";

fn glibc() -> Builder {
    Builder::new().exe(GLIBC, &lib())
}

fn lib() -> Vec<u8> {
    ElfFile::new().build()
}

fn program() -> ElfFile {
    ElfFile::new().interpreter(GLIBC)
}

fn needs(name: &str) -> Vec<u8> {
    program().needed(name).build()
}

/// Everything reached from `entries`, with its evidence, and the uncertainties.
fn reach(rootfs: &Rootfs, env: &[(&str, &str)], entries: &[&str]) -> (BTreeMap<String, String>, Vec<String>) {
    let env = env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let context = Context { env, workdir: "/".into(), ..Context::default() };
    let mut graph = Graph::new(rootfs);
    let driver = vec!["libcuda.so.*".to_owned()];
    let host = RuleIndex::new(std::iter::once(&driver), Spelling::Plain).unwrap();
    let mut linker = Linker::new(rootfs, &context).with_host(host);
    for entry in entries {
        let evidence = Evidence::new(EvidenceKind::EntryPoint, *entry);
        graph.reach_path(None, crate::rootfs::Tree::ROOT, entry, &evidence).unwrap();
        resolve_all(rootfs, &mut graph, &mut linker);
    }
    let path = |node: NodeId| rootfs.tree.path(node).to_string();
    let edge = |node: NodeId| graph.edge(node).map(|edge| format!("{:?} {}", edge.evidence.kind, edge.evidence.detail));
    let reached = rootfs.tree.iter().filter_map(|node| Some((path(node), edge(node)?))).collect();
    (reached, graph.uncertainties.iter().map(|u| format!("{}: {}; {}", u.path, u.what, u.effect)).collect())
}

fn resolve_all(rootfs: &Rootfs, graph: &mut Graph, linker: &mut Linker) {
    loop {
        let wave = graph.take_frontier();
        if wave.is_empty() {
            return;
        }
        for node in wave {
            if let Some(facts) = facts(&rootfs.read(node).unwrap()) {
                linker.resolve(graph, node, &facts);
            }
        }
    }
}

fn paths(rootfs: &Rootfs, env: &[(&str, &str)], entries: &[&str]) -> Vec<String> {
    reach(rootfs, env, entries).0.into_keys().filter(|path| path != GLIBC && path != MUSL).collect()
}

#[test]
fn follows_needed_through_symlinks_and_names_the_evidence() {
    let rootfs = glibc()
        .exe("/usr/bin/app", &needs("libz.so.1"))
        .symlink("/lib/x86_64-linux-gnu", "/usr/lib/x86_64-linux-gnu")
        .symlink("/usr/lib/x86_64-linux-gnu/libz.so.1", "libz.so.1.2")
        .file("/usr/lib/x86_64-linux-gnu/libz.so.1.2", &lib())
        .file("/usr/lib/libz.so.1", &lib())
        .build();
    let (reached, unsure) = reach(&rootfs, &[], &["/usr/bin/app"]);
    assert_eq!(reached[GLIBC], format!("Interpreter {GLIBC}"));
    assert_eq!(reached["/lib/x86_64-linux-gnu"], "Needed libz.so.1");
    assert_eq!(reached["/usr/lib/x86_64-linux-gnu/libz.so.1.2"], "Symlink /usr/lib/x86_64-linux-gnu/libz.so.1");
    assert!(!reached.contains_key("/usr/lib/libz.so.1"));
    assert_eq!(unsure, [""; 0]);
}

#[test]
fn the_order_of_glibc() {
    let cache = ldcache::tests::new_cache(&[("liba.so", "/cached/liba.so", 0)], true);
    // One directory after the other is taken away; the next one in order has to serve.
    let order = ["/env", "/run", "/cached", "/usr/lib/x86_64-linux-gnu", "/lib64", "/usr/lib64", "/lib", "/usr/lib"];
    for first in 0..order.len() {
        let mut tree = glibc()
            .exe("/bin/app", &program().needed("liba.so").rpath("/ignored").runpath("/run").build())
            .file("/ignored/liba.so", &lib())
            .file("/etc/ld.so.cache", &cache);
        for dir in &order[first..] {
            tree = tree.file(&format!("{dir}/liba.so"), &lib());
        }
        let expected = [format!("{}/liba.so", order[first])];
        let found = paths(&tree.build(), &[("LD_LIBRARY_PATH", "/nowhere:/env")], &["/bin/app"]);
        assert_eq!(
            found.iter().filter(|path| path.ends_with("liba.so")).collect::<Vec<_>>(),
            expected.iter().collect::<Vec<_>>()
        );
    }
}

#[test]
fn rpath_comes_first_and_is_inherited_but_runpath_is_not() {
    let tree = |app: ElfFile, inner: ElfFile| {
        glibc()
            .exe("/bin/app", &app.needed("libouter.so").build())
            .file("/opt/libouter.so", &inner.needed("libinner.so").build())
            .file("/opt/libinner.so", &lib())
            .file("/usr/lib/libinner.so", &lib())
            .file("/env/libouter.so", &lib())
            .build()
    };
    let env = [("LD_LIBRARY_PATH", "/env")];
    let inherited = tree(program().rpath("/opt"), ElfFile::new());
    assert_eq!(paths(&inherited, &env, &["/bin/app"]), ["/bin/app", "/opt/libinner.so", "/opt/libouter.so"]);
    let refused = tree(program().rpath("/opt"), ElfFile::new().runpath("/none"));
    assert_eq!(paths(&refused, &env, &["/bin/app"]), ["/bin/app", "/opt/libouter.so", "/usr/lib/libinner.so"]);
    let runpath = tree(program().runpath("/opt"), ElfFile::new());
    assert_eq!(paths(&runpath, &[], &["/bin/app"]), ["/bin/app", "/opt/libouter.so", "/usr/lib/libinner.so"]);
}

#[test]
fn a_library_is_looked_at_again_for_a_program_with_another_rpath() {
    let rootfs = glibc()
        .exe("/bin/one", &program().needed("liba.so").rpath("/one").build())
        .exe("/bin/two", &program().needed("liba.so").rpath("/two").build())
        .file("/usr/lib/liba.so", &ElfFile::new().needed("libb.so").build())
        .file("/one/libb.so", &lib())
        .file("/two/libb.so", &ElfFile::new().needed("libc.so").build())
        .file("/two/libc.so", &lib())
        .build();
    let found = paths(&rootfs, &[], &["/bin/one", "/bin/two"]);
    let expected = ["/bin/one", "/bin/two", "/one/libb.so", "/two/libb.so", "/two/libc.so", "/usr/lib/liba.so"];
    assert_eq!(found, expected);
}

#[test]
fn origin_lib_and_platform() {
    let app = program().needed("liba.so").needed("libb.so").needed("libc.so");
    let rootfs = glibc()
        .exe("/opt/app/bin/app", &app.runpath("$ORIGIN/../lib:/x/${LIB}:/y/$PLATFORM").build())
        .symlink("/usr/bin/app", "/opt/app/bin/app")
        .symlink("/opt/app/lib/liba.so", "/real/liba.so")
        .file("/real/liba.so", &ElfFile::new().needed("libd.so").runpath("$ORIGIN").build())
        .file("/opt/app/lib/libd.so", &lib())
        .file("/real/libd.so", &lib())
        .file("/x/lib/x86_64-linux-gnu/libb.so", &lib())
        .file("/y/x86_64/libc.so", &lib())
        .build();
    let found = paths(&rootfs, &[], &["/usr/bin/app"]);
    for path in ["/real/liba.so", "/opt/app/lib/libd.so", "/x/lib/x86_64-linux-gnu/libb.so", "/y/x86_64/libc.so"] {
        assert!(found.iter().any(|found| found == path), "{path} in {found:?}");
    }
    // The loader takes the directory in which it found the library, not the one a symlink leads to.
    assert!(!found.contains(&"/real/libd.so".into()), "{found:?}");
}

#[test]
fn variants_for_processors_stay_with_the_common_one() {
    let rootfs = glibc()
        .exe("/bin/app", &needs("liba.so"))
        .file("/usr/lib/glibc-hwcaps/x86-64-v3/liba.so", &lib())
        .file("/usr/lib/glibc-hwcaps/x86-64-v4/liba.so", &lib())
        .file("/usr/lib/liba.so", &lib())
        .build();
    let found = paths(&rootfs, &[], &["/bin/app"]);
    let expected = [
        "/bin/app",
        "/usr/lib/glibc-hwcaps/x86-64-v3/liba.so",
        "/usr/lib/glibc-hwcaps/x86-64-v4/liba.so",
        "/usr/lib/liba.so",
    ];
    assert_eq!(found, expected);
}

#[test]
fn libraries_for_other_machines_are_passed_over() {
    let rootfs = glibc()
        .exe("/bin/app", &program().needed("liba.so").runpath("/arm:/text:/right").build())
        .file("/arm/liba.so", &ElfFile::new().machine(183).build())
        .file("/text/liba.so", b"INPUT(libb.so)")
        .file("/right/liba.so", &lib())
        .build();
    assert_eq!(paths(&rootfs, &[], &["/bin/app"]), ["/bin/app", "/right/liba.so"]);
}

#[test]
fn default_directories_follow_the_machine_and_nodeflib() {
    let arm = |file: ElfFile| file.machine(183).build();
    let rootfs = Builder::new()
        .exe("/bin/app", &arm(ElfFile::new().needed("liba.so").interpreter("/lib/ld-linux-aarch64.so.1")))
        .exe("/bin/bare", &arm(ElfFile::new().needed("liba.so").no_default_lib().runpath("/opt")))
        .exe("/lib/ld-linux-aarch64.so.1", &arm(ElfFile::new()))
        .file("/usr/lib/aarch64-linux-gnu/liba.so", &arm(ElfFile::new()))
        .file("/usr/lib/x86_64-linux-gnu/liba.so", &lib())
        .build();
    let found = paths(&rootfs, &[], &["/bin/app"]);
    assert_eq!(found, ["/bin/app", "/lib/ld-linux-aarch64.so.1", "/usr/lib/aarch64-linux-gnu/liba.so"]);
    let (_, unsure) = reach(&rootfs, &[], &["/bin/bare"]);
    assert_eq!(unsure, ["/bin/bare: liba.so is not where the loader looks; kept 1 files of that name"]);
}

/// A driver's library comes from the host, but a container may bring a newer one (NVIDIA's `cuda-compat`).
#[test]
fn what_the_host_brings_is_not_missed() {
    let tree = || glibc().exe("/bin/app", &needs("libcuda.so.1"));
    assert!(reach(&tree().build(), &[], &["/bin/app"]).1.is_empty());
    let rootfs = tree().file("/usr/local/cuda/compat/libcuda.so.1", &lib()).build();
    assert!(reach(&rootfs, &[], &["/bin/app"]).0.contains_key("/usr/local/cuda/compat/libcuda.so.1"));
}

#[test]
fn what_is_not_found_is_looked_for_everywhere_and_reported() {
    let rootfs = glibc()
        .exe("/bin/app", &program().needed("liba.so").needed("libnone.so").build())
        .file("/opt/vendor/liba.so", &ElfFile::new().needed("libb.so").build())
        .file("/opt/vendor/libb.so", &lib())
        .build();
    let (reached, unsure) = reach(&rootfs, &[], &["/bin/app"]);
    assert!(reached.contains_key("/opt/vendor/libb.so"));
    let expected = [
        "/bin/app: liba.so is not where the loader looks; kept 1 files of that name",
        "/bin/app: libnone.so is not where the loader looks; nothing of that name is in the image",
        "/opt/vendor/liba.so: libb.so is not where the loader looks; kept 1 files of that name",
    ];
    assert_eq!(unsure, expected);
}

#[test]
fn without_a_cache_the_directories_of_its_configuration_count() {
    let rootfs = glibc()
        .exe("/bin/app", &needs("liba.so"))
        .file("/etc/ld.so.conf", b"/opt/lib\n")
        .file("/opt/lib/liba.so", &lib())
        .build();
    assert_eq!(paths(&rootfs, &[], &["/bin/app"]), ["/bin/app", "/opt/lib/liba.so"]);
}

#[test]
fn preloaded_libraries() {
    let rootfs = glibc()
        .exe("/bin/app", &program().build())
        .file("/etc/ld.so.preload", b"# comment\n/opt/liba.so # here\n")
        .file("/opt/liba.so", &lib())
        .file("/usr/lib/libb.so", &lib())
        .build();
    let (reached, _) = reach(&rootfs, &[("LD_PRELOAD", "libb.so:/missing.so")], &["/bin/app"]);
    assert_eq!(reached["/opt/liba.so"], "Dlopen preload /opt/liba.so");
    assert_eq!(reached["/usr/lib/libb.so"], "Dlopen preload libb.so");
}

#[test]
fn libraries_loaded_by_name() {
    let app = program()
        .string("liba.so.1")
        .string("libmissing.so")
        .dlopen(r#"[{"soname":["libb.so.1","libb.so.0"],"feature":"b"}]"#);
    let rootfs = glibc()
        .exe("/opt/app/app", &app.string("plugins/p.so").string("beside.so").build())
        .file("/usr/lib/liba.so.1", &ElfFile::new().needed("libc.so").build())
        .file("/usr/lib/libc.so", &lib())
        .file("/usr/lib/libb.so.0", &lib())
        .file("/opt/app/beside.so", &lib())
        .file("/opt/app/plugins/p.so", &lib())
        .build();
    let (reached, unsure) = reach(&rootfs, &[], &["/opt/app/app"]);
    assert_eq!(reached["/usr/lib/liba.so.1"], "Dlopen string liba.so.1");
    assert_eq!(reached["/usr/lib/libc.so"], "Needed libc.so");
    assert_eq!(reached["/usr/lib/libb.so.0"], "Dlopen libb.so.0 (recommended b)");
    assert!(reached.contains_key("/opt/app/beside.so") && reached.contains_key("/opt/app/plugins/p.so"));
    assert_eq!(unsure, [""; 0]);
}

#[test]
fn musl_looks_elsewhere() {
    let musl = || ElfFile::new().interpreter(MUSL);
    let tree = || {
        Builder::new()
            .exe(MUSL, &lib())
            .exe("/bin/app", &musl().needed("liba.so").needed("libc.musl-x86_64.so.1").runpath("/run").build())
            .file("/run/liba.so", &ElfFile::new().needed("libb.so").build())
            .file("/run/libb.so", &lib())
            .file("/usr/local/lib/libb.so", &lib())
            .file("/usr/local/lib/liba.so", &lib())
    };
    // RUNPATH is inherited.
    let (reached, unsure) = reach(&tree().build(), &[], &["/bin/app"]);
    assert!(reached.contains_key("/run/libb.so") && !reached.contains_key("/usr/local/lib/libb.so"));
    assert_eq!(unsure, [""; 0]);
    // The environment comes before it.
    let found = paths(&tree().file("/env/liba.so", &lib()).build(), &[("LD_LIBRARY_PATH", "/env")], &["/bin/app"]);
    assert_eq!(found, ["/bin/app", "/env/liba.so"]);
    // The path file replaces the default directories.
    let app = || Builder::new().exe(MUSL, &lib()).exe("/bin/app", &musl().needed("liba.so").build());
    let app = || app().file("/lib/liba.so", &lib()).file("/opt/liba.so", &lib());
    assert_eq!(paths(&app().build(), &[], &["/bin/app"]), ["/bin/app", "/lib/liba.so"]);
    let configured = app().file("/etc/ld-musl-x86_64.path", b"/none\n/opt:/lib\n").build();
    assert_eq!(paths(&configured, &[], &["/bin/app"]), ["/bin/app", "/opt/liba.so"]);
}

#[test]
fn libraries_that_load_each_other_are_looked_at_once() {
    let rootfs = glibc()
        .exe("/bin/app", &program().needed("liba.so").rpath("$ORIGIN/../a:$ORIGIN/../b").build())
        .file("/a/liba.so", &ElfFile::new().needed("libb.so").rpath("$ORIGIN/../b").build())
        .file("/b/libb.so", &ElfFile::new().needed("liba.so").rpath("$ORIGIN/../a:$ORIGIN/../c").build())
        .dir("/c")
        .build();
    assert_eq!(paths(&rootfs, &[], &["/bin/app"]), ["/a/liba.so", "/b/libb.so", "/bin/app"]);
}
