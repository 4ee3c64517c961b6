"""``python -m infra.kafka.relock`` rewrites ``jars.lock`` after a change of ``KAFKA``.

It trusts the network once. The lock is then reviewed and committed, and starts trust only the lock.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from infra.kafka.jars import KAFKA, LOCK, Jar

# slf4j-simple prints the broker's warnings to stderr, where `Broker.failure` looks for the reason.
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.slf4j:slf4j-simple:1.7.36"


def resolve(endpoint: str) -> list[Jar]:
    """Return ``endpoint`` and all its dependencies, sorted by coordinate."""
    from jgo.env import EnvironmentBuilder
    from jgo.maven import MavenContext, PythonResolver

    with TemporaryDirectory() as scratch:
        maven = MavenContext(repo_cache=Path(scratch, "m2"), resolver=PythonResolver())
        builder = EnvironmentBuilder(maven, cache_dir=Path(scratch, "environment"))
        lock = builder.from_endpoint(endpoint).lockfile
        jars = [
            Jar(str(jar.sha256), f"{jar.groupId}:{jar.artifactId}:{jar.version}")
            for jar in (lock.dependencies if lock else [])
        ]
    return sorted(jars, key=lambda jar: jar.coordinate)


def main() -> None:
    """Resolve the jars and write the lock."""
    LOCK.write_text("".join(f"{jar.sha256} {jar.coordinate}\n" for jar in resolve(_ENDPOINT)))


if __name__ == "__main__":
    main()
