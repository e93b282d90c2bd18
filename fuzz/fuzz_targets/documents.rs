//! Any bytes as one of the JSON documents of an image, with the others and all digests right: in an OCI layout index, manifest,
//! config and the layout's mark; in a docker-archive manifest and config.
#![no_main]

use bantam_fuzz::{open_archive, sha256};

const KINDS: [&str; 6] = ["oci-layout", "index", "manifest", "config", "docker manifest", "docker config"];

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| {
    let Some((&kind, content)) = bantam_fuzz::choose(&KINDS, bytes) else { return };
    let or = |this: &str, usual: String| if kind == this { content.to_vec() } else { usual.into_bytes() };
    let layer = [0; 1024];
    let layer_digest = sha256(&layer);
    let usual = format!(
        r#"{{"architecture":"amd64","os":"linux","rootfs":{{"type":"layers","diff_ids":["{layer_digest}"]}},"config":{{}}}}"#
    );
    let image = if kind.starts_with("docker") {
        let config = or("docker config", usual);
        let config_name = format!("{}.json", &sha256(&config)[7..]);
        let list = format!(r#"[{{"Config":"{config_name}","RepoTags":["a:1"],"Layers":["x/layer.tar"]}}]"#);
        let list = or("docker manifest", list);
        open_archive([("manifest.json", &list[..]), (config_name.as_str(), &config[..]), ("x/layer.tar", &layer[..])])
    } else {
        let descriptor = |kind: &str, bytes: &[u8]| {
            let (digest, size) = (sha256(bytes), bytes.len());
            format!(r#"{{"mediaType":"application/vnd.oci.image.{kind}","digest":"{digest}","size":{size}}}"#)
        };
        let blob = |bytes: &[u8]| format!("blobs/sha256/{}", &sha256(bytes)[7..]);
        let config = or("config", usual);
        let (layer_at, config_at) = (descriptor("layer.v1.tar", &layer), descriptor("config.v1+json", &config));
        let manifest = or("manifest", format!(r#"{{"schemaVersion":2,"config":{config_at},"layers":[{layer_at}]}}"#));
        let manifest_at = descriptor("manifest.v1+json", &manifest);
        let index = or("index", format!(r#"{{"schemaVersion":2,"manifests":[{manifest_at}]}}"#));
        let mark = or("oci-layout", r#"{"imageLayoutVersion":"1.0.0"}"#.into());
        open_archive([
            ("oci-layout", &mark[..]),
            ("index.json", &index[..]),
            (blob(&manifest).as_str(), &manifest[..]),
            (blob(&config).as_str(), &config[..]),
            (blob(&layer).as_str(), &layer[..]),
        ])
    };
    if let Ok(image) = image {
        let _ = image.run_config();
        let _ = bantam::rootfs::merge(&image.layers);
    }
});
