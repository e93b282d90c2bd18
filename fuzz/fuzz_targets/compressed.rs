//! Any bytes as a compressed layer, and as an archive that is compressed as a whole.
#![no_main]

use std::io::Write;

use bantam::image::{OpenOptions, Reference, open};
use bantam_fuzz::{open_archive, sha256};

const MAGIC: [&[u8]; 3] = [b"\x1f\x8b\x08", b"\x28\xb5\x2f\xfd", b""];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&magic, content)) = bantam_fuzz::choose(&MAGIC, bytes) else { return };
    let layer = [magic, content].concat();
    let config = format!(r#"{{"rootfs":{{"diff_ids":["{}"]}}}}"#, sha256(&[0; 1024])).into_bytes();
    let config_name = format!("{}.json", &sha256(&config)[7..]);
    let list = format!(r#"[{{"Config":"{config_name}","Layers":["x/layer.tar"]}}]"#).into_bytes();
    let _ =
        open_archive([("manifest.json", &list[..]), (config_name.as_str(), &config[..]), ("x/layer.tar", &layer[..])]);
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(&layer).unwrap();
    let _ = open(&Reference::parse(&file.path().display().to_string()).unwrap(), &OpenOptions::default());
});
