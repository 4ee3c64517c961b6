"""``python -m infra.kafka.relock`` writes ``jars.lock`` anew after ``KAFKA`` was changed.

It trusts the network once; the lock is then reviewed and committed, and every start trusts only it.
"""

from pathlib import Path
from tempfile import TemporaryDirectory

from infra.kafka.jars import KAFKA, LOCK, Jar

# slf4j-simple prints the broker's warnings to its stderr, where a failure's reason is looked for.
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{KAFKA}+org.slf4j:slf4j-simple:1.7.36"


def resolve(endpoint: str) -> list[Jar]:
    """Resolve ``endpoint`` and all it depends on, in the order of its coordinates."""
    from jgo.env import EnvironmentBuilder  # noqa: PLC0415 - a rare command
    from jgo.maven import MavenContext, PythonResolver  # noqa: PLC0415

    with TemporaryDirectory() as scratch:
        maven = MavenContext(repo_cache=Path(scratch, "m2"), resolver=PythonResolver())
        builder = EnvironmentBuilder(maven, cache_dir=Path(scratch, "environment"))
        lock = builder.from_endpoint(endpoint).lockfile
        found = lock.dependencies if lock else []
        jars = [Jar(str(it.sha256), f"{it.groupId}:{it.artifactId}:{it.version}") for it in found]
    return sorted(jars, key=lambda jar: jar.coordinate)


def main() -> None:
    """Resolve and write."""
    LOCK.write_text("".join(f"{jar.sha256} {jar.coordinate}\n" for jar in resolve(_ENDPOINT)))


if __name__ == "__main__":
    main()
