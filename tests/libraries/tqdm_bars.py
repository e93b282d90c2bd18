# requires: tqdm
import io
import re

from tqdm import tqdm, trange
from tqdm.auto import tqdm as auto
from tqdm.contrib import tenumerate
from tqdm.contrib.concurrent import thread_map

out = io.StringIO()
print(sum(tqdm(range(100), file=out, ascii=True, desc="d")), "100%" in out.getvalue(), bool(re.search("100/100", out.getvalue())))
print(thread_map(abs, [-1, -2], file=out, max_workers=2), sum(trange(3, file=out)), [i for i, _ in tenumerate("ab", file=out)])
print(tqdm.format_sizeof(123456), auto.__name__)
