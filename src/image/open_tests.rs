use super::*;

/// Times opening and merging: `BANTAM_TIME_IMAGE=app.tar cargo test --release -- --ignored --nocapture time_of_opening`.
#[test]
#[ignore = "needs an image of one's own"]
fn time_of_opening_and_merging() {
    let reference = Reference::parse(&std::env::var("BANTAM_TIME_IMAGE").unwrap()).unwrap();
    for _ in 0..3 {
        let start = std::time::Instant::now();
        let image = open(&reference, &OpenOptions::default()).unwrap();
        let opened = start.elapsed();
        let merged = crate::rootfs::merge(&image.layers).unwrap();
        let accounting = &merged.accounting;
        println!(
            "open {opened:?} merge {:?}: {} layers, {} names, {} bytes, {} superseded, tags {:?}",
            start.elapsed() - opened,
            image.layers.len(),
            merged.rootfs.tree.iter().count(),
            accounting.bytes(),
            accounting.superseded_bytes(),
            image.tags
        );
    }
}
