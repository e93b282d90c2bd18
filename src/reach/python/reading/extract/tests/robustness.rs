//! Hostile and damaged input.

use proptest::prelude::*;

use super::super::nesting;
use super::*;

/// The deepest sources that are read at all, so that the stack they get is known to suffice.
#[test]
fn deepest_nesting_is_read() {
    for (unit, end, levels) in [
        ("[", "]", 1),
        ("f(", ")", 1),
        ("f(a=", ")", 2),
        ("{1: ", "}", 2),
        ("f(lambda: [", "])", 4),
        ("f(*{1: -", "})", 5),
        ("(yield ", ")", 2),
        ("-", "", 1),
        ("not ", "", 1),
        ("a if b else ", "", 2),
        ("2 ** ", "", 1),
        ("'a' + (b % ", ")", 3),
        ("[x for y in ", "]", 3),
    ] {
        let n = (nesting::MAX - 10) / levels;
        let facts = on_small_stack(format!("x = {}1{}\nimport after\n", unit.repeat(n), end.repeat(n)));
        assert_eq!(facts.unparsed, None, "{unit}");
        assert_eq!(imports(&facts.units[0]), ["after"], "{unit}");
        let n = (nesting::MAX - 20) / levels;
        let nested = format!("if x in ('a',):\n y = {}1{}\nimport after\n", unit.repeat(n), end.repeat(n));
        assert_eq!(imports(&on_small_stack(nested).units[0]), ["after"], "{unit} under a condition");
    }
    let chain = format!("x = a{}\nx = f(){}\nimport after\n", ".b".repeat(19_000), ".b()".repeat(9_000));
    assert_eq!(imports(&on_small_stack(chain).units[0]), ["after"]);
}

/// Runs on a stack as small as a thread pool's may be.
fn on_small_stack(source: String) -> PythonFacts {
    let thread = std::thread::Builder::new().stack_size(1 << 20).spawn(move || extract(source.as_bytes()));
    thread.unwrap().join().unwrap()
}

/// Conditions, and functions that return constants, are looked at a bounded number of times.
#[test]
fn many_constants() {
    let n = 40_000;
    let conditions = (0..5_000).map(|i| format!("x{i} in ('a',)")).collect::<Vec<_>>().join(" and ");
    let body = " a.decode(b)\n".repeat(n);
    let calls = " return self.f(), b.decode(self.f())\n".repeat(n);
    let function = format!("class C:\n def f(self):\n{}  return 'a'\n", "  if x in ('a',): return x\n".repeat(n));
    for source in [format!("if {conditions}:\n{body}"), format!("{function}\ndef g():\n{calls}")] {
        let start = std::time::Instant::now();
        assert!(extract(source.as_bytes()).unparsed.is_none());
        assert!(start.elapsed().as_secs() < 20, "{:?} for {} bytes", start.elapsed(), source.len());
    }
}

#[test]
fn sources_of_too_many_tokens_count_as_text() {
    let body = "a\n".repeat(800_000);
    let facts = extract(format!("import json\n{body}").as_bytes());
    assert_eq!(facts.unparsed.as_deref(), Some("too much in it to parse"));
    assert_eq!((&*facts.units[0].imports[0].module, facts.units[0].uses("a")), ("json", true));
    // Half as many are parsed.
    assert_eq!(extract(&body.as_bytes()[..800_000]).unparsed, None);
}

#[test]
fn deep_nesting() {
    let n = 1 << 20;
    for (source, message) in [
        ("(".repeat(n), true),
        ("[".repeat(n) + &"]".repeat(n), true),
        (format!("x = {}1", "-".repeat(n)), true),
        (format!("x = {}1", "not ".repeat(n / 4)), true),
        (format!("x = a{}", ".b".repeat(100_000)), true),
        (format!("x = a{}", "()".repeat(100_000)), true),
        (format!("x = ''{}", " + 'a'".repeat(50_000)), true),
        (format!("x = {}1", "lambda: ".repeat(100_000)), true),
        (format!("x = {}1", "a if b else ".repeat(100_000)), true),
        (format!("x = {}1", "2 ** ".repeat(100_000)), true),
        ("{x:".repeat(n / 4), true),
        (format!("x = {}", "f'{".repeat(50_000)), true),
        (format!("match x:\n    case {}", "[".repeat(100_000)), true),
        ("(]".repeat(n / 4), true),
        ("(],".repeat(n / 4), true),
        (format!("x = [{}]", "'a.b', ".repeat(100_000)), false),
        (format!("x = ({})", "'a' ".repeat(100_000)), false),
        ("x = 1; ".repeat(100_000), false),
    ] {
        let head: String = source.chars().take(20).collect();
        let facts = on_small_stack(format!("import before\n{source}\n"));
        assert_eq!(facts.unparsed.is_some(), message, "{head}: {:?}", facts.unparsed);
        assert_eq!(imports(&facts.units[0]).first().map(|i| i.trim_end_matches('?')), Some("before"), "{head}");
    }
}

#[test]
fn moderate_nesting_is_read() {
    let blocks: String =
        (0..90).map(|i| format!("{}if x:\n", " ".repeat(i))).collect::<String>() + &" ".repeat(90) + "pass";
    for source in [
        "[".repeat(1000) + &"]".repeat(1000),
        "[".repeat(99) + &"]".repeat(99),
        format!("x = a{}", ".b".repeat(5000)),
        format!("x = f('a'{})", " + 'a' + b".repeat(5000)),
        format!("x = {}1", "not ".repeat(90)),
        format!("x = {}1{}", "f(".repeat(90), ")".repeat(90)),
        format!("x = {}", "f(lambda: [".repeat(33) + &"])".repeat(33)),
        blocks,
    ] {
        let head: String = source.chars().take(20).collect();
        let facts = on_small_stack(format!("{source}\nimport after\n"));
        assert_eq!(facts.unparsed, None, "{head}");
        assert_eq!(imports(&facts.units[0]), ["after"], "{head}");
    }
}

#[test]
fn python_2_falls_back_to_lines() {
    let source = "import a, b.c as d\nprint 'x'\nif 1:\n    from .e import (f, # why\n        g as h)\n\tfrom i import *; import j\nfrom . \\\n  import k\nimport the thing\nfrom x import\n# import l\n";
    let facts = extract(source.as_bytes());
    assert!(facts.unparsed.as_deref().unwrap().contains("line 2"), "{:?}", facts.unparsed);
    assert_eq!(imports(&facts.units[0])[..6], ["a?", "b.c?", ".e:f,g?", "i:*?", "j?", ".:k?"]);
    assert_eq!(facts.units[0].imports[2].line, 4);
    assert!(facts.units[0].uses("print"));
}

#[test]
fn template_falls_back_to_lines() {
    let facts = extract(b"import a\nfrom {{ project }} import b\n{% if x %}\nimport c\n{% endif %}\n");
    assert!(facts.unparsed.is_some());
    let found = imports(&facts.units[0]);
    assert_eq!(found[..2], ["a?", "c?"]);
    assert!(!found.iter().any(|import| import.contains([':', '{'])), "{found:?}");
}

#[test]
fn what_the_parser_recovers_counts() {
    // The parser takes `raise;` for an error; the interpreter does not.
    let facts = extract(b"from.a import b\nif x:import c\ntry:d()\nexcept E:raise;e()\ndef f(): import g\n");
    assert!(facts.unparsed.is_some());
    let all: Vec<String> = facts.units.iter().flat_map(imports).collect();
    for wanted in [".a:b?", "c?", "g?"] {
        assert!(all.contains(&wanted.to_owned()), "{wanted}: {all:?}");
    }
}

#[test]
fn syntax_of_any_version() {
    for source in [
        "match x:\n    case [a, *b] if c: import d\n",
        "type X[T: int = str] = list[T]\nimport d\n",
        "try: import d\nexcept* KeyError: pass\n",
        "with (a as b, c as e): import d\n",
        "x = f'{a['b']}'\nimport d\n",
        "def f[**P](a, /, b): pass\nimport d\n",
        "x = t'{a}'\nimport d\n",
        "try: import d\nexcept A, B: pass\n",
        "print(a, file=b)\nimport d\n",
        "async def f():\n    return [x async for x in y]\nimport d\n",
        "match = case = type = 1\nimport d\n",
    ] {
        assert!(all_imports(source).contains(&"d".to_owned()), "{source}");
    }
}

#[test]
fn encodings() {
    let latin = extract(b"# -*- coding: latin-1 -*-\nx = 'caf\xe9.mod'\nimport a\n");
    assert_eq!(latin.unparsed, None);
    assert_eq!(strings(&latin.units[0]), ["caf\u{e9}.mod"]);
    let second_line = extract(b"#!/usr/bin/python\n# vim: set fileencoding=iso-8859-15 :\nx = '\xe9t'\n");
    assert_eq!(strings(&second_line.units[0]), ["\u{e9}t"]);
    let bom = extract(b"\xef\xbb\xbfimport a\n");
    assert_eq!(imports(&bom.units[0]), ["a"]);
    let damaged = extract(b"import a\nx = '\xff.mod'\n");
    assert_eq!((damaged.unparsed, imports(&damaged.units[0])), (None, vec!["a".to_owned()]));
    let lines = extract(b"a = 1\r\nimport b\r\n\rimport c\r");
    let lines: Vec<u32> = lines.units[0].imports.iter().map(|i| i.line).collect();
    assert_eq!(lines, [2, 4]);
    assert_eq!(extract(b"").units.len(), 1);
}

#[test]
fn python_by_name_or_shebang() {
    for name in [&b"a.py"[..], b"b.pyw", b"c.pyi"] {
        assert!(looks_like_python(name, b""));
    }
    for head in [
        &b"#!/usr/bin/env python3\n"[..],
        b"#! /usr/local/bin/python3.12 -E\n",
        b"#!/usr/bin/env -S python -u",
        b"#!\"/opt/a b/bin/python\"\n",
        b"#!/bin/sh\n'''exec' \"/a b/bin/python3\" \"$0\" \"$@\"\n' '''\n",
    ] {
        assert!(looks_like_python(b"tool", head), "{:?}", String::from_utf8_lossy(head));
    }
    for (name, head) in
        [(&b"a.pyc"[..], &b""[..]), (b"tool", b"#!/bin/sh\npython x\n"), (b"py", b"import x\n"), (b"", b"#")]
    {
        assert!(!looks_like_python(name, head));
    }
}

/// Every line and index of the facts is within bounds.
fn check(facts: &PythonFacts) {
    assert!(!facts.units.is_empty());
    for (i, unit) in facts.units.iter().enumerate() {
        assert!(i == 0 || (unit.parent as usize) < i);
        assert!(unit.names.iter().is_sorted() && unit.variables.iter().is_sorted());
        let lines = unit.imports.iter().map(|i| i.line).chain(unit.strings.iter().map(|s| s.line));
        assert!(lines.chain(unit.calls.iter().map(|c| c.line)).all(|line| line > 0));
    }
}

const SEED: &str = include_str!("seed.py");

/// Pieces that sources are made of.
fn pieces() -> impl Strategy<Value = String> {
    let words: Vec<&'static str> =
        SEED.split_inclusive([' ', '(', ')', '\n', '.', ',', '\'', '"', '{', '}', '%']).collect();
    prop::collection::vec(prop::sample::select(words), 0..60).prop_map(|words| words.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]

    #[test]
    fn random_bytes(source in prop::collection::vec(any::<u8>(), 0..400)) {
        check(&extract(&source));
    }

    #[test]
    fn random_text(source in "[\\PC\n\t ]{0,200}") {
        check(&extract(source.as_bytes()));
    }

    #[test]
    fn shuffled_source(source in pieces()) {
        check(&extract(source.as_bytes()));
    }

    #[test]
    fn mutated_source(cuts in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>(), 0..3_u8), 1..8)) {
        let mut source = SEED.as_bytes().to_vec();
        for (at, byte, what) in cuts {
            let at = at.index(source.len());
            match what {
                0 => source[at] = byte,
                1 => source.insert(at, byte),
                _ => { source.remove(at); }
            }
        }
        check(&extract(&source));
    }
}
