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
