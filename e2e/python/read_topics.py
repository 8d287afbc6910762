"""Prints the events of some topics, one JSON object a line, with nothing but confluent-kafka: no code of inklog's.

    python read_topics.py inklog.posts.v1 inklog.accounts.v1

It reads each partition from its beginning to its present end with default settings, and applies the rule of
docs/topics.md, so that it is right even where a paused writer woke up and appended what does not count.
"""

import json
import os
import sys

from confluent_kafka import Consumer, TopicPartition
from confluent_kafka.schema_registry import SchemaRegistryClient
from confluent_kafka.schema_registry.avro import AvroDeserializer
from confluent_kafka.serialization import MessageField, SerializationContext

TERM_STARTED = "inklog.log.TermStarted"


def partitions(consumer, topics):
    """All partitions of the topics with their ends."""
    for topic in topics:
        for number in consumer.list_topics(topic, timeout=10).topics[topic].partitions:
            partition = TopicPartition(topic, number, 0)
            yield partition, consumer.get_watermark_offsets(partition, timeout=10)[1]


def records(consumer, topics):
    """Everything in the topics by now."""
    ends = {(p.topic, p.partition): (p, end) for p, end in partitions(consumer, topics)}
    left = sum(end for _, end in ends.values())
    consumer.assign([partition for partition, _ in ends.values()])
    while left > 0:
        message = consumer.poll(10)
        if message is None or message.error():
            sys.exit(f"{left} records are missing: {message and message.error()}")
        if message.offset() < ends[message.topic(), message.partition()][1]:
            left -= 1
            yield message


def events(messages, decode):
    """Those that count, decoded."""
    places = {}
    for message in messages:
        where = (message.topic(), message.partition())
        term, seq = places.get(where, (0, 0))
        headers = {name: value.decode() for name, value in message.headers() or []}
        record = decode(message.value(), SerializationContext(message.topic(), MessageField.VALUE))
        if record["event_type"] == TERM_STARTED:
            if record["term"] == term + 1:
                places[where] = (term + 1, 0)
        elif term > 0 and (headers["inklog-term"], headers["inklog-seq"]) == (str(term), str(seq + 1)):
            places[where] = (term, seq + 1)
            yield record


def plain(value):
    """A time as the other clients print it."""
    return value.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def main(topics):
    consumer = Consumer({"bootstrap.servers": os.environ.get("INKLOG_KAFKA_BROKERS", "127.0.0.1:19092"), "group.id": "read_topics"})
    registry = os.environ.get("INKLOG_REGISTRY_URL", "http://127.0.0.1:18081/apis/ccompat/v7")
    decode = AvroDeserializer(SchemaRegistryClient({"url": registry}))
    for event in events(records(consumer, topics), decode):
        print(json.dumps(event, default=plain))
    consumer.close()


if __name__ == "__main__":
    main(sys.argv[1:])
