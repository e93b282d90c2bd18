# requires: marshmallow marshmallow-sqlalchemy webargs
import datetime

from marshmallow import Schema, ValidationError, fields, post_load, validate


class Item(Schema):
    name = fields.Str(required=True, validate=validate.Length(2))
    when = fields.DateTime()
    url = fields.Url()
    nested = fields.List(fields.Nested(lambda: Item(only=("name",))))

    @post_load
    def make(self, data, **kwargs):
        return ("made", sorted(data))


print(Item().load({"name": "ab", "when": "2024-01-01T00:00:00"}), Item().dump({"name": "x", "when": datetime.datetime(2024, 1, 1)}))
try:
    Item().load({"name": "a", "url": "no", "nested": [{}]})
except ValidationError as error:
    print(error.messages)
