"""Writes dpkg's records for packages that were only unpacked, as a package manager for that architecture would.

usage: make-tree.py PACKAGES TREE      PACKAGES: a folder of .deb files that are unpacked in TREE
"""

import pathlib
import subprocess
import sys

packages, tree = (pathlib.Path(word) for word in sys.argv[1:])
records = tree / "var/lib/dpkg"
(records / "info").mkdir(parents=True, exist_ok=True)


def said(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


status = []
for package in sorted(packages.glob("*.deb")):
    control = said("dpkg-deb", "-f", package)
    fields = dict(line.split(": ", 1) for line in control.splitlines() if ": " in line and not line.startswith(" "))
    name = fields["Package"] + (f":{fields['Architecture']}" if fields.get("Multi-Arch") == "same" else "")
    members = subprocess.run(["dpkg-deb", "--fsys-tarfile", package], check=True, capture_output=True).stdout
    paths = subprocess.run(["tar", "-t"], input=members, check=True, capture_output=True, text=False).stdout.decode().splitlines()
    listed = [path.removeprefix(".").rstrip("/") or "/." for path in paths]
    (records / f"info/{name}.list").write_text("".join(f"{path}\n" for path in listed))
    first, rest = control.split("\n", 1)
    status.append(f"{first}\nStatus: install ok installed\n{rest}")
(records / "status").write_text("\n".join(status))
