"""The how-tos of an agent and of a field, followed word for word."""

from collections.abc import Callable
from pathlib import Path

import pytest

from schemas.signal import Signal

Follow = Callable[[str], Path]
RunPython = Callable[..., str]


@pytest.fixture(scope="module")
def with_agent(follow: Follow) -> Path:
    """Return a source with the agent of add-an-agent.md."""
    return follow("add-an-agent.md")


@pytest.fixture(scope="module")
def with_field(follow: Follow) -> Path:
    """Return a source with the field of add-a-field.md."""
    return follow("add-a-field.md")


def test_the_printed_agent_passes_its_test_and_the_others(
    with_agent: Path, run_python: RunPython
) -> None:
    """Whoever follows the page would end with an agent that does not work, or breaks others."""
    run_python(with_agent, "-m", "schemas.documents.export")
    run_python(with_agent, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")
    document = (with_agent / "schemas/generated/asyncapi.json").read_text("utf-8")
    assert "summarise.send.news.summaries" in document
    assert (with_agent / "schemas/generated/daily-summary.schema.json").exists()


def test_settings_and_the_demo_know_the_printed_agent(
    with_agent: Path, run_python: RunPython
) -> None:
    """A stranger would look for the other places in which agents are named."""
    code = (
        "from infra.settings.model import load;"
        "from demo.lag import SOURCES;"
        "from cli.worker import with_agents;"
        "settings = load(None, {'NEWSQUAKE_WORKER__AGENTS': 'summarise'});"
        "print(settings.worker.agents, settings.worker.needs_model);"
        "print(SOURCES['summarise'], load(None, {}).worker.agents);"
        "print(with_agents(load(None, {}), 'score,summarise').worker.needs_model)"
    )
    assert run_python(with_agent, "-c", code).splitlines() == [
        "('summarise',) False",
        "news.signals ('ingest', 'score', 'detect', 'summarise')",
        "True",
    ]


def test_the_printed_field_passes_its_test_and_the_others(
    with_field: Path, run_python: RunPython
) -> None:
    """Whoever follows the page would lose the records that wait during the upgrade."""
    run_python(with_field, "-m", "schemas.documents.export")
    run_python(with_field, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests")


def test_the_release_without_the_printed_field_reads_it(
    with_field: Path, run_python: RunPython
) -> None:
    """A `score` that was upgraded first would send all its signals to the dead letters."""
    code = (
        "from agents.scoring.article_messages import signal;"
        "from agents.scoring.subjects import Subject;"
        "from nlp.classifier import Scores;"
        "from schemas.incoming.decode import decode;"
        'body = b\'{"headline": "N", "published": 1772530200, "urgent": true}\';'
        "scores = Scores(0.5, 0.3, 0.2, {});"
        "news = signal(decode(body, []), scores, Subject('company:A', 1.0), 'm', '0.0', 1);"
        "print(news.to_bytes().decode())"
    )
    later = run_python(with_field, "-c", code).encode()
    assert b'"urgent":true' in later
    assert Signal.from_bytes(later).subject == "company:A"
