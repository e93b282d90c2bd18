//! What strings of small ELF files name in small trees.

use std::collections::BTreeMap;

use super::Naming;
use crate::reach::elf::facts;
use crate::reach::elf::fixture::ElfFile;
use crate::reach::trial::owners;
use crate::reach::{Context, Evidence, EvidenceKind, Graph};
use crate::rootfs::{Builder, Rootfs, Tree};

const LOADER: &str = "/lib64/ld-linux-x86-64.so.2";

fn program() -> ElfFile {
    ElfFile::new().interpreter(LOADER).needed("libc.so.6")
}

/// What the file at `path` names, with the evidence. Folders are left out.
pub(super) fn named(rootfs: &Rootfs, packages: &[(&str, &str, &str)], path: &str) -> BTreeMap<String, String> {
    named_but(rootfs, packages, path, &|_| false)
}

pub(super) fn named_but(
    rootfs: &Rootfs,
    packages: &[(&str, &str, &str)],
    path: &str,
    is_cut: &dyn Fn(&str) -> bool,
) -> BTreeMap<String, String> {
    let tree = &rootfs.tree;
    let owners = owners(rootfs, packages);
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let mut graph = Graph::new(rootfs);
    let node = graph.reach_path(None, Tree::ROOT, path, &Evidence::new(EvidenceKind::EntryPoint, "")).unwrap();
    let facts = facts(&rootfs.read(node).unwrap()).unwrap();
    Naming::new(rootfs, &ctx, &owners).resolve(&mut graph, node, &facts, is_cut);
    let found = tree.iter().filter(|&found| found != node && !tree.inode(found).is_dir());
    let edge = |node| graph.edge(node).map(|edge| format!("{:?} {}", edge.evidence.kind, edge.evidence.detail));
    found.filter_map(|node| Some((tree.path(node).to_string(), edge(node)?))).collect()
}

fn paths(rootfs: &Rootfs, packages: &[(&str, &str, &str)], path: &str) -> Vec<String> {
    named(rootfs, packages, path).into_keys().collect()
}

#[test]
fn files_and_commands_that_strings_name() {
    let app = program().import("popen").import("execvp");
    let app = app.string("/etc/app.conf").string("/usr/lib").string("/usr/share/app").string("gzip -d").string("tar");
    let rootfs = Builder::new()
        .exe("/bin/app", &app.build())
        .file("/etc/app.conf", b"")
        .file("/usr/share/app/data", b"")
        .dir("/usr/lib")
        .exe("/usr/bin/gzip", b"")
        .exe("/usr/bin/tar", b"")
        .file("/usr/sbin/gzip", b"not executable")
        .build();
    let found = named(&rootfs, &[], "/bin/app");
    assert_eq!(found["/etc/app.conf"], "Name string /etc/app.conf");
    assert_eq!(found["/usr/bin/gzip"], "Command string gzip");
    assert_eq!(found["/usr/bin/tar"], "Command string tar");
    assert_eq!(found.len(), 3);
}

#[test]
fn a_program_full_of_words_runs_none_of_others() {
    let mut app = program().import("execvp");
    let mut tree = Builder::new();
    for index in 0..20 {
        app = app.string(&format!("tool{index}"));
        tree = tree.exe(&format!("/usr/bin/tool{index}"), b"");
    }
    let rootfs = tree.exe("/usr/bin/app", &app.build()).build();
    assert!(paths(&rootfs, &[], "/usr/bin/app").is_empty());
    assert_eq!(paths(&rootfs, &[("/usr/bin/", "app", "app")], "/usr/bin/app").len(), 20, "its own it may run");
}

/// libsox calls `lt_dlforeachfile(PKGLIBDIR, …)`; libltdl reads the `.la` file first.
#[test]
fn a_folder_of_libraries_is_named_with_all_that_is_in_it() {
    let library = ElfFile::new().import("lt_dlforeachfile").string("/usr/lib/x86_64-linux-gnu/sox").build();
    let rootfs = Builder::new()
        .file("/usr/lib/x86_64-linux-gnu/libsox.so.3", &library)
        .file("/usr/lib/x86_64-linux-gnu/sox/libsox_fmt_flac.so", b"")
        .file("/usr/lib/x86_64-linux-gnu/sox/libsox_fmt_flac.la", b"")
        .file("/usr/lib/x86_64-linux-gnu/sox/libsox_fmt_flac.a", b"")
        .file("/usr/lib/x86_64-linux-gnu/sox/more/deep.so", b"")
        .file("/usr/lib/x86_64-linux-gnu/sound/libother.so", b"")
        .build();
    let found = named(&rootfs, &[], "/usr/lib/x86_64-linux-gnu/libsox.so.3");
    assert_eq!(
        found.into_iter().collect::<Vec<_>>(),
        ["libsox_fmt_flac.la", "libsox_fmt_flac.so", "more/deep.so"].map(|name| (
            format!("/usr/lib/x86_64-linux-gnu/sox/{name}"),
            "Dlopen every plugin of /usr/lib/x86_64-linux-gnu/sox".to_owned()
        ))
    );
}

#[test]
fn folders_where_everything_lies_are_not_named_with_all_of_it() {
    let names = ["/usr/lib", "/usr/lib/x86_64-linux-gnu", "/usr", "/usr/bin", "/opt/common/lib"];
    let app = names.iter().fold(program(), |app, name| app.string(name)).build();
    let rootfs = Builder::new()
        .exe("/srv/app", &app)
        .file("/etc/ld.so.conf", b"/opt/common/lib\n")
        .file("/usr/lib/x86_64-linux-gnu/libz.so.1", b"")
        .file("/usr/lib/x86_64-linux-gnu/sub/a.so", b"")
        .file("/usr/bin/ld.so", b"")
        .file("/opt/common/lib/libb.so", b"")
        .build();
    assert!(paths(&rootfs, &[], "/srv/app").is_empty());
}

/// Of a folder in which libraries are the smaller part only they are plugins; a rule may know better about a folder.
#[test]
fn mixed_folders_and_folders_that_rules_know() {
    let app = program().string("/usr/lib/app").string("/usr/lib/ssl/engines-3").build();
    let rootfs = Builder::new()
        .exe("/srv/app", &app)
        .file("/usr/lib/app/plugin.so.2", b"")
        .file("/usr/lib/app/one.txt", b"")
        .file("/usr/lib/app/two.txt", b"")
        .file("/usr/lib/ssl/engines-3/afalg.so", b"")
        .build();
    let cut = |path: &str| path.ends_with("engines-3");
    let found: Vec<String> = named_but(&rootfs, &[], "/srv/app", &cut).into_keys().collect();
    assert_eq!(found, ["/usr/lib/app/plugin.so.2"]);
    assert!(paths(&rootfs, &[], "/srv/app").contains(&"/usr/lib/ssl/engines-3/afalg.so".to_owned()));
}

/// uWSGI puts `%s/%s_plugin.so` together; a version may be a part of the path.
#[test]
fn conversions_stand_for_any_name() {
    let app = program()
        .string("/usr/lib/uwsgi/plugins/%s_plugin.so")
        .string("/usr/lib/tool/%d.%d/helper")
        .string("/usr/lib/core/%s")
        .string("/%s/%s")
        .build();
    let rootfs = Builder::new()
        .exe("/usr/bin/app", &app)
        .symlink("/usr/lib/uwsgi/plugins/python3_plugin.so", "python311_plugin.so")
        .file("/usr/lib/uwsgi/plugins/python311_plugin.so", b"")
        .file("/usr/lib/uwsgi/plugins/readme_plugin.txt", b"")
        .exe("/usr/lib/tool/1.2/helper", b"")
        .exe("/usr/lib/tool/any/helper", b"")
        .exe("/usr/lib/core/app-start", b"")
        .exe("/srv/other", b"")
        .build();
    let found = paths(&rootfs, &[("/usr/", "app", "app")], "/usr/bin/app");
    assert_eq!(
        found,
        [
            "/usr/lib/core/app-start",
            "/usr/lib/tool/1.2/helper",
            "/usr/lib/uwsgi/plugins/python311_plugin.so",
            "/usr/lib/uwsgi/plugins/python3_plugin.so",
        ]
    );
}

#[test]
fn ends_of_paths_name_folders_of_the_same_software_or_where_another_string_says() {
    let library = ElfFile::new().import("dlopen").string("%s/backends").string("loaders").string("/opt/x").build();
    let rootfs = Builder::new()
        .file("/usr/lib/liba.so.1", &library)
        .file("/usr/lib/a/backends/one.so", b"")
        .file("/usr/lib/b/backends/two.so", b"")
        .file("/opt/x/loaders/three.so", b"")
        .file("/opt/y/loaders/four.so", b"")
        .symlink("/usr/lib/a/loaders/libz.so", "../../libz.so.1")
        .build();
    let packages = [("/usr/lib/liba", "liba1", "a"), ("/usr/lib/a/", "liba-backends", "a"), ("/opt/y", "y", "y")];
    let found = paths(&rootfs, &packages, "/usr/lib/liba.so.1");
    assert_eq!(found, ["/opt/x/loaders/three.so", "/usr/lib/a/backends/one.so"]);
    let plain = ElfFile::new().string("%s/backends").build();
    let rootfs = Builder::new().file("/usr/lib/liba.so.1", &plain).file("/usr/lib/a/backends/one.so", b"").build();
    assert!(paths(&rootfs, &packages, "/usr/lib/liba.so.1").is_empty(), "it loads nothing by itself");
}

/// runsvdir(8) starts `runsv` for every service; s6-svscan(8) starts `s6-supervise` by skalibs' functions.
#[test]
fn a_program_names_those_of_the_same_software() {
    for function in ["execve", "child_spawn1_pipe"] {
        let app = program().import(function).string("runsv").string("sort").string("%s/helper").build();
        let rootfs = Builder::new()
            .exe("/usr/bin/runsvdir", &app)
            .exe("/usr/bin/runsv", b"")
            .exe("/usr/bin/sv", b"")
            .exe("/usr/bin/sort", b"")
            .exe("/usr/libexec/runit/helper", b"")
            .file("/usr/share/runit/runsv", b"no program")
            .build();
        let packages = [("/usr/", "runit", "runit"), ("/usr/libexec/", "runit-helper", "runit")];
        let packages = [&packages[..], &[("/usr/bin/sort", "coreutils", "coreutils")]].concat();
        let found = named(&rootfs, &packages, "/usr/bin/runsvdir");
        assert_eq!(found.keys().collect::<Vec<_>>(), ["/usr/bin/runsv", "/usr/libexec/runit/helper"], "{function}");
        assert_eq!(found["/usr/bin/runsv"], "Command string runsv");
    }
}

/// redis-server compares its name with `redis-check-aof`, and Debian's is a copy of it; git's other names are links.
#[test]
fn a_program_names_itself_for_other_reasons() {
    let app = program().import("execve").string("server").string("check").string("peer").build();
    let rootfs = Builder::new()
        .exe("/usr/bin/server", &app)
        .exe("/usr/bin/check", &app)
        .hardlink("/usr/bin/peer", "/usr/bin/server")
        .exe("/usr/lib/server/server", b"a script")
        .exe("/etc/init.d/check", b"a script")
        .build();
    assert_eq!(paths(&rootfs, &[("/", "server", "server")], "/usr/bin/server"), ["/usr/bin/peer"]);
}

#[test]
fn a_program_that_starts_none_names_none() {
    let app = program().import("regexec").string("runsv").string("exec gzip -d").build();
    let rootfs = Builder::new().exe("/usr/bin/a", &app).exe("/usr/bin/runsv", b"").exe("/usr/bin/gzip", b"").build();
    assert!(paths(&rootfs, &[("/usr/", "a", "a")], "/usr/bin/a").is_empty());
}

/// varnishd's `vcc_cc`, which it gives to `/bin/sh -c`; `%w` and `%o` are conversions of its own.
#[test]
fn command_lines_name_their_programs() {
    let app = program()
        .import("execl")
        .string("exec x86_64-linux-gnu-gcc %w -pthread -shared -o %o %s")
        .string("zcat %s | /opt/tools/unpack -C %s")
        .string("/usr/sbin/sendmail -t")
        .string("file %s not found")
        .string("nice -n 5 sort")
        .build();
    let tools = ["/usr/bin/x86_64-linux-gnu-gcc", "/usr/bin/zcat", "/opt/tools/unpack", "/usr/sbin/sendmail"];
    let more = ["/usr/bin/file", "/usr/bin/nice", "/usr/bin/sort", "/usr/bin/cat"];
    let tree = Builder::new().exe("/srv/app", &app);
    let rootfs = tools.iter().chain(&more).fold(tree, |tree, path| tree.exe(path, b"")).build();
    let mut expected = [&tools[..], &["/usr/bin/nice", "/usr/bin/sort"]].concat();
    expected.sort_unstable();
    assert_eq!(paths(&rootfs, &[], "/srv/app"), expected);
}

/// A folder of programs that is no place for those of everyone: git(1) runs what is in its `GIT_EXEC_PATH`.
#[test]
fn a_folder_of_programs_is_named_with_those_of_the_same_software() {
    let app = program().import("execvp").string("/usr/lib/git-core").string("/usr/bin").build();
    let rootfs = Builder::new()
        .exe("/usr/bin/git", &app)
        .exe("/usr/bin/git-other", b"")
        .exe("/usr/lib/git-core/git-push", b"")
        .exe("/usr/lib/git-core/git-svn", b"")
        .file("/usr/lib/git-core/mergetools", b"")
        .build();
    let packages = [("/usr/", "git", "git"), ("/usr/lib/git-core/git-svn", "git-svn", "git-svn")];
    let found = named(&rootfs, &packages, "/usr/bin/git");
    assert_eq!(found["/usr/lib/git-core/git-push"], "Command every program of /usr/lib/git-core");
    assert_eq!(found["/usr/lib/git-core/mergetools"], "Data every file of /usr/lib/git-core");
    assert_eq!(found.len(), 2);
}

/// Names of files in a folder of data are put together: what the same software brought there stays, also behind a link that it
/// put in the folder's place.
#[test]
fn a_folder_of_data_is_named_with_what_the_same_software_brought_there() {
    let app = program().string("/usr/share/app").string("/usr/share/app-errors").string("/usr/share/other");
    let rootfs = Builder::new()
        .exe("/usr/bin/app", &app.string("/usr/lib").string("/usr/share").build())
        .file("/usr/share/app/icons/a.png", b"")
        .exe("/usr/share/app/tools/a.pl", b"")
        .file("/usr/share/app/themes/b", b"")
        .symlink("/usr/share/app-errors", "app-langpack")
        .file("/usr/share/app-langpack/en/E1", b"")
        .file("/usr/share/other/c", b"")
        .file("/usr/share/d", b"")
        .file("/usr/lib/e", b"")
        .build();
    let packages = [
        ("/usr/", "app", "app"),
        ("/usr/share/app/themes", "themes", "themes"),
        ("/usr/share/app-langpack", "app-langpack", "langpack"),
        ("/usr/share/other", "other", "other"),
    ];
    assert_eq!(
        paths(&rootfs, &packages, "/usr/bin/app"),
        ["/usr/share/app-errors", "/usr/share/app-langpack/en/E1", "/usr/share/app/icons/a.png"]
    );
    let cut = |path: &str| path == "/usr/share/app";
    assert!(!named_but(&rootfs, &packages, "/usr/bin/app", &cut).contains_key("/usr/share/app/icons/a.png"));
}

/// wget(1) prints what it was compiled with.
#[test]
fn a_line_that_a_program_was_compiled_by_is_no_command() {
    let runs = |line: &str, folder: &str| {
        let app = program().import("execv").string(line);
        let builder = Builder::new().exe("/usr/bin/app", &app.build()).exe("/usr/bin/gcc", b"").dir(folder);
        !paths(&builder.build(), &[("/usr/bin/app", "app", "app")], "/usr/bin/app").is_empty()
    };
    let line = "gcc -DHAVE_CONFIG_H -I. -g -O2 -ffile-prefix-map=/build/app-1=. -Wall";
    assert!(!runs(line, "/srv"));
    assert!(runs(line, "/build/app-1"), "what it was made from is there");
    assert!(runs("gcc -DHAVE_CONFIG_H -I. -g -O2 -Wall", "/srv"));
}

/// squid(8) has its default settings as lines.
#[test]
fn a_path_within_a_string_is_a_setting() {
    let app = program()
        .string("mime_table /usr/share/app/mime.conf")
        .string("icons=/usr/share/app/icons")
        .string("helper /usr/lib/app/helper on")
        .string("run '/usr/bin/other' first, see /usr/share/doc/app/README, /usr/share/man/app.1.")
        .string("try: /etc/shared.conf: %s");
    let rootfs = Builder::new()
        .exe("/usr/bin/app", &app.build())
        .file("/usr/share/app/mime.conf", b"")
        .file("/usr/share/app/icons/a.png", b"")
        .file("/usr/share/app/unnamed", b"")
        .exe("/usr/lib/app/helper", b"")
        .exe("/usr/bin/other", b"")
        .file("/usr/share/doc/app/README", b"")
        .file("/usr/share/man/app.1", b"")
        .file("/etc/shared.conf", b"")
        .build();
    let packages = [
        ("/usr/", "app", "app"),
        ("/usr/bin/other", "other", "other"),
        ("/usr/share/doc/app", "app-doc", "doc"),
        ("/etc", "shared", "shared"),
    ];
    let mut found = paths(&rootfs, &packages, "/usr/bin/app");
    found.sort_unstable();
    assert_eq!(
        found,
        ["/etc/shared.conf", "/usr/lib/app/helper", "/usr/share/app/icons/a.png", "/usr/share/app/mime.conf"]
    );
}

/// sendmail(1) of Postfix has a library of its own start what it names.
#[test]
fn a_library_of_the_same_software_starts_what_a_program_names() {
    let app = program().needed("libapp.so.1").string("helper").string("stranger").build();
    let idle = program().string("helper2").build();
    let rootfs = Builder::new()
        .exe("/usr/bin/app", &app)
        .exe("/usr/bin/idle", &idle)
        .file("/usr/lib/libapp.so.1", &ElfFile::new().soname("libapp.so.1").import("execv").build())
        .exe("/usr/sbin/helper", b"")
        .exe("/usr/sbin/helper2", b"")
        .exe("/usr/sbin/stranger", b"")
        .build();
    let owners = owners(&rootfs, &[("/usr/", "app", "app"), ("/usr/sbin/stranger", "other", "other")]);
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let node = |path: &str| rootfs.tree.get(path).unwrap();
    for order in [["/usr/bin/app", "/usr/lib/libapp.so.1"], ["/usr/lib/libapp.so.1", "/usr/bin/app"]] {
        let (mut graph, mut naming) = (Graph::new(&rootfs), Naming::new(&rootfs, &ctx, &owners));
        for path in ["/usr/bin/idle"].iter().chain(&order) {
            let facts = facts(&rootfs.read(node(path)).unwrap()).unwrap();
            naming.resolve(&mut graph, node(path), &facts, |_| false);
        }
        let reached = |path: &str| graph.is_reached(node(path));
        assert!(reached("/usr/sbin/helper"));
        assert!(!reached("/usr/sbin/helper2") && !reached("/usr/sbin/stranger"));
    }
}

#[test]
fn programs_in_go_find_others_by_words() {
    let image = |function: &str, count: usize| {
        let info = [b"\xff Go buildinf:".as_slice(), function.as_bytes(), b"\0"].concat();
        let words: Vec<String> = (0..count).map(|n| format!("tool{n}")).collect();
        let file = words.iter().fold(program().import("iconv"), |file, word| file.string(word));
        let file = file.string("find").string("absent").data(&info);
        let builder = Builder::new().exe("/app", &file.build()).exe("/usr/bin/find", b"\x7fELF");
        words.iter().fold(builder, |builder, word| builder.exe(&format!("/usr/bin/{word}"), b"\x7fELF")).build()
    };
    let count = |rootfs: &Rootfs, packages| paths(rootfs, packages, "/app").len();
    let own = [("/usr/bin/", "tools", "tools")];
    let all = [("/", "tools", "tools"), ("/app", "app", "app")];
    assert_eq!(count(&image("os/exec.Command", 2), &own), 3);
    assert_eq!(count(&image("os/exec.Commander", 2), &own), 0);
    assert_eq!(count(&image("os/exec.LookPath", 20), &own), 21, "the image's own");
    assert_eq!(count(&image("os/exec.LookPath", 15), &all), 16);
    assert_eq!(count(&image("os/exec.LookPath", 20), &all), 0, "an interpreter of a package");
}

#[test]
fn a_limit_of_words_is_told_of() {
    let words: Vec<String> = (0..20).map(|n| format!("tool{n}")).collect();
    let file = words.iter().fold(program().import("execvp"), |file, word| file.string(word));
    let builder = Builder::new().exe("/app", &file.build());
    let rootfs =
        words.iter().fold(builder, |builder, word| builder.exe(&format!("/usr/bin/{word}"), b"\x7fELF")).build();
    let owners = owners(&rootfs, &[("/", "tools", "tools"), ("/app", "app", "app")]);
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let mut graph = Graph::new(&rootfs);
    let node = rootfs.tree.follow("/app").unwrap();
    let facts = facts(&rootfs.read(node).unwrap()).unwrap();
    Naming::new(&rootfs, &ctx, &owners).resolve(&mut graph, node, &facts, |_: &str| false);
    let said: Vec<_> = graph.uncertainties.iter().map(|one| one.what.as_str()).collect();
    assert_eq!(said, ["a program that starts others has 20 words that name programs"]);
}

#[test]
fn many_strings_and_many_folders_take_no_longer_together() {
    const COUNT: usize = 3000;
    let file = (0..COUNT).fold(program().import("dlopen").import("execv"), |file, n| {
        file.string(&format!("/opt/plugins/a{n}")).string(&format!("%s/b{n}")).string(&format!("c{n}"))
    });
    let builder = Builder::new().exe("/app", &file.build());
    let rootfs =
        (0..COUNT).fold(builder, |builder, n| builder.file(&format!("/opt/plugins/d{n}/e/libx.so"), b"x")).build();
    let start = std::time::Instant::now();
    assert_eq!(paths(&rootfs, &[("/", "p", "p")], "/app"), Vec::<String>::new());
    assert!(start.elapsed() < std::time::Duration::from_secs(10), "{:?}", start.elapsed());
}

/// FreeRADIUS finds its modules in the folder that its settings name, which is where the loader looks for its libraries, too.
#[test]
fn plugins_lie_in_a_folder_of_libraries_of_ones_own() {
    let app = program().runpath("/usr/lib/app:/usr/lib/other:/usr/lib").build();
    let rootfs = Builder::new()
        .exe("/usr/bin/app", &app)
        .file("/usr/lib/app/rlm_one.so", b"")
        .file("/usr/lib/other/two.so", b"")
        .file("/usr/lib/libthree.so.1", b"")
        .build();
    let packages = [("/usr/", "app", "app"), ("/usr/lib/other", "other", "other")];
    assert_eq!(paths(&rootfs, &packages, "/usr/bin/app"), ["/usr/lib/app/rlm_one.so"]);
}

/// XLA looks for `ptxas` and `libdevice` in `../nvidia/cuda_nvcc`, seen from its own library.
#[test]
fn ways_from_a_librarys_own_folder_name_what_one_software_brought() {
    let library =
        ElfFile::new().import("dlopen").string("../nvidia/nvcc").string("../shared").string("../one/file.bin");
    let rootfs = Builder::new()
        .file("/opt/s/tf/libtf.so", &library.string("../..").string("../none").build())
        .file("/opt/s/tf/data", b"")
        .exe("/opt/s/nvidia/nvcc/bin/ptxas", b"")
        .file("/opt/s/nvidia/nvcc/libdevice/libdevice.10.bc", b"")
        .file("/opt/s/nvidia/other/x", b"")
        .file("/opt/s/shared/a/x", b"")
        .file("/opt/s/shared/b/x", b"")
        .file("/opt/s/one/file.bin", b"")
        .file("/opt/s/one/other.bin", b"")
        .build();
    let packages = [
        ("/opt/s/tf", "tf", "tf"),
        ("/opt/s/nvidia/nvcc", "nvcc", "nvcc"),
        ("/opt/s/nvidia/other", "other", "other"),
        ("/opt/s/shared/a", "a", "a"),
        ("/opt/s/shared/b", "b", "b"),
        ("/opt/s/one", "one", "one"),
    ];
    let found = paths(&rootfs, &packages, "/opt/s/tf/libtf.so");
    let expected =
        ["/opt/s/nvidia/nvcc/bin/ptxas", "/opt/s/nvidia/nvcc/libdevice/libdevice.10.bc", "/opt/s/one/file.bin"];
    assert_eq!(found, expected);
}

/// A shell looks up what `popen` is given; of what a static program does nothing is known; the image's own may search `PATH`
/// by functions of its own (Nim's `findExe`, GNAT's `Locate_Exec_On_Path`).
#[test]
fn programs_that_may_look_commands_up() {
    let starts = |app: ElfFile, package: &[(&str, &str, &str)]| {
        let rootfs = Builder::new().exe("/srv/app", &app.string("nl").build()).exe("/usr/bin/nl", b"").build();
        !paths(&rootfs, package, "/srv/app").is_empty()
    };
    let packaged = [("/srv/", "app", "app")];
    assert!(starts(program().import("popen"), &packaged) && starts(program().import("system"), &packaged));
    assert!(starts(program().import("_ZN8QProcess5startEv"), &packaged));
    assert!(starts(ElfFile::new().interpreter(LOADER), &packaged), "static");
    assert!(starts(program().import("execve"), &[]) && !starts(program().import("execve"), &packaged));
    assert!(!starts(program(), &[]), "it starts none");
    let rootfs =
        Builder::new().exe("/srv/app", &program().import("popen").string("nl").build()).exe("/usr/bin/nl", b"").build();
    assert!(named_but(&rootfs, &packaged, "/srv/app", &|name| name == "command:nl").is_empty(), "a rule knows better");
}
