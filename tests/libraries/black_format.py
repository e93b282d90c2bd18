# requires: black
import black

print(black.format_str("x = {  'a':1,\n'b':[1,2,\n3]}\nmatch x:\n  case 1: pass\n", mode=black.Mode()))
try:
    black.format_str("x = (", mode=black.Mode())
except black.InvalidInput as error:
    print(type(error).__name__)
from click.testing import CliRunner  # noqa: E402

print(CliRunner().invoke(black.main, ["--version"]).exit_code, CliRunner().invoke(black.main, ["-c", "x=1"]).output)
