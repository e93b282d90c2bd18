"""Images as the test runs of libraries and suites put them together: a base from Docker, packages, files in /app."""
import hashlib
import json
import os
import pathlib
import shutil
import stat
import subprocess
import sys
import tarfile

import imagefile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent / "libraries"))
import sandbox  # noqa: E402

BASE = "bantam-e2e/python:3.11-slim"


class Unfit(RuntimeError):
    """What went wrong before bantam had anything to do with it: an installation, a run of the original."""


def wanted(command, **options):
    done = subprocess.run(command, capture_output=True, text=True, **options)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))}: {done.stderr.strip()[-600:]}")
    return done.stdout


class Base:
    """The base image as a tree, as a layer, and its configuration."""

    def __init__(self, image, work):
        self.root, self.layer = work / "base", work / "base.tar"
        self.config = json.loads(wanted(["docker", "image", "inspect", "-f", "{{json .Config}}", image]))
        if not self.root.exists():
            container = wanted(["docker", "create", image, "true"]).strip()
            try:
                wanted(["docker", "export", container, "-o", str(self.layer)])
            finally:
                wanted(["docker", "rm", container])
            self.root.mkdir()
            wanted(["tar", "-xpf", str(self.layer), "--numeric-owner", "-C", str(self.root)])
        self.digest = imagefile.digest_of(self.layer)

    @property
    def env(self):
        return dict(e.split("=", 1) for e in self.config["Env"])


def get_installer(work):
    """uv, which takes half the time of pip for the same files."""
    (work / "cache").mkdir(exist_ok=True)
    if not (work / "uv/bin/uv").exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore"]
        wanted([*pip, "--target", str(work / "uv"), "uv"])


def index_of(env):
    """The package index that this machine uses, as uv wants to be told."""
    names = {"PIP_INDEX_URL": "UV_DEFAULT_INDEX", "PIP_EXTRA_INDEX_URL": "UV_INDEX", "PIP_DEFAULT_TIMEOUT": "UV_HTTP_TIMEOUT",
             "HTTPS_PROXY": "HTTPS_PROXY", "HTTP_PROXY": "HTTP_PROXY"}
    return {new: env[old] for old, new in names.items() if env.get(old)}


def install(base, packages, work, newest=None):
    """The files that uv adds to the base for these packages, and a layer of them; done once for each set.

    With `newest` (a date) nothing is taken that the package index got later.
    """
    folder = packages_of(packages, work)
    upper, layer = folder / "upper", folder / "layer.tar"
    if not layer.exists():
        shutil.rmtree(folder, ignore_errors=True)
        upper.mkdir(parents=True)
        (folder / "merged").mkdir()
        env = {**base.env, "HOME": "/root", "UV_CACHE_DIR": "/tmp/cache", "UV_LINK_MODE": "copy",
               "SSL_CERT_FILE": "/etc/ssl/certs/ca-certificates.crt", **index_of(os.environ),
               **({"UV_EXCLUDE_NEWER": newest} if newest else {})}
        installing = ["/tmp/uv/uv", "pip", "install", "-q", "--system", *packages] if packages else ["true"]
        done = sandbox.run(
            folder / "merged", installing, env, offline=False, timeout=900,
            lower=[str(base.root)], upper=str(upper),
            binds={"/tmp/uv": str(work / "uv/bin"), "/tmp/cache": str(work / "cache"), "/etc/resolv.conf": "/etc/resolv.conf",
                   "/etc/hosts": "/etc/hosts"})
        if done.returncode:
            raise Unfit(f"uv pip install {' '.join(packages)}: {done.stderr.strip()[-600:]}")
        pack(upper, folder / "layer.part")
        (folder / "layer.part").rename(layer)
    return upper, layer


def packages_of(key, work):
    """The folder of a set of packages."""
    return work / "packages" / hashlib.sha256(" ".join(key).encode()).hexdigest()[:16]


def pack(upper, out):
    """Writes the upper folder of an overlay as a layer: deletions become whiteouts."""
    with tarfile.open(out, "w", format=tarfile.PAX_FORMAT) as tar:
        for path in sorted(upper.rglob("*")):
            inside = path.relative_to(upper)
            if inside.parts[0] in ("tmp", "proc", "dev") or stat.S_ISSOCK(path.lstat().st_mode):
                continue
            if stat.S_ISCHR(path.lstat().st_mode):
                tar.addfile(tarfile.TarInfo(str(inside.parent / f".wh.{inside.name}")))
            else:
                tar.add(path, str(inside), recursive=False)
