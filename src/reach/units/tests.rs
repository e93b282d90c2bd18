use proptest::prelude::*;

use crate::owners::{Ecosystem, Owner, Owners};
use crate::reach::entrypoint::Launch;
use crate::reach::{Context, Request, Rules, analyse};
use crate::rootfs::{Builder, Rootfs};

const SYSTEMD: &str = "/usr/lib/systemd/systemd";

/// An image that starts systemd, with programs `/usr/bin/p1` to `/usr/bin/p9`.
fn image() -> Builder {
    (1..10)
        .fold(Builder::new(), |builder, n| builder.exe(&format!("/usr/bin/p{n}"), b"\x7fELF"))
        .exe(SYSTEMD, b"\x7fELF")
        .exe("/usr/lib/systemd/systemd-helper", b"\x7fELF")
        .symlink("/sbin/init", SYSTEMD)
        .file("/etc/machine-id", b"0123456789abcdef0123456789abcdef\n")
        .file("/dev/null", b"")
        .symlink("/usr/lib/systemd/system/default.target", "multi-user.target")
        .file("/usr/lib/systemd/system/multi-user.target", b"[Unit]\nRequires=basic.target\n")
}

/// A unit that runs a program.
fn runs(program: &str) -> Vec<u8> {
    format!("[Unit]\nAfter=x\n[Service]\nExecStart={program}\n[Install]\nWantedBy=multi-user.target\nAlso=p9.service\n")
        .into_bytes()
}

/// What a package owns of what is reached: names of files in `/usr/bin`, and units.
fn reached(rootfs: &Rootfs, command: &str) -> Vec<String> {
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let (systemd, other) = (Owner::new(Ecosystem::Dpkg, "systemd", "1"), Owner::new(Ecosystem::Dpkg, "other", "1"));
    let (systemd, other) = (owners.add(systemd), owners.add(other));
    for node in tree.iter().filter(|&node| !tree.inode(node).is_dir()) {
        let path = tree.path(node);
        let own = path.starts_with(b"/usr/lib/systemd/systemd") || path.ends_with(b".target");
        owners.claim(node, if own { systemd } else { other });
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(&[command]);
    let reach = analyse(&Request::new(rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    let nodes = tree.iter().filter(|&node| reach.edges.is_reached(node));
    nodes.map(|node| tree.path(node).to_string()).collect()
}

fn programs(rootfs: &Rootfs) -> String {
    let reached = reached(rootfs, "/sbin/init");
    let programs = reached.iter().filter_map(|path| path.strip_prefix("/usr/bin/"));
    programs.collect::<Vec<_>>().join(" ")
}

#[test]
fn a_manager_that_is_looked_for_first_starts_its_units_all_the_same() {
    let target = "/etc/systemd/system/multi-user.target.wants";
    let rootfs = image()
        .exe("/usr/bin/boot", format!("#!/bin/sh\n[ -x {SYSTEMD} ] && exec {SYSTEMD}\n").as_bytes())
        .file(&format!("{target}/own.service"), &runs("/usr/bin/p1"))
        .build();
    assert!(reached(&rootfs, "/usr/bin/boot").contains(&"/usr/bin/p1".to_owned()));
}

#[test]
fn what_the_default_target_wants_is_started() {
    let unit = "/usr/lib/systemd/system";
    let rootfs = image()
        .file(&format!("{unit}/enabled.service"), &runs("/usr/bin/p1"))
        .symlink("/etc/systemd/system/multi-user.target.wants/enabled.service", &format!("{unit}/enabled.service"))
        .file(&format!("{unit}/disabled.service"), &runs("/usr/bin/p2"))
        .file(&format!("{unit}/basic.target"), b"[Unit]\nWants=named.service\nAfter=ordered.service\n")
        .file(
            &format!("{unit}/named.service"),
            b"[Unit]\nOnFailure=broken.service\n[Service]\nExecStart=-/usr/bin/p3 -x\n",
        )
        .file(&format!("{unit}/broken.service"), &runs("/usr/bin/p4"))
        .file(&format!("{unit}/ordered.service"), &runs("/usr/bin/p5"))
        .build();
    assert_eq!(programs(&rootfs), "p1 p3 p4");
    let all = reached(&rootfs, "/sbin/init");
    let link = "/etc/systemd/system/multi-user.target.wants/enabled.service";
    for path in [link, "/usr/lib/systemd/system/default.target", "/usr/lib/systemd/systemd-helper"] {
        assert!(all.iter().any(|found| found == path), "{path}");
    }
    let none = reached(&rootfs, "/usr/bin/p9");
    assert!(!none.iter().any(|path| path.ends_with("p1")), "no systemd, no units");
}

#[test]
fn folders_override_one_another() {
    let rootfs = image()
        .file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=a.service b.service c.service\n")
        .file("/usr/lib/systemd/system/a.service", &runs("/usr/bin/p1"))
        .file("/etc/systemd/system/a.service", &runs("/usr/bin/p2"))
        .file("/usr/lib/systemd/system/b.service", &runs("/usr/bin/p3"))
        .symlink("/etc/systemd/system/b.service", "/dev/null")
        .file("/usr/lib/systemd/system/c.service", &runs("/usr/bin/p4"))
        .file("/etc/systemd/system/c.service.d/x.conf", b"[Service]\nExecStartPost=/usr/bin/p5\n")
        .file("/usr/lib/systemd/system/service.d/all.conf", b"[Service]\nExecStopPost=/usr/bin/p6\n")
        .build();
    assert_eq!(programs(&rootfs), "p2 p4 p5 p6");
    assert!(reached(&rootfs, "/sbin/init").contains(&"/etc/systemd/system/b.service".to_owned()), "a mask stays");
}

#[test]
fn templates_are_filled_in() {
    let rootfs = image()
        .file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=t@p1.service t@x.service\n")
        .file("/usr/lib/systemd/system/t@.service", b"[Unit]\nWants=u@%i.service\n[Service]\nExecStart=/usr/bin/%i\n")
        .file("/usr/lib/systemd/system/u@x.service", &runs("/usr/bin/p2"))
        .file("/usr/lib/systemd/system/t@.service.wants/v.service", b"")
        .file("/usr/lib/systemd/system/v.service", &runs("/usr/bin/p3"))
        .build();
    assert_eq!(programs(&rootfs), "p1 p2 p3");
}

#[test]
fn sockets_timers_and_paths_start_services() {
    let rootfs = image()
        .file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=a.socket b.timer c.path d.socket e.timer\n")
        .file("/usr/lib/systemd/system/a.socket", b"[Socket]\nListenStream=1\n")
        .file("/usr/lib/systemd/system/a.service", &runs("/usr/bin/p1"))
        .file("/usr/lib/systemd/system/b.timer", b"[Timer]\n")
        .file("/usr/lib/systemd/system/b.service", &runs("/usr/bin/p2"))
        .file("/usr/lib/systemd/system/c.path", b"[Path]\n")
        .file("/usr/lib/systemd/system/c.service", &runs("/usr/bin/p3"))
        .file("/usr/lib/systemd/system/d.socket", b"[Socket]\nAccept=yes\n")
        .file("/usr/lib/systemd/system/d@.service", &runs("/usr/bin/p4"))
        .file("/usr/lib/systemd/system/e.timer", b"[Timer]\nUnit=f.service\n")
        .file("/usr/lib/systemd/system/f.service", &runs("/usr/bin/p5"))
        .build();
    assert_eq!(programs(&rootfs), "p1 p2 p3 p4 p5");
}

#[test]
fn environment_files_fill_in_commands() {
    let rootfs = image()
        .file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=a.service\n")
        .file(
            "/usr/lib/systemd/system/a.service",
            b"[Unit]\nConditionPathExists=!/usr/bin/p3\n[Service]\nEnvironmentFile=-/etc/default/a\nExecStart=/bin/sh -c \"exec $RUN\"\nExecReload=/usr/bin/p1 --with ${OTHER}\n",
        )
        .exe("/bin/sh", b"\x7fELF")
        .file("/etc/default/a", b"OTHER=/usr/bin/p2\n")
        .build();
    assert_eq!(programs(&rootfs), "p1 p2 p3");
}

#[test]
fn a_first_boot_enables_everything() {
    let rootfs = image()
        .file("/etc/machine-id", b"uninitialized\n")
        .file("/usr/lib/systemd/system/a.service", &runs("/usr/bin/p1"))
        .build();
    assert_eq!(programs(&rootfs), "p1");
}

#[test]
fn units_of_a_generator_s_package_stay() {
    let rootfs = image()
        .exe("/usr/lib/systemd/system-generators/other-generator", b"\x7fELF")
        .file("/usr/lib/systemd/system/other@.service", &runs("/usr/bin/p1"))
        .build();
    assert_eq!(programs(&rootfs), "p1");
}

#[test]
fn the_bus_activates_services() {
    let rootfs = Builder::new()
        .exe("/usr/bin/p1", b"\x7fELF")
        .exe("/usr/bin/p2", b"\x7fELF")
        .exe("/usr/bin/daemon", b"\x7fELF")
        .file(
            "/srv/dbus-1/system-services/a.service",
            b"[D-BUS Service]\nName=a\nExec=/usr/bin/p1 -x\nSystemdService=b.service\n",
        )
        .file("/etc/systemd/system/b.service", &runs("/usr/bin/p2"))
        .build();
    let tree = &rootfs.tree;
    let mut owners = Owners::none(tree);
    let owner = owners.add(Owner::new(Ecosystem::Dpkg, "all", "1"));
    for node in tree.iter().filter(|&node| tree.inode(node).is_file() && !tree.path(node).starts_with(b"/srv/")) {
        owners.claim(node, owner);
    }
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let launch = Launch::running(&["/usr/bin/daemon"]);
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    for path in ["/usr/bin/p1", "/usr/bin/p2"] {
        assert!(reach.edges.is_reached(tree.get(path).unwrap()), "{path}");
    }
}

proptest! {
    #[test]
    fn any_unit_is_followed(text in "((Wants|Exec|ExecStart|Environment|EnvironmentFile|\\[|\\]|[a@%$;i{}./= \"'\\\\-]|\n)*)") {
        let rootfs = image()
            .file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=a@b.service a@.service\n")
            .file("/usr/lib/systemd/system/a@.service", text.as_bytes())
            .build();
        reached(&rootfs, "/sbin/init");
    }
}

#[test]
fn naming_systemd_does_not_start_it() {
    let rootfs = image()
        .file("/usr/lib/systemd/system/enabled.service", &runs("/usr/bin/p1"))
        .symlink("/usr/lib/systemd/system/multi-user.target.wants/enabled.service", "../enabled.service")
        .exe("/opt/named", b"#!/bin/sh\n[ -x /usr/lib/systemd/systemd ] && echo here\n")
        .exe("/opt/started", b"#!/bin/sh\nexec /usr/lib/systemd/systemd\n")
        .exe("/opt/linked", b"#!/bin/sh\n[ -x /usr/lib/systemd/systemd ]\nexec /sbin/init\n")
        .exe("/bin/sh", b"\x7fELF")
        .build();
    let p1 = |command: &str| reached(&rootfs, command).contains(&"/usr/bin/p1".to_owned());
    assert!(!p1("/opt/named"));
    assert!(p1("/opt/started"));
    assert!(p1("/opt/linked"));
}

#[test]
fn environment_files_may_be_patterns() {
    let unit = "/usr/lib/systemd/system/multi-user.target";
    for (pattern, expected) in [
        ("/etc/default/*", "p1 p2"),
        ("-/etc/default/[ab]", "p1 p2"),
        ("/etc/default/?", "p1 p2"),
        ("/etc/*/a", "p1"),
        ("/etc/default/a", "p1"),
        ("/etc/default/c*", ""),
    ] {
        let text = format!("[Service]\nEnvironmentFile={pattern}\nExecStart=/usr/bin/p9 $X $Y\n");
        let rootfs = image()
            .file(unit, text.as_bytes())
            .file("/etc/default/a", b"X=/usr/bin/p1\n")
            .file("/etc/default/b", b"Y=/usr/bin/p2\n")
            .build();
        let found = programs(&rootfs);
        assert_eq!(found.trim_end_matches("p9").trim_end(), expected, "{pattern}");
    }
}

#[test]
fn what_is_not_known_of_a_unit_is_said_once() {
    // What sets variables lets the unit's other files be followed once more.
    let folder = "/etc/systemd/system/multi-user.target.d";
    let rootfs = image()
        .file("/usr/lib/systemd/system/multi-user.target", b"[Service]\nExecStart=/opt/%H/x $A\nEnvironment=A=1\n")
        .file(&format!("{folder}/a.conf"), b"[Service]\nEnvironment=A=2\n")
        .file(&format!("{folder}/b.conf"), b"[Service]\nEnvironment=B=2\n")
        .build();
    let ctx = Context { workdir: "/".into(), ..Context::default() };
    let owners = Owners::none(&rootfs.tree);
    let launch = Launch::running(&["/sbin/init"]);
    let reach = analyse(&Request::new(&rootfs, &ctx, &owners, &launch), Rules::new([], [], []).unwrap()).unwrap();
    let count = reach.uncertainties.iter().filter(|one| one.what.contains("known at run time only: /opt/…/x")).count();
    assert_eq!(count, 1, "{:?}", reach.uncertainties);
}

#[test]
fn many_drop_ins_end_quickly() {
    let start = std::time::Instant::now();
    let mut image = image().file("/usr/lib/systemd/system/basic.target", b"[Unit]\nWants=a.service\n");
    let text = "[Unit]\nConditionPathExists=/x\n[Service]\nEnvironment=A=b\n";
    for n in 0..700 {
        image = image.file(&format!("/etc/systemd/system/a.service.d/{n}.conf"), text.as_bytes());
    }
    let rootfs = image.file("/etc/systemd/system/a.service", &runs("/usr/bin/p2")).build();
    assert_eq!(programs(&rootfs), "p2");
    assert!(start.elapsed().as_secs() < 30, "{:?}", start.elapsed());
}
