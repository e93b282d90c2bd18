//! Where the interpreter looks for modules.

use super::Scene;
use super::scene::{STDLIB, zip};
use crate::reach::elf::fixture::ElfFile;

#[test]
fn pth_with_a_path() {
    let scene = Scene::program("import dep, far\n").file("some.pth", "# /opt/not\n/opt/extra\n");
    let scene = scene.files("/opt/extra/dep.py /opt/extra/other.py /opt/not/far.py");
    scene.run().reaches("some.pth /opt/extra/dep.py").leaves("/opt/extra/other.py /opt/not/far.py");
}

#[test]
fn pth_with_an_import_line() {
    let scene = Scene::program("").file("some.pth", "import hook; hook.install()\n# import other\n");
    let scene = scene.file("hook.py", "def install():\n    import hooked\n\ndef idle():\n    import other\n");
    scene.files("hooked.py other.py").run().reaches("some.pth hook.py hooked.py").leaves("other.py");
}

#[test]
fn editable_install_by_path() {
    let scene = Scene::program("import demo.core\n").file("__editable__.demo-1.0.pth", "/srv/demo/src\n");
    let scene = scene.files("/srv/demo/src/demo/__init__.py /srv/demo/src/demo/core.py /srv/demo/src/demo/other.py");
    scene.run().reaches("/srv/demo/src/demo/core.py").leaves("/srv/demo/src/demo/other.py");
}

#[test]
fn editable_install_by_finder() {
    let finder = "from __future__ import annotations\nMAPPING: dict[str, str] = {'demo': '/srv/demo/lib', 'single': '/srv/demo/single'}\nNAMESPACES: dict[str, list[str]] = {}\ndef install():\n    pass\n";
    let scene = Scene::program("import demo.core\nimport single\n")
        .file(
            "__editable__.demo-1.0.pth",
            "import __editable___demo_1_0_finder; __editable___demo_1_0_finder.install()",
        )
        .file("__editable___demo_1_0_finder.py", finder);
    let scene =
        scene.files("/srv/demo/lib/__init__.py /srv/demo/lib/core.py /srv/demo/lib/other.py /srv/demo/single.py");
    let scene = scene.files("/srv/demo/setup.py");
    let outcome = scene.run();
    outcome.reaches("__editable___demo_1_0_finder.py /srv/demo/lib/core.py /srv/demo/single.py");
    outcome.leaves("/srv/demo/lib/other.py /srv/demo/setup.py");
}

fn venv(system_site: bool) -> Scene {
    let site = "/opt/venv/lib/python3.11/site-packages";
    Scene::program("import dep\nimport outside\n")
        .symlink("/opt/venv/bin/python", "/usr/local/bin/python3.11")
        .file("/opt/venv/pyvenv.cfg", format!("home = /usr/local/bin\ninclude-system-site-packages = {system_site}\n"))
        .files(&format!("{site}/dep.py {site}/other.py outside.py other.py"))
        .command(&["/opt/venv/bin/python", "/app/main.py"])
}

#[test]
fn venv_without_system_site() {
    let outcome = venv(false).run();
    outcome.reaches("/opt/venv/lib/python3.11/site-packages/dep.py /opt/venv/pyvenv.cfg");
    outcome.leaves("outside.py /opt/venv/lib/python3.11/site-packages/other.py");
}

#[test]
fn a_chain_of_links_into_a_venv() {
    let scene = Scene::program("import dep\nimport outside\n")
        .symlink("/opt/venv/bin/python3", "python")
        .symlink("/opt/venv/bin/python", "/usr/local/bin/python3")
        .file("/opt/venv/pyvenv.cfg", "home = /usr/local/bin\n")
        .files("/opt/venv/lib/python3.11/site-packages/dep.py outside.py")
        .command(&["/opt/venv/bin/python3", "/app/main.py"]);
    scene.run().reaches("/opt/venv/lib/python3.11/site-packages/dep.py").leaves("outside.py");
}

#[test]
fn a_venv_and_the_interpreter_it_is_made_of() {
    let scene = venv(false).file(
        "/opt/venv/lib/python3.11/site-packages/dep.py",
        "import subprocess\nsubprocess.run(['/usr/local/bin/python3.11', '-c', 'import other'])\n",
    );
    let outcome = scene.run();
    outcome.reaches("/opt/venv/lib/python3.11/site-packages/dep.py other.py");
}

#[test]
fn a_venv_and_a_program_that_embeds_python() {
    let scene = |needed: bool| {
        let server = ElfFile::new();
        let server = if needed { server.needed("libpython3.11.so.1.0") } else { server };
        let interpreter = ElfFile::new().export("Py_BytesMain").needed("libpython3.11.so.1.0");
        venv(false)
            .file("/usr/local/bin/python3.11", interpreter.build())
            .file("/usr/local/lib/libpython3.11.so.1.0", ElfFile::new().soname("libpython3.11.so.1.0").build())
            .file("/usr/local/bin/server", server.build())
            .env("LD_LIBRARY_PATH", "/usr/local/lib")
            .file("/opt/venv/lib/python3.11/site-packages/dep.py", "import os\nos.execv('/usr/local/bin/server', [])\n")
    };
    scene(true).run().reaches("/usr/local/bin/server /usr/local/lib/libpython3.11.so.1.0 outside.py");
    scene(false).run().reaches("/usr/local/bin/server /usr/local/lib/libpython3.11.so.1.0").leaves("outside.py");
}

#[test]
fn what_embeds_python_imports_what_its_data_names() {
    // The linker has merged `threading` with the end of the other string.
    let server = ElfFile::new().needed("libpython3.11.so.1.0").import("Py_Initialize").import("PyImport_ImportModule");
    let interpreter = ElfFile::new().export("Py_BytesMain").needed("libpython3.11.so.1.0");
    let scene = venv(false)
        .file("/usr/local/bin/python3.11", interpreter.build())
        .file("/usr/local/lib/libpython3.11.so.1.0", ElfFile::new().soname("libpython3.11.so.1.0").build())
        .file("/usr/local/bin/server", server.string("dummy_threading").string("colorsys").build())
        .file("/usr/local/lib/python3.11/threading.py", "")
        .file("/usr/local/lib/python3.11/colorsys.py", "")
        .file("/usr/local/lib/python3.11/sched.py", "")
        .env("LD_LIBRARY_PATH", "/usr/local/lib")
        .file("/opt/venv/lib/python3.11/site-packages/dep.py", "import os\nos.execv('/usr/local/bin/server', [])\n");
    let library = "/usr/local/lib/python3.11";
    let outcome = scene.run();
    outcome.reaches(&format!("{library}/threading.py {library}/colorsys.py")).leaves(&format!("{library}/sched.py"));
}

#[test]
fn venv_with_system_site() {
    let outcome = venv(true).run();
    outcome.reaches("/opt/venv/lib/python3.11/site-packages/dep.py outside.py");
    outcome.leaves("other.py /opt/venv/lib/python3.11/site-packages/other.py");
}

#[test]
fn user_site() {
    let site = "/root/.local/lib/python3.11/site-packages";
    let scene = Scene::program("import dep\n").files(&format!("{site}/dep.py {site}/other.py"));
    scene.run().reaches(&format!("{site}/dep.py")).leaves(&format!("{site}/other.py"));
}

#[test]
fn python_path() {
    let scene = Scene::program("import dep\n").env("PYTHONPATH", "/opt/extra");
    let scene = scene.files("/opt/extra/dep.py /opt/extra/other.py");
    scene.run().reaches("/opt/extra/dep.py").leaves("/opt/extra/other.py");
}

#[test]
fn zipped_stdlib() {
    let members = zip(&[("json/__init__.py", "import dep\n")]);
    let scene = Scene::program("import json\n").file("/usr/local/lib/python311.zip", &members);
    let scene = scene.file("/usr/local/lib/python310.zip", &members).files("dep.py other.py");
    scene.run().reaches("/usr/local/lib/python311.zip dep.py").leaves("/usr/local/lib/python310.zip other.py");
}

#[test]
fn zipped_egg() {
    let scene = Scene::program("import demo\n")
        .file("easy-install.pth", "./demo-1.0-py3.11.egg\n")
        .file("demo-1.0-py3.11.egg", zip(&[("demo/__init__.py", "import dep\n")]))
        .file("unused-1.0-py3.11.egg", zip(&[("unused.py", "import other\n")]));
    let scene = scene.files("dep.py other.py");
    scene.run().reaches("demo-1.0-py3.11.egg dep.py").leaves("unused-1.0-py3.11.egg other.py");
}

#[test]
fn egg_folder() {
    let egg = "demo-1.0-py3.11.egg";
    let scene = Scene::program("import demo.a\n").file("easy-install.pth", format!("./{egg}\n"));
    let scene = scene.files(&format!("{egg}/demo/__init__.py {egg}/demo/a.py {egg}/demo/b.py {egg}/EGG-INFO/PKG-INFO"));
    scene.run().reaches(&format!("{egg}/demo/a.py")).leaves(&format!("{egg}/demo/b.py"));
}

#[test]
fn sitecustomize_and_usercustomize() {
    let scene = Scene::program("").file("sitecustomize.py", "import dep\n").file("usercustomize.py", "import dep2\n");
    let scene = scene.files("dep.py dep2.py othercustomize.py");
    scene.run().reaches("sitecustomize.py dep.py usercustomize.py dep2.py").leaves("othercustomize.py");
}

#[test]
fn the_standard_library() {
    let scene = Scene::program("import json.decoder\n");
    let scene = scene.files(&["__init__", "decoder", "tool"].map(|name| format!("{STDLIB}/json/{name}.py")).join(" "));
    scene.run().reaches(&format!("{STDLIB}/json/decoder.py")).leaves(&format!("{STDLIB}/json/tool.py"));
}
