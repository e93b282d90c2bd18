# requires: mistune markdown-it-py commonmark mdit-py-plugins
import commonmark
import markdown_it
import mistune
from mdit_py_plugins.footnote import footnote_plugin

text = "# T\n\n* a\n* [b](http://x)\n\n| a |\n|---|\n| 1 |\n"
print(mistune.create_markdown(plugins=["table", "strikethrough", "footnotes"])(text), commonmark.commonmark(text))
print(markdown_it.MarkdownIt("commonmark").enable("table").use(footnote_plugin).render(text + "x[^1]\n\n[^1]: n"))
