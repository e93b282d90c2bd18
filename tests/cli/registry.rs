//! Images that are read from a registry: the same as from a file, or one clear line, and no login where it does not belong.

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::Duration;

use bantam::analysis::{Choices, Observer};
use bantam::image::{self, OpenOptions, Reference};
use bantam::network::{Network, Settings};
use bantam::output::{self, Destination};

use crate::archive::{Image, Layer};
use crate::bench::{Bench, Ended};
use crate::registry_server::{Fault, Login, Registry};

/// `user:secret-password` in Base64.
const SECRET: &str = "dXNlcjpzZWNyZXQtcGFzc3dvcmQ=";
const SECRETS: [&str; 4] = [SECRET, "secret-password", "token-", "secret-of-the-registry"];

/// An image with a layer that takes several reads.
fn large() -> Image {
    let noise = Layer::new().file("app/noise", noise(3_000_000, 88_172_645_463_325_252)).tar();
    Image::new([Image::sample().layers, vec![noise]].concat())
}

/// What does not compress: Marsaglia's xorshift.
fn noise(length: usize, mut state: u64) -> Vec<u8> {
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state as u8
    };
    (0..length).map(|_| next()).collect()
}

fn registry(image: &Image) -> Registry {
    let registry = Registry::start();
    registry.keep("team/app", "1", &image.oci_gzip());
    registry
}

/// A login for each registry, and for nobody else.
fn login(bench: &Bench, hosts: &[&str]) -> String {
    let entries: Vec<String> = hosts.iter().map(|host| format!("\"{host}\": {{\"auth\": \"{SECRET}\"}}")).collect();
    let file = bench.path("logins.json");
    std::fs::write(&file, format!("{{\"auths\": {{{}}}}}", entries.join(","))).unwrap();
    file.to_str().unwrap().to_owned()
}

#[track_caller]
fn keeps_secrets(ended: Ended) -> Ended {
    for secret in SECRETS {
        assert!(!ended.stderr.contains(secret), "{}", ended.stderr);
        assert!(!String::from_utf8_lossy(&ended.stdout).contains(secret));
    }
    ended
}

/// Slims the image of a registry and compares with the same from a file.
#[track_caller]
fn same_as_from_a_file(bench: &Bench, registry: &Registry, image: &Image, environment: &[(&str, &str)]) {
    image.oci_gzip().save(bench.path("app.tar"));
    bench.run("slim app.tar -o oci:file:1 --tag t:1").done();
    let words = format!("slim {} -o oci:fetched:1 --tag t:1", registry.image("team/app:1"));
    keeps_secrets(bench.run_with(&words, environment, Vec::new())).done();
    let config = |layout: &str| crate::bench::open(&bench.path(""), &format!("oci:{layout}")).config_digest;
    assert_eq!(config("fetched"), config("file"));
}

#[test]
fn an_image_of_a_registry_is_the_same_as_from_a_file() {
    let (bench, image) = (Bench::new(), large());
    let registry = registry(&image);
    same_as_from_a_file(&bench, &registry, &image, &[]);
    assert_eq!(registry.count("GET", "/blobs/"), image.layers.len() + 1, "each layer once, and the config");
    let all = bench.run(&format!("report {}", registry.image("team/app:1"))).done();
    assert!(all.text().contains("documentation"), "{}", all.text());
    let digest = registry.state().manifests.keys().find(|(_, reference)| reference.contains(':')).unwrap().1.clone();
    bench.run(&format!("why {} /app/data", registry.image(&format!("team/app@{digest}")))).done();
    registry.keep("team/app", "2", &Image::sample().oci());
    let diff =
        bench.run(&format!("diff {} {} --list", registry.image("team/app:1"), registry.image("team/app:2"))).done();
    assert_eq!(diff.text().trim(), "- /app/noise");
}

#[test]
fn logins_are_found_and_shown_to_their_registry_alone() {
    let (bench, image) = (Bench::new(), large());
    for how in [Login::Basic(SECRET), Login::Token(Some(SECRET)), Login::Token(None)] {
        let (registry, store) = (registry(&image), registry(&image));
        registry.state().login = how.clone();
        // Blobs are kept elsewhere, by somebody who is not to see the login.
        for digest in store.state().blobs.keys() {
            let location =
                format!("http://{}/v2/team/app/blobs/{digest}", store.host.replace("127.0.0.1", "localhost"));
            let fault = Fault::Status(307, vec![("location", location)]);
            let digest: &'static str = digest.clone().leak();
            registry.fail("GET", digest, 1, fault);
        }
        let known: &[&str] = if how == Login::Token(None) { &[] } else { &[&registry.host] };
        let file = login(&bench, known);
        same_as_from_a_file(&bench, &registry, &image, &[("REGISTRY_AUTH_FILE", &file)]);
        std::fs::remove_dir_all(bench.path("fetched")).unwrap();
        assert!(store.count("GET", "/blobs/") >= 4, "nothing was got from there");
        assert!(store.state().seen.iter().all(|seen| seen.authorization.is_none()), "{how:?}");
        let basic = registry
            .state()
            .seen
            .iter()
            .filter(|seen| seen.authorization.as_deref() == Some(&format!("Basic {SECRET}")))
            .count();
        assert_eq!(basic > 0, how != Login::Token(None), "{how:?}");
    }
}

#[test]
fn a_missing_or_wrong_login_says_what_to_do() {
    let bench = Bench::new();
    let registry = registry(&Image::sample());
    let words = format!("report {}", registry.image("team/app:1"));
    for how in [Login::Basic(SECRET), Login::Token(Some(SECRET))] {
        registry.state().login = how;
        bench.run(&words).refused(1, "docker login");
        let wrong = format!("{{\"auths\": {{\"{}\": {{\"auth\": \"d3Jvbmc6c2VjcmV0LXBhc3N3b3Jk\"}}}}}}", registry.host);
        std::fs::write(bench.path("wrong.json"), wrong).unwrap();
        let file = bench.path("wrong.json");
        let ended = bench.run_with(&words, &[("REGISTRY_AUTH_FILE", file.to_str().unwrap())], Vec::new());
        keeps_secrets(ended).refused(1, "docker login");
    }
}

#[test]
fn what_breaks_off_goes_on_from_there() {
    let (bench, image) = (Bench::new(), large());
    for fault in [
        Fault::Cut(1_000_000),
        Fault::Cut(0),
        Fault::Status(503, Vec::new()),
        Fault::Status(429, vec![("retry-after", "1".into())]),
        Fault::Status(401, Vec::new()),
    ] {
        let registry = registry(&image);
        registry.fail("GET", "/blobs/", 1, fault.clone());
        registry.fail("GET", "/manifests/", 1, if let Fault::Cut(_) = fault { Fault::Cut(20) } else { fault });
        same_as_from_a_file(&bench, &registry, &image, &[]);
        std::fs::remove_dir_all(bench.path("fetched")).unwrap();
    }
    let registry = registry(&image);
    let largest = registry.state().blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap().0.clone();
    registry.fail("GET", largest.clone().leak(), 1, Fault::Cut(1_000_000));
    registry.fail("GET", largest.leak(), 1, Fault::NoRange);
    same_as_from_a_file(&bench, &registry, &image, &[]);
    let ranges: Vec<_> = registry.state().seen.iter().filter_map(|seen| seen.range.clone()).collect();
    assert_eq!(ranges.len(), 1, "{ranges:?}");
}

#[test]
fn a_wrong_digest_or_length_names_the_blob() {
    let bench = Bench::new();
    for (fault, says) in [(Fault::Flip, "does not match its digest"), (Fault::Short, "bytes instead of")] {
        let registry = registry(&large());
        let largest = registry.state().blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap().0.clone();
        registry.fail("GET", largest.clone().leak(), 9, fault.clone());
        let ended = bench.run(&format!("slim {} -o out.tar", registry.image("team/app:1")));
        ended.refused(1, says);
        assert!(ended.stderr.contains(&largest), "{}", ended.stderr);
        assert_eq!(bench.names(), [""; 0]);
    }
    let registry = registry(&large());
    registry.fail("GET", "/manifests/", 9, Fault::Flip);
    let digest = registry.state().manifests.keys().find(|(_, reference)| reference.contains(':')).unwrap().1.clone();
    let ended = bench.run(&format!("report {}", registry.image(&format!("team/app@{digest}"))));
    ended.refused(1, "does not match its digest");
}

#[test]
fn what_cannot_be_put_aside_is_not_fetched_again() {
    let bench = Bench::new();
    let registry = registry(&large());
    let largest = registry.state().blobs.iter().max_by_key(|(_, bytes)| bytes.len()).unwrap().0.clone();
    let words = format!("report {} --memory 1MB", registry.image("team/app:1"));
    bench.run_with(&words, &[("TMPDIR", "/no/such/directory")], Vec::new()).refused(1, "cannot spool to /no/such");
    assert_eq!(registry.count("GET", &largest), 1);
}

#[test]
fn patience_ends() {
    let registry = registry(&Image::sample());
    registry.fail("GET", "/blobs/", 1000, Fault::Status(502, Vec::new()));
    let error = quick(&registry.image("team/app:1"));
    assert!(error.contains("failed to get the blob sha256:") && error.contains("502"), "{error}");
    registry.state().faults.clear();
    registry.fail("GET", "/blobs/", 1000, Fault::Cut(3));
    let error = quick(&registry.image("team/app:1"));
    assert!(error.contains(&registry.host), "{error}");
    registry.state().faults.clear();
    registry.fail("GET", "/manifests/", 1000, Fault::Status(429, vec![("retry-after", "3600".into())]));
    let error = quick(&registry.image("team/app:1"));
    assert!(error.contains("3600 seconds"), "{error}");
    registry.state().faults.clear();
    let round = format!("http://{}/v2/team/app/manifests/1", registry.host);
    registry.fail("GET", "/manifests/", 1000, Fault::Status(307, vec![("location", round)]));
    assert!(quick(&registry.image("team/app:1")).contains("without end"));
    registry.state().faults.clear();
    registry.fail("GET", "/manifests/", 1000, Fault::Status(307, vec![("location", "http://r.example/".into())]));
    assert!(quick(&registry.image("team/app:1")).contains("--insecure r.example"));
}

/// The error of opening an image, by the library, with little patience.
fn quick(reference: &str) -> String {
    let network = Network::new(Settings { pause: Duration::from_millis(1), ..Settings::default() });
    let options = OpenOptions { network: network.into(), ..OpenOptions::default() };
    image::open(&Reference::parse(reference).unwrap(), &options).unwrap_err().to_string()
}

#[test]
fn what_is_not_there_is_said() {
    let bench = Bench::new();
    let registry = registry(&Image::sample());
    let tags = format!("`skopeo list-tags docker://{}/team/app`", registry.host);
    bench.run(&format!("report {}", registry.image("team/app:3"))).refused(1, &tags);
    bench.run(&format!("report {}", registry.image("team/other"))).refused(1, "team/other");
    bench.run("report docker://127.0.0.1:1/app").refused(1, "cannot reach 127.0.0.1:1");
    let config = registry.state().blobs.keys().next().unwrap().clone();
    registry.state().blobs.remove(&config);
    bench.run(&format!("report {}", registry.image("team/app:1"))).refused(1, "not there");
}

#[test]
fn of_several_platforms_only_the_one_that_is_wanted_is_got() {
    let bench = Bench::new();
    let registry = Registry::start();
    registry.keep("team/app", "1", &Image::sample().for_platforms(["amd64", "arm64"]));
    let image = registry.image("team/app:1");
    bench.run(&format!("report {image}")).refused(1, "--platform");
    let before = registry.count("GET", "/manifests/sha256:");
    bench.run(&format!("report {image} --platform linux/arm64")).done();
    assert_eq!(registry.count("GET", "/manifests/sha256:") - before, 1);
    let ended = bench.run(&format!("report {image} --platform linux/s390x"));
    ended.refused(1, "linux/amd64");
}

#[test]
fn who_may_not_push_is_told_before_anything_is_read() {
    let bench = Bench::new();
    let from = registry(&Image::sample());
    let words = |to: &Registry| format!("slim {} -o {}", from.image("team/app:1"), to.image("team/app:slim"));
    for (status, says) in [(401, "docker login"), (403, "docker login"), (404, "not there"), (405, "405")] {
        let to = Registry::start();
        to.fail("POST", "/blobs/uploads/", 1000, Fault::Status(status, Vec::new()));
        keeps_secrets(bench.run(&words(&to))).refused(1, says);
        let platforms = format!("{} --platform all", words(&to));
        keeps_secrets(bench.run(&platforms)).refused(1, says);
        assert!(to.state().seen.iter().all(|seen| seen.method != "PUT"));
    }
    // A login that may read, and no more.
    let to = Registry::start();
    to.state().login = Login::Token(Some(SECRET));
    keeps_secrets(bench.run(&words(&to))).refused(1, "docker login");
    bench.run("slim no-such.tar -o docker://127.0.0.1:1/app:1").refused(1, "cannot reach 127.0.0.1:1");
    assert!(from.state().seen.is_empty(), "{:?}", from.state().seen);
    // A registry that does not let uploads be given up, or is out of order for a moment, is no reason to end.
    for (method, status) in [("DELETE", 405), ("POST", 503)] {
        let to = Registry::start();
        to.fail(method, "/blobs/uploads/", 1, Fault::Status(status, Vec::new()));
        bench.run(&words(&to)).done();
    }
}

/// Registry to registry, and the same image as from file to file.
#[test]
fn an_image_goes_from_registry_to_registry() {
    let (bench, image) = (Bench::new(), large());
    let (from, to) = (registry(&image), Registry::start());
    to.state().login = Login::Token(Some(SECRET));
    let file = login(&bench, &[to.host.as_str()]);
    let login = [("REGISTRY_AUTH_FILE", file.as_str())];
    image.oci_gzip().save(bench.path("app.tar"));
    bench.run("slim app.tar -o oci:file:1 --tag t:1").done();
    let words = format!(
        "slim {} -o {} --tag {}/team/app:latest --digest-file digest --json",
        from.image("team/app:1"),
        to.image("team/app:1-slim"),
        to.host
    );
    let ended = keeps_secrets(bench.run_with(&words, &login, Vec::new())).done();
    assert_eq!(to.count("GET", "/token"), 2, "one to try and one to push");
    let digest = String::from_utf8(bench.bytes("digest")).unwrap();
    let output = &ended.json()["output"];
    assert_eq!(
        (output["digest"].as_str(), output["reference"].as_str()),
        (Some(digest.as_str()), Some(format!("{}/team/app@{digest}", to.host).as_str()))
    );
    let names = |tag: &str| to.state().manifests.get(&("team/app".to_owned(), tag.to_owned())).cloned();
    let manifest = names(&digest).unwrap();
    assert_eq!(format!("sha256:{}", crate::archive::sha256(&manifest.1)), digest);
    assert_eq!((names("1-slim"), names("latest")), (Some(manifest.clone()), Some(manifest.clone())));
    let document: serde_json::Value = serde_json::from_slice(&manifest.1).unwrap();
    let config = crate::bench::open(&bench.path(""), "oci:file").config_digest;
    assert_eq!(document["config"]["digest"], config);
    let base = &document["annotations"]["org.opencontainers.image.base.name"];
    assert_eq!(base, &format!("{}/team/app:1", from.host));
    // The manifest comes after all that it names, and tags come last.
    let seen: Vec<String> =
        to.state().seen.iter().filter(|seen| seen.method == "PUT").map(|seen| seen.path.clone()).collect();
    let at = |words: &str| seen.iter().position(|path| path.contains(words)).unwrap();
    let last_blob = seen.iter().rposition(|path| path.contains("/blobs/")).unwrap();
    assert!(last_blob < at(&digest) && at(&digest) < at("manifests/1-slim"), "{seen:?}");
    // Once more: nothing is sent but the manifest.
    to.state().seen.clear();
    keeps_secrets(bench.run_with(&words, &login, Vec::new())).done();
    let state = to.state();
    let methods = state.seen.iter().filter(|seen| seen.path.contains("/blobs/")).map(|seen| seen.method.as_str());
    // An upload is tried at first, without a token and with one, and given up.
    assert_eq!(methods.filter(|method| *method != "HEAD").collect::<Vec<_>>(), ["POST", "POST", "DELETE"]);
    assert!(state.uploads.is_empty());
}

#[test]
fn what_the_registry_has_elsewhere_is_not_sent() {
    let (bench, image) = (Bench::new(), large());
    let registry = registry(&image);
    bench.run(&format!("slim {} -o {}", registry.image("team/app:1"), registry.image("team/app:slim"))).done();
    registry.fail("HEAD", "/v2/team/copy/blobs/", 9, Fault::Status(404, Vec::new()));
    registry.state().seen.clear();
    let (from, to) = (registry.image("team/app:1"), registry.image("team/copy:slim"));
    bench.run(&format!("slim {from} -o {to}")).done();
    assert_eq!(registry.count("PATCH", "") + registry.count("PUT", "/blobs/"), 0);
    assert!(registry.state().manifests.contains_key(&("team/copy".into(), "slim".into())));
}

#[test]
fn an_upload_that_breaks_off_goes_on_from_there() {
    let image = large();
    // The layer is larger than what goes in one request.
    let image = Image::new([&image.layers[..], &[Layer::new().file("app/more", noise(3_000_000, 7)).tar()]].concat());
    for fault in
        [Fault::Keep(2_000_000), Fault::Keep(0), Fault::Status(500, Vec::new()), Fault::Status(401, Vec::new())]
    {
        for method in ["PATCH", "PUT", "POST"] {
            let (bench, to) = (Bench::new(), Registry::start());
            image.oci_gzip().save(bench.path("app.tar"));
            to.fail(method, "/v2/", 1, fault.clone());
            keeps_secrets(bench.run(&format!("slim app.tar -o {}", to.image("app:1")))).done();
            bench.run(&format!("slim app.tar -o oci:file:1 --tag {}/app:1", to.host)).done();
            let file = crate::bench::open(&bench.path(""), "oci:file");
            let state = to.state();
            let (_, bytes) = &state.manifests[&("app".to_owned(), "1".to_owned())];
            assert_eq!(
                Some(format!("sha256:{}", crate::archive::sha256(bytes))),
                file.manifest_digest,
                "{method} {fault:?}"
            );
            assert!(state.blobs.contains_key(&file.layers[0].digest));
            if let ("PATCH", Fault::Keep(kept @ 1..)) = (method, &fault) {
                let ranges: Vec<_> = state.seen.iter().filter_map(|seen| seen.range.clone()).collect();
                assert!(ranges.len() == 1 && ranges[0].starts_with(&format!("{kept}-")), "{ranges:?}");
            }
        }
    }
}

#[test]
fn a_token_that_ends_in_the_middle_is_renewed() {
    let (bench, image) = (Bench::new(), large());
    let registry = registry(&image);
    registry.state().login = Login::Token(Some(SECRET));
    registry.state().token_lasts = Some(2);
    let file = login(&bench, &[registry.host.as_str()]);
    let words = format!("slim {} -o {}", registry.image("team/app:1"), registry.image("team/app:slim"));
    keeps_secrets(bench.run_with(&words, &[("REGISTRY_AUTH_FILE", &file)], Vec::new())).done();
    assert!(registry.count("GET", "/token") > 2);
}

#[test]
fn a_broken_push_leaves_the_tag_as_it_was() {
    let (bench, image) = (Bench::new(), large());
    let registry = registry(&image);
    let before = registry.state().manifests.clone();
    let words = format!("slim {} -o {}", registry.image("team/app:1"), registry.image("team/app:1"));
    for (method, path) in [("POST", "/blobs/"), ("PUT", "/blobs/"), ("PUT", "/manifests/sha256:")] {
        registry.state().faults.clear();
        registry.fail(method, path, 1000, Fault::Status(403, Vec::new()));
        keeps_secrets(bench.run(&words)).refused(1, "docker login");
        assert_eq!(registry.state().manifests, before);
    }
    registry.state().faults.clear();
    bench.run(&words).done();
    assert_ne!(registry.state().manifests, before);
}

#[test]
fn names_in_other_repositories_are_refused_before_any_work() {
    let bench = Bench::new();
    bench.run("slim no-such.tar -o docker://localhost:1/app:1 --tag other:2").refused(2, "another repository");
    bench.run(&format!("slim no-such.tar -o docker://localhost:1/app@sha256:{}", "0".repeat(64))).refused(2, "digest");
}

/// Reading and pushing tell how much of each blob has come or gone: never less than before, and all of it in the end.
#[test]
fn progress_of_a_blob_is_told() {
    let registry = registry(&large());
    let arrived: Mutex<BTreeMap<String, Vec<(u64, u64)>>> = Mutex::default();
    let tell = |event: image::Event<'_>| {
        if let image::Event::Arrived { digest, done, size } = event {
            arrived.lock().unwrap().entry(digest.to_owned()).or_default().push((done, size));
        }
    };
    let options = OpenOptions { report: image::Listener(Some(&tell)), ..OpenOptions::default() };
    let image = image::open(&Reference::parse(&registry.image("team/app:1")).unwrap(), &options).unwrap();
    let arrived = arrived.into_inner().unwrap();
    assert_eq!(arrived.len(), image.layers.len());
    for layer in &image.layers {
        all_of_it(&arrived[&layer.digest], layer.size);
    }

    let sent = Sending::default();
    let analysis = bantam::analyse(image, &Choices { prune: false, ..Choices::default() }).unwrap();
    let destination: Destination = registry.image("team/app:slim").parse().unwrap();
    let written = analysis.write(&destination, &output::Options::default(), &sent).unwrap();
    let sent = sent.0.into_inner().unwrap();
    assert!(sent.iter().all(|(digest, ..)| *digest == written.layer_digest) && sent.len() > 2, "{sent:?}");
    all_of_it(&sent.iter().map(|(_, done, size)| (*done, *size)).collect::<Vec<_>>(), written.layer_size);
}

#[track_caller]
fn all_of_it(told: &[(u64, u64)], whole: u64) {
    assert!(told.is_sorted() && told.iter().all(|(_, size)| *size == whole), "{told:?}");
    assert_eq!(told.last().unwrap().0, whole);
}

#[derive(Default)]
struct Sending(Mutex<Vec<(String, u64, u64)>>);

impl Observer for Sending {
    fn writing(&self, event: output::Event<'_>) {
        if let output::Event::Sent { digest, done, size } = event {
            self.0.lock().unwrap().push((digest.to_owned(), done, size));
        }
    }
}
