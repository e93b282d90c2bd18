# requires: celery
from celery import Celery, chain, group
from celery.schedules import crontab

app = Celery("p", broker="memory://", backend="cache+memory://")
app.conf.update(task_always_eager=True, task_store_eager_result=True, timezone="Europe/Berlin")


@app.task
def add(a, b):
    return a + b


@app.task(bind=True, max_retries=1)
def flaky(self):
    if self.request.retries == 0:
        raise self.retry(countdown=0)
    return "done"


print(add.delay(1, 2).get(), chain(add.s(1, 1), add.s(5))().get(), group(add.s(i, i) for i in range(3))().get(), flaky.delay().get())
app.conf.beat_schedule = {"x": {"task": "t", "schedule": crontab(minute=0)}}
print(app.conf.beat_schedule["x"]["schedule"], sorted(t for t in app.tasks if t.startswith("celery."))[:2])
from celery.bin.celery import celery as command  # noqa: E402
from click.testing import CliRunner  # noqa: E402

print(CliRunner().invoke(command, ["--help"]).exit_code, app.amqp.queues is not None)
