# requires: rq dramatiq huey fakeredis
import fakeredis, dramatiq
from dramatiq.brokers.stub import StubBroker
from dramatiq import Worker
from rq import Queue, SimpleWorker
from rq.job import Job
from huey import MemoryHuey, crontab
r = fakeredis.FakeStrictRedis(); r.set("a", 1); r.hset("h", mapping={"x": 1}); print(r.get("a"), r.hgetall("h"), r.incr("n"))
import os.path
q = Queue(connection=r); j = q.enqueue(os.path.join, "a", "b"); print(j.get_status(), q.count, Job.fetch(j.id, connection=r).func_name)
b = StubBroker(); dramatiq.set_broker(b); out = []
@dramatiq.actor(max_retries=0)
def add(x, y): out.append(x + y)
w = Worker(b, worker_timeout=100); w.start(); add.send(1, 2); b.join("default"); w.join(); w.stop(); print(out)
h = MemoryHuey(immediate=True)
@h.task(retries=2)
def mul(x, y): return x * y
@h.periodic_task(crontab(minute="0"))
def per(): pass
print(mul(3, 4)(blocking=True), h.pending_count())
