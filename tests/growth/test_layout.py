"""The pure side of growing: what a layout says, and the order in which records move."""

from collections.abc import AsyncIterator, Sequence

import orjson
import pytest

from agents.cluster_layout import ClusterLayout
from agents.detecting.detector_changelog import BUFFER_KEY, await_all_lineages, read_changelog
from agents.detecting.detector_state import DetectorState
from agents.growth import plan_growth
from agents.present_layout import lineages, present_layout, resolved
from detection.rule import Rule
from schemas.channels import CHANNELS
from schemas.signal import Signal
from streams.core.errors import Misconfigured
from streams.core.record import Record, Stored
from streams.growth.layout import Layout
from streams.growth.move import merged

CLUSTER = ClusterLayout(prefix="x.", partitions=2)
COUNTS = {f"x.{channel.topic}": CLUSTER.count(channel) for channel in CHANNELS}
PRESENT = present_layout(CLUSTER, COUNTS)


def test_a_layout_is_read_as_it_was_written() -> None:
    """A worker would compare the topics with something else than what was remembered."""
    layout = PRESENT._replace(used={"x.news.signals": 1}, growing_to=5)
    assert Layout.from_bytes(layout.to_bytes()) == layout


def test_a_topic_of_a_later_release_stops_nobody() -> None:
    """`topics create` of a new release would end all workers."""
    more = PRESENT._replace(counts={**COUNTS, "x.new": 2})
    assert PRESENT.agrees_with(more)
    for other in (
        PRESENT._replace(growing_to=3),
        PRESENT._replace(partitions=3),
        PRESENT._replace(counts=COUNTS | {"x.news.raw": 3}),
        PRESENT._replace(used={"x.news.signals": 1}),
    ):
        assert not PRESENT.agrees_with(other)


def test_nobody_works_while_a_backup_is_imported() -> None:
    """A worker would go on from half a memory, or topics grow below an import."""
    closed = PRESENT._replace(importing="5f0c")
    assert Layout.from_bytes(closed.to_bytes()) == closed
    assert "run `newsquake state import` again" in (closed.obstacle or "")
    assert not PRESENT.agrees_with(closed)
    with pytest.raises(Misconfigured, match="a backup is being imported"):
        plan_growth(CLUSTER, 5, COUNTS, closed)


def test_a_layout_record_is_as_earlier_releases_wrote_it() -> None:
    """Workers of an earlier release would end at a field that they do not know."""
    assert b"importing" not in PRESENT.to_bytes()
    assert PRESENT.obstacle is None


def test_what_must_be_equal_is_and_the_rest_may_be_more() -> None:
    """Keys would part from their memory, or a position have no place."""
    actual = COUNTS | {"x.news.raw": 9, "x.news.signals": 3, "x.alerts": 7}
    growth = plan_growth(CLUSTER, 5, actual, PRESENT)
    counts, used = growth.layout.counts, growth.layout.used
    assert (counts["x.news.accepted"], counts["x.state.score"]) == (5, 5)
    assert (counts["x.news.raw"], counts["x.alerts"], counts["x.news.dead"]) == (9, 7, 5)
    assert (counts["x.news.signals"], counts["x.state.detect"]) == (3, 3)
    assert used == {"x.news.signals": 1, "x.state.detect": 1}
    assert counts["x.state.positions"] == 9
    assert growth.memories == ["x.state.score", "x.news.feedback", "x.state.notify"]
    assert [stage.name for stage in growth.moved] == ["score"]
    assert lineages(CLUSTER, growth.layout) == 9 * 5
    again = resolved(CLUSTER, growth.layout)
    assert (again.partitions, again.signal_partitions) == (5, 1)


def test_a_replay_of_dead_letters_is_fenced_too() -> None:
    """It would go on to write articles to the partitions that their keys had before."""
    growth = plan_growth(CLUSTER, 5, COUNTS, PRESENT)
    assert ("x.newsquake-replay", "x.state.replays") in growth.leases
    assert ("x.newsquake-score", "x.news.accepted") in growth.leases


def test_fewer_partitions_are_refused() -> None:
    """The memory would be moved to where no agent looks."""
    with pytest.raises(Misconfigured, match="at least 4"):
        plan_growth(CLUSTER, 3, COUNTS | {"x.state.score": 4}, PRESENT)


def test_markets_of_an_unknown_number_are_asked_for() -> None:
    """Three markets would be taken for one, and two of them be forgotten."""
    actual = COUNTS | {"x.news.signals": 3, "x.state.detect": 3}
    with pytest.raises(Misconfigured, match="SIGNAL_PARTITIONS"):
        plan_growth(CLUSTER, 5, actual, None)


async def test_records_move_in_the_order_of_their_time() -> None:
    """A feed whose articles lay in two partitions would come out of order."""

    async def scan(partition: int, times: Sequence[int]) -> AsyncIterator[Sequence[Record]]:
        yield []
        for offset, time in enumerate(times):
            yield [Stored("a", partition, offset, time, None, b"", ())]

    order = [
        (it.timestamp, it.partition)
        async for it in merged([scan(0, [1, 4, 3]), scan(1, []), scan(2, [2, 5])])
    ]
    assert order == [(1, 0), (2, 2), (4, 0), (3, 0), (5, 2)]


def test_the_detector_waits_for_new_lineages_after_a_growth(
    signal: Signal,
) -> None:
    """What comes through a new partition a little later would be late."""
    rule = Rule(idle_timeout=30.0)
    state = DetectorState(rule, 1, ())
    for seconds in range(0, 80, 8):
        state.offer(signal, float(seconds), seconds)
    assert state.delay is not None
    changes = dict(state.changes())
    changes[BUFFER_KEY] = await_all_lineages(changes[BUFFER_KEY] or b"")
    note = read_changelog(rule, changes.items()).note
    assert note.progress.time.resumed == note.progress.time.elapsed > 0
    assert orjson.loads(changes[BUFFER_KEY] or b"")["waiting"] == note.progress.waiting
    grown = DetectorState(rule, 4, changes.items())
    assert grown.delay is None


@pytest.fixture
def signal() -> Signal:
    """Return a signal that came through the only partitions of before."""
    return Signal.model_validate(
        {
            "subject": "company:A",
            "key": "k",
            "published": "2030-01-01T00:00:00Z",
            "negative": 0.1,
            "neutral": 0.8,
            "positive": 0.1,
            "headline": "h",
            "source": "s",
            "model": "m",
            "lineage": "0.0",
        }
    )
