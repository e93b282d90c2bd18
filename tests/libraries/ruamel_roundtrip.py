# requires: ruamel.yaml
import io

from ruamel.yaml import YAML

yaml = YAML()
yaml.indent(mapping=2, sequence=4, offset=2)
data = yaml.load("# comment\na:\n  - 1 # one\n  - b: {c: d}\nz: !!binary aGk=\n")
data["new"] = [1, 2]
out = io.StringIO()
yaml.dump(data, out)
print(out.getvalue(), YAML(typ="safe").load("x: 1e3"), data["z"])
