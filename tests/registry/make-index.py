"""Makes an index for two platforms, with annotations and an attestation for each, of the images in an OCI layout.

usage: make-index.py LAYOUT [NAME...]      The index becomes the layout's image `all`.

Images that are named are listed as they are; without a name the only one is listed twice, as if it were for two architectures.
"""

import hashlib
import json
import pathlib
import sys

LAYOUT = pathlib.Path(sys.argv[1])
INDEX = "application/vnd.oci.image.index.v1+json"
MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"


def blob(kind, content):
    content = json.dumps(content).encode()
    digest = hashlib.sha256(content).hexdigest()
    (LAYOUT / "blobs/sha256" / digest).write_bytes(content)
    return {"mediaType": kind, "digest": f"sha256:{digest}", "size": len(content)}


def read(descriptor):
    return json.loads((LAYOUT / "blobs" / descriptor["digest"].replace(":", "/")).read_bytes())


listed = json.loads((LAYOUT / "index.json").read_bytes())["manifests"]
manifests = []


def add(image, architecture):
    manifests.append(image | {"platform": {"os": "linux", "architecture": architecture}, "annotations": {"of": architecture}})


for name in sys.argv[2:]:
    [image] = [one for one in listed if one["annotations"]["org.opencontainers.image.ref.name"] == name]
    add({key: image[key] for key in ("mediaType", "digest", "size")}, read(read(image)["config"])["architecture"])
for architecture in ["arm64", "amd64"] if not manifests else []:
    original = read(listed[0])
    config = read(original["config"]) | {"architecture": architecture, "author": architecture}
    add(blob(MANIFEST, original | {"mediaType": MANIFEST, "config": blob(CONFIG, config)}), architecture)
for image in manifests[:]:
    statement = blob("application/vnd.in-toto+json", {"about": image["digest"]})
    config = blob(CONFIG, {"architecture": "unknown", "os": "unknown", "rootfs": {"type": "layers", "diff_ids": [statement["digest"]]}})
    attestation = blob(MANIFEST, {"schemaVersion": 2, "mediaType": MANIFEST, "config": config, "layers": [statement]})
    notes = {"vnd.docker.reference.type": "attestation-manifest", "vnd.docker.reference.digest": image["digest"]}
    manifests.append(attestation | {"platform": {"os": "unknown", "architecture": "unknown"}, "annotations": notes})
index = blob(INDEX, {"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests, "annotations": {"team": "tests"}})
index["annotations"] = {"org.opencontainers.image.ref.name": "all"}
(LAYOUT / "index.json").write_text(json.dumps({"schemaVersion": 2, "manifests": [index]}))
