"""Subjects that a worker recalled stay packed until they are needed, and are the same then."""

import struct

import pytest

from detection.population import Population
from detection.rule import Rule
from detection.subject_state import Subject, peek
from detection.subject_table import SubjectTable
from tests.detection.conftest import Streaming

QUIET, STORM = (600, 60.0, 0.2), (60, 1.0, 0.95)


def packed_subject(streaming: Streaming, *phases: tuple[int, float, float]) -> bytes:
    """Return the bytes of a subject after phases of news."""
    population = Population(Rule())
    for signal in streaming(phases):
        population.count(signal)
    return next(
        value for name, value in population.changes() if value and name == "subject|company:ACME"
    )


def test_a_recalled_subject_is_the_one_that_was_packed(streaming: Streaming) -> None:
    """A worker that takes over would know another company than the one before it."""
    data, table = packed_subject(streaming, QUIET, STORM), SubjectTable()
    table.recall("company:ACME", data)
    assert len(table) == 1
    assert table["company:ACME"] == Subject.from_bytes(data)
    assert table["company:ACME"] is table["company:ACME"]
    assert len(table) == 1
    assert table.get("company:EMCA") is None
    with pytest.raises(KeyError):
        table["company:EMCA"]


@pytest.mark.parametrize("phases", [(QUIET,), (QUIET, STORM)], ids=["calm", "alert"])
def test_a_glance_tells_what_the_subject_would(
    streaming: Streaming, phases: tuple[tuple[int, float, float], ...]
) -> None:
    """An alert of a company without further news would never resolve after a restart."""
    data = packed_subject(streaming, *phases)
    subject = Subject.from_bytes(data)
    assert peek(data) == (subject.caught_up_to.bin, subject.detector.is_busy)


def test_a_subject_that_is_not_busy_is_told(streaming: Streaming) -> None:
    """All subjects would be looked at in each hour, whether there is news of them or not."""
    subject = Subject.from_bytes(packed_subject(streaming, QUIET))
    subject.detector.open.signals = 0
    assert not subject.detector.is_busy
    assert not peek(subject.to_bytes()).is_busy


def test_those_with_news_are_found_packed_or_not(streaming: Streaming) -> None:
    """The market's members would be those only that had news since the last restart."""
    data, table = packed_subject(streaming, QUIET), SubjectTable()
    latest = peek(data).bin
    table.recall("company:ACME", data)
    table.add(Subject("company:EMCA"))
    assert [subject.name for subject in table.heard_since(latest)] == []
    assert [subject.name for subject in table.heard_since(latest - 1)] == ["company:ACME"]


@pytest.mark.parametrize("wrong", [b"", b"no subject", b'["A","m",0,0,[]]\n1234567'])
def test_bytes_that_are_no_subject_are_refused_at_once(wrong: bytes) -> None:
    """A worker would run with a state that is broken, and end weeks later."""
    with pytest.raises((ValueError, struct.error)):
        SubjectTable().recall("company:ACME", wrong)
