//! Any bytes as the loader's cache.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::elf::ldcache::parse(bytes);
});
