"""The content of a backup of the pipeline, and which of its entries name offsets."""

import struct
from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from agents.cluster_layout import ClusterLayout
from agents.detecting.detector_changelog import BUFFER_KEY, can_go_on_from, detector_name
from agents.notifying.outbox import carried_entry, check_entry
from agents.pipeline import AGENTS, build_stages
from agents.scoring.article_memory import read
from detection.population import Population
from detection.rule import Rule
from nlp.null import NullClassifier
from schemas.channels import (
    CHANNELS,
    STATE_DETECT,
    STATE_NOTIFY,
    STATE_POSITIONS,
    STATE_REPLAYS,
    STATE_SCORE,
)
from streams.backup.backup_plan import BackupPlan, OffsetEntry

MEMORIES: Final = tuple(
    channel
    for channel in CHANNELS
    if "compact" in channel.cleanup and channel not in {STATE_POSITIONS, STATE_REPLAYS}
)
"""The compacted topics that are kept. Positions are written anew, since offsets begin anew, and
replay records are about dead letters, which stay where they are."""
WRITTEN: Final = tuple(
    channel
    for channel in CHANNELS
    if not AGENTS.keys().isdisjoint(channel.writers) and channel is not STATE_POSITIONS
)
"""The topics that agents write."""
IMPORT_GROUP: Final = "newsquake-import"
"""The group that imports, without the prefix of the cluster."""
_POPULATION: Final = b"d|"
"""Begins the keys of what the detector knows of subjects and the market."""
_DETECTOR_KINDS: Final = (_POPULATION, b"l|", b"r|")


def plan_backup(cluster: ClusterLayout, rule: Rule | None = None) -> BackupPlan:
    """Return the content of backups of ``cluster``.

    With a ``rule``, the state of a detector that works by another is refused.
    """

    def check(topic: str, key: bytes, value: bytes | None) -> None:
        if value is None:
            return
        if topic == STATE_SCORE.topic:
            read(value)
        elif topic == STATE_DETECT.topic:
            _check_detector_entry(rule, key, value)
        elif topic == STATE_NOTIFY.topic:
            check_entry(value)

    return BackupPlan(
        prefix=cluster.prefix,
        stages=build_stages(AGENTS, cluster=cluster, classifier=NullClassifier(), rule=rule),
        memories=[channel.topic for channel in MEMORIES],
        written=[channel.topic for channel in WRITTEN],
        positions=STATE_POSITIONS.topic,
        import_group=cluster.topic(IMPORT_GROUP),
        offset_entries={STATE_DETECT.topic: OffsetEntry(BUFFER_KEY, waiting_offsets, moved_note)},
        check=check,
        optional=[name for name, agent in AGENTS.items() if agent.is_edge],
        carried={STATE_NOTIFY.topic: carried_entry},
    )


def waiting_offsets(value: bytes) -> Sequence[int]:
    """Return the offset of the oldest signal that waits, and those of signals set aside after it.

    >>> waiting_offsets(b'{"oldest": 7, "set_aside": [9]}'), waiting_offsets(b'{"oldest": null}')
    ((7, 9), ())
    """
    note: Mapping[str, Any] = orjson.loads(value)
    oldest = note["oldest"]
    return () if oldest is None else (oldest, *note["set_aside"])


def moved_note(value: bytes, offsets: Mapping[int, int]) -> bytes:
    """Return the note ``value`` of the detector's buffer with other offsets.

    >>> moved_note(b'{"oldest":7,"set_aside":[9,11]}', {7: 0, 9: 2})
    b'{"oldest":0,"set_aside":[2]}'
    """
    note: dict[str, Any] = orjson.loads(value)
    set_aside = [offsets[offset] for offset in note["set_aside"] if offset in offsets]
    return orjson.dumps(note | {"oldest": offsets.get(note["oldest"]), "set_aside": set_aside})


def _check_detector_entry(rule: Rule | None, key: bytes, value: bytes) -> None:
    """Check that the key is of a known kind, and what it has readable.

    Raises:
        ValueError: It is not.
    """
    if not key.startswith(_DETECTOR_KINDS):
        raise ValueError(f"the key {key[:40]!r} is of no known kind")
    if key.startswith(_POPULATION):
        try:
            Population.rebuilt(rule or Rule(), [(key.removeprefix(_POPULATION).decode(), value)])
        except (ValueError, TypeError, LookupError, struct.error) as error:
            raise ValueError(f"the state under {key[:40]!r} can't be read ({error})") from error
    if key == BUFFER_KEY:
        note = orjson.loads(value)
        if not isinstance(note, dict) or not isinstance(note.get("set_aside"), list):
            raise ValueError("the note of the buffer can't be read")
        if rule and not can_go_on_from(note.get("detector"), rule):
            raise ValueError(
                f"they are of {note.get('detector')}, and the settings say {detector_name(rule)}"
            )
