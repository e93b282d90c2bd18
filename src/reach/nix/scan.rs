//! Looks for hashes of store paths in bytes, as Nix does when it finds out what an output refers to (`src/libstore/references.cc`):
//! wherever the 32 characters stand, whatever is around them.

use std::collections::BTreeSet;
use std::io;

use crate::owners::nix::{HASH, Hash, Store, is_hash_character};
use crate::rootfs::{Kind, NodeId, Rootfs};

/// Looks through bytes that come in pieces.
pub(super) struct Scanner<'s> {
    store: &'s Store,
    /// What may be the beginning of a hash that goes on in the next piece.
    tail: Vec<u8>,
    /// The paths whose hashes were seen.
    found: BTreeSet<usize>,
}

impl<'s> Scanner<'s> {
    pub(super) fn new(store: &'s Store) -> Self {
        Self { store, tail: Vec::with_capacity(2 * HASH), found: BTreeSet::new() }
    }

    /// The next bytes.
    pub(super) fn feed(&mut self, piece: &[u8]) {
        let head = &piece[..piece.len().min(HASH - 1)];
        let mut seam = std::mem::take(&mut self.tail);
        seam.extend_from_slice(head);
        self.look(&seam);
        self.look(piece);
        let end = if piece.len() < HASH { &seam } else { piece };
        self.tail = end[end.len().saturating_sub(HASH - 1)..].to_vec();
    }

    /// What was found; what comes next has nothing to do with what came before.
    pub(super) fn finish(self) -> BTreeSet<usize> {
        self.found
    }

    fn look(&mut self, bytes: &[u8]) {
        let mut at = 0;
        // How many characters from `at` on are known to be of a hash.
        let mut known = 0;
        while let Some(window) = bytes.get(at..at + HASH) {
            if let Some(other) = window[known..].iter().rposition(|&byte| !is_hash_character(byte)) {
                let other = known + other;
                known = HASH - 1 - other;
                at += other + 1;
                continue;
            }
            if let Ok(hash) = <&Hash>::try_from(window) {
                self.found.extend(self.store.with_hash(hash));
            }
            known = HASH - 1;
            at += 1;
        }
    }
}

/// The paths that a file refers to: by its content, its target or its name.
///
/// # Errors
/// If it cannot be read, or is little but holes.
pub(super) fn references(rootfs: &Rootfs, store: &Store, file: NodeId) -> io::Result<BTreeSet<usize>> {
    let tree = &rootfs.tree;
    let mut scanner = Scanner::new(store);
    scanner.feed(tree.name(file));
    scanner.feed(b"\n");
    match &tree.inode(file).kind {
        Kind::Symlink(target) => scanner.feed(target),
        Kind::File(_) if rootfs.is_hollow(file) => return Err(io::ErrorKind::InvalidData.into()),
        Kind::File(_) => rootfs.read_pieces(file, 0, tree.inode(file).size(), |piece| scanner.feed(piece))?,
        _ => {}
    }
    Ok(scanner.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rootfs::Builder;
    use proptest::prelude::*;

    const ONE: &str = "0123456789abcdfghijklmnpqrsvwxyz";
    const TWO: &str = "123456789abcdfghijklmnpqrsvwxyz0";

    fn store() -> Store {
        let path = |hash: &str| format!("/nix/store/{hash}-x");
        Store::of(&Builder::new().file(&path(ONE), b"").file(&path(TWO), b"").build().tree)
    }

    fn found(store: &Store, pieces: &[&[u8]]) -> Vec<usize> {
        let mut scanner = Scanner::new(store);
        pieces.iter().for_each(|piece| scanner.feed(piece));
        scanner.finish().into_iter().collect()
    }

    #[test]
    fn hashes_are_found_wherever_they_stand() {
        let store = store();
        assert_eq!(found(&store, &[ONE.as_bytes()]), [0]);
        assert_eq!(found(&store, &[format!("aaa{ONE}0\0").as_bytes()]), [0, 1]);
        assert_eq!(found(&store, &[format!("/nix/store/{TWO}-x/lib").as_bytes()]), [1]);
        assert_eq!(found(&store, &[&ONE.as_bytes()[..31], b"-"]), [0usize; 0]);
        assert_eq!(found(&store, &[ONE.to_uppercase().as_bytes()]), [0usize; 0]);
    }

    proptest! {
        #[test]
        fn pieces_make_no_difference(
            parts in prop::collection::vec(prop_oneof![
                Just(ONE.to_owned()), Just(TWO.to_owned()), "[a-z0-9/ ]{0,40}",
            ], 0..6),
            cuts in prop::collection::vec(1..40usize, 1..20),
        ) {
            let text = parts.concat();
            let store = store();
            let mut pieces = Vec::new();
            let mut rest = text.as_bytes();
            for cut in cuts.iter().cycle() {
                if rest.is_empty() {
                    break;
                }
                let (piece, after) = rest.split_at((*cut).min(rest.len()));
                pieces.push(piece);
                rest = after;
            }
            let plainly = [ONE, TWO].iter().enumerate().filter(|(_, hash)| text.contains(**hash)).map(|(at, _)| at);
            prop_assert_eq!(found(&store, &pieces), plainly.collect::<Vec<_>>());
        }
    }
}
