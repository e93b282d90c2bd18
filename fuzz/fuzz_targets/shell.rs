//! Any bytes as a shell script, and as the first line of any script.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::shell::reader::read(bytes);
    let _ = bantam::reach::shell::shebang::Shebang::parse(bytes);
});
