# requires: joblib cloudpickle
import multiprocessing
from concurrent.futures import ProcessPoolExecutor

import cloudpickle
import joblib


def square(x):
    return x * x


if __name__ == "__main__":
    with ProcessPoolExecutor(2, mp_context=multiprocessing.get_context("forkserver")) as pool:
        print(list(pool.map(square, range(4))))
    with multiprocessing.get_context("fork").Pool(1) as pool:
        print(pool.map(square, [5]))
    print(joblib.Parallel(n_jobs=2, backend="loky")(joblib.delayed(abs)(-i) for i in range(3)), joblib.hash([1, 2]))
    print(cloudpickle.loads(cloudpickle.dumps(lambda x: x + 1))(1))
    manager = multiprocessing.get_context("fork").Manager()
    print(manager.list([1])[0])
