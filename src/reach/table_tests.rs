//! What goes for all files that say what is started: units, tables of cron, init and inetd, what logrotate and logins run.

use super::entrypoint::Launch;
use super::{Context, Reach, Request, Rules, analyse};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::rootfs::{Builder, Rootfs};

/// The kinds: a file, and a line of it that starts `/usr/bin/a`, between what comes before and after it.
const KINDS: [(&str, &str, &str, &str); 10] = [
    ("/etc/cron.d/x", "", "@daily root /usr/bin/a\n", ""),
    ("/etc/anacrontab", "", "1 5 job /usr/bin/a\n", ""),
    ("/etc/logrotate.conf", "", "compresscmd /usr/bin/a\n", ""),
    ("/etc/pam.d/x", "", "session optional pam_exec.so /usr/bin/a\n", ""),
    ("/root/.ssh/authorized_keys", "", "command=\"/usr/bin/a\" ssh-rsa A\n", ""),
    ("/etc/inetd.conf", "", "x stream tcp nowait root /usr/bin/a a\n", ""),
    ("/etc/xinetd.d/x", "", "service x\n{\nserver = /usr/bin/a\n}\n", ""),
    ("/etc/inittab", "", "::respawn:/usr/bin/a\n", ""),
    ("/etc/systemd/system/x.service", "[Service]\n", "ExecStart=/usr/bin/a\n", ""),
    ("/srv/run", "#!/usr/bin/execlineb -P\n", "if { /usr/bin/a }\n", "/usr/bin/b\n"),
];

fn run(path: &str, bytes: &[u8]) -> (Rootfs, Reach) {
    let program: &[u8] = b"\x7fELF";
    let mut rootfs = Builder::new()
        .exe("/usr/bin/a", program)
        .exe("/usr/bin/b", program)
        .exe("/usr/bin/execlineb", program)
        .exe("/usr/bin/if", program)
        .exe("/bin/sh", program)
        .file(path, bytes)
        .build();
    let (folder, a) = (rootfs.tree.get("/usr/bin").unwrap(), rootfs.tree.get("/usr/bin/a").unwrap());
    rootfs.tree.link(folder, b"caf\xe9", a);
    rootfs.tree.sort();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "p", "1"));
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir() && tree.path(node) != path) {
        owners.claim(node, owner);
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(&["/usr/bin/b", path]);
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    (rootfs, reach)
}

fn reaches(rootfs: &Rootfs, reach: &Reach, path: &[u8]) -> bool {
    rootfs.tree.follow(path).is_some_and(|node| reach.edges.is_reached(node))
}

#[test]
fn a_byte_that_is_no_utf_8_does_not_lose_the_file() {
    for (path, before, line, after) in KINDS {
        let bytes = [before.as_bytes(), b"# caf\xe9\n", line.as_bytes(), after.as_bytes()].concat();
        let (rootfs, reach) = run(path, &bytes);
        assert!(reaches(&rootfs, &reach, b"/usr/bin/a"), "{path}");
        let line = line.replace("/usr/bin/a", "/usr/bin/caf@");
        let mut line = line.into_bytes();
        let at = line.iter().rposition(|&b| b == b'@').unwrap();
        line[at] = 0xe9;
        let (rootfs, reach) = run(path, &[before.as_bytes(), &line, after.as_bytes()].concat());
        assert!(reaches(&rootfs, &reach, b"/usr/bin/caf\xe9"), "{path}: paths are bytes");
    }
}

#[test]
fn a_file_that_is_too_large_or_too_long_is_a_doubt() {
    let doubts = |path: &str, text: String, what: &str| {
        let (_, reach) = run(path, text.as_bytes());
        let said = reach.uncertainties.iter().any(|one| one.what.contains(what) && one.settle.is_some());
        assert!(said, "{path}: {what}: {:?}", reach.uncertainties);
    };
    for (path, before, line, after) in KINDS {
        let large = format!("{before}{line}{after}{}", "# comment\n".repeat(110_000));
        doubts(path, large, "too large to be read");
        if path != "/srv/run" {
            doubts(path, format!("{before}{}", line.repeat(20_001)), "more lines than");
        }
    }
}
