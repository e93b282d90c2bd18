//! An example for every built-in strip rule: what goes by it, what stays beside it.

use std::collections::BTreeSet;

use super::Verdict;
use super::testing::{Scene, scene};
use crate::profile::ProfileSet;
use crate::reach::{Edge, Edges, Evidence, EvidenceKind};

/// Paths in the notation of [`Scene::add`].
struct Example {
    rule: &'static str,
    goes: &'static [&'static str],
    stays: &'static [&'static str],
    setting: fn(Scene) -> Scene,
}

const fn plain(scene: Scene) -> Scene {
    scene
}

const EXAMPLES: &[Example] = &[
    Example {
        rule: "man-pages",
        goes: &[
            "/usr/share/man/man1/ls.1.gz",
            "/usr/share/man/de/man1/ls.1.gz",
            "/usr/local/man/man1/x.1",
            "/opt/conda/share/man/man3/z.3",
            "/usr/share/man/man1/awk.1.gz -> /etc/alternatives/awk.1.gz",
        ],
        stays: &["/usr/share/man/man1/", "/srv/man/index.html", "/app/man/man1/tool.py"],
        setting: plain,
    },
    Example {
        rule: "info-pages",
        goes: &["/usr/share/info/make.info.gz", "/usr/share/info/dir", "/opt/x/share/info/x.info-1.gz"],
        stays: &["/app/share/info/index.html"],
        setting: plain,
    },
    Example {
        rule: "package-docs",
        goes: &["/usr/share/doc/git/RelNotes.txt", "/usr/share/doc/git/", "/usr/share/doc-base/git"],
        stays: &[
            "/usr/share/doc/bash/copyright",
            "/usr/share/doc/gcc-12-base/copyright",
            "/usr/share/doc/libgomp1 -> gcc-12-base",
            "/usr/share/doc/x/COPYING.gz",
            // Somebody serves or reads these through a link of theirs.
            "/srv/www/manual -> /usr/share/doc/apache2/manual",
            "/usr/share/doc/apache2/manual/index.html",
            "/opt/app/VERSION -> /usr/share/doc/app/version",
            "/usr/share/doc/app/version",
            "/usr/lib/python3/dist-packages/doc/__init__.py",
        ],
        setting: plain,
    },
    Example {
        rule: "message-catalogue-sources",
        goes: &["/usr/lib/python3/dist-packages/shop/locale/de/LC_MESSAGES/django.po +"],
        stays: &[
            "/usr/lib/python3/dist-packages/shop/locale/de/LC_MESSAGES/django.mo +",
            "/usr/lib/python3/dist-packages/shop/locale/fr/LC_MESSAGES/django.po +",
            "/app/locale/de/LC_MESSAGES/django.po",
            "/app/locale/de/LC_MESSAGES/django.mo",
        ],
        setting: plain,
    },
    Example {
        rule: "unused-settings",
        goes: &[
            "/etc/ImageMagick-6/mime.xml +",
            "/etc/fonts/conf.d/10-x.conf +",
            "/etc/apt/trusted.gpg.d/debian.asc +",
        ],
        stays: &[
            "/etc/ImageMagick-6/mine.xml",
            "/etc/mime.types +",
            "/etc/apt/sources.list +",
            "/etc/apt/trusted.gpg.d/my.asc",
        ],
        setting: plain,
    },
    Example {
        rule: "prefix-docs",
        goes: &["/opt/conda/share/doc/xz/README +"],
        stays: &["/app/share/doc/manual.html", "/opt/conda/share/doc/xz/COPYING +"],
        setting: plain,
    },
    Example {
        rule: "desktop-help",
        goes: &["/usr/share/gtk-doc/html/glib/index.html", "/usr/share/help/C/x/index.docbook"],
        stays: &["/usr/share/gtk-3.0/settings.ini"],
        setting: plain,
    },
    Example {
        rule: "package-metadata-docs",
        goes: &["/usr/share/lintian/overrides/bash", "/usr/share/bug/git/presubj", "/var/lib/doc-base/info.list"],
        stays: &["/var/lib/doc-base/"],
        setting: plain,
    },
    Example {
        rule: "toolchain-docs",
        goes: &[
            "/root/.rustup/toolchains/stable/share/doc/rust/html/a.html",
            "/usr/local/lib/node_modules/npm/docs/x.md",
        ],
        stays: &["/usr/local/lib/node_modules/npm/lib/npm.js", "/app/node_modules/npm-docs/docs/x.md"],
        setting: plain,
    },
    Example {
        rule: "perl-pod",
        goes: &["/usr/share/perl/5.36.0/pod/perlfunc.pod"],
        stays: &["/usr/share/perl/5.36.0/pod/perldiag.pod", "/usr/share/perl/5.36.0/diagnostics.pm"],
        setting: plain,
    },
    Example {
        rule: "shell-completions",
        goes: &[
            "/usr/share/bash-completion/completions/git",
            "/etc/bash_completion.d/x",
            "/usr/share/zsh/vendor-completions/_x",
        ],
        stays: &["/etc/bash_completion.d/", "/usr/share/zsh/functions/Misc/add-zsh-hook"],
        setting: plain,
    },
    Example {
        rule: "message-catalogues",
        goes: &["/usr/share/locale/fr/LC_MESSAGES/bash.mo", "/usr/share/locale-langpack/fr/LC_MESSAGES/x.mo"],
        stays: &[
            "/usr/share/locale/de/LC_MESSAGES/bash.mo",
            "/usr/share/locale/de_AT/LC_MESSAGES/bash.mo",
            "/usr/share/locale/locale.alias",
            "/usr/lib/locale/C.utf8/LC_CTYPE",
            "/usr/share/i18n/locales/fr_FR",
            "/usr/lib/python3/dist-packages/django/conf/locale/fr/LC_MESSAGES/django.mo",
            "/app/locale/fr/LC_MESSAGES/app.mo",
        ],
        setting: |scene| scene.env("LANG", "de_AT.UTF-8"),
    },
    Example {
        rule: "message-catalogue-folders",
        goes: &["/usr/share/locale/fr/", "/usr/share/locale/fr/LC_MESSAGES/"],
        stays: &["/usr/share/locale/", "/usr/share/locale/all_languages"],
        setting: |scene| scene.add("/usr/share/locale/fr/LC_MESSAGES/bash.mo"),
    },
    Example {
        rule: "python-bytecode",
        goes: &[
            "/app/__pycache__/main.cpython-311.pyc",
            "/app/__pycache__/main.cpython-311.opt-1.pyc",
            "/app/main.pyc",
            "/usr/lib/python3/dist-packages/__pycache__/six.cpython-311.pyc",
        ],
        stays: &["/app/legacy.pyc", "/app/__pycache__/gone.cpython-311.pyc", "/app/__pycache__/fast.f-1.py311.1.nbc"],
        setting: |scene| scene.add("/app/main.py").add("/usr/lib/python3/dist-packages/six.py"),
    },
    Example {
        rule: "python-bytecode-folders",
        goes: &["/app/__pycache__/"],
        stays: &["/lib/empty/__pycache__/", "/lib/numba/__pycache__/", "/lib/numba/__pycache__/f.nbi"],
        setting: |scene| scene.add("/app/main.py").add("/app/__pycache__/main.cpython-311.pyc"),
    },
    Example {
        rule: "python-stdlib-tests",
        goes: &[
            "/usr/local/lib/python3.11/test/test_json.py",
            "/usr/local/lib/python3.11/unittest/test/test_case.py",
            "/usr/local/lib/python3.11/unittest/test/",
            "/usr/local/lib/python3.11/idlelib/idle_test/test_x.py",
        ],
        stays: &["/usr/local/lib/python3.11/test/support/__init__.py", "/usr/local/lib/python3.11/json/tool.py"],
        setting: plain,
    },
    Example {
        rule: "python-package-tests",
        goes: &[
            "/v/lib/python3.11/site-packages/numpy/core/tests/test_umath.py +",
            "/v/lib/python3.11/site-packages/numpy/core/tests/data/x.csv +",
            "/v/lib/python3.11/site-packages/numpy/core/tests/",
            "/usr/lib/python3/dist-packages/joblib/test/test_memory.py +",
        ],
        stays: &[
            // Folders of that name that are no test suites.
            "/v/lib/python3.11/site-packages/tensorflow/_api/v2/test/__init__.py +",
            "/v/lib/python3.11/site-packages/django/test/testcases.py +",
            "/v/lib/python3.11/site-packages/dbt/include/global_project/tests/generic/builtin.sql +",
            // Imported by the package itself.
            "/v/lib/python3.11/site-packages/astropy/tests/runner.py +",
            "/v/lib/python3.11/site-packages/astropy/tests/test_x.py +",
            // The user's own.
            "/v/lib/python3.11/site-packages/mine/tests/test_mine.py",
            "/app/tests/test_app.py",
        ],
        setting: plain,
    },
    Example {
        rule: "pip-cache",
        goes: &["/root/.cache/pip/wheels/a.whl", "/srv/app/.cache/pip/http-v2/0/a", "/caches/pip/http/a"],
        stays: &["/root/.cache/pip/", "/root/.cache/huggingface/hub/model.bin", "/caches/pip/mine"],
        setting: |scene| scene.env("PIP_CACHE_DIR", "/caches/pip"),
    },
    Example {
        rule: "uv-cache",
        goes: &["/root/.cache/uv/wheels-v5/a.whl", "/caches/uv/archive-v0/x/a.py"],
        stays: &[
            "/root/.cache/uv/environments-v2/tool -> ../archive-v0/y",
            "/root/.cache/uv/archive-v0/y/bin/tool",
            "/opt/venv/lib/linked.py -> /root/.cache/uv/archive-v0/z/linked.py",
            "/root/.cache/uv/archive-v0/z/linked.py",
        ],
        setting: |scene| scene.env("UV_CACHE_DIR", "/caches/uv"),
    },
    Example {
        rule: "poetry-cache",
        goes: &["/root/.cache/pypoetry/artifacts/a.whl", "/app/.poetry/cache/repositories/x"],
        stays: &["/root/.cache/pypoetry/virtualenvs/app/bin/python", "/app/.poetry/virtualenvs/app/bin/python"],
        setting: |scene| scene.env("POETRY_CACHE_DIR", "/app/.poetry"),
    },
    Example {
        rule: "conda-cache",
        goes: &["/opt/conda/pkgs/xz-5.4/bin/xz", "/root/miniconda3/pkgs/cache/x.json"],
        stays: &["/opt/conda/pkgs/urls.txt", "/opt/conda/bin/xz", "/app/conda/pkgs/recipe.yaml"],
        setting: plain,
    },
    Example {
        rule: "node-caches",
        goes: &["/root/.npm/_cacache/index-v5/a", "/usr/local/share/.cache/yarn/v6/a", "/n/_cacache/x"],
        stays: &[
            "/root/.npm/_npx/1/node_modules/x.js",
            "/app/.yarn/cache/react.zip",
            "/root/.cache/node/corepack/v1/yarn.js",
        ],
        setting: |scene| scene.env("npm_config_cache", "/n"),
    },
    Example {
        rule: "cargo-cache",
        goes: &["/usr/local/cargo/registry/src/x/a.rs", "/h/registry/cache/x.crate", "/root/.cargo/git/db/x"],
        stays: &["/usr/local/cargo/bin/tool", "/h/registry/mine"],
        setting: |scene| scene.env("CARGO_HOME", "/h"),
    },
    Example {
        rule: "go-cache",
        goes: &["/go/pkg/mod/cache/download/x.zip", "/root/.cache/go-build/0a/x"],
        stays: &["/go/pkg/mod/example.org/x/x.go"],
        setting: plain,
    },
    Example {
        rule: "other-language-caches",
        goes: &["/usr/local/bundle/cache/rack-3.gem", "/root/.composer/cache/x"],
        stays: &["/usr/local/bundle/gems/rack-3/rack.rb", "/app/vendor/cache/rack-3.gem"],
        setting: plain,
    },
    Example {
        rule: "checker-caches",
        goes: &["/app/.mypy_cache/3.11/x.json", "/app/.pytest_cache/v/x"],
        stays: &["/app/mypy_cache/x"],
        setting: plain,
    },
    Example {
        rule: "apt-lists",
        goes: &["/var/lib/apt/lists/x_Packages"],
        stays: &["/var/lib/apt/lists/lock =", "/var/lib/apt/lists/", "/var/lib/apt/extended_states"],
        setting: plain,
    },
    Example {
        rule: "apt-archives",
        goes: &["/var/cache/apt/archives/x.deb", "/var/cache/apt/pkgcache.bin"],
        stays: &["/var/cache/apt/archives/", "/opt/repo/x.deb"],
        setting: plain,
    },
    Example {
        rule: "apk-cache",
        goes: &["/var/cache/apk/APKINDEX.tar.gz"],
        stays: &["/lib/apk/db/installed", "/var/cache/apk/"],
        setting: plain,
    },
    Example {
        rule: "rpm-caches",
        goes: &["/var/cache/dnf/x.solv", "/var/cache/yum/x", "/var/lib/rpm/__db.001"],
        stays: &["/var/lib/rpm/Packages", "/var/lib/dnf/history.sqlite"],
        setting: plain,
    },
    Example {
        rule: "pacman-cache",
        goes: &["/var/cache/pacman/pkg/x.pkg.tar.zst", "/var/lib/pacman/sync/core.db"],
        stays: &["/var/lib/pacman/local/x/desc"],
        setting: plain,
    },
    Example {
        rule: "portage-cache",
        goes: &["/var/cache/distfiles/x.tar.xz", "/var/cache/binpkgs/x/y-1.gpkg.tar"],
        stays: &["/var/db/pkg/x/y-1/CONTENTS", "/var/cache/distfiles/"],
        setting: plain,
    },
    Example {
        rule: "ldconfig-cache",
        goes: &["/var/cache/ldconfig/aux-cache"],
        stays: &["/etc/ld.so.cache", "/var/cache/ldconfig/", "/var/cache/fontconfig/x.cache-8"],
        setting: plain,
    },
    Example {
        rule: "package-database-backups",
        goes: &["/var/lib/dpkg/status-old", "/var/cache/debconf/templates.dat-old", "/var/backups/dpkg.status.0"],
        stays: &["/var/lib/dpkg/status", "/var/cache/debconf/templates.dat", "/var/backups/mydata"],
        setting: plain,
    },
    Example {
        rule: "account-database-backups",
        goes: &["/etc/passwd-", "/etc/subuid-"],
        stays: &["/etc/passwd", "/etc/other-"],
        setting: plain,
    },
    Example {
        rule: "log-files",
        goes: &["/var/log/dpkg.log", "/var/log/apt/term.log", "/var/log/app/own.log @1000"],
        stays: &[
            "/var/log/nginx/access.log -> /dev/stdout",
            "/var/log/empty.log =",
            "/var/log/wtmp",
            "/var/log/apt/",
            // The user could not make this one anew: the folder is root's.
            "/var/log/users.log @1000",
        ],
        setting: |scene| scene.add("/var/log/app/ @1000").add("/dev/stdout -> /proc/self/fd/1"),
    },
    Example { rule: "login-records", goes: &["/var/log/lastlog"], stays: &["/var/log/faillog ="], setting: plain },
    Example {
        rule: "temporary-files",
        goes: &["/tmp/requirements.txt", "/var/tmp/build/x.o"],
        stays: &["/var/tmp/build/", "/tmp/link -> /nowhere", "/tmp/app/main.py", "/tmp/run.sh", "/tmp/plugins/x.so"],
        setting: |scene| scene.env("PLUGINS", "/tmp/plugins").command(&["/tmp/run.sh"]).workdir("/tmp/app"),
    },
    Example {
        rule: "dangling-system-links",
        goes: &["/etc/alternatives/awk.1.gz -> /usr/share/man/man1/mawk.1.gz"],
        stays: &[
            "/etc/alternatives/awk -> /usr/bin/mawk",
            "/usr/bin/awk -> /etc/alternatives/awk",
            "/etc/alternatives/odd -> /nowhere",
            "/etc/rc2.d/S01x -> ../init.d/x",
            "/etc/init.d/x",
        ],
        setting: |scene| scene.add("/usr/share/man/man1/mawk.1.gz").add("/usr/bin/mawk"),
    },
    Example {
        rule: "web-source-maps",
        goes: &[
            "/usr/lib/python3/site-packages/x/static/js/x.js.map +",
            "/usr/lib/python3/dist-packages/x/static/x.css.map +",
        ],
        stays: &["/app/static/x.js.map", "/usr/lib/python3/site-packages/x/static/js/x.js +"],
        setting: plain,
    },
    Example {
        rule: "fontawesome-sources",
        goes: &[
            "/usr/lib/python3/site-packages/x/static/fontawesome-free-5.1.0-web/metadata/icons.json +",
            "/usr/lib/python3/site-packages/x/static/fontawesome-free-5.1.0-web/webfonts/fa.svg +",
            "/usr/lib/python3/site-packages/x/static/fonts/fontawesome-webfont.eot +",
            "/usr/lib/python3/site-packages/x/static/x/fonts/FontAwesome.otf +",
        ],
        stays: &[
            "/app/static/fontawesome-free-5.1.0-web/metadata/icons.json",
            "/usr/lib/python3/site-packages/x/static/fontawesome-free-5.1.0-web/webfonts/fa.woff2 +",
            "/usr/lib/python3/site-packages/x/static/fonts/fontawesome-webfont.ttf +",
        ],
        setting: plain,
    },
    Example {
        rule: "flask-admin-swatches",
        goes: &["/usr/lib/python3/site-packages/flask_admin/static/bootstrap/bootstrap4/swatch/lux/x.css +"],
        stays: &["/usr/lib/python3/site-packages/flask_admin/static/bootstrap/bootstrap4/swatch/default/x.css +"],
        setting: plain,
    },
    Example {
        rule: "flask-admin-fontawesome",
        goes: &["/usr/lib/python3/site-packages/flask_admin/static/vendor/fontawesome-free-5.1.0-web/js/all.js +"],
        stays: &[
            "/usr/lib/python3/site-packages/flask_admin/static/vendor/leaflet/leaflet.js +",
            "/app/flask_admin/static/vendor/fontawesome-free-5.1.0-web/js/all.js",
        ],
        setting: plain,
    },
    Example {
        rule: "flask-admin-translations",
        goes: &["/usr/lib/python3/site-packages/flask_admin/translations/de/LC_MESSAGES/admin.mo +"],
        stays: &["/app/translations/de/LC_MESSAGES/admin.mo"],
        setting: plain,
    },
    Example {
        rule: "django-catalogues",
        goes: &[
            "/usr/lib/python3/site-packages/django/conf/locale/fr/LC_MESSAGES/django.mo +",
            "/usr/lib/python3/site-packages/django/contrib/admin/locale/fr/LC_MESSAGES/django.mo +",
        ],
        stays: &[
            "/usr/lib/python3/site-packages/django/conf/locale/en/LC_MESSAGES/django.mo +",
            "/usr/lib/python3/site-packages/django/conf/locale/fr/formats.py +",
            "/app/locale/fr/LC_MESSAGES/django.mo",
        ],
        setting: plain,
    },
    Example {
        rule: "django-common-passwords",
        goes: &["/usr/lib/python3/site-packages/django/contrib/auth/common-passwords.txt.gz +"],
        stays: &[
            "/usr/lib/python3/site-packages/django/contrib/auth/__init__.py +",
            "/app/auth/common-passwords.txt.gz",
        ],
        setting: plain,
    },
];

#[test]
fn every_strip_rule_has_an_example_and_does_what_it_says() {
    let profiles = ProfileSet::builtin().unwrap();
    let all = || profiles.iter().flat_map(|loaded| &loaded.profile.strip);
    let rules: BTreeSet<&str> = all().map(|rule| rule.id.as_str()).collect();
    let shown: BTreeSet<&str> = EXAMPLES.iter().map(|example| example.rule).collect();
    assert_eq!(rules, shown);
    for example in EXAMPLES {
        let mut scene = (example.setting)(scene());
        for path in example.goes.iter().chain(example.stays) {
            scene = scene.add(path);
        }
        let scene = scene.build();
        let unexamined = scene.plan(&[], None);
        let needs_analysis = all().any(|rule| rule.id == example.rule && rule.needs_analysis);
        let plan = if needs_analysis {
            for path in example.goes {
                assert!(unexamined.keeps(scene.node(path)), "{}: {path} goes with --no-prune", example.rule);
            }
            let mut edges = Edges::none(scene.rootfs.tree.capacity());
            for path in example.stays {
                let evidence = Evidence::new(EvidenceKind::Data, "beside code");
                edges.add(scene.node(path), Edge { from: None, evidence });
            }
            scene.plan(&[], Some(&edges))
        } else {
            unexamined
        };
        for path in example.goes {
            let verdict = scene.verdict(&plan, path);
            let by_rule = matches!(verdict, Verdict::Strip(reason) if reason.rule.as_str() == example.rule);
            assert!(by_rule, "{}: {path} gets {verdict:?}", example.rule);
        }
        for path in example.stays {
            let verdict = scene.verdict(&plan, path);
            assert!(matches!(verdict, Verdict::Keep(_)), "{}: {path} gets {verdict:?}", example.rule);
        }
        let mut matchers = scene.matchers(&[]);
        matchers.strip_rules.restrict(|_| false);
        let plan = scene.plan_by(&matchers, None);
        assert!(scene.rootfs.tree.iter().all(|node| plan.keeps(node)), "{}: --no-strip", example.rule);
    }
}

#[test]
fn caches_of_a_tool_stay_where_the_tool_runs() {
    let make = |command: &[&str]| scene().add("/go/pkg/mod/cache/download/x.zip").command(command).build();
    let keeps = |scene: &super::testing::Built| {
        let plan = scene.plan(&[], None);
        matches!(scene.verdict(&plan, "/go/pkg/mod/cache/download/x.zip"), Verdict::Keep(_))
    };
    assert!(keeps(&make(&["sh", "-c", "cd /src; go run ."])));
    assert!(!keeps(&make(&["/app"])));
}
