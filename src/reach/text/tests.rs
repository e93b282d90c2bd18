use proptest::prelude::*;

use super::{Text, is_configuration, read, resolve};
use crate::reach::analyser::Analyser;
use crate::reach::analysers::interpreters;
use crate::reach::elf::fixture::ElfFile;
use crate::reach::notice::Notice;
use crate::reach::trial::{analysed, no_rules, owners};
use crate::reach::{Context, Graph};
use crate::rootfs::Builder;

fn run(path: &str, text: &str) -> (Vec<String>, Vec<String>) {
    let rootfs = Builder::new()
        .exe("/usr/bin/python3", b"\x7fELF")
        .exe("/usr/local/bin/gunicorn", b"#!/usr/bin/python3\n")
        .exe("/usr/bin/curl", b"\x7fELF")
        .exe("/bin/sh", b"\x7fELF")
        .file("/app/app.py", b"")
        .file("/usr/share/nginx/html/index.html", b"")
        .file("/usr/lib/nginx/modules/ngx_x.so", b"")
        .symlink("/etc/nginx/modules", "../../usr/lib/nginx/modules")
        .file("/etc/mime.types", b"")
        .file("/usr/lib/app/conf.d/one.conf", b"")
        .file(path, text.as_bytes())
        .build();
    let mut graph = Graph::new(&rootfs).interpreting(interpreters());
    let node = rootfs.tree.get(path).unwrap();
    resolve(&mut graph, &Context { workdir: "/".into(), ..Context::default() }, node, &read(text.as_bytes()));
    let reached = graph.take_frontier().into_iter().map(|node| rootfs.tree.path(node).to_string()).collect();
    let names = graph.messages.into_iter().filter_map(|message| match message.notice {
        Notice::Word(name) | Notice::Module { name, .. } | Notice::Code { text: name, .. } => Some(name),
        _ => None,
    });
    (reached, names.collect())
}

#[track_caller]
fn reaches(path: &str, text: &str, expected: &str) {
    let (reached, names) = run(path, text);
    assert!(reached.iter().chain(&names).any(|found| found == expected), "{expected} not in {reached:?} {names:?}");
}

#[test]
fn supervisor_commands_run() {
    let text =
        "[program:web]\ndirectory=/app\ncommand=python3 -u app.py --port %(ENV_PORT)s\n  -x demo.settings\nuser=www\n";
    reaches("/etc/supervisord.conf", text, "/app/app.py");
    reaches("/etc/supervisord.conf", text, "/usr/bin/python3");
    reaches("/etc/supervisord.conf", text, "demo.settings");
}

#[test]
fn systemd_units_run_commands() {
    let text = "[Service]\nWorkingDirectory=/app\nExecStart=-/usr/local/bin/gunicorn \\\n  main:app\nExecStartPre=/bin/sh -c 'curl x'\n";
    reaches("/srv/a.service", text, "/usr/local/bin/gunicorn");
    reaches("/srv/a.service", text, "main:app");
    reaches("/srv/a.service", text, "/usr/bin/curl");
}

#[test]
fn procfiles_run_every_line() {
    reaches("/app/Procfile", "web: gunicorn main:app\nworker: PORT=1 python3 -m tasks\n", "/usr/local/bin/gunicorn");
    reaches("/app/Procfile", "web: gunicorn main:app\nworker: PORT=1 python3 -m tasks\n", "tasks");
}

#[test]
fn crontabs_run_commands_with_and_without_a_user() {
    reaches("/app/crontab", "# x\n*/5 0-3 * * 1,2 curl -f x >/dev/null 2>&1\n", "/usr/bin/curl");
    reaches("/etc/crontab", "@daily root cd /app && python3 app.py\n", "/app/app.py");
}

#[test]
fn yaml_and_json_lists_are_commands() {
    reaches("/app/a.yaml", "web:\n  command: [\"gunicorn\", 'main:app']\n", "/usr/local/bin/gunicorn");
    reaches("/app/a.yaml", "web:\n  command:\n    - gunicorn\n    - main:app\n  x: y\n", "/usr/local/bin/gunicorn");
    reaches("/app/a.yaml", "web:\n  command: |\n    curl x\n    gunicorn y\n", "/usr/local/bin/gunicorn");
    reaches("/app/a.json", "{\n  \"cmd\": [\n    \"gunicorn\",\n    \"x\"\n  ]\n}\n", "/usr/local/bin/gunicorn");
    reaches("/app/a.json", "{\"command\": \"gunicorn x:y\"}\n", "/usr/local/bin/gunicorn");
    reaches("/app/a.toml", "cmd = \"curl x\"\n", "/usr/bin/curl");
}

#[test]
fn uwsgi_and_environment_files_name_modules_and_files() {
    let text = "[uwsgi]\nchdir = /app\nwsgi-file = app.py\nmodule = myapp\n";
    reaches("/srv/uwsgi.ini", text, "/app/app.py");
    reaches("/srv/uwsgi.ini", text, "myapp");
    reaches("/app/.env", "export DJANGO_SETTINGS_MODULE=demo\nX='a.b:c'\n", "demo");
    reaches("/app/.env", "export DJANGO_SETTINGS_MODULE=demo\nX='a.b:c'\n", "a.b:c");
    reaches(
        "/app/logging.ini",
        "[handler_x]\nclass=logging.handlers.SysLogHandler\n",
        "logging.handlers.SysLogHandler",
    );
}

#[test]
fn nginx_configuration_names_files_globs_and_data() {
    let text = "load_module modules/ngx_x.so;\nhttp {\n  include /etc/mime.types;\n  server { location / { root   /usr/share/nginx/html; } }\n  include /usr/lib/app/conf.d/*.conf;\n}\n";
    for path in [
        "/usr/lib/nginx/modules/ngx_x.so",
        "/etc/mime.types",
        "/usr/share/nginx/html/index.html",
        "/usr/lib/app/conf.d/one.conf",
    ] {
        reaches("/etc/nginx/nginx.conf", text, path);
    }
}

#[test]
fn values_that_are_commands_run_whatever_their_key_is() {
    reaches(
        "/app/a.xml",
        "<delegate decode=\"x\" mode='y' command=\"&quot;curl&quot; -s &quot;%o&quot;\"/>\n",
        "/usr/bin/curl",
    );
    reaches("/app/a.xml", "<step>\n  <do>curl x</do>\n", "/usr/bin/curl");
    reaches("/app/a.json", "{\n  \"start\": \"X=1 curl x\",\n  \"y\": \"curl -s x\"\n}\n", "/usr/bin/curl");
    reaches("/app/a.yaml", "steps:\n  - curl -s x\n  - y\n", "/usr/bin/curl");
    reaches("/app/a.yaml", "check: [gunicorn, 'main:app']\n", "main:app");
    reaches("/app/a.ini", "fetcher = |curl -o x\n", "/usr/bin/curl");
    reaches("/app/a.desktop", "[Desktop Entry]\nExec=curl %u\n", "/usr/bin/curl");
    let (reached, _) = run("/app/a.ini", "about = the curl that fetches\nx = no curl\n");
    assert!(reached.is_empty(), "{reached:?}");
}

#[test]
fn comments_urls_and_binaries_say_nothing() {
    let (reached, names) = run("/app/a.ini", "# /etc/mime.types\nurl = https://usr/share/nginx\n");
    assert!(reached.is_empty() && names.is_empty(), "{reached:?} {names:?}");
    assert_eq!(read(b"/etc/mime.types\0"), read(b"\xff/etc/mime.types"));
    assert!(read(b"\0").paths.is_empty());
}

#[test]
fn names_tell_configuration() {
    for name in ["Procfile", ".env.prod", "uwsgi.ini", "nginx.conf", "a.service", "config.YAML"] {
        assert!(is_configuration(name.as_bytes()), "{name}");
    }
    assert!(!is_configuration(b"app.py") && !is_configuration(b"logo.png") && !is_configuration(b"\xff.ini"));
    assert!(is_configuration(b"setup.cfg") && !is_configuration(b"pyvenv.cfg"), "a record of how it was made");
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        read(&bytes);
    }

    #[test]
    fn any_configuration_is_resolved(text in "((command|cmd|x|root|cron)?[=: ]?[a/.:*%(\\[\\]\"'\\\\,;\n -]*)*") {
        run("/app/a.ini", &text);
    }
}

/// BIND's default zones, in a file without an extension that its configuration includes.
#[test]
fn configuration_in_a_programs_own_folder_of_etc_may_have_any_name() {
    let rootfs = Builder::new()
        .exe("/usr/sbin/named", &ElfFile::new().string("/etc/bind/named.conf").build())
        .file("/etc/bind/named.conf", b"include \"/etc/bind/named.conf.default-zones\";\n")
        .file(
            "/etc/bind/named.conf.default-zones",
            b"zone \".\" {\n\ttype hint;\n\tfile \"/usr/share/dns/root.hints\";\n};\n",
        )
        .file("/usr/share/dns/root.hints", b"")
        .file("/usr/share/dns/root.key", b"")
        .build();
    let owners = owners(&rootfs, &[("/", "bind9", "bind9")]);
    let reach = analysed(&rootfs, &owners, &["/usr/sbin/named"], no_rules());
    let reached = |path: &str| reach.edges.is_reached(rootfs.tree.get(path).unwrap());
    assert!(reached("/usr/share/dns/root.hints") && !reached("/usr/share/dns/root.key"));
}

#[test]
fn bytes_that_are_no_utf8_lose_nothing_else() {
    let text = Text::read("text", b"[program:web]\n; caf\xe9\ncommand=curl -s x\n").unwrap();
    assert!(format!("{text:?}").contains("curl -s x"));
}

#[test]
fn what_dpkg_leaves_out_is_not_named() {
    let rootfs = Builder::new()
        .exe("/bin/x", &ElfFile::new().build())
        .file("/etc/dpkg/dpkg.cfg.d/docker", b"path-exclude /usr/share/doc/*\n")
        .file("/etc/x/settings", b"data /usr/share/x/data\n")
        .file("/usr/share/doc/x/readme", b"")
        .file("/usr/share/x/data", b"")
        .build();
    let owners = owners(&rootfs, &[("/usr/", "x", "x")]);
    let reach = analysed(&rootfs, &owners, &["/bin/x"], no_rules());
    let reached = |path: &str| reach.edges.is_reached(rootfs.tree.get(path).unwrap());
    assert!(reached("/usr/share/x/data") && !reached("/usr/share/doc/x/readme"));
}
