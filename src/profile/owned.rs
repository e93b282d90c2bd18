//! Ownership rules made ready for [`crate::owners`].

use super::schema::OwnedRule;
use crate::owners::Rule;

impl OwnedRule {
    /// The rule with its globs compiled.
    ///
    /// # Errors
    /// If a glob is malformed.
    pub fn compile(&self) -> Result<Rule, globset::Error> {
        let rule = Rule::new(self.ecosystems.clone(), &self.packages, &self.globs)?;
        Ok(rule.links_to(self.links_to.clone()).copy_of(self.copy_of.clone()))
    }
}

#[cfg(test)]
mod tests {
    use crate::owners::{Ecosystem, Owners, Rule, find};
    use crate::profile::Profile;
    use crate::rootfs::{Builder, Rootfs};

    fn built_in() -> Vec<Rule> {
        let text = include_str!("../../profiles/ownership.toml");
        let profile: Profile = toml::from_str(text).unwrap();
        profile.owned.iter().map(|rule| rule.compile().unwrap()).collect()
    }

    fn owner<'a>(rootfs: &Rootfs, owners: &'a Owners, path: &str) -> Option<&'a str> {
        owners.of(rootfs.tree.get(path).unwrap()).map(|id| owners.get(id).name.as_str())
    }

    #[test]
    fn made_files_belong_to_the_package_that_makes_them() {
        let status = ["shared-mime-info", "apt", "libgdk-pixbuf-2.0-0"]
            .map(|name| format!("Package: {name}\nStatus: install ok installed\nVersion: 1\n\n"))
            .concat();
        let rootfs = Builder::new()
            .file("/var/lib/dpkg/status", status.as_bytes())
            .file("/usr/share/mime/mime.cache", b"x")
            .file("/usr/share/mime/packages/mine.xml", b"x")
            .file("/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders.cache", b"x")
            .file("/var/lib/apt/lists/mirror.example_Packages", b"x")
            .file("/var/cache/man/index.db", b"x")
            .symlink("/usr/local/man", "share/man")
            .build();
        let owners = find(&rootfs, &built_in());
        let of = |path| owner(&rootfs, &owners, path);
        assert_eq!(of("/usr/share/mime/mime.cache"), Some("shared-mime-info"));
        assert_eq!(of("/usr/share/mime/packages/mine.xml"), None);
        assert_eq!(of("/usr/lib/x86_64-linux-gnu/gdk-pixbuf-2.0/2.10.0/loaders.cache"), Some("libgdk-pixbuf-2.0-0"));
        assert_eq!(of("/var/lib/apt/lists/mirror.example_Packages"), Some("apt"));
        assert_eq!(of("/var/cache/man/index.db"), None, "man-db is not installed");
        assert_eq!(of("/usr/local/man"), None, "base-files is not installed");
    }

    #[test]
    fn a_standalone_python_brings_its_tcl() {
        let prefix = "/root/.local/share/uv/python/cpython-3.12.3-linux-x86_64-gnu";
        let rootfs = Builder::new()
            .exe(&format!("{prefix}/bin/python3.12"), b"x")
            .file(&format!("{prefix}/lib/python3.12/os.py"), b"x")
            .file(&format!("{prefix}/lib/tcl8.6/init.tcl"), b"x")
            .file(&format!("{prefix}/lib/mine"), b"x")
            .file("/usr/local/lib/tcl8.6/init.tcl", b"x")
            .build();
        let owners = find(&rootfs, &built_in());
        let of = |path: &str| owner(&rootfs, &owners, path);
        assert_eq!(of(&format!("{prefix}/lib/tcl8.6/init.tcl")), Some("cpython"));
        assert_eq!(of(&format!("{prefix}/lib/mine")), None);
        assert_eq!(of("/usr/local/lib/tcl8.6/init.tcl"), None);
        assert_eq!(owners.iter().next().unwrap().1.ecosystem, Ecosystem::CPython);
    }
}
