//! Imports that stand under a condition.

use super::Scene;

#[test]
fn type_checking() {
    let source = "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import types_only\nelse:\n    import dep\n";
    Scene::installed(source).files("types_only.py dep.py").run().reaches("dep.py").leaves("types_only.py");
}

#[test]
fn platform() {
    let source = "import sys, os\nif sys.platform == 'win32':\n    import w\nelse:\n    import l\nif os.name == 'nt':\n    import n\n";
    Scene::installed(source).files("w.py l.py n.py").run().reaches("l.py").leaves("w.py n.py");
}

#[test]
fn version() {
    let source = "import sys\nif sys.version_info >= (3, 12):\n    import new\nelse:\n    import old\nif sys.version_info < (3, 8):\n    import ancient\n";
    Scene::installed(source).files("new.py old.py ancient.py").run().reaches("old.py").leaves("new.py ancient.py");
}

#[test]
fn main_block_of_a_module_that_is_imported() {
    let source = "import dep\nif __name__ == '__main__':\n    import cli\n";
    Scene::installed(source).files("dep.py cli.py").run().reaches("dep.py").leaves("cli.py");
}

#[test]
fn main_block_of_a_module_that_is_run() {
    let source = "if __name__ == '__main__':\n    import cli\nif __name__ != '__main__':\n    pass\n";
    let scene = Scene::new().command(&["python3", "-m", "installed"]).file("installed.py", source);
    scene.files("cli.py other.py").run().reaches("cli.py").leaves("other.py");
}
