# requires: kombu packaging
from kombu import Connection, Exchange, Queue
from kombu.serialization import registry

queue = Queue("q", Exchange("e", type="direct"), routing_key="k")
with Connection("memory://") as connection:
    with connection.Producer(serializer="json", compression="zlib") as producer:
        producer.publish({"a": 1}, exchange=queue.exchange, routing_key="k", declare=[queue])
    got = []
    with connection.Consumer(queue, callbacks=[lambda body, message: (got.append(body), message.ack())]):
        connection.drain_events(timeout=2)
print(got, Connection("amqp://localhost/v").virtual_host, sorted(registry.name_to_type)[:2])
