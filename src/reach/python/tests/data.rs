//! Data files, metadata of distributions and entry points.

use super::Scene;

#[test]
fn data_beside_reached_code() {
    let scene = Scene::program("import p\n");
    let scene =
        scene.files("p/__init__.py p/x.json p/static/deep/y.css p/sub/__init__.py p/sub/code.py p/sub/z.json q/x.json");
    scene.run().reaches("p/x.json p/static/deep/y.css").leaves("p/sub/z.json q/x.json");
}

#[test]
fn importlib_resources() {
    for call in ["files('p.data').joinpath('x.json')", "open_text('p.data', 'x.json')", "path('p.data', 'x.json')"] {
        let scene = Scene::installed(&format!("from importlib import resources\nresources.{call}\n"));
        let scene = scene
            .files("p/__init__.py p/data/__init__.py p/data/x.json p/other/__init__.py p/other/code.py p/other/x.json");
        scene.run().reaches("p/data/x.json").leaves("p/other/x.json");
    }
    let scene = Scene::installed("from importlib import resources\nresources.files('q').joinpath('x.json')\n");
    scene.files("q/__init__.py q/x.json r/__init__.py r/x.json").run().reaches("q/x.json").leaves("r/x.json");
}

#[test]
fn pkgutil_get_data() {
    let scene = Scene::installed("import pkgutil\npkgutil.get_data('q', 't.txt')\n");
    scene.files("q/__init__.py q/t.txt r/__init__.py r/t.txt").run().reaches("q/t.txt").leaves("r/t.txt");
}

#[test]
fn source_code_as_data() {
    for source in [
        "import pkgutil\npkgutil.get_data('q', 't/a_list.py')\n",
        "import pkgutil\nfrom pathlib import Path\npath = Path('t') / (choose() + '_list.py')\npkgutil.get_data('q', str(path))\n",
        "import pkgutil\npath = 1\ndef read(name):\n    path = f't/{name}_list.py'\n    return pkgutil.get_data('q', path)\nread(1)\n",
        "import pkgutil\npkgutil.get_data('q', f't/{choose()}_list.py')\n",
        "import os\nimport q\nimport pkg_resources\npkg_resources.resource_string('q', 't/%s_list.py' % choose())\n",
    ] {
        let scene = Scene::installed(source).files("q/__init__.py q/t/a_list.py q/t/other.py r/t/a_list.py");
        scene.run().reaches("q/t/a_list.py").leaves("q/t/other.py r/t/a_list.py");
    }
    let source = "import os\nopen(os.path.join(os.path.dirname(__file__), 'texts', choose() + '_list.py'))\n";
    let scene = Scene::program("import q\n").file("q/__init__.py", source).files("q/texts/a_list.py q/texts/other.py");
    scene.run().reaches("q/texts/a_list.py").leaves("q/texts/other.py");
}

#[test]
fn a_literal_path() {
    let scene =
        Scene::installed("open('/usr/share/demo/x.dat')\n").files("/usr/share/demo/x.dat /usr/share/demo/y.dat");
    scene.run().reaches("/usr/share/demo/x.dat").leaves("/usr/share/demo/y.dat");
}

#[test]
fn metadata_version() {
    for source in [
        "import importlib.metadata\nimportlib.metadata.version('Some.Dist')\n",
        "from importlib.metadata import version\nversion('some-dist')\n",
        "import pkg_resources\npkg_resources.get_distribution('some_dist').version\n",
    ] {
        let scene = Scene::installed(source).files("some_dist-1.0.dist-info/METADATA other-1.0.dist-info/METADATA");
        scene.run().reaches("some_dist-1.0.dist-info/METADATA").leaves("other-1.0.dist-info/METADATA");
    }
}

#[test]
fn metadata_of_reached_distributions() {
    let record = |name: &str| format!("{name}.py,,\n");
    let scene = Scene::program("import a\n").files("a.py b.py");
    let scene = scene.file("a-1.dist-info/RECORD", record("a")).file("b-1.dist-info/RECORD", record("b"));
    let scene = scene.files("a-1.dist-info/METADATA b-1.dist-info/METADATA");
    scene.run().reaches("a-1.dist-info/METADATA").leaves("b-1.dist-info/METADATA");
}

#[test]
fn metadata_of_what_is_required() {
    let scene = |source: &str| {
        Scene::installed(source)
            .file("tool/__init__.py", "")
            .file("tool-1.0.dist-info/RECORD", "tool/__init__.py,,\n")
            .file(
                "tool-1.0.dist-info/METADATA",
                "Name: tool\nRequires-Dist: Needed.One (>=1); python_version>'3'\n\nRequires-Dist: other\n",
            )
            .file("needed_one-1.dist-info/METADATA", "Name: needed-one\n")
            .file("old-2.egg-info/PKG-INFO", "Name: old\n")
            .file("needed_one-1.dist-info/requires.txt", "old>=1\n\n[extra]\n")
            .files("other-1.dist-info/METADATA")
            .run()
    };
    let found = scene(
        "import importlib.metadata, tool\ndef check(name):\n    return importlib.metadata.distribution(name).requires\ncheck('tool')\n",
    );
    found.reaches("needed_one-1.dist-info/METADATA old-2.egg-info/PKG-INFO").leaves("other-1.dist-info/METADATA");
    let found = scene("import importlib.metadata, tool\nimportlib.metadata.version(name)\n");
    found.leaves("needed_one-1.dist-info/METADATA");
}

fn plugins(source: &str) -> Scene {
    let points = "[demo.plugins]\none = plug.one:Plugin\n\n[other.plugins]\ntwo = plug.two:Plugin\n\n[console_scripts]\nplug = plug.cli:main\n";
    Scene::installed(source)
        .file("plug-1.0.dist-info/entry_points.txt", points)
        .files("plug-1.0.dist-info/METADATA plug/__init__.py plug/one.py plug/two.py plug/cli.py")
}

#[test]
fn entry_points_by_group() {
    for source in [
        "from importlib.metadata import entry_points\nentry_points(group='demo.plugins')\n",
        "import importlib.metadata\nimportlib.metadata.entry_points()['demo.plugins']\n",
        "import pkg_resources\npkg_resources.iter_entry_points('demo.plugins')\n",
    ] {
        let outcome = plugins(source).run();
        outcome.reaches("plug/one.py plug-1.0.dist-info/entry_points.txt").leaves("plug/two.py plug/cli.py");
    }
}

#[test]
fn load_entry_point() {
    let source =
        "from pkg_resources import load_entry_point\nload_entry_point('plug==1.0', 'console_scripts', 'plug')()\n";
    plugins(source).run().reaches("plug/cli.py").leaves("plug/one.py plug/two.py");
}
