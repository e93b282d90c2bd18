//! File names of modules.

/// `importlib.machinery.all_suffixes`, with the platform triplets of glibc and musl.
pub(super) fn suffixes((major, minor): (u8, u8), architecture: &str) -> Vec<String> {
    let machines: &[&str] = match architecture {
        "amd64" | "x86_64" => &["x86_64"],
        "arm64" | "aarch64" => &["aarch64"],
        "386" => &["i386", "i686"],
        "arm" => &["arm"],
        "ppc64le" => &["powerpc64le"],
        "s390x" => &["s390x"],
        "riscv64" => &["riscv64"],
        _ => &["x86_64", "aarch64"],
    };
    // `imp.get_suffixes`; Debian puts the machine's name before it.
    if major == 2 {
        let machine = |name: &&str| format!(".{name}-linux-gnu.so");
        let mut out: Vec<String> = machines.iter().map(machine).collect();
        out.extend([".so", "module.so", ".py", ".pyc"].map(String::from));
        return out;
    }
    let flags: &[&str] = if (major, minor) < (3, 8) { &["m", ""] } else { &["", "t", "d"] };
    let mut out = Vec::new();
    for flag in flags {
        for machine in machines {
            for libc in ["linux-gnu", "linux-musl", "linux-gnueabihf", "linux-musleabihf"] {
                if libc.ends_with("hf") != (*machine == "arm") {
                    continue;
                }
                out.push(format!(".cpython-{major}{minor}{flag}-{machine}-{libc}.so"));
            }
        }
        out.push(format!(".cpython-{major}{minor}{flag}.so"));
    }
    out.push(format!(".abi{major}.so"));
    out.push(".so".into());
    out.push(".py".into());
    out.push(".pyc".into());
    out
}
