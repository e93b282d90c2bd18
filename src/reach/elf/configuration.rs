//! Configuration in which libraries find the names of modules to load: `nsswitch.conf(5)` and OpenSSL's `config(5)`.

use crate::reach::context::Context;
use crate::reach::globs::glob_nodes;
use crate::rootfs::{NodeId, Rootfs, Tree};

/// Where glibc's services are configured.
pub const NAME_SERVICE: &str = "/etc/nsswitch.conf";
/// What versions of glibc do without that file, and where it has no line for a database (`nss_database_select_default`).
const DEFAULT_SERVICES: &str = "passwd: compat files\nhosts: dns files\nnetgroup: nis";
/// Where modules are.
const LIBRARIES: [&str; 8] =
    ["/usr/lib", "/usr/lib/*", "/usr/lib64", "/lib", "/lib/*", "/lib64", "/usr/local/lib", "/usr/local/lib64"];
/// Larger files are no configuration.
const MAX_CONFIGURATION: u64 = 1 << 20;

/// The modules that the file at `node` names, each with the name; none for a file that is no such configuration.
pub fn modules(rootfs: &Rootfs, context: &Context, node: NodeId) -> Vec<(NodeId, String)> {
    let tree = &rootfs.tree;
    let name: &[u8] = tree.name(node);
    let services = tree.path(node) == NAME_SERVICE;
    let named = || context.env.get("OPENSSL_CONF").is_some_and(|path| tree.follow(path) == Some(node));
    let openssl = (name.starts_with(b"openssl") && name.ends_with(b".cnf")) || name == b"fipsmodule.cnf" || named();
    if !services && !openssl {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    if rootfs.read_prefix(node, MAX_CONFIGURATION, &mut bytes).is_err() {
        return Vec::new();
    }
    let text = String::from_utf8_lossy(&bytes);
    if services { service_modules(tree, &with_defaults(&text)) } else { openssl_modules(tree, &text) }
}

/// The modules that glibc loads where there is no `nsswitch.conf`.
pub fn default_modules(tree: &Tree) -> Vec<(NodeId, String)> {
    service_modules(tree, DEFAULT_SERVICES)
}

/// The text with what counts for the databases that it says nothing of.
fn with_defaults(text: &str) -> String {
    let is_missing = |line: &&str| {
        let database = line.split_once(':').map(|(database, _)| database);
        !lines(text).any(|line| line.split_once(':').map(|(database, _)| database.trim()) == database)
    };
    let defaults = DEFAULT_SERVICES.lines().filter(is_missing);
    std::iter::once(text).chain(defaults).collect::<Vec<_>>().join("\n")
}

/// `libnss_NAME.so.2` for every service of every database.
fn service_modules(tree: &Tree, text: &str) -> Vec<(NodeId, String)> {
    let mut names: Vec<&str> = lines(text)
        .filter_map(|line| line.split_once(':'))
        .flat_map(|(_, services)| services.split(|c: char| c.is_whitespace() || c == '[' || c == ']'))
        .filter(|name| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-'))
        .collect();
    names.sort_unstable();
    names.dedup();
    let files = |name: &&str| {
        let globs = LIBRARIES.iter().map(|dir| format!("{dir}/libnss_{name}.so*")).collect::<Vec<_>>();
        let nodes: Vec<NodeId> = globs.iter().flat_map(|glob| glob_nodes(tree, glob)).collect();
        nodes.into_iter().map(|node| (node, (*name).to_owned())).collect::<Vec<_>>()
    };
    names.iter().flat_map(files).collect()
}

/// Providers and engines whose names stand anywhere in what is not a comment: sections are called as their author
/// likes. All of them if it includes other files.
fn openssl_modules(tree: &Tree, text: &str) -> Vec<(NodeId, String)> {
    let includes = lines(text).any(|line| line.starts_with(".include"));
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let words: Vec<&str> = lines(text).flat_map(|line| line.split(move |c| !plain(c))).collect();
    let folders = ["ossl-modules", "engines", "engines-*", "openssl-*/engines"];
    let globs = LIBRARIES.iter().flat_map(|dir| folders.map(|folder| format!("{dir}/{folder}/*.so")));
    let mut found = Vec::new();
    for node in globs.flat_map(|glob| glob_nodes(tree, &glob)) {
        let name = tree.name(node).to_string();
        let stem = name.trim_end_matches(".so");
        let stem = stem.strip_prefix("lib").filter(|stem| words.contains(stem)).unwrap_or(stem);
        if includes || words.contains(&stem) {
            found.push((node, stem.to_owned()));
        }
    }
    found
}

/// Lines without comments and blanks around them.
fn lines(text: &str) -> impl Iterator<Item = &str> {
    text.lines().map(|line| line.split('#').next().unwrap_or_default().trim())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;

    fn found(path: &str, text: &str, files: &[&str]) -> Vec<String> {
        let builder = Builder::new().file(path, text.as_bytes());
        let rootfs = files.iter().fold(builder, |builder, file| builder.file(file, b"x")).build();
        let node = rootfs.tree.get(path).unwrap();
        let mut context = Context::default();
        context.env.insert("OPENSSL_CONF".into(), "/app/tls.conf".into());
        let modules = modules(&rootfs, &context, node);
        modules.into_iter().map(|(node, _)| rootfs.tree.name(node).to_string()).collect()
    }

    #[test]
    fn services_of_any_database_have_their_modules() {
        let files = ["compat", "dns", "files", "mymachines", "systemd"];
        let files = files.map(|name| format!("/usr/lib/x86_64-linux-gnu/libnss_{name}.so.2"));
        let files: Vec<&str> = files.iter().map(String::as_str).collect();
        let text = "# passwd: compat\npasswd: files systemd\nhosts:  files [!UNAVAIL=return] dns # mymachines\n";
        assert_eq!(
            found("/etc/nsswitch.conf", text, &files),
            ["libnss_dns.so.2", "libnss_files.so.2", "libnss_systemd.so.2"]
        );
        assert!(found("/etc/other.conf", text, &files).is_empty());
        let passwd = "passwd: systemd\n";
        assert_eq!(
            found("/etc/nsswitch.conf", passwd, &files),
            ["libnss_dns.so.2", "libnss_files.so.2", "libnss_systemd.so.2"],
            "hosts are looked up all the same"
        );
        let rootfs = files.iter().fold(Builder::new(), |builder, file| builder.file(file, b"x")).build();
        let names: Vec<String> = default_modules(&rootfs.tree).into_iter().map(|(_, name)| name).collect();
        assert_eq!(names, ["compat", "dns", "files"]);
    }

    #[test]
    fn openssl_loads_what_its_configuration_speaks_of() {
        let files =
            ["/usr/lib/x86_64-linux-gnu/ossl-modules/legacy.so", "/usr/lib/x86_64-linux-gnu/engines-3/afalg.so"];
        let plain = "[provider_sect]\ndefault = default_sect\n# legacy = legacy_sect\n";
        assert!(found("/etc/ssl/openssl.cnf", plain, &files).is_empty());
        let legacy = "[provider_sect]\nlegacy = legacy_sect # afalg\n[legacy_sect]\nactivate = 1\n";
        assert_eq!(found("/etc/ssl/openssl.cnf", legacy, &files), ["legacy.so"]);
        let path = "dynamic_path = /usr/lib/x86_64-linux-gnu/engines-3/afalg.so\n";
        assert_eq!(found("/app/tls.conf", path, &files), ["afalg.so"]);
        assert_eq!(found("/etc/ssl/openssl.cnf", ".include /etc/ssl/more.cnf\n", &files).len(), 2);
    }
}
