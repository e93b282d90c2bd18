# requires: typer
from enum import Enum

import typer
from typer.testing import CliRunner

app = typer.Typer()


class Kind(str, Enum):
    a = "a"
    b = "b"


@app.command()
def hello(name: str, kind: Kind = Kind.a, loud: bool = False):
    """Greets."""
    typer.echo(f"hello {name.upper() if loud else name} {kind.value}")


@app.command()
def fail():
    raise typer.Exit(3)


runner = CliRunner()
print(runner.invoke(app, ["hello", "x", "--loud", "--kind", "b"]).output)
print(runner.invoke(app, ["fail"]).exit_code, runner.invoke(app, ["hello", "x", "--kind", "c"]).exit_code)
print("Greets" in runner.invoke(app, ["--help"]).output)
