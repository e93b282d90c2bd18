//! The built-in rules about Python: each makes a difference in a scene of its own.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use rayon::prelude::*;

use super::Scene;
use super::scene::{Outcome, SITE, STDLIB};
use crate::profile::{ConditionalRule, CutRule, ImpliesRule};
use crate::reach::elf::fixture::ElfFile;
use crate::reach::profile_tests::{instance, profiles, rules_without};
use crate::reach::rules::Rules;

const PROFILES: [&str; 5] = ["python-codecs", "python-startup", "python-cuts", "python-frameworks", "web-assets"];

/// Rules whose scene takes more than names of modules, and the tests that have it.
const ELSEWHERE: [(&str, &str); 4] = [
    ("python-build-scripts", "assumptions::a_build_script_counts_once_something_imports_or_runs_it"),
    ("python-codec-search", "rules::the_search_for_codecs_imports_its_aliases_and_no_codec"),
    ("pillow-plugin-names", "computed::pillow_imports_plugins_and_no_other_module_by_a_computed_name"),
    ("python-opaque-extension", "extensions::cython_with_a_table_that_cannot_be_read_may_import_the_usual_targets"),
];

fn all_rules() -> Rules {
    static ALL: OnceLock<Rules> = OnceLock::new();
    ALL.get_or_init(|| Rules::of_profiles(profiles(&PROFILES)).unwrap()).clone()
}

/// The name of some module that a glob matches.
fn module(glob: &str) -> String {
    instance(&glob.replace("**", "any").replace('*', "some")).trim_start_matches('.').to_owned()
}

/// Files by their paths. All modules are packages, so that any may have others below it.
#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Files {
    /// The file of a module that does nothing, if there is none yet.
    fn module(&mut self, base: &str, name: &str) -> String {
        if name == "os" {
            return format!("{STDLIB}/os.py");
        }
        let mut dir = base.to_owned();
        for part in name.split('.') {
            dir = format!("{dir}/{part}");
            self.0.entry(format!("{dir}/__init__.py")).or_insert_with(|| b"pass\n".to_vec());
        }
        format!("{dir}/__init__.py")
    }

    fn put(&mut self, path: &str, content: impl Into<Vec<u8>>) {
        self.0.insert(path.to_owned(), content.into());
    }

    fn run(&self, main: &str, rules: Rules) -> Outcome {
        let scene = Scene::program(main);
        self.0.iter().fold(scene, |scene, (path, content)| scene.file(path, content)).run_by(rules)
    }
}

/// The ways to set a rule off: the program, the files that it takes, and the folder of what set it off.
fn triggers(rule: &ImpliesRule) -> Vec<(String, Files, String)> {
    let when = &rule.when;
    let mut out = Vec::new();
    for glob in &when.python.module {
        let (name, mut files) = (module(glob), Files::default());
        let (main, dir) = match name.as_str() {
            "__main__" => ("pass\n".to_owned(), STDLIB.to_owned()),
            "__codec__" => {
                files.put("installed.py", "import codecs\ndef f(name):\n    return codecs.lookup(name)\nf(name)\n");
                files.put(&format!("{STDLIB}/codecs.py"), "pass\n");
                ("import installed\n".to_owned(), SITE.to_owned())
            }
            "__errors__" => ("open('x', errors=policy())\n".to_owned(), SITE.to_owned()),
            _ => {
                let file = files.module(SITE, &name);
                (import(&name), file.trim_end_matches("/__init__.py").to_owned())
            }
        };
        out.push((main, files, dir));
    }
    for name in &when.python.name {
        let mut files = Files::default();
        let option = name.starts_with('-');
        let uses = if option { format!("f('{name}')\n") } else { format!("import os\nos.{name}\n") };
        files.put("installed.py", uses);
        out.push(("import installed\n".to_owned(), files, SITE.to_owned()));
    }
    for glob in &when.python.imported {
        let (name, mut files) = (module(glob), Files::default());
        files.module(STDLIB, &name);
        files.put("installed.py", format!("import {name}\n"));
        out.push(("import installed\n".to_owned(), files, SITE.to_owned()));
    }
    for name in &when.python.computed {
        let mut files = Files::default();
        files.put("installed.py", format!("def f():\n    return 1\n{name} = f()\n"));
        out.push(("import installed\n".to_owned(), files, SITE.to_owned()));
    }
    for name in &when.python.value {
        let mut files = Files::default();
        files.put("installed.py", format!("{name} = 'xy-z'\n"));
        out.push(("import installed\n".to_owned(), files, SITE.to_owned()));
    }
    for glob in &when.path {
        let (path, mut files) = (format!("/{}", instance(glob)), Files::default());
        files.put(&path, "text\n");
        out.push((format!("open('{path}')\n"), files, path.rsplit_once('/').unwrap().0.to_owned()));
    }
    out
}

fn import(name: &str) -> String {
    format!("import importlib\nimportlib.import_module('{name}')\n")
}

/// What is wrong with a rule: a trigger that does not reach all that it names, or nothing that is missing without it.
fn faults_of_rule(rule: &ImpliesRule) -> Vec<String> {
    let (mut faults, mut needed) = (Vec::new(), false);
    let names = rule.when.python.module.len()..rule.when.python.module.len() + rule.when.python.name.len();
    let values = names.end + rule.when.python.imported.len() + rule.when.python.computed.len();
    let values = values..values + rule.when.python.value.len();
    for (index, (mut main, mut files, dir)) in triggers(rule).into_iter().enumerate() {
        for name in rule.when.python.with_module.iter().map(|glob| module(glob)) {
            files.module(SITE, &name);
            main += &import(&name);
        }
        let mut wanted: Vec<String> =
            rule.python.modules.iter().map(|glob| files.module(SITE, &module(glob))).collect();
        for glob in &rule.python.submodules {
            wanted.push(files.module(SITE, &format!("owned.{}", module(glob))));
            main += &import("owned");
        }
        let plugins = rule.python.plugins.iter().chain(&rule.python.plugin_folders);
        let plugins: Vec<String> = plugins.map(|glob| module(glob)).collect();
        wanted.extend(plugins.iter().map(|name| files.module(SITE, name)));
        if !plugins.is_empty() {
            files.put("/app/words.yml", plugins.iter().map(|name| format!("- {name}: x\n")).collect::<String>());
        }
        if rule.python.names_are_commands {
            wanted.push("/usr/bin/tool".to_owned());
            files.put("/usr/bin/tool", ElfFile::new().build());
            main += "runner.tool('-x')\n";
        }
        for path in &rule.paths {
            let mut path = path.replace("{dir}", &dir);
            if names.contains(&index) {
                path = path.replace("{name}", &rule.when.python.name[index - rule.when.python.module.len()]);
            }
            if values.contains(&index) {
                path = path.replace("{name}", "xy");
            }
            let path = instance(&path);
            let below = |other: &String| other.starts_with(&format!("{path}/"));
            if !path.contains("{name}") && !files.0.keys().any(|other| below(other) || *other == path) {
                files.put(&path, "data\n");
                wanted.push(path);
            }
        }
        let with = files.run(&main, all_rules());
        let missing: Vec<_> = wanted.iter().filter(|path| !with.is_reached(path)).collect();
        if !missing.is_empty() {
            faults.push(format!("{}, trigger {index}: {missing:?} not reached", rule.id));
        }
        needed = needed || {
            let without = files.run(&main, rules_without(profiles(&PROFILES), &rule.id));
            wanted.iter().any(|path| !without.is_reached(path))
        };
    }
    faults.extend((!needed).then(|| format!("{} makes no difference", rule.id)));
    faults
}

/// How something is named.
#[derive(Clone, Copy)]
enum Names {
    /// By an import statement in a function.
    Imported,
    /// By a string.
    Said,
}

/// What an importer says that the cut takes away, and the file that it would bring.
fn cut_scene(rule: &CutRule, names: Names, from: &str, to: &str) -> Option<(String, Files, String)> {
    let (from, mut files) = (module(from), Files::default());
    let base = if rule.id.starts_with("python-") { STDLIB } else { SITE };
    let file = files.module(base, &from);
    let (statements, wanted) = if let Some(command) = to.strip_prefix("command:") {
        let command = instance(command);
        files.put(&format!("/usr/bin/{command}"), ElfFile::new().build());
        let statement = format!("import subprocess\n    subprocess.run(['{command}', '-x'])");
        (statement, format!("/usr/bin/{command}"))
    } else if to.starts_with("listing:") {
        let wanted = files.module(base, &format!("{from}.listed"));
        let listing = match to {
            "listing:folder" => "os.listdir(folder)\n    importlib.import_module(name)",
            _ => "pkgutil.iter_modules(folders)",
        };
        (format!("import importlib, os, pkgutil\n    {listing}"), wanted)
    } else if to == "codec:computed" {
        files.put(&format!("{STDLIB}/encodings/__init__.py"), "pass\n");
        files.put(&format!("{STDLIB}/encodings/koi8_r.py"), "pass\n");
        ("text.encode(charset)".to_owned(), format!("{STDLIB}/encodings/koi8_r.py"))
    } else {
        let to = module(to);
        if from == to || from.starts_with(&format!("{to}.")) {
            return None;
        }
        let wanted = files.module(base, &to);
        let statement = match names {
            Names::Imported => format!("import {to}"),
            Names::Said => format!("import importlib\n    importlib.import_module('{to}')"),
        };
        (statement, wanted)
    };
    if rule.in_extensions {
        let name = format!("PyInit_{}", from.rsplit('.').next().unwrap());
        let library = ElfFile::new().export(Box::leak(name.into_boxed_str())).import("PyImport_ImportModule");
        files.0.remove(&file);
        let path = format!("{}.cpython-311-x86_64-linux-gnu.so", file.trim_end_matches("/__init__.py"));
        files.put(&path, library.string(&module(to)).build());
    } else {
        let scope = rule.within.first().map_or("function", String::as_str);
        files.put(&file, format!("def {scope}(*words):\n    {statements}\n{scope}()\n"));
    }
    // Names that the user's own files hold are there for rules that wait for them.
    files.put(&format!("{STDLIB}/starter.py"), import(&from));
    Some(("import starter\n".to_owned(), files, wanted))
}

/// What is wrong with a cut: an edge that counts all the same, or none that would count without it.
fn faults_of_cut(rule: &CutRule, names: Names) -> Vec<String> {
    let pairs = rule.from.iter().map(|from| (from, &rule.to[0])).chain(rule.to.iter().map(|to| (&rule.from[0], to)));
    let (mut faults, mut needed) = (Vec::new(), false);
    for (from, to) in pairs {
        let Some((main, files, wanted)) = cut_scene(rule, names, from, to) else { continue };
        if files.run(&main, all_rules()).is_reached(&wanted) {
            faults.push(format!("{}, {from} to {to}: reached", rule.id));
        }
        needed = needed || files.run(&main, rules_without(profiles(&PROFILES), &rule.id)).is_reached(&wanted);
    }
    faults.extend((!needed).then(|| format!("{} makes no difference", rule.id)));
    faults
}

fn has_scene_here(id: &str) -> bool {
    ELSEWHERE.iter().all(|(rule, _)| *rule != id)
}

#[test]
fn every_rule_reaches_what_it_names_and_nothing_else_does() {
    let rules: Vec<&ImpliesRule> =
        profiles(&PROFILES).flat_map(|p| &p.implies).filter(|rule| has_scene_here(&rule.id)).collect();
    let faults: Vec<String> = rules.into_par_iter().flat_map_iter(faults_of_rule).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// What is wrong with a conditional rule: what is wrong with a cut, or a condition that changes nothing.
fn faults_of_conditional(rule: &ConditionalRule) -> Vec<String> {
    let cut = rule.cut();
    let scene = || cut_scene(&cut, Names::Imported, &cut.from[0], &cut.to[0]).unwrap();
    let mut faults = faults_of_cut(&cut, Names::Imported);
    for waiting in rule.awaiting() {
        for (index, (trigger, files, _)) in triggers(&waiting).into_iter().enumerate() {
            let (mut main, importer, wanted) = scene();
            let mut all = Files::default();
            for (path, content) in files.0 {
                // Modules of the standard library are all in one place.
                let path = if cut.id.starts_with("python-") { path.replace(SITE, STDLIB) } else { path };
                all.0.insert(path, content);
            }
            for name in waiting.when.python.with_module.iter().map(|glob| module(glob)) {
                all.module(SITE, &name);
                main += &import(&name);
            }
            // The importer may be what sets the rule off: it must stay what it is.
            all.0.extend(importer.0);
            if !all.run(&(main + &trigger), all_rules()).is_reached(&wanted) {
                faults.push(format!("{}, condition {index}: {wanted} does not count", rule.id));
            }
        }
    }
    faults
}

#[test]
fn every_condition_lets_a_name_count() {
    let rules: Vec<&ConditionalRule> =
        profiles(&PROFILES).flat_map(|p| &p.conditional).filter(|rule| has_scene_here(&rule.id)).collect();
    assert!(!rules.is_empty());
    let faults: Vec<String> = rules.into_par_iter().flat_map_iter(faults_of_conditional).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_cut_takes_away_an_edge() {
    let rules: Vec<&CutRule> =
        profiles(&PROFILES).flat_map(|p| &p.cut).filter(|rule| has_scene_here(&rule.id)).collect();
    let faults: Vec<String> = rules.into_par_iter().flat_map_iter(|rule| faults_of_cut(rule, Names::Said)).collect();
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn the_search_for_codecs_imports_its_aliases_and_no_codec() {
    let mut files = Files::default();
    let [aliases, codec] = ["aliases", "koi8_r"].map(|name| files.module(STDLIB, &format!("encodings.{name}")));
    let search = "from . import aliases\ndef find(name):\n    __import__('encodings.' + name)\nfind(aliases.name)\n";
    files.put(&format!("{STDLIB}/encodings/__init__.py"), search);
    let reached = |rules| {
        let outcome = files.run("import encodings\n", rules);
        (outcome.is_reached(&aliases), outcome.is_reached(&codec))
    };
    assert_eq!(reached(all_rules()), (true, false));
    assert_eq!(reached(rules_without(profiles(&PROFILES), "python-codec-search")), (true, true));
}

#[test]
fn a_module_of_the_users_own_is_none_that_built_in_rules_speak_of() {
    let lib = |name: &str| format!("{STDLIB}/{name}.py");
    let code = "def __call__():\n    import pydoc\n__call__()\n";
    let console = |path: &str| {
        let scene = Scene::program("import _sitebuiltins\n").file(path, code).files(&lib("pydoc"));
        scene.with_profiles().run()
    };
    console("/app/_sitebuiltins.py").reaches(&lib("pydoc"));
    console(&lib("_sitebuiltins")).leaves(&lib("pydoc"));
    // A rule that the user writes may be about the user's code.
    let rule = "[[conditional]]\nid = 'x'\nlanguage = 'python'\nfrom = ['_sitebuiltins']\nto = ['pydoc']\nwhen.python.name = ['never_used']\nreason = 'x'\n";
    let profile: crate::profile::Profile = toml::from_str(&format!("name = 'x'\ndescription = 'x'\n{rule}")).unwrap();
    let scene = Scene::program("import _sitebuiltins\n").file("/app/_sitebuiltins.py", code).files(&lib("pydoc"));
    scene.run_by(Rules::new(&[], &[], &profile.conditional).unwrap()).leaves(&lib("pydoc"));
}

/// What C code of the interpreter imports has no statement, and built into the interpreter it has no file either.
#[test]
fn accelerators_that_are_built_in_import_from_c() {
    let lib = |names: &str| names.split(' ').map(|name| format!("{STDLIB}/{name}.py")).collect::<Vec<_>>().join(" ");
    let kept = lib("datetime xml/etree/ElementPath copy numbers contextvars");
    let other = lib("calendar plistlib");
    let imports = |source: &str| Scene::program(source).files(&format!("{kept} {other}")).with_profiles().run();
    imports("import _zoneinfo\n").reaches(&lib("datetime")).leaves(&other);
    imports("import _elementtree\n").reaches(&lib("xml/etree/ElementPath copy")).leaves(&other);
    imports("import _decimal\n").reaches(&lib("numbers contextvars")).leaves(&other);
    imports("import _csv\n").leaves(&kept).leaves(&other);
}
