"""What people say on the pages: silences, acknowledgements, and their ends.

They are the records that ``newsquake silence`` and ``newsquake ack`` write, and hold as soon as the
answer is there, on all workers. Nobody checks the name: it is for the others.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Annotated, Final

from aiohttp import web
from pydantic import BaseModel, ConfigDict, Field, WithJsonSchema

from agents.silencing.known_subjects import listed_subjects, matching, nearest
from agents.silencing.silence_message import acknowledge, expired, new_silence
from dashboard.api.attention import said_row
from dashboard.api.json_body import content_of, json_answer
from dashboard.view.news_view import NewsView
from nlp.companies.settings import CompanySettings
from schemas.durations import Duration
from schemas.silence import Silence
from streams.core.errors import StreamError

Write = Callable[[Silence], Awaitable[None]]
_WRITE_SECONDS: Final = 15.0
_READ_SECONDS: Final = 2.0
"""The answer waits for so long until the pages show what was said."""
_LONGEST: Final = timedelta(days=366)
_Name = Annotated[str, Field(min_length=1, max_length=100)]


class Ending(BaseModel):
    """Who ends a silence, or takes an acknowledgement back."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    who: _Name = Field(description="Who says so; nobody checks it")


class Acknowledging(Ending):
    """Who takes care of an alert."""

    why: str = Field(default="", max_length=500, description="For the others")


class Silencing(Acknowledging):
    """What is silenced, and for how long."""

    subject: _Name = Field(description="A subject, or a pattern such as company:AC*")
    length: Annotated[Duration, WithJsonSchema({"type": "string"})] = Field(
        alias="for", gt=timedelta(0), le=_LONGEST, description="How long: 90m, 24h, 7d"
    )


class Silencer:
    """Writes what people say.

    Args:
        view: The alerts and silences that are known.
        companies: The companies that can be silenced before there is news about them.
        write: Writes a silence; once it returns, all who ask for the silences know it.
    """

    def __init__(self, view: NewsView, companies: CompanySettings, write: Write) -> None:
        self._view = view
        self._companies = companies
        self._write = write

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [
            web.get("/api/silences", self.held),
            web.post("/api/silences", self.silence),
            web.post("/api/silences/{id}/end", self.end),
            web.post("/api/alerts/{id}/acknowledgement", self.acknowledge),
        ]

    async def held(self, _: web.Request) -> web.Response:
        """Answer with what holds: silences, and acknowledgements of alerts that are open."""
        now, alerts = datetime.now(UTC), {story.last.id for story in self._view.alerts.open()}
        held = [
            said_row(said, now)
            for said in self._view.silences.book.in_force(now)
            if said.alert is None or said.alert in alerts
        ]
        return json_answer({"silences": held})

    async def silence(self, request: web.Request) -> web.Response:
        """Silence a subject, or all that a pattern covers."""
        order = await content_of(request, Silencing)
        known = {*self._view.subjects, *(story.last.subject for story in self._view.alerts)}
        if not matching(order.subject, known):
            known |= listed_subjects(self._companies)
            if not matching(order.subject, known):
                meant = ", ".join(nearest(order.subject, known))
                guess = f": did you mean {meant}?" if meant else ""
                text = f"no subject {order.subject!r}, so nothing would be silenced{guess}"
                raise web.HTTPBadRequest(text=text)
        return await self._say(
            new_silence(
                order.subject, order.length, who=order.who, why=order.why, now=datetime.now(UTC)
            )
        )

    async def acknowledge(self, request: web.Request) -> web.Response:
        """Say that somebody takes care of an alert."""
        order = await content_of(request, Acknowledging)
        story = self._view.alerts.get(request.match_info["id"])
        if story is None:
            raise web.HTTPNotFound(text="no alert with this id is remembered")
        if not story.is_open:
            raise web.HTTPConflict(text="the alert is over: it resolved by itself")
        return await self._say(
            acknowledge(story.last, who=order.who, why=order.why, now=datetime.now(UTC))
        )

    async def end(self, request: web.Request) -> web.Response:
        """End a silence early, or take an acknowledgement back."""
        order, now = await content_of(request, Ending), datetime.now(UTC)
        held = {said.id: said for said in self._view.silences.book.in_force(now)}
        said = held.get(request.match_info["id"])
        if said is None:
            raise web.HTTPNotFound(text="nothing that holds has this id")
        return await self._say(expired(said, who=order.who, now=now))

    async def _say(self, said: Silence) -> web.Response:
        """Write what was said, and answer once the pages show it."""
        try:
            async with asyncio.timeout(_WRITE_SECONDS):
                await self._write(said)
        except (StreamError, TimeoutError) as error:
            problem = str(error) or "Kafka does not answer"
            raise web.HTTPServiceUnavailable(text=f"it was not written: {problem}") from None
        book = self._view.silences.book
        with suppress(TimeoutError):
            async with asyncio.timeout(_READ_SECONDS):
                while said.event_id not in {  # noqa: ASYNC110 - a view tells nobody
                    word.event_id for word in book.everything()
                }:
                    await asyncio.sleep(0.05)
        return json_answer(said_row(said, datetime.now(UTC)), status=201)
