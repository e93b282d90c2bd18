//! Other names of codecs.

use std::collections::HashMap;

use rustc_hash::FxHashMap;

use super::super::search::{MadeOf, Search};
use crate::rootfs::Rootfs;

/// Bytes of `encodings/aliases.py` that are read.
const MAX_ALIASES: u64 = 64 << 10;

/// Other names of codecs, by environment.
#[derive(Debug, Default)]
pub(super) struct Aliases {
    by_environment: FxHashMap<usize, HashMap<Box<str>, Box<str>>>,
}

impl Aliases {
    /// The codec that a name stands for.
    pub fn resolve(&mut self, search: &mut Search<'_>, rootfs: &Rootfs, env: usize, name: String) -> String {
        let aliases = self.by_environment.entry(env).or_insert_with(|| read(search, rootfs, env));
        aliases.get(&*name).map_or(name, ToString::to_string)
    }
}

/// The dictionary in `encodings/aliases.py`: one entry a line.
fn read(search: &mut Search<'_>, rootfs: &Rootfs, env: usize) -> HashMap<Box<str>, Box<str>> {
    let found = search.find(env, "encodings.aliases");
    let mut bytes = Vec::new();
    if let Some(MadeOf::File(_, file)) = found.first().map(|&id| search.module(id).made_of) {
        // What cannot be read has no aliases.
        let _ = rootfs.read_prefix(file, MAX_ALIASES, &mut bytes);
    }
    let text = String::from_utf8_lossy(&bytes);
    let entries = text.lines().filter(|line| !line.trim_start().starts_with('#')).filter_map(|line| {
        let mut parts = line.split(['\'', '"']).skip(1).step_by(2);
        Some((parts.next()?.into(), parts.next()?.into()))
    });
    entries.collect()
}
