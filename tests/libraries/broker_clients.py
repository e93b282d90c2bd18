# requires: pymysql elasticsearch kafka-python pika paho-mqtt
import pymysql, pymysql.converters, pymysql.cursors
from elasticsearch import Elasticsearch
from elasticsearch.helpers import bulk
from kafka import KafkaProducer, TopicPartition
from kafka.errors import KafkaError
import pika, paho.mqtt.client as mqtt
print(pymysql.converters.escape_item({"a": 1}, "utf8") if False else pymysql.converters.escape_string("it's"), pymysql.converters.convert_datetime("2020-01-02 03:04:05"))
try: pymysql.connect(host="127.0.0.1", port=1, user="x", password="y", connect_timeout=1)
except pymysql.err.OperationalError as e: print(e.args[0])
es = Elasticsearch("http://127.0.0.1:1", max_retries=0, request_timeout=1)
try: es.search(index="a", query={"match": {"x": 1}})
except Exception as e: print(type(e).__name__)
try: bulk(es, [{"_index": "a", "x": 1}])
except Exception as e: print(type(e).__name__)
print(TopicPartition("t", 0))
try: KafkaProducer(bootstrap_servers="127.0.0.1:1", api_version_auto_timeout_ms=200, max_block_ms=200)
except Exception as e: print(type(e).__name__)
p = pika.ConnectionParameters("127.0.0.1", 1, connection_attempts=1, socket_timeout=0.5); print(p.host, pika.BasicProperties(content_type="a/b"))
try: pika.BlockingConnection(p)
except Exception as e: print(type(e).__name__)
c = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, client_id="x")
try: c.connect("127.0.0.1", 1)
except OSError as e: print(e.errno)
print(mqtt.topic_matches_sub("a/+", "a/b"))
