//! Words of strings that may be names of libraries, or parts that such names are put together from.

use super::strings::is_library;

/// Longer texts name none. In bytes.
const MAX_TEXT: usize = 64 << 10;
const LENGTHS: std::ops::RangeInclusive<usize> = 5..=128;

/// The words of a string that have `.so` in them, and the whole of it where it begins with `lib`: names, their beginnings
/// and ends, patterns. Folders in front are left out.
pub(in crate::reach) fn stems(text: &str) -> impl Iterator<Item = &str> {
    let file = |word: &'_ str| word.rfind('/').map_or(0, |slash| slash + 1);
    let file = move |word: &'_ str| -> std::ops::Range<usize> { file(word)..word.len() };
    let bounded = text.len() <= MAX_TEXT;
    let whole = Some(text).filter(|_| bounded).and_then(|text| text.get(file(text)));
    let whole = whole.filter(|name| name.starts_with("lib") && is_stem(name) && !name.contains(".so"));
    let has_names = bounded && memchr::memchr(b'.', text.as_bytes()).is_some() && text.contains(".so");
    // A colon stands between names, or in a conversion such as `{:d}`.
    let has_braces = memchr::memchr(b'{', text.as_bytes()).is_some();
    let ends = move |c: char| c.is_ascii_whitespace() || "=\"'`,;()<>|!".contains(c) || (c == ':' && !has_braces);
    let words = text.split(ends).take(if has_names { usize::MAX } else { 0 });
    let named = words.filter(|word| word.contains(".so")).filter_map(move |word| {
        let word = word.trim_end_matches('.');
        word.get(file(word))
    });
    whole.into_iter().chain(named.filter(|name| is_stem(name) && holds_so(name)))
}

/// Whether a text may be a part of a library's file name, with conversions or wildcards in it.
fn is_stem(text: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"_.+-@%{}:*?[]$#".contains(&b);
    LENGTHS.contains(&text.len()) && text.bytes().all(plain) && text.bytes().any(|b| b.is_ascii_alphabetic())
}

/// Whether `.so` in it ends a name, but for a version.
fn holds_so(text: &str) -> bool {
    let ends = |rest: &str| !rest.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_');
    is_library(text) || text.match_indices(".so").any(|(at, so)| text.get(at + so.len()..).is_some_and(ends))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_their_parts() {
        let found = |text: &'static str| stems(text).collect::<Vec<_>>();
        assert_eq!(found("libcudnn_cnn.so"), ["libcudnn_cnn.so"]);
        assert_eq!(found("/usr/local/cuda/lib64/libnvrtc.so.12"), ["libnvrtc.so.12"]);
        assert_eq!(found("libcudnn_"), ["libcudnn_"]);
        assert_eq!(found("%s/lib%s_cuda%d.so"), ["lib%s_cuda%d.so"]);
        assert_eq!(found("libx{:d}.so.{}"), ["libx{:d}.so.{}"]);
        assert_eq!(found("liba.so:libb.so.2"), ["liba.so", "libb.so.2"]);
        assert_eq!(found("_avx2.so"), ["_avx2.so"]);
        assert_eq!(found("Could not load liba.so.1. Try 'libb.so', libc"), ["liba.so.1", "libb.so"]);
        for text in ["libc and more", "https://x.y/a.something", "liberal arts", ".so", "a.sock", "lib"] {
            assert!(found(text).is_empty(), "{text}");
        }
    }
}
