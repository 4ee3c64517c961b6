"""Ask the fuse after each batch, and remember beside the offsets that it blew."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

import structlog

from streams.core.errors import FuseBlown
from streams.core.fuse import Fuse, blown_note, tallies, tells_of_blow
from streams.core.handler import Batch, Decision, M
from streams.core.lease import Leases

_log = structlog.get_logger(__name__)
_NOTE_SECONDS: Final = 5.0
"""The time that a worker whose fuse blew gives Kafka to remember it."""


async def check_fuse(
    fuse: Fuse, leases: Leases[M], batches: Sequence[Batch[M]], decisions: Sequence[Decision]
) -> None:
    """Count records and rejections; leave a note for the next start when the fuse blows.

    Raises:
        FuseBlown: Too many records were rejected.
    """
    stage, now = leases.stage, batches[0].now
    notes = [leases.notes.pop() for _ in range(len(leases.notes))]
    fuse.is_warm |= any(tells_of_blow(note, now) for note in notes)
    records = sum(len(batch.records) for batch in batches)
    try:
        bad_sources = fuse.count(tallies(stage.source, records, decisions))
    except FuseBlown:
        with suppress(Exception):  # the reason to end the process is the fuse
            note = leases.write_note(blown_note(now))
            await asyncio.wait_for(note, _NOTE_SECONDS)
        raise
    for source in bad_sources:
        _log.warning(
            "most records of one source are set aside, the others go on: mend the producer; "
            "`newsquake watch dead --from-beginning` shows the reasons",
            agent=stage.name,
            source=source,
        )
