# requires: psycopg[binary] psycopg2-binary
import datetime

import psycopg
import psycopg2
import psycopg2.extras
from psycopg import sql
from psycopg.types.json import Json

print(psycopg.pq.__impl__, sql.SQL("select {} from {}").format(sql.Identifier("a"), sql.Literal(datetime.date(2024, 1, 1))).as_string(None))
print(psycopg.adapters.types["jsonb"].oid, Json({"a": 1}).obj, psycopg2.extensions.adapt(["x", 1]).getquoted(), psycopg2.extras.Json({"a": 1}))
for connect, error in ((psycopg.connect, psycopg.OperationalError), (psycopg2.connect, psycopg2.OperationalError)):
    try:
        connect("host=127.0.0.1 port=1 connect_timeout=2")
    except error as found:
        print(type(found).__name__)
