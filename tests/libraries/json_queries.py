# requires: jmespath jsonpath-ng deepdiff jsonpatch pyld
import jmespath, deepdiff, jsonpatch
from jsonpath_ng import parse
from jsonpath_ng.ext import parse as eparse
from pyld import jsonld
print(jmespath.search("a[?b > `1`].c | sort(@)", {"a": [{"b": 2, "c": "z"}, {"b": 3, "c": "y"}, {"b": 0, "c": "n"}]}))
print([m.value for m in parse("a[*].b").find({"a": [{"b": 1}, {"b": 2}]})], [m.value for m in eparse("a[?(@.b>1)].b").find({"a": [{"b": 1}, {"b": 2}]})])
d = deepdiff.DeepDiff({"a": [1, 2], "b": {"x": 1}}, {"a": [1, 3], "b": {}}, ignore_order=True); print(d.to_json(), deepdiff.DeepHash({"a": 1})is not None, list(deepdiff.grep("x") if False else deepdiff.DeepSearch({"q": "xx"}, "xx")))
p = jsonpatch.make_patch({"a": 1}, {"a": 2, "b": 3}); print(p.to_string(), p.apply({"a": 1}))
print(jsonld.expand({"@context": {"n": "http://s/n"}, "n": "x"}), jsonld.to_rdf({"@id": "http://a", "http://s/n": "v"}, {"format": "application/n-quads"}))
