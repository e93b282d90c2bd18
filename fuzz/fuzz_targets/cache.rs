//! Any bytes in a pack of the cache, at any place: what is damaged is absent.
#![no_main]

use std::fs;

use bantam::cache::{Cache, Key};

libfuzzer_sys::fuzz_target!(|input: (u16, bool, &[u8])| {
    let (at, whole, bytes) = input;
    let dir = tempfile::tempdir().unwrap();
    let key = || Key::new("kind", b"content");
    let value = vec!["word".to_owned(); 9];
    let cache = Cache::open(dir.path(), 1 << 20).unwrap();
    cache.put(key(), &value);
    cache.save().unwrap();
    let pack =
        fs::read_dir(dir.path()).unwrap().map(|entry| entry.unwrap().path()).find(|path| path.is_file()).unwrap();
    let mut content = fs::read(&pack).unwrap();
    if whole {
        content = bytes.to_vec();
    } else {
        let start = usize::from(at) % content.len();
        let end = (start + bytes.len()).min(content.len());
        content.splice(start..end, bytes.iter().copied());
    }
    fs::write(&pack, content).unwrap();
    let found = Cache::open(dir.path(), 1 << 20).unwrap().get::<Vec<String>>(&key());
    assert!(whole || found.is_none_or(|found| found == value));
});
