//! Every kind of output, read back.

use std::fs;
use std::os::unix::fs::{FileTypeExt, symlink};

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
    symlink("app.tar", bench.path("link.tar")).unwrap();
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

#[test]
fn files_beside_the_image_replace_neither_input_nor_one_another() {
    let bench = bench();
    fs::copy(bench.path("app.tar"), bench.path("copy.tar")).unwrap();
    Image::sample().oci().save_dir(bench.path("layout"));
    fs::write(bench.path("mine.toml"), "name = \"mine\"\ndescription = \"x\"\n").unwrap();
    symlink("app.tar", bench.path("link.html")).unwrap();
    symlink("nothing/there", bench.path("dangling")).unwrap();
    bench.run("slim app.tar -o oci:slim").done();
    let before = (bench.names(), bench.bytes("app.tar"), bench.bytes("slim/index.json"));
    for words in [
        "report app.tar --html app.tar",
        "report app.tar --html ./app.tar",
        "report app.tar --html link.html",
        "report app.tar --sbom spdx=app.tar",
        "report app.tar --sbom spdx=x --sbom cyclonedx=x",
        "report app.tar --sbom spdx=x --html ./x",
        "report app.tar --html dangling",
        "report app.tar --profile mine.toml --html mine.toml",
        "report layout --html layout/index.json",
        "slim layout -o x.tar --sbom spdx=layout/blobs/x",
        "slim app.tar --dry-run --html app.tar",
        "slim app.tar -o x.tar --html app.tar",
        "slim app.tar -o x.tar --html x.tar",
        "slim app.tar -o x.tar --sbom spdx=./x.tar",
        "slim app.tar -o dangling",
        "slim app.tar -o oci:slim --html slim/index.json",
        "slim app.tar -o oci:slim --html slim/new.html",
    ] {
        bench.run(words).refused(2, "");
        assert_eq!((bench.names(), bench.bytes("app.tar"), bench.bytes("slim/index.json")), before, "{words}");
    }
    bench.run("slim app.tar -o x.tar --html layout").refused(1, "layout");
    bench.run("report app.tar --html missing/x.html").refused(1, "there is no directory missing");
    // Beside one another, and over what is no input, they may go.
    bench.run("slim app.tar -o copy.tar --html x.html --sbom spdx=x.spdx --sbom cyclonedx=x.cdx").done();
    assert_ne!(bench.bytes("copy.tar"), before.1);
}

#[test]
fn standard_input_from_a_file_is_an_input_too() {
    let bench = bench();
    let before = bench.bytes("app.tar");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_bantam"));
    command.args(["slim", "-", "-o", "app.tar"]).current_dir(bench.path("."));
    let output = command.stdin(fs::File::open(bench.path("app.tar")).unwrap()).output().unwrap();
    assert_eq!(output.status.code(), Some(2), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(bench.bytes("app.tar") == before);
}

#[test]
fn pipes_are_written_to_and_links_stay_links() {
    let bench = bench();
    for words in ["report app.tar --html out", "report app.tar --sbom spdx=out", "slim app.tar -o out"] {
        let made = std::process::Command::new("mkfifo").arg(bench.path("out")).status().unwrap();
        assert!(made.success());
        let path = bench.path("out");
        let reader = std::thread::spawn(move || fs::read(path).unwrap());
        bench.run(words).done();
        assert!(fs::metadata(bench.path("out")).unwrap().file_type().is_fifo(), "{words}");
        assert!(reader.join().unwrap().len() > 1000, "{words}");
        fs::remove_file(bench.path("out")).unwrap();

        fs::write(bench.path("target"), "old").unwrap();
        symlink("target", bench.path("out")).unwrap();
        bench.run(words).done();
        assert!(fs::symlink_metadata(bench.path("out")).unwrap().is_symlink(), "{words}");
        assert!(bench.bytes("target").len() > 1000, "{words}");
        fs::remove_file(bench.path("out")).unwrap();
    }
}

#[test]
fn runs_that_add_to_one_layout_at_once_all_count() {
    let bench = bench();
    bench.run("slim app.tar -o oci:old:first").done();
    for layout in ["old", "new"] {
        std::thread::scope(|scope| {
            let run = |n: usize| {
                let bench = &bench;
                scope.spawn(move || bench.run(&format!("slim app.tar -o oci:{layout}:v{n} --level {n}")).done())
            };
            let runs: Vec<_> = (1..=8).map(run).collect();
            runs.into_iter().for_each(|run| drop(run.join().unwrap()));
        });
        let index: serde_json::Value = serde_json::from_slice(&bench.bytes(&format!("{layout}/index.json"))).unwrap();
        let names: Vec<_> =
            index["manifests"].as_array().unwrap().iter().map(|one| one["annotations"].to_string()).collect();
        for n in 1..=8 {
            assert!(names.iter().any(|name| name.contains(&format!("\"v{n}\""))), "v{n} in {layout}: {names:?}");
            assert_eq!(open(&bench.path("."), &format!("oci:{layout}:v{n}")).layers.len(), 1);
        }
    }
    assert_eq!(bench.names(), ["app.tar", "new", "old"]);
}
