"""Files that are refused: each with one clear line."""

import gzip
import random
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import orjson
import pytest

from agents.backup import plan_backup
from agents.present_layout import present_layout
from detection.rule import Rule
from streams.backup.backup_plan import Pipeline
from streams.backup.restore import restore
from streams.core.errors import BadBackup, Misconfigured
from streams.testing.memory_log import MemoryLog
from tests.agents.backup.conftest import Side, ignore

Run = Callable[..., Awaitable[None]]
DAMAGES = 100


def without_section(lines: list[bytes]) -> list[bytes]:
    """Return ``lines`` without the first section that has records, and with numbers that fit."""
    begin = next(n for n, line in enumerate(lines) if line.startswith(b"[")) - 1
    end = next(n for n in range(begin, len(lines)) if b"section_end" in lines[n]) + 1
    last = orjson.loads(lines[-1])["backup_end"]
    last["sections"] -= 1
    last["records"] -= end - begin - 2
    return [*lines[:begin], *lines[end:-1], orjson.dumps({"backup_end": last}) + b"\n"]


def edited(backup: Path, change: Callable[[list[bytes]], list[bytes]]) -> Path:
    """Return a copy of ``backup`` with other lines."""
    lines = gzip.decompress(backup.read_bytes()).splitlines(keepends=True)
    other = backup.with_name("edited")
    other.write_bytes(gzip.compress(b"".join(change(lines))))
    return other


def test_any_damaged_byte_is_noticed(busy: Side, backup: Path) -> None:
    """A backup that a disk changed would bring back another memory than the agents had."""
    dice, data = random.Random(5), backup.read_bytes()
    other = backup.with_name("damaged")
    unnoticed = []
    for _ in range(DAMAGES):
        place = dice.randrange(10, len(data))  # gzip's own header before it says nothing
        changed = bytearray(data)
        changed[place] ^= 1 << dice.randrange(8)
        other.write_bytes(changed)
        try:
            busy.check(other)
        except BadBackup:
            continue
        if gzip.decompress(changed) != gzip.decompress(data):  # some bits fill up a byte
            unnoticed.append(place)
    assert unnoticed == []


def test_any_missing_end_is_noticed(busy: Side, backup: Path) -> None:
    """A backup on a disk that was full would bring back half of what was remembered."""
    data = backup.read_bytes()
    other = backup.with_name("short")
    for size in [*range(0, len(data), len(data) // 30), len(data) - 1]:
        other.write_bytes(data[:size])
        with pytest.raises(BadBackup, match=r"truncated|no backup of Newsquake"):
            busy.check(other)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda lines: lines[:-1], "truncated"),
        (lambda lines: [*lines, lines[0]], "something follows its end"),
        (lambda lines: [*lines[:5], lines[6], lines[5], *lines[7:]], "damaged in"),
        (lambda lines: [lines[0], *lines[2:]], "damaged in"),
        (
            lambda lines: [line.replace(b"company:EMCA", b"company:EMCB") for line in lines],
            "its sum",
        ),
        (without_section, "the sum of the file is another"),
        (lambda lines: [b"[]\n", *lines], "no backup of Newsquake"),
        (
            lambda lines: [lines[0].replace(b'backup":1', b'backup":2'), *lines[1:]],
            r"format 2, and this release reads format 1: take the release that wrote it \(1.0\)",
        ),
        (
            lambda lines: [lines[0], lines[1].replace(b"news.feedback", b"news.new"), *lines[2:]],
            "news.new-0, of which this release knows nothing",
        ),
    ],
)
async def test_files_that_are_no_whole_backup_are_refused(
    busy: Side, backup: Path, change: Callable[[list[bytes]], list[bytes]], words: str
) -> None:
    """Half a memory would be imported, or a traceback would be all that an operator sees."""
    with pytest.raises(BadBackup, match=words):
        busy.check(edited(backup, change))


@pytest.mark.parametrize(
    "data", [b"", b"no backup", gzip.compress(b"{}\n", mtime=0), b"\x1f\x8b\x08"]
)
def test_foreign_files_are_refused(side: type[Side], tmp_path: Path, data: bytes) -> None:
    """A file that was picked by mistake would end in a traceback."""
    (tmp_path / "other").write_bytes(data)
    with pytest.raises(BadBackup, match="no backup of Newsquake"):
        side().check(tmp_path / "other")


async def test_a_detector_of_other_settings_is_refused(backup: Path, side: type[Side]) -> None:
    """The import would succeed, and no worker start from it."""
    new = side()
    plan = plan_backup(new.cluster, Rule(bin=timedelta(minutes=30)))
    new.pipeline = new.pipeline._replace(plan=plan)
    with pytest.raises(BadBackup, match=r"bins of 1:00:00, and the settings say .* 0:30:00"):
        new.check(backup)


async def test_a_file_that_was_replaced_meanwhile_is_refused(
    busy: Side, backup: Path, side: type[Side], run: Run
) -> None:
    """Workers would go on from the records of one night at the positions of another."""
    new = side()
    checked = new.check(backup)
    await run(busy.log, ["ingest"])
    await busy.export(backup.with_name("later"))
    backup.with_name("later").replace(backup)
    with pytest.raises(BadBackup, match="was replaced while it was imported"):
        await restore(new.pipeline, checked, ignore)
    assert b'"importing":' in (new.log.read("state.positions")[0].value or b"")


async def test_other_partitions_are_refused(backup: Path, side: type[Side]) -> None:
    """Keys would part from their memory."""
    new = side()
    log = MemoryLog(partitions=3, counts=new.log.counts)
    cluster = new.cluster.model_copy(update={"partitions": 3})
    counts = {topic: log.count(topic) for topic in new.pipeline.layout.counts}
    new.pipeline = Pipeline(log, plan_backup(cluster, Rule()), present_layout(cluster, counts))
    with pytest.raises(Misconfigured, match=r"has 2 partitions in the backup, and .* has 3"):
        await new.restore(backup)
