#!/bin/sh
# An idempotent producer waits for a busy broker for ever, and gives a record up when its partition has no leader for a moment.
#
# Versions: aiokafka 0.14.0.
# One would guess: with enable_idempotence a batch does not expire, as aiokafka's own comment on retries has it ("we never expire
# batches, but retry until we succeed"); so a record that is sent while the only broker with its partition restarts is written
# when that broker is back.
# What happens: that holds for answers of a broker that can be repeated. A batch that can't be sent at all, since the partition
# has no leader, is given up after request_timeout_ms with LeaderNotAvailableError, counted from when it was made. Here the
# leader is back one second later. In a transaction this fails the commit, and with it most programs.
# Who is hurt: pipelines on topics with one replica, or whose other replicas are away, in a restart that takes longer than
# request_timeout_ms; a shorter time-out, set to notice dead connections soon, makes it more likely.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check aiokafka==0.14.0
cat > "$dir/leaderless.py" <<'PY'
import asyncio
import logging
import socket
import struct
import threading
import time

from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

logging.disable(logging.CRITICAL)
REQUEST_SECONDS, LEADERLESS_SECONDS = 3.0, 4.0
API_VERSIONS, METADATA, INIT_PRODUCER_ID = 18, 3, 22


def text(value):
    return struct.pack(">h", len(value)) + value


class Broker:
    """Tells of one partition, which has no leader for the first seconds."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.leader_from = time.monotonic() + LEADERLESS_SECONDS
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        requests = connection.makefile("rb")
        while size := requests.read(4):
            request = requests.read(struct.unpack(">i", size)[0])
            kind, _, number = struct.unpack_from(">hhi", request)
            body = {API_VERSIONS: self.versions, METADATA: self.metadata, INIT_PRODUCER_ID: self.producer_id}[kind]()
            connection.sendall(struct.pack(">ii", 4 + len(body), number) + body)

    def versions(self):
        kinds = [(API_VERSIONS, 0, 0), (METADATA, 0, 0), (INIT_PRODUCER_ID, 0, 0), (0, 3, 3)]
        return struct.pack(">hi", 0, len(kinds)) + b"".join(struct.pack(">hhh", *kind) for kind in kinds)

    def metadata(self):
        error, leader = (0, 0) if time.monotonic() >= self.leader_from else (5, -1)
        brokers = struct.pack(">ii", 1, 0) + text(b"127.0.0.1") + struct.pack(">i", self.port)
        partition = struct.pack(">hiiiiii", error, 0, leader, 1, 0, 1, 0)
        return brokers + struct.pack(">ih", 1, 0) + text(b"news") + struct.pack(">i", 1) + partition

    def producer_id(self):
        return struct.pack(">ihqh", 0, 0, 1, 0)


async def main():
    broker = Broker()
    producer = AIOKafkaProducer(
        bootstrap_servers=f"127.0.0.1:{broker.port}", enable_idempotence=True, acks="all",
        request_timeout_ms=int(REQUEST_SECONDS * 1000),
    )
    await producer.start()
    sent = time.monotonic()
    try:
        await producer.send_and_wait("news", b"a headline", partition=0)
    except KafkaError as error:
        after = time.monotonic() - sent
        print(f"{type(error).__name__} after {after:.0f} s; the leader comes back after {LEADERLESS_SECONDS:.0f} s")
    else:
        print("written")
    await producer.client.close()


asyncio.run(asyncio.wait_for(main(), 20))
PY
"$dir/venv/bin/python" "$dir/leaderless.py" 2>/dev/null | tee "$dir/out"
diff "$dir/out" - <<'OUT'
LeaderNotAvailableError after 3 s; the leader comes back after 4 s
OUT
