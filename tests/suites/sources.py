"""Where the files of a suite come from: source distributions, Debian's packages, the distribution itself."""
import os
import pathlib
import shutil
import sys
import tarfile

from layers import Unfit, wanted


def copy(entry, packages, app, work):
    """Copies what an entry of suites.toml takes to the folder `app`."""
    app.mkdir(parents=True)
    if "take" not in entry:
        return
    tree = origin(entry, packages, work)
    for item in entry["take"]:
        source, _, target = item.partition(":")
        source, target = tree / source, app / (target or source)
        target.parent.mkdir(parents=True, exist_ok=True)
        if source.is_dir():
            shutil.copytree(source, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        elif source.exists():
            shutil.copy2(source, target)
        else:
            raise Unfit(f"{entry['name']}: there is no {item} to take")


def origin(entry, packages, work):
    """The folder that paths of `take` start from."""
    if "sdist" in entry:
        return sdist(entry["sdist"], work)
    if "debs" in entry:
        return debs(entry["debs"], work)
    (folder,) = packages.glob("usr/local/lib/python3*/site-packages")
    return folder / entry["wheel"]


def sdist(requirement, work):
    """The unpacked source distribution. pip would build it to read its metadata, so another client fetches it."""
    tools, folder = work / "unearth", work / "sdists" / requirement
    if not tools.exists():
        pip = [sys.executable, "-m", "pip", "install", "-q", "--disable-pip-version-check", "--root-user-action=ignore"]
        wanted([*pip, "--target", str(tools), "unearth"])
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        index = ["--index-url", os.environ["PIP_INDEX_URL"]] if os.environ.get("PIP_INDEX_URL") else []
        wanted([sys.executable, "-m", "unearth", "--no-binary", *index, "--download", str(part), requirement],
               env={**os.environ, "PYTHONPATH": str(tools)})
        (archive,) = part.glob("*.tar.gz")
        with tarfile.open(archive) as tar:
            tar.extractall(part, filter="data")
        archive.unlink()
        part.rename(folder)
    (top,) = folder.iterdir()
    return top


def debs(packages, work):
    """The unpacked Debian packages, all in one folder."""
    folder = work / "debs" / "+".join(packages)
    if not folder.exists():
        part = pathlib.Path(f"{folder}.part")
        shutil.rmtree(part, ignore_errors=True)
        part.mkdir(parents=True)
        wanted(["apt-get", "download", "-qq", *packages], cwd=part)
        for archive in list(part.glob("*.deb")):
            wanted(["dpkg-deb", "-x", str(archive), str(part)])
            archive.unlink()
        part.rename(folder)
    return folder
