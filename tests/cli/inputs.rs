//! Every form of the same image gives the same tree.

use crate::archive::{Image, Layer, gzip, sha256};
use crate::bench::Bench;

/// Every form, slimmed with nothing removed, holds the same tree.
#[test]
fn every_kind_of_input_is_read() {
    let bench = Bench::new();
    let image = Image::sample();
    image.docker().save(bench.path("docker.tar"));
    image.old_docker().save(bench.path("old.tar"));
    image.oci().save_dir(bench.path("layout"));
    image.oci_gzip().save(bench.path("oci.tar"));
    std::fs::write(bench.path("docker.tar.gz"), gzip(&image.docker().tar())).unwrap();
    let expected = bench.tree("docker.tar");
    assert!(expected.iter().any(|line| line.starts_with("/app/data \"new\"")), "{expected:#?}");
    let inputs = [
        "docker.tar",
        "old.tar",
        "layout",
        "oci.tar",
        "docker.tar.gz",
        "docker-archive:docker.tar",
        "docker-archive:docker.tar:app:1",
        "docker-archive:old.tar",
        "oci-archive:docker.tar",
        "oci-archive:oci.tar:app:1",
        "oci:layout",
        "oci:layout:app:1",
    ];
    for (number, input) in inputs.iter().enumerate() {
        bench.run(&format!("slim {input} --no-strip --no-prune -o out{number}.tar")).done();
        assert_eq!(bench.tree(&format!("out{number}.tar")), expected, "{input}");
    }
}

#[test]
fn standard_input_is_read_plain_and_compressed() {
    let bench = Bench::new();
    let archive = Image::sample().docker();
    archive.save(bench.path("app.tar"));
    bench.run("slim app.tar -o file.tar").done();
    bench.run_with_stdin("slim - -o piped.tar", archive.tar()).done();
    bench.run_with_stdin("slim - -o unpacked.tar", gzip(&archive.tar())).done();
    assert_eq!(bench.bytes("piped.tar"), bench.bytes("file.tar"));
    assert_eq!(bench.bytes("unpacked.tar"), bench.bytes("file.tar"));
}

#[test]
fn a_layer_that_is_a_link_to_another_counts_twice() {
    let bench = Bench::new();
    let one = Image::sample();
    let twice = Image::new([one.layers.clone(), one.layers[..1].to_vec()].concat());
    twice.old_docker().save(bench.path("old.tar"));
    twice.docker().save(bench.path("docker.tar"));
    let tree = bench.tree("old.tar");
    assert_eq!(tree, bench.tree("docker.tar"));
    assert!(tree.iter().any(|line| line.starts_with("/app/data \"old data\"")), "{tree:#?}");
    bench.run("slim old.tar -o out.tar").done();
}

#[test]
fn a_reference_chooses_among_images_and_an_ambiguous_one_lists_them() {
    let bench = Bench::new();
    let (one, mut two) = (Image::sample(), Image::sample());
    two.tag = "other:2".into();
    two.config["author"] = "somebody else".into();
    one.oci_with(&two).save_dir(bench.path("layout"));
    let ended = bench.run("slim oci:layout -o out.tar");
    ended.refused(1, "app:1");
    ended.refused(1, "other:2");
    bench.run("report oci:layout:nothing:3").refused(1, "other:2");
    let chosen = |name: &str| {
        let report = bench.run(&format!("report oci:layout:{name} --json")).done().json();
        report["image"]["config_digest"].as_str().unwrap().to_owned()
    };
    let expected = |image: &Image| format!("sha256:{}", sha256(image.config.to_string().as_bytes()));
    assert_eq!([chosen("app:1"), chosen("other:2")], [expected(&one), expected(&two)]);
}

#[test]
fn a_platform_chooses_among_several_and_an_ambiguous_one_lists_them() {
    let bench = Bench::new();
    Image::sample().for_platforms(["s390x", "riscv64"]).save_dir(bench.path("layout"));
    let ended = bench.run("report layout");
    ended.refused(1, "linux/s390x");
    ended.refused(1, "linux/riscv64");
    bench.run("report layout --platform linux/arm64").refused(1, "linux/s390x");
    let chosen = bench.run("report layout --platform linux/riscv64 --json").done().json();
    assert_eq!(chosen["image"]["platform"], "linux/riscv64");
}

/// What lies beside an image is none of its files, whatever the image says.
#[test]
fn a_directory_is_read_inside_itself() {
    let bench = Bench::new();
    std::fs::write(bench.path("secret.json"), r#"{"os": "linux", "config": {"Env": ["TOKEN=secret"]}}"#).unwrap();
    let absolute = bench.path("secret.json");
    for config in ["../secret.json", absolute.to_str().unwrap(), "x/../../secret.json", "link.json", "up/secret.json"] {
        let dir = bench.path("image");
        std::fs::create_dir_all(dir.join("x")).unwrap();
        let manifest = serde_json::json!([{"Config": config, "RepoTags": ["app:1"], "Layers": []}]);
        std::fs::write(dir.join("manifest.json"), manifest.to_string()).unwrap();
        std::os::unix::fs::symlink("../secret.json", dir.join("link.json")).unwrap();
        std::os::unix::fs::symlink("..", dir.join("up")).unwrap();
        bench.run("slim image -o out.tar").refused(1, "image: ");
        bench.run("report image --json").refused(1, config);
        assert_eq!(bench.names(), ["image", "secret.json"]);
        std::fs::remove_dir_all(dir).unwrap();
    }
    Image::sample().oci().save_dir(bench.path("layout"));
    std::fs::rename(bench.path("layout/blobs"), bench.path("elsewhere")).unwrap();
    std::os::unix::fs::symlink("../elsewhere", bench.path("layout/blobs")).unwrap();
    bench.run("report layout").refused(1, "a link leads out of the directory");
    // A link that stays inside is as good as a file.
    std::fs::remove_file(bench.path("layout/blobs")).unwrap();
    std::fs::rename(bench.path("elsewhere"), bench.path("layout/elsewhere")).unwrap();
    std::os::unix::fs::symlink("elsewhere", bench.path("layout/blobs")).unwrap();
    bench.run("report layout").done();
}

#[test]
fn a_file_that_cannot_be_read_any_more_ends_the_run_and_is_named() {
    let bench = Bench::new();
    let script = format!("#!/bin/sh\n{}", "true\n".repeat(200_000));
    let layer = Layer::new().file_with_mode("app/run", 0o755, script).file_with_mode("app/tool", 0o755, "#!/bin/sh\n");
    Image::new(vec![layer.tar()]).docker().save(bench.path("app.tar"));
    let image = crate::bench::open(&bench.path("."), "app.tar");
    let file = std::fs::File::options().write(true).open(bench.path("app.tar")).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    let error = bantam::analyse(image, &bantam::analysis::Choices::default()).map(|_| ()).unwrap_err().to_string();
    assert!(error.contains("app.tar: /app/run cannot be read any more: "), "{error}");
}
