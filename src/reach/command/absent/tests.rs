use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::{Context, Request, Rules, analyse};
use crate::rootfs::Builder;

/// What an image that starts with a program says of programs that are not there, where a file, whose it is, says what
/// runs: each with whether it is a doubt.
fn absent(files: &[(&str, &str)], command: &str, owned: bool) -> Vec<(String, bool)> {
    let programs = ["cron", "a", "sh", "test", "execlineb", "foreground", "s6-setuidgid", "logrotate"];
    let rootfs = programs
        .iter()
        .fold(Builder::new(), |builder, name| builder.exe(&format!("/usr/bin/{name}"), b"\x7fELF"))
        .exe("/bin/sh", b"\x7fELF")
        .exe("/usr/lib/systemd/systemd", b"\x7fELF")
        .file("/etc/machine-id", b"0123456789abcdef0123456789abcdef\n");
    let rootfs = files.iter().fold(rootfs, |rootfs, (path, text)| rootfs.exe(path, text.as_bytes())).build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let package = owners.add(Owner::new(Ecosystem::Dpkg, "p", "1"));
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        if owned || files.iter().all(|(path, _)| tree.path(node) != *path) {
            owners.claim(node, package);
        }
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let paths: Vec<&str> = std::iter::once(command).chain(files.iter().map(|(path, _)| *path)).collect();
    let launch = Launch::running(&paths);
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    let said = reach.uncertainties.iter().filter_map(|one| {
        let name =
            one.what.strip_prefix("the program ")?.strip_suffix(" is started here, which is not in the image")?;
        Some((name.to_owned(), one.settle.is_some()))
    });
    said.collect()
}

#[track_caller]
fn crontab(line: &str, expected: &[&str]) {
    let found = absent(&[("/etc/cron.d/x", line)], "/usr/bin/cron", false);
    assert!(found.iter().all(|(_, doubt)| *doubt), "{found:?}");
    let found: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(found, expected, "{line}");
}

#[test]
fn a_program_of_a_table_that_is_not_there_is_a_doubt() {
    crontab("@daily root a; /opt/gone -x | gone2\n", &["/opt/gone", "gone2"]);
    crontab("@daily root nice gone\n", &["nice"]);
    crontab("@daily root sh -c 'exec gone'\n", &["gone"]);
    crontab("@daily root gone\n@daily root gone\n", &["gone"]);
    crontab("@daily root echo x; $GONE\n", &[]);
}

#[test]
fn a_line_may_look_for_what_it_starts() {
    crontab("@daily root test -x /opt/gone && /opt/gone\n", &[]);
    crontab("@daily root [ -x /usr/sbin/gone ] && gone\n", &[]);
    crontab("@daily root [[ -x /opt/gone ]] && /opt/gone\n", &[]);
    crontab("@daily root if command -v gone >/dev/null; then gone; fi\n", &[]);
    crontab("@daily root [ -d /etc/gone ] && gone\n", &["gone"]);
    crontab("@daily root [ -x /opt/gone ] && /opt/gone; /opt/other\n", &["/opt/other"]);
}

#[test]
fn units_tables_and_scripts_say_so() {
    let unit = "/etc/systemd/system/default.target";
    let systemd = "/usr/lib/systemd/systemd";
    let of = |path: &str, text: &str, command: &str| {
        absent(&[(path, text)], command, false).into_iter().map(|(name, _)| name).collect::<Vec<_>>().join(" ")
    };
    assert_eq!(of(unit, "[Service]\nExecStart=-/opt/gone x\nExecStop=/usr/bin/a\n", systemd), "/opt/gone");
    assert_eq!(of(unit, "[Service]\nExecStart=@/opt/gone x\n", systemd), "/opt/gone");
    assert_eq!(of(unit, "[Service]\nExecStart=/bin/sh -c 'a; gone'\n", systemd), "gone");
    let tested = "[Unit]\nConditionPathExists=/opt/gone\n[Service]\nExecStart=/opt/gone x\n";
    assert_eq!(of(unit, tested, systemd), "");
    // Another condition may hold instead.
    let either =
        "[Unit]\nConditionPathExists=|/opt/gone\nConditionPathExists=|/etc\n[Service]\nExecStart=/opt/gone x\n";
    assert_eq!(of(unit, either, systemd), "/opt/gone");
    let not = "[Unit]\nConditionPathExists=!/opt/gone\n[Service]\nExecStart=/opt/gone x\n";
    assert_eq!(of(unit, not, systemd), "/opt/gone");
    assert_eq!(of("/etc/inittab", "::respawn:/sbin/gone 1\n", "/usr/bin/a"), "/sbin/gone");
    assert_eq!(of("/etc/inetd.conf", "x stream tcp nowait root /opt/gone gone\n", "/usr/bin/a"), "/opt/gone");
    assert_eq!(of("/etc/logrotate.conf", "/x {\n postrotate\n gone x\n endscript\n}\n", "/usr/bin/a"), "gone");
    let script = "#!/usr/bin/execlineb -P\nforeground { gone1 } s6-setuidgid u if { a } gone2 x";
    assert_eq!(of("/srv/run", script, "/usr/bin/a"), "if gone2 gone1");
}

#[test]
fn files_of_packages_say_so_once_and_raise_no_doubt() {
    let files = [("/etc/cron.d/x", "@daily root gone\n"), ("/etc/cron.d/y", "@daily root gone\n")];
    assert_eq!(absent(&files, "/usr/bin/cron", true), [("gone".to_owned(), false)]);
    assert_eq!(absent(&files, "/usr/bin/cron", false), [("gone".to_owned(), true)]);
}
