# requires: pyarrow
import io

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.csv
import pyarrow.dataset
import pyarrow.parquet as pq

table = pa.table({"a": [1, 2, None], "b": ["x", "y", "z"]})
sink = io.BytesIO()
pq.write_table(table, sink, compression="zstd")
print(pq.read_table(io.BytesIO(sink.getvalue())).equals(table), pc.sum(table["a"]), table.schema)
print(pa.csv.read_csv(io.BytesIO(b"p,q\n1,2\n")).to_pydict(), pa.ipc.read_tensor.__name__)
print(table.filter(pc.field("a") > 1).num_rows, pyarrow.dataset.dataset(table).count_rows())
