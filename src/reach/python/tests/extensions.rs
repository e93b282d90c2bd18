//! Extension modules that import Python modules and need libraries.

use super::Scene;
use super::scene::STDLIB;
use crate::reach::elf::fixture::ElfFile;

const SUFFIX: &str = ".cpython-311-x86_64-linux-gnu.so";

fn extension() -> ElfFile {
    ElfFile::new().export("PyInit__fast").import("PyImport_ImportModule")
}

/// A package with the extension module `p._fast`.
fn package(file: &ElfFile) -> Scene {
    Scene::program("import p._fast\n")
        .file(&format!("p/_fast{SUFFIX}"), file.build())
        .files("p/__init__.py p/helper.py p/idle.py dep.py other.py")
}

#[test]
fn imports_by_name() {
    let file = extension().string("p.helper").string("dep");
    package(&file).run().reaches("p/helper.py dep.py").leaves("p/idle.py other.py");
}

#[test]
fn capsules_of_other_modules() {
    let file = extension().string("dep.dep_CAPI").string("other.thing");
    package(&file).run().reaches("dep.py").leaves("other.py p/idle.py");
}

#[test]
fn datetime_imports_strptime() {
    let lib = |name: &str| format!("{STDLIB}/{name}");
    let file = ElfFile::new().export("PyInit__datetime").import("PyImport_ImportModule").string("_strptime").build();
    let extension = lib(&format!("lib-dynload/_datetime{SUFFIX}"));
    let scene = Scene::program("import datetime\n").file(&lib("datetime.py"), "from _datetime import *\n");
    let scene = scene.file(&extension, file).files(&[lib("_strptime.py"), lib("_pydatetime.py")].join(" "));
    scene.run().reaches(&extension).reaches(&lib("_strptime.py")).leaves(&lib("_pydatetime.py"));
}

#[test]
fn cython_names() {
    let names = ["cython_function_or_method", "__main__", "__name__", "__test__", "p.helper", "dep"];
    let file = names.iter().fold(extension(), |file, name| file.string(name));
    package(&file).run().reaches("p/helper.py dep.py").leaves("p/idle.py other.py");
}

#[test]
fn cython_with_a_table_that_cannot_be_read() {
    let file = extension().string("cython_function_or_method").string("BZh91AY&SY");
    package(&file).run().reaches("p/helper.py p/idle.py").leaves("dep.py other.py");
}

#[test]
fn cython_with_a_table_that_cannot_be_read_may_import_the_usual_targets() {
    let file = extension().string("cython_function_or_method").string("BZh91AY&SY");
    let [usual, other] = ["uuid", "tkinter"].map(|name| format!("{STDLIB}/{name}.py"));
    package(&file).files(&format!("{usual} {other}")).with_profiles().run().reaches(&usual).leaves(&other);
}

#[test]
fn mypyc_helper_module() {
    let file = ElfFile::new().export("PyInit__fast").import("PyImport_ImportModule").string("0123456789abcdef__mypyc");
    let group = ElfFile::new().export("PyInit_0123456789abcdef__mypyc").data(b"\0\x02\x03dep\x06helper\0");
    let record = format!("p/__init__.py,,\n0123456789abcdef__mypyc{SUFFIX},,\n");
    let scene = package(&file).file(&format!("0123456789abcdef__mypyc{SUFFIX}"), group.build());
    let scene = scene.file("fast-1.0.dist-info/RECORD", record);
    let scene = scene.file(&format!("fedcba9876543210__mypyc{SUFFIX}"), group.build());
    let outcome = scene.run();
    outcome.reaches(&format!("0123456789abcdef__mypyc{SUFFIX} dep.py p/helper.py"));
    outcome.leaves(&format!("fedcba9876543210__mypyc{SUFFIX} p/idle.py other.py"));
}

#[test]
fn needed_libraries() {
    let dir = "/usr/lib/x86_64-linux-gnu";
    let scene = package(&extension().needed("libz.so.1"));
    let scene = scene.file(&format!("{dir}/libz.so.1"), ElfFile::new().soname("libz.so.1").build());
    let scene = scene.file(&format!("{dir}/liby.so.1"), ElfFile::new().soname("liby.so.1").build());
    scene.run().reaches(&format!("{dir}/libz.so.1")).leaves(&format!("{dir}/liby.so.1"));
}

#[test]
fn an_extension_of_another_version_is_no_module() {
    let other = "p/_slow.cpython-310-x86_64-linux-gnu.so";
    let scene = package(&extension()).file("/app/main.py", "import p._fast, p._slow\n");
    let scene = scene.file(other, extension().build());
    scene.run().reaches(&format!("p/_fast{SUFFIX}")).leaves(other);
}

#[test]
fn the_module_that_a_capsule_is_taken_from() {
    for capsule in ["dep.dep_CAPI", "dep._C_API"] {
        package(&extension().string(capsule)).run().reaches("dep.py").leaves("other.py");
    }
    // Prose names no module, and neither does an attribute that is none.
    package(&extension().string("dep.value")).run().leaves("dep.py");
}
