# requires: flask
from flask import Flask, jsonify, render_template_string, session, url_for

app = Flask(__name__)
app.secret_key = "key"


@app.route("/hello/<name>")
def hello(name):
    session["name"] = name
    return render_template_string("Hello {{ name|title }}! {{ url_for('api') }}", name=name)


@app.route("/api", methods=["POST"])
def api():
    return jsonify(name=session.get("name"))


@app.cli.command()
def greet():
    """Says hello."""


client = app.test_client()
print(client.get("/hello/world").data.decode())
print(client.post("/api").get_json(), client.get("/nope").status_code)
print(app.test_cli_runner().invoke(args=["--help"]).output.splitlines()[-1])
