//! Packages that strings name, and what waits for one to be named.

use super::super::names::top_name;
use super::super::site::Site;

/// Packages that strings name, endings that may follow their names, and libraries that list packages.
#[derive(Debug, Default)]
pub(super) struct NamedPackages {
    /// By environment and full name.
    packages: Vec<(usize, Box<str>)>,
    /// Computed names that end readably (`f"{app}.models"`): the end, and where it stands.
    endings: Vec<(Box<str>, Site)>,
    /// Libraries that list packages which cannot be read, by top-level name, and where they do.
    listers: Vec<(Box<str>, Site)>,
}

impl NamedPackages {
    /// Notes a package that a string names: `f"{package}.base"` somewhere may mean its submodule. Returns what is to be
    /// imported, and who wants it.
    pub fn name(&mut self, env: usize, package: &str) -> Vec<(Site, String)> {
        if self.packages.iter().any(|(of, known)| *of == env && **known == *package) {
            return Vec::new();
        }
        self.packages.push((env, package.into()));
        let listers = self.listers.iter().filter(|(top, _)| is_below(package, top));
        let listed = listers.map(|(_, site)| (site.clone(), format!("{package}.**")));
        let ended = self.endings.iter().map(|(ending, site)| (site.clone(), format!("{package}.{ending}")));
        listed.chain(ended).filter(|(site, _)| site.env == env).collect()
    }

    /// Notes a library that lists packages which cannot be read: any package of it that a string names may be one, and
    /// what is listed may be packages that are listed in turn. Returns what is to be imported.
    pub fn add_lister(&mut self, site: &Site, top: &str) -> Vec<String> {
        if self.listers.iter().any(|(known, at)| at.env == site.env && **known == *top) {
            return Vec::new();
        }
        self.listers.push((top.into(), site.clone()));
        self.named_in(site.env)
            .filter(|package| is_below(package, top))
            .map(|package| format!("{package}.**"))
            .collect()
    }

    /// Notes a computed name that ends readably. Returns what is to be imported.
    pub fn add_ending(&mut self, site: &Site, ending: &str) -> Vec<String> {
        let known = || self.endings.iter().any(|(known, at)| at.env == site.env && **known == *ending);
        if !ending.contains(|c: char| c.is_alphanumeric()) || known() {
            return Vec::new();
        }
        self.endings.push((ending.into(), site.clone()));
        self.named_in(site.env).map(|package| format!("{package}.{ending}")).collect()
    }

    fn named_in(&self, env: usize) -> impl Iterator<Item = &str> {
        self.packages.iter().filter(move |(of, _)| *of == env).map(|(_, package)| &**package)
    }
}

fn is_below(package: &str, top: &str) -> bool {
    top_name(package) == top && package != top
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::reach::evidence::{Evidence, EvidenceKind};

    fn site(env: usize) -> Site {
        Site { env, from: None, evidence: Evidence::new(EvidenceKind::Name, "test") }
    }

    #[test]
    fn endings_and_listers_count_for_packages_named_before_and_after() {
        let mut packages = NamedPackages::default();
        assert!(packages.name(0, "app.shop").is_empty());
        assert_eq!(packages.add_ending(&site(0), "models"), ["app.shop.models"]);
        assert!(packages.add_ending(&site(0), "models").is_empty(), "known");
        assert!(packages.add_ending(&site(0), "*").is_empty(), "says nothing");
        assert_eq!(packages.add_lister(&site(0), "app"), ["app.shop.**"]);
        let wanted: Vec<String> = packages.name(0, "app.blog").into_iter().map(|(_, glob)| glob).collect();
        assert_eq!(wanted, ["app.blog.**", "app.blog.models"]);
        assert!(packages.name(0, "app.blog").is_empty(), "known");
        assert!(packages.name(1, "app.blog").is_empty(), "another environment");
    }
}
