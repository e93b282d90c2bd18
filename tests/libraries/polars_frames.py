# requires: polars
import polars as pl

frame = pl.DataFrame({"k": ["a", "b", "a"], "v": [1, 2, 3]})
print(frame.group_by("k").agg(pl.col("v").sum()).sort("k"), frame.lazy().filter(pl.col("v") > 1).select(pl.len()).collect().item())
print(frame.write_csv(), pl.sql("select sum(v) from frame").collect().item(), frame.to_dicts()[0])
