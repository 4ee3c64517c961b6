#!/bin/sh
# The same lost connection is a KafkaConnectionError on asyncio's loop and a RuntimeError on uvloop's.
#
# Versions: aiokafka 0.14.0, uvloop 0.23.0 (also without uvloop, for comparison).
# One would guess: uvloop is a drop-in replacement, so a program sees the errors that the client documents, whichever loop runs
# it: KafkaConnectionError, which counts as retriable.
# What happens: when a connection breaks while a program is busy and several requests are sent in the next turns of the loop,
# asyncio drops what is written to the dead connection, and each request fails with KafkaConnectionError once the end is seen.
# uvloop has closed its handle by then and raises RuntimeError at the write. aiokafka expects OSError there, so the
# RuntimeError reaches whoever sent the request. One of those is aiokafka's own task that refreshes metadata: it ends, unseen,
# and everybody who waits for metadata from then on waits for ever.
# Who is hurt: consumers and producers on uvloop whose broker restarts. Most runs reconnect at once; now and then one stands
# still without a line in any log, although the broker is back.
set -eu
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
python3 -m venv "$dir/venv"
"$dir/venv/bin/pip" install -q --disable-pip-version-check aiokafka==0.14.0 uvloop==0.23.0
cat > "$dir/requests.py" <<'PY'
import asyncio
import logging
import socket
import struct
import threading
import time
from collections import Counter

import uvloop
from aiokafka.client import AIOKafkaClient
from aiokafka.protocol.metadata import MetadataRequest

logging.disable(logging.CRITICAL)


class Broker:
    """Tells its versions and the cluster, and can die: its connections end by a reset."""

    def __init__(self):
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        self.connections = []
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self):
        while True:
            connection, _ = self.server.accept()
            self.connections.append(connection)
            threading.Thread(target=self.answer, args=(connection,), daemon=True).start()

    def answer(self, connection):
        requests = connection.makefile("rb")
        while size := requests.read(4):
            request = requests.read(struct.unpack(">i", size)[0])
            kind, _, number = struct.unpack_from(">hhi", request)
            if kind == 18:
                body = struct.pack(">hi6h", 0, 2, 3, 0, 0, 18, 0, 0)
            else:
                host = b"127.0.0.1"
                body = struct.pack(">iih", 1, 0, len(host)) + host + struct.pack(">ii", self.port, 0)
            connection.sendall(struct.pack(">ii", 4 + len(body), number) + body)
        requests.close()
        connection.close()

    def die(self):
        for connection in self.connections:
            if connection.fileno() >= 0:
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                connection.shutdown(socket.SHUT_RDWR)


async def send_while_it_dies():
    broker = Broker()
    client = AIOKafkaClient(bootstrap_servers=f"127.0.0.1:{broker.port}", request_timeout_ms=5000)
    await client.bootstrap()
    await client.ready(0)

    async def work():
        broker.die()
        time.sleep(0.2)

    working = asyncio.create_task(work())
    requests = []
    for _ in range(8):
        requests.append(asyncio.create_task(client.send(0, MetadataRequest([]))))
        await asyncio.sleep(0)
    answers = await asyncio.gather(*requests, return_exceptions=True)
    await working
    await client.close()
    return sorted({type(answer).__name__ for answer in answers if isinstance(answer, BaseException)})


for name, loop in (("asyncio", asyncio.new_event_loop), ("uvloop", uvloop.new_event_loop)):
    with asyncio.Runner(loop_factory=loop) as runner:
        kinds = set()
        for _ in range(10):
            kinds.update(runner.run(send_while_it_dies()))
    print(f"{name}: requests failed with {' and '.join(sorted(kinds))}")
PY
"$dir/venv/bin/python" "$dir/requests.py" | tee "$dir/out"
diff "$dir/out" - <<'OUT'
asyncio: requests failed with KafkaConnectionError
uvloop: requests failed with KafkaConnectionError and RuntimeError
OUT
