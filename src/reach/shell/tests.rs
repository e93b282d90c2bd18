use proptest::prelude::*;

use super::facts::{Piece, ShellFacts};
use super::reader::read;

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
        Piece::Indirect { name, .. } => format!("${{!{name}}}"),
        Piece::Changed { name, change, .. } => format!("${name}{change:?}"),
        Piece::Split => String::new(),
        Piece::Choice(choices) => format!("{{{}}}", choices.join(",")),
        Piece::Unknown | Piece::Glob => "?".to_owned(),
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
fn traps_run_commands_of_one_word_and_aliases_hold_code() {
    assert_eq!(
        commands("trap a EXIT; trap '' INT; trap INT; trap -- b HUP"),
        ["trap a EXIT", "a", "trap  INT", "trap INT", "trap -- b HUP", "b"]
    );
    assert_eq!(commands("alias x='a b' y=c"), ["alias x=a b y=c", "a b", "c"]);
}

#[test]
fn builtins_assign() {
    let facts = read(
        b"read -r -p text A B <<< 'x y'; printf -v C '%s' z; mapfile -t D < g; getopts ab: E; declare -A F=([k]=v)",
    );
    let names: Vec<_> = facts.assignments.iter().map(|found| &*found.name).collect();
    assert_eq!(names, ["A", "B", "B", "C", "D", "E"]);
    assert_eq!(facts.arrays[0].words[0].literal().unwrap(), "v");
    assert_eq!(facts.commands[0].input.as_deref(), Some("x y"));
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
}

#[test]
fn a_dot_reads_code_only_where_a_command_stands() {
    let sources = |code: &str| read(code.as_bytes()).sources_arguments();
    for code in [". \"$1\"", "source $1", "if true; then . \"$1\"; fi", "A=b . $1", "f=$1; . $f", "builtin . $1"] {
        assert!(sources(code), "{code}");
    }
    for code in ["command -p -- source $1", "time . $1", "\\. $1", "exec env sh \"$1\"", "! . $1"] {
        assert!(sources(code), "{code}");
    }
    for code in ["find . -newer \"$1\"", "cp \"$1\" .", "cp $1 /x/.", "echo source $1", "/x/. $1", ". x; y $1"] {
        assert!(!sources(code), "{code}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }
}
