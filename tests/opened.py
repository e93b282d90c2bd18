"""What a program opened and executed of its image, by strace, and what of that a slim image has lost.

A probe that answers the same may still have opened a file that is gone: it had something to fall back on, and the next
program may have nothing. So both runs (tests/e2e/run, tests/libraries/run) trace the original and hand the log to
`Oracle.judge`: what was lost is a finding, unless opened.toml explains it.
"""
import dataclasses
import fnmatch
import gzip
import json
import os
import pathlib
import posixpath
import re
import shlex
import shutil
import struct
import subprocess
import tarfile
import tomllib

HERE = pathlib.Path(__file__).resolve().parent
CALLS = "open,openat,openat2,execve,execveat,readlink,readlinkat,chdir,chroot"
# Only calls that succeed (-z), with the paths of descriptors (-y); no signals, nothing but what is asked for.
STRACE = ["strace", "-f", "--seccomp-bpf", "-A", "-qq", "-y", "-z", "-s", "4096", "-e", "signal=none", "-e", f"trace={CALLS}"]

STRING = r'"((?:[^"\\]|\\.)*)"'
PLACE = r"(?:AT_FDCWD|\d+)(?:<((?:[^>\\]|\\.)*)>)?"
CALL = re.compile(
    rf"^(?:\d+ +)?(?P<call>\w+)\((?:(?P<place>{PLACE}), )?(?P<path>{STRING}), ?(?P<rest>.*)\) += (?P<result>\d+)(?P<opened><.*>)?")
CHANGED_ROOT = re.compile(rf"^(?:\d+ +)?chroot\({STRING}\) += 0")
CHANGED_FOLDER = re.compile(rf"^(?:\d+ +)?chdir\({STRING}\) += 0")
ESCAPE = re.compile(rb"\\([0-7]{1,3}|.)", re.DOTALL)
BYTE_CODE = re.compile(r"(?:__pycache__/)?([^/]+?)(?:\.(?:cpython|pypy)-?\d+)?(?:\.opt-\d)?\.pyc$")


def plain(text):
    """A path as strace quotes it, as Python would have it."""
    letters = {b"n": b"\n", b"t": b"\t", b"r": b"\r", b"v": b"\v", b"f": b"\f"}

    def character(match):
        code = match[1]
        return bytes([int(code, 8)]) if code.isdigit() else letters.get(code, code)

    return os.fsdecode(ESCAPE.sub(character, os.fsencode(text)))


class Tree:
    """The names that a stack of layers makes, as a container sees them: kinds, targets, and where contents lie."""

    def __init__(self, names=None):
        self.names = dict(names or {})

    def add(self, archive, offset=0):
        """Lays a layer over the tree: `archive` is a tar, or holds one at `offset`."""
        added = {}
        with open(archive, "rb") as file:
            file.seek(offset)
            with tarfile.open(fileobj=file, mode="r:") as tar:
                for member in tar:
                    path = posixpath.normpath(f"/{member.name}")
                    folder, name = posixpath.split(path)
                    if name == ".wh..wh..opq":
                        self.remove(folder, keep=True)
                    elif name.startswith(".wh."):
                        self.remove(posixpath.join(folder, name.removeprefix(".wh.")))
                    elif member.islnk():
                        target = posixpath.normpath(f"/{member.linkname}")
                        added[path] = added.get(target) or self.names.get(target)
                    else:
                        added[path] = entry(member, archive)
        for path, what in added.items():
            if what[0] != "folder" and self.names.get(path, what)[0] == "folder":
                self.remove(path)
        self.names.update(added)
        return self

    def remove(self, path, keep=False):
        below = path.rstrip("/") + "/"
        self.names = {p: what for p, what in self.names.items() if not p.startswith(below) and (keep or p != path)}

    def resolve(self, path, last=True):
        """The name that `path` means in a container, links followed; that of the last part only with `last`."""
        done, parts, links = "/", [p for p in path.split("/") if p], 0
        while parts:
            part = parts.pop(0)
            done = posixpath.normpath(posixpath.join(done, part))
            kind, target = self.names.get(done, ("", ""))[:2]
            if kind == "link" and (parts or last):
                links += 1
                if links > 40:
                    return None
                done = "/" if target.startswith("/") else posixpath.dirname(done)
                parts = [p for p in target.split("/") if p] + parts
        return done

    def kind(self, path):
        return self.names.get(path, ("",))[0]

    def interpreter(self, path):
        """The program that the kernel opens to run this file: that of a `#!` line, or the loader of an ELF file."""
        kind, archive, offset = self.names[path][:3]
        with open(archive, "rb") as file:
            file.seek(offset)
            head = file.read(4096)
            if head.startswith(b"#!"):
                words = head.split(b"\n")[0][2:].split()
                return os.fsdecode(words[0]) if words else None
            if head[:5] != b"\x7fELF\x02":
                return None
            (start,), (size, count) = struct.unpack_from("<Q", head, 32), struct.unpack_from("<HH", head, 54)
            for n in range(count):
                file.seek(offset + start + n * size)
                header = file.read(40)
                if struct.unpack_from("<I", header)[0] == 3:  # PT_INTERP
                    place, = struct.unpack_from("<Q", header, 8)
                    length, = struct.unpack_from("<Q", header, 32)
                    file.seek(offset + place)
                    return os.fsdecode(file.read(min(length, 4096)).rstrip(b"\0"))
        return None


def entry(member, archive):
    if member.issym():
        return "link", member.linkname
    if member.isreg():
        return "file", str(archive), member.offset_data, member.size
    return ("folder" if member.isdir() else "other"), ""


def tree_of_image(archive, scratch):
    """The tree of a docker-archive; layers that are compressed with gzip are unpacked into the folder `scratch`."""
    tree = Tree()
    with tarfile.open(archive, "r:") as tar:
        (manifest,) = json.load(tar.extractfile("manifest.json"))
        for name in manifest["Layers"]:
            member = tar.getmember(name)
            while member.issym():  # the same layer twice
                member = tar.getmember(posixpath.normpath(posixpath.join(posixpath.dirname(member.name), member.linkname)))
            with tar.extractfile(member) as data:
                compressed = data.read(2) == b"\x1f\x8b"
                data.seek(0)
                if compressed:
                    layer = pathlib.Path(scratch) / pathlib.Path(name).name
                    with gzip.open(data) as plain_data, open(layer, "wb") as out:
                        shutil.copyfileobj(plain_data, out)
                    tree.add(layer)
                else:
                    tree.add(archive, member.offset_data)
    return tree


def tree_of_layers(layers):
    tree = Tree()
    for layer in layers:
        tree.add(layer)
    return tree


@dataclasses.dataclass
class Use:
    """A path that a process used: it was opened, executed, or, with `link`, read as a link."""

    path: str
    how: str

    @property
    def link(self):
        return self.how == "link"


def uses(log, root=""):
    """What the calls of a log used, as paths of the image.

    With `root` (a folder of this machine) the log begins outside it: what comes before the `chroot` to it does not count.
    """
    found, places, begun = set(), {"/"}, not root
    for line in log.splitlines():
        if not begun:
            moved = CHANGED_ROOT.match(line)
            begun = bool(moved) and plain(moved[1]) == root
            continue
        moved = CHANGED_FOLDER.match(line)
        if moved:
            places |= {posixpath.join(place, plain(moved[1])) for place in list(places)}
            continue
        call = CALL.match(line)
        if call:
            found |= {(use, how) for use, how in used(call, root, places)}
    return [Use(path, how) for path, how in sorted(found)]


def used(call, root, places):
    """The paths that one call means."""
    name, rest = call["call"], call["rest"]
    path = plain(call["path"][1:-1])
    bases = places
    place = re.fullmatch(PLACE, call["place"])[1] if call["place"] else None
    if place is not None:
        base = plain(place).removeprefix(root) or "/"
        places.add(base)
        bases = {base}
    if name.startswith("open"):
        # Who may create a file and does not read it is as well off without.
        if "O_CREAT" in rest and "O_WRONLY" in rest or "O_DIRECTORY" in rest:
            return
        if call["opened"]:
            yield plain(call["opened"][1:-1]).removeprefix(root), "opened"
            bases = {base for base in bases if place is not None}
    how = "opened" if name.startswith("open") else "run" if name.startswith("exec") else "link"
    if path:
        for base in {"/"} if path.startswith("/") else bases:
            yield posixpath.join(base, path), how


@dataclasses.dataclass
class Finding:
    """What became of the files that were used: how many there are, how many went as byte code, which are lost."""

    opened: int
    byte_code: int
    lost: list
    explained: dict = dataclasses.field(default_factory=dict)

    def __str__(self):
        return f"{self.opened} opened; gone: {self.byte_code} of byte code, {len(self.lost)} others, {len(self.explained)} explained"

    def explanations(self):
        """A line for each reason that explains files that are lost."""
        by_reason = {}
        for path, reason in self.explained.items():
            by_reason.setdefault(reason, []).append(path)
        return [f"explained: {', '.join(paths)}: {reason}" for reason, paths in by_reason.items()]


def compare(found, original, slim):
    """Which of the files that were used the slim tree has lost, each by its name in the original."""
    present, byte_code, lost = set(), set(), set()
    queue = list(found)
    while queue:
        use = queue.pop()
        real = original.resolve(use.path, last=not use.link)
        if real is None or original.kind(real) != ("link" if use.link else "file"):
            continue
        if real not in present and use.how == "run":
            interpreter = original.interpreter(real)
            if interpreter:
                queue.append(Use(interpreter, "run"))
        present.add(real)
        there = slim.resolve(use.path, last=not use.link)
        if there is not None and slim.kind(there) in ("file", "link"):
            continue
        match = BYTE_CODE.search(real)
        if match and slim.kind(slim.resolve(real[:match.start()] + match[1] + ".py")) == "file":
            byte_code.add(real)
        else:
            lost.add(real if slim.kind(real) == "" else use.path)
    return Finding(len(present), len(byte_code), sorted(lost))


class Oracle:
    """Judges findings by the explanations of opened.toml, and knows which of these explained nothing."""

    def __init__(self, kind, whole=True):
        """`kind` is the run's, `image` or `library`. Without `whole` less was slimmed away, and no explanation is stale."""
        self.kind, self.whole = kind, whole
        self.explanations = tomllib.loads((HERE / "opened.toml").read_text()).get("explained", [])
        known, design = rules(), " ".join((HERE.parent / "docs/design.md").read_text().split())
        for each in self.explanations:
            if not all(each.get(key) for key in ("in", "globs", "reason")) or ("rule" in each) == ("assumption" in each):
                raise RuntimeError(f"opened.toml: an explanation has `in`, `globs`, `reason`, and `rule` or `assumption`: {each}")
            if each.get("rule", next(iter(known))) not in known:
                raise RuntimeError(f"opened.toml: no profile has a rule `{each['rule']}`")
            if each.get("assumption", "") not in design:
                raise RuntimeError(f"opened.toml: docs/design.md does not say `{each['assumption']}`")

    def judge(self, name, found, original, slim):
        """Compares, takes out what is explained, and returns the finding and what is wrong with it."""
        finding = compare(found, original, slim)
        if not finding.opened:
            return finding, ["nothing was opened: the trace is empty"]
        subject, wrong = f"{self.kind}:{name}", []
        for each in self.explanations:
            for glob in each["globs"] if subject in each["in"] else []:
                explained = fnmatch.filter(finding.lost, glob)
                if not explained and self.whole:
                    wrong.append(f"opened.toml explains {glob} in {subject}, which is not lost (any more)")
                finding.explained |= dict.fromkeys(explained, each["reason"])
        return finding, [f"opened, and gone: {path}" for path in finding.lost if path not in finding.explained] + wrong


def rules():
    """The ids of all rules of the built-in profiles."""
    ids = set()
    for file in (HERE.parent / "profiles").glob("*.toml"):
        for value in tomllib.loads(file.read_text()).values():
            if isinstance(value, list):
                ids |= {rule["id"] for rule in value if isinstance(rule, dict) and "id" in rule}
    return ids


class DockerTracer:
    """Runs containers under strace: it is mounted into them, with its loader and libraries, and traces from inside.

    It is the child of what it traces (-D), which so is the first process, as it is without.
    """

    def __init__(self, work):
        self.tools, self.logs, self.count = work / "strace", work / "opened", 0
        self.tools.mkdir()
        self.logs.mkdir()
        self.logs.chmod(0o777)
        strace = shutil.which("strace")
        said = subprocess.run(["ldd", strace], capture_output=True, text=True, check=True).stdout
        for file in re.findall(r"(/\S+) \(0x", said):
            shutil.copy(file, self.tools)
            if pathlib.Path(file).name.startswith("ld-"):
                self.loader = f"/.strace/{pathlib.Path(file).name}"
        shutil.copy(strace, self.tools / "strace")

    def command(self, log, command):
        inside = ["--library-path", "/.strace", "/.strace/strace", "-D", *STRACE[1:], "-o", f"/.opened/{log}"]
        return [self.loader, *inside, "--", *command]

    def wrap(self, image, args):
        """Options of `docker run`, and arguments behind the image, with which it does the same under strace."""
        done = subprocess.run(["docker", "image", "inspect", "-f", "{{json .Config}}", image], capture_output=True, text=True, check=True)
        config = json.loads(done.stdout)
        command = [*(config.get("Entrypoint") or []), *(args or config.get("Cmd") or [])]
        self.count += 1
        loader, *rest = self.command(self.count, command)
        options = ["--cap-add", "SYS_PTRACE", "-v", f"{self.tools}:/.strace:ro", "-v", f"{self.logs}:/.opened", "--entrypoint", loader]
        kind, *test = (config.get("Healthcheck") or {}).get("Test") or ["NONE"]
        if kind != "NONE":
            check = test if kind == "CMD" else ["/bin/sh", "-c", *test]
            # Without -D: the daemon waits for the test, which is nobody's first process.
            traced = [word for word in self.command(f"{self.count}-health", check) if word != "-D"]
            options += ["--health-cmd", shlex.join(traced)]
        return options, rest

    def uses(self):
        found = {}
        for log in sorted(self.logs.iterdir()):
            found |= {(use.path, use.how): use for use in uses(log.read_text(errors="surrogateescape"))}
        return list(found.values())
