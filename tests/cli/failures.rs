//! What cannot be read gives one line on standard error, status 1 and no output.

use std::fs;

use crate::archive::{Image, Layer, gzip};
use crate::bench::Bench;

#[track_caller]
fn refused(bench: &Bench, input: &str, words: &str) {
    let before = bench.names();
    bench.run(&format!("slim {input} -o out.tar")).refused(1, words);
    bench.run(&format!("slim {input} -o oci:out")).refused(1, words);
    bench.run(&format!("report {input}")).refused(1, words);
    assert_eq!(bench.names(), before, "something was left behind");
}

#[test]
fn bad_archives_are_refused() {
    let bench = Bench::new();
    let good = Image::sample().docker().tar();
    let cases: [(&str, &[u8]); 5] = [
        ("in-a-header", &good[..100]),
        ("in-a-layer", &good[..good.len() / 2]),
        ("empty", b""),
        ("text", b"no image\n"),
        ("zeros", &[0; 4096]),
    ];
    for (name, content) in cases {
        fs::write(bench.path(name), content).unwrap();
        refused(&bench, name, name);
    }
}

#[test]
fn a_damaged_blob_is_named() {
    let bench = Bench::new();
    Image::sample().oci().damage().save(bench.path("oci.tar"));
    refused(&bench, "oci.tar", "sha256:");
    Image::sample().oci_gzip().damage().save_dir(bench.path("layout"));
    refused(&bench, "layout", "sha256:");
    Image::sample().old_docker().damage().save(bench.path("old.tar"));
    refused(&bench, "old.tar", "layer.tar");
}

#[test]
fn what_is_no_image_is_refused() {
    let bench = Bench::new();
    fs::create_dir(bench.path("folder")).unwrap();
    fs::write(bench.path("other.tar"), Layer::new().file("readme", "hello").tar()).unwrap();
    for input in ["folder", "other.tar", "docker-archive:folder", "oci:other.tar", "nothing-there.tar"] {
        let name = input.rsplit(':').next().unwrap();
        refused(&bench, input, name);
    }
}

#[test]
fn standard_input_that_ends_early_is_refused() {
    let bench = Bench::new();
    let good = Image::sample().docker().tar();
    bench.run_with_stdin("slim - -o out.tar", good[..good.len() / 2].to_vec()).refused(1, "");
    bench.run_with_stdin("slim - -o out.tar", Vec::new()).refused(1, "");
    assert!(bench.names().is_empty());
}

#[test]
fn an_output_that_cannot_be_written_is_refused() {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    bench.run("slim app.tar -o missing/folder/out.tar").refused(1, "missing/folder");
}

/// What no new image could hold is refused before anything is said about it.
#[test]
fn report_refuses_what_slim_refuses() {
    let bench = Bench::new();
    let whiteout = Layer::new().file("bin/.wh.x/y", "z").tar();
    let nameless = Layer::new().file_with_xattr("z", "", b"v", b"z").tar();
    for (name, layer, words) in [("folder", whiteout, "bin/.wh.x/y: "), ("attribute", nameless, "SCHILY.xattr.")] {
        let file = format!("{name}.tar");
        Image::new([Image::sample().layers, vec![layer]].concat()).docker().save(bench.path(&file));
        refused(&bench, &file, &file);
        refused(&bench, &file, words);
    }
    let mut image = Image::new(Vec::new());
    image.config = serde_json::json!([]);
    image.old_docker().save(bench.path("list.tar"));
    refused(&bench, "list.tar", "list.tar: ");
    refused(&bench, "list.tar", "is not a JSON object");
}

/// The message says which image, which layer and which entry.
#[test]
fn what_is_wrong_with_a_layer_is_said_with_the_image() {
    let bench = Bench::new();
    for (name, layer, entry) in [
        ("root", Layer::new().symlink("./", "etc").tar(), "/: the root can be nothing but a directory"),
        ("link", Layer::new().hard_link("p", "nothing").tar(), "p: hard link to nothing, which is not there"),
        ("whiteout", Layer::new().file("bin/.wh.", "").tar(), "bin/.wh.: a whiteout of nothing"),
    ] {
        let file = format!("{name}.tar");
        let image = Image::new([Image::sample().layers, vec![layer]].concat());
        image.docker().save(bench.path(&file));
        let digest = image.config["rootfs"]["diff_ids"][2].as_str().unwrap().to_owned();
        refused(&bench, &file, &format!("bantam: {file}: layer {digest}: {entry}"));
    }
    let good = Image::sample().oci();
    fs::write(bench.path("behind.tar.gz"), [&gzip(&good.tar())[..], b"more"].concat()).unwrap();
    refused(&bench, "behind.tar.gz", "something follows the compressed data");
}
