//! Names that are held somewhere else than where they are used.

use super::Scene;
use super::scene::{STDLIB, zip};
use crate::reach::elf::fixture::ElfFile;

/// `p.backends` holds `a`, `b` and `c`, `p` also `other`, `tables` and `installed`, which holds the source.
fn package(source: &str) -> Scene {
    Scene::program("import p.installed\n")
        .file("p/installed.py", source)
        .files("p/__init__.py p/other.py p/backends/__init__.py p/backends/a.py p/backends/b.py p/backends/c.py")
        .files("a.py b.py c.py q.py")
}

#[test]
fn a_prefix_in_a_constant() {
    for import in
        ["PREFIX + '.' + choose()", "'%s.%s' % (PREFIX, choose())", "f'{PREFIX}.{choose()}'", "PREFIX_DOT + choose()"]
    {
        let source = format!(
            "import importlib\nPREFIX = 'p.backends'\nPREFIX_DOT = 'p.backends.'\nimportlib.import_module({import})\n"
        );
        package(&source).run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
    }
}

#[test]
fn a_prefix_in_a_local_variable() {
    let source = "import importlib\ndef load(kind):\n    prefix = 'p.backends.'\n    return importlib.import_module(prefix + kind)\nload(choose())\n";
    package(source).run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn a_prefix_in_a_class_attribute() {
    let source = "import importlib\nclass Loader:\n    prefix = 'p.backends.'\n    def load(self, kind):\n        return importlib.import_module(self.prefix + kind)\nLoader().load(choose())\n";
    package(source).run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn a_function_that_hands_on_what_it_imports() {
    let source = "import importlib\nfrom p.tool import import_any\ndef load(name):\n    if name == 'x':\n        full = 'p.backends.' + name\n    else:\n        full = name\n    return import_any(full)\nload(choose())\n";
    let tool = "class Tool:\n    def _import(self, name):\n        return __import__(name)\ndef import_any(name):\n    return Tool()._import(name)\n";
    let scene = package(source).file("p/tool.py", tool);
    scene.run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
    let source = "from p.tool import import_patched\nfor name in choose():\n    import_patched('p.backends.' + name)\n";
    let tool = "def inject(name, globals):\n    return __import__(name, {}, {}, name.split('.')[:-1])\ndef import_patched(name, **more):\n    return inject(name, None)\n";
    let scene = package(source).file("p/tool.py", tool);
    scene.run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn a_computed_package_and_what_is_taken_from_it() {
    let source = "__import__(f'p.locales.{language}', globals(), locals(), ['errors'])\n";
    let files = "p/locales/__init__.py p/locales/eng/__init__.py p/locales/eng/errors.py p/locales/eng/more.py";
    package(source).files(files).run().reaches("p/locales/eng/errors.py").leaves("p/locales/eng/more.py p/other.py");
}

#[test]
fn a_prefix_in_another_module() {
    for (import, name) in [
        ("from .tables import PREFIX", "PREFIX"),
        ("from p import tables", "tables.PREFIX"),
        ("import p.tables as tables", "tables.PREFIX"),
    ] {
        let source = format!(
            "import importlib\n{import}\ndef load(kind):\n    return importlib.import_module({name} + kind)\nload(choose())\n"
        );
        let scene = package(&source).file("p/tables.py", "PREFIX = 'p.backends.'\n");
        scene.run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
    }
}

#[test]
fn names_in_a_list_of_another_module() {
    for (import, name) in [("from .tables import NAMES", "NAMES"), ("from . import tables", "tables.NAMES")] {
        let source = format!("import importlib\n{import}\nfor name in {name}:\n    importlib.import_module(name)\n");
        let scene = package(&source).file("p/tables.py", "NAMES = ['a', 'b']\n");
        scene.run().reaches("a.py b.py").leaves("p/other.py c.py");
    }
}

#[test]
fn names_in_a_class_attribute_of_another_module() {
    let source =
        "import importlib\nfrom .tables import Names\nfor name in Names.LOADED:\n    importlib.import_module(name)\n";
    let scene = package(source).file("p/tables.py", "class Names:\n    LOADED = ('.backends.a', 'b')\n");
    scene.run().reaches("p/backends/a.py b.py").leaves("p/other.py c.py");
}

#[test]
fn a_computed_fromlist() {
    for fromlist in ["[choose()]", "fromlist=[choose()]", "[str(name)]", "names"] {
        let fromlist =
            if fromlist.contains('=') { fromlist.to_owned() } else { format!("globals(), locals(), {fromlist}") };
        package(&format!("__import__('p.backends', {fromlist})\n"))
            .run()
            .reaches("p/backends/a.py p/backends/c.py")
            .leaves("p/other.py a.py");
    }
    package("__import__('p.backends', fromlist=['*'])\n")
        .run()
        .reaches("p/backends/__init__.py")
        .leaves("p/backends/a.py");
}

#[test]
fn an_importer_that_is_passed_on() {
    for call in [
        "list(map(importlib.import_module, ['p.backends.a', 'b']))",
        "list(map(importlib.import_module, NAMES))",
        "pool.submit(importlib.import_module, 'p.backends.a'); pool.submit(importlib.import_module, 'b')",
        "load = functools.partial(importlib.import_module, package='p')\nload('.backends.a')\nload('b')",
    ] {
        let source = format!("import importlib, functools\nNAMES = ['p.backends.a', 'b']\n{call}\n").replace(
            "NAMES = ['p.backends.a', 'b']\n",
            if call.contains("NAMES") { "NAMES = ['p.backends.a', 'b']\n" } else { "" },
        );
        package(&source).run().reaches("p/backends/a.py b.py").leaves("p/other.py c.py");
    }
}

#[test]
fn a_package_that_passes_its_folders_on() {
    for call in ["register(linter, __path__[0])", "register(__path__)"] {
        let scene = Scene::program("import p\n").file("p/__init__.py", format!("from tool import register\n{call}\n"));
        let scene = scene.files("tool.py p/one.py p/sub/__init__.py p/sub/two.py q/__init__.py");
        scene.run().reaches("p/one.py p/sub/__init__.py").leaves("p/sub/two.py q/__init__.py");
    }
    let scene =
        Scene::program("import p\n").file("p/__init__.py", "import os\nDATA = os.path.join(__path__[0], 'data')\n");
    scene.files("p/one.py").run().leaves("p/one.py");
}

#[test]
fn a_relative_name_as_an_argument() {
    let scene = |call: &str| {
        Scene::program("import p.setup\n")
            .file("p/setup.py", format!("def includeme(config):\n    {call}\nincludeme(x)\n"))
            .files("p/__init__.py p/views.py p/deep/__init__.py p/deep/more.py p/other.py views.py")
    };
    scene("config.include('.views')").run().reaches("p/views.py").leaves("p/other.py views.py");
    scene("config.add_view('.deep.more.home')").run().reaches("p/deep/more.py").leaves("p/other.py");
    scene("config.endswith('.views')").run().leaves("p/views.py");
}

#[test]
fn a_command_in_a_variable() {
    for source in [
        "command = ['tool', '-v']\nsubprocess.run(command)\n",
        "TOOL = 'tool'\nsubprocess.run([TOOL, '-v'])\n",
        "def go():\n    cmd = ['tool']\n    subprocess.check_call(cmd + options)\ngo()\n",
        "subprocess.run(['tool'] + options)\n",
        "subprocess.run(shlex.split('tool -v'))\n",
        "subprocess.run('tool -v'.split())\n",
        "subprocess.run([os.environ.get('TOOL', 'tool'), '-v'])\n",
        "class Tool:\n    program = 'tool'\n    def go(self):\n        subprocess.run(self.program)\nTool().go()\n",
        "for name in ('tool', 'second'):\n    subprocess.run(name)\n",
        "if x:\n    cmd = ['tool']\nelse:\n    cmd = ['second']\nsubprocess.run(cmd)\n",
        "for name in ('tool', 'second'):\n    shutil.which(name)\n",
        "def settings():\n    if windows():\n        shell = 'cmd.exe'\n    else:\n        shell = 'tool'\n    return {'shell': shell}\nsettings()\n",
    ] {
        let scene = Scene::installed(&format!("import subprocess, shlex, os, shutil\n{source}"));
        let scene = scene.files("/usr/bin/tool /usr/bin/second /usr/bin/other");
        let outcome = scene.run();
        outcome.reaches("/usr/bin/tool").leaves("/usr/bin/other");
        if source.contains("second") {
            outcome.reaches("/usr/bin/second");
        }
    }
}

#[test]
fn a_command_in_the_users_code_that_cannot_be_read() {
    let source = "import subprocess\nTOOLS = {'first': 'tool', 'more': [['second', '-v']]}\nfor c in TOOLS.values():\n    subprocess.run([*c, 'x'])\n";
    let files = "/usr/bin/tool /usr/bin/second /usr/bin/other";
    let outcome = Scene::program(source).files(files).run();
    outcome.reaches("/usr/bin/tool /usr/bin/second").leaves("/usr/bin/other");
    // A library's strings say less.
    Scene::installed(source).files(files).run().leaves("/usr/bin/tool /usr/bin/second");
}

#[test]
fn a_command_line_that_the_users_code_gives_by_keyword() {
    for keyword in ["editor", "pager", "executable", "command"] {
        for text in ["'a line'", "'other', 'second'"] {
            let source = format!("import click\nclick.edit({text}, {keyword}=\"tool -i~ 's/$/x/'\")\n");
            let scene = |of: fn(&str) -> Scene| of(&source).files("/usr/bin/tool /usr/bin/second /usr/bin/other");
            scene(Scene::program).run().reaches("/usr/bin/tool").leaves("/usr/bin/second /usr/bin/other");
            scene(Scene::installed).run().leaves("/usr/bin/tool");
        }
    }
}

#[test]
fn libraries_in_a_list() {
    let dir = "/usr/lib/x86_64-linux-gnu";
    for source in [
        "for name in ('libfoo.so.1', 'libmissing.so'):\n    ctypes.CDLL(name)\n",
        "NAMES = ['libfoo.so.1']\nfor name in NAMES:\n    ctypes.CDLL(name)\n",
        "NAMES = ['libfoo.so.1']\nlibraries = [ctypes.CDLL(name) for name in NAMES]\n",
        "NAME = 'libfoo.so.1'\nctypes.CDLL(NAME)\n",
        "version = choose()\nctypes.CDLL(f'libfoo.so.{version}')\n",
        "for short in ['foo', 'missing']:\n    ctypes.util.find_library(short)\n",
        "def load(name='libfoo.so.1'):\n    return ctypes.CDLL(name)\nload()\n",
        "from cffi import FFI\nFFI().dlopen('foo')\n",
    ] {
        let library = |name: &str| ElfFile::new().soname(name).build();
        let scene = Scene::installed(&format!("import ctypes, ctypes.util\n{source}"))
            .file(&format!("{dir}/libfoo.so.1"), library("libfoo.so.1"))
            .file(&format!("{dir}/libother.so.1"), library("libother.so.1"));
        scene.run().reaches(&format!("{dir}/libfoo.so.1")).leaves(&format!("{dir}/libother.so.1"));
    }
}

#[test]
fn a_codec_of_a_literal() {
    for call in
        ["'x'.encode('CP1252')", "b'x'.decode('Windows-1252'.replace('Windows-', 'cp')); 'x'.encode(encoding='cp1252')"]
    {
        let files = ["__init__", "cp1252", "cp1251"].map(|name| format!("{STDLIB}/encodings/{name}.py"));
        let scene = Scene::installed(&format!("{call}\n")).files(&files.join(" "));
        scene.run().reaches(&files[1]).leaves(&files[2]);
    }
}

/// What `compile` and `marshal` make of `import dep` and `from . import sibling`: strings marked `0xda`.
fn bytecode(names: &[&str]) -> Vec<u8> {
    let mut bytes = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3\0\0\0\0".to_vec();
    for name in names {
        bytes.extend([0xda, u8::try_from(name.len()).unwrap()]);
        bytes.extend(name.as_bytes());
    }
    bytes
}

#[test]
fn bytecode_without_source() {
    let scene = Scene::program("import p.compiled\n").file("p/__init__.pyc", bytecode(&["x"]));
    let scene = scene.file("p/compiled.pyc", bytecode(&["dep", "sibling", "q.deep"]));
    let scene = scene.files("dep.py p/sibling.py q/__init__.py q/deep.py other.py p/unused.pyc");
    scene.run().reaches("p/__init__.pyc p/compiled.pyc dep.py p/sibling.py q/deep.py").leaves("other.py p/unused.pyc");
}

#[test]
fn a_program_of_bytecode() {
    let scene = Scene::new().command(&["python3", "/app/main.pyc"]).file("/app/main.pyc", bytecode(&["dep"]));
    scene.files("dep.py other.py").run().reaches("dep.py").leaves("other.py");
}

#[test]
fn bytecode_in_an_archive() {
    let member = String::from_utf8_lossy(&[]).into_owned();
    let archive = zip(&[("__main__.py", "import inner\n"), ("inner.py", "import dep\n"), ("empty.py", &member)]);
    let scene = Scene::new().command(&["python3", "/srv/app.zip"]).file("/srv/app.zip", archive);
    scene.files("dep.py other.py").run().reaches("dep.py").leaves("other.py");
}

#[test]
fn pickled_data() {
    let scene = |path: &str, data: &[u8]| {
        Scene::program("import pickle\npickle.load(open('/app/model.pkl', 'rb'))\nimport p\n")
            .file(path, data)
            .files("p/__init__.py shapes/__init__.py shapes/round.py shapes/other.py lone.py unused.py")
    };
    for data in [
        &b"\x80\x02cshapes.round\nCircle\nq\0)\x81q\x01clone\nThing\n."[..],
        b"\x80\x04\x95\0\0\0\0\0\0\0\0\x8c\x0cshapes.round\x94\x8c\x06Circle\x94\x93\x94\x8c\x04lone\x94\x8c\x05Thing\x93.",
    ] {
        for path in ["/app/model.pkl", "/app/model.joblib", "p/data.pickle"] {
            scene(path, data).run().reaches("shapes/round.py lone.py").leaves("shapes/other.py unused.py");
        }
    }
}

#[test]
fn a_file_beside_an_imported_module() {
    for path in [
        "(pathlib.Path(tools.__file__).parent / 'wrapper.py').read_text()",
        "open(os.path.join(os.path.dirname(tools.__file__), 'wrapper.py'))",
    ] {
        let scene = Scene::installed(&format!("import os, pathlib\nfrom p import tools\ncode = {path}\n"));
        let scene = scene.files("p/__init__.py p/tools/__init__.py p/tools/wrapper.py p/tools/other.py p/wrapper.py");
        scene.run().reaches("p/tools/wrapper.py").leaves("p/tools/other.py");
    }
}

#[test]
fn a_group_with_a_computed_name() {
    let points = "[demo.plugins.fast]\none = plug.one:Plugin\n\n[other.plugins]\ntwo = plug.two:Plugin\n";
    for group in ["f'demo.plugins.{kind()}'", "'demo.plugins.' + kind()", "PREFIX + kind()"] {
        let source = format!(
            "from importlib.metadata import entry_points\nPREFIX = 'demo.plugins.'\nentry_points(group={group})\n"
        );
        let scene = Scene::installed(&source).file("plug-1.0.dist-info/entry_points.txt", points);
        let scene = scene.files("plug-1.0.dist-info/METADATA plug/__init__.py plug/one.py plug/two.py");
        scene.run().reaches("plug/one.py").leaves("plug/two.py");
    }
}

#[test]
fn metadata_of_names_in_a_list() {
    let source =
        "import importlib.metadata\nfor name in ('some-dist', 'missing'):\n    importlib.metadata.version(name)\n";
    let scene = Scene::installed(source).files("some_dist-1.0.dist-info/METADATA other-1.0.dist-info/METADATA");
    scene.run().reaches("some_dist-1.0.dist-info/METADATA").leaves("other-1.0.dist-info/METADATA");
}

#[test]
fn code_that_is_read_and_executed() {
    for call in [
        "exec(open(os.path.join(os.path.dirname(__file__), 'code.py')).read())",
        "runpy.run_path(os.path.join(os.path.dirname(__file__), 'code.py'))",
        "exec((pathlib.Path(__file__).parent / 'code.py').read_text())",
        "importlib.util.spec_from_file_location('x', os.path.join(os.path.dirname(__file__), 'code.py'))",
        "exec(compile(open(HERE + '/code.py').read(), 'code.py', 'exec'))",
    ] {
        let source = format!(
            "import os, runpy, pathlib, importlib.util\nHERE = os.path.dirname(os.path.abspath(__file__))\n{call}\n"
        );
        let scene = package(&source).file("p/code.py", "import q\n");
        scene.run().reaches("p/code.py q.py").leaves("p/other.py a.py");
    }
}

#[test]
fn an_object_of_a_computed_module() {
    let source = "import pkgutil\npkgutil.resolve_name(f'p.backends.{choose()}:Backend')\n";
    package(source).run().reaches("p/backends/a.py").leaves("p/other.py a.py");
    let source = "from importlib import import_module\ndef load(path):\n    module, _, name = path.rpartition('.')\n    return getattr(import_module(module), name)\nload(f'p.backends.{choose()}.Backend')\n";
    package(source).run().reaches("p/backends/a.py p/backends/c.py").leaves("p/other.py a.py");
}

#[test]
fn an_import_by_an_attribute_of_the_object() {
    let load = "from importlib import import_module\ndef get_driver(name):\n    return import_module(name)\n";
    let base = "from p.load import get_driver\nclass Base:\n    driver = ''\n    def open(self):\n        get_driver(self.driver)\n";
    let one = "from p.base import Base\nclass One(Base):\n    driver = 'dep'\n    label = 'other'\n";
    let scene = Scene::program("from p.one import One\nOne().open()\n").file("p/load.py", load).file("p/base.py", base);
    let scene = scene.file("p/one.py", one).files("p/__init__.py dep.py other.py");
    scene.run().reaches("dep.py").leaves("other.py");
    let direct = "import importlib\nclass Base:\n    def __init__(self):\n        self.driver = 'dep'\n        self.label = 'other'\n    \
                  def open(self):\n        importlib.import_module(self.driver)\n";
    let scene = Scene::program("import p.base, p.more\np.base.Base().open()\n").file("p/base.py", direct);
    let more = "class More:\n    driver = 'second'\n    label = 'third'\n";
    let scene = scene.file("p/more.py", more).files("p/__init__.py dep.py second.py third.py");
    scene.run().reaches("dep.py second.py").leaves("third.py");
}
