# requires: numba
import numba
import numpy as np


@numba.njit
def total(a):
    t = 0.0
    for x in a:
        t += x
    return t


@numba.vectorize(["float64(float64)"])
def double(x):
    return x * 2


print(total(np.arange(10.0)), double(np.array([1.5])), len(total.signatures), numba.typed.List([1, 2]))
