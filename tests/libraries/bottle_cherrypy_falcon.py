# requires: bottle cherrypy falcon webtest
import bottle, cherrypy, falcon, falcon.testing, falcon.asgi, json
from webtest import TestApp
app = bottle.Bottle()
@app.get("/hi/<name>")
def hi(name): return bottle.template("Hello {{name}}!", name=name)
@app.post("/j")
def j(): return {"got": bottle.request.json}
t = TestApp(app); print(t.get("/hi/x").text, t.post_json("/j", {"a": 1}).json, t.get("/no", status=404).status)
class R:
    def on_get(self, req, resp): resp.media = {"q": req.get_param_as_int("q"), "d": str(req.get_param_as_date("d"))}
    def on_post(self, req, resp): resp.media = req.media; resp.set_cookie("a", "b")
f = falcon.App(); f.add_route("/r", R()); c = falcon.testing.TestClient(f)
print(c.simulate_get("/r", params={"q": "3", "d": "2020-01-01"}).json, c.simulate_post("/r", body=b"a=1", headers={"content-type": "application/x-www-form-urlencoded"}).json, c.simulate_get("/nope").status)
class AR:
    async def on_get(self, req, resp): resp.text = "async"
fa = falcon.asgi.App(); fa.add_route("/a", AR()); print(falcon.testing.TestClient(fa).simulate_get("/a").text)
class Root:
    @cherrypy.expose
    def index(self, n="1"): return "cherry " + n
    @cherrypy.expose
    @cherrypy.tools.json_out()
    def js(self): return {"x": [1]}
cherrypy.config.update({"environment": "embedded", "log.screen": False})
w = TestApp(cherrypy.tree.mount(Root(), "/", {"/": {"tools.sessions.on": True}}))
print(w.get("/?n=4").text, w.get("/js").json)
