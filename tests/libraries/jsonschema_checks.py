# requires: jsonschema[format]
import jsonschema

schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object", "required": ["a"],
          "properties": {"a": {"type": "integer"}, "m": {"type": "string", "format": "idn-email"}, "u": {"format": "uri"}}}
for value in ({"a": 1}, {"a": "x"}, {}, {"a": 1, "m": "nope"}, {"a": 1, "u": "::"}):
    errors = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).iter_errors(value)
    print([e.message for e in errors])
for version in (jsonschema.Draft4Validator, jsonschema.Draft7Validator, jsonschema.Draft201909Validator):
    version.check_schema(version.META_SCHEMA)
    print(version.__name__)
