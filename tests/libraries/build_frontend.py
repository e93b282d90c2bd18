# requires: build hatchling
import pathlib
import subprocess
import sys

project = pathlib.Path("/tmp/project")
(project / "demo").mkdir(parents=True)
(project / "demo" / "__init__.py").write_text("x = 1\n")
(project / "pyproject.toml").write_text('[build-system]\nrequires = ["hatchling"]\nbuild-backend = "hatchling.build"\n[project]\nname = "demo"\nversion = "1"\n')
command = [sys.executable, "-m", "build", "--no-isolation", "--wheel", "."]
run = subprocess.run(command, cwd=project, capture_output=True, text=True)
print(run.returncode, sorted(path.name for path in (project / "dist").iterdir()))
