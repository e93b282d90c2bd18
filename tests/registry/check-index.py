"""Checks a slimmed index: its platforms in order, annotations, and no attestation. usage: check-index.py < INDEX"""

import json
import sys

index = json.load(sys.stdin)
assert [entry["platform"]["architecture"] for entry in index["manifests"]] == ["arm64", "amd64"], index
assert [entry["annotations"] for entry in index["manifests"]] == [{"of": "arm64"}, {"of": "amd64"}], index
assert index["annotations"]["team"] == "tests", index
assert index["annotations"]["org.opencontainers.image.base.digest"].startswith("sha256:"), index
