# requires: cerberus voluptuous fastjsonschema msgspec
import cerberus, voluptuous as v, fastjsonschema, msgspec, datetime
from typing import Optional
c = cerberus.Validator({"name": {"type": "string", "required": True}, "age": {"type": "integer", "min": 0, "coerce": int}})
print(c.validate({"name": "x", "age": "3"}), c.document, c.validate({"age": -1}), sorted(c.errors.items()))
s = v.Schema({v.Required("a"): v.All(int, v.Range(min=1)), "b": v.Any(None, v.Email()), "u": v.Url()})
print(s({"a": 2, "b": "x@example.com", "u": "http://e.org"}))
try: s({"a": 0})
except v.MultipleInvalid as e: print(e)
val = fastjsonschema.compile({"type": "object", "properties": {"d": {"type": "string", "format": "date"}, "n": {"type": "number", "multipleOf": 2}}})
print(val({"d": "2020-01-01", "n": 4}))
try: val({"n": 3})
except fastjsonschema.JsonSchemaException as e: print(e.message)
class P(msgspec.Struct):
    x: int
    d: Optional[datetime.date] = None
print(msgspec.json.decode(msgspec.json.encode(P(1, datetime.date(2020, 1, 2))), type=P), msgspec.msgpack.encode(P(2)), msgspec.json.schema(P)["$defs"])
try: msgspec.json.decode(b'{"x": "a"}', type=P)
except msgspec.ValidationError as e: print(e)
