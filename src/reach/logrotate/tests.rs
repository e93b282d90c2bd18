use super::{Rotation, read};
use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::context::Context;
use crate::reach::entrypoint::Launch;
use crate::reach::profile_tests::profiles;
use crate::reach::{Request, Rules, analyse};
use crate::rootfs::Builder;

#[test]
fn scripts_programs_and_folders_are_read() {
    let text = "# logs\ninclude /etc/more.d\n/var/log/*.log {\n  compresscmd /bin/xz\n  postrotate\n    a b\n    c\n  endscript\n  prerotate\nd\n";
    let Rotation { scripts, included, .. } = read(text);
    let scripts: Vec<(&str, u32)> = scripts.iter().map(|(code, line)| (&**code, *line)).collect();
    assert_eq!(scripts, [("/bin/xz", 4), ("a b\nc\n", 5), ("d\n", 9)]);
    assert_eq!(included, [("/etc/more.d".into(), 2)]);
}

/// Of programs that a package owns, those that an image reaches that runs this command.
fn reached(command: &[&str]) -> Vec<&'static str> {
    let programs =
        ["/usr/sbin/logrotate", "/usr/bin/xz", "/usr/bin/wc", "/usr/bin/rev", "/bin/gzip", "/bin/sh", "/usr/bin/cat"];
    let mut builder = Builder::new()
        .file("/etc/logrotate.conf", b"include /etc/logrotate.d\ncompresscmd xz\n")
        .file("/etc/logrotate.d/app", b"/var/log/x {\n postrotate\n  wc -c\n endscript\n}\n");
    for path in programs {
        builder = builder.exe(path, b"\x7fELF");
    }
    let rootfs = builder.build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "tools", "1"));
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        owners.claim(node, owner);
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(command);
    let rules = Rules::of_profiles(profiles(&["programs"])).unwrap();
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), rules).unwrap();
    programs.into_iter().filter(|path| reach.edges.is_reached(tree.get(path).unwrap())).collect()
}

#[test]
fn what_logrotate_runs_counts_where_logrotate_runs() {
    let all = ["/usr/sbin/logrotate", "/usr/bin/xz", "/usr/bin/wc", "/bin/gzip", "/bin/sh"];
    assert_eq!(reached(&["logrotate", "/etc/logrotate.conf"]), all);
    assert_eq!(reached(&["cat"]), ["/usr/bin/cat"]);
}
