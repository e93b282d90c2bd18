# requires: pandas openpyxl
import io

import pandas as pd

frame = pd.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3], "t": pd.date_range("2024-01-30", periods=3, tz="Europe/Berlin")})
print(frame.groupby("k").v.agg(["sum", "mean"]), frame.pivot_table(index="k", values="v").to_dict())
print(pd.read_csv(io.StringIO("a;b\n1;x\n2;"), sep=";").to_json(), frame.dtypes.astype(str).tolist())
print(frame.set_index("t").resample("ME").v.sum().tolist(), frame.merge(frame, on="k").shape)
book = io.BytesIO()
frame.drop(columns="t").to_excel(book, index=False)
print(pd.read_excel(book).shape, frame.v.rolling(2).mean().tolist()[1:], pd.Series(["x1"]).str.extract(r"(\d)")[0][0])
print(frame.query("v > 1").to_string(), frame.v.plot.__class__.__name__, pd.to_datetime("3 Feb 2024").isoformat())
print(frame.to_html()[:20])
