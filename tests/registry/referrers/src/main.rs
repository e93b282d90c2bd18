//! Prints a line for each artifact that refers to an image: its type, its digest, and the media type and length of its content.
//! usage: referrers HOST:PORT/REPOSITORY@DIGEST

use oci_client::client::{Client, ClientConfig, ClientProtocol};
use oci_client::secrets::RegistryAuth;
use oci_client::Reference;

type Failure = Box<dyn std::error::Error>;

fn main() -> Result<(), Failure> {
    // The client wants one even where it speaks in the clear.
    rustls::crypto::ring::default_provider().install_default().map_err(|_| "there is a provider already")?;
    let image: Reference = std::env::args().nth(1).ok_or("no image is named")?.parse()?;
    tokio::runtime::Builder::new_current_thread().enable_all().build()?.block_on(list(&image))
}

async fn list(image: &Reference) -> Result<(), Failure> {
    let client = Client::new(ClientConfig { protocol: ClientProtocol::Http, ..ClientConfig::default() });
    for entry in client.pull_referrers(image, None).await?.manifests {
        let artifact = image.clone_with_digest(entry.digest.clone());
        let (manifest, _) = client.pull_image_manifest(&artifact, &RegistryAuth::Anonymous).await?;
        let kind = entry.artifact_type.unwrap_or_default();
        for layer in &manifest.layers {
            let mut content = Vec::new();
            // It verifies the digest.
            client.pull_blob(&artifact, layer, &mut content).await?;
            println!("{kind} {} {} {}", entry.digest, layer.media_type, content.len());
        }
    }
    Ok(())
}
