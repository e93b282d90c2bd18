//! Any bytes as a template or a configuration file, any text as a crontab.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::text::read(bytes);
    if let Ok(text) = std::str::from_utf8(bytes) {
        let _ = bantam::reach::crontab::read(text);
    }
});
