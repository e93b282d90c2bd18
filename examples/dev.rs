use bantam::*;
use std::time::Instant;
fn main() {
    let args: Vec<String> = std::env::args().collect();
    let t = Instant::now();
    let reference = image::Reference::parse(&args[1]).unwrap();
    let img = image::open(&reference, &image::OpenOptions::default()).unwrap();
    eprintln!("open {:?}", t.elapsed());
    let t = Instant::now();
    let merged = rootfs::merge(&img.layers).unwrap();
    eprintln!("merge {:?}", t.elapsed());
    let fs = &merged.rootfs;
    let t = Instant::now();
    let rc = img.run_config();
    let owners = owners::find(fs, &profile::ProfileSet::builtin().unwrap().owner_rules().unwrap());
    eprintln!("owners {:?}", t.elapsed());
    let profiles = profile::ProfileSet::builtin().unwrap();
    let ctx = reach::Context {
        env: rc.env_map(),
        workdir: if rc.working_dir.is_empty() { "/".into() } else { rc.working_dir.clone() },
        user: rc.user.clone(),
        architecture: "amd64".into(),
    };
    let launch = reach::entrypoint::Launch {
        entrypoint: rc.entrypoint.clone(),
        cmd: rc.cmd.clone(),
        healthcheck: rc.healthcheck.clone(),
        shell: rc.shell.clone(),
        labels: rc.labels.clone(),
        entries: args.get(3).into_iter().cloned().collect(),
    };
    let setting = plan::Setting::of(&rc, "amd64", std::iter::empty());
    let choices = plan::Choices::default();
    let rules0 = plan::Rules::new(&profiles, &choices, &setting, &fs.tree, None).unwrap();
    let baggage =
        plan::baggage(&plan::Inputs { rootfs: fs, owners: &owners, reached: None, rules: &rules0, setting: &setting });
    let mut rrules = reach::rules::Rules::new(
        profiles.iter().flat_map(|p| &p.profile.implies),
        profiles.iter().flat_map(|p| &p.profile.cut),
    )
    .unwrap();
    let t = Instant::now();
    let req = reach::Request { rootfs: fs, ctx: &ctx, owners: &owners, launch: &launch, baggage: &baggage, kept: &[] };
    let r = reach::analyse(&req, &mut rrules);
    eprintln!("reach {:?}", t.elapsed());
    eprintln!("keep_all {:?}", r.roots.keep_all);
    let prules = plan::Rules::new(&profiles, &choices, &setting, &fs.tree, Some(&r.edges)).unwrap();
    let plan = plan::decide(&plan::Inputs {
        rootfs: fs,
        owners: &owners,
        reached: Some(&r.edges),
        rules: &prules,
        setting: &setting,
    });
    let totals = plan::Totals::new(&fs.tree, &plan);
    eprintln!("{:?} -> {:?}", totals.before, totals.after);
    for u in &r.uncertainties {
        println!("UNCERTAIN {}:{} {} -> {}", u.path, u.line, u.what, u.effect);
    }
    let mut seen = std::collections::HashSet::new();
    for n in fs.tree.iter() {
        if r.edges.is_reached(n) && !fs.tree.inode(n).is_file() {
            let e = r.edges.get(n).unwrap();
            println!(
                "LINK 0 {} [-] {:?} {} <- {}",
                fs.tree.path(n),
                e.evidence.kind,
                e.evidence.detail,
                e.from.map(|f| fs.tree.path(f).to_string()).unwrap_or_default()
            );
        }
        if plan.keeps(n) && fs.tree.inode(n).is_file() && seen.insert(fs.tree.inode_id(n)) {
            let o = owners.of(n).map(|o| owners.get(o).name.clone()).unwrap_or("-".into());
            let e = r
                .edges
                .get(n)
                .map(|e| {
                    format!(
                        "{:?} {} <- {}",
                        e.evidence.kind,
                        e.evidence.detail,
                        e.from.map(|f| fs.tree.path(f).to_string()).unwrap_or_default()
                    )
                })
                .unwrap_or(format!("{:?}", plan.verdict(n)));
            println!("KEEP {:>9} {} [{}] {}", fs.tree.inode(n).size(), fs.tree.path(n), o, e);
        }
    }
    if let Some(p) = args.get(2) {
        if !p.is_empty() {
            if let Some(node) = fs.tree.follow(p) {
                for (n, e) in r.edges.chain(node) {
                    println!("WHY {} <- {:?}", fs.tree.path(n), e.evidence);
                }
            }
        }
    }
}
