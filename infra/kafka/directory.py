"""The data directory of an embedded cluster and the mark that makes it ours."""

import base64
import json
import uuid
from pathlib import Path
from typing import NamedTuple

from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.jars import KAFKA

MARK = "embedded-kafka.json"


class Identity(NamedTuple):
    """The properties of a cluster that may not change while its data is kept.

    Attributes:
        kafka: The version of Apache Kafka.
        brokers: The number of brokers.
        cluster_id: The id with which the brokers' directories were formatted.
    """

    kafka: str
    brokers: int
    cluster_id: str


def claim(directory: Path, brokers: int) -> Identity:
    """Return the identity of ``directory``; give it a new one if it is empty or does not exist.

    Raises:
        EmbeddedKafkaError: It holds other files, or a cluster of another size or version.
    """
    mark = directory / MARK
    try:
        directory.mkdir(parents=True, exist_ok=True)
        if not any(directory.iterdir()):
            # The storage tool takes an id that begins with a dash for an option, hence the zero.
            encoded = base64.urlsafe_b64encode(b"\0" + uuid.uuid4().bytes[1:])
            identity = Identity(KAFKA, brokers, encoded.decode().rstrip("="))
            partial = mark.with_suffix(".partial")
            partial.write_text(json.dumps(identity._asdict()))
            partial.replace(mark)
        identity = _read(mark)
    except OSError as error:
        raise EmbeddedKafkaError(f"{directory} can't be used: {error}") from error

    if (identity.kafka, identity.brokers) != (KAFKA, brokers):
        raise EmbeddedKafkaError(
            f"{directory} holds Kafka {identity.kafka} with {identity.brokers} broker(s),"
            f" not {KAFKA} with {brokers}; choose another directory or the same number"
        )
    return identity


def _read(mark: Path) -> Identity:
    if not mark.exists():
        raise EmbeddedKafkaError(
            f"{mark.parent} is not empty and not an embedded Kafka's; choose another directory"
        )
    try:
        return Identity(**json.loads(mark.read_text()))
    except (ValueError, TypeError) as error:
        raise EmbeddedKafkaError(f"{mark} is damaged: {error}") from error
