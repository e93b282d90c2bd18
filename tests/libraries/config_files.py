# requires: configobj confuse dynaconf python-decouple everett configargparse
import configobj, validate, confuse, os, configargparse, decouple
from dynaconf import Dynaconf
from everett.manager import ConfigManager, ConfigDictEnv
c = configobj.ConfigObj(["a = 1", "[s]", "b = x, y"], configspec=["a = integer(0, 9)", "[s]", "b = list()"]); print(c.validate(validate.Validator()), c["a"], c["s"]["b"], c.write())
k = confuse.Configuration("app", read=False); k.set({"a": {"b": 2}}); print(k["a"]["b"].get(int), k["a"].get(dict))
open("/tmp/s.toml", "w").write("[default]\nx = 1\n[production]\nx = 2\n"); open("/tmp/s.yaml", "w").write("default:\n  y: [1,2]\n"); open("/tmp/s.ini", "w").write("[default]\nz = 5\n")
d = Dynaconf(settings_files=["/tmp/s.toml", "/tmp/s.yaml", "/tmp/s.ini"], environments=True, env="production"); print(d.X, d.Y, d.Z)
os.environ["DE"] = "7"; print(decouple.config("DE", cast=int), decouple.config("NO", default="q"))
print(ConfigManager([ConfigDictEnv({"FOO": "3"})])("foo", parser=int))
p = configargparse.ArgParser(default_config_files=["/tmp/c.conf"]); p.add("--v", env_var="DE"); print(p.parse_args([]).v)
