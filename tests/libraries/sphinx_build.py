# requires: sphinx
import io
import pathlib

from sphinx.application import Sphinx

source = pathlib.Path("/tmp/doc")
source.mkdir()
(source / "conf.py").write_text("project = 'p'\nextensions = ['sphinx.ext.autodoc', 'sphinx.ext.napoleon', 'sphinx.ext.mathjax']\nhtml_theme = 'alabaster'\nlanguage = 'de'\n")
(source / "index.rst").write_text("Title\n=====\n\n.. automodule:: json.decoder\n   :members: JSONDecodeError\n\n.. toctree::\n\n.. code-block:: rust\n\n   fn main() {}\n")
for builder in ("html", "text", "latex"):
    app = Sphinx(str(source), str(source), f"/tmp/out-{builder}", "/tmp/trees", builder, status=None, warning=io.StringIO())
    app.build()
    print(builder, app.statuscode)
print(pathlib.Path("/tmp/out-text/index.txt").read_text()[:200], "JSONDecodeError" in pathlib.Path("/tmp/out-html/index.html").read_text())
