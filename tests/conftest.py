import os
import uuid
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from infra.cache_dir import user_cache_dir
from infra.kafka.embedded import EmbeddedKafka

# A busy machine is slow to draw examples, which says nothing about the code.
hypothesis.settings.register_profile(
    "newsquake", suppress_health_check=[hypothesis.HealthCheck.too_slow], deadline=None
)
hypothesis.settings.load_profile("newsquake")


def pytest_configure() -> None:
    """Let commands that tests start keep what they compile: torch anew each time is six seconds."""
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@pytest.fixture(scope="session")
def jar_cache() -> Path:
    """Where the embedded broker's jars are kept between sessions: the user's own cache."""
    return user_cache_dir(os.environ)


@pytest.fixture(scope="session")
def kafka(jar_cache: Path) -> Iterator[str]:
    """Bootstrap servers: those of NEWSQUAKE_KAFKA__BOOTSTRAP, else of a broker for this session."""
    named = os.environ.get("NEWSQUAKE_KAFKA__BOOTSTRAP")
    if named:
        yield named
        return
    with EmbeddedKafka(jar_cache) as broker:
        yield broker.bootstrap


@pytest.fixture
def prefix() -> str:
    """A prefix for the topics and groups of one test, so that tests can share a broker."""
    return f"test-{uuid.uuid4().hex[:12]}."
