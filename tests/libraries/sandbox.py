#!/usr/bin/env python3
"""Runs one command inside a root file system, in namespaces of its own: nothing is left behind, mounts included.

usage: unshare -mpf sandbox.py JSON      with the keys of `enter` below
"""
import fcntl
import json
import os
import socket
import struct
import subprocess
import sys


def mount(*args):
    subprocess.run(["mount", *args], check=True)


def loopback_up():
    request = struct.pack("16sH14x", b"lo", 0x1 | 0x40)  # IFF_UP | IFF_RUNNING
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        fcntl.ioctl(control, 0x8914, request)  # SIOCSIFFLAGS


def enter(root, command, env, lower=None, upper=None, binds=None, offline=True, folder="/", init=False):
    """Replaces this process by `command` in `root`, in the folder `folder` there; with `init`, `command` is a child of this process.

    With `lower` (a list of trees, the topmost first) an overlay of them is mounted on `root` first; what is written goes
    to `upper`, with `upper + ".work"` beside it. `binds` maps paths inside to paths of this machine.
    """
    if lower:
        os.makedirs(upper + ".work", exist_ok=True)
        mount("-t", "overlay", "overlay", root, "-o", f"lowerdir={':'.join(lower)},upperdir={upper},workdir={upper}.work")
    if offline:
        loopback_up()
    for name in ("proc", "dev", "tmp"):
        os.makedirs(f"{root}/{name}", exist_ok=True)
    mount("-t", "proc", "proc", f"{root}/proc")
    mount("--rbind", "/dev", f"{root}/dev")
    mount("-t", "tmpfs", "tmpfs", f"{root}/tmp")
    for inside, outside in (binds or {}).items():
        target = f"{root}{inside}"
        if inside.startswith("/tmp/"):
            os.makedirs(target) if os.path.isdir(outside) else open(target, "w").close()
        if os.path.exists(target):
            mount("--bind", outside, target)
    os.chroot(root)
    os.chdir(folder)
    if init and (child := os.fork()):
        reap(child)
    try:
        os.execvpe(command[0], command, env)
    except OSError as error:
        print(f"{command[0]}: {error}", file=sys.stderr)
        sys.exit(127)


def reap(child):
    """What an init does: the kernel gives the first process of a namespace all orphans, and keeps signals from it that it does not handle."""
    while True:
        pid, status = os.wait()
        if pid == child:
            os._exit(code if (code := os.waitstatus_to_exitcode(status)) >= 0 else 128 - code)


def run(root, command, env, offline=True, timeout=600, tracer=(), **options):
    """Runs `enter` in new namespaces and returns what subprocess.run returns; `tracer` is a command that runs all of it."""
    request = json.dumps({"root": str(root), "command": command, "env": env, "offline": offline, **options})
    flags = ["--mount", "--pid", "--fork", "--kill-child"] + (["--net"] if offline else [])
    return subprocess.run(
        [*tracer, "unshare", *flags, sys.executable, __file__, request],
        capture_output=True, text=True, errors="replace", timeout=timeout, stdin=subprocess.DEVNULL)


if __name__ == "__main__":
    enter(**json.loads(sys.argv[1]))
