# requires: poetry-core
import os
import pathlib
import zipfile

from poetry.core.constraints.version import parse_constraint
from poetry.core.masonry import api

project = pathlib.Path("/tmp/project")
(project / "demo").mkdir(parents=True)
(project / "demo" / "__init__.py").write_text("x = 1\n")
(project / "README.md").write_text("hi\n")
(project / "pyproject.toml").write_text("""
[tool.poetry]
name = "demo"
version = "1.2"
description = "d"
authors = ["A <a@b.c>"]
readme = "README.md"

[tool.poetry.dependencies]
python = ">=3.8"
requests = {version = "^2", optional = true}
""")
os.chdir(project)
wheel = api.build_wheel("/tmp")
print(wheel, sorted(zipfile.ZipFile(f"/tmp/{wheel}").namelist()), api.build_sdist("/tmp"))
print(parse_constraint("^1.2").allows(parse_constraint("1.3")))
