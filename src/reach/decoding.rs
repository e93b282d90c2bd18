//! Bytes of configuration as text.

use super::hole::HOLE;

/// The text of a file that says what starts. Paths are bytes: where a file is no UTF-8, what is none cannot be read, and the
/// rest can. It stands for itself, and for anything else, in a path.
pub(super) fn text(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            text.push(HOLE);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_utf_8_is_a_hole() {
        assert_eq!(text("a\u{fffd}é\n".as_bytes()), "a\u{fffd}é\n");
        assert_eq!(text(b"# caf\xe9\n/caf\xe9/x"), format!("# caf{HOLE}\n/caf{HOLE}/x"));
        assert_eq!(text(b"\xe9\xe9"), format!("{HOLE}{HOLE}"));
    }
}
