# requires: sanic sanic-testing
from sanic import Sanic, json
from sanic.response import text

app = Sanic("a")


@app.get("/x/<n:int>")
async def x(request, n):
    return json({"n": n})


@app.exception(Exception)
async def oops(request, error):
    return text(type(error).__name__, status=500)


print(app.router.routes_all and sorted("/".join(r) for r in app.router.routes_all), app.url_for("x", n=3))
