"""Programs of this repository without an extension, as modules."""
import importlib.machinery
import importlib.util
import sys

sys.dont_write_bytecode = True


def load(path):
    """The program at `path`, whose name it goes by, not run."""
    loader = importlib.machinery.SourceFileLoader(path.name, str(path))
    module = importlib.util.module_from_spec(importlib.util.spec_from_loader(path.name, loader))
    loader.exec_module(module)
    return module
