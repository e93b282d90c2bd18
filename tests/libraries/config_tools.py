# requires: python-dotenv dynaconf hydra-core omegaconf environs
import os
import pathlib

import dotenv
import dynaconf
import environs
from hydra import compose, initialize_config_dir
from omegaconf import OmegaConf

folder = pathlib.Path("/tmp/conf")
folder.mkdir()
(folder / "config.yaml").write_text("defaults:\n  - _self_\n  - db: pg\nn: 1\n")
(folder / "db").mkdir()
(folder / "db" / "pg.yaml").write_text("host: h\nport: 5\n")
(folder / ".env").write_text("A_B=1\nC='x y'\n")
(folder / "settings.toml").write_text("[default]\nk = 'v'\n")
print(dotenv.dotenv_values(folder / ".env"), dynaconf.Dynaconf(settings_files=[str(folder / "settings.toml")], environments=True).k)
with initialize_config_dir(str(folder), version_base=None):
    print(OmegaConf.to_yaml(compose("config", overrides=["db.port=9"])))
os.environ["N"] = "1,2"
print(environs.Env().list("N", subcast=int), OmegaConf.create({"a": "${b}", "b": 2}).a)
