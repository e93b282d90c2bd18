use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::{Context, Request, Rules, analyse};
use crate::rootfs::Builder;

/// Whether `/opt/bin/job` is reached, which a package owns, if an image has this table at `path`.
fn runs(path: &str, table: &str) -> bool {
    let rootfs = Builder::new()
        .exe("/bin/sh", b"\x7fELF")
        .exe("/usr/sbin/cron", b"\x7fELF")
        .exe("/opt/bin/job", b"\x7fELF")
        .file(path, table.as_bytes())
        .build();
    let mut owners = Owners::none(&rootfs.tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "job", "1"));
    let job = rootfs.tree.get("/opt/bin/job").unwrap();
    owners.claim(job, owner);
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(&["cron"]);
    let request = Request::new(&rootfs, &ctx, &owners, &launch);
    analyse(&request, Rules::new([], [], []).unwrap()).unwrap().edges.is_reached(job)
}

#[test]
fn what_a_line_means_depends_on_where_the_table_lies() {
    for path in ["/etc/crontab", "/etc/cron.d/app"] {
        assert!(runs(path, "0 0 * * * root /opt/bin/job\n"), "{path}");
        assert!(!runs(path, "0 0 * * * job\n"), "{path}: `job` is the user");
    }
    for path in ["/var/spool/cron/crontabs/app", "/etc/crontabs/root"] {
        assert!(runs(path, "PATH=/opt/bin\n@hourly job -x\n"), "{path}");
    }
    for line in ["0 0 * * * root /opt/bin/job\n", "0 0 * * * /opt/bin/job\n"] {
        assert!(runs("/app/crontab", line), "{line}");
    }
}

#[test]
fn relative_programs_are_looked_up_in_the_table_s_path() {
    assert!(runs("/etc/cron.d/app", "PATH=/opt/bin:/bin\n0 0 * * * www job | x\n"));
    assert!(!runs("/etc/cron.d/app", "0 0 * * * www job | x\n"));
}
