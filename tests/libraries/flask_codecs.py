# requires: flask
"""Codecs whose names come from clients, from data and from callers of Flask."""
import io
import json

from flask import Flask, request

app = Flask(__name__)


@app.post("/upload")
def upload():
    codec = json.loads(request.args["options"])["codec"]
    return request.files["f"].read().decode(codec)


@app.post("/raw")
def raw():
    return request.get_data().decode(request.mimetype_params.get("charset", "utf-8"))


@app.get("/accept")
def accept():
    return str(request.accept_charsets.best_match(["iso8859-2", "big5"]))


client = app.test_client()
options = json.dumps({"codec": "euc-jp"})
sent = {"f": (io.BytesIO("日本".encode("euc-jp")), "x.txt")}
print(client.post("/upload", query_string={"options": options}, data=sent).text)
headers = {"Content-Type": "text/plain; charset=koi8-r"}
print(client.post("/raw", data="привет".encode("koi8-r"), headers=headers).text)
print(client.get("/accept", headers={"Accept-Charset": "cn-big5;q=0.2, ISO_8859-2"}).text)
with open("/tmp/resource.txt", "wb") as file:
    file.write("漢字".encode("gb18030"))
with app.open_resource("/tmp/resource.txt", "r", json.loads('["gb18030"]')[0]) as file:
    print(file.read())
