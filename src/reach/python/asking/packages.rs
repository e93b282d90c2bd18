//! Packages that strings name, and what waits for one to be named.

use std::collections::{HashMap, HashSet};

use super::super::names::top_name;
use super::super::site::Site;

/// So many names are put together of packages and endings. From then on every module of a package that a string names
/// counts, if any ending was read.
const MAX_PAIRS: usize = 1 << 18;

/// Packages that strings name, endings that may follow their names, and libraries that list packages. Each by environment.
#[derive(Debug, Default)]
pub(super) struct NamedPackages {
    /// Full names, in order.
    packages: HashMap<usize, Vec<Box<str>>>,
    known: HashSet<(usize, Box<str>)>,
    by_top: HashMap<(usize, Box<str>), Vec<Box<str>>>,
    /// Computed names that end readably (`f"{app}.models"`): the end, and where it stands.
    endings: HashMap<usize, Vec<(Box<str>, Site)>>,
    known_endings: HashSet<(usize, Box<str>)>,
    /// Libraries that list packages which cannot be read, by top-level name, and where they do.
    listers: HashMap<(usize, Box<str>), Site>,
    /// How many names were put together.
    pairs: usize,
    /// Where every module of a package counts.
    whole: HashSet<usize>,
}

impl NamedPackages {
    /// Notes a package that a string names: `f"{package}.base"` somewhere may mean its submodule. Returns what is to be
    /// imported, and who wants it.
    pub fn name(&mut self, env: usize, package: &str) -> Vec<(Site, String)> {
        if !self.known.insert((env, package.into())) {
            return Vec::new();
        }
        self.packages.entry(env).or_default().push(package.into());
        let top = (env, Box::from(top_name(package)));
        let below = package != &*top.1;
        let lister = self.listers.get(&top).filter(|_| below).cloned();
        if below {
            self.by_top.entry(top).or_default().push(package.into());
        }
        let everything = || format!("{package}.**");
        let mut wanted: Vec<(Site, String)> = lister.map(|site| (site, everything())).into_iter().collect();
        let endings = self.endings.get(&env).map_or(&[][..], Vec::as_slice);
        self.pairs += endings.len();
        if self.pairs > MAX_PAIRS || self.whole.contains(&env) {
            wanted.extend(endings.first().map(|(_, site)| (site.clone(), everything())));
        } else {
            wanted.extend(endings.iter().map(|(ending, site)| (site.clone(), format!("{package}.{ending}"))));
        }
        wanted
    }

    /// Notes a library that lists packages which cannot be read: any package of it that a string names may be one, and
    /// what is listed may be packages that are listed in turn. Returns what is to be imported.
    pub fn add_lister(&mut self, site: &Site, top: &str) -> Vec<String> {
        let key = (site.env, Box::from(top));
        let named = self.by_top.get(&key).into_iter().flatten();
        let wanted = named.map(|package| format!("{package}.**")).collect();
        if self.listers.contains_key(&key) {
            return Vec::new();
        }
        self.listers.insert(key, site.clone());
        wanted
    }

    /// Notes a computed name that ends readably. Returns what is to be imported.
    pub fn add_ending(&mut self, site: &Site, ending: &str) -> Vec<String> {
        if !ending.contains(|c: char| c.is_alphanumeric()) || !self.known_endings.insert((site.env, ending.into())) {
            return Vec::new();
        }
        let packages = self.packages.get(&site.env).map_or(&[][..], Vec::as_slice);
        self.pairs += packages.len();
        if self.pairs > MAX_PAIRS {
            if self.endings.get(&site.env).is_none_or(Vec::is_empty) {
                self.endings.entry(site.env).or_default().push((ending.into(), site.clone()));
            }
            let new = self.whole.insert(site.env);
            return packages.iter().filter(|_| new).map(|package| format!("{package}.**")).collect();
        }
        self.endings.entry(site.env).or_default().push((ending.into(), site.clone()));
        packages.iter().map(|package| format!("{package}.{ending}")).collect()
    }
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

    #[test]
    fn of_too_many_names_every_module_of_the_packages_counts() {
        let mut packages = NamedPackages::default();
        for n in 0..600 {
            packages.name(0, &format!("p.q{n}"));
        }
        let all = |wanted: &[String]| wanted.len() == 600 && wanted.iter().all(|glob| glob.ends_with(".**"));
        let mut whole = 0;
        for n in 0..600 {
            whole += usize::from(all(&packages.add_ending(&site(0), &format!("e{n}"))));
        }
        assert_eq!(whole, 1, "once for all packages");
        let wanted: Vec<String> = packages.name(0, "later").into_iter().map(|(_, glob)| glob).collect();
        assert_eq!(wanted, ["later.**"]);
    }
}
