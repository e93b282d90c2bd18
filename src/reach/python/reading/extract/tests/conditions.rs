//! Branches that do not run, or on some versions only.

use super::super::super::facts::{UnitKind, VersionGuard, VersionOp};
use super::*;

/// Which of `a` (the body) and `b` (the else branch) is imported; guarded ones with their guard.
fn branches(condition: &str) -> String {
    branches_after("", condition)
}

fn branches_after(before: &str, condition: &str) -> String {
    let source = format!("{before}\nif {condition}:\n    import a\nelse:\n    import b\n");
    let shown = facts(&source).units.into_iter().flat_map(|unit| {
        let guard = match (unit.kind, unit.guard) {
            (UnitKind::Main, _) => " main".to_owned(),
            (_, Some(VersionGuard { op, version: (major, minor) })) => {
                format!(" {}{major}.{minor}", if op == VersionOp::AtLeast { ">=" } else { "<" })
            }
            _ => String::new(),
        };
        let wanted = unit.imports.iter().filter(|i| matches!(&*i.module, "a" | "b"));
        wanted.map(move |i| format!("{}{guard}", i.module)).collect::<Vec<_>>()
    });
    shown.collect::<Vec<_>>().join(", ")
}

#[test]
fn type_checking() {
    for condition in ["TYPE_CHECKING", "typing.TYPE_CHECKING", "t.TYPE_CHECKING and x", "False", "0", "None"] {
        assert_eq!(branches(condition), "b", "{condition}");
    }
    for condition in ["not TYPE_CHECKING", "True", "1", "not TYPE_CHECKING or x"] {
        assert_eq!(branches(condition), "a", "{condition}");
    }
    for condition in ["TYPE_CHECKING or x", "x", "x and not TYPE_CHECKING", "DEBUG"] {
        assert_eq!(branches(condition), "a, b", "{condition}");
    }
    let source = "if TYPE_CHECKING:\n    from x import T\nelif y:\n    import c\n";
    assert_eq!(all_imports(source), ["c"]);
    assert_eq!(facts(source).bound, Words::of(["c"]));
}

#[test]
fn main_block() {
    assert_eq!(branches("__name__ == '__main__'"), "b, a main");
    assert_eq!(branches("'__main__' == __name__"), "b, a main");
    assert_eq!(branches("__name__ != '__main__'"), "a, b main");
    assert_eq!(branches("__name__ == '__main__' and x"), "b, a main");
    assert_eq!(branches("__name__ == '__main__' or x"), "a, b");
    let facts = facts("if __name__ == '__main__':\n    import a\n    def f(): import b\n");
    let kinds = kinds(&facts);
    assert_eq!(kinds, [(UnitKind::Module, "", 0), (UnitKind::Main, "", 0), (UnitKind::Function, "f", 1)]);
}

#[test]
fn platform_checks() {
    for condition in [
        "sys.platform == 'win32'",
        "sys.platform.startswith('win')",
        "sys.platform.startswith(('win', 'cygwin'))",
        "sys.platform in ('win32', 'cygwin')",
        "sys.platform[:3] == 'win'",
        "'win' in sys.platform",
        "sys.platform == 'darwin' and x",
        "os.name == 'nt'",
        "os.name == 'nt' or sys.platform == 'darwin'",
        "platform.system() == 'Windows'",
        "platform.system().lower() == 'darwin'",
        "platform.system() in ['Windows', 'Darwin']",
        "not sys.platform.startswith('linux')",
        "sys.platform != 'linux'",
        "'nt' in sys.builtin_module_names",
        "sys.implementation.name == 'pypy'",
        "platform.python_implementation() == 'PyPy'",
        "hasattr(sys, 'pypy_version_info')",
        "(win := sys.platform == 'win32')",
    ] {
        assert_eq!(branches(condition), "b", "{condition}");
        assert_eq!(branches(&format!("not ({condition})")), "a", "not {condition}");
    }
    for condition in [
        "sys.platform == 'win32' or x",
        "sys.platform == other",
        "sys.platform == 'linux' and x",
        "platform.machine() == 'arm64'",
        "hasattr(sys, 'x')",
        "hasattr(other, 'winver')",
    ] {
        assert_eq!(branches(condition), "a, b", "{condition}");
    }
}

#[test]
fn platform_checks_by_alias() {
    assert_eq!(branches_after("from sys import platform as p", "p == 'win32'"), "b");
    assert_eq!(branches_after("import platform as p", "p.system() == 'Windows'"), "b");
    assert_eq!(branches_after("WIN = sys.platform.startswith('win')", "WIN"), "b");
    assert_eq!(branches_after("_names = sys.builtin_module_names", "'posix' in _names"), "a");
    // Not where the name may hold something else.
    assert_eq!(branches_after("WIN = sys.platform == 'win32'\nWIN = True", "WIN"), "a, b");
    assert_eq!(branches_after("WIN = os.name == 'nt'\ndef f(WIN): pass", "WIN"), "a, b");
    assert_eq!(branches_after("DEBUG = False", "DEBUG"), "a, b");
}

#[test]
fn version_checks() {
    for (condition, expected) in [
        ("sys.version_info >= (3, 8)", "a >=3.8, b <3.8"),
        ("sys.version_info < (3, 8)", "a <3.8, b >=3.8"),
        ("(3, 8) <= sys.version_info", "a >=3.8, b <3.8"),
        ("(3, 8) > sys.version_info", "a <3.8, b >=3.8"),
        ("sys.version_info[:2] >= (3, 8)", "a >=3.8, b <3.8"),
        ("sys.version_info[:2] > (3, 8)", "a >=3.9, b <3.9"),
        ("sys.version_info[:2] <= (3, 8)", "a <3.9, b >=3.9"),
        ("sys.version_info > (3, 8)", "a >=3.8, b <3.8"),
        ("sys.version_info >= (3, 8, 2)", "a >=3.8, b <3.9"),
        ("sys.version_info < (3, 8, 2)", "a <3.9, b >=3.8"),
        ("sys.version_info >= (3, 12, 0, 'beta', 1)", "a >=3.12, b <3.13"),
        ("sys.version_info[:2] == (3, 8)", "b, a >=3.8"),
        ("sys.hexversion >= 0x03080000", "a >=3.8, b <3.8"),
        ("sys.hexversion < 0x030800F0", "a <3.9, b >=3.8"),
        ("not sys.version_info >= (3, 8)", "a <3.8, b >=3.8"),
        ("sys.version_info >= (3, 8) and x", "b, a >=3.8"),
        ("sys.version_info >= (3, 8) or x", "a, b <3.8"),
        ("(3, 6) <= sys.version_info < (3, 9)", "b, a >=3.6"),
        ("sys.version_info[1] >= 8", "a, b"),
        ("six.PY34", "a >=3.4, b <3.4"),
    ] {
        assert_eq!(branches(condition), expected, "{condition}");
    }
}

#[test]
fn python_2() {
    for condition in [
        "sys.version_info < (3,)",
        "sys.version_info[0] == 2",
        "sys.version_info[0] < 3",
        "sys.version_info.major == 2",
        "sys.version_info < (2, 7)",
        "sys.version_info[:2] == (2, 7)",
        "sys.hexversion < 0x03000000",
        "sys.version[0] == '2'",
        "sys.version < '3'",
        "six.PY2",
        "PY2",
        "not PY3",
        "str is bytes",
    ] {
        assert_eq!(branches(condition), "b", "{condition}");
    }
    assert_eq!(branches_after("py3 = sys.version_info[0] >= 3", "py3"), "a");
}

#[test]
fn version_chain() {
    let source = "if sys.version_info >= (3, 11):\n    import a\nelif sys.version_info >= (3, 8):\n    import b\nelse:\n    import c\n";
    let facts = facts(source);
    let guards: Vec<_> = facts.units[1..].iter().map(|u| (imports(u).join(","), u.guard.unwrap().op)).collect();
    use VersionOp::{AtLeast, Below};
    assert_eq!(guards, [("a".into(), AtLeast), ("b".into(), AtLeast), ("c".into(), Below)]);
    assert_eq!(facts.units[3].guard.unwrap().version, (3, 8));
}

#[test]
fn strings_in_the_place_of_types() {
    let strings = |source: &str| {
        facts(source).units[0].strings.iter().map(|text| text.value.to_string()).collect::<Vec<_>>().join(" ")
    };
    let source = "import typing as t\nif t.TYPE_CHECKING:\n    from a.b import C, D as E\nelse:\n    C = 'a.b.C'\n    E = 'a.b.D'\n    F = 'a.b.F'\n";
    assert_eq!(strings(source), "a.b.F");
    assert_eq!(strings("if x:\n    from a.b import C\nelse:\n    C = 'a.b.C'\n"), "a.b.C");
    assert_eq!(strings("if TYPE_CHECKING:\n    from a.b import C\nC = 'a.b.C'\n"), "a.b.C");
}
