# requires:
"""Modules of the standard library that are named by an attribute, by a part of a name, or by C code for a name."""
import importlib
import subprocess


class Lazy:
    """Imports what it is asked for."""

    def __getattr__(self, name):
        return importlib.import_module(name)


def spelled(text, kind):
    return text.encode("ascii", errors=f"{kind}replace")


def wrapped(command):
    return subprocess.run([*command, "seq", "3"], capture_output=True, text=True, check=True).stdout.split()


std = Lazy()
print(std.colorsys.rgb_to_hsv(0.5, 0.25, 0.25), std.fractions.Fraction(3, 6))
print(spelled("10 € für Übermut", "name"), spelled("€", "xmlcharref"))
print(wrapped([]), wrapped(["env", "LC_ALL=C"]))
