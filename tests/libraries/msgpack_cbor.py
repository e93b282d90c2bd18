# requires: msgpack cbor2
import datetime

import cbor2
import msgpack

value = {"a": [1, b"x", 2.5], "t": None}
print(msgpack.packb(value).hex(), msgpack.unpackb(msgpack.packb(value)))
print(cbor2.dumps(value).hex(), cbor2.loads(cbor2.dumps(datetime.datetime(2024, 1, 1, tzinfo=datetime.timezone.utc))))
print(msgpack.Packer.__module__, msgpack.Timestamp(1, 2))
