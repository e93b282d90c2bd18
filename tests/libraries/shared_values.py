# requires: joblib
"""Values, arrays and managers that processes share."""
import multiprocessing

import joblib


def add(value, numbers):
    with value.get_lock():
        value.value += 1
        numbers.append(value.value)


if __name__ == "__main__":
    value = multiprocessing.Value("i", 0)
    with multiprocessing.Manager() as manager:
        numbers = manager.list()
        processes = [multiprocessing.Process(target=add, args=(value, numbers)) for _ in range(2)]
        for process in processes:
            process.start()
        for process in processes:
            process.join()
        print(value.value, sorted(numbers))
    print(list(multiprocessing.Array("d", [1.0, 2.0])), list(multiprocessing.get_context("spawn").RawArray("i", 3)))
    print(joblib.Parallel(2)(joblib.delayed(abs)(i) for i in (-1, -2)))
