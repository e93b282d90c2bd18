//! Code that changes `sys.path`.

use super::Scene;

/// `p` has a folder `_vendor` with a module `v`, its neighbour and its subpackage import `v`.
fn vendored(source: &str) -> Scene {
    Scene::program("import p\n")
        .file("p/__init__.py", format!("{source}\nimport v\n"))
        .files("p/_vendor/v.py p/other/v.py v2.py")
}

#[test]
fn a_folder_in_the_call() {
    for call in [
        "sys.path.insert(0, os.path.join(os.path.dirname(__file__), '_vendor'))",
        "sys.path.append(os.path.dirname(__file__) + '/_vendor')",
        "sys.path.extend([str(Path(__file__).parent / '_vendor')])",
        "sys.path += [os.path.join(here, '_vendor')]",
        "sys.path[:0] = [os.path.join(here, '_vendor')]",
        "sys.path = [os.path.join(here, '_vendor'), *sys.path]",
        "site.addsitedir(os.path.join(here, '_vendor'))",
    ] {
        vendored(&format!("import os, site, sys\n{call}")).run().reaches("p/_vendor/v.py").leaves("p/other/v.py");
    }
}

#[test]
fn a_folder_that_a_name_holds() {
    let source = "import sys\nfrom pathlib import Path\n__vendor__ = (Path(__file__).parent / '_vendor').as_posix()\nif __vendor__ not in sys.path:\n    sys.path.insert(0, __vendor__)";
    vendored(source).run().reaches("p/_vendor/v.py").leaves("p/other/v.py");
    let source = "from sys import path\nfolder = compute(__file__, '_vendor')\npath.insert(0, folder)";
    vendored(source).run().reaches("p/_vendor/v.py").leaves("p/other/v.py");
    // A path that comes from elsewhere is none of the folders that other strings happen to name.
    let source = "import sys\ndef add(path):\n    sys.path.insert(0, path)\nadd(given)\nkind = '_vendor'";
    vendored(source).run().leaves("p/_vendor/v.py p/other/v.py");
}

/// `v` is imported from `site-packages` before `p` puts its own folder on the search path, in which there is a `v`, too.
fn twice(source: &str) -> Scene {
    Scene::program("import v.sub\nfrom v import make\nimport p\n")
        .file("v/__init__.py", "def make():\n    import old\n")
        .file("p/__init__.py", format!("import os, sys\nhere = os.path.dirname(__file__)\n{source}\nimport q\n"))
        .file("p/_vendor/v/__init__.py", "def make():\n    import new\ndef rare():\n    import other\n")
        .file("q.py", "from v import sub\n")
        .files("v/sub.py p/_vendor/v/sub.py p/_vendor/v/none.py old.py new.py other.py")
}

#[test]
fn a_folder_that_is_searched_first_stands_before_what_was_imported_already() {
    for call in [
        "sys.path.insert(0, os.path.join(here, '_vendor'))",
        "sys.path[:0] = [os.path.join(here, '_vendor')]",
        "sys.path = [os.path.join(here, '_vendor'), *sys.path]",
    ] {
        twice(call)
            .run()
            .reaches("v/sub.py old.py p/_vendor/v/__init__.py p/_vendor/v/sub.py new.py")
            .leaves("p/_vendor/v/none.py other.py");
    }
    for call in ["sys.path.append(os.path.join(here, '_vendor'))", "sys.path += [os.path.join(here, '_vendor')]"] {
        twice(call)
            .run()
            .reaches("v/sub.py old.py")
            .leaves("p/_vendor/v/__init__.py p/_vendor/v/sub.py new.py other.py");
    }
}

#[test]
fn a_list_of_another_name_is_no_search_path() {
    let source = "import os\npath = []\npath.insert(0, os.path.join(os.path.dirname(__file__), 'other'))";
    vendored(source).run().leaves("p/other/v.py");
}

#[test]
fn the_folder_of_the_module_itself() {
    for folder in ["os.path.dirname(__file__)", "os.path.dirname(os.path.dirname(os.path.abspath(__file__)))"] {
        Scene::program("import p.gen.a\n")
            .file("p/gen/a.py", format!("import os, sys\nsys.path.append({folder})\nimport b\n"))
            .files("p/__init__.py p/gen/__init__.py p/gen/b.py p/b.py p/c.py")
            .run()
            .reaches("p/gen/b.py p/b.py")
            .leaves("p/c.py");
    }
    // Nothing says which folder.
    Scene::program("import p.gen.a\n")
        .file("p/gen/a.py", "import sys\nsys.path.append(given)\nimport b\n")
        .files("p/__init__.py p/gen/__init__.py p/gen/b.py p/b.py")
        .run()
        .leaves("p/gen/b.py p/b.py");
}

#[test]
fn what_an_interpreter_imports_by_itself_from_a_folder_of_its_launcher() {
    let launcher = "import os\ndef run():\n    os.environ['PYTHONPATH'] = x\n    os.execl(y, y)\nrun()\n";
    let scene = |launcher: &str| {
        let scene = Scene::program("import tracer.run\n").file("tracer/run.py", launcher);
        let scene = scene.file("tracer/boot/sitecustomize.py", "import beside\nimport tracer.patch\n");
        scene.files("tracer/__init__.py tracer/patch.py tracer/boot/beside.py tracer/boot/idle.py").run()
    };
    let outcome = scene(launcher);
    outcome.reaches("tracer/boot/sitecustomize.py tracer/boot/beside.py tracer/patch.py");
    outcome.leaves("tracer/boot/idle.py");
    scene("import os\n").leaves("tracer/boot/sitecustomize.py tracer/patch.py");
}
