//! What looks like a use and is none: names that mean something else, codecs, listings, exports.

use super::Scene;
use crate::reach::EvidenceKind;

const MAIN: &str = "def main():\n    import a\n";

#[test]
fn a_variable_means_what_its_file_binds() {
    let source = "def main():\n    import b\nmain()\n";
    Scene::program("import installed\nimport other\n")
        .file("installed.py", source)
        .file("other.py", MAIN)
        .files("a.py b.py")
        .run()
        .reaches("b.py")
        .leaves("a.py");
}

#[test]
fn an_imported_name_means_what_its_module_has() {
    let scene = |source: &str| {
        Scene::installed("from one import main\nimport two\n").file("one.py", source).file("two.py", MAIN)
    };
    scene("def main():\n    import b\n").files("a.py b.py").run().reaches("b.py").leaves("a.py");
    // What a module takes from elsewhere may be any function of that name.
    for source in ["from two import *\n", "def __getattr__(name):\n    return None\n", "globals()['main'] = 1\n"] {
        scene(source).files("a.py").run().reaches("a.py");
    }
    scene("from two import main\n").files("a.py").run().reaches("a.py");
}

#[test]
fn an_unbound_name_means_any() {
    Scene::program("import two\nmain()\n").file("two.py", MAIN).files("a.py").run().reaches("a.py");
    let star = "from one import *\nmain()\n";
    Scene::installed(star)
        .file("one.py", "from two import main\n")
        .file("two.py", MAIN)
        .files("a.py")
        .run()
        .reaches("a.py");
}

#[test]
fn exports_are_no_uses() {
    let source = format!("__all__ = ['main']\n__all__.append('main')\n{MAIN}");
    Scene::installed(&source).files("a.py").run().leaves("a.py");
    let reader = "import two\nfor name in two.__all__:\n    getattr(two, name)()\n";
    Scene::installed(reader).file("two.py", source).files("a.py").run().reaches("a.py");
}

#[test]
fn a_fallback_of_the_standard_library_runs_only_without_what_it_stands_in_for() {
    let source = "try:\n    import fast\nexcept ImportError:\n    import slow\n";
    let stdlib = |path: &str| format!("/usr/local/lib/python3.11/{path}");
    let scene = || Scene::program("import tool\n").file(&stdlib("tool.py"), source).file(&stdlib("slow.py"), "");
    let dynload = "lib-dynload/fast.cpython-311-x86_64-linux-gnu.so";
    scene().file(&stdlib("fast.py"), "").run().leaves(&stdlib("slow.py"));
    scene().file(&stdlib(dynload), "x").run().leaves(&stdlib("slow.py"));
    scene().run().reaches(&stdlib("slow.py"));
    Scene::installed(source).files("fast.py slow.py").run().reaches("fast.py slow.py");
}

#[test]
fn a_fallback_of_the_standard_library_runs_if_what_it_stands_in_for_may_be_made_to_fail() {
    let source = "try:\n    import _fast\nexcept ImportError:\n    import slow\n";
    let stdlib = |path: &str| format!("/usr/local/lib/python3.11/{path}");
    let scene = |program: &str| {
        let scene = Scene::program(program).file(&stdlib("tool.py"), source).file(&stdlib("slow.py"), "");
        scene.file(&stdlib("_fast.py"), "")
    };
    for blocks in [
        "import sys\nsys.modules['_fast'] = None\nimport tool\n",
        "import tool\ndef fresh():\n    return import_fresh_module('tool', blocked=['_fast'])\nfresh()\n",
    ] {
        scene(blocks).run().reaches(&stdlib("slow.py"));
    }
    let installed = scene("import installed\n").file("installed.py", "blocked = '_fast'\nimport tool\n");
    installed.run().reaches(&stdlib("slow.py"));
    let in_the_library = scene("import other, tool\n").file(&stdlib("other.py"), "name = '_fast'\n");
    in_the_library.run().leaves(&stdlib("slow.py"));
    let in_its_tests = scene("import test.of_tool\n").file(&stdlib("test/__init__.py"), "");
    let in_its_tests = in_its_tests.file(&stdlib("test/of_tool.py"), "import tool\nblocked = '_fast'\n");
    in_its_tests.run().reaches(&stdlib("slow.py"));
    scene("import _fast, tool\n").run().leaves(&stdlib("slow.py"));
}

#[test]
fn rules_wait_for_names() {
    let worker = "gunicorn/workers/gthread.py";
    let scene = |program: &str| {
        Scene::program(program)
            .file("gunicorn/workers/__init__.py", "WORKERS = {'gthread': 'gunicorn.workers.gthread.ThreadWorker'}\n")
            .file("gunicorn/__init__.py", "import gunicorn.workers\nTHREADS = 'threads'\n")
            .file(worker, "")
            .with_profiles()
    };
    scene("import gunicorn\n").run().leaves(worker);
    scene("import gunicorn\nthreads = 4\n").run().reaches(worker);
    scene("import gunicorn\n").env("GUNICORN_CMD_ARGS", "-k sync").run().reaches(worker);
    scene("import gunicorn\n").command(&["python3", "/app/main.py", "--threads=2"]).run().reaches(worker);
    let library = scene("import gunicorn, installed\n").file("installed.py", "options(threads=4)\n");
    library.run().reaches(worker);
}

#[test]
fn a_package_with_its_own_folder_on_the_search_path_does_not_set_off_its_own_rules() {
    let worker = "gunicorn/workers/gthread.py";
    let scene = |program: &str| {
        let own = "import os, sys\nsys.path.insert(0, os.path.dirname(__file__))\nimport deep\n";
        Scene::program(program)
            .file("gunicorn/__init__.py", "import gunicorn.workers, gunicorn.deep, gunicorn.own\n")
            .file("gunicorn/workers/__init__.py", "")
            .file("gunicorn/own.py", own)
            .file("gunicorn/deep.py", "options.threads\n")
            .file(worker, "")
            .with_profiles()
    };
    scene("import gunicorn\n").run().reaches("gunicorn/deep.py").leaves(worker);
    scene("import gunicorn\noptions.threads\n").run().reaches(worker);
}

#[test]
fn catalogues_by_language() {
    let mo = |language: &str| format!("{}/django/conf/locale/{language}/LC_MESSAGES/django.mo", super::scene::SITE);
    let scene = |settings: &str| {
        Scene::program("import settings\n")
            .file("/app/settings.py", settings)
            .file(&mo("de"), "x")
            .file(&mo("pt_BR"), "x")
            .file(&mo("os"), "x")
            .with_profiles()
    };
    scene("LANGUAGE_CODE = 'en-us'\n").run().leaves(&mo("de")).leaves(&mo("pt_BR"));
    // Words that happen to be codes of languages.
    scene("import os\nLANGUAGE_CODE = 'en-us'\nid = os.de\nx = 'de'\n").run().leaves(&mo("os")).leaves(&mo("de"));
    scene("LANGUAGE_CODE = 'de'\n").run().reaches(&mo("de")).leaves(&mo("pt_BR"));
    scene("LANGUAGE_CODE = 'pt-br'\n").run().reaches(&mo("pt_BR")).leaves(&mo("de"));
    let any = [
        "import os\nLANGUAGE_CODE = os.environ['WHICH']\n",
        "MIDDLEWARE = ['django.middleware.locale.LocaleMiddleware']\n",
        "configure(LANGUAGE_CODE=x)\n",
        "LANGUAGE_CODE = 'de'\nif x:\n    LANGUAGE_CODE = 'fr'\n",
        "class Production(Configuration):\n    LANGUAGE_CODE = 'de'\n",
    ];
    for settings in any {
        scene(settings).run().reaches(&mo("de")).reaches(&mo("pt_BR"));
    }
    scene("import os\n")
        .file("/app/settings.yaml", "LANGUAGE_CODE: de\n")
        .run()
        .reaches(&mo("de"))
        .reaches(&mo("pt_BR"));
    scene("LANGUAGE_CODE = 'DE'\n").run().reaches(&mo("de")).leaves(&mo("pt_BR"));
    let template = "{% load i18n %}{% language code %}{% endlanguage %}";
    let scene = scene("LANGUAGE_CODE = 'de'\n").file("/app/templates/page.html", template);
    scene.run().reaches(&mo("de")).reaches(&mo("pt_BR"));
}

#[test]
fn what_lies_beside_code_is_evident_once_a_rule_names_it() {
    let mo =
        |language: &str| format!("{}/django/contrib/admin/locale/{language}/LC_MESSAGES/django.mo", super::scene::SITE);
    let outcome = Scene::program("import django.contrib.admin\n")
        .files("django/__init__.py django/contrib/__init__.py")
        .file("django/contrib/admin/__init__.py", "import late\n")
        .file("late.py", "import later\n")
        .file("later.py", "LANGUAGE_CODE = 'de'\n")
        .file(&mo("de"), "x")
        .file(&mo("fr"), "x")
        .with_profiles()
        .run();
    outcome.reaches(&mo("de")).reaches(&mo("fr"));
    assert!(outcome.is_reached_for_certain(&mo("de")) && !outcome.is_reached_for_certain(&mo("fr")));
    assert_eq!(outcome.first_evidence(&mo("de")), Some(EvidenceKind::Data), "or the test shows nothing");
}

#[test]
fn a_library_that_is_missing_sets_no_rule_off() {
    let mo = format!("{}/flask_admin/translations/de/LC_MESSAGES/admin.mo", super::scene::SITE);
    let scene = |program: &str| Scene::program(program).file(&mo, "x").files("app.py").with_profiles();
    let program = "try:\n    import flask_babel\nexcept ImportError:\n    pass\n";
    scene(program).run().leaves(&mo);
    scene(program).file("flask_babel.py", "pass\n").run().reaches(&mo);
}

#[test]
fn image_fields_bring_pillow() {
    let fields = "class ImageField:\n    def to_python(self, data):\n        from PIL import Image\nTABLE = [ImageField]\nTABLE[0]().to_python(1)\n";
    let scene = |program: &str| {
        Scene::program(program)
            .files("django/__init__.py django/forms/__init__.py PIL/__init__.py PIL/Image.py PIL/ImageFile.py")
            .file("django/forms/fields.py", fields)
            .with_profiles()
    };
    scene("import django.forms.fields\n").run().leaves("PIL/Image.py");
    let own = "from django.forms.fields import ImageField\n";
    scene(own).run().reaches("PIL/Image.py").reaches("PIL/ImageFile.py");
    let library = scene("import django.forms.fields, installed\n");
    library
        .file("installed.py", "def field(forms):\n    return forms.ImageField()\nfield(x)\n")
        .run()
        .reaches("PIL/Image.py");
}

#[test]
fn named_characters_need_their_names() {
    let in_stdlib = |path: &str| format!("{}/{path}", super::scene::STDLIB);
    let parser = "def parse(source):\n    import unicodedata\nparse('')\n";
    let scene = |program: &str| {
        Scene::program(program)
            .file(&in_stdlib("textwrap.py"), "import re\n")
            .file(&in_stdlib("re/__init__.py"), "from . import _parser\n")
            .file(&in_stdlib("re/_parser.py"), parser)
            .file(&in_stdlib("unicodedata.py"), "")
            .with_profiles()
    };
    let names = &in_stdlib("unicodedata.py");
    scene("import textwrap\n").run().leaves(names);
    // A program's own patterns may come from anywhere.
    scene("import re\nre.compile(open('x').read())\n").run().reaches(names);
    scene("x = '\\N{BULLET}'\n").run().reaches(names);
}

#[test]
fn project_managers_run_programs_of_the_environment() {
    let script = format!("{}/project/.venv/bin/serve", super::scene::SITE);
    let scene = |program: &str| {
        Scene::program(program)
            .files("poetry/__init__.py poetry/console/__init__.py poetry/console/commands/__init__.py")
            .files("poetry/console/commands/run.py")
            .file(&script, "#!/usr/local/bin/python3\n")
            .with_profiles()
    };
    scene("import poetry.console.commands.run\n").run().reaches(&script);
    scene("import poetry\n").run().leaves(&script);
}

#[test]
fn words_of_files_do_not_count_for_every_rule() {
    let scene = |program: &str| {
        let serving = "def serve():\n    from . import _reloader\nserve()\n";
        Scene::program(program)
            .file("werkzeug/serving.py", serving)
            .files("werkzeug/__init__.py werkzeug/_reloader.py")
            .with_profiles()
            .run()
    };
    scene("import werkzeug.serving\n# How servers run.\n").leaves("werkzeug/_reloader.py");
    scene("import werkzeug.serving\nx.run()\n").reaches("werkzeug/_reloader.py");
}
