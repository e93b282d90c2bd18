//! Programs and libraries that Python code starts and loads.

use super::Scene;
use crate::reach::elf::fixture::ElfFile;

fn programs(source: &str) -> Scene {
    Scene::installed(source).files("/usr/bin/tool /usr/bin/second /usr/bin/other /usr/bin/tools")
}

#[test]
fn subprocess() {
    for call in [
        "subprocess.run(['tool', '-v'])",
        "subprocess.Popen(('/usr/bin/tool', x))",
        "subprocess.check_output('tool --all', shell=True)",
        "subprocess.call(args=['tool'])",
    ] {
        let scene = programs(&format!("import subprocess\nx = input()\n{call}\n"));
        scene.run().reaches("/usr/bin/tool").leaves("/usr/bin/other /usr/bin/tools");
    }
    let scene = programs("from subprocess import run\nrun(['tool'])\n");
    scene.run().reaches("/usr/bin/tool").leaves("/usr/bin/other /usr/bin/tools");
}

#[test]
fn os_system() {
    for call in ["os.system('tool -x | second')", "os.popen('tool; second')"] {
        let scene = programs(&format!("import os\n{call}\n"));
        scene.run().reaches("/usr/bin/tool /usr/bin/second").leaves("/usr/bin/other /usr/bin/tools");
    }
}

#[test]
fn os_exec() {
    for call in [
        "os.execvp('tool', ['tool', '-x'])",
        "os.execl('/usr/bin/tool', 'tool')",
        "os.spawnlp(os.P_WAIT, 'tool', 'tool')",
        "os.posix_spawn('/usr/bin/tool', ['tool'], {})",
    ] {
        let scene = programs(&format!("import os\n{call}\n"));
        scene.run().reaches("/usr/bin/tool").leaves("/usr/bin/other /usr/bin/tools");
    }
}

#[test]
fn asyncio_subprocess() {
    for call in ["asyncio.create_subprocess_exec('tool', '-x')", "asyncio.create_subprocess_shell('tool -x')"] {
        let scene = programs(&format!("import asyncio\n{call}\n"));
        scene.run().reaches("/usr/bin/tool").leaves("/usr/bin/other /usr/bin/tools");
    }
}

/// A program of the user's own that may start modules of the standard library.
fn starter(source: &str) -> Scene {
    let tool = "def main():\n    import helper\nif __name__ == '__main__':\n    main()\n";
    Scene::program(&format!("import sys, os, subprocess, shutil, asyncio\n{source}\n"))
        .file("tool.py", tool)
        .files("helper.py unasked.py /usr/bin/git")
}

#[test]
fn modules_that_an_interpreter_is_asked_to_run() {
    for call in [
        "subprocess.run([sys.executable, '-m', 'tool'])",
        "os.execv(sys.executable, [sys.executable, '-m', 'tool'])",
        "os.execl(sys.executable, 'python', '-m', 'tool')",
        "os.spawnl(os.P_WAIT, sys.executable, 'python', '-m', 'tool')",
        "os.posix_spawn(sys.executable, ['python', '-m', 'tool'], os.environ)",
        "asyncio.create_subprocess_exec(sys.executable, '-m', 'tool')",
        "os.system(f'{sys.executable} -m tool')",
        "subprocess.call([shutil.which('python3'), '-m', 'tool'])",
        "start('-m', 'tool')",
        "command = [x]\ncommand += ['-m', 'tool']",
        "name = {'a': 'tool'}['a']\nsubprocess.run([sys.executable, '-m', name])",
        "def start(name, *rest):\n    subprocess.run([sys.executable, '-m', name, *rest])\nstart('tool', 'x')",
    ] {
        let outcome = starter(call).run();
        assert!(outcome.is_reached("helper.py"), "{call}");
        outcome.leaves("unasked.py");
    }
    starter("subprocess.run(['git', 'commit', '-m', 'tool'])").run().leaves("helper.py");
}

#[test]
fn a_library_starts_what_it_names_only() {
    let source =
        "import sys, subprocess\ndef f(name):\n    subprocess.run([sys.executable, '-m', name])\nf(x)\ny = 'tool'\n";
    Scene::installed(source).files("tool.py").run().leaves("tool.py");
    let source = "class Builder:\n    def setup(self):\n        self.call('-m', 'tool')\nBuilder().setup()\n";
    Scene::installed(source).files("tool.py other.py").run().reaches("tool.py").leaves("other.py");
}

#[test]
fn a_file_beside_the_module_is_python_if_an_interpreter_runs_it() {
    let source = "import os, sys, subprocess\nhere = os.path.dirname(__file__)\n\
                  subprocess.run([sys.executable, os.path.join(here, 'jobs', 'one')])\n";
    Scene::program(source)
        .file("/app/jobs/one", "import tool\n")
        .files("tool.py other.py")
        .run()
        .reaches("tool.py")
        .leaves("other.py");
}

fn libraries(source: &str) -> Scene {
    let dir = "/usr/lib/x86_64-linux-gnu";
    let library = |name: &str| ElfFile::new().soname(name).build();
    Scene::installed(source)
        .file(&format!("{dir}/libfoo.so.1.0"), library("libfoo.so.1"))
        .symlink(&format!("{dir}/libfoo.so.1"), "libfoo.so.1.0")
        .file(&format!("{dir}/libother.so.1"), library("libother.so.1"))
}

#[test]
fn ctypes_cdll() {
    for call in
        ["CDLL('libfoo.so.1')", "cdll.LoadLibrary('libfoo.so.1')", "CDLL('/usr/lib/x86_64-linux-gnu/libfoo.so.1')"]
    {
        let scene = libraries(&format!("import ctypes\nctypes.{call}\n"));
        let outcome = scene.run();
        outcome.reaches("/usr/lib/x86_64-linux-gnu/libfoo.so.1 /usr/lib/x86_64-linux-gnu/libfoo.so.1.0");
        outcome.leaves("/usr/lib/x86_64-linux-gnu/libother.so.1");
    }
}

#[test]
fn ctypes_find_library() {
    for source in [
        "from ctypes.util import find_library\nfind_library('foo')\n",
        "import ctypes.util\nctypes.util.find_library('foo')\n",
    ] {
        let outcome = libraries(source).run();
        outcome.reaches("/usr/lib/x86_64-linux-gnu/libfoo.so.1 /usr/lib/x86_64-linux-gnu/libfoo.so.1.0");
        outcome.leaves("/usr/lib/x86_64-linux-gnu/libother.so.1");
    }
}

/// `torch/__init__.py` looks for the libraries of NVIDIA's distributions along `sys.path` and loads them one after the other.
#[test]
fn names_of_libraries_that_no_call_has_as_its_argument() {
    let scene = |source: &str| {
        let library = |name: &str| ElfFile::new().soname(name).build();
        Scene::installed(source)
            .file("/opt/nv/lib/libnv_rtc.so.13", library("libnv_rtc.so.13"))
            .file("/opt/nv/lib/libnv_rtc.so.13.1", library("libnv_rtc.so.13"))
            .file("/opt/nv/lib/libnv_other.so.13", library("libnv_other.so.13"))
    };
    for source in
        ["for lib in [('nv', 'libnv_rtc.so.*[0-9]')]: load(*lib)\n", "name = f'{path}/libnv_rtc.so.{version}'\n"]
    {
        let outcome = scene(source).run();
        outcome.reaches("/opt/nv/lib/libnv_rtc.so.13 /opt/nv/lib/libnv_rtc.so.13.1");
        outcome.leaves("/opt/nv/lib/libnv_other.so.13");
    }
    scene("name = 'nv_rtc.sock'\n").run().leaves("/opt/nv/lib/libnv_rtc.so.13");
}

#[test]
fn a_program_that_cannot_be_read_is_not_only_an_interpreter_because_a_script_follows() {
    let source = "import pathlib, subprocess\nscript = pathlib.Path('/tmp/m.py')\n\
                  for command in ['tool', '-x'], ['other']:\n    subprocess.run([*command, str(script)])\n";
    let tool = crate::reach::elf::fixture::ElfFile::new().build();
    let scene = Scene::program(source).file("/usr/bin/tool", &tool).file("/usr/bin/unused", &tool);
    scene.run().reaches("/usr/bin/tool").leaves("/usr/bin/unused");
}

#[test]
fn a_name_that_an_interpreter_is_to_take_for_its_own_is_looked_up() {
    for call in
        ["os.execl(sys.executable, 'python', 'x.py')", "os.spawnv(os.P_WAIT, sys.executable, ['python', 'x.py'])"]
    {
        let scene = Scene::program(&format!("import os, sys\n{call}\n")).symlink("/usr/local/bin/python", "python3");
        scene
            .symlink("/usr/local/bin/python2", "python3")
            .run()
            .reaches("/usr/local/bin/python")
            .leaves("/usr/local/bin/python2");
    }
}

#[test]
fn a_command_that_begins_with_any_number_of_words_is_one_that_follows_them_too() {
    let tool = crate::reach::elf::fixture::ElfFile::new().build();
    let scene = |source: &str| {
        let scene = Scene::program("import installed\ninstalled.start(['nice'])\n").file("installed.py", source);
        let scene = scene.file("/opt/job.py", "import needed\n").files("needed.py");
        scene.file("/usr/bin/tool", &tool).file("/usr/bin/commit", &tool).file("job.py", "import needed\n")
    };
    let mut failed = Vec::new();
    for (command, wanted) in [
        ("[*command, '/opt/job.py']", "/opt/job.py needed.py"),
        ("[*command, '-u', '/opt/job.py', '--fast']", "/opt/job.py needed.py"),
        ("(*command, '/opt/job.py')", "/opt/job.py needed.py"),
        ("command + ['/opt/job.py']", "/opt/job.py needed.py"),
        ("[*command, '-m', 'job']", "job.py needed.py"),
        ("[*command, 'tool', '/opt/job.py']", "/usr/bin/tool /opt/job.py"),
        ("command + ['tool', '-x']", "/usr/bin/tool"),
        ("[*command, 'python3', '/opt/job.py']", "/opt/job.py needed.py"),
        ("[*command, '/usr/bin/tool', '-x']", "/usr/bin/tool"),
    ] {
        let outcome = scene(&format!("import subprocess\ndef start(command):\n    subprocess.run({command})\n")).run();
        let missing: Vec<_> = wanted.split(' ').filter(|path| !outcome.is_reached(path)).collect();
        if !missing.is_empty() {
            failed.push((command, missing.join(" ")));
        }
    }
    assert!(failed.is_empty(), "{failed:?}");
    scene("import subprocess\ndef start(program):\n    subprocess.run([program, 'commit'])\n")
        .run()
        .leaves("/usr/bin/commit");
}
