#!/usr/bin/env python3
"""Runs two images side by side and compares what they do, probe by probe.

usage: compare.py ORIGINAL SLIM PROBES.toml [--mode NAME]...

The probes file says what to do with an image:

    port = 8000                      the port that the image serves HTTP on
    modes = ["default", "user"]      how to start it; without this line in all four ways (see MODES)
    docker = ["--tmpfs", "/run"]     further options of `docker run`, in every mode
    sidecar = "redis-server"         an image (bantam-e2e/NAME) whose network the image shares
    steps = [...]                    what to ask of the running image, in this order and with one cookie jar:
        "/path"                                      GET; status, type, place and body are compared
        { path = "/", headers = {}, method = "PUT", form = {} or json = {}, only = "regex" }
                                                     "$csrf" in a form is the value of the CSRF cookie;
                                                     `only` compares what the regex finds, not the whole body
        { signal = "HUP", then = "/path" }           a signal to the first process, then a GET
        { health = "healthy" }                       waits for this state of the image's health check
        { client = ["redis-cli", "ping"] }           a command of the ORIGINAL image in the network of the running one
    [[run]]                          a command that ends: its standard output and exit status are compared
    name, command = [...], status = 0, stdin = "text", modes = [...]

A probe counts as passed only if both images answer the same and the original does what the file says it does.
Prints every difference, then `N of M probes the same`; exits 1 if there is any difference, 2 for wrong usage.
"""
import argparse
import concurrent.futures
import dataclasses
import http.cookiejar
import json
import re
import subprocess
import sys
import time
import tomllib
import urllib.error
import urllib.parse
import urllib.request

MODES = {
    "default": [],
    "user": ["-u", "1000"],
    "read-only": ["--read-only", "--tmpfs", "/tmp"],
    "offline": ["--network", "none"],
}
STARTUP = 60  # seconds that a server has to answer first

# What differs from one run to the next of one and the same image.
UNSTEADY = [
    (re.compile(r"""((?:csrfmiddlewaretoken|csrf_token)["']? (?:value|content)=["'])[^"']+"""), r"\1"),
    (re.compile(r"0x[0-9a-f]{6,}"), "0x"),
    (re.compile(r"<bdi>[^<]*\*\*\*[^<]*</bdi>"), "HASH"),  # a password's salt and hash, as Django shows them
    (re.compile(r"\b[0-9]{1,2}:[0-9]{2}(:[0-9]{2}(\.[0-9]+)?)?\b"), "TIME"),
]


def docker(*args, **options):
    return subprocess.run(["docker", *args], capture_output=True, text=True, errors="replace", **options)


def steady(text):
    for pattern, replacement in UNSTEADY:
        text = pattern.sub(replacement, text)
    return text


@dataclasses.dataclass
class Result:
    """One probe in one mode: `original` and `slim` are what the two images answered."""

    mode: str
    name: str
    original: object
    slim: object
    expected: bool = True
    note: str = ""

    @property
    def same(self):
        return self.expected and self.original == self.slim

    def explain(self):
        if not self.expected:
            return f"{self.mode}: {self.name}: the original does not do what the probe expects: {self.original!r:.300}"
        a, b = repr(self.original), repr(self.slim)
        first = next((i for i, (x, y) in enumerate(zip(a, b)) if x != y), min(len(a), len(b)))
        start = max(0, first - 60)
        head = f"{a[:60]} … " if start > 60 else ""
        return f"{self.mode}: {self.name}: {head}{a[start:first + 200]} became {head}{b[start:first + 200]}{self.note}"


class Service:
    """A started image, and a browser session with it."""

    def __init__(self, image, original, probes, options, args=()):
        self.original, self.port = original, probes.get("port")
        self.containers, self.network = [], []
        if "sidecar" in probes:
            peer = self.start(f"bantam-e2e/{probes['sidecar']}", [])
            self.network = ["--network", f"container:{peer}"]
        self.id = self.start(image, [*options, *self.network], args)
        if not self.network:
            self.network = ["--network", f"container:{self.id}"]
        address = docker("inspect", "-f", "{{.NetworkSettings.IPAddress}}", self.containers[0]).stdout.strip()
        self.address = address
        self.base = f"http://{address}:{self.port}"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.ProxyHandler({}), urllib.request.HTTPCookieProcessor(self.cookies))

    def start(self, image, options, args=()):
        run = docker("run", "-d", *options, image, *args)
        if run.stdout.strip():
            self.containers.append(run.stdout.strip())
        if run.returncode:
            self.stop()
            raise RuntimeError(run.stderr.strip()[-300:])
        return self.containers[-1]

    def stop(self):
        for container in self.containers:
            docker("rm", "-f", "-v", container)

    def logs(self):
        done = docker("logs", "--tail", "12", self.id)
        return (done.stdout + done.stderr).strip()

    def inspect(self, what):
        return docker("inspect", "-f", "{{" + what + "}}", self.id).stdout.strip()

    def wait(self):
        """Until the port answers anything at all, or the container has ended."""
        end = time.monotonic() + STARTUP
        while time.monotonic() < end and self.inspect(".State.Running") == "true":
            if self.ask({"path": "/"})[0]:
                self.cookies.clear()
                return
            time.sleep(0.2)

    def step(self, step):
        if isinstance(step, str):
            return self.ask({"path": step})
        if "signal" in step:
            docker("kill", "-s", step["signal"], self.id)
            time.sleep(2)
            return self.inspect(".State.Running"), self.ask({"path": step["then"]})
        if "health" in step:
            return self.until(lambda: self.inspect(".State.Health.Status"), lambda state: state == step["health"])
        if "client" in step:
            return self.until(lambda: self.client(step["client"]), lambda answer: answer[0] == 0)
        return self.ask(step)

    def until(self, ask, good):
        end = time.monotonic() + STARTUP
        while True:
            answer = ask()
            if good(answer) or time.monotonic() > end or self.inspect(".State.Running") != "true":
                return answer
            time.sleep(0.5)

    def client(self, command):
        done = docker("run", "--rm", *self.network, "--entrypoint", command[0], self.original, *command[1:])
        return done.returncode, done.stdout

    def ask(self, step):
        headers = {"User-Agent": "probe", **step.get("headers", {})}
        data = None
        if "form" in step:
            csrf = next((c.value for c in self.cookies if c.name == "csrftoken"), "")
            fields = {k: csrf if v == "$csrf" else v for k, v in step["form"].items()}
            data = urllib.parse.urlencode(fields).encode()
        if "json" in step:
            data = json.dumps(step["json"]).encode()
            headers["Content-Type"] = "application/json"
        url = self.base + urllib.parse.quote(step["path"], safe="/?&=%:+,")
        request = urllib.request.Request(url, data=data, headers=headers, method=step.get("method"))
        try:
            with self.opener.open(request, timeout=30) as answer:
                return self.answer(answer, step)
        except urllib.error.HTTPError as error:
            return self.answer(error, step)
        except Exception as error:  # no answer at all
            return 0, type(error).__name__

    def answer(self, answer, step):
        body = answer.read()
        text = body.decode("utf8", "replace") if b"\0" not in body else body.hex()
        place = answer.url.replace(self.address, "HOST")
        text = steady(text.replace(self.address, "HOST"))
        if "only" in step:
            text = re.findall(step["only"], text)
        return answer.status, answer.headers.get("Content-Type"), place, text


def name_of(step):
    if isinstance(step, str):
        return f"GET {step}"
    if "path" in step:
        method = step.get("method") or ("POST" if "form" in step or "json" in step else "GET")
        extra = ", ".join(f"{k}: {v}" for k, v in step.get("headers", {}).items())
        return f"{method} {step['path']}" + (f" ({extra})" if extra else "")
    return ", ".join(f"{k} {' '.join(v) if isinstance(v, list) else v}" for k, v in step.items())


def answered(step, answer):
    """Whether the original's answer is one at all: two images that are both down are not `the same`."""
    if isinstance(step, dict) and "health" in step:
        return answer == step["health"]
    if isinstance(step, dict) and "signal" in step:
        return answer[0] == "true" and answer[1][0] != 0
    if isinstance(step, dict) and "client" in step:
        return answer[0] == 0
    return answer[0] != 0


def serve(original, slim, probes, mode, options):
    """All steps against both images, which run at the same time."""
    steps = probes["steps"]
    services, errors = [], []
    try:
        for image in (original, slim):
            try:
                services.append(Service(image, original, probes, options))
            except RuntimeError as error:
                errors.append(f"{'slim' if services else 'original'} does not start: {error}")
        if errors:
            return [Result(mode, name_of(s), "started", errors[0], expected="slim" in errors[0]) for s in steps]
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            if probes.get("port"):
                list(pool.map(Service.wait, services))
            results = []
            for step in steps:
                a, b = pool.map(lambda service: service.step(step), services)
                results.append(Result(mode, name_of(step), a, b, answered(step, a)))
        bad = [r for r in results if not r.same]
        if bad:
            bad[0].note = f"\n    log of the slim image:\n{services[1].logs()}"
        return results
    finally:
        for service in services:
            service.stop()


def run(original, slim, probe, mode, options):
    """A command in both images, one after the other."""
    command = probe.get("command", [])
    options = ["--rm", *(["-i"] if "stdin" in probe else []), *options]
    a, b = (docker("run", *options, image, *command, input=probe.get("stdin")) for image in (original, slim))
    answers = [(done.returncode, steady(done.stdout)) for done in (a, b)]
    expected = a.returncode == probe.get("status", 0)
    failing = a if not expected else b
    return Result(mode, probe["name"], *answers, expected, f"\n    standard error:\n{failing.stderr.strip()[-1500:]}")


def compare(original, slim, probes, modes=None):
    """Every probe in every mode that it applies to, as a list of results."""
    results = []
    extra = probes.get("docker", [])
    for mode in modes or MODES:
        if mode not in probes.get("modes", MODES):
            continue
        options = [*MODES[mode], *extra]
        # Without a network nobody can ask over HTTP, and no sidecar can be reached.
        reachable = mode != "offline" or ("port" not in probes and "sidecar" not in probes)
        if probes.get("steps") and reachable:
            results += serve(original, slim, probes, mode, options)
        for probe in probes.get("run", []):
            if mode in probe.get("modes", MODES):
                results.append(run(original, slim, probe, mode, options))
    return results


def trace(image, probes, tracer):
    """Every probe of the default mode, asked of one image that runs under a tracer; returns what does not do as it should."""
    failed = []
    if "default" not in probes.get("modes", MODES):
        return failed
    options = [*MODES["default"], *probes.get("docker", [])]
    if probes.get("steps"):
        traced, args = tracer.wrap(image, [])
        service = Service(image, image, probes, [*options, *traced], args)
        try:
            if probes.get("port"):
                service.wait()
            for step in probes["steps"]:
                answer = service.step(step)
                if not answered(step, answer):
                    failed.append(f"{name_of(step)}: {answer!r:.300}\n    its log:\n{service.logs()}")
        finally:
            service.stop()
    for probe in probes.get("run", []):
        if "default" in probe.get("modes", MODES):
            traced, args = tracer.wrap(image, probe.get("command", []))
            stdin = ["-i"] if "stdin" in probe else []
            done = docker("run", "--rm", *stdin, *options, *traced, image, *args, input=probe.get("stdin"))
            if done.returncode != probe.get("status", 0):
                failed.append(f"{probe['name']}: exit status {done.returncode}: {done.stderr.strip()[-600:]}")
    return failed


def main():
    parser = argparse.ArgumentParser(description="Compares what two images do, probe by probe.")
    parser.add_argument("original")
    parser.add_argument("slim")
    parser.add_argument("probes", type=argparse.FileType("rb"))
    parser.add_argument("--mode", action="append", choices=MODES, help="only in this mode (repeatable)")
    options = parser.parse_args()
    results = compare(options.original, options.slim, tomllib.load(options.probes), options.mode)
    for result in results:
        if not result.same:
            print("DIFFERS", result.explain())
    same = sum(r.same for r in results)
    print(f"{same} of {len(results)} probes the same")
    return 0 if results and same == len(results) else 1


if __name__ == "__main__":
    sys.exit(main())
