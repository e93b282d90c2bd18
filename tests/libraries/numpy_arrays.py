# requires: numpy
import io

import numpy as np
from numpy.linalg import inv, svd
from numpy.polynomial import Polynomial

rng = np.random.default_rng(1)
a = rng.normal(size=(3, 3))
print(np.round(inv(a) @ a, 6) + 0.0, np.round(svd(a)[1], 4), np.round(np.fft.fft([1, 2, 3]), 3))
print(Polynomial([1, 2]).integ()(2.0), np.einsum("ij->j", a).shape, np.array(["2024-01", "2024-02"], dtype="M8[M]") + 1)
buffer = io.BytesIO()
np.savez(buffer, a=a)
buffer.seek(0)
print(np.load(buffer)["a"].shape, np.ma.masked_less([1, 5], 2), np.genfromtxt(io.StringIO("1,2\n3,4"), delimiter=","))
print(np.char.upper(["a"]), np.histogram([1, 2, 2], bins=2)[0], np.random.RandomState(0).randint(10, size=3))
