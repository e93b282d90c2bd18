//! Forms of importing, one test each.

use super::super::super::facts::{UnitKind, Value};
use super::*;

#[test]
fn import_dotted_as() {
    let unit = module("import a.b as c, d\nc.f()\n");
    assert_eq!(imports(&unit), ["a.b", "d"]);
    for name in ["a", "b", "d", "f"] {
        assert!(unit.uses(name), "{name} in {unit:?}");
    }
    assert_eq!(facts("import a.b as c, d.e\n").bound, Words::of(["c", "d"]));
}

#[test]
fn from_dot_import() {
    assert_eq!(
        all_imports("from . import x\nfrom .. import y\nfrom ...p.q import z as w\n"),
        [".:x", "..:y", "...p.q:z"]
    );
    assert_eq!(facts("from . import x as y\n").bound, Words::of(["y"]));
}

#[test]
fn star_import_and_all() {
    let source =
        "from p import *\n__all__ = ['a', 'b']\n__all__ += ['c']\n__all__.extend(['d'])\n__all__.append('e')\n";
    let facts = facts(source);
    assert_eq!(imports(&facts.units[0]), ["p:*"]);
    assert_eq!(facts.bound, Words::of(["__all__"]));
    let all: Vec<&str> = facts.all.as_ref().unwrap().iter().map(|s| &**s).collect();
    assert_eq!(all, ["a", "b", "c", "d", "e"]);
}

#[test]
fn all_with_computed_parts() {
    let all = |source: &str| facts(source).all.map(|all| all.join(","));
    assert_eq!(all("__all__ = p.__all__ + ['x'] + q.__all__\n").as_deref(), Some("x"));
    assert_eq!(all("__all__: list[str] = sorted(('x', 'y'))\n").as_deref(), Some("x,y"));
    assert_eq!(all("__getattr__, __all__ = attach(), ['x']\n").as_deref(), Some("x"));
    assert_eq!(all("__all__ = []\n").as_deref(), Some(""));
    assert_eq!(all("__all__ = [n for n in dir()]\n"), None);
    assert_eq!(all("def f():\n    __all__ = ['x']\n"), None);
}

#[test]
fn import_in_function() {
    let facts = facts(
        "class C(base.B):\n    def m(self):\n        import a\n        def inner(): import b\nasync def f(): import c\n",
    );
    use UnitKind::{Class, Function, Module};
    let expected = [(Module, "", 0), (Class, "C", 0), (Function, "m", 1), (Function, "inner", 2), (Function, "f", 0)];
    assert_eq!(kinds(&facts), expected);
    assert_eq!(facts.units[1].bases, ["base.B".into()]);
    assert_eq!(imports(&facts.units[2]), ["a"]);
    assert_eq!(imports(&facts.units[3]), ["b"]);
    assert_eq!(imports(&facts.units[4]), ["c"]);
    assert_eq!(facts.units[2].line, 2);
    assert_eq!(facts.units[2].imports[0].line, 3);
    let chain: Vec<&str> = facts.ancestors(3).map(|u| &*u.name).collect();
    assert_eq!(chain, ["inner", "m", "C", ""]);
}

#[test]
fn try_import_error_with_fallbacks() {
    let source = "try:\n    import a\nexcept ImportError:\n    try:\n        import b\n    except KeyError:\n        import c\nelse:\n    import d\nfinally:\n    import e\n";
    assert_eq!(all_imports(source), ["a?", "d", "e", "b?", "c?"]);
    for class in ["(KeyError, ModuleNotFoundError)", "builtins.ImportError", "Exception as e", ""] {
        assert_eq!(all_imports(&format!("try: import a\nexcept {class}: pass\n")), ["a?"], "{class}");
    }
    assert_eq!(all_imports("try: import a\nexcept KeyError: pass\n"), ["a"]);
    assert_eq!(all_imports("with contextlib.suppress(ImportError):\n    import a\nimport b\n"), ["a?", "b"]);
    assert_eq!(all_imports("try:\n    def f(): import a\nexcept ImportError: pass\n"), ["a"]);
}

#[test]
fn exec_of_source_in_strings() {
    assert_eq!(all_imports("exec('import a; from .b import c')\n"), ["a?", ".b:c?"]);
    assert_eq!(all_imports("T = '''\n    import a\n    def f():\n        from b import c\n'''\n"), ["a?", "b:c?"]);
    assert_eq!(all_imports("x = 'from m.spawn import main; main(%d, %r)' % (1, 2)\n"), ["m.spawn:main?"]);
    assert_eq!(all_imports("x = f'import a.{b}; import c'\n"), ["c?"]);
    assert_eq!(all_imports("run([exe, '-c', 'import a\\nprint(a)'])\n"), ["a?"]);
    assert_eq!(all_imports("'''\nimport a\n'''\ndef f():\n    '''import b'''\n"), [] as [&str; 0]);
    assert_eq!(all_imports("log('import of the module failed')\nlog('import a. See b')\n"), [] as [&str; 0]);
    assert_eq!(facts("x = '''\n\nimport a\n'''\n").units[0].imports[0].line, 3);
}

#[test]
fn import_module_literal() {
    assert_eq!(calls("import importlib\nimportlib.import_module('x')\n"), ["importlib.import_module(\"x\")"]);
    let source = "from importlib import import_module as im\nim('.x', __package__)\nim('.y', package=__name__)\n";
    assert_eq!(
        calls(source),
        ["importlib.import_module(\".x\", __package__)", "importlib.import_module(\".y\", package=__name__)"]
    );
    assert_eq!(calls("load = __import__\nload(name)\n"), ["__import__(name)"]);
    assert_eq!(calls("import_module('.x', __spec__.parent)\n"), ["import_module(\".x\", __package__)"]);
}

#[test]
fn import_module_of_either() {
    assert_eq!(calls("import_module('a' if x else 'b')\n"), ["import_module(\"a\")", "import_module(\"b\")"]);
    assert_eq!(calls("import_module(x or 'b')\n"), ["import_module(x)", "import_module(\"b\")"]);
}

#[test]
fn import_module_prefix() {
    assert_eq!(calls("import_module(f'pkg.{x}')\n"), ["import_module(`pkg.*`)"]);
    assert_eq!(calls("import_module('pkg.' + x + '.sub')\n"), ["import_module(`pkg.*.sub`)"]);
    assert_eq!(calls("__import__('region_%s' % code)\n"), ["__import__(`region_*`)"]);
    assert_eq!(calls("import_module('pkg.{}_{k}'.format(x, k=y))\n"), ["import_module(`pkg.*_*`)"]);
    assert_eq!(calls("import_module('.'.join(['pkg', x]))\n"), ["import_module(`pkg.*`)"]);
    assert_eq!(calls("import_module(f'{__name__}.{x}')\n"), ["import_module(`<name>.*`)"]);
    assert_eq!(calls("import_module('%s.%s' % (__package__, 'x'))\n"), ["import_module(`<package>.x`)"]);
    assert_eq!(calls("import_module(x)\n"), ["import_module(x)"]);
    assert_eq!(calls("import_module(x())\n"), ["import_module(_)"]);
}

#[test]
fn import_module_loop_over_literals() {
    let unit = module("for n in ['a.b', 'c']:\n    import_module(n)\nd = {'k': 'e.f'}\n__import__(d[k])\n");
    assert_eq!(strings(&unit), ["a.b", "c", "k", "e.f"]);
    let shown: Vec<String> = unit.calls.iter().map(show_call).collect();
    assert_eq!(shown, ["import_module(\"a.b\")", "import_module(\"c\")", "__import__(_)"]);
}

#[test]
fn lists_and_dicts_as_arguments() {
    assert_eq!(calls("f(['a', ('b', x), {'c'}])\n"), ["f([\"a\", [\"b\", x], [\"c\"]])"]);
    assert_eq!(
        calls("attach(__name__, submod_attrs={'a': ['b', 'c'], 'd': x})\n"),
        ["attach(__name__, submod_attrs=[\"a\", [\"b\", \"c\"], \"d\"])"]
    );
    assert_eq!(calls("f('a', *x, **y)\n"), ["f(\"a\", _, **=y)"]);
    let long = format!("f([{}])\n", "'a',".repeat(10_000));
    let unit = module(&long);
    assert!(matches!(&unit.calls[0].args[0].value, Value::List(values) if values.len() == 4096));
}

#[test]
fn lazy_module_getattr() {
    assert!(facts("def __getattr__(name):\n    return import_module('.' + name, __name__)\n").lazy);
    assert!(facts("__getattr__, __dir__, __all__ = lazy.attach(__name__, ['a'])\n").lazy);
    assert!(facts("from x import __getattr__\n").lazy);
    assert!(facts("import sys\nsys.modules[__name__] = Lazy()\n").lazy);
    assert!(!facts("class C:\n    def __getattr__(self, name): pass\n").lazy);
}

#[test]
fn lazy_loader_stub() {
    let source = "import lazy_loader as lazy\n__getattr__, *_ = lazy.attach_stub(__name__, __file__)\n";
    assert_eq!(calls(source), ["lazy_loader.attach_stub(__name__, __file__)"]);
    assert!(looks_like_python(b"__init__.pyi", b""));
    assert_eq!(all_imports("from .a import b as b\n"), [".a:b"]);
}

#[test]
fn packages_listed_and_split() {
    let source = "import pkgutil, pkg_resources\nfor m in pkgutil.iter_modules(pkg.__path__): pass\n__path__ = pkgutil.extend_path(__path__, __name__)\n__import__('pkg_resources').declare_namespace(__name__)\n";
    let shown = calls(source);
    assert!(shown.contains(&"pkgutil.iter_modules(pkg.__path__)".to_owned()), "{shown:?}");
    assert!(shown.contains(&"pkgutil.extend_path(__path__, __name__)".to_owned()), "{shown:?}");
    assert!(shown.contains(&"?.declare_namespace(__name__)".to_owned()), "{shown:?}");
    assert!(shown.contains(&"__import__(\"pkg_resources\")".to_owned()), "{shown:?}");
}

#[test]
fn resources_metadata_libraries_commands() {
    for (source, call) in [
        ("from importlib.resources import files as f\nf('pkg')\n", "importlib.resources.files(\"pkg\")"),
        ("from importlib import metadata\nmetadata.version('dist')\n", "importlib.metadata.version(\"dist\")"),
        ("entry_points(group='g')\n", "entry_points(group=\"g\")"),
        ("entry_points()\n", "entry_points()"),
        ("pkgutil.get_data(__package__, 'x.json')\n", "pkgutil.get_data(__package__, \"x.json\")"),
        ("from ctypes import CDLL as load\nload('libx.so.1')\n", "ctypes.CDLL(\"libx.so.1\")"),
        ("ctypes.util.find_library('ssl')\n", "ctypes.util.find_library(\"ssl\")"),
        ("os.system('ls -l | wc')\n", "os.system(\"ls -l | wc\")"),
        ("subprocess.run(['ldconfig', '-p'], check=True)\n", "subprocess.run([\"ldconfig\", \"-p\"], check=constant)"),
        ("runpy.run_module('m')\n", "runpy.run_module(\"m\")"),
        ("codecs.lookup('idna')\n", "codecs.lookup(\"idna\")"),
    ] {
        assert!(calls(source).contains(&call.to_owned()), "{source}: {:?}", calls(source));
    }
}

#[test]
fn callee_without_a_dotted_name() {
    assert_eq!(calls("self.load('x')\nx().load('y')\nx()('z')\n"), ["self.load(\"x\")", "?.load(\"y\")", "?(\"z\")"]);
}

#[test]
fn decorators_that_register() {
    let registered = |decorator: &str| facts(&format!("@{decorator}\ndef f(): pass\n")).units[1].registered;
    for plain in ["property", "functools.lru_cache(maxsize=1)", "x.setter", "staticmethod", "typing.overload"] {
        assert!(!registered(plain), "{plain}");
    }
    for other in ["app.route('/')", "task", "f.register(int)", "atexit.register", "table['x']"] {
        assert!(registered(other), "{other}");
    }
    assert!(!facts("def f(): pass\n").units[1].registered);
    assert_eq!(
        calls("@app.route('index')\ndef f(): pass\n".split_once('\n').unwrap().0.trim_start_matches('@')),
        ["app.route(\"index\")"]
    );
}

#[test]
fn what_a_signature_holds_belongs_to_the_enclosing_scope() {
    let facts = facts("@deco('d.e')\ndef f(a: Ann = default, *, b=g('x.y')) -> Ret:\n    body\n");
    let body = &facts.units[0];
    for name in ["deco", "Ann", "default", "g", "Ret"] {
        assert!(body.uses(name), "{name} in {body:?}");
    }
    assert_eq!(strings(body), ["d.e", "x.y"]);
    assert_eq!(facts.units[1].names, Words::of(["body"]));
}

#[test]
fn bound_names() {
    let source = "import a.b\nx = y = 1\n(p, [q, *r]) = z\nfor i in t: j = 1\nwith o as w: pass\nif (n := 1): m = 2\ntry: k = 1\nexcept E: l = 1\nclass C: inner = 1\ndef f(g):\n    global h\n    local = 1\n[c for c in t]\nu: int\nv: int = 1\nmatch s:\n    case [A(d), *e]: pass\nif sys.version_info >= (3, 9): from z import y1\n";
    let bound = facts(source).bound;
    let expected = "C a d e f h i j k l m n p q r v w x y y1";
    assert_eq!(bound, Words::of(expected.split(' ')));
}

#[test]
fn names_in_use() {
    let source =
        "a.b.c(d, e=f)[g]\nx.y = 1\ngetattr(o, 'h')\n'i.j:k'.l\nm = 'n o'\nlambda p: q\nfrom r import s as t\n";
    let unit = module(source);
    let mut used: Vec<&str> = unit.used().collect();
    used.sort();
    assert_eq!(used.join(" "), "a b c d e f g getattr h i j k l o q r s x y");
}

#[test]
fn import_that_serves_constants() {
    let calls = |source: &str| {
        let facts = facts(source);
        let imports = facts.units.iter().flat_map(|unit| &unit.imports);
        imports.map(|import| import.constant_calls.join(",")).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(calls("def f():\n    import a.b as e\n    return e.parse('<a/>').find(x)\n"), "parse");
    assert_eq!(calls("def f():\n    from a import b\n    return b.read('x'), b.parse('y')\n"), "parse,read");
    for other in [
        "import a as e\ne.parse('x')\n",
        "class C:\n    import a as e\n    e.parse('x')\n",
        "def f():\n    global e\n    import a as e\n    e.parse('x')\n",
        "def f():\n    import a as e\n    e.parse(x)\n",
        "def f():\n    import a as e\n    e.parse('x', parser=y)\n",
        "def f():\n    import a as e\n    e.parse('x encoding=y')\n",
        "def f():\n    import a as e\n    e.parse('x')\n    return e\n",
        "def f():\n    import a as e\n    e.parse('x')\n    return e.write\n",
        "def f(e):\n    import a as e\n    e.parse('x')\n",
        "def f():\n    import a as e\n",
    ] {
        assert_eq!(calls(other), "", "{other}");
    }
}
