//! What a tar is read from.

use std::io;

/// A source of bytes that can be read and skipped.
pub trait TarInput {
    /// Fills `buf`; fewer bytes mean that the input ends there.
    fn fill(&mut self, buf: &mut [u8]) -> io::Result<usize>;
    /// Passes over `count` bytes, or as many as there are; says how many.
    fn skip(&mut self, count: u64) -> io::Result<u64>;
    /// How many bytes have been read or skipped.
    fn position(&self) -> u64;
}
