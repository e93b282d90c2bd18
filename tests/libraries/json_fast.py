# requires: orjson ujson simplejson
import datetime
import decimal
import uuid

import orjson
import simplejson
import ujson

value = {"b": [1, 2.5, None], "a": "ü"}
print(orjson.dumps(value, option=orjson.OPT_SORT_KEYS), ujson.dumps(value), simplejson.dumps(value, use_decimal=True))
print(orjson.dumps({"d": datetime.datetime(2024, 1, 1), "u": uuid.UUID(int=1)}), simplejson.dumps(decimal.Decimal("1.10")))
for loads in (orjson.loads, ujson.loads, simplejson.loads):
    try:
        loads("{")
    except ValueError as error:
        print(type(error).__name__)
