use proptest::prelude::*;

use super::facts::{Piece, ShellFacts};
use super::{read, resolve};
use crate::reach::command::Ran;
use crate::reach::{Context, Graph, Hint};
use crate::rootfs::Builder;

/// The commands in a piece of code, words joined by blanks, unreadable parts as `?`.
fn commands(code: &str) -> Vec<String> {
    shown(&read(code.as_bytes()))
}

fn shown(facts: &ShellFacts) -> Vec<String> {
    let piece = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Variable { name, .. } => format!("${name}"),
        Piece::Script => "$0".to_owned(),
        Piece::ScriptDir => "$DIR".to_owned(),
        Piece::Unknown => "?".to_owned(),
    };
    let word = |word: &super::facts::Word| word.0.iter().map(piece).collect::<String>();
    facts.commands.iter().map(|command| command.words.iter().map(word).collect::<Vec<_>>().join(" ")).collect()
}

#[test]
fn lists_pipelines_and_background_jobs() {
    assert_eq!(commands("a 1; b 2 && c || d | e & f\ng |& h"), ["a 1", "b 2", "c", "d", "e", "f", "g", "h"]);
    assert_eq!(commands("a \\\n  b # c\n# d\ne#f"), ["a b", "e#f"]);
}

#[test]
fn quotes_and_escapes() {
    assert_eq!(commands(r#"a 'b c' "d e" f\ g $'h\ti' "" '' "x\"y\z""#), ["a b c d e f g h\ti   x\"y\\z"]);
    assert_eq!(commands("'''exec' /opt/python \"$0\" \"$@\"\n' '''\nimport os\n"), ["exec /opt/python $0 $@"]);
}

#[test]
fn compound_commands() {
    assert_eq!(commands("if a; then b; elif c; then d; else e; fi"), ["a", "b", "c", "d", "e"]);
    assert_eq!(commands("while a; do b; done; until c\ndo d\ndone"), ["a", "b", "c", "d"]);
    assert_eq!(commands("{ a; b; }; (c; (d)); ! e"), ["a", "b", "c", "d", "e"]);
    assert_eq!(commands("for x in 1 2; do a $x; done; b"), ["a $x", "b"]);
    assert_eq!(commands("for x\ndo a; done; for ((i=0;i<3;i++)); do b; done").last().unwrap(), "b");
}

#[test]
fn case_patterns_are_no_commands() {
    let code = "case \"$1\" in\n  start|stop) a ;;\n  (restart)\n b;& *) if c; then d; fi;; esac; e";
    assert_eq!(commands(code), ["a", "b", "c", "d", "e"]);
    assert_eq!(commands("x=$(case $1 in a) b;; esac); c"), ["b", "c"]);
    assert_eq!(commands("case a in esac; b"), ["b"]);
}

#[test]
fn functions_have_names_and_bodies() {
    for code in ["f() { a; }; f x", "function f { a; }; f x", "function f() { a; }\nf x", "f ( )\n{\na\n}\nf x"] {
        let facts = read(code.as_bytes());
        assert_eq!(facts.functions, ["f".into()], "{code}");
        assert_eq!(shown(&facts), ["a", "f x"], "{code}");
    }
}

#[test]
fn substitutions_hold_commands() {
    assert_eq!(commands("a $(b \"$(c)\") `d \\`e\\``"), ["c", "b ?", "e", "d ?", "a ? ?"]);
    assert_eq!(commands("x=$(a) b; echo \"${y:-$(c)}\" $((1 + $(d)))"), ["a", "b", "c", "d", "echo $y ?"]);
    assert_eq!(commands("a <(b) > >(c); d"), ["b", "c", "a ?", "d"]);
}

#[test]
fn redirections_are_no_arguments() {
    assert_eq!(commands("a 2>&1 >/dev/null </etc/x b 2>>f &>g {fd}<h c<&-"), ["a b c"]);
    let facts = read(b"a </etc/x");
    assert_eq!(facts.words[0].0.literal().unwrap(), "/etc/x");
}

#[test]
fn here_documents_are_input_and_no_commands() {
    let facts = read(b"python3 - <<'EOF' && b\nimport json\nEOF\ncat <<-E | sh\n\tc d\n\tE\ne");
    assert_eq!(shown(&facts), ["python3 -", "b", "cat", "sh", "e"]);
    assert_eq!(facts.commands[0].input.as_deref(), Some("import json\n"));
    assert_eq!(facts.commands[3].input.as_deref(), Some("c d\n"));
    assert_eq!(facts.commands[4].input, None);
}

#[test]
fn assignments_and_arrays() {
    let facts = read(b"A=1 B=2 c D=3; export E=4 F; G=(x 'y z')\nlocal H=$(i); J+=k L[1]=m");
    let names: Vec<_> = facts.assignments.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["A", "B", "E", "H", "J", "L"]);
    assert_eq!(shown(&facts), ["c D=3", "export F", "i", "local"]);
    assert_eq!(facts.arrays[0].words[1].literal().unwrap(), "y z");
}

#[test]
fn code_in_eval_and_trap_is_read() {
    assert_eq!(
        commands("eval \"a b; c\"; trap 'd e' EXIT; trap - INT"),
        ["eval a b; c", "a b", "c", "trap d e EXIT", "d e", "trap - INT"]
    );
}

#[test]
fn the_text_after_exec_is_not_read() {
    assert_eq!(commands("a\nexec b\nc"), ["a", "exec b"]);
    assert_eq!(commands("if x; then exec b; fi\nc"), ["x", "exec b", "c"]);
    assert_eq!(commands("x && exec b\nexec >log\nc"), ["x", "exec b", "exec", "c"]);
}

#[test]
fn tests_hold_words() {
    let facts = read(b"[[ -x /usr/bin/a && ( $b == c* ) ]] && d");
    assert_eq!(shown(&facts), ["d"]);
    assert_eq!(facts.words[1].0.literal().unwrap(), "/usr/bin/a");
}

fn run(script: &str) -> (Vec<String>, Vec<Hint>, Ran, Vec<String>) {
    let rootfs = Builder::new()
        .exe("/opt/app/bin/start", script.as_bytes())
        .file("/opt/app/lib/env.sh", b"")
        .file("/opt/app/main.py", b"")
        .exe("/bin/sh", b"\x7fELF")
        .symlink("/usr/bin/env", "../../bin/env")
        .exe("/bin/env", b"\x7fELF")
        .exe("/usr/bin/python3", b"\x7fELF")
        .exe("/usr/bin/sed", b"\x7fELF")
        .exe("/usr/bin/test", b"\x7fELF")
        .exe("/usr/bin/redis-server", b"\x7fELF")
        .exe("/opt/tool/bin/tool", b"\x7fELF")
        .exe("/usr/lib/postgresql/15/bin/postgres", b"\x7fELF")
        .file("/srv/redis.conf", b"")
        .build();
    let mut graph = Graph::new(&rootfs);
    let ctx = Context { workdir: "/".into(), env: [("PORT".to_owned(), "80".to_owned())].into(), ..Context::default() };
    let node = rootfs.tree.get("/opt/app/bin/start").unwrap();
    let ran = resolve(&mut graph, &ctx, node, &read(script.as_bytes()));
    let reached = graph.take_frontier().into_iter().map(|node| rootfs.tree.path(node).to_string()).collect();
    let hints = graph.hints.into_iter().map(|(_, hint, _)| hint).collect();
    (reached, hints, ran, graph.uncertainties.into_iter().map(|found| found.what).collect())
}

#[track_caller]
fn reaches(script: &str, path: &str) {
    let (reached, ..) = run(script);
    assert!(reached.iter().any(|found| found == path), "{script}: {path} not in {reached:?}");
}

#[test]
fn a_shebang_reaches_its_interpreter() {
    reaches("#!/bin/sh\n", "/bin/sh");
    reaches("#!/usr/bin/env python3\n", "/usr/bin/python3");
    reaches("#!/usr/bin/env python3\n", "/usr/bin/env");
    reaches("#!/usr/bin/env -S A=b python3 -u\n", "/usr/bin/python3");
    assert_eq!(run("#!/usr/bin/env python3\n").2.pythons[0].path, "/usr/bin/python3");
}

#[test]
fn commands_are_reached_and_builtins_are_not() {
    reaches("sed -i x y", "/usr/bin/sed");
    reaches("env X=1 sed", "/usr/bin/sed");
    let (reached, _, _, uncertain) = run("test -f x && nosuch");
    assert!(!reached.contains(&"/usr/bin/test".to_owned()) && uncertain.is_empty());
    let (reached, ..) = run("sed() { :; }; sed x");
    assert!(!reached.contains(&"/usr/bin/sed".to_owned()));
}

#[test]
fn variables_carry_programs_and_paths() {
    reaches("CMD=sed\n$CMD x", "/usr/bin/sed");
    reaches("if a; then C='redis-server --port'; else C=sed; fi; exec $C $PORT", "/usr/bin/redis-server");
    reaches("if a; then C='redis-server --port'; else C=sed; fi; exec $C $PORT", "/usr/bin/sed");
    reaches("exec ${SERVER:-redis-server}", "/usr/bin/redis-server");
    reaches("BASE=/srv; CONF=$BASE/redis.conf; redis-server \"$CONF\"", "/srv/redis.conf");
    reaches("for c in sed nosuch; do $c; done", "/usr/bin/sed");
    reaches("ARGS=(redis-server --port 1); exec \"${ARGS[@]}\"", "/usr/bin/redis-server");
    reaches("set -- redis-server \"$@\"; exec \"$@\"", "/usr/bin/redis-server");
    reaches("export PATH=/opt/tool/bin:$PATH; tool", "/opt/tool/bin/tool");
    reaches("PG=/usr/lib/postgresql/$PG_MAJOR/bin/postgres; exec $PG", "/usr/lib/postgresql/15/bin/postgres");
}

#[test]
fn the_place_of_the_script_is_known() {
    for dir in ["$(dirname \"$0\")", "${0%/*}", "`dirname $0`", "$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)"] {
        reaches(&format!(". {dir}/../lib/env.sh"), "/opt/app/lib/env.sh");
    }
    let (_, _, ran, _) = run("DIR=$(dirname \"$(readlink -f \"$0\")\"); source \"$DIR/../lib/env.sh\"");
    assert_eq!(ran.shell_scripts.len(), 1);
}

#[test]
fn files_are_found_from_where_the_script_goes() {
    reaches("cd /opt/app && python3 main.py", "/opt/app/main.py");
    reaches("[ -f /srv/redis.conf ] && x", "/srv/redis.conf");
    reaches("command -v sed >/dev/null", "/usr/bin/sed");
    reaches("P=$(command -v sed); $P x", "/usr/bin/sed");
    let (reached, ..) = run("rm -f /srv/redis.conf");
    assert!(!reached.contains(&"/srv/redis.conf".to_owned()));
}

#[test]
fn python_in_scripts_gives_hints() {
    let (_, hints, ran, _) = run(
        "export PYTHONPATH=/opt/app\npython3 -m demo.run a.b && python3 - <<E\nimport json\nE\nsh -c 'python3 -c \"import re\"'",
    );
    assert!(hints.contains(&Hint::RunModule("demo.run".into())));
    assert!(hints.contains(&Hint::Name("a.b".into())));
    assert!(hints.contains(&Hint::Code("import json\n".into())));
    assert!(hints.contains(&Hint::Code("import re".into())));
    assert!(ran.environment.contains(&("PYTHONPATH".into(), "/opt/app".into())));
}

#[test]
fn unknown_programs_are_reported_except_arguments() {
    assert_eq!(run("exec \"$@\"").3.len(), 0);
    assert_eq!(run("exec \"$WHAT\" x").3.len(), 1);
    assert_eq!(run("$(x) y").3.len(), 1);
}

#[test]
fn hostile_code_costs_no_more_than_its_size() {
    for part in [
        "(",
        "( ",
        "$(",
        "`",
        "${a:-",
        "\"$(",
        "{ ",
        "if a; then ",
        "case a in b) ",
        "<(",
        "a=$b b=$a ",
        "$((",
        "[[ (",
        "eval '",
        "<<a ",
        "f() { ",
    ] {
        read(part.repeat(100_000).as_bytes());
    }
    let start = std::time::Instant::now();
    run(&"env ".repeat(100_000));
    run(&"a=$a$a$a$b; b=$a$a$b$b; c $a $b; ".repeat(10_000));
    run(&"sh -c 'sh -c \"sh -c $a; $a; $b\"'; ".repeat(5_000));
    assert!(start.elapsed().as_secs() < 60);
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn any_shell_like_text_is_resolved(text in "([ab$(){}\"'`;&|<>\n\\\\=#!/*@ ]|\\$\\(|\\$\\{|case |esac|in |if |fi|do |done|for |<<a\n|sh -c |eval |exec |python3 )*") {
        run(&text);
    }
}
