# requires: dash
import json

from dash import Dash, Input, Output, dcc, html

app = Dash("x")
app.layout = html.Div([dcc.Input(id="i"), dcc.Graph(id="g", figure={"data": []}), html.Div(id="o")])


@app.callback(Output("o", "children"), Input("i", "value"))
def update(value):
    return f"got {value}"


client = app.server.test_client()
print(client.get("/_dash-layout").get_json()["type"], client.get("/").status_code, len(client.get("/_dash-dependencies").get_json()))
body = {"output": "o.children", "outputs": {"id": "o", "property": "children"}, "inputs": [{"id": "i", "property": "value", "value": "v"}], "changedPropIds": ["i.value"]}
print(json.loads(client.post("/_dash-update-component", json=body).data)["response"])
