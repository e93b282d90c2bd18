//! Several platforms: an index goes in, an index comes out. And what is attached to images.

use serde_json::{Value, json};

use crate::archive::{Files, Image, sha256};
use crate::bench::{Bench, open};
use crate::registry_server::{Fault, Login, Registry};

const INDEX: &str = "application/vnd.oci.image.index.v1+json";
const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const NAME: &str = "org.opencontainers.image.ref.name";

fn for_architecture(architecture: &str) -> Image {
    let mut image = Image::sample();
    image.config["architecture"] = architecture.into();
    image.config["author"] = format!("for {architecture}").into();
    image
}

/// An index as BuildKit writes it: images with annotations, an attestation for each.
fn index(files: &mut Files) -> Value {
    let mut manifests = Vec::new();
    for architecture in ["arm64", "amd64", "s390x"] {
        let layer = |tar: &[u8]| ("application/vnd.oci.image.layer.v1.tar".to_owned(), tar.to_vec());
        let mut image = for_architecture(architecture).add_to(files, layer);
        image["platform"] = json!({"os": "linux", "architecture": architecture});
        image["annotations"] = json!({"of": architecture});
        manifests.push(image);
    }
    for image in manifests.clone() {
        let statement = files.blob("application/vnd.in-toto+json", image.to_string().as_bytes());
        let config = files.blob("application/vnd.oci.image.config.v1+json", b"{\"os\":\"unknown\"}");
        let attestation = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement]});
        let mut attestation = files.blob(MANIFEST, attestation.to_string().as_bytes());
        attestation["platform"] = json!({"os": "unknown", "architecture": "unknown"});
        attestation["annotations"] = json!({"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]});
        manifests.push(attestation);
    }
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": {"team": "x"}});
    files.blob(INDEX, index.to_string().as_bytes())
}

fn layout() -> (Files, String) {
    let mut files = Files::default();
    let mut top = index(&mut files);
    let digest = top["digest"].as_str().unwrap().to_owned();
    top["annotations"] = json!({NAME: "v1", "io.containerd.image.name": "r.example/team/app:v1"});
    files.layout(&[top]);
    (files, digest)
}

/// What the index says and what it leads to, given what gets at a blob.
#[track_caller]
fn is_slimmed(bench: &Bench, index: &Value, original: &str, architectures: &[&str], get: impl Fn(&str) -> Value) {
    assert_eq!((&index["mediaType"], &index["annotations"]["team"]), (&json!(INDEX), &json!("x")));
    assert_eq!(index["annotations"]["org.opencontainers.image.base.digest"], original);
    let manifests = index["manifests"].as_array().unwrap();
    let listed: Vec<_> = manifests.iter().map(|one| one["platform"]["architecture"].as_str().unwrap()).collect();
    assert_eq!(listed, architectures);
    for (one, architecture) in manifests.iter().zip(architectures) {
        assert_eq!(one["annotations"], json!({"of": architecture}));
        let manifest = get(one["digest"].as_str().unwrap());
        bench.run(&format!("slim layout --platform linux/{architecture} -o oci:one-{architecture}")).done();
        let alone = open(&bench.path(""), &format!("oci:one-{architecture}"));
        assert_eq!(manifest["config"]["digest"], alone.config_digest);
        std::fs::remove_dir_all(bench.path(&format!("one-{architecture}"))).unwrap();
    }
}

#[test]
fn an_index_of_a_layout_becomes_an_index() {
    let bench = Bench::new();
    let (files, original) = layout();
    files.save_dir(bench.path("layout"));
    let read = |dir: &str, digest: &str| -> Value {
        let bytes = bench.bytes(&format!("{dir}/blobs/{}", digest.replace(':', "/")));
        assert_eq!(format!("sha256:{}", sha256(&bytes)), digest);
        serde_json::from_slice(&bytes).unwrap()
    };
    let chosen =
        [("all", &["arm64", "amd64", "s390x"][..]), ("linux/amd64 --platform linux/arm64", &["arm64", "amd64"])];
    for (platforms, architectures) in chosen {
        let ended = bench
            .run(&format!("slim oci:layout:v1 --platform {platforms} -o oci:out:slim --digest-file digest"))
            .done();
        assert!(ended.stderr.contains("3 attestations or other artifacts"), "{}", ended.stderr);
        let list: Value = serde_json::from_slice(&bench.bytes("out/index.json")).unwrap();
        let [top] = list["manifests"].as_array().unwrap().as_slice() else { panic!("{list}") };
        assert_eq!(top["annotations"][NAME], "slim");
        assert_eq!(top["digest"].as_str().unwrap().as_bytes(), bench.bytes("digest"));
        let index = read("out", top["digest"].as_str().unwrap());
        assert_eq!(index["annotations"]["org.opencontainers.image.base.name"], "r.example/team/app:v1");
        is_slimmed(&bench, &index, &original, architectures, |digest| read("out", digest));
        // Once more: the new index takes the name.
    }
}

#[test]
fn an_index_of_a_registry_becomes_an_index() {
    let bench = Bench::new();
    let registry = Registry::start();
    let (files, original) = layout();
    files.save_dir(bench.path("layout"));
    registry.keep("team/app", "v1", &files);
    registry.state().login = Login::Token(None);
    bench
        .run(&format!("slim {} --platform all -o {}", registry.image("team/app:v1"), registry.image("team/app:slim")))
        .done();
    let state = registry.state();
    let document = |reference: &str| -> Value {
        serde_json::from_slice(&state.manifests[&("team/app".to_owned(), reference.to_owned())].1).unwrap()
    };
    let slimmed = document("slim");
    is_slimmed(&bench, &slimmed, &original, &["arm64", "amd64", "s390x"], document);
}

#[test]
fn each_platform_has_its_reports() {
    let bench = Bench::new();
    layout().0.save_dir(bench.path("layout"));
    let registry = Registry::start();
    let words = format!(
        "slim layout --platform all -o {} --json --digest-file digest --html {{platform}}.html --sbom spdx={{platform}}.json",
        registry.image("app:slim")
    );
    let document = bench.run(&words).done().json();
    assert_eq!(document["schema"], "bantam.index/1");
    let digest = String::from_utf8(bench.bytes("digest")).unwrap();
    let (kind, bytes) = registry.state().manifests[&("app".to_owned(), "slim".to_owned())].clone();
    assert_eq!((kind.as_str(), format!("sha256:{}", sha256(&bytes))), (INDEX, digest.clone()));
    let index: Value = serde_json::from_slice(&bytes).unwrap();
    assert_eq!(
        document["output"],
        json!({"reference": format!("{}/app@{digest}", registry.host), "tags": [format!("{}/app:slim", registry.host)], "digest": digest, "size": bytes.len()})
    );
    let images = document["images"].as_array().unwrap();
    for ((image, listed), architecture) in
        images.iter().zip(index["manifests"].as_array().unwrap()).zip(["arm64", "amd64", "s390x"])
    {
        assert_eq!(image["image"]["platform"].as_str().unwrap().split('/').nth(1), Some(architecture));
        assert_eq!((&image["output"]["digest"], &image["output"]["size"]), (&listed["digest"], &listed["size"]));
        // The same as where it is the only one.
        let to = registry.image("app:slim");
        bench.run(&format!("slim layout --platform linux/{architecture} -o {to} --sbom spdx=one.json")).done();
        assert!(bench.bytes("one.json") == bench.bytes(&format!("linux-{architecture}.json")), "{architecture}");
        let page = String::from_utf8(bench.bytes(&format!("linux-{architecture}.html"))).unwrap();
        assert!(page.contains(&format!("linux/{architecture}")), "{architecture}");
    }
    assert_eq!(images.len(), 3);
}

#[test]
fn what_cannot_be_several_is_said() {
    let bench = Bench::new();
    layout().0.save_dir(bench.path("layout"));
    bench.run("slim layout --platform linux/amd64 --platform linux/riscv64 -o oci:out").refused(1, "linux/riscv64");
    bench.run("slim layout --platform all -o out.tar").refused(2, "oci:DIR");
    bench.run("slim layout --platform all -o oci:out --list").refused(2, "one platform");
    bench.run("slim layout --platform all -o oci:out --html page.html").refused(2, "{platform}");
    bench.run("slim layout --platform all -o oci:out --sbom spdx=bill.json").refused(2, "{platform}");
    bench
        .run("slim layout --platform all -o oci:out --sbom spdx={platform} --html {platform}")
        .refused(2, "written there");
    bench.run("report layout --platform all").refused(2, "only `slim`");
    bench.run("slim - --platform all -o oci:out").refused(1, "one after the other");
    assert_eq!(bench.names(), ["layout"]);
}

#[test]
fn signatures_and_attestations_are_no_images_and_that_is_said() {
    let bench = Bench::new();
    let mut files = Files::default();
    let layer = |tar: &[u8]| ("application/vnd.oci.image.layer.v1.tar".to_owned(), tar.to_vec());
    let image = Image::sample().add_to(&mut files, layer);
    // As cosign keeps a signature: with an image's config.
    let payload = files.blob("application/vnd.dev.cosign.simplesigning.v1+json", b"{}");
    let config = files.blob("application/vnd.oci.image.config.v1+json", b"{\"os\":\"\"}");
    let signature = json!({"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [payload]});
    let signature = files.blob(MANIFEST, signature.to_string().as_bytes());
    files.layout(&[image, signature.clone()]);
    files.save_dir(bench.path("layout"));
    let report = bench.run("report layout").done();
    for says in ["the artifact", signature["digest"].as_str().unwrap(), "not copied"] {
        assert!(report.text().contains(says), "{}", report.text());
    }
}

#[test]
fn documents_are_attached_with_and_without_the_registry_s_help() {
    let bench = Bench::new();
    Image::sample().docker().save(bench.path("app.tar"));
    for helps in [true, false] {
        let registry = Registry::start();
        registry.state().referrers = helps;
        let words = format!("slim app.tar -o {} --digest-file digest --attach sbom,report", registry.image("app:1"));
        bench.run(&words).done();
        let tag = registry.state().seen.iter().rposition(|seen| seen.path.ends_with("/manifests/1")).unwrap();
        assert_eq!(tag, registry.state().seen.len() - 1, "the tag comes last");
        // Once more adds nothing.
        bench.run(&words).done();
        let digest = String::from_utf8(bench.bytes("digest")).unwrap();
        let state = registry.state();
        let document = |reference: &str| -> Value {
            serde_json::from_slice(&state.manifests[&("app".to_owned(), reference.to_owned())].1).unwrap()
        };
        let referring: Vec<String> = if helps {
            assert!(!state.manifests.contains_key(&("app".into(), digest.replace(':', "-"))));
            let all = state.manifests.keys().filter(|(_, name)| name.contains(':')).map(|(_, name)| name.clone());
            all.filter(|name| document(name)["subject"]["digest"] == digest).collect()
        } else {
            let list = document(&digest.replace(':', "-"));
            list["manifests"].as_array().unwrap().iter().map(|one| one["digest"].as_str().unwrap().to_owned()).collect()
        };
        let mut kinds: Vec<String> = referring
            .iter()
            .map(|name| {
                let artifact = document(name);
                let blob = &state.blobs[artifact["layers"][0]["digest"].as_str().unwrap()];
                let content: Value = serde_json::from_slice(blob).unwrap();
                assert!(content["bomFormat"] == "CycloneDX" || content["output"]["digest"] == digest, "{content}");
                artifact["artifactType"].as_str().unwrap().to_owned()
            })
            .collect();
        kinds.sort();
        assert_eq!(kinds, ["application/vnd.bantam.report+json", "application/vnd.cyclonedx+json"], "{helps}");
    }
    bench.run("slim app.tar -o out.tar --attach sbom").refused(2, "registry");
    // What cannot be attached leaves the tag as it was.
    let registry = Registry::start();
    registry.fail("PUT", "/manifests/sha256-", 9, Fault::Status(403, Vec::new()));
    bench.run(&format!("slim app.tar -o {} --attach sbom", registry.image("app:1"))).refused(1, "not attached");
    assert!(registry.state().manifests.keys().all(|(_, reference)| reference.starts_with("sha256:")));
}
