# requires: stevedore pluggy importlib-metadata flake8
import pathlib

import importlib_metadata
import pluggy
from stevedore import ExtensionManager

spec, impl = pluggy.HookspecMarker("x"), pluggy.HookimplMarker("x")


class Spec:
    @spec
    def say(self, a):
        pass


class Plugin:
    @impl
    def say(self, a):
        return a * 2


manager = pluggy.PluginManager("x")
manager.add_hookspecs(Spec)
manager.register(Plugin())
print(manager.hook.say(a=4), sorted(e.name for e in ExtensionManager("flake8.report")), importlib_metadata.metadata("flake8")["Name"])
pathlib.Path("/tmp/bad.py").write_text("import os\nx=1\n")
from flake8.main.cli import main  # noqa: E402

print(main(["-j1", "/tmp/bad.py"]))
