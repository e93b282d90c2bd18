//! Which bytes of a block are of a kind, as the bits of a number: most bytes of large files are passed over, 64 at a time.

/// How many bytes a block has.
pub(super) const BLOCK: usize = 64;

/// The blocks that bytes consist of, and where they start; NULs fill up the last one.
pub(super) fn blocks(bytes: &[u8]) -> impl Iterator<Item = (usize, [u8; BLOCK])> {
    let (whole, rest) = bytes.as_chunks::<BLOCK>();
    let last = (!rest.is_empty()).then(|| {
        let mut block = [0; BLOCK];
        block[..rest.len()].copy_from_slice(rest);
        block
    });
    whole.iter().copied().chain(last).enumerate().map(|(index, block)| (index * BLOCK, block))
}

/// Bit i says what `is` says of byte i. `is` is to have no branches: compilers look at many bytes at once then.
#[inline(always)]
pub(super) fn mask(block: &[u8; BLOCK], is: impl Fn(u8) -> bool) -> u64 {
    let mut flags = [0; BLOCK];
    for (flag, &byte) in flags.iter_mut().zip(block) {
        *flag = u8::from(is(byte));
    }
    // Eight bytes of 0 or 1 to eight bits: the product has byte i as bit 56 + i (Warren, Hacker's Delight, 7-4).
    let eight = |word: [u8; 8]| u64::from_le_bytes(word).wrapping_mul(0x0102_0408_1020_4080) >> 56;
    flags.as_chunks::<8>().0.iter().enumerate().fold(0, |bits, (index, &word)| bits | eight(word) << (index * 8))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bit_for_each_byte() {
        let bytes: Vec<u8> = (0..200u8).map(|byte| byte.wrapping_mul(37)).collect();
        let mut seen = 0;
        for (start, block) in blocks(&bytes) {
            let bits = mask(&block, |byte| byte % 3 == 1);
            for at in 0..BLOCK {
                let byte = bytes.get(start + at).copied().unwrap_or(0);
                assert_eq!(bits >> at & 1 == 1, byte % 3 == 1, "{start} + {at}");
                seen += 1;
            }
        }
        assert_eq!(seen, 256);
        assert_eq!(blocks(b"").count(), 0);
    }
}
