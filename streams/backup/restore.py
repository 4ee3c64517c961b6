"""Import a backup into topics that no agent has used, so that agents go on from it.

The order of the steps lets it be killed at any moment, and run again:

1. The layout record says that a backup is being imported: no worker starts from then on.
2. All leases are fenced, twice, as when topics grow (`streams.growth.grow`).
3. The records of the backup are written in its order. Each transaction says how many there are by
   then, so nothing is written twice.
4. Each lease gets its position, and its memory the offsets that its records have now.
5. The layout record says that agents may go on.

Offsets begin anew on another cluster. What an agent had not handled is all that its source has, so
it begins at the start; behind records that it has handled, it goes on after the last of these.
"""

import asyncio
from collections.abc import Sequence
from typing import Final

from streams.backup.backup_plan import Pipeline, Say
from streams.backup.backup_reader import Portion, read_backup
from streams.backup.check import CheckedBackup
from streams.backup.import_record import (
    ImportRecord,
    forget_import,
    layout_message,
    read_import_record,
)
from streams.backup.rebase import rebase
from streams.backup.target import check_empty, check_partitions
from streams.core.errors import Fenced, Misconfigured
from streams.core.log import Session
from streams.core.record import Message, Record, TopicPartition

_FENCED_AT_ONCE: Final = 16


async def restore(pipeline: Pipeline, backup: CheckedBackup, say: Say) -> bool:
    """Import ``backup``; return whether there was anything to do.

    Raises:
        Misconfigured: The topics are not empty, have other partitions, or another backup is being
            imported into them.
        Fenced: Another import began meanwhile, or a worker of an earlier release.
        BadBackup: The file was changed meanwhile.
    """
    check_partitions(pipeline, backup)
    log, plan, layout = pipeline
    positions = TopicPartition(plan.topic(plan.positions), 0)
    session = await log.open(plan.import_group, positions)
    try:
        pipeline = pipeline._replace(layout=layout._replace(importing=""))
        return await _Importer(pipeline, backup, session, say).run()
    except Fenced as error:
        raise Fenced(
            "another import began meanwhile, or a worker took a partition: nothing of the last "
            "transaction is written. Stop it, and run this again with the same file"
        ) from error
    finally:
        await session.close()


class _Importer:
    """Imports one backup."""

    def __init__(
        self, pipeline: Pipeline, backup: CheckedBackup, session: Session, say: Say
    ) -> None:
        self._pipeline = pipeline
        self._log, self._plan, self._layout = pipeline
        self._backup, self._session, self._say = backup, session, say
        self._positions = self._plan.topic(self._plan.positions)

    async def run(self) -> bool:
        """Import what is missing; return whether anything was."""
        record = await read_import_record(self._log, self._positions)
        if record and record.backup != self._backup.end.sha256:
            raise Misconfigured(
                f"another backup {'was' if record.is_finished else 'is being'} imported into these "
                f"topics, with the sum {record.backup[:12]}: take that file, or another "
                "NEWSQUAKE_KAFKA__PREFIX"
            )
        if record and record.is_finished:
            return False
        if record is None:
            await check_empty(self._pipeline)
            record = ImportRecord(self._backup.end.sha256)
        importing = self._layout._replace(importing=record.backup)
        await self._commit([layout_message(self._positions, importing)], record)
        await self._fence()
        await read_import_record(self._log, self._positions)  # no transaction is open before it
        await self._fence()
        if not record.records:
            await self._check_empty_again()
        await self._write_records(record)
        for waiting in self._backup.waiting.values():
            await rebase(self._pipeline, self._backup, waiting)
        done = ImportRecord(record.backup, self._backup.end.records, is_finished=True)
        await self._commit([layout_message(self._positions, self._layout)], done)
        return True

    async def _commit(self, messages: Sequence[Message], record: ImportRecord) -> None:
        messages = [*messages, record.to_message(self._positions)]
        await self._session.commit(messages, record.records + 1)

    async def _fence(self) -> None:
        """Open and close the session of each lease: no earlier holder can commit (KIP-98)."""
        slots = asyncio.Semaphore(_FENCED_AT_ONCE)

        async def fence(group: str, source: TopicPartition) -> None:
            async with slots:
                await (await self._log.open(group, source)).close()

        await asyncio.gather(
            *(
                fence(stage.group, TopicPartition(stage.source, number))
                for stage in self._plan.stages
                for number in range(self._layout.counts[stage.source])
            )
        )

    async def _check_empty_again(self) -> None:
        """Check it now that no worker can write; let workers go on if one has."""
        try:
            await check_empty(self._pipeline)
        except Misconfigured:
            undo = [layout_message(self._positions, self._layout), forget_import(self._positions)]
            await self._session.commit(undo, 1)
            raise

    async def _write_records(self, record: ImportRecord) -> None:
        """Write what is missing of the backup, some thousand records in a transaction."""
        skipped, section, count = record.records, "", 0
        for content in read_backup(self._backup.path):
            if not isinstance(content, Portion):
                continue
            if section != str(content.section):
                section, count = str(content.section), 0
            count += len(content.records)
            records = content.records[skipped:]
            skipped -= len(content.records) - len(records)
            if records:
                record = record._replace(records=record.records + len(records))
                await self._commit([self._message(each) for each in records], record)
            self._say(section, count)

    def _message(self, record: Record) -> Message:
        """Return a record as it is imported: with its time, by which agents and retention judge."""
        value, carry = record.value, self._plan.carried.get(record.topic)
        if value is not None and carry:
            value = carry(value, self._backup.position(self._plan, record.topic, record.partition))
        return Message(
            self._plan.topic(record.topic),
            record.key,
            value,
            record.headers,
            record.timestamp,
            record.partition,
        )
