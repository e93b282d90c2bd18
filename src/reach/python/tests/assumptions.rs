//! What only assumptions keep out, and conditions under which imports count.

use super::Scene;
use crate::profile::{ConditionalRule, Language, PythonTrigger, Trigger};
use crate::reach::rules::Rules;
use crate::reach::{Assume, Assumption};

/// What `installed` imports in its function `work` counts once something uses the name `wanted`.
fn rule() -> ConditionalRule {
    let python = PythonTrigger { name: vec!["wanted".into()], ..PythonTrigger::default() };
    ConditionalRule {
        id: "later".into(),
        language: Language::Python,
        from: vec!["installed".into()],
        to: vec!["helper".into()],
        within: vec!["work".into()],
        idle: false,
        of_libraries: false,
        when: Trigger { python, ..Trigger::default() },
        or_when: Vec::new(),
        reason: "a test".into(),
    }
}

fn rules() -> Rules {
    Rules::new([], [], [&rule()]).unwrap()
}

/// The same wherever in it the import stands.
fn rules_anywhere() -> Rules {
    let mut rule = rule();
    rule.within.clear();
    Rules::new([], [], [&rule]).unwrap()
}

const INSTALLED: &str = "def work():\n    import helper\nwork()\n";

#[test]
fn an_import_counts_once_its_condition_holds() {
    let scene = |main: &str| Scene::program(main).file("installed.py", INSTALLED).files("helper.py last.py");
    assert!(!scene("import installed\n").run_by(rules()).is_reached("helper.py"));
    assert!(scene("import installed\ninstalled.wanted\n").run_by(rules()).is_reached("helper.py"));
    // Also where that turns out long after the import was looked at.
    let late = scene("import installed, one\n").file("one.py", "import two\n").file("two.py", "import three\n");
    let late = late.file("three.py", "x.wanted\n");
    assert!(late.run_by(rules()).is_reached("helper.py"));
}

#[test]
fn what_is_imported_with_the_module_itself_counts() {
    let reached = |source: &str| {
        let scene = Scene::program("import installed\n").file("installed.py", source).files("helper.py");
        scene.run_by(rules_anywhere()).is_reached("helper.py")
    };
    assert!(reached("import helper\n"));
    assert!(reached("class Work:\n    import helper\n"));
    assert!(!reached("try:\n    import helper\nexcept ImportError:\n    helper = None\n"));
    assert!(!reached("def work():\n    import helper\nwork()\n"));
}

#[test]
fn options_of_the_interpreter_are_conditions_too() {
    let warnings = "def _formatwarnmsg_impl(message):\n    try:\n        import tracemalloc\n    except ImportError:\n        pass\n_formatwarnmsg_impl('')\n";
    let [lib, trace] = ["warnings", "tracemalloc"].map(|name| format!("/usr/local/lib/python3.11/{name}.py"));
    let reached = |words: &[&str]| {
        let scene = Scene::new().file("/app/main.py", "import warnings\n").command(words);
        scene.file(&lib, warnings).files(&trace).with_profiles().run().is_reached(&trace)
    };
    assert!(!reached(&["python3", "/app/main.py"]));
    assert!(!reached(&["python3", "/app/main.py", "--default", "always"]));
    assert!(reached(&["python3", "-W", "default", "/app/main.py"]));
    assert!(reached(&["python3", "-Walways", "/app/main.py"]));
    assert!(reached(&["python3", "-X", "dev", "/app/main.py"]));
    let scripted = |line: &str| {
        let scene = Scene::new().file("/usr/bin/tool", format!("{line}\nimport warnings\n")).command(&["tool"]);
        scene.file(&lib, warnings).files(&trace).with_profiles().run().is_reached(&trace)
    };
    assert!(scripted("#!/usr/local/bin/python3 -W default"));
    assert!(scripted("#!/usr/local/bin/python3 -Walways"));
    assert!(scripted("#!/usr/local/bin/python3 -X dev"));
    assert!(!scripted("#!/usr/local/bin/python3 -B"));
}

#[test]
fn a_build_script_counts_once_something_imports_or_runs_it() {
    let scene = |main: &str| {
        let script = "from setuptools import setup\nsetup(name='x')\n";
        Scene::program(main).file("/app/setup.py", script).files("setuptools/__init__.py").with_profiles()
    };
    assert!(!scene("pass\n").run().is_reached("setuptools/__init__.py"));
    // A list of files says that it is there, and no more.
    let listed = scene("pass\n").file("/app/x.egg-info/SOURCES.txt", "README\nsetup.py\n");
    assert!(!listed.run().is_reached("setuptools/__init__.py"));
    for main in [
        "import setup\n",
        "import runpy\nrunpy.run_path('/app/setup.py')\n",
        "import sys, subprocess\nsubprocess.run([sys.executable, 'setup.py', 'install'])\n",
        "import importlib\nimportlib.import_module('setup')\n",
    ] {
        assert!(scene(main).run().is_reached("setuptools/__init__.py"), "{main}");
    }
    let run = scene("pass\n").command(&["python3", "/app/setup.py", "--name"]).run();
    assert!(run.is_reached("setuptools/__init__.py"));
}

#[test]
fn what_a_rule_keeps_out_is_its_own() {
    let scene = Scene::program("import installed\n").file("installed.py", INSTALLED);
    let outcome = scene.file("helper.py", "import below\n").files("below.py").doubting().run_by(rules());
    let rule = Assumption::Rule("later".into());
    assert!(!outcome.is_reached("helper.py") && !outcome.is_reached("below.py"));
    assert_eq!(outcome.kept_out_by("helper.py"), Some((&rule, 2)));
    assert_eq!(outcome.kept_out_by("below.py"), Some((&rule, 1)));
    assert_eq!(outcome.kept_out_by("installed.py"), None);
}

#[test]
fn what_unused_functions_import_is_kept_out_by_that_alone() {
    let installed =
        "def unused():\n    def inner():\n        import deep\n\nif __name__ == '__main__':\n    import main_only\n";
    let outcome = Scene::installed(installed).files("deep.py main_only.py").doubting().run();
    for (path, line) in [("deep.py", 3), ("main_only.py", 6)] {
        assert!(!outcome.is_reached(path));
        assert_eq!(outcome.kept_out_by(path), Some((&Assumption::Unused, line)), "{path}");
    }
}

#[test]
fn without_assumptions_every_import_statement_of_reachable_code_counts() {
    let installed = "import os\ndef unused():\n    class Inner:\n        def method(self):\n            import deep\n\
                     if __name__ == '__main__':\n    import main_only\n";
    let scene = || Scene::installed(installed).files("deep.py main_only.py");
    let usual = scene().run();
    let nothing = scene().assuming(Assume::Nothing).run();
    for path in ["deep.py", "main_only.py"] {
        assert!(!usual.is_reached(path), "{path}");
        assert!(nothing.is_reached(path), "{path}");
    }
    let cut = Scene::program("import installed\n").file("installed.py", INSTALLED).files("helper.py");
    assert!(cut.assuming(Assume::Nothing).run_by(rules()).is_reached("helper.py"));
}
