"""The tables of latency under load, and of copying."""

import math
from pathlib import Path

import pytest
from load_latency import Level, Run, rendered
from quantile import quantile
from stage_peers import EXACTLY_ONCE, PEERS, prepared


def test_messages_that_did_not_come_in_time_stand_in_the_table() -> None:
    """A contender that can't keep up would seem fast: only what came is in its percentiles."""
    levels = [Level(0.1, 100.0, 5.0, 9.0, 0), Level(0.8, 800.0, 50.0, 90.0, 7)]
    table = rendered([Run("it", 1_000.0, levels, 3.0, 90.0)], [0.1, 0.8])
    assert (
        "| 5 (5\u20135) / 9 (9\u20139) | 50 (50\u201350) / 90 (90\u201390), **7 late** |" in table
    )
    assert "p50 / p99 ms at 80%" in table


def test_no_messages_have_no_percentile() -> None:
    """A contender that passed on nothing would end the run of all others."""
    assert math.isnan(quantile([], 0.5))
    assert quantile([1.0, 2.0, 3.0], 0.99) == 3.0


def test_a_peer_that_is_not_installed_is_left_out_with_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One missing package would cost the whole table, or a row would go without a word."""
    missing = PEERS["bytewax"]._replace(package="no_such_package")
    monkeypatch.setitem(PEERS, "bytewax", missing)
    makers, notes = prepared(["pump", "bytewax"], tmp_path)
    assert list(makers) == ["pump"]
    assert notes == ["bytewax is left out: no_such_package is not installed."]


def test_each_peer_says_what_it_promises() -> None:
    """At least once would be compared with exactly once, as if they were the same."""
    titles = [peer.title for peer in PEERS.values()]
    assert all(" once" in title for title in titles)
    assert len(set(titles)) == len(titles)
    weaker = {name for name, peer in PEERS.items() if peer.guarantee != EXACTLY_ONCE}
    assert weaker == {"bytewax", "faststream", "faust", "faust-exactly-once"}
