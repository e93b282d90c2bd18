//! Any bytes as a zip file of code, and as a program with PyInstaller's archive behind it.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bantam::reach::bundle::zipped::read(bytes);
    let _ = bantam::reach::bundle::carchive::read(bytes);
});
