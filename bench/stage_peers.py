"""The peers that copy messages from topic to topic, and what each of them promises."""

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final, NamedTuple

import java_peer
from peer import Peer, script

from infra.kafka.error import EmbeddedKafkaError

Maker = Callable[[str, str, Sequence[str]], Peer]
"""Takes the bootstrap servers, the group, and the topics from the source on."""

EXACTLY_ONCE: Final = "exactly once"
AT_LEAST_ONCE: Final = "at least once"


class StagePeer(NamedTuple):
    """A library, and the program that copies with it.

    Attributes:
        name: in the tables, with its version's name where it matters.
        guarantee: what it promises when a process is killed.
        file: the program in ``bench/peers``.
        package: the Python package that it needs.
        share: the share of the messages that it is given, because it takes so long.
        environ: environment variables of the program.
    """

    name: str
    guarantee: str
    file: str
    package: str = ""
    share: float = 1.0
    environ: Mapping[str, str] = {}

    @property
    def title(self) -> str:
        """Name and guarantee."""
        return f"{self.name}, {self.guarantee}"


PEERS: Final = {
    "pump": StagePeer("Newsquake's pump", EXACTLY_ONCE, "pump_stage.py"),
    "quix": StagePeer("quixstreams", EXACTLY_ONCE, "quix_stage.py", "quixstreams"),
    "confluent": StagePeer(
        "bare confluent-kafka, 1 000 a transaction",
        EXACTLY_ONCE,
        "confluent_loop.py",
        "confluent_kafka",
    ),
    "aiokafka": StagePeer("bare aiokafka", EXACTLY_ONCE, "aiokafka_loop.py"),
    "streams": StagePeer(
        "Kafka Streams (Java), exactly_once_v2", EXACTLY_ONCE, "kafka_streams/PassThrough.java"
    ),
    "bytewax": StagePeer("bytewax", AT_LEAST_ONCE, "bytewax_flow.py", "bytewax"),
    "faststream": StagePeer(
        "FastStream", AT_LEAST_ONCE, "faststream_app.py", "faststream", share=0.2
    ),
    "faust": StagePeer("vanilla Faust", AT_LEAST_ONCE, "faust_agent.py", "faust", share=0.05),
    "faust-exactly-once": StagePeer(
        "vanilla Faust, its own transactions",
        "exactly once by name",
        "faust_agent.py",
        "faust",
        share=0.05,
        environ={"FAUST_GUARANTEE": "exactly_once"},
    ),
}
"""The peers by their short names, ours first."""
OURS: Final = "pump"


def prepared(names: Iterable[str], cache: Path) -> tuple[Mapping[str, Maker], list[str]]:
    """Return how to start each peer, and a sentence for each that can't be started here."""
    makers: dict[str, Maker] = {}
    left_out = []
    for name in names:
        chosen = PEERS[name]
        if chosen.package and not _is_installed(chosen.package):
            left_out.append(f"{chosen.name} is left out: {chosen.package} is not installed.")
            continue
        try:
            makers[name] = _maker(chosen, cache)
        except EmbeddedKafkaError as error:
            left_out.append(f"{chosen.name} is left out: {error}.")
    return makers, left_out


def _is_installed(package: str) -> bool:
    """Return whether a package is there; Faust, once imported, has no spec to be found by."""
    return package in sys.modules or find_spec(package) is not None


def _maker(chosen: StagePeer, cache: Path) -> Maker:
    java = java_peer.command(cache) if chosen.file.endswith(".java") else ()

    def make(bootstrap: str, group: str, topics: Sequence[str]) -> Peer:
        if java:
            return Peer(chosen.title, (*java, bootstrap, group, *topics))
        peer = script(chosen.title, chosen.file, bootstrap, group, *topics)
        return peer._replace(environ=chosen.environ)

    return make
