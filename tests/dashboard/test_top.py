"""The picture of ``newsquake top``, from the view that the pages show."""

from datetime import UTC, datetime, timedelta

import pytest
from rich.console import Console, ConsoleDimensions

from agents.cluster_layout import ClusterLayout
from dashboard.api.answers import now_answer
from dashboard.api.flow_answer import flow_answer
from dashboard.feed import Feed
from dashboard.operations import AgentState, Member, Operations
from dashboard.terminal.picture import picture
from dashboard.view.news_view import NewsView
from schemas.channels import ALERTS
from streams.core.record import Stored
from tests.dashboard.serving import fold

SIZES = [(80, 24), (120, 40), (40, 12), (200, 60)]


def drawn(view: NewsView, columns: int, rows: int, problem: str = "") -> list[str]:
    """Return the lines of a screen."""
    cluster = ClusterLayout()
    feed, operations = Feed(cluster, view, timedelta(days=1)), Operations(cluster)
    feed.state, feed.problem = ("away", problem) if problem else ("live", "")
    operations.agents = (
        AgentState("ingest", "news.raw", "Stable", 4, 0, (Member("m", "h", (0, 1, 2, 3)),)),
        AgentState("score", "news.accepted", "Stable", 4, 1_200, (Member("m", "h", (0, 1)),) * 2),
        AgentState("detect", "news.signals", "Empty", 1, 7, ()),
    )
    wall = datetime(2024, 5, 1, tzinfo=UTC).timestamp()
    answers = now_answer(view, wall), flow_answer(view, feed, operations, wall)
    console = Console(width=columns, height=rows, highlight=False)
    with console.capture() as capture:
        console.print(picture(*answers, "kafka:9092", ConsoleDimensions(columns, rows)))
    return capture.get().splitlines()


@pytest.fixture
def firing(topics: dict[str, list[Stored]]) -> NewsView:
    """Return a view in which the alerts of the surge have not resolved."""
    alerts = [
        record for record in topics[ALERTS.topic] if b'"resolved"' not in (record.value or b"")
    ]
    return fold({**topics, ALERTS.topic: alerts})


@pytest.mark.parametrize(("columns", "rows"), SIZES)
def test_the_picture_fits_the_screen(firing: NewsView, columns: int, rows: int) -> None:
    """The terminal would scroll, and the needles be gone."""
    lines = drawn(firing, columns, rows)
    assert len(lines) <= rows
    assert max(map(len, lines)) <= columns


def test_the_picture_has_needles_alerts_and_lag(firing: NewsView) -> None:
    """Without a browser, nobody would see what is unusual, and what is behind."""
    lines = drawn(firing, 120, 40)
    text = "\n".join(lines)
    assert "ingest 0 behind (1)" in text
    assert "score 1,200 behind (2)" in text
    assert "detect 7 behind (not running)" in text
    (needle,) = [line for line in lines if line.startswith("company:ACME")]
    assert "x" in needle
    assert " of " in needle
    assert "open alerts: none" not in text
    (index,) = [index for index, line in enumerate(lines) if "open alerts: " in line]
    alerts = lines[index + 1 :]
    assert any("company:ACME" in line and "times the usual" in line for line in alerts)
    assert any("Acme faces bankruptcy after fraud" in line for line in alerts)


def test_without_a_closed_bin_no_evidence_is_told(topics: dict[str, list[Stored]]) -> None:
    """Beside an open alert, an evidence of 0.0 would look like a detector that is wrong."""
    few = {name: records[:1] for name, records in topics.items()}
    view = fold({**topics, "news.signals": few["news.signals"]})
    lines = [line for line in drawn(view, 80, 24) if line.startswith(("company:", "topic:"))]
    assert lines
    assert all(line.endswith(" -") and " of " not in line for line in lines)


def test_what_is_wrong_stands_at_the_top(view: NewsView) -> None:
    """A picture that stands still would look like a calm day."""
    title, *lines = drawn(view, 80, 24, f"no broker answers at kafka:9092 {'and so on ' * 9}end")
    assert "waiting" in title
    assert lines[0].startswith("no broker answers at kafka:9092")
    assert lines[1].endswith("end")


def test_a_new_cluster_says_what_to_do() -> None:
    """A newcomer would see an empty screen."""
    assert any("newsquake publish" in line for line in drawn(fold({}), 80, 24))
