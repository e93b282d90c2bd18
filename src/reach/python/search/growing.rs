//! What a search path that grows changes: no more than the names that stand in the new folder. A program may add thousands of
//! folders, and look for thousands of names in between.

use std::collections::{BTreeMap, HashMap};
use std::ops::Bound;

use super::environment::Environment;
use super::stems::stems;
use crate::rootfs::{NodeId, Tree};

/// Takes what goes by a dotted name, or by that of something below it, out of a map by environment and name.
pub(super) fn take_below<V>(map: &mut BTreeMap<(usize, Box<str>), V>, env: usize, name: &str) -> Vec<(Box<str>, V)> {
    let mut keys: Vec<(usize, Box<str>)> = Vec::new();
    let from = |start: String| (Bound::Included((env, start.into_boxed_str())), Bound::Unbounded);
    let below = format!("{name}.");
    let range = map.range::<(usize, Box<str>), _>(from(below.clone()));
    keys.extend(range.take_while(|((of, key), _)| *of == env && key.starts_with(&below)).map(|(key, _)| key.clone()));
    keys.push((env, name.into()));
    let mut taken: Vec<(Box<str>, V)> =
        keys.into_iter().filter_map(|key| map.remove(&key).map(|value| (key.1, value))).collect();
    taken.sort_by(|a, b| a.0.cmp(&b.0));
    taken
}

/// Which of the folders that some programs search may hold a module, by the name that it has there; for each environment.
#[derive(Debug, Default)]
pub(super) struct LocalNames(HashMap<usize, Folders>);

#[derive(Debug, Default)]
struct Folders {
    /// How many were looked at.
    looked: usize,
    /// The places of those with a name.
    places: HashMap<Box<str>, Vec<usize>>,
}

impl LocalNames {
    /// The folders that may hold a module of this name, in order.
    pub(super) fn dirs(&mut self, tree: &Tree, environment: &Environment, env: usize, name: &str) -> Vec<NodeId> {
        let Folders { looked, places } = self.0.entry(env).or_default();
        for (at, &dir) in environment.local.iter().enumerate().skip(*looked) {
            for stem in stems(tree, dir) {
                places.entry(stem).or_default().push(at);
            }
        }
        *looked = environment.local.len();
        places.get(name).into_iter().flatten().filter_map(|&at| environment.local.get(at).copied()).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_below_a_name_is_taken() {
        let names = ["a", "a-b", "a.b", "a.b.c", "ab", "b"];
        let mut map: BTreeMap<(usize, Box<str>), ()> =
            names.iter().map(|name| ((0, Box::from(*name)), ())).chain([((1, "a".into()), ())]).collect();
        let taken: Vec<Box<str>> = take_below(&mut map, 0, "a").into_iter().map(|(name, ())| name).collect();
        assert_eq!(taken, ["a".into(), "a.b".into(), "a.b.c".into()]);
        let left: Vec<(usize, &str)> = map.keys().map(|(env, name)| (*env, &**name)).collect();
        assert_eq!(left, [(0, "a-b"), (0, "ab"), (0, "b"), (1, "a")]);
    }
}
