//! Serial numbers that depend on nothing but the content: the same bill, the same number.

use sha2::{Digest, Sha256};

/// A UUID of version 8 (RFC 9562, section 5.8) from the hash of `content`.
pub(super) fn uuid(content: &[u8]) -> String {
    let mut bytes = [0; 16];
    bytes.iter_mut().zip(Sha256::digest(content)).for_each(|(to, from)| *to = from);
    bytes[6] = bytes[6] & 0x0f | 0x80;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    let hex = data_encoding::HEXLOWER.encode(&bytes);
    let groups = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    groups.map(|(from, to)| hex.get(from..to).unwrap_or_default()).join("-")
}

#[cfg(test)]
mod tests {
    #[test]
    fn has_the_form_of_a_uuid_and_follows_the_content() {
        let uuid = super::uuid(b"");
        assert_eq!(uuid, "e3b0c442-98fc-8c14-9afb-f4c8996fb924");
        assert_ne!(uuid, super::uuid(b"x"));
    }
}
