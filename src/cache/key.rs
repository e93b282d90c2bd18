//! What a result is found by.

use std::io;

use crate::pieces;

/// What an entry is found by: a BLAKE3 digest of its kind and of what it was made from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Key(pub(super) [u8; 32]);

impl Key {
    /// The key of an entry of this `kind` that was made from these bytes.
    pub fn new(kind: &str, bytes: &[u8]) -> Self {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(kind.len() as u64).to_le_bytes()).update(kind.as_bytes()).update(bytes);
        Self(*hasher.finalize().as_bytes())
    }

    /// The same, of `size` bytes that `read` reads from an offset on.
    ///
    /// # Errors
    /// Those of `read`.
    pub fn of(kind: &str, size: u64, read: impl Fn(u64, &mut [u8]) -> io::Result<()>) -> io::Result<Self> {
        let mut hasher = blake3::Hasher::new();
        hasher.update(&(kind.len() as u64).to_le_bytes()).update(kind.as_bytes());
        let take = |piece: &[u8]| {
            hasher.update(piece);
            Ok(())
        };
        pieces::each(0..size, read, take)?;
        Ok(Self(*hasher.finalize().as_bytes()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PIECE: usize = 256 << 10;

    #[test]
    fn bytes_that_are_read_in_pieces_have_the_key_of_the_whole() {
        let bytes: Vec<u8> = (0..PIECE * 2 + 7).map(|at| at as u8).collect();
        for bytes in [&bytes[..], &bytes[..PIECE], &bytes[..3], &[]] {
            let read = |at: u64, out: &mut [u8]| {
                out.copy_from_slice(&bytes[at as usize..at as usize + out.len()]);
                Ok(())
            };
            assert_eq!(Key::of("elf", bytes.len() as u64, read).unwrap(), Key::new("elf", bytes));
        }
        assert!(Key::of("elf", 1, |_, _| Err(io::ErrorKind::UnexpectedEof.into())).is_err());
    }
}
