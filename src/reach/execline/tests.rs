use proptest::prelude::*;

use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::{Context, Request, Rules, analyse};
use crate::rootfs::Builder;

/// Which programs, that packages own, an image reaches that starts with this script at `path`.
fn programs(path: &str, script: &str) -> Vec<String> {
    let rootfs = ["a", "b", "c", "s6-setuidgid", "foreground", "if", "redirfd", "importas", "execlineb"]
        .iter()
        .fold(Builder::new(), |builder, name| builder.exe(&format!("/usr/bin/{name}"), b"\x7fELF"))
        .exe("/usr/bin/true", b"\x7fELF")
        .file("/etc/a.conf", b"x")
        .file("/srv/job/type", b"oneshot\n")
        .exe(path, script.as_bytes())
        .build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "all", "1"));
    let owned: Vec<_> = tree.iter().filter(|&node| !tree.inode(node).is_dir() && tree.path(node) != path).collect();
    owned.iter().for_each(|&node| owners.claim(node, owner));
    let env = [("PROGRAM".to_owned(), "b".to_owned())].into();
    let ctx = Context { workdir: "/".into(), env, ..Context::default() };
    let launch = Launch::running(&["/usr/bin/true"]);
    let request = Request::new(&rootfs, &ctx, &owners, &launch);
    let reach = analyse(&request, Rules::new([], [], []).unwrap()).unwrap();
    let reached = owned.into_iter().filter(|&node| reach.edges.is_reached(node));
    let mut names: Vec<String> =
        reached.map(|node| tree.name(node).to_string()).filter(|name| name != "true").collect();
    names.sort();
    names
}

#[track_caller]
fn run(code: &str, expected: &str) {
    let found = programs("/srv/run", &format!("#!/usr/bin/execlineb -P\n{code}"));
    let found: Vec<&str> = found.iter().map(String::as_str).filter(|name| *name != "execlineb").collect();
    assert_eq!(found.join(" "), expected, "{code}");
}

#[test]
fn every_program_of_a_chain_counts() {
    run("a -x", "a");
    run("foreground { a } b # c", "a b foreground");
    run("if -n -t { foreground { a } b } c", "a b c foreground if");
    run("redirfd -w 1 /etc/a.conf a", "a a.conf redirfd");
    run("s6-setuidgid app foreground { a } redirfd -a 2 log c", "a c foreground redirfd s6-setuidgid");
}

#[test]
fn words_of_own_commands_are_no_programs() {
    run("importas a c b", "b importas");
    run("redirfd -w 1 a b", "b redirfd");
}

#[test]
fn variables_are_filled_in() {
    run("importas -i x PROGRAM ${x} -v", "b importas");
    run("importas -D c x UNSET $x", "c importas");
    run("define x a foreground { $x } b", "a b foreground");
}

#[test]
fn an_unknown_program_may_run_what_follows() {
    run("/opt/limiter -m 5 foreground { a } b", "a b foreground");
    run("$unknown a", "a");
}

#[test]
fn one_shot_services_have_no_first_line() {
    assert_eq!(programs("/srv/job/up", "foreground { a }\nb\n"), ["a", "b", "execlineb", "foreground"]);
    assert!(programs("/srv/other/up", "a b\n").is_empty(), "no service");
}

proptest! {
    #[test]
    fn any_text_is_followed(code in "(\\{|\\}|\\$|\"|\\\\|#|-|a|if|redirfd|importas|define| |\n)*") {
        programs("/srv/run", &format!("#!/usr/bin/execlineb\n{code}"));
    }
}
