# requires: flask flask-admin flask-babel flask-caching flask-limiter flask-socketio flask-jwt-extended
from flask import Flask, jsonify
from flask_admin import Admin, BaseView, expose
from flask_babel import Babel, gettext, format_datetime
from flask_caching import Cache
from flask_limiter import Limiter
from flask_limiter.util import get_remote_address
from flask_socketio import SocketIO, emit
from flask_jwt_extended import JWTManager, create_access_token, jwt_required, get_jwt_identity
import datetime
app = Flask(__name__); app.config.update(SECRET_KEY="x" * 32, JWT_SECRET_KEY="y" * 32, CACHE_TYPE="SimpleCache", RATELIMIT_STORAGE_URI="memory://", BABEL_DEFAULT_LOCALE="de")
Admin(app, name="adm"); Babel(app); cache = Cache(app); Limiter(get_remote_address, app=app, default_limits=["100/minute"]); JWTManager(app); sio = SocketIO(app, async_mode="threading")
n = [0]
@app.route("/c")
@cache.cached(timeout=50)
def c(): n[0] += 1; return str(n[0])
@app.route("/d")
def d(): return format_datetime(datetime.datetime(2020, 3, 1), "full")
@app.route("/t")
def t(): return create_access_token(identity="me")
@app.route("/p")
@jwt_required()
def p(): return jsonify(who=get_jwt_identity())
@sio.on("hi")
def hi(data): emit("re", data * 2)
k = app.test_client(); print(k.get("/c").text, k.get("/c").text, k.get("/d").text, k.get("/admin/").status_code); tok = k.get("/t").text
print(k.get("/p", headers={"Authorization": "Bearer " + tok}).json, k.get("/p").status_code)
s = sio.test_client(app); s.emit("hi", "x"); print(s.get_received()[0]["args"])
