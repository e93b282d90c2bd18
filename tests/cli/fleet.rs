//! `slim --from`: each image of a list once, whoever makes it; what is there already is left alone, and one failure stops nothing.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use crate::archive::{Image, Layer};
use crate::bench::{Bench, Ended};
use crate::doubts::doubtful;
use crate::registry_server::{Fault, Registry};

/// An image unlike the others.
fn image(number: usize) -> Image {
    let own = Layer::new().file("app/own", format!("image {number}")).tar();
    Image::new([Image::sample().layers, vec![own]].concat())
}

/// A registry with so many images, and a list of them.
fn fleet(bench: &Bench, count: usize) -> Registry {
    let registry = Registry::start();
    let mut list = String::from("# images\n\n");
    for number in 0..count {
        let repository = format!("team/app{number}");
        registry.keep(&repository, "1", &image(number).oci_gzip());
        list.push_str(&format!("{}\n", registry.image(&format!("{repository}:1"))));
    }
    std::fs::write(bench.path("images.txt"), list).unwrap();
    registry
}

fn lines(ended: &Ended) -> Vec<Value> {
    ended.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[track_caller]
fn assert_valid(document: &Value, schema: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(schema);
    let schema: Value = serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap();
    let validator = jsonschema::validator_for(&schema).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?} in {document}");
    // The schema is really applied.
    assert!(!validator.is_valid(&serde_json::json!({"schema": document["schema"]})));
}

fn statuses(ended: &Ended) -> Vec<String> {
    lines(ended).iter().map(|line| line["status"].as_str().unwrap().to_owned()).collect()
}

/// What the registry has under the new names: repository and manifest.
fn slimmed(registry: &Registry) -> Vec<(String, Vec<u8>)> {
    let state = registry.state();
    let named = state.manifests.iter().filter(|((_, reference), _)| reference == "1-slim");
    named.map(|((repository, _), (_, bytes))| (repository.clone(), bytes.clone())).collect()
}

const SLIM: &str = "slim --from images.txt -o {repo}:{tag}-slim";

#[test]
fn what_is_there_is_skipped_and_no_layer_is_read() {
    let bench = Bench::new();
    let registry = fleet(&bench, 3);
    let first = bench.run(SLIM).done();
    assert_eq!(statuses(&first), ["slimmed"; 3]);
    let there = slimmed(&registry);
    assert_eq!(there.len(), 3);
    registry.state().seen.clear();
    let second = bench.run(SLIM).done();
    assert_eq!(statuses(&second), ["skipped"; 3]);
    let layers: BTreeSet<String> = lines(&first)
        .iter()
        .flat_map(|line| [&line["before"], &line["after"]].map(|side| side["blobs"].as_array().unwrap().clone()))
        .flat_map(|blobs| blobs.into_iter().skip(2))
        .map(|blob| blob["digest"].as_str().unwrap().to_owned())
        .collect();
    assert!(layers.len() > 3);
    let seen = registry.state().seen.clone();
    assert!(seen.iter().all(|request| matches!(request.method.as_str(), "GET" | "HEAD")), "nothing is written");
    assert!(!seen.iter().any(|request| layers.iter().any(|layer| request.path.contains(layer.as_str()))));
    assert_eq!(slimmed(&registry), there);
    lines(&first).iter().chain(&lines(&second)).for_each(|line| assert_valid(line, "bantam-fleet-1.schema.json"));
    // What both say of where the images are is the same.
    let sides = |ended: &Ended| -> Vec<_> {
        lines(ended).iter().map(|line| (line["before"].clone(), line["after"].clone())).collect()
    };
    assert_eq!(sides(&first), sides(&second));
}

#[test]
fn another_original_other_options_and_another_image_under_the_name_are_made_anew() {
    let bench = Bench::new();
    let registry = fleet(&bench, 2);
    bench.run(SLIM).done();
    registry.keep("team/app1", "1", &image(7).oci_gzip());
    assert_eq!(statuses(&bench.run(SLIM).done()), ["skipped", "slimmed"]);
    assert_eq!(statuses(&bench.run(&format!("{SLIM} --keep /app/own")).done()), ["slimmed", "slimmed"]);
    assert_eq!(statuses(&bench.run(&format!("{SLIM} --keep /app/own --level 9")).done()), ["slimmed", "slimmed"]);
    assert_eq!(statuses(&bench.run(&format!("{SLIM} --keep /app/own --level 9")).done()), ["skipped", "skipped"]);
    registry.keep("team/app0", "1-slim", &image(0).oci_gzip());
    assert_eq!(statuses(&bench.run(&format!("{SLIM} --keep /app/own --level 9")).done()), ["slimmed", "skipped"]);
}

#[test]
fn one_failure_stops_nothing_and_the_status_tells() {
    let bench = Bench::new();
    let registry = fleet(&bench, 3);
    registry.fail("GET", "team/app1/manifests/1", 9, Fault::Status(404, Vec::new()));
    let ended = bench.run(SLIM);
    assert_eq!(ended.code, Some(5), "{}", ended.stderr);
    assert_eq!(statuses(&ended), ["slimmed", "failed", "slimmed"]);
    let failed = &lines(&ended)[1];
    assert_valid(failed, "bantam-fleet-1.schema.json");
    assert!(failed["error"].as_str().unwrap().contains("app1"), "{failed}");
    assert!(ended.stderr.contains("2 images slimmed, 0 there already, 1 failed"), "{}", ended.stderr);
    registry.state().faults.clear();
    assert_eq!(statuses(&bench.run(SLIM).done()), ["skipped", "slimmed", "skipped"]);
}

#[test]
fn parts_make_each_image_once_and_the_same_as_one_process() {
    let bench = Bench::new();
    let registry = fleet(&bench, 5);
    bench.run(SLIM).done();
    let alone = slimmed(&registry);
    registry.state().manifests.retain(|(_, reference), _| reference != "1-slim");
    let part = |environment: &[(&str, &str)]| bench.run_with(&format!("{SLIM} --of 2"), environment, Vec::new()).done();
    let (one, other) = (part(&[("JOB_COMPLETION_INDEX", "0")]), part(&[("SLURM_ARRAY_TASK_ID", "1")]));
    assert_eq!([statuses(&one).len(), statuses(&other).len()], [3, 2]);
    assert_eq!(slimmed(&registry), alone);
    // Alone and by its name, an image has the same manifest.
    registry.state().manifests.retain(|(_, reference), _| reference != "1-slim");
    let words = format!("slim {} -o {}", registry.image("team/app2:1"), registry.image("team/app2:1-slim"));
    bench.run(&words).done();
    assert_eq!(slimmed(&registry), [alone[2].clone()]);
    assert_eq!(statuses(&bench.run(SLIM).done()), ["slimmed", "slimmed", "skipped", "slimmed", "slimmed"]);
}

#[test]
fn lines_have_options_of_their_own_and_files_are_skipped_too() {
    let bench = Bench::new();
    for number in 0..4 {
        image(number).oci().save(bench.path(&format!("app{number}.tar")));
    }
    let list =
        "app0.tar oci:out:a\napp1.tar oci:out:b --strip '/app/own'\napp2.tar c.tar\napp3.tar docker-archive:d.tar\n";
    let run = || bench.run_with_stdin("slim --from - -q", list.into()).done();
    assert_eq!(statuses(&run()), ["slimmed"; 4]);
    let has = |image: &str| bench.tree(image).iter().any(|line| line.starts_with("/app/own "));
    assert!(has("oci:out:a") && !has("oci:out:b"));
    // A docker-archive has no manifest that could say what it was made from.
    assert_eq!(statuses(&run()), ["skipped", "skipped", "skipped", "slimmed"]);
    // A layer that is gone from a layout is not there.
    let layer = lines(&run())[0]["after"]["blobs"][2]["digest"].as_str().unwrap().replacen(':', "/", 1);
    std::fs::remove_file(bench.path("out/blobs").join(layer)).unwrap();
    assert_eq!(statuses(&run()), ["slimmed", "skipped", "skipped", "slimmed"]);
}

#[test]
fn a_list_that_makes_no_sense_is_refused_before_anything_is_done() {
    let bench = Bench::new();
    image(0).oci().save(bench.path("app.tar"));
    for (list, words) in [
        ("app.tar", "names no target"),
        ("app.tar a.tar\napp.tar a.tar", "standard input:2: a.tar is the target of line 1"),
        ("app.tar a.tar --nonsense", "--nonsense"),
        ("app.tar a.tar --platform all", "name one with --platform"),
    ] {
        let ended = bench.run_with_stdin("slim --from -", list.into());
        ended.refused(2, words);
    }
    bench.run_with_stdin("slim --from - --of 2", "app.tar a.tar".into()).refused(2, "--index");
    bench.run("slim --from nowhere.txt").refused(1, "nowhere.txt");
    assert_eq!(bench.names(), ["app.tar"]);
}

#[test]
fn with_strict_nothing_doubtful_is_written() {
    let bench = Bench::new();
    doubtful().docker().save(bench.path("doubtful.tar"));
    image(0).oci().save(bench.path("app.tar"));
    let list = "doubtful.tar oci:out:a\napp.tar oci:out:b";
    let ended = bench.run_with_stdin("slim --from - --strict", list.into());
    assert_eq!(
        (ended.code, statuses(&ended)),
        (Some(5), vec!["doubtful".into(), "slimmed".into()]),
        "{}",
        ended.stderr
    );
    assert!(lines(&ended)[0]["error"].as_str().unwrap().contains("--entry COMMAND"), "{}", ended.text());
    assert!(lines(&ended)[0]["after"].is_null());
}

#[test]
fn a_summary_says_what_the_registry_has() {
    let bench = Bench::new();
    let registry = fleet(&bench, 3);
    let first = bench.run(SLIM).done();
    std::fs::write(bench.path("lines.json"), &first.stdout).unwrap();
    let summary = bench.run("summary lines.json --json --html page.html").done().json();
    assert_valid(&summary, "bantam-summary-1.schema.json");
    assert_eq!((&summary["totals"]["images"], &summary["totals"]["slimmed"]), (&3.into(), &3.into()));
    let total = |field: &str| -> u64 {
        lines(&first).iter().map(|line| line["report"][field]["bytes"].as_u64().unwrap()).sum()
    };
    assert_eq!(summary["totals"]["before"], total("original"));
    assert_eq!(summary["totals"]["after"], total("result"));
    // What the registry holds, each blob once, and manifests by their digest.
    let state = registry.state();
    let blobs: usize = state.blobs.values().map(Vec::len).sum();
    let by_digest: BTreeSet<&Vec<u8>> = state.manifests.values().map(|(_, bytes)| bytes).collect();
    let manifests: usize = by_digest.iter().map(|bytes| bytes.len()).sum();
    assert_eq!(summary["storage"]["together"], blobs + manifests);
    drop(state);
    assert!(bench.bytes("page.html").starts_with(b"<!DOCTYPE html>"));
    // Reports, each a file, named by a list.
    let report =
        |tag: usize| bench.run(&format!("report {} --json", registry.image(&format!("team/app{tag}:1")))).done();
    for number in 0..2 {
        std::fs::write(bench.path(&format!("r{number}.json")), report(number).stdout).unwrap();
    }
    let listed = bench.run_with_stdin("summary --from - --json", "r0.json\nr1.json\n".into()).done().json();
    assert_eq!((&listed["totals"]["reported"], &listed["storage"]["images"]), (&2.into(), &0.into()));
    let table = bench.run("summary r0.json lines.json --csv").done();
    assert_eq!(table.text().lines().count(), 5);
    bench.run("summary r0.json lines.json --markdown").done();
    bench.run("summary page.html").refused(1, "page.html: is no report");
    bench.run("summary r0.json --html r0.json").refused(2, "r0.json");
}

#[test]
fn growth_since_a_baseline_fails_and_says_which_package() {
    let bench = Bench::new();
    image(1).oci().save(bench.path("then.tar"));
    let more = Layer::new().file("app/more", vec![b'm'; 5000]).tar();
    Image::new([image(1).layers, vec![more]].concat()).oci().save(bench.path("now.tar"));
    std::fs::write(bench.path("then.json"), bench.run("report then.tar --json").done().stdout).unwrap();
    let same = bench.run("report then.tar --baseline then.json --fail-on-growth 0 --json").done().json();
    assert_eq!(
        (&same["growth"]["original"]["then"], &same["growth"]["packages"]),
        (&same["growth"]["original"]["now"], &serde_json::json!([]))
    );
    bench.run("report now.tar --baseline then.json --fail-on-growth 5000").done();
    let grown = bench.run("report now.tar --baseline then.json --fail-on-growth 4999 --markdown");
    assert_eq!(grown.code, Some(3), "{}", grown.stderr);
    assert!(
        grown.text().contains("**Since `then.tar`**") && grown.stderr.contains("5.0 kB larger"),
        "{}",
        grown.text()
    );
    let slim = bench.run("slim now.tar -o out.tar --baseline then.json --fail-on-growth 1kB");
    assert_eq!(slim.code, Some(3), "{}", slim.stderr);
    assert!(slim.stderr.contains("nothing was written") && !bench.names().contains(&"out.tar".to_owned()));
    bench.run("slim now.tar -o out.tar --baseline then.json --fail-on-growth 6kB").done();
    bench.run("report now.tar --baseline now.tar").refused(1, "now.tar");
    bench.run("report now.tar --fail-on-growth 1kB").refused(2, "--baseline");
}
