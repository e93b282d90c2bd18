# requires: pylint astroid libcst isort autopep8 pycodestyle
import io, isort, libcst as cst, astroid, autopep8, sys
from pylint.lint import Run
from pylint.reporters.text import TextReporter
open("/tmp/bad.py", "w").write("import os, sys\ndef f(x):\n    y=1\n    return undefined\nclass a: pass\n")
b = io.StringIO(); Run(["/tmp/bad.py", "--score=n"], reporter=TextReporter(b), exit=False); print("\n".join(l for l in b.getvalue().splitlines()))
print(isort.code("import sys\nimport requests\nfrom a import c, b\nimport os\n", profile="black"))
m = cst.parse_module("def f(a, b=1): return a + b\n")
class T(cst.CSTTransformer):
    def leave_Name(self, o, u): return u.with_changes(value=u.value.upper())
print(m.visit(T()).code)
from libcst.metadata import MetadataWrapper, ScopeProvider, PositionProvider
w = MetadataWrapper(m); print(len(w.resolve(ScopeProvider)) > 0, len(w.resolve(PositionProvider)) > 0)
n = astroid.parse("import collections\nx = [i for i in range(3)]\ny = 'a'.upper()\nclass A(dict): pass"); print(n["y"].inferred()[0], n["A"].mro()[1].name, list(n.nodes_of_class(astroid.nodes.Import))[0].as_string())
print(autopep8.fix_code("x=1\nif x==1 :\n  print( x )\n"))
