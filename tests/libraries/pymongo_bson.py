# requires: pymongo
import datetime

import bson
import pymongo
from bson import json_util

document = {"a": 1, "d": datetime.datetime(2024, 1, 1), "o": bson.ObjectId("5f5f5f5f5f5f5f5f5f5f5f5f"), "n": bson.Decimal128("1.5")}
print(bson.encode(document).hex(), json_util.dumps(document), bson.has_c())
client = pymongo.MongoClient("mongodb://127.0.0.1:1", serverSelectionTimeoutMS=50)
try:
    client.admin.command("ping")
except pymongo.errors.ServerSelectionTimeoutError as error:
    print(type(error).__name__)
