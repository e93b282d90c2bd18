//! Import statements.

use super::Scene;

#[test]
fn import_dotted_as() {
    let scene = Scene::installed("import a.b as c\n").files("a/__init__.py a/b.py a/d.py");
    scene.run().reaches("a/__init__.py a/b.py").leaves("a/d.py");
}

#[test]
fn from_package_import_submodule() {
    let scene = Scene::program("from a import b\n").files("a/__init__.py a/b.py a/d.py");
    scene.run().reaches("a/__init__.py a/b.py").leaves("a/d.py");
}

#[test]
fn from_dot_import() {
    let scene = Scene::program("import p.a\n").file("p/a.py", "from . import x\nfrom .z import f\n");
    scene.files("p/__init__.py p/x.py p/y.py p/z.py x.py").run().reaches("p/x.py p/z.py").leaves("p/y.py x.py");
}

#[test]
fn from_dot_dot_import() {
    let scene = Scene::program("import p.q.a\n").file("p/q/a.py", "from .. import y\nfrom ..z import f\n");
    let scene = scene.files("p/__init__.py p/y.py p/z.py p/x.py p/q/__init__.py p/q/y.py p/q/z.py");
    scene.run().reaches("p/y.py p/z.py").leaves("p/x.py p/q/y.py p/q/z.py");
}

#[test]
fn star_with_all() {
    let scene = |source| {
        let scene = Scene::program(source).file("p/__init__.py", "__all__ = ['x', 'name']\nname = 1\n");
        scene.files("p/x.py p/y.py").run()
    };
    scene("from p import *\n").reaches("p/__init__.py p/x.py").leaves("p/y.py");
    scene("import p\n").reaches("p/__init__.py").leaves("p/x.py p/y.py");
}

#[test]
fn star_without_all() {
    let scene = Scene::program("from p import *\n").file("p/__init__.py", "from .inner import *\n");
    scene.files("p/inner.py p/other.py").run().reaches("p/__init__.py p/inner.py").leaves("p/other.py");
}

#[test]
fn star_of_a_submodule() {
    let scene = Scene::program("from p.q import *\n").files("p/__init__.py p/q.py p/r.py");
    scene.run().reaches("p/__init__.py p/q.py").leaves("p/r.py");
}

#[test]
fn in_a_function() {
    let source = "def used():\n    import dep\n\ndef idle():\n    import other\n\nused()\n";
    Scene::installed(source).files("dep.py other.py").run().reaches("dep.py").leaves("other.py");
}

#[test]
fn in_a_method_of_a_class() {
    let source = "class Thing:\n    import body\n    def run(self):\n        import dep\n    def idle(self):\n        import other\n";
    let scene = Scene::program("from installed import Thing\nThing().run()\n").file("installed.py", source);
    scene.files("body.py dep.py other.py").run().reaches("body.py dep.py").leaves("other.py");
}

#[test]
fn try_except_import_error_with_fallback() {
    let source = "try:\n    import quick\nexcept ImportError:\n    import slow\n";
    Scene::installed(source).files("quick.py slow.py other.py").run().reaches("quick.py slow.py").leaves("other.py");
}

#[test]
fn the_stdlib_by_the_asyncio_and_concurrent_ways() {
    let source = "import asyncio\nfrom concurrent.futures import ThreadPoolExecutor\n";
    let lib = super::scene::STDLIB;
    let lazy = "__all__ = ('ThreadPoolExecutor',)\ndef __getattr__(name):\n    global ThreadPoolExecutor\n    if name == 'ThreadPoolExecutor':\n        from .thread import ThreadPoolExecutor as te\n        return te\n";
    let events = "import sys\nfrom .events import *\nif sys.platform == 'win32':\n    from .windows_events import *\nelse:\n    from .unix_events import *\n";
    let scene = Scene::program(source)
        .file(&format!("{lib}/asyncio/__init__.py"), events)
        .file(&format!("{lib}/concurrent/futures/__init__.py"), lazy);
    let names = ["events", "unix_events", "windows_events"].map(|name| format!("{lib}/asyncio/{name}.py"));
    let futures = ["thread", "other"].map(|name| format!("{lib}/concurrent/futures/{name}.py"));
    let outcome = scene.files(&format!("{lib}/concurrent/__init__.py")).files(&names.join(" "));
    let outcome = outcome.files(&futures.join(" ")).run();
    outcome.reaches(&format!("{} {} {}", names[0], names[1], futures[0]));
    outcome.leaves(&format!("{} {}", names[2], futures[1]));
}

#[test]
fn in_a_file_that_does_not_parse() {
    for source in [
        "print 'two'\nimport dep\nfrom p import a\n",
        "try:\n    import dep\nexcept ImportError, error:\n    exec 'x' in space\nfrom p import a\n",
        "{% if wanted %}\nimport dep\n{% endif %}\nclass {{ name }}({{ base }}):\n    from p import a\n",
        // The parser, which recovers from the others, makes one string of all that follows.
        "print \"\"\"two\nimport dep\nfrom p import a\n",
    ] {
        let outcome = Scene::installed(source).files("dep.py p/__init__.py p/a.py p/b.py other.py").run();
        outcome.reaches("dep.py p/a.py").leaves("p/b.py other.py");
    }
}
