"""Where the files of a suite come from: source distributions, and Debian's source packages."""
import os
import shutil
import sys
import tarfile

from layers import Unfit, wanted

DEBIAN = "http://deb.debian.org/debian bookworm"


def copy(entry, app, work):
    """Copies what an entry of suites.toml takes to the folder `app`."""
    app.mkdir(parents=True)
    if "take" not in entry:
        return
    tree = origin(entry, work)
    for item in entry["take"]:
        path, _, target = item.partition(":")
        found, target = tree / path, app / (target or path)
        target.parent.mkdir(parents=True, exist_ok=True)
        if found.is_dir():
            shutil.copytree(found, target, symlinks=True, dirs_exist_ok=True, ignore=shutil.ignore_patterns("__pycache__"))
        elif found.exists():
            shutil.copy2(found, target)
        else:
            raise Unfit(f"{entry['name']}: there is no {item} to take")


def origin(entry, work):
    """The folder that paths of `take` start from."""
    if "sdist" in entry:
        return sdist(entry["sdist"], work)
    return source(entry["source"], work)


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


def source(package, work):
    """The unpacked source, as its authors published it, of a package of the base's Debian."""
    folder = work / "sources" / package
    if not folder.exists():
        part = folder.with_name(folder.name + ".part")
        shutil.rmtree(part, ignore_errors=True)
        (part / "lists").mkdir(parents=True)
        (part / "sources.list").write_text(f"deb-src {DEBIAN} main\n")
        options = [f"Dir::State::lists={part}/lists", f"Dir::Etc::SourceList={part}/sources.list", "Dir::Etc::SourceParts=-",
                   "APT::Sandbox::User=root"]
        apt = ["apt-get", "-qq", *(word for option in options for word in ("-o", option))]
        wanted([*apt, "update"])
        wanted([*apt, "source", "--download-only", package], cwd=part)
        (archive,) = part.glob("*.orig.tar.*")
        (part / "tree").mkdir()
        wanted(["tar", "-xf", str(archive), "-C", str(part / "tree")])
        (part / "tree").rename(folder)
        shutil.rmtree(part)
    (top,) = folder.iterdir()
    return top
