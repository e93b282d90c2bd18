# requires: tenacity cachetools backoff
import backoff
import cachetools
import cachetools.keys
import tenacity

calls = []


@tenacity.retry(stop=tenacity.stop_after_attempt(3), wait=tenacity.wait_none(), reraise=True)
def flaky():
    calls.append(1)
    if len(calls) < 3:
        raise OSError
    return "ok"


@backoff.on_exception(backoff.constant, ValueError, max_tries=2, interval=0, jitter=None)
def twice():
    calls.append(2)
    raise ValueError("no")


cache = cachetools.TTLCache(2, 60)
cache["a"] = 1
cache["b"] = 2
cache["c"] = 3
print(flaky(), len(calls), "a" in cache, cachetools.cached({}, key=cachetools.keys.typedkey)(lambda x: x + 1)(1))
try:
    twice()
except ValueError as error:
    print(error, len(calls))
