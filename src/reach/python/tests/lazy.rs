//! Modules that import when one of their attributes is asked for.

use super::Scene;
use super::scene::STDLIB;

fn package(init: &str) -> Scene {
    Scene::program("import p\nprint(p.thing)\n")
        .file("p/__init__.py", init)
        .files("p/heavy.py p/light.py p/other.py lazy_loader.py heavy.py")
}

#[test]
fn a_getattr_that_a_function_installs() {
    let tool = "def import_name(name, source, namespace):\n    return __import__(source[1:], namespace, None, [name], 1)\ndef lazy_import(namespace, aliases=None):\n    def __getattr__(name):\n        return import_name(name, aliases[name], namespace)\n    namespace['__getattr__'] = __getattr__\n";
    Scene::program("import p\np.connect()\n")
        .file(
            "p/__init__.py",
            "from .imports import lazy_import\nlazy_import(globals(), aliases={'connect': '.deep.client'})\n",
        )
        .file("p/imports.py", tool)
        .files("p/deep/__init__.py p/deep/client.py p/deep/other.py")
        .run()
        .reaches("p/deep/client.py")
        .leaves("p/deep/other.py");
}

#[test]
fn getattr_with_imports() {
    let init =
        "def __getattr__(name):\n    if name == 'thing':\n        from .heavy import thing\n        return thing\n";
    package(init).run().reaches("p/heavy.py").leaves("p/other.py heavy.py");
}

#[test]
fn getattr_with_a_table() {
    let init = "import importlib\n_NAMES = {'thing': '.heavy', 'more': 'light'}\ndef __getattr__(name):\n    return importlib.import_module(_NAMES[name], __name__)\n";
    package(init).run().reaches("p/heavy.py p/light.py").leaves("p/other.py heavy.py");
}

#[test]
fn getattr_with_names_only() {
    let init = "_NAMES = {'heavy', 'light'}\ndef __getattr__(name):\n    return _machinery(name)\n";
    package(init).run().reaches("p/heavy.py p/light.py").leaves("p/other.py");
}

#[test]
fn a_module_that_replaces_itself() {
    let init =
        "import sys\n_structure = {'heavy': ['thing']}\nsys.modules[__name__] = _LazyModule(__name__, _structure)\n";
    package(init).run().reaches("p/heavy.py").leaves("p/other.py");
}

#[test]
fn lazy_loader_attach() {
    let init = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach(__name__, submodules=['light'], submod_attrs={'heavy': ['thing']})\n";
    package(init).run().reaches("p/heavy.py p/light.py").leaves("p/other.py");
}

/// JAX has a copy of its own, which is given the package whose modules are meant.
#[test]
fn a_function_that_joins_what_it_is_given() {
    for function in ["attach", "on_demand"] {
        let tool = format!(
            "import importlib\ndef {function}(package, names):\n    def __getattr__(name):\n        if name in names:\n            return importlib.import_module(f'{{package}}.{{name}}')\n        raise AttributeError\n    return __getattr__, names\n"
        );
        let init = format!("from p import tool\n__getattr__, __all__ = tool.{function}('far.away', ['one', 'two'])\n");
        Scene::program("from p.shim import one\n")
            .file("p/__init__.py", "")
            .file("p/shim.py", &init)
            .file("p/tool.py", &tool)
            .files("far/__init__.py far/away/__init__.py far/away/one.py far/away/two.py far/away/three.py")
            .run()
            .reaches("far/away/one.py far/away/two.py")
            .leaves("far/away/three.py");
    }
}

#[test]
fn lazy_loader_attach_stub() {
    let init = "import lazy_loader as lazy\n__getattr__, __dir__, __all__ = lazy.attach_stub(__name__, __file__)\n";
    let scene = package(init).file("p/__init__.pyi", "from . import light\nfrom .heavy import thing\n");
    let outcome = scene.file("p/other.pyi", "").run();
    outcome.reaches("p/__init__.pyi p/heavy.py p/light.py").leaves("p/other.py p/other.pyi");
}

#[test]
fn getattr_that_imports_the_submodule_of_that_name() {
    for import in [
        "importlib.import_module(f'.{name}', __name__)",
        "importlib.import_module('.' + name, __package__)",
        "importlib.import_module('.%s' % name, package=__name__)",
        "importlib.import_module(f'{__name__}.{name}')",
        "importlib.import_module(__name__ + '.' + name)",
    ] {
        let init = format!("import importlib\ndef __getattr__(name):\n    return {import}\n");
        package(&init).file("/app/main.py", "import p\nprint(p.heavy.x)\n").run().reaches("p/heavy.py");
    }
}

#[test]
fn a_table_of_names_in_a_module_of_its_own() {
    let init = "import importlib\nfrom ._table import WHERE\ndef __getattr__(name):\n    return getattr(importlib.import_module(WHERE[name], __name__), name)\n";
    package(init).file("p/_table.py", "WHERE = {'thing': '.heavy'}\n").run().reaches("p/heavy.py").leaves("p/other.py");
    let init = "import importlib\nfrom ._table import where\ndef __getattr__(name):\n    return getattr(importlib.import_module(where[name], __name__), name)\n";
    package(init).file("p/_table.py", "where = {'thing': '.heavy'}\n").run().reaches("p/heavy.py").leaves("p/other.py");
}

#[test]
fn an_object_that_imports_what_it_is_asked_for() {
    let lazy = "import importlib\nclass Std:\n    def __getattr__(self, name):\n        return importlib.import_module(name)\nstd = Std()\n";
    let scene = |main: &str| {
        let files = format!("{STDLIB}/colorsys.py {STDLIB}/sndhdr.py");
        Scene::program(main).file("lazy.py", lazy).file("/app/own.py", lazy).files(&files)
    };
    let main = format!("import sys\n{lazy}print(std.colorsys.rgb_to_hsv(1, 2, 3), 'as said')\n");
    scene(&main).run().reaches(&format!("{STDLIB}/colorsys.py")).leaves(&format!("{STDLIB}/sndhdr.py"));
    for module in ["lazy", "own"] {
        let outcome = scene(&format!("from {module} import std\nprint(std.colorsys.rgb_to_hsv(1, 2, 3))\n")).run();
        outcome.reaches(&format!("{STDLIB}/colorsys.py")).leaves(&format!("{STDLIB}/sndhdr.py"));
    }
}
