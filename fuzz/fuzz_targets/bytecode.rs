//! Any bytes as Python byte code.
#![no_main]

use bantam::reach::python::bytecode;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let _ = bytecode::is_bytecode(bytes);
    let _ = bytecode::read(bytes);
});
