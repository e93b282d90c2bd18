# requires: jinja2 click itsdangerous
"""Codecs whose computed names are passed to libraries by position."""
import json
import os

import click
import jinja2
from click.testing import CliRunner
from itsdangerous.encoding import want_bytes

chinese, korean, russian = json.loads('["gb18030", "euc-kr", "koi8-u"]')
os.makedirs("/tmp/templates", exist_ok=True)
with open("/tmp/templates/a.html", "wb") as file:
    file.write("{{ x }} 漢字".encode(chinese))
template = jinja2.Environment(loader=jinja2.FileSystemLoader("/tmp/templates", chinese)).get_template("a.html")
print(template.render(x=1))
template.stream(x=2).dump("/tmp/templates/out", chinese)
with open("/tmp/templates/out", "rb") as file:
    print(file.read().hex())


@click.command()
@click.argument("file", type=click.File("r", korean))
def main(file):
    click.echo(ascii(file.read()))


with open("/tmp/korean.txt", "wb") as file:
    file.write("한글".encode(korean))
print(CliRunner().invoke(main, ["/tmp/korean.txt"]).output)
with click.open_file("/tmp/korean.txt", "r", korean) as file:
    print(ascii(file.read()))
print(want_bytes("привет", russian).hex())
