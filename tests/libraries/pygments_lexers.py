# requires: pygments
from pygments import highlight
from pygments.formatters import get_formatter_by_name
from pygments.lexers import get_lexer_by_name, guess_lexer_for_filename
from pygments.styles import get_style_by_name

for name, code in (("rust", "fn main() {}"), ("sql", "select 1"), ("html+jinja", "<b>{{ x }}</b>"), ("json", '{"a": 1}')):
    print(highlight(code, get_lexer_by_name(name), get_formatter_by_name("html", nowrap=True)).strip())
print(guess_lexer_for_filename("x.toml", "a = 1").name, get_style_by_name("monokai").background_color)
print(repr(highlight("x = 1", get_lexer_by_name("python"), get_formatter_by_name("terminal256", style="dracula"))))
