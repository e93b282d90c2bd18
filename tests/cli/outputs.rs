//! Every kind of output, read back.

use crate::archive::Image;
use crate::bench::{Bench, open};

fn bench() -> Bench {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    bench
}

#[test]
fn every_kind_of_output_holds_the_same_tree() {
    let bench = bench();
    bench.run("slim app.tar -o plain.tar").done();
    let expected = bench.tree("plain.tar");
    assert!(!expected.iter().any(|line| line.contains("/man1/app.1")), "{expected:#?}");
    let outputs = ["oci:layout", "oci:tagged:new", "docker-archive:docker.tar", "oci-archive:oci.tar"];
    for output in outputs {
        for compression in ["none", "gzip", "zstd"] {
            let place = output.replacen(':', &format!(":{compression}-"), 1);
            bench.run(&format!("slim app.tar -o {place} --compression {compression}")).done();
            assert_eq!(bench.tree(&place), expected, "{place}");
        }
    }
    for transport in ["docker-archive", "oci-archive"] {
        let image = open(&bench.path("."), &format!("{transport}:plain.tar"));
        assert_eq!(image.layers.len(), 1);
        assert_eq!(bench.tree(&format!("{transport}:plain.tar")), expected);
    }
}

#[test]
fn standard_output_gets_the_bytes_that_a_file_gets() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar").done();
    assert_eq!(bench.run("slim app.tar -o -").done().stdout, bench.bytes("out.tar"));
}

#[test]
fn nothing_removed_is_the_same_tree_in_one_layer() {
    let bench = bench();
    bench.run("slim app.tar --no-strip --no-prune -o out.tar").done();
    assert_eq!(bench.tree("out.tar"), bench.tree("app.tar"));
    assert_eq!(open(&bench.path("."), "out.tar").layers.len(), 1);
}

#[test]
fn the_config_is_carried_over_with_fields_that_nobody_knows() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar").done();
    let (before, after) = (open(&bench.path("."), "app.tar"), open(&bench.path("."), "out.tar"));
    assert_eq!(after.config["config"], before.config["config"]);
    assert_eq!(after.config["config"]["Vendor"], 7);
    let history = after.config["history"].as_array().unwrap();
    assert!(history[0]["created_by"].as_str().unwrap().starts_with("bantam slim"), "{history:?}");
    assert_eq!(after.tags, before.tags);
}

#[test]
fn two_runs_and_any_number_of_threads_give_the_same_bytes() {
    let bench = bench();
    for (name, threads) in [("a.tar", ""), ("b.tar", ""), ("c.tar", "--threads 1"), ("d.tar", "--threads 4")] {
        bench.run(&format!("slim app.tar -o {name} --compression gzip {threads}")).done();
    }
    for other in ["b.tar", "c.tar", "d.tar"] {
        assert!(bench.bytes("a.tar") == bench.bytes(other), "{other}");
    }
}

#[test]
fn an_output_that_is_the_input_is_refused() {
    let bench = bench();
    let before = bench.bytes("app.tar");
    std::os::unix::fs::symlink("app.tar", bench.path("link.tar")).unwrap();
    for output in ["app.tar", "./app.tar", "docker-archive:app.tar", "link.tar"] {
        let ended = bench.run(&format!("slim app.tar -o {output}"));
        assert!(matches!(ended.code, Some(1 | 2)), "{output}: {}", ended.stderr);
        assert_eq!(ended.stderr.lines().count(), 1, "{}", ended.stderr);
        assert!(bench.bytes("app.tar") == before, "{output}");
    }
}

#[test]
fn tags_name_the_new_image() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar --tag small:1 --tag small:2").done();
    assert_eq!(open(&bench.path("."), "docker-archive:out.tar").tags, ["small:1", "small:2"]);
}
