//! Ways to run a program.

use super::Scene;
use super::scene::{SITE, STDLIB, zip};

#[test]
fn module_option() {
    let scene = Scene::new().command(&["python3", "-m", "p.tool"]);
    let scene = scene.file("p/tool.py", "if __name__ == '__main__':\n    import dep\n");
    scene.files("p/__init__.py p/other.py dep.py").run().reaches("p/tool.py dep.py").leaves("p/other.py");
}

#[test]
fn module_option_with_a_package() {
    let scene = Scene::new().command(&["python3", "-m", "p"]).file("p/__main__.py", "from . import dep\n");
    let scene = scene.files("p/__init__.py p/dep.py p/other.py q/__init__.py q/__main__.py");
    scene.run().reaches("p/__main__.py p/dep.py").leaves("p/other.py q/__main__.py");
}

#[test]
fn importing_a_package_does_not_run_it() {
    Scene::program("import p\n")
        .files("p/__init__.py p/__main__.py")
        .run()
        .reaches("p/__init__.py")
        .leaves("p/__main__.py");
}

#[test]
fn code_option() {
    let scene = Scene::new().command(&["python3", "-c", "import p.a; p.a.run()"]);
    let scene = scene.file("p/a.py", "def run():\n    import dep\ndef idle():\n    import other\n");
    scene.files("p/__init__.py dep.py other.py").run().reaches("p/a.py dep.py").leaves("other.py");
}

#[test]
fn zipapp() {
    let scene = Scene::new().command(&["python3", "/srv/app.pyz"]);
    let scene = scene.file("/srv/app.pyz", zip(&[("__main__.py", "import inner\n"), ("inner.py", "import dep\n")]));
    let scene = scene.file("/srv/other.pyz", zip(&[("__main__.py", "import other\n")])).files("dep.py other.py");
    scene.run().reaches("/srv/app.pyz dep.py").leaves("/srv/other.pyz other.py");
}

#[test]
fn zipapp_with_an_interpreter_line() {
    let archive = [b"#!/usr/local/bin/python3\n".to_vec(), zip(&[("__main__.py", "import dep\n")])].concat();
    let scene = Scene::new().command(&["/srv/app.pyz"]).file("/srv/app.pyz", &archive).files("dep.py other.py");
    scene.run().reaches("/srv/app.pyz dep.py").leaves("other.py");
}

#[test]
fn folder_with_a_main_module() {
    let scene = Scene::new().command(&["python3", "/srv/tool"]).file("/srv/tool/__main__.py", "import inner, dep\n");
    let scene = scene.files("/srv/tool/inner.py /srv/tool/spare.py dep.py other.py");
    scene.run().reaches("/srv/tool/inner.py dep.py").leaves("/srv/tool/spare.py other.py");
}

#[test]
fn console_script() {
    let script = |module: &str| {
        format!(
            "#!/usr/local/bin/python3.11\nimport sys\nfrom {module}.cli import main\nif __name__ == '__main__':\n    sys.exit(main())\n"
        )
    };
    let scene = Scene::new().command(&["demo", "run"]);
    let scene = scene.file("/usr/local/bin/demo", script("demo")).file("/usr/local/bin/other", script("other"));
    let scene = scene.file("demo/cli.py", "def main():\n    import dep\n");
    let scene = scene.files("demo/__init__.py other/__init__.py other/cli.py dep.py");
    scene.run().reaches("demo/cli.py dep.py").leaves("other/cli.py /usr/local/bin/other");
}

#[test]
fn runpy() {
    let scene = Scene::installed("import runpy\nrunpy.run_module('job', run_name='__main__')\n");
    let scene = scene.file("job.py", "if __name__ == '__main__':\n    import dep\n").files("other.py dep.py");
    scene.run().reaches("job.py dep.py").leaves("other.py");
    let scene = Scene::installed("import runpy\nrunpy.run_path('/srv/job.py', run_name='__main__')\n");
    let scene = scene.file("/srv/job.py", "if __name__ == '__main__':\n    import dep\n").files("/srv/other.py dep.py");
    scene.run().reaches("/srv/job.py dep.py").leaves("/srv/other.py");
}

#[test]
fn multiprocessing_spawn() {
    let lib = |name: &str| format!("{STDLIB}/multiprocessing/{name}.py");
    let context = "from . import process\nclass BaseContext:\n    def Manager(self):\n        from .managers import SyncManager\nclass SpawnProcess(process.BaseProcess):\n    @staticmethod\n    def _Popen(process_obj):\n        from .popen_spawn_posix import Popen\n        return Popen(process_obj)\nclass SpawnContext(BaseContext):\n    Process = SpawnProcess\ndef get_context(method):\n    return SpawnContext()\n";
    let scene = Scene::program("import multiprocessing\nctx = multiprocessing.get_context('spawn')\nctx.Process(target=print).start()\n")
        .file(&lib("__init__"), "from .context import get_context\n")
        .file(&lib("context"), context)
        .file(&lib("process"), "class BaseProcess:\n    def start(self):\n        self._popen = self._Popen(self)\n")
        .file(&lib("popen_spawn_posix"), "class Popen:\n    def __init__(self, process_obj):\n        self._launch(process_obj)\n    def _launch(self, process_obj):\n        prog = 'from multiprocessing.spawn import spawn_main; spawn_main(%s)'\n        cmd = ['-c', prog % process_obj]\n")
        .file(&lib("spawn"), "def spawn_main(fd):\n    from multiprocessing import resource_tracker\n")
        .files(&[lib("resource_tracker"), lib("managers"), lib("dummy")].join(" "));
    let outcome = scene.run();
    outcome.reaches(&[lib("popen_spawn_posix"), lib("spawn"), lib("resource_tracker")].join(" "));
    outcome.leaves(&[lib("managers"), lib("dummy")].join(" "));
}

#[test]
fn imports_in_source_given_to_exec() {
    let source = "exec('import dep')\nnamespace = {}\nexec('''\nfrom p import x\nx.run()\n''', namespace)\n";
    let scene = Scene::installed(source).files("dep.py p/__init__.py p/x.py p/y.py other.py");
    scene.run().reaches("dep.py p/x.py").leaves("p/y.py other.py");
}

#[test]
fn a_file_that_python_is_given_is_source_whatever_it_is_called() {
    for name in ["/app/job", "/app/job.txt", "/app/job.wsgi"] {
        let scene = Scene::new().file(name, "import installed\n").file("installed.py", "");
        scene.command(&["python3", name]).run().reaches("installed.py");
    }
    // Nobody runs it: a package's data.
    let scene = Scene::program("import p\n").file("p/job.txt", "import installed\n");
    scene.file("p/__init__.py", "").file("installed.py", "").run().leaves("installed.py");
}

#[test]
fn source_of_the_users_own_whatever_it_is_called() {
    let source = "\"\"\"Settings.\"\"\"\nif x:\n    import dep\nVALUE = 1\n";
    let long = format!("{source}{}TEXT = '''\n", "LINE = 'some value'\n".repeat(400));
    for source in [source, &long, "def run():\n    from dep import x\n"] {
        let scene =
            Scene::program("exec(open(path).read())\n").file("/app/conf/a.cfg", source).files("dep.py other.py");
        scene.run().reaches("dep.py").leaves("other.py");
    }
    for text in
        ["import dep of the year\n", "[a]\nimport dep\nb c\n", "{'a': 'import other'}\n", "import dep from 'dep'\n"]
    {
        Scene::program("x()\n").file("/app/a.txt", text).files("dep.py").run().leaves("dep.py");
    }
    // Data of a package is none.
    Scene::program("import p\n").file("p/a.cfg", source).files("p/__init__.py dep.py").run().leaves("dep.py");
}

/// Byte code of CPython 3.11 with these strings.
fn bytecode(strings: &[&str]) -> Vec<u8> {
    let mut bytes = b"\xa7\r\r\n\0\0\0\0\0\0\0\0\0\0\0\0\xe3".to_vec();
    for text in strings {
        bytes.push(b'a');
        bytes.extend(u32::try_from(text.len()).unwrap().to_le_bytes());
        bytes.extend(text.as_bytes());
    }
    bytes
}

#[test]
fn byte_code_is_code() {
    let codec = format!("{STDLIB}/encodings/cp866.py");
    let run = |command: &str, strings: &[&str]| {
        let scene = Scene::new().command(&["python3", command]).file(command, bytecode(strings));
        let scene = scene.file("tool.py", "def main():\n    import dep\nif __name__ == '__main__':\n    main()\n");
        scene
            .files(&format!("{STDLIB}/encodings/__init__.py {codec} dep.py other.py /usr/bin/sed"))
            .with_profiles()
            .run()
    };
    for command in ["/app/main.pyc", "/app/main"] {
        run(command, &["dep", "import"]).reaches("dep.py").leaves(&format!("other.py {codec} /usr/bin/sed"));
        run(command, &["subprocess", "run", "sed"]).reaches("/usr/bin/sed").leaves(&codec);
        run(command, &["conf", "decode"]).reaches(&codec).leaves("/usr/bin/sed");
        run(command, &["subprocess", "run", "-m", "tool"]).reaches("dep.py").leaves("other.py");
    }
}

#[test]
fn a_module_that_a_command_runs_by_its_path_is_a_program_too() {
    let tool = "#!/usr/bin/env python3\nif __name__ == '__main__':\n    import dep\n";
    let scene = |source: &str| Scene::program(source).file("tool.py", tool).files("dep.py").run();
    scene("import tool\n").leaves("dep.py");
    scene(&format!("import tool, os\nos.system('{SITE}/tool.py')\n")).reaches("dep.py");
}
