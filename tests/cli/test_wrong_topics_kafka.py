"""Commands about topics that are not there: one line, with what to do."""

import pytest

from tests.cli.conftest import Run

pytestmark = pytest.mark.kafka


def test_topics_under_another_prefix_are_told_briefly(newsquake: Run, prefix: str) -> None:
    """Who forgot the prefix would read fourteen names, and would make all topics a second time."""
    done = newsquake("status")
    assert (done.returncode, done.stdout) == (1, "")
    (line,) = done.stderr.splitlines()
    assert f"no topic {prefix}news.raw, " in line
    assert " 11 others on " in line
    assert "`newsquake topics create`, or set NEWSQUAKE_KAFKA__PREFIX" in line
    assert line.count(prefix) == 3


def test_a_partition_that_is_not_there_is_told(newsquake: Run) -> None:
    """A slip of the finger would be told as a broker that hangs, half a minute later."""
    assert newsquake("topics", "create").returncode == 0
    done = newsquake("topics", "skip", "news.raw", "99", "0", "--reason", "power cut")
    assert (done.returncode, done.stdout) == (2, "")
    (line,) = done.stderr.splitlines()
    assert "has no partition 99: its partitions are 0 to 1" in line
