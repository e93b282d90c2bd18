use crate::owners::{Ecosystem, Owners, find};
use crate::reach::entrypoint::Launch;
use crate::reach::trial::no_rules;
use crate::reach::{Context, Reach, Request, analyse};
use crate::rootfs::{Builder, Rootfs};

fn path(name: &str) -> String {
    let hash: String = name.chars().filter(|c| !"eotu".contains(*c)).cycle().take(32).collect();
    format!("/nix/store/{hash}-{name}")
}

/// As `Analyst` asks.
fn analysed(rootfs: &Rootfs, argv: &[&str], env: &[(&str, &str)]) -> Reach {
    let env = env.iter().map(|&(name, value)| (name.to_owned(), value.to_owned())).collect();
    let ctx = Context { workdir: "/".into(), env, ..Context::default() };
    let owners: Owners = find(rootfs, &[]);
    let (owners, stored) = owners.set_aside(Ecosystem::Nix).unwrap();
    let launch = Launch::running(argv);
    analyse(&Request { baggage: &stored, ..Request::new(rootfs, &ctx, &owners, &launch) }, no_rules()).unwrap()
}

fn image() -> Builder {
    let [app, lib, data, tool, unused, other] = ["app", "lib", "data", "tool", "xxx", "zzz"].map(path);
    Builder::new()
        .exe(&format!("{app}/bin/run"), format!("\x00binary {lib}/lib/x.so\x00").as_bytes())
        .file(&format!("{app}/share/doc"), b"x")
        .symlink(&format!("{lib}/share"), &data)
        .file(&format!("{data}/table"), b"x")
        .file(&format!("{unused}/x"), tool.as_bytes())
        .exe(&format!("{tool}/bin/tool"), b"x")
        .file(&other, b"x")
        .symlink("/nix/var/nix/profiles/default", &unused)
        .symlink("/root/.nix-profile", "/nix/var/nix/profiles/default")
}

fn reached(rootfs: &Rootfs, reach: &Reach) -> Vec<String> {
    let tree = &rootfs.tree;
    let files = tree.iter().filter(|&node| reach.edges.is_reached(node) && !tree.inode(node).is_dir());
    files.map(|node| tree.path(node).to_string()).filter(|path| path.starts_with("/nix/store")).collect()
}

fn want(files: &[(&str, &str)]) -> Vec<String> {
    let mut want: Vec<String> = files.iter().map(|(name, file)| path(name) + file).collect();
    want.sort();
    want
}

const CLOSURE: [(&str, &str); 4] = [("app", "/bin/run"), ("app", "/share/doc"), ("data", "/table"), ("lib", "/share")];

#[test]
fn the_closure_of_what_the_command_reaches_stays() {
    let rootfs = image().build();
    let reach = analysed(&rootfs, &[&format!("{}/bin/run", path("app"))], &[]);
    assert_eq!(reached(&rootfs, &reach), want(&CLOSURE));
}

#[test]
fn the_environment_and_the_users_own_files_and_links_refer_to_paths() {
    let app = format!("{}/bin/run", path("app"));
    let (tool, other) = (path("tool"), path("zzz"));
    let more = |which: (&'static str, &'static str)| {
        let mut all = CLOSURE.to_vec();
        all.push(which);
        want(&all)
    };
    let (tool_files, other_files) = (more(("tool", "/bin/tool")), more(("zzz", "")));
    let env = format!("{other}:x");
    let rootfs = image().build();
    assert_eq!(reached(&rootfs, &analysed(&rootfs, &[&app], &[("DATA", &env)])), other_files);
    let rootfs = image().file("/srv/blob", format!("\x00{other}").as_bytes()).build();
    assert_eq!(reached(&rootfs, &analysed(&rootfs, &[&app], &[])), other_files);
    let rootfs = image().symlink("/bin", &format!("{tool}/bin")).build();
    assert_eq!(reached(&rootfs, &analysed(&rootfs, &[&app], &[])), tool_files);
}

#[test]
fn a_profile_counts_if_the_command_comes_from_it() {
    let rootfs = image().symlink(&format!("{}/bin", path("xxx")), &format!("{}/bin", path("tool"))).build();
    let reach = analysed(&rootfs, &["tool"], &[("PATH", "/bin:/root/.nix-profile/bin")]);
    assert_eq!(reached(&rootfs, &reach), want(&[("tool", "/bin/tool"), ("xxx", "/x"), ("xxx", "/bin")]));
    let profile = rootfs.tree.get("/nix/var/nix/profiles/default").unwrap();
    assert!(reach.edges.is_reached(profile));
}
