//! Which functions run, by their names.

use super::Scene;

const SOURCE: &str = "class Tool:\n    def load_a(self):\n        import a\n    def load_b(self):\n        import b\n    def other(self):\n        import c\n";

fn tool(program: &str) -> Scene {
    Scene::program(program).file("installed.py", SOURCE).files("a.py b.py c.py")
}

#[test]
fn by_attribute() {
    tool("import installed\ninstalled.Tool().load_a()\n").run().reaches("a.py").leaves("b.py c.py");
}

#[test]
fn by_getattr() {
    tool("import installed\ngetattr(installed.Tool(), 'load_a')()\n").run().reaches("a.py").leaves("b.py c.py");
}

#[test]
fn by_getattr_with_a_prefix() {
    let calls = ["getattr(t, 'load_' + x)", "getattr(t, f'load_{x}')", "getattr(t, 'load_%s' % x)"];
    for call in calls {
        let program = format!("import installed\nt = installed.Tool()\nx = input()\n{call}()\n");
        tool(&program).run().reaches("a.py b.py").leaves("c.py");
    }
}

#[test]
fn by_registration() {
    let source = "@app.route('/')\ndef page():\n    import a\n\n@property\ndef value():\n    import b\n";
    Scene::installed(source).files("a.py b.py").run().reaches("a.py").leaves("b.py");
}

#[test]
fn the_users_own_functions_all_run() {
    let scene =
        Scene::program("def handler():\n    import a\n").file("installed.py", "def handler2():\n    import b\n");
    scene.files("a.py b.py").run().reaches("a.py").leaves("b.py installed.py");
}
