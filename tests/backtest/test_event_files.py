"""The files of events that were judged by what is publicly known."""

import csv
import json
from collections import defaultdict
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path

import pytest

from backtest.events import read_events
from detection.evaluation import KnownEvent

ROOT = Path(__file__).parents[2]
EVENTS = ROOT / "docs" / "events"
PERIODS = {
    "2007-2009": (datetime(2007, 1, 1, tzinfo=UTC), datetime(2010, 1, 1, tzinfo=UTC)),
    "2023": (datetime(2023, 2, 1, tzinfo=UTC), datetime(2023, 5, 1, tzinfo=UTC)),
}
JUDGED = [(name, period) for name in ("crises", "harmless", "market") for period in sorted(PERIODS)]
ARCHIVE_TICKERS = frozenset(
    """
    AAPL AIG AMZN BA BAC BBRY BCS BP BSC C CMG DB F FB FNM FRE GLEN GM GOOG GS HSBC IBM JPM KO LEH
    MER MS MSFT NFLX NOK PFE RIG SONY TEPCO TM TSLA TWTR UBS VOW VRX WB WFC WM WMT YHOO
    """.split()  # noqa: SIM905 - a list of 45 strings is hard to read
)
"""Companies of the archive of 2007-2009, some under older tickers."""


def judged(name: str, period: str) -> list[KnownEvent]:
    """Return the events of one file."""
    return read_events(EVENTS / f"{name}-{period}.json")


def by_subject(events: list[KnownEvent]) -> dict[str, list[KnownEvent]]:
    """Return the events of each subject, in order."""
    subjects = defaultdict(list)
    for event in events:
        for subject in event.subjects:
            subjects[subject].append(event)
    return subjects


@pytest.mark.parametrize(("name", "period"), JUDGED)
def test_every_entry_says_what_happened_and_where_it_is_known_from(name: str, period: str) -> None:
    """A reader could not check a crisis, or it would be missing in the table by size and kind."""
    rows = json.loads((EVENTS / f"{name}-{period}.json").read_bytes())
    for row in rows:
        assert {"kind", "size", "note", "source", "dates"} <= row.keys(), row
        assert all(row.values()), row


@pytest.mark.parametrize(("name", "period"), JUDGED)
def test_every_entry_lies_in_its_archive_and_in_order(name: str, period: str) -> None:
    """An event outside the archive would count as a miss, and nobody would see why."""
    begin, end = PERIODS[period]
    events = judged(name, period)
    assert events == sorted(events, key=lambda event: event.begin)
    for event in events:
        assert begin + timedelta(days=2) <= event.begin <= event.end <= end, event
        assert timedelta(days=2) < event.end - event.begin < timedelta(days=29), event


@pytest.mark.parametrize(("name", "period"), JUDGED[:4])
def test_every_subject_is_a_company_of_the_data(name: str, period: str) -> None:
    """A misspelt ticker would count as a crisis that no detector finds."""
    with (ROOT / "nlp" / "companies" / "builtin.csv").open(encoding="utf-8", newline="") as table:
        known = {row["ticker"] for row in csv.DictReader(table)}
    known |= ARCHIVE_TICKERS
    for event in judged(name, period):
        tickers = [subject.removeprefix("company:") for subject in event.subjects]
        assert set(tickers) <= known, event
        assert period == "2023" or tickers[0] in ARCHIVE_TICKERS, event


@pytest.mark.parametrize("period", sorted(PERIODS))
def test_crises_of_one_company_are_a_week_apart(period: str) -> None:
    """An alert that is still open after one crisis could not fire for the next."""
    for events in by_subject(judged("crises", period)).values():
        for before, after in pairwise(events):
            assert after.begin - before.end >= timedelta(days=6), (before, after)


@pytest.mark.parametrize("period", sorted(PERIODS))
def test_no_harmless_time_is_in_a_crisis_of_its_company(period: str) -> None:
    """One alert would have to fire and must not fire."""
    crises = by_subject(judged("crises", period))
    for calm in judged("harmless", period):
        for subject in calm.subjects:
            for crisis in crises.get(subject, ()):
                assert calm.end < crisis.begin or crisis.end < calm.begin, (calm, crisis)


@pytest.mark.parametrize(("name", "least"), [("crises", 30), ("harmless", 30)])
def test_there_are_enough_events(name: str, least: int) -> None:
    """A few entries would be removed, and recall would jump by points with each alert."""
    for period in PERIODS:
        assert len(judged(name, period)) >= least
