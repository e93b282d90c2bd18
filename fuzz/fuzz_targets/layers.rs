//! Any bytes as a layer's tar: it is indexed and merged onto itself, or refused.
#![no_main]

use std::io::Write;
use std::sync::Arc;

use bantam::image::{Blob, Layer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let mut file = tempfile::tempfile().unwrap();
    file.write_all(bytes).unwrap();
    let blob = Blob::file(Arc::new(file), 0, bytes.len() as u64);
    if let Ok(layer) = Layer::from_tar(blob)
        && let Ok(merged) = bantam::rootfs::merge(&[layer.clone(), layer])
    {
        let tree = &merged.rootfs.tree;
        for node in tree.iter() {
            let mut start = Vec::new();
            let _ = merged.rootfs.read_prefix(node, 4096, &mut start);
        }
    }
});
