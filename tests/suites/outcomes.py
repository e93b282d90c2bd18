"""What became of the tests of a suite, test by test, from what the suite itself writes."""
import collections
import re
import xml.etree.ElementTree

KINDS = ("passed", "failed", "skipped", "errors")


class Outcome(collections.namedtuple("Outcome", "kinds message")):
    """How a test ended: a kind for each time that its name stands in the results (sorted), and what was said of it."""

    @property
    def text(self):
        return " and ".join(self.kinds) or "absent"


ABSENT = Outcome((), "")


def junit(path):
    """The outcomes in a file of JUnit's XML, by name; none if there is no file that can be read."""
    try:
        cases = xml.etree.ElementTree.parse(path).iter("testcase")
    except (OSError, xml.etree.ElementTree.ParseError):
        return {}
    return gathered((f"{c.get('classname', '')}::{c.get('name')}".removeprefix("::"), *of_case(c)) for c in cases)


def of_case(case):
    """The worst of what a test case says: a test that passes may fail when it is torn down."""
    for tag, kind in (("error", "errors"), ("failure", "failed"), ("skipped", "skipped")):
        told = case.find(tag)
        if told is not None:
            return kind, (told.get("message") or told.text or "").strip()
    return "passed", ""


# A line of documentation may follow the name, and whatever the test prints may come before what became of it.
VERBOSE = re.compile(
    r"^(\w+ \([\w.]+\))(?:\n[^\n]*?)?? \.\.\. (?:(?!^\w+ \([\w.]+\))[\s\S])*?"
    r"\b(ok|FAIL|ERROR|expected failure|unexpected success|skipped)(?: ['\"].*)?$",
    re.MULTILINE)
MEANS = {"ok": "passed", "FAIL": "failed", "ERROR": "errors", "skipped": "skipped", "expected failure": "skipped",
         "unexpected success": "failed"}
# What failed outside a test, or in a subtest, only stands in the list at the end.
LISTED = re.compile(r"^(ERROR|FAIL): (.+)\n(?:.*\n)??-{70}$", re.MULTILINE)


def verbose(text):
    """The outcomes in what `unittest` writes with verbosity 2, by name."""
    lines = [(name, MEANS[word], "") for name, word in VERBOSE.findall(text)]
    known = {name for name, _, _ in lines}
    return gathered(lines + [(name, MEANS[word], "") for word, name in LISTED.findall(text) if name not in known])


def gathered(lines):
    kinds, messages = collections.defaultdict(list), {}
    for name, kind, message in lines:
        kinds[name].append(kind)
        messages.setdefault(name, message)
    return {name: Outcome(tuple(sorted(kinds[name])), messages[name]) for name in kinds}


def counts(found):
    number = collections.Counter(kind for outcome in found.values() for kind in outcome.kinds)
    return " / ".join(str(number[kind]) for kind in KINDS)


def flaky(one, two):
    """The tests that two runs of the same files disagree about, and how."""
    both = {name: (one.get(name, ABSENT), two.get(name, ABSENT)) for name in one.keys() | two.keys()}
    return {name: f"{a.text} then {b.text}" for name, (a, b) in both.items() if a.kinds != b.kinds}


def differences(before, after, but):
    """Lines that say which tests end differently, apart from some."""
    for name in sorted(before.keys() | after.keys()):
        was, now = before.get(name, ABSENT), after.get(name, ABSENT)
        if was.kinds != now.kinds and name not in but:
            yield f"{name}: {was.text} became {now.text}: {' '.join(now.message.split())[:300]}"


def bad(found):
    """Lines that name what neither passed nor was skipped."""
    return [f"{n}: {o.text}: {' '.join(o.message.split())[:300]}" for n, o in sorted(found.items()) if {"failed", "errors"} & {*o.kinds}]
