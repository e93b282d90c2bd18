//! Nix's database, `/nix/var/nix/db/db.sqlite`: paths of which nothing is left are not valid any more, and leave it with what they refer to
//! and what refers to them. `src/libstore/schema.sql` and `ca-specific-schema.sql` of Nix have the tables.

use std::collections::HashSet;

use bstr::{BString, ByteSlice};

use super::adapting::Records;
use crate::owners::nix::{STATE, Store};
use crate::owners::rpm::database::Damage;
use crate::owners::rpm::sqlite::record::{Value, values};
use crate::owners::rpm::sqlite::{rows, without_rows};
use crate::rootfs::NodeId;

/// Larger databases are left as they are. One of ten thousand paths has some ten MiB.
const MAX_SIZE: u64 = 256 << 20;

/// SQLite's write-ahead log, and what it shares memory by.
const BESIDE: [&str; 2] = ["db.sqlite-wal", "db.sqlite-shm"];

pub(super) fn trim(records: &mut Records<'_>) {
    let tree = &records.rootfs.tree;
    let gone = gone(records);
    let Some(main) = tree.follow(format!("{STATE}/db/db.sqlite")).filter(|_| !gone.is_empty()) else { return };
    let beside: Vec<NodeId> = BESIDE.iter().filter_map(|name| tree.child(tree.parent(main), name.as_bytes())).collect();
    let read = |node| records.rootfs.read_within(node, MAX_SIZE).ok();
    let log = beside.iter().find(|&&node| tree.name(node) == BESIDE[0]);
    let (Some(before), Some(log)) = (read(main), log.map_or(Some(Vec::new()), |&log| read(log))) else { return };
    if let Ok(after) = without(&before, &log, &gone) {
        records.rewrite(main, &before, after);
        for node in beside {
            records.rewrite(node, b"before", Vec::new());
        }
    }
}

/// The store paths of which nothing is left.
fn gone(records: &Records<'_>) -> HashSet<BString> {
    let tree = &records.rootfs.tree;
    let store = Store::of(tree);
    let is_gone = |root: NodeId| tree.walk(root).all(|node| !records.keeps(node));
    let gone = store.roots.into_iter().filter(|&root| is_gone(root));
    gone.map(|root| tree.path(root)).collect()
}

/// The database without these paths.
fn without(main: &[u8], log: &[u8], gone: &HashSet<BString>) -> Result<Vec<u8>, Damage> {
    let mut numbers = HashSet::new();
    rows(main, log, b"ValidPaths", &mut |row, payload| {
        if let Some(Value::Text(path)) = values(payload).nth(1)
            && gone.contains(path.as_bstr())
        {
            numbers.insert(row);
        }
    })?;
    // By table, the columns that name a valid path.
    let goes = |table: &[u8], row: i64, payload: &[u8]| {
        let named = |columns: usize| {
            values(payload).take(columns).any(|value| matches!(value, Value::Integer(id) if numbers.contains(&id)))
        };
        match table {
            b"ValidPaths" => numbers.contains(&row),
            b"Refs" => named(2),
            b"DerivationOutputs" => named(1),
            _ => false,
        }
    };
    without_rows(main, log, &mut { goes })
}
