# requires: alembic sqlalchemy
import pathlib

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory

folder = pathlib.Path("/tmp/project")
folder.mkdir()
config = Config(str(folder / "alembic.ini"), stdout=open("/dev/null", "w"))
config.set_main_option("script_location", str(folder / "migrations"))
config.set_main_option("sqlalchemy.url", "sqlite:////tmp/a.db")
command.init(config, str(folder / "migrations"))
config = Config(str(folder / "alembic.ini"), stdout=open("/dev/null", "w"))
config.set_main_option("sqlalchemy.url", "sqlite:////tmp/a.db")
command.revision(config, "first", rev_id="abc")
command.upgrade(config, "head")
print(ScriptDirectory.from_config(config).get_current_head())
print(sorted(p.name for p in (folder / "migrations").iterdir() if p.name != "__pycache__"))
