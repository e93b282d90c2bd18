"""Image files as the test runs need them: writes an OCI layout from layer tars, unpacks the one layer of an archive."""
import hashlib
import json
import os
import pathlib
import subprocess
import tarfile


def digest_of(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write_layout(folder, layers, config, digests=None, architecture="amd64"):
    """Writes an OCI layout with these layer tars (uncompressed; hard-linked, so that nothing is copied)."""
    folder = pathlib.Path(folder)
    blobs = folder / "blobs" / "sha256"
    blobs.mkdir(parents=True)
    descriptors = []
    for layer, digest in zip(layers, digests or map(digest_of, layers)):
        if not (blobs / digest).exists():
            os.link(layer, blobs / digest)
        size = os.path.getsize(layer)
        descriptors.append(
            {"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": f"sha256:{digest}", "size": size})

    def blob(media_type, value):
        data = json.dumps(value).encode()
        digest = hashlib.sha256(data).hexdigest()
        (blobs / digest).write_bytes(data)
        return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}

    rootfs = {"type": "layers", "diff_ids": [d["digest"] for d in descriptors]}
    image = {"architecture": architecture, "os": "linux", "config": config, "rootfs": rootfs}
    manifest = {
        "schemaVersion": 2,
        "mediaType": "application/vnd.oci.image.manifest.v1+json",
        "config": blob("application/vnd.oci.image.config.v1+json", image),
        "layers": descriptors,
    }
    index = {"schemaVersion": 2, "manifests": [blob("application/vnd.oci.image.manifest.v1+json", manifest)]}
    (folder / "index.json").write_text(json.dumps(index))
    (folder / "oci-layout").write_text('{"imageLayoutVersion": "1.0.0"}')


def unpack(archive, folder):
    """Unpacks the single, uncompressed layer of a docker-archive into a folder, with owners, modes and xattrs."""
    with tarfile.open(archive) as tar:
        (manifest,) = json.load(tar.extractfile("manifest.json"))
        (layer,) = manifest["Layers"]
        with tar.extractfile(layer) as data:
            unpacking = subprocess.Popen(
                ["tar", "-xpf", "-", "--numeric-owner", "--xattrs", "--xattrs-include=*", "-C", folder],
                stdin=subprocess.PIPE)
            while block := data.read(1 << 20):
                unpacking.stdin.write(block)
            unpacking.stdin.close()
            if unpacking.wait():
                raise RuntimeError(f"{archive}: its layer does not unpack")
