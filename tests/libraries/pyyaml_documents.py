# requires: pyyaml
import datetime

import yaml

print(yaml.__with_libyaml__, yaml.load("a: [1, 2.5, 2024-01-02, null, 0x1f]\nb: &x {c: d}\ne: *x", Loader=yaml.CSafeLoader))
print(yaml.dump({"ä": datetime.date(2024, 1, 1), "l": [True, None]}, allow_unicode=True, Dumper=yaml.CSafeDumper))
print(list(yaml.safe_load_all("a\n---\nb")))
try:
    yaml.safe_load("a: [")
except yaml.YAMLError as error:
    print(type(error).__name__)
