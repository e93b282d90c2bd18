# requires: luigi doit invoke
import pathlib
import subprocess

import luigi


class Part(luigi.Task):
    n = luigi.IntParameter()

    def output(self):
        return luigi.LocalTarget(f"/tmp/part{self.n}")

    def run(self):
        with self.output().open("w") as out:
            out.write("x")


class Whole(luigi.WrapperTask):
    def requires(self):
        return [Part(1), Part(2)]


print(luigi.build([Whole()], local_scheduler=True, log_level="ERROR"))
folder = pathlib.Path("/tmp/tasks")
folder.mkdir()
(folder / "dodo.py").write_text("def task_x():\n    return {'actions': ['echo from doit'], 'verbosity': 2}\n")
(folder / "tasks.py").write_text("from invoke import task\n@task\ndef go(c):\n    c.run('echo from invoke')\n")
for command in ["doit"], ["invoke", "go"]:
    run = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    print(run.returncode, run.stdout)
