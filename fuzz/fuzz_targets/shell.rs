//! Any bytes as a shell script.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::shell::reader::read(bytes);
});
