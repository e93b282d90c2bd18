//! Packages that are split over folders.

use super::Scene;

/// The program imports `ns.one` and `ns.two`, which are in different folders.
fn split(init: &str) -> Scene {
    let scene = Scene::program("import ns.one\nimport ns.two\n").file("more.pth", "/opt/more\n");
    let scene = scene.files("ns/one.py ns/three.py /opt/more/ns/two.py /opt/more/ns/four.py");
    if init.is_empty() {
        return scene;
    }
    scene.file("ns/__init__.py", init).file("/opt/more/ns/__init__.py", init)
}

#[track_caller]
fn check(scene: Scene) {
    scene.run().reaches("ns/one.py /opt/more/ns/two.py").leaves("ns/three.py /opt/more/ns/four.py");
}

#[test]
fn pep_420() {
    check(split(""));
}

#[test]
fn pkgutil_style() {
    check(split("__path__ = __import__('pkgutil').extend_path(__path__, __name__)\n"));
    check(split("from pkgutil import extend_path\n__path__ = extend_path(__path__, __name__)\n"));
}

#[test]
fn pkg_resources_style() {
    check(split("__import__('pkg_resources').declare_namespace(__name__)\n"));
}

#[test]
fn an_ordinary_package_is_not_split() {
    split("x = 1\n").run().reaches("ns/one.py").leaves("/opt/more/ns/two.py");
}
