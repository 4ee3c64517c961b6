"""Follow one feed: each of its items is sent once, and again when its headline is corrected."""

import asyncio
import random
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Final, NamedTuple

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception_type
from tenacity.wait import wait_exponential, wait_random

from agents.sending.raw_record import RawRecord, Sender, raw_record
from infra.feeds.document import FeedDocument, FeedItem, read_document
from infra.feeds.fetching import Fetched, Fetcher, FetchFailed, Validators
from infra.feeds.outlet import SELF, Entry, Outlet, in_batches
from infra.feeds.report import Report
from schemas.refusal import Refusal

KEEP_DAYS: Final = 30
"""Days after which an item that is no longer in the feed is forgotten."""
MAX_PAUSE_SECONDS: Final = 3_600.0
"""The longest pause after failures, unless the server asks for a longer one."""
MAX_FRESH_SECONDS: Final = 86_400.0
"""A server is not believed that its feed stays as it is for longer."""
_JITTER: Final = 0.1
"""Pauses are longer by up to this share, so that many feeds do not come due at once."""
_SOURCES_SHOWN: Final = 3
_DAY_SECONDS: Final = 86_400


class Chosen(NamedTuple):
    """Items of a document that are sent, and what is remembered of them."""

    records: list[RawRecord]
    changes: dict[str, Entry | None]
    corrected: int


class Feed:
    """One feed, with its outlet.

    Args:
        address: The address that the user gave.
        outlet: Where its items go.
        fetcher: What fetches it.
        report: What is told of it.
        sender: The profile and the source of its records.
        interval: Seconds between two fetches at least.
        publisher: The source of all articles; if empty, the publisher that an item names, else the
            feed's title, else the source of ``sender``.

    Attributes:
        address: The address that the user gave.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - one for each of what it is made of
        self,
        address: str,
        outlet: Outlet,
        fetcher: Fetcher,
        report: Report,
        sender: Sender,
        interval: float,
        publisher: str = "",
    ) -> None:
        self.address = address
        self._outlet = outlet
        self._fetcher = fetcher
        self._report = report
        self._sender = sender
        self._interval = interval
        self._publisher = publisher
        self._sources: tuple[str, ...] = ()
        self._backoff = wait_exponential(
            multiplier=interval, max=max(interval, MAX_PAUSE_SECONDS)
        ) + wait_random(0, interval)

    async def follow(self) -> None:
        """Fetch the feed again and again; return when the server says that it is gone for good."""
        retrying = AsyncRetrying(
            retry=retry_if_exception_type(FetchFailed),
            wait=self._pause_after_failure,
            before_sleep=self._tell_failure,
        )
        try:
            while True:
                pause: float = await retrying(self._poll_or_end)
                await asyncio.sleep(pause)
        except _Gone as gone:
            self._report.failed(self._outlet.name, "gone", f"{gone}; it is not fetched again", 0.0)

    async def poll(self) -> float:
        """Fetch the feed once, send what is new, and return the seconds until the next fetch.

        Raises:
            FetchFailed: It could not be fetched or read; what was sent before is remembered.
        """
        own = self._outlet.entries.get(SELF, {})
        validators = Validators(own.get("etag", ""), own.get("modified", ""))
        got = await self._fetcher.fetch(own.get("moved") or self.address, validators)
        ttl = float(own.get("ttl", 0.0))
        if got.body is not None:
            document = await asyncio.to_thread(
                read_document, got.body, got.charset, self._publisher
            )
            self._tell_sources(document)
            ttl = document.ttl
            await self.send_new(document, self._own_entry(got, ttl))
        self._report.succeeded(self._outlet.name, "unchanged" if got.body is None else "changed")
        fresh = min(MAX_FRESH_SECONDS, max(got.max_age, ttl))
        return max(self._interval, fresh) * random.uniform(1.0, 1.0 + _JITTER)  # noqa: S311 - no secret

    def _tell_sources(self, document: FeedDocument) -> None:
        """Say what the articles' source is, when it is not the same as before."""
        sources = document.sources or (self._sender.source,)
        if document.items and sources != self._sources:
            self._sources = sources
            shown = ", ".join(sources[:_SOURCES_SHOWN]) + (", …" * (len(sources) > _SOURCES_SHOWN))
            self._report.note(self._outlet.name, "articles have a source", source=shown)

    def _own_entry(self, got: Fetched, ttl: float) -> Entry:
        moved = got.moved or self._outlet.entries.get(SELF, {}).get("moved", "")
        if got.moved and got.moved != self._outlet.entries.get(SELF, {}).get("moved"):
            self._report.note(self._outlet.name, "feed has moved for good")
        etag, modified = got.validators
        return {"etag": etag, "modified": modified, "moved": moved, "ttl": ttl}

    async def send_new(self, document: FeedDocument, own: Entry) -> None:
        """Send items that are new or corrected, in transactions; the last one has ``own``.

        Until the last is committed the feed counts as not fetched, so a restart fetches all of it.
        """
        name = self._outlet.name
        for problem in document.broken:
            self._report.refused(name, problem)
        today = int(time.time() // _DAY_SECONDS)
        for batch in in_batches(self.unknown(document, today)):
            chosen = self.chosen_of(batch, today)
            await self._outlet.commit(chosen.records, chosen.changes)
            self._report.committed(name, len(chosen.records), chosen.corrected)
        present = {item.name for item in document.items}
        changes: dict[str, Entry | None] = {
            entry: None
            for entry, content in self._outlet.entries.items()
            if entry != SELF and entry not in present and content["d"] < today - KEEP_DAYS
        }
        if changes or own != self._outlet.entries.get(SELF):
            await self._outlet.commit([], changes | {SELF: own})

    def unknown(self, document: FeedDocument, today: int) -> Iterator[FeedItem]:
        """Yield the items that are new, are corrected, or were not seen today."""
        for item in document.items:
            entry = self._outlet.entries.get(item.name)
            if entry is None or entry["f"] != item.fingerprint or entry["d"] != today:
                yield item

    def chosen_of(self, items: tuple[FeedItem, ...], today: int) -> Chosen:
        """Return what is sent and remembered of ``items``; tell those that are refused."""
        chosen = Chosen([], {}, 0)
        for item in items:
            before = self._outlet.entries.get(item.name)
            chosen.changes[item.name] = {"f": item.fingerprint, "d": today}
            if before and before["f"] == item.fingerprint:
                continue
            try:
                chosen.records.append(raw_record(item.value, self._sender, datetime.now(UTC)))
            except Refusal as refusal:
                self._report.refused(self._outlet.name, f"line {item.line}: {refusal}")
            else:
                chosen = chosen._replace(corrected=chosen.corrected + bool(before))
        return chosen

    async def _poll_or_end(self) -> float:
        try:
            return await self.poll()
        except FetchFailed as failure:
            if failure.is_gone:
                raise _Gone(str(failure)) from failure
            raise

    def _pause_after_failure(self, state: RetryCallState) -> float:
        outcome = state.outcome
        failure = outcome.exception() if outcome else None
        asked = failure.retry_after if isinstance(failure, FetchFailed) else 0.0
        return max(min(asked, MAX_FRESH_SECONDS), self._backoff(state))

    def _tell_failure(self, state: RetryCallState) -> None:
        failure = state.outcome.exception() if state.outcome else None
        if isinstance(failure, FetchFailed) and state.next_action:
            pause = state.next_action.sleep
            self._report.failed(self._outlet.name, failure.kind, str(failure), pause)


class _Gone(Exception):
    """The server says that the feed will not come back (410)."""
