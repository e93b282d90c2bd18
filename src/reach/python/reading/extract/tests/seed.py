# -*- coding: utf-8 -*-
"""Every kind of statement and expression, to be mutated."""
from __future__ import annotations
import os, sys as system, a.b.c as d
from . import x, y as z
from ..p.q import *
from importlib import import_module as load, metadata
if sys.version_info >= (3, 8) and not sys.platform.startswith("win"):
    import new
elif __name__ == "__main__":
    import main
else:
    import old
__all__ = ["one"] + d.__all__
__all__ += ("two", "three")
__all__.extend(["four"])
try:
    import fast
except (ImportError, KeyError) as error:
    fast = None
finally:
    pass
@deco.rate("pkg.mod:attr", group=f"g.{os.name!r:>{width}}")
class C(Base[T], metaclass=Meta, key="a.b"):
    slots: list[str] = ["s"]
    @property
    async def method(self, a, /, b=load("pkg." + name), *args, c: int = 1, **kw) -> "Ret":
        global counter
        async with ctx("x") as y, other: await y
        return [i async for i in z if (n := i) > 1], {k: v for k, v in kw.items()}, {*args}
template = "region_%s" % code, "%(a)s.%-3d%%" % {"a": 1}, "{0}{{}}{name!r:>4}".format(1, name=2)
path = os.path.join(os.path.dirname(__file__), "data", "x.json")
here = Path(__file__).parent / "data" / f"{x}.json"
exec("import inside; from %s import y" % name)
subprocess.run([sys.executable, "-c", 'import json\nprint(json)'], check=True)
source = '''
    import generated
    def f({args}): return {value}
'''
match value:
    case {"k": [1, *rest], **more} | Point(x=0) as whole if rest: pass
    case _: raise ValueError("no") from None
for i, (j, *k) in enumerate("abc"): continue
else:
    while not i: break
assert lambda q=1, *r: (yield q) if r else ~q ** -1, "why"
del i, j[1:2, ...], k.attr
type Alias[T: int, *Ts, **P] = dict[str, T]
x = a < b <= c is not d not in e or f and g @ h // 2 | 3
