# requires: dask[array,dataframe]
import dask
import dask.array as da
import dask.bag
import dask.dataframe as dd
import pandas as pd

print(da.ones((100, 100), chunks=50).sum().compute(), dask.delayed(sum)([1, dask.delayed(abs)(-2)]).compute(scheduler="threads"))
frame = dd.from_pandas(pd.DataFrame({"k": list("abab"), "v": range(4)}), npartitions=2)
print(frame.groupby("k").v.sum().compute().to_dict(), dask.bag.from_sequence([1, 2, 3]).map(lambda x: x * 2).sum().compute(scheduler="sync"))
