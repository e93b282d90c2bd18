//! BLAKE3 of file contents.

use std::io;

use super::tree::Content;
use crate::image::Blob;

/// How much is read at once.
const CHUNK: usize = 1 << 18;

/// BLAKE3 in hex of the content that lies in `layers`; none for files that are little but holes.
///
/// # Errors
/// If the layer cannot be read any more.
pub(super) fn blake3(layers: &[Blob], content: &Content) -> io::Result<Option<String>> {
    if content.is_hollow() {
        return Ok(None);
    }
    hash(layers, content).map(|hash| Some(hash.to_hex().to_string()))
}

fn hash(layers: &[Blob], content: &Content) -> io::Result<blake3::Hash> {
    let layer = layers.get(content.layer as usize).ok_or(io::ErrorKind::NotFound)?;
    let mut hasher = blake3::Hasher::new();
    let mut buffer = vec![0; CHUNK.min(usize::try_from(content.size).unwrap_or(CHUNK))];
    let mut at = 0;
    for segment in content.segments().iter() {
        zeros(&mut hasher, segment.start.min(content.size).saturating_sub(at));
        let end = segment.start.saturating_add(segment.len).min(content.size);
        let mut from = segment.start;
        while from < end {
            let want = buffer.len().min(usize::try_from(end - from).unwrap_or(usize::MAX));
            let Some(part) = buffer.get_mut(..want) else { break };
            layer.read_exact_at(part, segment.offset.saturating_add(from - segment.start))?;
            hasher.update(part);
            from += want as u64;
        }
        at = end.max(at);
    }
    zeros(&mut hasher, content.size.saturating_sub(at));
    Ok(hasher.finalize())
}

fn zeros(hasher: &mut blake3::Hasher, mut count: u64) {
    const ZEROS: [u8; 4096] = [0; 4096];
    while count > 0 {
        let part = count.min(ZEROS.len() as u64);
        hasher.update(ZEROS.get(..part as usize).unwrap_or_default());
        count -= part;
    }
}

#[cfg(test)]
mod tests {
    use crate::rootfs::{Builder, Kind, Segment};

    #[test]
    fn holes_count_as_zeros() {
        let mut rootfs =
            Builder::new().file("/plain", b"abc").file("/sparse", b"abc").symlink("/link", "plain").build();
        let plain = rootfs.tree.get("/plain").unwrap();
        assert_eq!(rootfs.blake3(plain).unwrap().unwrap(), blake3::hash(b"abc").to_hex().as_str());
        assert_eq!(rootfs.blake3(rootfs.tree.get("/link").unwrap()).unwrap(), None);
        let sparse = rootfs.tree.get("/sparse").unwrap();
        if let Kind::File(content) = &mut rootfs.tree.inode_mut(sparse).kind {
            content.sparse = Some([Segment { start: 5000, offset: 0, len: 3 }].into());
            content.size = 5010;
        }
        let bytes = [&[0; 5000][..], b"abc", &[0; 7]].concat();
        assert_eq!(rootfs.blake3(sparse).unwrap().unwrap(), blake3::hash(&bytes).to_hex().as_str());
        if let Kind::File(content) = &mut rootfs.tree.inode_mut(sparse).kind {
            content.size = u64::MAX;
        }
        assert_eq!(rootfs.blake3(sparse).unwrap(), None);
    }
}
