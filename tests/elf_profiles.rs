//! The profiles that the ELF analyser relies on are well formed.

use std::collections::BTreeSet;

use bantam::profile::Profile;
use globset::GlobBuilder;

const NAMES: [&str; 6] = ["libc", "tls", "desktop", "system-libraries", "runtimes", "programs"];

#[test]
fn rules_parse_and_their_globs_compile() {
    let mut ids = BTreeSet::new();
    for name in NAMES {
        let path = format!("{}/profiles/{name}.toml", env!("CARGO_MANIFEST_DIR"));
        let profile: Profile =
            toml::from_str(&std::fs::read_to_string(&path).unwrap()).unwrap_or_else(|e| panic!("{path}: {e}"));
        assert_eq!(profile.name, name);
        assert!(!profile.implies.is_empty());
        for rule in &profile.implies {
            assert!(ids.insert(rule.id.clone()), "{} is there twice", rule.id);
            assert!(!rule.paths.is_empty() || rule.doubt.is_some(), "{}", rule.id);
            assert!(rule.reason.ends_with('.'), "{}", rule.id);
            let when = &rule.when;
            assert!(!when.elf.soname.is_empty() || !when.elf.symbol.is_empty() || !when.path.is_empty(), "{}", rule.id);
            assert!(rule.paths.iter().all(|path| path.starts_with('/') || path.starts_with("{dir}/")), "{}", rule.id);
            let paths = rule.paths.iter().map(|path| path.replace("{dir}", "/usr/lib"));
            let globs =
                when.elf.soname.iter().chain(&when.elf.symbol).chain(&when.path).chain(&when.elf.except).cloned();
            for glob in globs.chain(paths) {
                GlobBuilder::new(&glob).literal_separator(true).build().unwrap_or_else(|e| panic!("{}: {e}", rule.id));
                assert!(!glob.contains("/../"), "{}: {glob}", rule.id);
            }
        }
    }
}
