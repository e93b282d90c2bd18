# requires: toml tomli-w tomlkit
import toml
import tomli_w
import tomlkit

text = 'a = 1\n# c\n[b]\nd = 2024-01-01T00:00:00Z\n[[e]]\nf = ["x"]\n'
print(toml.loads(text)["e"], toml.dumps({"a": {"b": [1.5]}}))
document = tomlkit.parse(text)
document["b"]["new"] = True
print(tomlkit.dumps(document), tomli_w.dumps({"x": {"y": [{"z": 1}]}}))
