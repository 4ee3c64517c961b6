"""The directory that an embedded cluster lives in, and what makes one ours."""

import base64
import json
import uuid
from pathlib import Path
from typing import NamedTuple

from infra.kafka.failure import EmbeddedKafkaError
from infra.kafka.jars import KAFKA

MARK = "embedded-kafka.json"


class Identity(NamedTuple):
    """What may not change from one start on a directory to the next."""

    kafka: str
    brokers: int
    cluster_id: str


def claim(directory: Path, brokers: int) -> Identity:
    """The identity of ``directory``, given to it now if it is empty or does not exist.

    Raises:
        EmbeddedKafkaError: it holds something else, or a cluster of another size or version.
    """
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not any(directory.iterdir()):
            _write(directory / MARK, Identity(KAFKA, brokers, _cluster_id()))
        found = _read(directory / MARK)
    except OSError as error:
        raise EmbeddedKafkaError(f"{directory} can't be used: {error}") from error
    if (found.kafka, found.brokers) != (KAFKA, brokers):
        raise EmbeddedKafkaError(
            f"{directory} holds Kafka {found.kafka} with {found.brokers} broker(s),"
            f" not {KAFKA} with {brokers}; choose another directory or the same number"
        )
    return found


def _read(mark: Path) -> Identity:
    if not mark.exists():
        raise EmbeddedKafkaError(
            f"{mark.parent} is not empty and not an embedded Kafka's; choose another directory"
        )
    try:
        return Identity(**json.loads(mark.read_text()))
    except (ValueError, TypeError) as error:
        raise EmbeddedKafkaError(f"{mark} is damaged: {error}") from error


def _write(mark: Path, identity: Identity) -> None:
    partial = mark.with_suffix(".partial")
    partial.write_text(json.dumps(identity._asdict()))
    partial.replace(mark)


def _cluster_id() -> str:
    # The storage tool takes an id that begins with a dash for an option.
    encoded = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:])
    return encoded.decode().rstrip("=")
