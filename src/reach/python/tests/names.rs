//! Strings that name modules.

use super::Scene;
use super::scene::STDLIB;

#[test]
fn the_class_of_a_worker() {
    let scene = Scene::installed("WORKERS = {'sync': 'gunicorn.workers.sync.SyncWorker'}\n");
    let scene = scene.files("gunicorn/__init__.py gunicorn/workers/__init__.py");
    let scene = scene.files("gunicorn/workers/sync.py gunicorn/workers/ggevent.py");
    scene.run().reaches("gunicorn/workers/sync.py").leaves("gunicorn/workers/ggevent.py");
}

#[test]
fn an_object_after_a_colon() {
    let scene = Scene::new().command(&["python3", "-m", "server", "site_app.wsgi:application"]);
    let scene = scene.files("server.py site_app/__init__.py site_app/wsgi.py site_app/asgi.py");
    scene.run().reaches("site_app/wsgi.py").leaves("site_app/asgi.py");
}

#[test]
fn logging_dict_config() {
    let source = "import logging.config\nlogging.config.dictConfig({'handlers': {'file': {'class': 'logging.handlers.RotatingFileHandler'}, 'x': {'()': 'jsonlog.formatter.Formatter'}}})\n";
    let lib = |names: &[&str]| names.iter().map(|name| format!("{STDLIB}/logging/{name}.py ")).collect::<String>();
    let scene = Scene::installed(source).files(&lib(&["__init__", "config", "handlers", "unused"]));
    let scene = scene.files("jsonlog/__init__.py jsonlog/formatter.py jsonlog/other.py");
    let outcome = scene.run();
    outcome.reaches(&lib(&["handlers"])).reaches("jsonlog/formatter.py");
    outcome.leaves(&lib(&["unused"])).leaves("jsonlog/other.py");
}

#[test]
fn codecs_by_name() {
    for call in
        ["b''.decode('cp1252')", "input().encode('CP1252')", "open('x', encoding='cp1252')", "codecs.lookup('cp1252')"]
    {
        let scene = Scene::installed(&format!("import codecs\n{call}\n"));
        let files = ["__init__", "cp1252", "cp1251"].map(|name| format!("{STDLIB}/encodings/{name}.py"));
        scene.files(&files.join(" ")).run().reaches(&files[1]).leaves(&files[2]);
    }
}

const SETTINGS: &str = "
INSTALLED_APPS = ['django.contrib.auth', 'shop.apps.ShopConfig', 'blog']
MIDDLEWARE = ['django.middleware.security.SecurityMiddleware']
ROOT_URLCONF = 'site_urls'
DATABASES = {'default': {'ENGINE': 'django.db.backends.sqlite3'}}
";

/// Django in miniature: the same calls in the same places.
fn django() -> Scene {
    Scene::program("import os\nos.environ.setdefault('DJANGO_SETTINGS_MODULE', 'settings')\nimport django\ndjango.setup()\n")
        .file("/app/settings.py", SETTINGS)
        .file("django/__init__.py", "def setup():\n    from django.apps import apps\n    from django.conf import settings\n    apps.populate(settings.INSTALLED_APPS)\n    from django.db import connections\n    from django.core import handlers, urls\n")
        .file("django/conf/__init__.py", "import importlib\nimport os\nENVIRONMENT_VARIABLE = 'DJANGO_SETTINGS_MODULE'\nclass Settings:\n    def __init__(self, settings_module):\n        self.SETTINGS_MODULE = settings_module\n        mod = importlib.import_module(self.SETTINGS_MODULE)\nsettings = Settings(os.environ.get(ENVIRONMENT_VARIABLE))\n")
        .file("django/apps/__init__.py", "from .registry import apps\n")
        .file("django/apps/registry.py", "from .config import AppConfig\nclass Apps:\n    def populate(self, installed_apps=None):\n        for entry in installed_apps:\n            app_config = AppConfig.create(entry)\n            app_config.import_models()\napps = Apps()\n")
        .file("django/apps/config.py", "from importlib import import_module\nAPPS_MODULE_NAME = 'apps'\nMODELS_MODULE_NAME = 'models'\nclass AppConfig:\n    @classmethod\n    def create(cls, entry):\n        app_module = import_module(entry)\n        mod_path = '%s.%s' % (entry, APPS_MODULE_NAME)\n        mod = import_module(mod_path)\n    def import_models(self):\n        models_module_name = '%s.%s' % (self.name, MODELS_MODULE_NAME)\n        self.models_module = import_module(models_module_name)\n")
        .file("django/db/__init__.py", "from django.db.utils import load_backend\nconnections = load_backend('x')\n")
        .file("django/db/utils.py", "from importlib import import_module\ndef load_backend(backend_name):\n    return import_module('%s.base' % backend_name)\n")
        .file("django/core/handlers.py", "from django.utils.module_loading import import_string\nfrom django.conf import settings\ndef load_middleware():\n    for path in settings.MIDDLEWARE:\n        import_string(path)\n")
        .file("django/core/urls.py", "from importlib import import_module\nclass URLResolver:\n    def urlconf_module(self):\n        return import_module(self.urlconf_name)\nURLResolver().urlconf_module()\n")
        .file("django/utils/module_loading.py", "from importlib import import_module\ndef import_string(path):\n    module_path, class_name = path.rsplit('.', 1)\n    return getattr(import_module(module_path), class_name)\n")
        .files("django/core/__init__.py django/utils/__init__.py django/contrib/__init__.py django/db/backends/__init__.py")
        .files("django/contrib/auth/__init__.py django/contrib/auth/apps.py django/contrib/auth/models.py")
        .files("django/contrib/flatpages/__init__.py django/contrib/flatpages/apps.py django/contrib/flatpages/models.py")
        .files("django/middleware/__init__.py django/middleware/security.py django/middleware/csrf.py")
        .files("django/db/backends/sqlite3/__init__.py django/db/backends/sqlite3/base.py")
        .files("django/db/backends/mysql/__init__.py django/db/backends/mysql/base.py")
        .files("shop/__init__.py shop/apps.py shop/models.py shop/views.py")
        .files("blog/__init__.py blog/apps.py blog/models.py blog/views.py site_urls.py other_urls.py")
        .files("wiki/__init__.py wiki/apps.py wiki/models.py")
        .with_profiles()
}

#[test]
fn django_installed_apps() {
    let outcome = django().run();
    outcome.reaches("django/contrib/auth/apps.py django/contrib/auth/models.py shop/apps.py shop/models.py");
    outcome.reaches("blog/__init__.py blog/apps.py blog/models.py");
    outcome.leaves("django/contrib/flatpages/apps.py django/contrib/flatpages/models.py wiki/models.py shop/views.py");
}

#[test]
fn django_middleware() {
    django().run().reaches("django/middleware/security.py").leaves("django/middleware/csrf.py");
}

#[test]
fn django_engine() {
    let outcome = django().run();
    outcome.reaches("django/db/backends/sqlite3/base.py").leaves("django/db/backends/mysql/base.py");
}

#[test]
fn django_root_urlconf() {
    django().run().reaches("site_urls.py").leaves("other_urls.py");
}
