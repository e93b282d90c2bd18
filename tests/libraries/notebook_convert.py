# requires: nbformat nbconvert ipython
import nbformat
from nbformat.v4 import new_notebook, new_code_cell, new_markdown_cell
from nbconvert import HTMLExporter, MarkdownExporter, PythonExporter
from nbconvert.exporters import get_exporter
from IPython.core.interactiveshell import InteractiveShell
from IPython.utils.capture import capture_output
nb = new_notebook(cells=[new_markdown_cell("# T\n$x^2$"), new_code_cell("print(1)")]); nb.cells[0].id = "a"; nb.cells[1].id = "b"
nbformat.validate(nb); s = nbformat.writes(nb); print(len(nbformat.reads(s, 4).cells))
h, _ = HTMLExporter().from_notebook_node(nb); print("<h1" in h, len(h) > 10000)
print(MarkdownExporter().from_notebook_node(nb)[0], PythonExporter().from_notebook_node(nb)[0])
print(get_exporter("slides")().from_notebook_node(nb)[0].count("reveal") > 1)
sh = InteractiveShell.instance()
with capture_output() as c: r = sh.run_cell("x = [i*2 for i in range(3)]\nx")
print(r.result, c.stdout); print(sh.complete("x.app")[1]); sh.run_line_magic("timeit", "-n1 -r1 1") if False else None
with capture_output() as c: sh.run_cell("1/0")
print("ZeroDivisionError" in c.stdout); sh.run_cell("%who_ls"); sh.run_cell("!echo shell"); print(sh.inspector is not None)
