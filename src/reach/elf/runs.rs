//! Runs of text between other bytes.

use super::masks::{BLOCK, blocks, mask};
use super::object::{Object, Part};

/// Longer runs are looked at in parts. In bytes.
const MAX_RUN: usize = 4 << 20;

/// Shows every run of text of a part, its address, and whether it ends as a string of C's does.
pub(super) fn each_run(object: &Object, part: Part, mut look: impl FnMut(u64, &[u8], bool)) {
    // The end of a piece that the next one may go on with.
    let mut open: Vec<u8> = Vec::new();
    let mut start = part.address;
    object.pieces(part, 0, |address, piece| {
        let mut at = 0;
        if !open.is_empty() {
            at = piece.iter().position(|&b| !is_printable(b)).unwrap_or(piece.len());
            open.extend_from_slice(&piece[..at]);
            if at == piece.len() && open.len() < MAX_RUN {
                return;
            }
            if open.len() >= 2 {
                look(start, &open, piece.get(at).is_none_or(|&end| end == 0));
            }
            open.clear();
        }
        let end = piece.iter().rposition(|&b| !is_printable(b)).map_or(0, |last| last + 1).max(at);
        let (closed, rest) = piece.split_at(end);
        let base = address.wrapping_add(at as u64);
        runs(&closed[at..], |from, run| {
            let ends = closed.get(at + from + run.len()).is_none_or(|&end| end == 0);
            look(base.wrapping_add(from as u64), run, ends);
        });
        open.extend_from_slice(rest);
        start = address.wrapping_add(end as u64);
    });
    if open.len() >= 2 {
        look(start, &open, true);
    }
}

/// Printable ASCII, tabs and line ends.
fn is_printable(byte: u8) -> bool {
    (byte.wrapping_sub(b' ') <= b'~' - b' ') | (byte == b'\t') | (byte == b'\n') | (byte == b'\r')
}

/// Shows the runs of printable ASCII, tabs and line ends, of two bytes at least, and where they start.
pub(super) fn runs(bytes: &[u8], mut look: impl FnMut(usize, &[u8])) {
    let mut show = |start: usize, end: usize| {
        if end >= start + 2 {
            look(start, &bytes[start..end]);
        }
    };
    // Where the run began that the last block ended with.
    let mut open: Option<usize> = None;
    for (base, block) in blocks(bytes) {
        let text = mask(&block, is_printable);
        let mut left = text;
        if let Some(start) = open {
            let more = text.trailing_ones();
            if more as usize == BLOCK {
                continue;
            }
            open = None;
            show(start, base + more as usize);
            left &= u64::MAX << more;
        }
        // Single bytes are no runs, unless the next block goes on with them.
        left &= left << 1 | left >> 1 | 1 << (BLOCK - 1);
        while left != 0 {
            let start = left.trailing_zeros();
            let length = (left >> start).trailing_ones();
            if (start + length) as usize == BLOCK {
                open = Some(base + start as usize);
                break;
            }
            show(base + start as usize, base + (start + length) as usize);
            left &= u64::MAX << (start + length);
        }
    }
    if let Some(start) = open {
        show(start, bytes.len());
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
        let mut found = Vec::new();
        runs(bytes, |start, run| found.push((start, run.to_vec())));
        found
    }

    /// The same, a byte after the other.
    fn slowly(bytes: &[u8]) -> Vec<(usize, Vec<u8>)> {
        let mut found: Vec<(usize, Vec<u8>)> = Vec::new();
        let mut start = None;
        for (at, &byte) in bytes.iter().chain([&0]).enumerate() {
            if matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r') {
                start.get_or_insert(at);
            } else if let Some(start) = start.take() {
                found.push((start, bytes[start..at].to_vec()));
            }
        }
        found.retain(|(_, run)| run.len() >= 2);
        found
    }

    proptest! {
        #[test]
        fn no_run_is_lost(pieces in prop::collection::vec((0..150usize, 0..80usize, any::<u8>()), 0..12)) {
            let of = |&(text, other, byte): &(usize, usize, u8)| [vec![b'a'; text], vec![byte & 0x87; other]].concat();
            let bytes: Vec<u8> = pieces.iter().flat_map(of).collect();
            prop_assert_eq!(found(&bytes), slowly(&bytes));
        }

        #[test]
        fn whatever_the_bytes(bytes in prop::collection::vec(any::<u8>(), 0..400)) {
            prop_assert_eq!(found(&bytes), slowly(&bytes));
        }
    }

    #[test]
    fn every_byte_is_of_a_kind() {
        for byte in 0..=255 {
            assert_eq!(is_printable(byte), matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r'), "{byte}");
        }
    }
}
