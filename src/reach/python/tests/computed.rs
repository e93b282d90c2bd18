//! Imports of computed names.

use super::Scene;
use super::scene::STDLIB;

/// `p.backends` holds `a`, `b` and `c`, `p` also `other` and `installed`, which holds the source.
fn package(source: &str) -> Scene {
    Scene::program("import p.installed\n")
        .file("p/installed.py", source)
        .files("p/__init__.py p/other.py p/backends/__init__.py p/backends/a.py p/backends/b.py p/backends/c.py")
        .files("a.py b.py c.py")
}

#[test]
fn import_module_literal() {
    package("import importlib\nimportlib.import_module('a')\n").run().reaches("a.py").leaves("b.py p/other.py");
    let source = "import importlib\nimportlib.import_module('p.backends.a')\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/backends/b.py p/other.py a.py");
}

#[test]
fn import_module_under_another_name() {
    let source = "from importlib import import_module as load\nload('p.backends.a')\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/backends/b.py p/other.py a.py");
}

#[test]
fn import_module_relative() {
    let source = "from importlib import import_module\nimport_module('.backends.a', __package__)\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/backends/b.py p/other.py a.py");
    let source = "from importlib import import_module\nimport_module('.a', package='p.backends')\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/backends/b.py p/other.py a.py");
}

#[test]
fn import_module_relative_and_computed() {
    let source = "from importlib import import_module\nimport_module(f'._{choose()}', package='p.backends')\n";
    let scene = package(source).files("p/backends/_x.py p/_x.py");
    scene.run().reaches("p/backends/_x.py").leaves("p/backends/a.py p/_x.py p/other.py");
    let source = "import importlib\nPACKAGES = ['q.handlers']\nname = '.protocol_{}'.format(choose())\nfor package in PACKAGES:\n    importlib.import_module(name, package)\n";
    let scene =
        package(source).files("q/__init__.py q/handlers/__init__.py q/handlers/protocol_x.py q/handlers/other.py");
    scene.run().reaches("q/handlers/protocol_x.py").leaves("q/handlers/other.py p/other.py");
}

#[test]
fn f_string_prefix() {
    let source = "import importlib\nimportlib.import_module(f'p.backends.{choose()}')\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn plus_prefix() {
    let source = "import importlib\nimportlib.import_module('p.backends.' + choose())\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py p/backends/c.py").leaves("p/other.py a.py");
    let source = "import importlib\nimportlib.import_module('p.backends.x_' + choose())\n";
    package(source).files("p/backends/x_1.py").run().reaches("p/backends/x_1.py").leaves("p/backends/a.py p/other.py");
}

#[test]
fn own_package_prefix() {
    let source = "import importlib\nimportlib.import_module(__package__ + '.backends.' + choose())\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn own_package_prefix_is_no_other_packages() {
    let source = "import importlib\nimportlib.import_module(__package__ + '.backends.' + choose())\n";
    let scene = package("import p.deep.installed\n").file("p/deep/installed.py", source);
    let scene = scene.files("p/deep/__init__.py p/deep/backends/__init__.py p/deep/backends/a.py");
    scene.run().reaches("p/deep/backends/a.py").leaves("p/backends/a.py");
}

#[test]
fn list_in_a_loop() {
    let source = "import importlib\nfor name in ['p.backends.a', 'p.backends.b']:\n    importlib.import_module(name)\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py").leaves("p/backends/c.py p/other.py");
    let source = "import importlib\nfor name in ['a', 'b']:\n    importlib.import_module(name)\n";
    package(source).run().reaches("a.py b.py").leaves("c.py p/other.py");
}

#[test]
fn list_of_ends_in_a_loop() {
    let source =
        "import importlib\nfor name in ('a', 'b'):\n    importlib.import_module('.backends.' + name, __package__)\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py").leaves("p/other.py a.py");
}

#[test]
fn dict_in_a_loop() {
    let source = "import importlib\nNAMES = {'x': 'p.backends.a', 'y': 'p.backends.b'}\nfor key, name in NAMES.items():\n    importlib.import_module(name)\n";
    package(source).run().reaches("p/backends/a.py p/backends/b.py").leaves("p/backends/c.py p/other.py");
    let source = "import importlib\nNAMES = {'x': 'a', 'y': 'b'}\nfor name in NAMES.values():\n    importlib.import_module(name)\n";
    package(source).run().reaches("a.py b.py").leaves("c.py p/other.py");
}

#[test]
fn percent() {
    let scene = package("name = __import__('region_%s' % code())\n").files("region_de.py region_fr.py regional.py");
    scene.run().reaches("region_de.py region_fr.py").leaves("regional.py p/other.py");
}

#[test]
fn format() {
    let source = "import importlib\nimportlib.import_module('region_{}'.format(code()))\n";
    let scene = package(source).files("region_de.py region_fr.py regional.py");
    scene.run().reaches("region_de.py region_fr.py").leaves("regional.py p/other.py");
}

#[test]
fn sysconfigdata() {
    let source = "import sys\ndef _get_sysconfigdata_name():\n    multiarch = getattr(sys.implementation, '_multiarch', '')\n    return f'_sysconfigdata_{sys.abiflags}_{sys.platform}_{multiarch}'\ndef _init_posix(vars):\n    name = _get_sysconfigdata_name()\n    _temp = __import__(name, globals(), locals(), ['build_time_vars'], 0)\n_init_posix({})\n";
    let scene = package(source).files("_sysconfigdata__linux_x86_64-linux-gnu.py _sysconfigdata__linux_.py");
    scene.files("_sysconfig.py").run().reaches("_sysconfigdata__linux_.py").leaves("_sysconfig.py p/other.py");
}

#[test]
fn sysconfigdata_of_a_multiarch_name() {
    let source = "def _init_posix(vars):\n    name = '_sysconfigdata_{}_{}'.format(flags(), vars)\n    __import__(name)\n_init_posix({})\n";
    let data = "_sysconfigdata__x86_64-linux-gnu.py";
    package(source).files(data).files("_sysconfig.py").run().reaches(data).leaves("_sysconfig.py");
}

#[test]
fn an_importer_that_is_called_elsewhere() {
    let source = "from importlib import import_module\ndef load(name):\n    return import_module(name)\n";
    let scene = package(source).file("caller.py", "from p.installed import load\nload('a')\n");
    let scene = scene.file("/app/main.py", "import caller\n");
    scene.run().reaches("a.py").leaves("b.py p/backends/a.py p/other.py");
}

#[test]
fn dunder_import_with_fromlist() {
    let source = "__import__('p.backends', globals(), locals(), ['a'])\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/backends/b.py p/other.py");
}

#[test]
fn dunder_import_of_itself_with_a_computed_fromlist() {
    let source = "def load(name):\n    return __import__(__name__, fromlist=[name], level=0)\nload(choose())\n";
    let scene = Scene::program("import p\n").file("p/__init__.py", source);
    scene.files("p/a.py p/b.py a.py").run().reaches("p/a.py p/b.py").leaves("a.py");
}

#[test]
fn listing_by_iter_modules() {
    let source = "import pkgutil\nimport p.backends\nfor found in pkgutil.iter_modules(p.backends.__path__):\n    __import__('p.backends.' + found.name)\n";
    let listed = "import pkgutil\nimport p.backends\nfound = list(pkgutil.iter_modules(p.backends.__path__))\n";
    for source in [source, listed] {
        package(source).run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
    }
}

#[test]
fn listing_by_walk_packages() {
    let source = "import pkgutil\nfrom p import backends\nfor found in pkgutil.walk_packages(backends.__path__, 'p.backends.'):\n    found\n";
    let scene = package(source).files("p/backends/deep/__init__.py p/backends/deep/x.py");
    scene.run().reaches("p/backends/a.py p/backends/deep/x.py").leaves("p/other.py a.py");
}

#[test]
fn listing_by_iter_modules_is_not_deep() {
    let source =
        "import pkgutil\nfrom p import backends\nfor found in pkgutil.iter_modules(backends.__path__):\n    found\n";
    let scene = package(source).files("p/backends/deep/__init__.py p/backends/deep/x.py");
    scene.run().reaches("p/backends/deep/__init__.py").leaves("p/backends/deep/x.py");
}

#[test]
fn pillow_imports_plugins_and_no_other_module_by_a_computed_name() {
    let image = "from . import _plugins\ndef init():\n    for plugin in _plugins:\n        __import__(f\"{__spec__.parent}.{plugin}\", globals(), locals(), [])\ninit()\n";
    let scene = || {
        Scene::program("import PIL.Image\n")
            .file("PIL/__init__.py", "_plugins = ['BmpImagePlugin']\n")
            .file("PIL/Image.py", image)
            .files("PIL/BmpImagePlugin.py PIL/ImageTk.py")
    };
    scene().with_profiles().run().reaches("PIL/BmpImagePlugin.py").leaves("PIL/ImageTk.py");
    scene().run().reaches("PIL/ImageTk.py");
}

#[test]
fn pillow_asks_for_tk_without_needing_it() {
    let features = "modules = {'tkinter': ('PIL._tkinter_finder', 'v'), 'webp': ('PIL._webp', 'v')}\ndef check(feature):\n    module, version = modules[feature]\n    __import__(module)\n    __import__(feature)\ncheck('webp')\n";
    let scene = || {
        Scene::program("import PIL.features\n")
            .file("PIL/features.py", features)
            .files("PIL/__init__.py PIL/_webp.py PIL/_tkinter_finder.py tkinter.py")
    };
    scene().with_profiles().run().reaches("PIL/_webp.py").leaves("PIL/_tkinter_finder.py tkinter.py");
    scene().run().reaches("PIL/_tkinter_finder.py tkinter.py");
}

#[test]
fn a_setting_of_the_users_that_begins_with_a_package() {
    let load = "from importlib import import_module\ndef load(name):\n    return import_module(f'{name}.base')\n";
    let run = |program: &str| {
        let scene = Scene::program(&format!("import os, p.load\n{program}\n")).file("p/load.py", load);
        let scene = scene
            .files("p/__init__.py p/kinds/__init__.py p/kinds/one/__init__.py p/kinds/one/base.py p/kinds/one/idle.py");
        scene.files("p/hashers.py p/other.py").run()
    };
    for setting in ["'p.kinds.' + os.environ['KIND']", "f'p.kinds.{x}'", "'p.kinds.%s' % x", "'p.kinds.o{}'.format(x)"]
    {
        let outcome = run(&format!("KIND = {setting}"));
        assert!(outcome.is_reached("p/kinds/one/base.py"), "{setting}");
        outcome.leaves("p/kinds/one/idle.py p/other.py");
    }
    run("HASHER = 'p.hashers.' + x + 'Hasher'").reaches("p/hashers.py").leaves("p/kinds/one/base.py p/other.py");
    run("NOTE = 'p. ' + x").leaves("p/hashers.py p/other.py");
}

#[test]
fn words_of_the_configuration_where_the_users_code_imports_by_them() {
    let lib = |name: &str| format!("{STDLIB}/{name}.py");
    let run = |program: &str| {
        let scene = Scene::program(program).command(&["python3", "/app/main.py", "wave"]).env("KINDS", "sched,cmd");
        scene.files(&[lib("wave"), lib("sched"), lib("cmd"), lib("code")].join(" ")).run()
    };
    let all = [lib("wave"), lib("sched"), lib("cmd")].join(" ");
    run("import importlib, sys\nimportlib.import_module(sys.argv[1])\n").reaches(&all).leaves(&lib("code"));
    run("import sys\nprint(sys.argv[1])\n").leaves(&all);
}

#[test]
fn a_lone_word_of_configuration_is_a_module_of_the_standard_library() {
    let reached = |file: &str, text: &str, main: &str| {
        let wanted = &format!("{STDLIB}/colorsys.py");
        Scene::program(main).file(file, text).file(wanted, "").run().is_reached(wanted)
    };
    let main = "import importlib, settings\nimportlib.import_module(settings.read()['codec'])\n";
    for (file, text) in [
        ("/app/config.yaml", "codec: colorsys\n"),
        ("/app/config.yml", "codecs:\n  - colorsys\n"),
        ("/app/config.json", "{\"codec\": [\"colorsys\"]}"),
        ("/app/config.ini", "[main]\ncodec = colorsys\n"),
        ("/app/config.toml", "codec = 'colorsys'\n"),
        ("/app/conf/app.properties", "codec=colorsys\n"),
        ("/app/.env", "CODEC=colorsys\n"),
        ("/app/plugins.txt", "colorsys\n"),
        ("/app/config.xml", "<codec>colorsys</codec>\n"),
    ] {
        assert!(reached(file, text, main), "{file}");
        assert!(!reached(file, text, "import settings\nsettings.read()\n"), "{file}");
    }
}
