//! Bills of materials: valid, true to the image's own records, the same on every run.

use std::path::Path;

use serde_json::Value;

use crate::archive::{Image, Layer};
use crate::bench::Bench;

const SITE: &str = "usr/lib/python3.11/site-packages";

/// Two Debian packages and two distributions, of which the program needs one each, and names that want escaping.
fn image() -> Image {
    let status = "Package: used\nStatus: install ok installed\nArchitecture: amd64\nVersion: 1:2.0+b1\nSource: source (2.0)\n\n\
         Package: unused\nStatus: install ok installed\nArchitecture: amd64\nVersion: 3\n\n\
         Package: removed\nStatus: deinstall ok config-files\nArchitecture: amd64\nVersion: 4\n\n";
    let layer = Layer::new()
        .file("etc/os-release", "ID=debian\nVERSION_ID=\"12\"\nPRETTY_NAME=\"Debian \\\"12\\\"\"\n")
        .file_with_mode("app/run", 0o755, "#!/bin/sh\ncat /usr/share/used/data\n")
        .file_with_mode("bin/sh", 0o755, "x")
        .file("usr/share/used/data", "used")
        .file("usr/share/used/more", "more")
        .file("usr/share/unused/data", "unused")
        .file("var/lib/dpkg/status", status)
        .file("var/lib/dpkg/info/used.list", "/usr/share/used/data\n/usr/share/used/more\n")
        .file("var/lib/dpkg/info/unused.list", "/usr/share/unused/data\n")
        .file(&format!("{SITE}/six.py"), "")
        .file(&format!("{SITE}/odd \"name\".py"), "")
        .file(&format!("{SITE}/Six_X-1.dist-info/METADATA"), "Name: Six_X\nVersion: 1\n")
        .file(&format!("{SITE}/Six_X-1.dist-info/RECORD"), "six.py,,\n")
        .file(&format!("{SITE}/odd-1.dist-info/METADATA"), "Name: odd \"<name>\" \u{e9}\t/x\nVersion: 1\n")
        .file(&format!("{SITE}/odd-1.dist-info/RECORD"), "\"odd \"\"name\"\".py\",,\n");
    let mut image = Image::new(vec![layer.tar()]);
    image.config["config"]["Env"] = serde_json::json!([format!("DATA=/{SITE}/six.py"), "PATH=/bin"]);
    image
}

fn bench() -> Bench {
    let bench = Bench::new();
    image().docker().save(bench.path("app.tar"));
    bench
}

fn json(bench: &Bench, name: &str) -> Value {
    serde_json::from_slice(&bench.bytes(name)).unwrap()
}

fn schema(name: &str) -> Value {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/schemas").join(name);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

#[track_caller]
fn assert_valid(document: &Value, schema_name: &str) {
    let registry = jsonschema::Registry::new()
        .add("http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json", schema("cyclonedx-licenses.schema.json"))
        .and_then(|registry| {
            registry.add("http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json", schema("jsf-0.82.schema.json"))
        })
        .unwrap()
        .prepare()
        .unwrap();
    let options = jsonschema::options().with_registry(&registry).should_validate_formats(true);
    let validator = options.build(&schema(schema_name)).unwrap();
    let errors: Vec<String> =
        validator.iter_errors(document).map(|error| format!("{}: {error}", error.instance_path())).collect();
    assert!(errors.is_empty(), "{errors:#?}");
    // The schema is really applied.
    let mut broken = document.clone();
    broken.as_object_mut().unwrap().values_mut().for_each(|value| *value = Value::from(7));
    assert!(!validator.is_valid(&broken));
}

/// Package URLs of a CycloneDX document's components.
fn purls(document: &Value) -> Vec<String> {
    let parts = document["components"].as_array().unwrap().iter();
    parts.filter_map(|part| part["purl"].as_str().map(Into::into)).collect()
}

/// The same of an SPDX document, without the image's own.
fn spdx_purls(document: &Value) -> Vec<String> {
    let parts = document["packages"].as_array().unwrap().iter().skip(1);
    let references = parts.flat_map(|part| part["externalRefs"].as_array().into_iter().flatten().cloned());
    references
        .filter(|reference| reference["referenceType"] == "purl")
        .map(|reference| reference["referenceLocator"].as_str().unwrap().to_owned())
        .collect()
}

#[test]
fn both_formats_are_valid_and_list_the_same_packages() {
    let bench = bench();
    bench.run("report app.tar --sbom cyclonedx=c.json --sbom spdx=s.json").done();
    let (cyclonedx, spdx) = (json(&bench, "c.json"), json(&bench, "s.json"));
    assert_valid(&cyclonedx, "cyclonedx-1.5.schema.json");
    assert_valid(&spdx, "spdx-2.3.schema.json");
    let want = [
        "pkg:deb/debian/unused@3?arch=amd64&distro=debian-12",
        "pkg:deb/debian/used@1:2.0%2Bb1?arch=amd64&distro=debian-12&upstream=source%402.0",
        "pkg:pypi/six-x@1",
    ];
    let found = purls(&cyclonedx);
    assert!(want.iter().all(|purl| found.contains(&(*purl).to_owned())), "{found:?}");
    assert_eq!(found.len(), 4, "{found:?}");
    assert_eq!(spdx_purls(&spdx), found);
    assert_eq!(cyclonedx["metadata"]["timestamp"], "2020-09-13T12:26:40Z");
    assert_eq!(spdx["creationInfo"]["created"], "2020-09-13T12:26:40Z");
    assert_eq!(cyclonedx["metadata"]["component"]["name"], "app");
}

#[test]
fn the_bill_of_the_slimmed_image_says_what_its_own_records_say() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar --sbom cyclonedx=c.json --sbom spdx=s.json").done();
    let (slimmed, spdx) = (json(&bench, "c.json"), json(&bench, "s.json"));
    assert_valid(&slimmed, "cyclonedx-1.5.schema.json");
    assert_valid(&spdx, "spdx-2.3.schema.json");
    bench.run("report out.tar --no-prune --sbom cyclonedx=again.json").done();
    let again = json(&bench, "again.json");
    assert_eq!(slimmed["components"], again["components"]);
    let image_id = |document: &Value| document["metadata"]["component"]["properties"][0].clone();
    assert_eq!(image_id(&slimmed), image_id(&again));
    let found = purls(&slimmed);
    assert!(found.iter().any(|purl| purl.starts_with("pkg:deb/debian/used@")), "{found:?}");
    assert!(found.contains(&"pkg:pypi/six-x@1".to_owned()), "{found:?}");
    assert_eq!(found.len(), 2, "{found:?}");
    assert_eq!(spdx_purls(&spdx), found);
}

#[test]
fn the_same_bytes_on_every_run() {
    let bench = bench();
    for (words, name) in [("slim app.tar -o out.tar", "slim"), ("report app.tar", "report")] {
        for (threads, run) in [(1, "a"), (4, "b")] {
            let words =
                format!("{words} --threads {threads} --sbom cyclonedx={name}-{run}.cdx --sbom spdx={name}-{run}.spdx");
            bench.run(&words).done();
        }
        for format in ["cdx", "spdx"] {
            let bytes = |run: &str| bench.bytes(&format!("{name}-{run}.{format}"));
            assert_eq!(bytes("a"), bytes("b"), "{name} {format}");
        }
    }
    assert_ne!(json(&bench, "slim-a.cdx")["serialNumber"], json(&bench, "report-a.cdx")["serialNumber"]);
}

#[test]
fn a_bill_that_cannot_be_written_is_an_error_before_any_work() {
    let bench = bench();
    bench.run("slim app.tar -o out.tar --sbom spdx=missing/s.json").refused(1, "missing/s.json");
    bench.run("report app.tar --sbom spdx=.").refused(1, "cannot write");
    bench.run("slim app.tar -o out.tar --sbom swid=x").refused(2, "cyclonedx=FILE");
    bench.run("slim app.tar --dry-run --sbom spdx=s.json").refused(2, "--sbom");
    assert_eq!(bench.names(), ["app.tar"]);
}
