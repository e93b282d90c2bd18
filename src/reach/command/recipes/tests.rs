use super::*;
use crate::reach::command::run;
use crate::reach::context::Context;
use crate::reach::evidence::{Evidence, EvidenceKind};
use crate::reach::graph::Graph;
use crate::rootfs::Builder;

#[test]
fn recipes_become_shell_code() {
    let makefile = "TOOL := awk -f\nall: x\n\t@$(TOOL) prog $$HOME ${OTHER}\n\t-rm x\n";
    assert_eq!(shell_code(makefile), "TOOL=\"awk -f\"\n\n${TOOL} prog $HOME ${OTHER}\nrm x\n");
    assert_eq!(shell_code("tool := \"awk\"\nrun:\n    {{tool}} x\n"), "tool=\"awk\"\n\n${tool} x\n");
    assert_eq!(shell_code("a: b ; @nl x\n\ttac \\\nx\n"), "nl x\ntac \\\nx\n");
    // As `make -n` shows it.
    assert_eq!(shell_code("a:\n\texec \\\n--opt \\\n/opt/tool\n"), "\nexec \\\n--opt \\\n/opt/tool\n");
    assert_eq!(references("$(shell date) {{ f(x) }} $"), "$(date) $(: f x) $");
}

/// Which programs a command reaches in `/srv`, and what is said of it.
fn started(argv: &[&str], files: &[(&str, &str)]) -> (Vec<String>, usize) {
    let programs = ["awk", "make", "just", "nl", "rev", "seq", "tac"];
    let mut builder = Builder::new().exe("/bin/sh", b"\x7fELF");
    for name in programs {
        builder = builder.exe(&format!("/usr/bin/{name}"), b"\x7fELF");
    }
    for (path, text) in files {
        builder = builder.file(path, text.as_bytes());
    }
    let rootfs = builder.build();
    let mut graph = Graph::new(&rootfs);
    let ctx = Context { workdir: "/srv".into(), ..Context::default() };
    let argv: Vec<String> = argv.iter().map(|&word| word.to_owned()).collect();
    run(&mut graph, &ctx, None, &argv, &Evidence::new(EvidenceKind::Command, ""), "/srv");
    let reached = |name: &&str| graph.is_reached(rootfs.tree.get(format!("/usr/bin/{name}")).unwrap());
    let found = programs.into_iter().filter(|name| *name != "make" && *name != "just").filter(|name| reached(name));
    (found.map(str::to_owned).collect(), graph.uncertainties.len())
}

#[track_caller]
fn starts(argv: &[&str], files: &[(&str, &str)], expected: &[&str]) {
    assert_eq!(started(argv, files), (expected.iter().map(|&name| name.to_owned()).collect(), 0), "{files:?}");
}

#[test]
fn recipes_that_run_make_again_are_followed() {
    starts(&["make"], &[("/srv/Makefile", "all:\n\t$(MAKE) other\nother:\n\ttac\n")], &["tac"]);
    let sub = ("/srv/sub/Makefile", "all:\n\tnl x\n");
    starts(&["make"], &[("/srv/Makefile", "all:\n\t$(MAKE) -C sub all\n"), sub], &["nl"]);
    starts(&["make"], &[("/srv/Makefile", "all:\n\t+make -C sub all\n"), sub], &["nl"]);
    starts(&["make", "-C", "sub"], &[sub], &["nl"]);
    starts(&["make", "x"], &[("/srv/Makefile", "V = $(shell tac x)\nx: y ; nl\n")], &["nl", "tac"]);
}

#[test]
fn files_that_recipes_take_in_are_read() {
    let shared = ("/srv/mk/a.mk", "TOOL = tac\nrun:\n\tnl\n");
    for line in ["include mk/a.mk", "-include mk/none.mk mk/a.mk # x", "sinclude /srv/mk/a.mk", "include mk/*.mk"] {
        let makefile = format!("{line}\nall:\n\t$(TOOL)\n");
        starts(&["make"], &[("/srv/Makefile", &makefile), shared], &["nl", "tac"]);
    }
    starts(&["make"], &[("/srv/Makefile", "include Makefile\nall:\n\ttac\n")], &["tac"]);
    let files = [("/srv/justfile", "import 'x/y.just'\nmod tool\n"), ("/srv/x/y.just", "a:\n    rev x\n")];
    let module = ("/srv/tool.just", "b:\n    seq 3\n");
    starts(&["just", "a"], &[files[0], files[1], module], &["rev", "seq"]);
    let again = ("/srv/sub/justfile", "c:\n    tac x\n");
    starts(&["just"], &[("/srv/justfile", "a:\n    {{ just_executable() }} -d sub c\n"), again], &["tac"]);
}

#[test]
fn what_is_not_followed_is_said() {
    assert_eq!(started(&["make"], &[("/srv/Makefile", "include $(X)/a.mk\n")]).1, 1);
    let chain: Vec<(String, String)> =
        (0..100).map(|i| (format!("/srv/{i}"), format!("include {}\na:\n\ttac\n", i + 1))).collect();
    let mut files: Vec<(&str, &str)> = chain.iter().map(|(path, text)| (path.as_str(), text.as_str())).collect();
    files.push(("/srv/Makefile", "include 0\n"));
    assert_eq!(started(&["make"], &files), (vec!["tac".to_owned()], 1));
}

#[test]
fn hostile_recipes_end_quickly_and_are_told_of_once() {
    let start = std::time::Instant::now();
    assert_eq!(references(&"{".repeat(1 << 20)).len(), 1 << 20);
    let files = [("/srv/Makefile", "include $(X)/a.mk $(X)/b.mk\n-include $(Y)\n")];
    assert_eq!(started(&["make"], &files).1, 1);
    let includes = "include a b c d e f g h i j\n".repeat(1 << 15);
    assert_eq!(started(&["make"], &[("/srv/Makefile", &includes)]).1, 1);
    assert!(start.elapsed().as_secs() < 20);
}
