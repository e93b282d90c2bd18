//! All that is below a package, by the last part of the names: one source may ask for thousands of names.

use std::collections::HashMap;

use super::environment::Environment;
use super::modules::{Modules, Names};
use super::{MAX_NAME, SPECIAL};
use crate::rootfs::Tree;

/// Every module below a package.
#[derive(Debug)]
pub(super) struct Descendants {
    /// In byte order.
    names: Names,
    by_last: HashMap<Box<str>, Vec<u32>>,
}

impl Modules {
    /// Every module below a package, in byte order of their names, and how many names were read for that.
    pub(super) fn descendants(&mut self, tree: &Tree, envs: &[Environment], env: usize, package: &str) -> (Names, u64) {
        let read = self.read_descendants(tree, envs, env, package);
        (self.trees[&(env, Box::from(package))].names.clone(), read)
    }

    /// Those whose last part is `last`, and how many names were read for that.
    pub(super) fn called_below(
        &mut self,
        tree: &Tree,
        envs: &[Environment],
        env: usize,
        package: &str,
        last: &str,
    ) -> (Vec<String>, u64) {
        let read = self.read_descendants(tree, envs, env, package);
        let found = &self.trees[&(env, Box::from(package))];
        let places = found.by_last.get(last).into_iter().flatten();
        (places.map(|&at| found.names[at as usize].to_string()).collect(), read)
    }

    fn read_descendants(&mut self, tree: &Tree, envs: &[Environment], env: usize, package: &str) -> u64 {
        let key = (env, Box::from(package));
        if self.trees.contains_key(&key) {
            return 0;
        }
        let mut names: Vec<Box<str>> = Vec::new();
        let mut todo: Vec<Box<str>> = self.below(tree, envs, env, package).to_vec();
        while let Some(name) = todo.pop() {
            if name.len() < MAX_NAME {
                todo.extend(self.below(tree, envs, env, &name).iter().cloned());
            }
            names.push(name);
        }
        names.sort();
        let mut by_last: HashMap<Box<str>, Vec<u32>> = HashMap::default();
        for (name, at) in names.iter().zip(0..) {
            let last = name.rsplit('.').next().unwrap_or(name);
            by_last.entry(last.into()).or_default().push(at);
        }
        let read = names.len() as u64;
        self.trees.insert(key, Descendants { names: names.into(), by_last });
        read
    }
}

/// The package and the last part that a glob asks for that takes any name of that kind below a package: `p.**.last`.
pub(super) fn parts(glob: &str) -> Option<(&str, &str)> {
    let (base, last) = glob.rsplit_once(".**.")?;
    let plain = |part: &str| !part.is_empty() && !part.contains(SPECIAL) && !part.contains('\\');
    (plain(base) && plain(last) && !last.contains('.')).then_some((base, last))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn globs_that_take_a_name_anywhere_below_a_package() {
        assert_eq!(parts("p.q.**.last"), Some(("p.q", "last")));
        for other in ["p.**", "**.last", "p.*.last", "p.**.l*", "p.**.a.b", "p*.**.last", "p.**.q.**.last"] {
            assert_eq!(parts(other), None, "{other}");
        }
    }
}
