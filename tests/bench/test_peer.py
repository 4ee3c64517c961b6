"""The memory of several processes is counted."""

import sys

from peer import Peer, running

FORKS = """
import os, time
shared = bytearray(os.urandom(1) * (64 << 20))
os.fork()
print("ready", flush=True)
time.sleep(60)
"""


def test_what_processes_share_counts_once() -> None:
    """A worker of three processes would seem to need three times the memory that it takes."""
    with running(Peer("forks", (sys.executable, "-c", FORKS))) as process:
        while process.log.read_text().count("ready") < 2:
            process.check()
        usage = process.usage()
    assert usage.resident > 128
    assert 64 < usage.together < 110
