use super::{keys, stack};
use crate::image::RunConfig;
use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::context::Context;
use crate::reach::entrypoint::Launch;
use crate::reach::profile_tests::profiles;
use crate::reach::{Reach, Request, Rules, analyse};
use crate::rootfs::{Builder, Rootfs};

#[test]
fn programs_of_pam_and_keys_are_read() {
    let text = "# session optional pam_exec.so /x\nsession optional pam_exec.so seteuid /opt/hook a\nauth required pam_unix.so\n";
    assert_eq!(stack(text).commands, [("/opt/hook a".into(), 2)]);
    let text = "ssh-ed25519 AAAA a\nrestrict,command=\"say \\\"x\\\" y\" ssh-rsa BBBB b\ncommand=\"open\n";
    assert_eq!(keys(text).commands, [("say \"x\" y".into(), 2)]);
}

fn image() -> Rootfs {
    let programs =
        ["/usr/sbin/sshd", "/usr/bin/rev", "/usr/bin/tac", "/usr/bin/nl", "/usr/bin/awk", "/usr/bin/cat", "/bin/sh"];
    let builder = programs.into_iter().fold(Builder::new(), |builder, path| builder.exe(path, b"\x7fELF"));
    builder
        .file("/etc/passwd", b"root:x:0:0::/root:/bin/sh\nann:x:9:9::/home/ann:/bin/sh\n")
        .file("/etc/profile.d/tools.sh", b"rev x\n")
        .file("/home/ann/.profile", b"tac x\n")
        .file("/home/ann/.ssh/authorized_keys", b"command=\"nl -x\" ssh-rsa A\n")
        .build()
}

/// What is reached when the image runs this command; the user may say what others run.
fn reach(rootfs: &Rootfs, command: &[&str], entries: &[&str]) -> (Vec<String>, Reach) {
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "tools", "1"));
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        if !["/home/", "/usr/local/"].iter().any(|own| tree.path(node).starts_with(own.as_bytes())) {
            owners.claim(node, owner);
        }
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let cmd = command.iter().map(|&word| word.to_owned()).collect();
    let entries: Vec<String> = entries.iter().map(|&entry| entry.to_owned()).collect();
    let launch = Launch::of(&RunConfig { cmd, ..RunConfig::default() }, "", &entries);
    let rules = Rules::of_profiles(profiles(&["programs"])).unwrap();
    let reach = analyse(&Request::new(rootfs, &ctx, &owners, &launch), rules).unwrap();
    let reached = tree.iter().filter(|&node| reach.edges.is_reached(node)).map(|node| tree.path(node).to_string());
    (reached.filter(|path| path.starts_with("/usr/bin/")).collect(), reach)
}

#[test]
fn a_server_of_logins_is_an_interactive_shell() {
    let rootfs = image();
    let (reached, reach) = reach(&rootfs, &["/usr/sbin/sshd", "-D"], &[]);
    let why = reach.roots.keep_all.unwrap();
    assert!(why.contains("/usr/sbin/sshd") && why.contains("--entry"), "{why}");
    assert_eq!(reached, ["/usr/bin/nl", "/usr/bin/rev", "/usr/bin/tac"]);
}

#[test]
fn a_server_that_belongs_to_nobody_counts_once_it_is_started() {
    let server = "/usr/local/sbin/sshd";
    let image = |script: &str| {
        let builder = Builder::new().exe(server, b"\x7fELF").exe("/usr/bin/rev", b"\x7fELF").exe("/bin/sh", b"\x7fELF");
        let builder = builder.file("/etc/passwd", b"ann:x:9:9::/home/ann:/bin/sh\n").file("/etc/profile", b"rev x\n");
        builder.exe("/home/ann/start.sh", format!("#!/bin/sh\n{script}\n").as_bytes()).build()
    };
    let linked = |script: &str| {
        let builder = Builder::new().exe("/usr/local/lib/ssh", b"\x7fELF").symlink(server, "../lib/ssh");
        let builder = builder.exe("/bin/sh", b"\x7fELF").file("/etc/passwd", b"ann:x:9:9::/home/ann:/bin/sh\n");
        builder.exe("/home/ann/start.sh", format!("#!/bin/sh\n{script}\n").as_bytes()).build()
    };
    let keep_all = |image: &Rootfs| reach(image, &["/bin/sh", "-c", "exit"], &[]).1.roots.keep_all;
    assert_eq!(keep_all(&linked("true")), None);
    assert!(keep_all(&linked(&format!("{server} -D"))).is_some_and(|why| why.contains("lets people log in")));
    let (idle, running) = (image("true"), image(&format!("{server} -D")));
    assert_eq!(reach(&idle, &["/bin/sh", "-c", "exit"], &[]).1.roots.keep_all, None);
    let (reached, reach) = reach(&running, &["/bin/sh", "-c", "exit"], &[]);
    assert!(reach.roots.keep_all.is_some_and(|why| why.contains(server)));
    assert_eq!(reached, ["/usr/bin/rev"]);
}

#[test]
fn the_user_says_what_those_who_log_in_run() {
    let rootfs = image();
    let (reached, reach) = reach(&rootfs, &["/usr/sbin/sshd", "-D"], &["/usr/sbin/sshd -D", "awk x"]);
    assert_eq!(reach.roots.keep_all, None);
    assert_eq!(reached, ["/usr/bin/awk", "/usr/bin/nl", "/usr/bin/rev", "/usr/bin/tac"]);
    assert!(reach.uncertainties.iter().any(|found| found.what.contains("log in")), "{:?}", reach.uncertainties);
}

#[test]
fn who_does_not_let_people_log_in_reads_no_profiles() {
    let rootfs = image();
    let (reached, reach) = reach(&rootfs, &["cat", "x"], &[]);
    assert_eq!(reach.roots.keep_all, None);
    assert_eq!(reached, ["/usr/bin/cat", "/usr/bin/nl"], "the user's own keys are read all the same");
}

#[test]
fn switching_the_user_starts_a_shell_of_theirs() {
    let su = Builder::new().exe("/bin/su", b"\x7fELF").exe("/bin/bash", b"\x7fELF").exe("/usr/bin/awk", b"\x7fELF");
    let su = su.file("/etc/passwd", b"ann:x:9:9::/home/ann:/bin/bash\n").file("/home/ann/.profile", b"awk x\n").build();
    let bash = |command: &[&str]| {
        let (reached, reach) = reach(&su, command, &[]);
        (reach.edges.is_reached(su.tree.get("/bin/bash").unwrap()), !reached.is_empty())
    };
    assert_eq!(bash(&["su", "ann", "-c", "true"]), (true, false));
    assert_eq!(bash(&["su", "-", "ann", "-c", "true"]), (true, true));
    assert_eq!(bash(&["su", "-s", "/bin/sh", "ann", "-c", "true"]), (false, false));
}
