"""News in a backup that the new cluster would delete before an agent has read it."""

from agents.cluster_layout import ClusterLayout
from cli.state.importing import expiry_problem, overflow_problem
from streams.backup.backup_lines import Section
from streams.backup.check import Waiting

HOUR = 3_600_000
NOW = 1_770_000_000_000
CLUSTER = ClusterLayout(prefix="eu.")


def waiting(hours: int | None) -> Waiting:
    """Return records of which the oldest is so many hours old."""
    oldest = None if hours is None else NOW - hours * HOUR
    return Waiting(Section("news.signals", 0, {"detect": 5}), oldest=oldest)


def test_news_that_would_expire_at_once_is_refused_with_the_remedy() -> None:
    """A backup of last month would be imported, and its news be gone five minutes later."""
    problem = expiry_problem(CLUSTER, waiting(24), 24 * HOUR, NOW)
    assert problem
    assert "news.signals-0 has a record of 2026-02-01 02:40 UTC" in problem
    assert "--entity-name eu.news.signals --add-config 'retention.ms=-1'" in problem
    assert "set it back to 86400000" in problem


def test_news_that_stays_is_imported() -> None:
    """A good backup would be refused, or one for a topic that keeps all."""
    assert expiry_problem(CLUSTER, waiting(22), 24 * HOUR, NOW) is None
    assert expiry_problem(CLUSTER, waiting(9_000), -1, NOW) is None
    assert expiry_problem(CLUSTER, waiting(None), 24 * HOUR, NOW) is None


def test_news_that_would_not_fit_is_refused_with_the_remedy() -> None:
    """A backup of a busy day would be imported, and its first hours be deleted unread."""
    section = Section("news.signals", 0, {"detect": 5})
    problem = overflow_problem(CLUSTER, Waiting(section, size=5_000), 4_999)
    assert problem
    assert "news.signals-0 has up to 5000 bytes" in problem
    assert "--entity-name eu.news.signals --add-config 'retention.bytes=-1'" in problem
    assert "set it back to 4999" in problem
    assert overflow_problem(CLUSTER, Waiting(section, size=5_000), 5_000) is None
    assert overflow_problem(CLUSTER, Waiting(section, size=5_000), -1) is None
    assert overflow_problem(CLUSTER, Waiting(section), 0) is None
