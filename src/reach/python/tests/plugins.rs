//! Plugins that a loader finds by the names of their files.

use super::Scene;
use super::scene::Outcome;
use crate::profile::ImpliesRule;
use crate::reach::Rules;

/// An application with plugins `one` and `two`, of which each starts a program; its own text says this.
fn run(text: &str) -> Outcome {
    let rule = "id = 'plugins'\nwhen.python.module = ['loader']\npython.plugins = ['some.*.plugins.**']\npython.plugin_folders = ['some.*.plugins.filter.*']\nreason = 'x'\n";
    let rule: ImpliesRule = toml::from_str(rule).unwrap();
    let plugin = |dep: &str, program: &str| {
        format!("import {dep}\nname = '{program}'\nif __name__ == '__main__':\n    import {dep}_main\n")
    };
    Scene::program("import loader\n")
        .files("loader.py one_dep.py one_dep_main.py two_dep.py two_dep_main.py /usr/bin/useradd /usr/bin/groupadd")
        .file("some/company/plugins/modules/one.py", plugin("one_dep", "useradd"))
        .file("some/company/plugins/modules/two.py", plugin("two_dep", "groupadd"))
        .files("some/company/plugins/filter/three.py some/company/plugins/filter/four.py")
        .file("/app/play.yml", text)
        .run_by(Rules::new([&rule], [], []).unwrap())
}

#[test]
fn those_run_that_the_users_own_text_names() {
    run("- hosts: all\n  tasks:\n    - some.company.one:\n        two_and_more: x\n")
        .reaches("some/company/plugins/modules/one.py one_dep.py one_dep_main.py /usr/bin/useradd")
        .leaves("some/company/plugins/modules/two.py two_dep.py /usr/bin/groupadd");
}

#[test]
fn those_that_are_loaded_together_run_where_one_is_named() {
    let outcome = run("- debug: {msg: \"{{ x | some.company.three }}\"}\n");
    outcome.reaches("some/company/plugins/filter/three.py some/company/plugins/filter/four.py").leaves("one_dep.py");
}

#[test]
fn all_run_where_nothing_names_any() {
    run("- hosts: all\n").reaches("one_dep_main.py two_dep_main.py /usr/bin/useradd /usr/bin/groupadd");
}
