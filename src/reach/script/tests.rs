use proptest::prelude::*;

use super::resolve;
use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::analysers::interpreters;
use crate::reach::command::Ran;
use crate::reach::context::Context;
use crate::reach::entrypoint::Launch;
use crate::reach::graph::Graph;
use crate::reach::notice::Notice;
use crate::reach::shell::reader;
use crate::reach::trial::{analysed, no_rules, owners};
use crate::reach::{Request, Rules, Uncertainty, analyse};
use crate::rootfs::Builder;

fn run(script: &str) -> (Vec<String>, Vec<Notice>, Ran, Vec<String>) {
    let rootfs = Builder::new()
        .exe("/opt/app/bin/start", script.as_bytes())
        .file("/opt/app/lib/env.sh", b"")
        .file("/opt/app/main.py", b"")
        .exe("/bin/sh", b"\x7fELF")
        .symlink("/usr/bin/env", "../../bin/env")
        .exe("/bin/env", b"\x7fELF")
        .exe("/usr/bin/python3", b"\x7fELF")
        .exe("/usr/bin/instrument", b"#!/usr/bin/python3\n")
        .exe("/usr/bin/binary", b"\x7fELF")
        .exe("/usr/bin/sed", b"\x7fELF")
        .exe("/usr/bin/test", b"\x7fELF")
        .exe("/usr/bin/redis-server", b"\x7fELF")
        .exe("/opt/tool/bin/tool", b"\x7fELF")
        .exe("/usr/lib/postgresql/15/bin/postgres", b"\x7fELF")
        .file("/srv/redis.conf", b"")
        .build();
    let mut graph = Graph::new(&rootfs).interpreting(interpreters());
    let ctx = Context { workdir: "/".into(), env: [("PORT".to_owned(), "80".to_owned())].into(), ..Context::default() };
    let node = rootfs.tree.get("/opt/app/bin/start").unwrap();
    let (ran, unread) = resolve(&mut graph, &ctx, node, &reader::read(script.as_bytes()));
    let reached = graph.take_frontier().into_iter().map(|node| rootfs.tree.path(node).to_string()).collect();
    let notices = graph.messages.into_iter().map(|message| message.notice).collect();
    (reached, notices, ran, unread.into_iter().map(|found| found.name).collect())
}

#[track_caller]
fn reaches(script: &str, path: &str) {
    let (reached, ..) = run(script);
    assert!(reached.iter().any(|found| found == path), "{script}: {path} not in {reached:?}");
}

#[test]
fn a_shebang_reaches_its_interpreter() {
    reaches("#!/bin/sh\n", "/bin/sh");
    reaches("#!/usr/bin/env python3\n", "/usr/bin/python3");
    reaches("#!/usr/bin/env python3\n", "/usr/bin/env");
    reaches("#!/usr/bin/env -S A=b python3 -u\n", "/usr/bin/python3");
    let (_, notices, ..) = run("#!/usr/bin/env python3\n");
    let started = |notice: &Notice| match notice {
        Notice::Started { program, .. } => program.path == "/usr/bin/python3",
        _ => false,
    };
    assert!(notices.iter().any(started), "{notices:?}");
}

#[test]
fn commands_are_reached_and_builtins_are_not() {
    reaches("sed -i x y", "/usr/bin/sed");
    reaches("env X=1 sed", "/usr/bin/sed");
    let (reached, _, _, uncertain) = run("test -f x && nosuch");
    assert!(!reached.contains(&"/usr/bin/test".to_owned()) && uncertain.is_empty());
    let (reached, ..) = run("sed() { :; }; sed x");
    assert!(!reached.contains(&"/usr/bin/sed".to_owned()));
}

#[test]
fn variables_carry_programs_and_paths() {
    reaches("CMD=sed\n$CMD x", "/usr/bin/sed");
    reaches("if a; then C='redis-server --port'; else C=sed; fi; exec $C $PORT", "/usr/bin/redis-server");
    reaches("if a; then C='redis-server --port'; else C=sed; fi; exec $C $PORT", "/usr/bin/sed");
    reaches("exec ${SERVER:-redis-server}", "/usr/bin/redis-server");
    reaches("BASE=/srv; CONF=$BASE/redis.conf; redis-server \"$CONF\"", "/srv/redis.conf");
    reaches("for c in sed nosuch; do $c; done", "/usr/bin/sed");
    reaches("ARGS=(redis-server --port 1); exec \"${ARGS[@]}\"", "/usr/bin/redis-server");
    reaches("set -- redis-server \"$@\"; exec \"$@\"", "/usr/bin/redis-server");
    reaches("export PATH=/opt/tool/bin:$PATH; tool", "/opt/tool/bin/tool");
    reaches("PG=/usr/lib/postgresql/$PG_MAJOR/bin/postgres; exec $PG", "/usr/lib/postgresql/15/bin/postgres");
}

#[test]
fn init_scripts_may_say_what_is_run_and_leave_it_to_their_host() {
    let read =
        |text: &str| match <super::Script<'_> as crate::reach::analyser::Analyser<'_>>::read("script", text.as_bytes())
        {
            Some(super::ScriptFacts::Shell(facts)) => facts,
            other => panic!("{other:?}"),
        };
    let openrc =
        read("#!/sbin/openrc-run\ncommand=\"/usr/bin/binary\"\ncommand_args=\"-f x\"\ndepend() { need net; }\n");
    assert_eq!(openrc.commands.last().unwrap().words.len(), 3, "{openrc:?}");
    let debian = read("#!/usr/bin/env /lib/init/init-d-script\nNAME=x\nDAEMON=/usr/bin/$NAME\n");
    assert_eq!(debian.assignments.len(), 2);
    assert_eq!(debian.commands.len(), 1);
    assert!(read("#!/sbin/openrc-run\nstart() { :; }\n").commands.iter().all(|command| command.words.len() == 1));
}

#[test]
fn the_place_of_the_script_is_known() {
    for dir in ["$(dirname \"$0\")", "${0%/*}", "`dirname $0`", "$(cd \"$(dirname \"${BASH_SOURCE[0]}\")\" && pwd)"] {
        reaches(&format!(". {dir}/../lib/env.sh"), "/opt/app/lib/env.sh");
    }
    let (_, notices, ..) = run("DIR=$(dirname \"$(readlink -f \"$0\")\"); source \"$DIR/../lib/env.sh\"");
    assert!(matches!(notices[..], [Notice::Script { language: "shell", .. }]), "{notices:?}");
}

#[test]
fn files_are_found_from_where_the_script_goes() {
    reaches("cd /opt/app && python3 main.py", "/opt/app/main.py");
    reaches("[ -f /srv/redis.conf ] && x", "/srv/redis.conf");
    reaches("command -v sed >/dev/null", "/usr/bin/sed");
    reaches("P=$(command -v sed); $P x", "/usr/bin/sed");
    let (reached, ..) = run("rm -f /srv/redis.conf");
    assert!(!reached.contains(&"/srv/redis.conf".to_owned()));
}

#[test]
fn others_are_told_of_python_in_scripts() {
    let (_, notices, ran, _) = run(
        "export PYTHONPATH=/opt/app\npython3 -m demo.run a.b && python3 - <<E\nimport json\nE\nsh -c 'python3 -c \"import re\"'",
    );
    assert!(notices.contains(&Notice::Module { language: "python", name: "demo.run".into() }));
    assert!(notices.contains(&Notice::Word("a.b".into())));
    assert!(notices.contains(&Notice::Code { language: "python", text: "import json\n".into() }));
    assert!(notices.contains(&Notice::Code { language: "python", text: "import re".into() }));
    assert!(ran.environment.contains(&("PYTHONPATH".into(), "/opt/app".into())));
}

#[test]
fn what_a_command_writes_is_the_input_of_the_next() {
    for script in
        ["echo 'import sched' | python3", "printf 'import sched' | python3 -", "cat <<E | python3\nimport sched\nE"]
    {
        let (_, notices, ..) = run(script);
        let code = |notice: &Notice| matches!(notice, Notice::Code { text, .. } if text.trim() == "import sched");
        assert!(notices.iter().any(code), "{script}: {notices:?}");
    }
    let (_, notices, ..) = run("echo 'import sched'; python3 -");
    assert!(!notices.iter().any(|notice| matches!(notice, Notice::Code { .. })), "{notices:?}");
}

#[test]
fn a_script_of_an_interpreter_may_start_what_it_is_given() {
    reaches("exec instrument --quiet redis-server /srv/redis.conf", "/usr/bin/redis-server");
    reaches("python3 -m instrument redis-server", "/usr/bin/redis-server");
    let (reached, ..) = run("binary redis-server");
    assert!(!reached.contains(&"/usr/bin/redis-server".to_owned()), "{reached:?}");
}

#[test]
fn unknown_programs_are_reported_except_arguments() {
    assert_eq!(run("exec \"$@\"").3.len(), 0);
    assert_eq!(run("exec \"$WHAT\" x").3.len(), 1);
    assert_eq!(run("exec env \"$@\"").3.len(), 0);
    assert!(!run("sh -c \"$WHAT x\"").3.is_empty());
    assert_eq!(run("exec env A=\"$1\" $WHAT").3.len(), 1);
    assert_eq!(run("$(x) y").3.len(), 1);
}

#[test]
fn hostile_commands_cost_no_more_than_their_size() {
    let start = std::time::Instant::now();
    run(&"env ".repeat(100_000));
    run(&"a=$a$a$a$b; b=$a$a$b$b; c $a $b; ".repeat(10_000));
    run(&"sh -c 'sh -c \"sh -c $a; $a; $b\"'; ".repeat(5_000));
    assert!(start.elapsed().as_secs() < 60);
}

proptest! {
    #[test]
    fn any_shell_like_text_is_resolved(text in "([ab$(){}\"'`;&|<>\n\\\\=#!/*@ ]|\\$\\(|\\$\\{|case |esac|in |if |fi|do |done|for |<<a\n|sh -c |eval |exec |python3 )*") {
        run(&text);
    }
}

/// Of some programs that a package owns, those that are reached by `/app/start`, beside which lie some other files.
fn started(files: &[(&str, &str)], script: &str) -> (Vec<String>, Vec<Uncertainty>) {
    let programs = ["awk", "sed", "tac", "nl", "rev", "seq"];
    let mut builder = Builder::new().exe("/bin/sh", b"\x7fELF").exe("/app/start", script.as_bytes());
    for name in programs {
        builder = builder.exe(&format!("/usr/bin/{name}"), b"\x7fELF");
    }
    for (path, text) in files {
        builder = if text.starts_with("#!") {
            builder.exe(path, text.as_bytes())
        } else {
            builder.file(path, text.as_bytes())
        };
    }
    let rootfs = builder.build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "tools", "1"));
    let nodes = programs.map(|name| tree.get(format!("/usr/bin/{name}")).unwrap());
    nodes.iter().for_each(|&node| owners.claim(node, owner));
    let env = [("FROM_IMAGE".to_owned(), "rev -x".to_owned())].into();
    let ctx = Context { workdir: "/".into(), env, ..Context::default() };
    let launch = Launch::running(&["/bin/sh", "/app/start"]);
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    let reached = programs.into_iter().zip(nodes).filter(|(_, node)| reach.edges.is_reached(*node));
    (reached.map(|(name, _)| name.to_owned()).collect(), reach.uncertainties)
}

#[track_caller]
fn starts(files: &[(&str, &str)], script: &str, expected: &[&str]) {
    let (found, uncertain) = started(files, script);
    assert_eq!(found, expected, "{script}");
    assert!(uncertain.is_empty(), "{script}: {uncertain:?}");
}

#[test]
fn variables_cross_between_scripts_that_share_them() {
    starts(&[("/etc/default/x", "RUN='awk -f'\n")], ". /etc/default/x\n$RUN y", &["awk"]);
    starts(
        &[("/etc/default/x", "RUN=awk")],
        "RUN=sed\n[ -r /etc/default/x ] && . /etc/default/x\nexec $RUN",
        &["awk", "sed"],
    );
    starts(&[("/etc/default/x", "DIR=/usr/bin")], "set -a; . /etc/default/x\n$DIR/tac", &["tac"]);
    starts(&[("/lib/run", "$RUN y")], "RUN=nl; . /lib/run", &["nl"]);
    starts(&[("/lib/a", "A=seq"), ("/lib/b", "B=$A")], ". /lib/a; . /lib/b; $B", &["seq"]);
    starts(&[("/app/child", "#!/bin/sh\n$RUN")], "export RUN=rev; /app/child", &["rev"]);
    starts(&[("/lib/tools", "TOOLS=(awk x)")], ". /lib/tools; \"${TOOLS[@]}\"", &["awk"]);
    starts(&[("/etc/x", "RUN=awk")], "sh -c '. /etc/x; exec $RUN y'", &["awk"]);
    starts(&[("/lib/run", "run() { \"$@\"; }")], ". /lib/run; run awk x", &["awk"]);
}

#[test]
fn variables_of_strangers_count_where_nobody_else_sets_them() {
    starts(&[("/app/other.sh", "RUN=tac")], "$RUN", &["tac"]);
    starts(&[("/app/other.sh", "RUN=tac; echo $RUN")], "RUN=nl; $RUN", &["nl"]);
}

#[test]
fn commands_in_arrays_functions_and_strings_run() {
    starts(&[], "cmd=(awk); cmd+=(-f x); \"${cmd[@]}\"", &["awk"]);
    starts(&[], "declare -A t=([a]=awk [b]=sed); ${t[$1]}", &["awk", "sed"]);
    starts(&[], "run() { \"$@\"; }; run awk x", &["awk"]);
    starts(&[], "retry() { n=$1; shift; until \"$@\"; do :; done; }; retry 3 tac", &["tac"]);
    starts(&[], "say() { echo \"$1\"; }; say awk", &[]);
    starts(&[], "eval \"exec $FROM_IMAGE\"", &["rev"]);
    starts(&[], "A=FROM_IMAGE; ${!A} x", &["rev"]);
    starts(&[], "L='awk -f x'; ${L%% *} y", &["awk"]);
    starts(&[], "L=/opt/x/tac; ${L##*/}", &["tac"]);
    starts(&[], "printf -v C '%s' nl; $C; read -r D <<< 'seq 3'; $D", &["nl", "seq"]);
    starts(&[], "C=$(echo rev -x); $C", &["rev"]);
    starts(&[], "trap tac EXIT; alias x='nl y'; f() { :; }", &["tac", "nl"]);
    starts(&[("/app/with", "#!/bin/sh\nexec \"$@\"")], "/app/with awk", &["awk"]);
    starts(&[("/app/log", "#!/bin/sh\necho \"$@\"")], "/app/log awk", &[]);
    starts(&[("/app/d/one", "#!/bin/sh\nawk")], "for s in /app/d/*; do . $s; done", &["awk"]);
}

#[test]
fn scripts_of_init_systems_are_read_as_shell_code_whoever_else_may_claim_them() {
    let host = ("/sbin/openrc-run", "\x7fELF");
    let run = |script: &str, expected: &[&str]| {
        starts(&[host, ("/etc/init.d/web", script)], "/etc/init.d/web start", expected);
    };
    run("#!/sbin/openrc-run\ncommand=/usr/bin/tac\ncommand_args=\"-f x\"\n", &["tac"]);
    run("#!/sbin/openrc-run\nstart() {\n\tebegin x\n\tcase $1 in a) tac;; esac\n}\n", &["tac"]);
    run("#!/sbin/openrc-run\n: ${command:=tac}\n", &["tac"]);
    let settings = ("/etc/conf.d/web", "command=tac\nWEB_RUN=nl");
    let script = ("/etc/init.d/web", "#!/sbin/openrc-run\nstart_pre() { $WEB_RUN; }\n");
    // What the settings of a service say is the command is one.
    starts(&[host, settings, script], "/etc/init.d/web start", &["tac", "nl"]);
    starts(
        &[
            ("/lib/init/init-d-script", "#!/bin/sh\n"),
            ("/etc/init.d/web", "#!/usr/bin/env /lib/init/init-d-script\nNAME=tac\nDAEMON=/usr/bin/$NAME\n"),
            ("/usr/bin/env", "\x7fELF"),
        ],
        "/etc/init.d/web start",
        &["tac"],
    );
    for name in ["with-contenv", "busybox"] {
        let host = format!("/bin/{name}");
        let script = format!("#!{host} sh\nif [ -n \"$X\" ]; then\n\tL='tac nl'\nfi\nfor t in $L; do $t; done\n");
        starts(&[(&host, "\x7fELF"), ("/etc/cont-init.d/x", &script)], "/etc/cont-init.d/x", &["tac", "nl"]);
    }
}

#[test]
fn arguments_run_whatever_program_runs_them() {
    for line in ["runuser -u app -- \"$@\"", "supervise-daemon x --start \"$1\"", "/usr/bin/env \"$@\"", "sh -c \"$1\""]
    {
        let programs = ["runuser", "supervise-daemon", "env"].map(|name| format!("/usr/bin/{name}"));
        let mut files: Vec<(&str, &str)> = programs.iter().map(|path| (path.as_str(), "\x7fELF")).collect();
        starts_at_least(&files, &format!("run() {{ {line}; }}; run tac"), &["tac"]);
        let script = format!("#!/bin/sh\n{line}\n");
        files.push(("/app/with", &script));
        starts_at_least(&files, "/app/with tac", &["tac"]);
    }
    starts(
        &[("/usr/bin/gosu", "\x7fELF"), ("/app/with", "#!/bin/sh\nexec gosu app \"$@\"\n")],
        "/app/with tac",
        &["tac"],
    );
}

#[test]
fn a_loop_takes_every_word_that_a_variable_is_split_into() {
    let both = &["tac", "nl"][..];
    for script in [
        "L='tac nl'; for t in $L; do $t; done",
        "A=tac B=nl; for t in $A $B; do $t x; done",
        "L='/usr/bin/tac /usr/bin/nl'; for t in $L; do \"$t\"; done",
        "all='tac nl'; all=($all); for t in \"${all[@]}\"; do $t; done",
        "L='tac nl'; all=($L); for i in 0 1; do ${all[$i]}; done",
        "L='tac nl'; for t in ${L#x}; do $t; done",
        "for t in ${L:-tac nl}; do $t; done",
        "for t in $(echo tac nl); do $t; done",
        "L='tac nl'; while [ -n \"$L\" ]; do t=${L%% *}; $t; L=${L#\"$t\"}; L=${L# }; done",
        "L='tac nl x'; while [ -n \"$L\" ]; do ${L%% *}; L=${L#* }; done",
    ] {
        starts_at_least(&[], script, both);
    }
    starts(&[], "L='tac nl'; for t in \"$L\"; do $t; done", &["tac"]);
    starts(&[("/etc/x", "L='tac nl'")], ". /etc/x; for t in $L; do $t; done", both);
    starts(&[("/etc/x", "L='tac nl'; ALL=($L)")], ". /etc/x; for t in \"${ALL[@]}\"; do $t; done", both);
    starts(&[("/lib/run", "for t in $L; do $t; done")], "L='tac nl'; . /lib/run", both);
    starts(&[("/app/child", "#!/bin/sh\nfor t in $L; do $t; done")], "export L='tac nl'; /app/child", both);
}

#[test]
fn words_are_split_where_ifs_says() {
    let both = &["tac", "nl"][..];
    starts(&[], "L=tac:nl; IFS=:; for t in $L; do $t; done", both);
    starts(&[], "L=tac:nl; OLD=$IFS; IFS=:; for t in $L; do $t; done; IFS=$OLD", both);
    starts(&[], "P=/opt/bin:/usr/bin; IFS=:; for d in $P; do $d/tac; done", &["tac"]);
    starts(&[], "L=$'tac\nnl'; IFS=$'\\n'; for t in $L; do $t; done", both);
    starts(&[], "IFS=: read -r a b <<< tac:nl; $a; $b", both);
    starts(&[], "c=tac,-s; IFS=,; $c", &["tac"]);
    starts(&[("/etc/x", "IFS=,")], "L=tac,nl; . /etc/x; for t in $L; do $t; done", both);
    let (found, uncertain) = started(&[], "L=tac:nl; IFS=$(x); for t in $L; do $t; done");
    assert_eq!(
        (found.as_slice(), uncertain.is_empty()),
        (&both.iter().map(|&name| name.to_owned()).collect::<Vec<_>>()[..], false)
    );
}

#[test]
fn set_gives_values_to_the_arguments() {
    let both = &["tac", "nl"][..];
    starts(&[], "L='tac nl'; set -- $L; $1; $2", both);
    starts_at_least(&[], "set tac nl; for t; do $t; done", both);
    starts(&[], "set -e -o pipefail -- tac nl; while [ $# -gt 0 ]; do $1; shift; done", both);
    starts(&[], "set -- tac x; set -- env \"$@\"; exec \"$@\"", &["tac"]);
    starts(&[], "set -e; set -- ; $1", &[]);
}

#[track_caller]
fn starts_at_least(files: &[(&str, &str)], script: &str, expected: &[&str]) {
    let (found, _) = started(files, script);
    assert_eq!(found, expected, "{script}");
}

/// RabbitMQ's scripts are started by links in a folder of their own, and source what lies beside the link.
#[test]
fn a_script_goes_by_the_names_of_links_to_it() {
    let rootfs = Builder::new()
        .exe("/bin/sh", b"\x7fELF")
        .exe("/usr/bin/tac", b"\x7fELF")
        .exe("/opt/lib/run", b"#!/bin/sh\n. \"$(dirname \"$0\")/env\"\n")
        .symlink("/opt/bin/run", "../lib/run")
        .symlink("/opt/bin/env", "../lib/environment")
        .file("/opt/lib/environment", b"tac x\n")
        .build();
    let owners = owners(&rootfs, &[("/", "tools", "tools")]);
    let reach = analysed(&rootfs, &owners, &["/opt/bin/run"], no_rules());
    for path in ["/opt/bin/env", "/opt/lib/environment", "/usr/bin/tac"] {
        assert!(reach.edges.is_reached(rootfs.tree.get(path).unwrap()), "{path}");
    }
}

#[test]
fn a_listing_of_everything_is_no_list_of_scripts() {
    let (found, _) = started(&[("/app/d/one", "#!/bin/sh\nawk x")], "find . -name '*.deb'; find /app/d; $unknown x");
    assert_eq!(found, ["awk"]);
}

#[test]
fn what_shells_substitute_is_followed() {
    let both = &["tac", "nl"][..];
    starts(&[], "cat <<E\n$(tac x) ${Y:-`nl`}\nE\n", both);
    starts(&[], "cat <<'E'\n$(tac x)\nE\ncat <<E\n\\$(nl)\nE\n", &[]);
    starts(&[], "for t in $(printf 'tac\\nnl\\n'); do $t; done", both);
    starts(&[], "$(printf '%s/%s' /usr bin/nl) x; $(printf %s tac)", both);
    starts(&[], "printf 'tac\\nnl\\n' | sh", both);
    starts(&[], "printf '%s x\\n' tac nl | sh", both);
    starts(&[], "for t in {tac,nl}; do $t; done", both);
    starts(&[], "/usr/bin/{tac,nl} x", both);
    let (found, _) = started(&[("/app/d/a.sh", "tac")], "for f in /app/{e,d/*}.sh; do . $f; done; $unknown");
    assert_eq!(found, ["tac"], "a pattern within braces");
    starts(&[("/app/d/a.envsh", "tac"), ("/app/d/b.sh", "nl")], "for f in /app/d/*.{sh,envsh}; do . $f; done", both);
    starts(&[("/app/d/a.envsh", "tac")], "for f in $(ls /app/d/*.envsh); do . $f; done", &["tac"]);
}

#[test]
fn files_that_are_read_as_code_are_followed() {
    let lib = ("/app/lib/x", "tac");
    starts(&[lib], "load() { . \"$1\"; }; load /app/lib/x", &["tac"]);
    starts_at_least(&[lib], "load() { for f; do [ -f \"$f\" ] && sh \"$f\"; done; }; load /app/lib/*", &["tac"]);
    starts(&[lib, ("/app/with", "#!/bin/sh\n. \"$1\"")], "/app/with /app/lib/x", &["tac"]);
    starts(&[lib], "sh < /app/lib/x", &["tac"]);
    starts(&[lib], "F=/app/lib/x; exec sh -s a < $F", &["tac"]);
    starts(&[lib], ". /app/lib/$1", &["tac"]);
    starts(&[], "sh -c 'exec \"$@\"' sh tac x", &["tac"]);
}

#[test]
fn what_is_given_to_commands_runs() {
    let both = &["tac", "nl"][..];
    let others = ["xargs", "env", "parallel", "find"].map(|name| format!("/usr/bin/{name}"));
    let others: Vec<(&str, &str)> = others.iter().map(|path| (path.as_str(), "\x7fELF")).collect();
    let list = [&others[..], &[("/app/list", "tac\nnl\n"), ("/app/d/x", "tac"), ("/app/d/e/y", "nl")]].concat();
    starts(&others, "printf 'tac\\nnl\\n' | xargs -I CMD CMD", both);
    starts(&others, "printf 'tac\\nnl\\n' | xargs -I{} sh -c '{} x'", both);
    starts(&others, "parallel {} x ::: tac nl", both);
    starts(&others, "for t in tac nl; do echo $t x; done | sh", both);
    // Here it takes a doubt.
    for script in [
        "cat /app/list | sh",
        "xargs -a /app/list -n1 env",
        "cat /app/list | xargs -n1 sh -c '$0'",
        "printf 'tac\\nnl\\n' | xargs -n1 sh -c '$0'",
        "find /app/d -type f -exec sh {} \\;",
        "cd /app; find d -type f -exec {} +",
        "find /app/d -type f | sort | while read -r f; do . \"$f\"; done",
        "for f in $(find /app/d -type f); do . $f; done",
        "$HOME_/bin/tac; $HOME_/bin/nl",
    ] {
        let (found, uncertain) = started(&list, script);
        assert!(found == both && !uncertain.is_empty(), "{script}: {found:?} {uncertain:?}");
    }
}

#[test]
fn the_name_of_the_script_is_known() {
    let lib = ("/app/lib/x", "tac");
    starts(&[lib], "PRG=\"$0\"; DIR=`dirname \"$PRG\"`; . \"$DIR\"/lib/x", &["tac"]);
    starts(
        &[lib],
        "PRG=\"$0\"; DIR=`dirname \"$PRG\"`; HOME_=`cd \"$DIR/lib\" >/dev/null; pwd`; . \"$HOME_\"/x",
        &["tac"],
    );
    starts(&[("/app/start.x", "nl")], ". ${0%.sh}.x", &["nl"]);
    starts_at_least(&[("/app/real/start", "#!/bin/sh\nnl")], "exec /app/real/$(basename \"$0\")", &["nl"]);
    starts_at_least(&[("/app/real/start", "#!/bin/sh\nnl")], "exec /app/real/${0##*/}", &["nl"]);
    starts(&[], "run() { shift; \"${@:2}\"; }; run 1 2 tac", &["tac"]);
}

#[test]
fn what_cannot_be_read_keeps_what_words_name_and_says_so() {
    for (files, script) in [
        (&[][..], "NAMES='awk sed'; $(head -1 /proc/x)"),
        (&[("/opt/list", "awk x\nsed y\n")][..], "while read -r c; do $c; done < /opt/list"),
        (&[("/opt/list", "awk\nsed\n")][..], "for c in $(cat /opt/list); do $c; done"),
        (&[("/etc/x", "NAMES='awk sed'")][..], ". /etc/x; $(pick $NAMES)"),
        (&[][..], "$(pick) <<E\nawk\nsed\nE\n"),
    ] {
        let (found, uncertain) = started(files, script);
        assert_eq!(found, ["awk", "sed"], "{script}");
        assert!(uncertain.iter().any(|found| found.effect.contains("2 programs")), "{script}: {uncertain:?}");
    }
    let (found, uncertain) = started(&[], "$(pick) x");
    assert!(found.is_empty() && uncertain[0].effect.contains("no word"), "{uncertain:?}");
}

/// Whether `/opt/bin/job`, which a package owns, is reached by a script that does this.
fn job_runs(script: &str) -> bool {
    let rootfs = Builder::new()
        .exe("/bin/sh", b"\x7fELF")
        .exe("/opt/bin/job", b"\x7fELF")
        .exe("/app/start.sh", script.as_bytes())
        .file("/usr/share/tool/functions", b"run() {\n  /opt/bin/job --now\n}\n")
        .build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "tool", "1"));
    let job = tree.get("/opt/bin/job").unwrap();
    owners.claim(job, owner);
    owners.claim(tree.get("/usr/share/tool/functions").unwrap(), owner);
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(&["/bin/sh", "/app/start.sh"]);
    let request = Request::new(&rootfs, &ctx, &owners, &launch);
    analyse(&request, Rules::new([], [], []).unwrap()).unwrap().edges.is_reached(job)
}

#[test]
fn what_a_shell_is_given_is_read_whatever_it_is_called() {
    assert!(job_runs(". /usr/share/tool/functions\nrun\n"));
    assert!(job_runs("exec sh -e /usr/share/tool/functions\n"));
    assert!(!job_runs("cat /usr/share/tool/functions\n"));
}
