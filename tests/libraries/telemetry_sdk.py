# requires: opentelemetry-sdk prometheus-client sentry-sdk
import prometheus_client
import sentry_sdk
from opentelemetry import metrics, trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

exporter = InMemorySpanExporter()
provider = TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
with trace.get_tracer("t").start_as_current_span("s") as span:
    span.set_attribute("a", 1)
print([(s.name, dict(s.attributes)) for s in exporter.get_finished_spans()], metrics.get_meter("m").__class__.__name__)
counter = prometheus_client.Counter("c", "help", registry=(registry := prometheus_client.CollectorRegistry()))
counter.inc()
print(prometheus_client.generate_latest(registry).decode().splitlines()[2])
sent = []
sentry_sdk.init("http://a@127.0.0.1/1", before_send=lambda event, hint: sent.append(event["exception"]["values"][0]["type"]), auto_enabling_integrations=True)
try:
    1 / 0
except ZeroDivisionError as error:
    sentry_sdk.capture_exception(error)
print(sent)
