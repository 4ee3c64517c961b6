"""Heal a recalled detector whose clock stands in the future.

Earlier releases let the first signal of a detector set its clock, whatever its date. One misdated
item made all later news late, until its date. Such a state is known by its clock: it is ahead of
the time at which the latest signal was written by more than `Rule.max_ahead`.
"""

from datetime import timedelta
from typing import Final

import orjson
import structlog

from agents.detecting.detector_changelog import BufferNote, RecalledState
from detection.expected.bin_clock import BinClock
from detection.population import CLOCK_NAME
from detection.rule import Rule
from streams.core.handler import Change

_SECOND: Final = timedelta(seconds=1)
_log = structlog.get_logger(__name__)


def heal(rule: Rule, state: RecalledState) -> tuple[RecalledState, list[Change]]:
    """Return the state without what only a misdated signal brought about, and what to delete.

    Lineages that are ahead are forgotten until they are heard again. If subjects were already
    counted up to that date, they begin anew: what they had learnt is long forgotten by then. The
    result depends on the state alone.
    """
    last_sent = state.note.progress.time.last_sent
    if last_sent is None:
        return state, []
    latest = last_sent + rule.max_ahead / _SECOND
    ahead = [lineage for lineage in state.lineages if lineage.watermark > latest]
    if not ahead:
        return state, []

    dropped: list[Change] = [(b"l|" + lineage.name.encode(), None) for lineage in ahead]
    lineages = [lineage for lineage in state.lineages if lineage.watermark <= latest]
    population, progress = state.population, state.note.progress
    released = progress.released
    if (released and released[0] > latest) or _open_since(rule, state) > latest:
        dropped += [(b"d|" + name.encode(), None) for name in population]
        population, progress = {}, progress._replace(released=None)
    _log.warning(
        "the detector's clock was in the future and is set back",
        newest=max(lineage.watermark for lineage in ahead),
        written=last_sent,
        learns_anew=not population,
        remedy="none is needed; a rehearsal with invented dates needs a higher detect.max_ahead",
    )
    note = BufferNote(progress, state.note.set_aside)
    return state._replace(population=population, lineages=lineages, note=note), dropped


def _open_since(rule: Rule, state: RecalledState) -> float:
    """Return the beginning of the open bin, Unix seconds; 0 if there is none."""
    clock = state.population.get(CLOCK_NAME)
    number = orjson.loads(clock)[0] if clock else None
    return (
        0.0
        if number is None
        else BinClock(state.foreign_bins or rule.bin).start(number).timestamp()
    )
