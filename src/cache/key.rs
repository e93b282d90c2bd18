//! What a result is found by.

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
}
