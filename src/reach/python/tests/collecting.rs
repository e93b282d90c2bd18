//! What test runners collect because their command names it: each test has a form that pytest, unittest or CPython's own
//! runner accepts, and would miss the module that only a test function imports.

use super::Scene;
use super::scene::{SITE, STDLIB};

/// A suite in an installed package, whose test imports `light` where nothing but a collector calls it.
fn suite(command: &[&str]) -> Scene {
    let test = "import unittest\n\nclass Lamp(unittest.TestCase):\n    def test_light(self):\n        import light\n";
    Scene::new()
        .command(command)
        .with_profiles()
        .file("pkg/__init__.py", "pass\n")
        .file("pkg/tests/__init__.py", "pass\n")
        .file("pkg/tests/test_lamp.py", test)
        .file("pkg/tests/data.bin", "1")
        .file("pkg/conftest.py", "def pytest_configure(config):\n    import configured\n")
        .file("pkg/idle.py", "pass\n")
        .file("other/__init__.py", "pass\n")
        .file("other/tests/__init__.py", "pass\n")
        .file("other/tests/test_other.py", test)
        .file("bare/tests/test_bare.py", test)
        .files("light.py configured.py")
}

fn with_pytest(command: &[&str]) -> Scene {
    suite(command)
        .file("pytest/__init__.py", "from _pytest.main import main\n")
        .file("pytest/__main__.py", "import pytest\npytest.main()\n")
        .file("_pytest/__init__.py", "pass\n")
        .file("_pytest/main.py", "def main():\n    pass\n")
}

fn with_unittest(command: &[&str]) -> Scene {
    suite(command)
        .file(&format!("{STDLIB}/unittest/__init__.py"), "from .main import main\nfrom .case import TestCase\n")
        .file(&format!("{STDLIB}/unittest/__main__.py"), "from .main import main\nmain(module=None)\n")
        .file(&format!("{STDLIB}/unittest/main.py"), "def main(module='__main__'):\n    pass\n")
        .file(&format!("{STDLIB}/unittest/case.py"), "class TestCase:\n    pass\n")
}

const TEST: &str = "/usr/local/lib/python3.11/site-packages/pkg/tests/test_lamp.py";

#[test]
fn pytest_collects_packages_folders_and_files_that_its_command_names() {
    const TESTS: &str = "/usr/local/lib/python3.11/site-packages/pkg/tests";
    for named in [TESTS, TEST, "/usr/local/lib/python3.11/site-packages/pkg", &format!("{TEST}::Lamp::test_light")] {
        let outcome = with_pytest(&["python3", "-m", "pytest", named]).run();
        outcome.reaches("pkg/tests/test_lamp.py light.py pkg/conftest.py configured.py");
        outcome.leaves("other/tests/test_other.py bare/tests/test_bare.py pkg/idle.py");
    }
    for named in ["pkg.tests", "pkg.tests.test_lamp"] {
        let outcome = with_pytest(&["python3", "-m", "pytest", "--pyargs", named]).run();
        outcome.reaches("pkg/tests/test_lamp.py light.py pkg/conftest.py");
    }
    with_pytest(&["python3", "-m", "pytest", "/app"]).run().leaves("pkg/tests/test_lamp.py light.py");
}

#[test]
fn data_of_a_collected_suite_stays() {
    with_pytest(&["python3", "-m", "pytest", "/usr/local/lib/python3.11/site-packages/pkg"])
        .run()
        .reaches("pkg/tests/data.bin");
}

#[test]
fn collected_tests_run_programs_as_the_users_own_code_does() {
    let tool = crate::reach::elf::fixture::ElfFile::new().build();
    let scene = |command: &[&str]| {
        let test = "from helper import sh\n\ndef test_it(path):\n    sh('who -u')\n    sh(f'df -P {path}')\n";
        let scene = with_pytest(command).file("pkg/tests/test_tools.py", test).files("helper.py");
        scene.file("/usr/bin/df", &tool).file("/usr/bin/who", &tool)
    };
    let outcome = scene(&["python3", "-m", "pytest", "--pyargs", "pkg.tests"]).run();
    outcome.reaches("/usr/bin/df /usr/bin/who");
    scene(&["python3", "-m", "pytest", "/app"]).run().leaves("/usr/bin/df /usr/bin/who");
}

#[test]
fn a_suite_without_init_is_collected_by_its_folder() {
    let outcome = with_pytest(&["python3", "-m", "pytest", "/usr/local/lib/python3.11/site-packages/bare/tests"]).run();
    outcome.reaches("bare/tests/test_bare.py light.py").leaves("pkg/tests/test_lamp.py");
}

#[test]
fn a_script_that_starts_pytest_names_what_is_collected() {
    for code in
        ["exec python3 -m pytest /usr/local/lib/python3.11/site-packages/pkg", "python3 -m pytest --x pkg.tests"]
    {
        let scene = with_pytest(&["/app/run.sh"]).file("/app/run.sh", format!("#!/bin/sh\n{code}\n"));
        scene.run().reaches("pkg/tests/test_lamp.py light.py").leaves("other/tests/test_other.py");
    }
    let scene = with_pytest(&["python3", "/app/main.py"]);
    let main = "import pytest\npytest.main(['/usr/local/lib/python3.11/site-packages/pkg'])\n";
    scene.file("/app/main.py", main).run().reaches("pkg/tests/test_lamp.py light.py");
}

#[test]
fn the_runner_itself_and_search_paths_are_not_collected() {
    let scene = with_pytest(&["python3", "-m", "pytest", "/app"]).env("PYTHONPATH", SITE).env("HOME", "/usr/local");
    let scene = scene.file("pytest/tests/test_own.py", "import light\n");
    scene.run().leaves("pytest/tests/test_own.py light.py pkg/tests/test_lamp.py");
}

#[test]
fn a_string_or_a_requirement_that_names_a_package_has_nothing_collected() {
    let scene = with_pytest(&["python3", "-m", "pytest", "/app"]).file("/app/requirements.txt", "pkg\n");
    let outcome = scene.file("/app/test_it.py", "import pytest\npkg = pytest.importorskip('pkg')\n").run();
    outcome.reaches("pkg/__init__.py").leaves("pkg/tests/test_lamp.py light.py");
}

#[test]
fn folders_of_packages_below_a_named_folder_are_passed_over() {
    let scene = with_pytest(&["python3", "-m", "pytest", "/opt/shop"])
        .file("/opt/shop/test_shop.py", "def test_it():\n    import light\n")
        .file("/opt/shop/venv/lib/python3.11/site-packages/x/tests/test_x.py", "pass\n");
    let outcome = scene.run();
    outcome.reaches("/opt/shop/test_shop.py light.py");
    outcome.leaves("/opt/shop/venv/lib/python3.11/site-packages/x/tests/test_x.py");
}

#[test]
fn unittest_collects_what_its_command_names() {
    for words in [
        &["pkg.tests.test_lamp"][..],
        &["pkg.tests.test_lamp.Lamp"],
        &["pkg.tests.test_lamp.Lamp.test_light"],
        &["discover", "-s", "/usr/local/lib/python3.11/site-packages/pkg/tests"],
        &["discover", "pkg.tests"],
    ] {
        let command = [&["python3", "-m", "unittest"], words].concat();
        let outcome = with_unittest(&command).run();
        outcome.reaches("pkg/tests/test_lamp.py light.py").leaves("other/tests/test_other.py");
    }
    with_unittest(&["python3", "-m", "unittest"]).run().leaves("pkg/tests/test_lamp.py");
}

#[test]
fn a_module_that_ends_in_unittest_main_runs_its_tests() {
    let main = "import unittest\nclass T(unittest.TestCase):\n    def test_x(self):\n        import light\nif __name__ == '__main__':\n    unittest.main()\n";
    for command in [["python3", "-m", "checks"], ["python3", "-B", "/usr/local/lib/python3.11/site-packages/checks.py"]]
    {
        with_unittest(&command).file("checks.py", main).run().reaches("light.py");
    }
    with_unittest(&["python3", "-m", "idle"])
        .file("idle.py", "import checks\n")
        .file("checks.py", main)
        .run()
        .leaves("light.py");
}

#[test]
fn a_package_of_tests_that_runs_collects_the_folder_it_lies_in() {
    let scene = suite(&["python3", "-m", "test", "test_x"])
        .file(&format!("{STDLIB}/test/__init__.py"), "pass\n")
        .file(&format!("{STDLIB}/test/__main__.py"), "pass\n")
        .file(&format!("{STDLIB}/test/data.txt"), "1")
        .file(&format!("{STDLIB}/test/test_x.py"), "def test_y():\n    import light\n");
    let outcome = scene.run();
    outcome.reaches(&format!("{STDLIB}/test/test_x.py {STDLIB}/test/data.txt light.py"));
    outcome.leaves("pkg/tests/test_lamp.py");
    let scene = suite(&["python3", "-m", "pkg.tests"]).file("pkg/tests/__main__.py", "from . import run\n");
    scene.run().reaches("pkg/tests/test_lamp.py light.py").leaves("other/tests/test_other.py");
}

#[test]
fn pyargs_in_code_collects_all_suites_of_installed_packages() {
    let scene = with_pytest(&["python3", "/app/main.py"]);
    let outcome = scene.file("/app/main.py", "import pytest\npytest.main(['--pyargs', names()])\n").run();
    outcome.reaches("pkg/tests/test_lamp.py other/tests/test_other.py bare/tests/test_bare.py light.py");
    with_pytest(&["python3", "/app/main.py"])
        .file("/app/main.py", "import pytest\npytest.main([names()])\n")
        .run()
        .leaves("pkg/tests/test_lamp.py light.py");
}

#[test]
fn pytests_list_of_folders_names_no_module_whatever_name_its_module_has() {
    let venv = &format!("{STDLIB}/venv/__init__.py");
    let source = "import importlib.util\nFOLDERS = ['build', 'venv']\ndef main(name):\n    return importlib.util.find_spec(name)\n";
    let scene = |test: &str| {
        let scene = with_pytest(&["python3", "-m", "pytest", "/app"]).file("_pytest/main.py", source).files(venv);
        scene.file("/app/test_x.py", test)
    };
    scene("pass\n").run().leaves(venv);
    scene("import venv\n").run().reaches(venv);
    let other = "import sys\nsys.path.insert(0, '/usr/local/lib/python3.11/site-packages/_pytest')\nimport main\n";
    scene(other).run().leaves(venv);
}
