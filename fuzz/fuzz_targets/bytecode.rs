//! Any bytes as Python byte code, and as an archive of it.
#![no_main]

use bantam::reach::bundle::{carchive, zipped};
use bantam::reach::python::bytecode;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bytecode::is_bytecode(bytes);
    let _ = bytecode::read(bytes);
    let _ = zipped::read(bytes);
    let _ = carchive::read(bytes);
});
