"""Cut off the log of an embedded broker, as a power cut or a restored volume does."""

from pathlib import Path

from infra.kafka.embedded import EmbeddedKafka
from streams.batches.raw_batches import parse_batches


def lose_end(broker: EmbeddedKafka, data: Path, partition: str, end: int) -> None:
    """Kill ``broker``, delete the batches of ``partition`` from ``end`` on, and start it again.

    ``data`` is the broker's directory; ``partition`` is such as ``news.raw-0``. A batch that holds
    records before ``end`` stays whole.
    """
    broker.kill()
    folder = data / "broker-0" / "data" / partition
    (log,) = folder.glob("*.log")
    content = log.read_bytes()
    size = next(
        (batch.start for batch in parse_batches(content) if batch.begin >= end), len(content)
    )
    log.write_bytes(content[:size])
    for rest in (*folder.glob("*index"), *folder.glob("*.snapshot")):
        rest.unlink()
    broker.restart()
    assert log.stat().st_size == size, "the broker has more of the log than was left"
