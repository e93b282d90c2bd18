use proptest::prelude::*;

use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::{Context, Request, Rules, analyse};
use crate::rootfs::Builder;

/// Which programs, that packages own, an image reaches that starts with this script at `path`.
fn programs(path: &str, script: &str) -> Vec<String> {
    let rootfs = ["a", "b", "c", "s6-setuidgid", "foreground", "if", "redirfd", "importas", "execlineb", "log"]
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

#[test]
fn options_are_those_of_each_command() {
    // execline 2.9.3 takes all of these for what they are taken for here: none ends with a usage message.
    for code in [
        "getpid -E VAR a",
        "getpid -P VAR a",
        "getcwd -E VAR a",
        "envfile -I file a",
        "emptyenv -p a",
        "emptyenv -c a",
        "emptyenv -P a",
        "emptyenv -o -P a",
        "background -d { b } a",
        "pipeline -dr { b } a",
        "pipeline -w { b } a",
        "tryexec -n -c -l { b } a",
        "tryexec -a name { b } a",
        "exec -c -l -a name a",
        "ifte -X { b } { b } a",
        "ifthenelse -s { b } { b } { b } a",
        "if -X -x 3 { b } a",
        "loopwhilex -n -o 1,2 a",
        "forstdin -n var a",
        "forstdin -0 var a",
        "forstdin -p var a",
        "forstdin -Cd : var a",
        "forstdin -d , -o 1 var a",
        "forbacktickx -E -N -x 1 var { b } a",
        "forx -E -p var { b } a",
        "backtick -E -D none var { b } a",
        "withstdinas -ED none var a",
        "elgetopt -D 2 x:y a",
        "elgetpositionals -P 3 a",
        "shift -n 2 -b 1 a",
        "wait -r -t 100 { } a",
        "trap -x { TERM { b } } a",
        "case -s -i -N b { c { b } } a",
        "multidefine -0 -d : b { c c } a",
        "define -s -d , var b a",
        "define -d b var c a",
        "define -- -var c a",
        "define var -c a",
        "importas -i -u -s -d , var VAR a",
        "elglob -v -w -s -m -e -0 var /x/* a",
        "multisubstitute { importas -D c x Y define -n b c } a",
        "fdmove -c 1 2 a",
        "fdswap 3 4 a",
        "fdblock -n 3 a",
        "fdclose 3 a",
        "fdreserve 2 a",
        "piperw 3 4 a",
        "heredoc -d 0 -x a",
        "redirfd -w -nb 1 b a",
        "export var -x a",
        "unexport var a",
        "posix-cd -P /x a",
        "posix-umask 022 a",
        "cd /x a",
        "umask 022 a",
    ] {
        let found = programs("/srv/run", &format!("#!/usr/bin/execlineb -P\n{code}"));
        assert!(found.contains(&"a".to_owned()), "{code}: {found:?}");
        let c = found.contains(&"c".to_owned());
        assert!(!c, "{code}: {found:?}");
        let blocks = code.matches("{ b }").count();
        let others = code.starts_with("forx");
        assert_eq!(found.contains(&"b".to_owned()), blocks > 0 && !others, "{code}: {found:?}");
    }
}

#[test]
fn after_an_option_that_is_not_known_every_word_may_be_the_program() {
    run("redirfd -z a 1 log b -x", "a b log redirfd");
    run("foreground -q { a } b", "a b foreground");
}

#[test]
fn words_of_blocks_that_hold_no_programs_are_none() {
    run("multidefine x { a b } c", "c");
    run("forx x { a b } c", "c");
    run("forx x { a b } $x", "a b");
    run("exit a", "");
    run("case x { a { b } } c", "b c");
}

proptest! {
    #[test]
    fn any_text_is_followed(code in "(\\{|\\}|\\$|\"|\\\\|#|-|a|if|redirfd|importas|define| |\n)*") {
        programs("/srv/run", &format!("#!/usr/bin/execlineb\n{code}"));
    }
}
