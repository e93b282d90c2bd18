# requires: plotly numpy
import plotly.express as px
import plotly.graph_objects as go
import plotly.io as pio

figure = go.Figure(go.Scatter(x=[1, 2], y=[3, 4]), layout={"title": "t", "template": "plotly_dark"})
figure.add_trace(go.Bar(x=[1], y=[2]))
print(len(figure.to_json()) > 100, figure.data[1].type, sorted(pio.templates)[:3])
html = pio.to_html(figure, include_plotlyjs=True, div_id="d")
print(len(html) > 1_000_000, px.colors.qualitative.Plotly[0])
