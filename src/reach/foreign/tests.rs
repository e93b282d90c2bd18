use bstr::ByteSlice;
use proptest::prelude::*;

use super::{Language, read};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::hole::HOLE;
use crate::reach::{Context, Reach, Request, Rules, analyse, trial};
use crate::rootfs::{Builder, NodeId, Rootfs};

/// The programs that a package brought, all in `/usr/bin`.
const PROGRAMS: [&str; 14] =
    ["perl", "ruby", "php", "node", "lua", "tclsh", "mawk", "guile", "alpha", "beta", "gamma", "delta", "file", "sort"];

/// A tree in which packages brought [`PROGRAMS`] and what else is below `/usr`; all else is the user's.
fn scene(files: &[(&str, &str)]) -> (Rootfs, Owners) {
    let builder = Builder::new().exe("/bin/sh", b"\x7fELF");
    let builder = PROGRAMS.iter().fold(builder, |builder, name| builder.exe(&format!("/usr/bin/{name}"), b"\x7fELF"));
    let rootfs = files.iter().fold(builder, |builder, (path, content)| builder.exe(path, content.as_bytes())).build();
    let mut owners = Owners::none(&rootfs.tree);
    let tools = owners.add(Owner::new(Ecosystem::Dpkg, "tools", "1"));
    let engines = owners.add(Owner::new(Ecosystem::Dpkg, "engines", "1"));
    let all: Vec<NodeId> = rootfs.tree.iter().filter(|&node| rootfs.tree.inode(node).is_file()).collect();
    for node in all {
        if rootfs.tree.path(node).starts_with(b"/usr/") {
            let engine = [&b"guile"[..], b"engine"].contains(&rootfs.tree.name(node).as_bytes());
            owners.claim(node, if engine { engines } else { tools });
        }
    }
    (rootfs, owners)
}

fn analysed(rootfs: &Rootfs, owners: &Owners, argv: &[&str]) -> Reach {
    let path = "/usr/local/bin:/usr/bin:/bin".to_owned();
    let ctx = Context { workdir: "/app".into(), env: [("PATH".to_owned(), path)].into(), ..Context::default() };
    let launch = Launch::running(argv);
    let request = Request::new(rootfs, &ctx, owners, &launch);
    analyse(&request, Rules::new([], [], []).unwrap()).unwrap()
}

/// Which of the [`PROGRAMS`] are reached from `argv`.
fn reached(files: &[(&str, &str)], argv: &[&str]) -> Vec<&'static str> {
    let (rootfs, owners) = scene(files);
    let reach = analysed(&rootfs, &owners, argv);
    let is_reached = |name: &&str| reach.edges.is_reached(rootfs.tree.get(format!("/usr/bin/{name}")).unwrap());
    PROGRAMS.iter().filter(|name| is_reached(name)).copied().collect()
}

/// Whether a program of the user's own at `/app/main.EXTENSION` starts `alpha`.
#[track_caller]
fn starts(interpreter: &str, extension: &str, code: &str) {
    let path = format!("/app/main.{extension}");
    for (path, content) in [
        (&*path, code.to_owned()),
        ("/app/main", format!("#!/usr/bin/{interpreter}{}\n{code}\n", if interpreter == "mawk" { " -f" } else { "" })),
    ] {
        let options: &[&str] = if interpreter == "mawk" { &["-f"] } else { &[] };
        let argv = if path == "/app/main" { vec![path] } else { [&[interpreter], options, &[path]].concat() };
        let found = reached(&[(path, &content)], &argv);
        assert!(found.contains(&"alpha"), "{content}: {found:?}");
        assert!(found.contains(&interpreter), "{content}: {found:?}");
        assert!(!found.contains(&"delta"), "{content}: {found:?}");
    }
}

#[test]
fn perl_starts_programs() {
    for code in [
        "print `alpha x`;",
        "my $x = qx{alpha x};",
        "qx(\n  ls |\n  alpha\n);",
        "system('x; alpha');",
        "system(qw(alpha x));",
        "open(my $p, '-|', 'alpha x');",
        "open(P, \"alpha |\");",
        "my %tools = (a => 'alpha'); exec $tools{a};",
        "exec { 'alpha' } 'alpha', 'x';",
        "system 'al' . 'pha', 1;",
        "if ($x =~ /\"/) { system(\"alpha\") }",
        "s/'/x/; # don't\nsystem \"alpha\";",
        "system(<<END);\n  x && alpha\nEND\n",
        "print \"@{[ `alpha` ]}\";",
        "while (<DATA>) { system $_ }\n__DATA__\nalpha x\n",
        "my $c = \"cd $dir && alpha $x | tee y\";",
        "run(['env', 'A=b', 'alpha'], \\$in);",
        "do_it('/usr/bin/alpha');",
    ] {
        starts("perl", "pl", code);
    }
}

#[test]
fn ruby_starts_programs() {
    for code in [
        "puts `alpha #{x}`",
        "%x(alpha x)",
        "x = %w[alpha x]\nsystem(*x)",
        "Open3.capture2e({ 'A' => 'b' }, 'alpha', chdir: '/')",
        "IO.popen(['alpha', 'x']) { |io| io.read }",
        "open(\"| alpha\")",
        "system <<~X\n  y | alpha\nX\n",
        "puts \"it's #{`alpha`}\"",
        "spawn 'alpha' # it's",
    ] {
        starts("ruby", "rb", code);
    }
}

#[test]
fn php_starts_programs() {
    for code in [
        "<p>it's</p><?php echo `alpha $x`; ?>",
        "<?php shell_exec(\"x | alpha {$y['z']}\");",
        "<?php proc_open(['alpha', '-x'], [], $pipes);",
        "<?php // don't\nexec('alpha ' . escapeshellarg($x));",
        "<?php class A { const TOOL = 'alpha'; }",
        "a\n<?= system('alpha') ?>",
        "<?php system(<<<X\n  alpha\n  X);",
    ] {
        starts("php", "php", code);
    }
}

#[test]
fn javascript_starts_programs() {
    for code in [
        "require('child_process').execSync('alpha x')",
        "spawn(\n  \"alpha\",\n  [x],\n);",
        "const t = { a: 'alpha' }; execFile(t.a);",
        "execSync(`x | alpha ${y(\"z\")}`)",
        "execSync(`\n  x &&\n  alpha\n`)",
        "if (/[\"']/.test(x)) execSync('alpha'); // it's",
        "/* don't */ exec('alpha')",
        "await $`alpha x`",
        "spawn('sh', ['-c', 'x; alpha'])",
    ] {
        starts("node", "js", code);
    }
}

#[test]
fn other_languages_start_programs() {
    starts("lua", "lua", "-- it's\nos.execute('alpha ' .. x)");
    starts("lua", "lua", "io.popen([[\n  x | alpha\n]])");
    starts("tclsh", "tcl", "# it's\nset x [exec alpha $y]");
    starts("tclsh", "tcl", "set f [open |alpha r]");
    starts("mawk", "awk", "BEGIN { \"alpha\" | getline x }");
    starts("guile", "scm", "(system* \"alpha\")");
}

#[test]
fn code_in_an_argument_starts_programs() {
    for argv in [["perl", "-e", "print `alpha`"], ["node", "-e", "exec('alpha')"], ["php", "-r", "system(\"alpha\");"]]
    {
        assert!(reached(&[], &argv).contains(&"alpha"), "{argv:?}");
    }
    assert!(reached(&[], &["mawk", "{ print | \"alpha\" }", "x"]).contains(&"alpha"));
}

#[test]
fn every_word_of_the_user_s_own_strings_counts_but_those_of_everyday_english() {
    let own = |code: &str| reached(&[("/app/main.pl", code)], &["perl", "/app/main.pl"]);
    assert!(own("my $x = 'run alpha then';").contains(&"alpha"));
    assert!(!own("die 'no such file';").contains(&"file"));
    assert!(own("my $x = 'file -b x';").contains(&"file"));
    assert!(own("my $x = 'x | file -b -';").contains(&"file"));
    assert!(!own("# alpha\nprint alpha();\n=pod\n\n'alpha'\n\n=cut\n").contains(&"alpha"), "no string says so");
}

#[test]
fn of_installed_code_commands_count_and_words_do_not() {
    let installed = |code: &str| reached(&[("/usr/bin/tool", &format!("#!/usr/bin/perl\n{code}\n"))], &["tool"]);
    for code in ["system('alpha');", "`alpha`;", "my $cmd = 'alpha';", "my $x = 'alpha -x';", "f('alpha', '-x');"] {
        assert!(installed(code).contains(&"alpha"), "{code}");
    }
    for code in ["die 'no alpha';", "my %h = (alpha => 'alpha');", "print 'alpha is gone';"] {
        assert!(!installed(code).contains(&"alpha"), "{code}");
    }
}

#[test]
fn a_library_counts_once_code_that_runs_asks_for_it() {
    let library = ("/app/node_modules/left/index.js", "exports.x = () => spawn('alpha');");
    let other = ("/app/node_modules/right/lib/deep.js", "exports.y = () => spawn('beta');");
    let main = ("/app/main.js", "require('left')");
    let found = reached(&[library, other, main], &["node", "/app/main.js"]);
    assert!(found.contains(&"alpha") && !found.contains(&"beta"), "{found:?}");
    let through = ("/app/node_modules/left/index.js", "require('../right/lib/deep')");
    assert!(reached(&[through, other, main], &["node", "/app/main.js"]).contains(&"beta"));
}

#[test]
fn a_library_s_own_program_is_the_user_s_if_no_package_put_it_there() {
    let tool = ("/app/vendor/tool", "#!/usr/bin/perl\nmy %h = (x => 'alpha');\n");
    let main = ("/app/main.pl", "system('/app/vendor/tool');");
    assert!(reached(&[tool, main], &["perl", "/app/main.pl"]).contains(&"alpha"));
    let module = ("/app/vendor/x.pl", "my %h = (x => 'alpha');\n");
    assert!(!reached(&[module, main], &["perl", "/app/main.pl"]).contains(&"alpha"));
}

#[test]
fn modules_of_perl_are_asked_for_by_their_whole_names() {
    let library = ("/app/lib/perl5/Some/Tool.pm", "package Some::Tool; sub x { system('alpha') }");
    let asks = |code: &str| reached(&[library, ("/app/main.pl", code)], &["perl", "/app/main.pl"]).contains(&"alpha");
    for code in [
        "use Some::Tool;",
        "require \"Some/Tool.pm\";",
        "my $x = Some::Tool->new;",
        "Some::Tool::x();",
        "eval \"require Some::Tool; 1\";",
        "use base qw(Some::Tool);",
    ] {
        assert!(asks(code), "{code}");
    }
    for code in ["use Tool;", "use Some; # Some::Tool", "my $Tool = 'Tool';"] {
        assert!(!asks(code), "{code}");
    }
}

#[test]
fn here_documents_are_no_code() {
    let facts = read(b"f(<<'!A', <<\"B\", 'x');\ncp='/bin/cp'\n!A\n'c'\nB\n'd';\n", Language::Perl);
    let texts: Vec<_> = facts.literals.iter().map(|l| (&*l.text, l.line)).collect();
    assert_eq!(texts, [("cp='/bin/cp'\n", 2), ("'c'\n", 2), ("x", 1), ("d", 6)]);
}

#[test]
fn scripts_of_pages_count_where_something_runs_javascript() {
    let page = ("/app/static/page.js", "f('alpha')");
    assert!(!reached(&[page, ("/app/main.pl", "1")], &["perl", "/app/main.pl"]).contains(&"alpha"));
    assert!(reached(&[page, ("/app/main.js", "1")], &["node", "/app/main.js"]).contains(&"alpha"));
}

#[test]
fn the_first_word_of_every_line_counts_if_nobody_knows_the_language() {
    let script = ("/app/steps", "#!/usr/local/bin/engine\n# beta\n  alpha x\n\tgamma\n");
    let engine = ("/usr/local/bin/engine", "\x7fELF");
    let found = reached(&[script, engine], &["/app/steps"]);
    assert!(found.contains(&"alpha") && found.contains(&"gamma") && !found.contains(&"beta"), "{found:?}");
}

#[test]
fn an_unknown_interpreter_keeps_its_package_and_those_built_with_it() {
    let rootfs = Builder::new()
        .exe("/usr/bin/engine", b"\x7fELF")
        .file("/usr/lib/engine/prelude", b"x")
        .file("/usr/share/engine/core", b"x")
        .file("/usr/share/else/core", b"x")
        .exe("/usr/bin/env", b"\x7fELF")
        .exe("/app/run", b"#!/usr/bin/env engine\nx\n")
        .build();
    let mut owners = Owners::none(&rootfs.tree);
    let package = |name: &str, source: Option<&str>| Owner {
        source: source.map(str::to_owned),
        ..Owner::new(Ecosystem::Dpkg, name, "1")
    };
    for (name, source, paths) in [
        ("engine", None, &["/usr/bin/engine", "/usr/lib/engine/prelude"][..]),
        ("engine-common", Some("engine (1.0)"), &["/usr/share/engine/core"]),
        ("else", Some("other"), &["/usr/share/else/core"]),
    ] {
        let owner = owners.add(package(name, source));
        for path in paths {
            owners.claim(rootfs.tree.get(path).unwrap(), owner);
        }
    }
    let reach = analysed(&rootfs, &owners, &["/app/run"]);
    let is_reached = |path: &str| reach.edges.is_reached(rootfs.tree.get(path).unwrap());
    assert!(is_reached("/usr/lib/engine/prelude") && is_reached("/usr/share/engine/core"));
    assert!(!is_reached("/usr/share/else/core"));
    let said = reach.uncertainties.iter().any(|one| one.path == "/app/run" && one.effect.contains("engine-common"));
    assert!(said, "{:?}", reach.uncertainties);
}

#[test]
fn strings_are_found_with_their_lines() {
    let facts = read(b"# 'no'\nsystem('a', \"b$c\");\n\nmy $cmd = q{d};\n", Language::Perl);
    let found: Vec<_> = facts.literals.iter().map(|l| (&*l.text, l.line, l.started, l.follows, l.named)).collect();
    let expected = [("a", 2, true, false, false), ("b$c", 2, true, true, false), ("d", 4, false, false, true)];
    assert_eq!(found, expected);
    let facts = read(b"x = \"a #{b + 'c'} d\"", Language::Ruby);
    let texts: Vec<_> = facts.literals.iter().map(|l| l.text.to_string()).collect();
    assert_eq!(texts, [format!("a {HOLE} d"), "c".to_owned()]);
}

#[test]
fn a_name_that_is_computed_is_noted() {
    assert_eq!(read(b"my $x = 1;\nsystem($x, $y);\n", Language::Perl).computed, Some(2));
    assert_eq!(read(b"system('a', $y);\n", Language::Perl).computed, None);
    assert_eq!(read(b"sub system { 1 }\n", Language::Perl).computed, None);
    let key = read(b"my %h = (system => 'sort', x => $y);\n", Language::Perl);
    assert!(key.computed.is_none() && !key.literals[0].started);
}

#[test]
fn hostile_code_costs_no_more_than_its_size() {
    for part in [
        "\"", "'\n", "`", "q{", "qx(\n", "<<A\n", "/*", "%w[", "[[", "#{", "system(", "/", "<?php ", "?>", "=pod\n",
        "'${",
    ] {
        for language in [
            Language::Perl,
            Language::Ruby,
            Language::Php,
            Language::JavaScript,
            Language::Lua,
            Language::Tcl,
            Language::Awk,
            Language::Unknown,
        ] {
            read(part.repeat(20_000).as_bytes(), language);
        }
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        for language in [Language::Perl, Language::Ruby, Language::Php, Language::JavaScript, Language::Unknown] {
            read(&bytes, language);
        }
    }
}

/// Tomcat's scripts start Java, whose classes lie wherever their package put them.
#[test]
fn packages_that_start_a_runtime_which_nobody_reads_stay_whole() {
    let rule = "id = 'runtime'\nwhen.path = ['/usr/bin/vm']\ncallers = true\nreason = 'x'\n";
    let rule: crate::profile::ImpliesRule = toml::from_str(rule).unwrap();
    let rootfs = Builder::new()
        .exe("/bin/sh", b"\x7fELF")
        .exe("/usr/bin/vm-1", b"\x7fELF")
        .symlink("/usr/bin/vm", "vm-1")
        .exe("/usr/share/app/run", b"#!/bin/sh\nexec vm -x\n")
        .file("/usr/share/app/lib/a.code", b"")
        .exe("/usr/share/idle/run", b"#!/bin/sh\nexec vm -x\n")
        .file("/usr/share/idle/lib/b.code", b"")
        .build();
    let packages = [("/usr/bin/", "vm", "vm"), ("/usr/share/app/", "app", "app"), ("/usr/share/idle/", "idle", "idle")];
    let owners = trial::owners(&rootfs, &packages);
    let reach = trial::analysed(&rootfs, &owners, &["/usr/share/app/run"], Rules::new([&rule], [], []).unwrap());
    let reached = |path: &str| reach.edges.is_reached(rootfs.tree.get(path).unwrap());
    assert!(reached("/usr/share/app/lib/a.code"));
    assert!(!reached("/usr/share/idle/lib/b.code"));
    assert!(reach.uncertainties.iter().any(|one| one.what.contains("no analyser reads")), "{:?}", reach.uncertainties);
}
