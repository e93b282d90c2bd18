//! Ranges of files, read piece by piece: no file has to fit into memory.

use std::io;
use std::ops::Range;

/// How much is read at once, in bytes.
const PIECE: usize = 256 << 10;

/// Gives what is in `range` to `take`, one piece after the other; `read` reads from an offset on, as many bytes as it is given.
///
/// # Errors
/// Those of `read` and `take`.
pub fn each(
    range: Range<u64>,
    read: impl Fn(u64, &mut [u8]) -> io::Result<()>,
    mut take: impl FnMut(&[u8]) -> io::Result<()>,
) -> io::Result<()> {
    let next = |at| usize::try_from(range.end.saturating_sub(at)).unwrap_or(PIECE).min(PIECE);
    let mut piece = vec![0; next(range.start)];
    let mut at = range.start;
    while at < range.end {
        let part = &mut piece[..next(at)];
        read(at, part)?;
        take(part)?;
        at += part.len() as u64;
    }
    Ok(())
}
