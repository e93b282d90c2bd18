# requires: rich
import io

from rich.console import Console
from rich.markdown import Markdown
from rich.panel import Panel
from rich.progress import track
from rich.syntax import Syntax
from rich.table import Table
from rich.tree import Tree

console = Console(file=io.StringIO(), width=60, force_terminal=True, color_system="truecolor", emoji=True)
table = Table(title="T :rocket:")
table.add_column("a", style="red")
table.add_row("[b]x[/b] 日本")
tree = Tree("root")
tree.add("leaf")
for thing in (table, tree, Panel("p"), Markdown("# h\n* a\n```python\nx\n```"), Syntax("x = 1", "python"), {"a": [1]}):
    console.print(thing)
for _ in track(range(2), console=console, disable=True):
    pass
try:
    1 / 0
except ZeroDivisionError:
    console.print_exception(width=60, show_locals=False, max_frames=1)
print(console.file.getvalue())
