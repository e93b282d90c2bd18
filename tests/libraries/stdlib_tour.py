# requires: wheel
import asyncio
import base64
import codecs
import collections
import configparser
import csv
import ctypes
import ctypes.util
import curses.ascii
import dbm.dumb
import decimal
import difflib
import email.mime.multipart
import gettext
import html.parser
import http.client
import importlib.metadata
import importlib.resources
import io
import ipaddress
import json
import logging.config
import mimetypes
import pickle
import pkgutil
import plistlib
import queue
import sched
import shelve
import sqlite3
import string
import tarfile
import urllib.robotparser
import uuid
import xml.sax
import zipfile
import zoneinfo

print(base64.b32encode(b"x"), collections.Counter("aab"), csv.Sniffer().sniff("a;b\n1;2").delimiter, ctypes.CDLL(None).abs(-3))
print(ctypes.util.find_library("z"), curses.ascii.ctrl("a").encode(), decimal.getcontext().prec, difflib.get_close_matches("appel", ["apple"]))
print(html.unescape("&eacute;"), ipaddress.ip_network("10.0.0.0/30").num_addresses, json.dumps(1), mimetypes.guess_type("a.html"))
print(pickle.loads(pickle.dumps({1})), plistlib.loads(plistlib.dumps({"a": 1})), zoneinfo.ZoneInfo("Asia/Tokyo").key, len(zoneinfo.available_timezones()) > 400)
with shelve.open("/tmp/s") as shelf:
    shelf["a"] = [1]
    print(shelf["a"], string.Template("$x").substitute(x=1), uuid.uuid5(uuid.NAMESPACE_URL, "u"))
logging.config.fileConfig(io.StringIO(
    "[loggers]\nkeys=root\n[handlers]\nkeys=h\n[formatters]\nkeys=\n[logger_root]\nhandlers=h\n[handler_h]\nclass=logging.handlers.MemoryHandler\nargs=(1,)\n"))
print([type(h).__name__ for h in logging.getLogger().handlers], "ü".encode("cp1140"), "é".encode("punycode"), b"aGk=".decode("ascii"), codecs.encode("x", "rot13"))
print(asyncio.run(asyncio.sleep(0, "slept")), sqlite3.connect(":memory:").execute("select 1").fetchall(), importlib.metadata.version("wheel") > "0")
print(zipfile.is_zipfile(__file__), tarfile.is_tarfile(__file__), gettext.gettext("a"), [m.name for m in pkgutil.iter_modules(json.__path__)])
