# requires: click
import click
from click.shell_completion import get_completion_class
from click.testing import CliRunner


@click.group()
@click.version_option("1.0")
def cli():
    """A tool."""


@cli.command()
@click.option("--count", type=click.IntRange(1, 5), default=1, show_default=True)
@click.argument("file", type=click.File())
def cat(count, file):
    click.secho(file.read() * count, fg="red")


runner = CliRunner()
with runner.isolated_filesystem("/tmp"):
    open("f", "w").write("x")
    print(runner.invoke(cli, ["cat", "--count", "2", "f"]).output, runner.invoke(cli, ["cat", "--count", "9", "f"]).output)
print(runner.invoke(cli, ["--help"]).output, get_completion_class("bash").name)
