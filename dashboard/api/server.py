"""The web application: the JSON API, the stream, and the pages."""

import asyncio
import time
from importlib.metadata import version
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel

from dashboard.api import answers
from dashboard.api.assets import PAGES, Assets
from dashboard.api.events import needles_event
from dashboard.api.flow_answer import feed_answer, rule_answer, whole_flow_answer
from dashboard.api.json_body import content_of, json_answer
from dashboard.api.openapi.document import document
from dashboard.api.replaying import Replaying
from dashboard.api.rows import alert_row, article_row
from dashboard.api.security import COOKIE, HEADERS, SESSION_SECONDS, Guard, add_headers
from dashboard.api.silencing import Silencer
from dashboard.api.sources import Sources
from dashboard.api.stream import encode
from dashboard.api.why import Why
from dashboard.view.articles import KeptArticle
from dashboard.view.news_view import Changes
from infra.http.request_check import headers_of
from infra.settings.dashboard import Dashboard as DashboardSettings
from streams.core.errors import StreamError

MAX_ROWS: Final = 500
_HEARTBEAT_SECONDS: Final = 15.0
"""A stream without an event for so long says so: a proxy would close it."""
_REFUSAL_SECONDS: Final = 0.5
"""Pause before a wrong token is refused."""
_DEFAULT_HOURS: Final = 72.0
_MAX_BODY_BYTES: Final = 10_000


class Entry(BaseModel):
    """What a browser sends for a session."""

    token: str


class Server:
    """The application for one view."""

    def __init__(self, sources: Sources, settings: DashboardSettings) -> None:
        self._sources = sources
        self._view = sources.view
        self._guard = Guard(settings)
        self._assets = Assets()
        self._document = document(version("newsquake"))

    def application(self) -> web.Application:
        """Return the application to serve."""
        silencer = Silencer(self._view, self._sources.companies, self._sources.write)
        app = web.Application(
            client_max_size=_MAX_BODY_BYTES, middlewares=[add_headers, self.explain]
        )
        app.add_routes(
            [
                web.get("/api/now", self.now),
                web.get("/api/traces", self.traces),
                web.get("/api/alerts", self.alerts),
                web.get("/api/alerts/{id}", self.alert),
                web.get("/api/subjects/{id}", self.subject),
                web.get("/api/articles", self.articles),
                web.get("/api/articles/{id}", self.article),
                web.get("/api/articles/{id}/raw", self.original),
                web.get("/api/flow", self.flow),
                web.get("/api/doctor", self.doctor),
                web.get("/api/stream", self.stream),
                web.get("/api/live", self.live),
                web.post("/api/session", self.log_in),
                web.get("/api/openapi.json", self.describe),
                *silencer.routes(),
                *Why(self._view, self._sources.explaining).routes(),
                *Replaying(self._sources.planner).routes(),
                *(web.get(path, self._assets.page) for path in PAGES),
                web.get("/assets/{path:.+}", self._assets.file),
                web.get("/{path:(?!api/).+}", self._assets.missing),
            ]
        )
        return app

    @web.middleware
    async def explain(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Let in who may ask, and answer failures of the API in JSON."""
        try:
            self._guard.check(request)
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as failure:
            problem = {"error": failure.text or failure.reason}
            return json_answer(problem, status=failure.status, headers=headers_of(failure))
        return response

    async def now(self, _: web.Request) -> web.Response:
        """Answer with all subjects and the open alerts."""
        return json_answer(
            answers.now_answer(self._view, time.time())
            | {"feed": feed_answer(self._sources.feed), "rule": rule_answer(self._sources.rule)}
        )

    async def traces(self, request: web.Request) -> web.Response:
        """Answer with the traces of some subjects."""
        wall = time.time()
        try:
            hours = float(request.query.get("hours", _DEFAULT_HOURS))
        except ValueError:
            raise web.HTTPBadRequest(text="hours: send a number") from None
        names = request.query.getall("subject", [])[:MAX_ROWS]
        since = self._view.now(wall) - hours * 3600
        return json_answer(answers.trace_answer(self._view, names, since, wall))

    async def alerts(self, request: web.Request) -> web.Response:
        """Answer with alerts, the latest first."""
        view, query = self._view, request.query
        subject = query.get("subject")
        stories = view.alerts.of_subject(subject) if subject else list(view.alerts)
        state = query.get("state", "all")
        if state not in {"all", "open", "resolved"}:
            raise web.HTTPBadRequest(text="state: send all, open or resolved")
        if state != "all":
            stories = [story for story in stories if story.is_open == (state == "open")]
        return json_answer(
            {
                "alerts": [
                    alert_row(self._view, story, time.time())
                    for story in stories[: _limit(request)]
                ]
            }
        )

    async def alert(self, request: web.Request) -> web.Response:
        """Answer with one alert."""
        story = self._view.alerts.get(request.match_info["id"])
        if story is None:
            raise web.HTTPNotFound(text="no alert with this id is remembered")
        return json_answer(answers.alert_answer(self._view, story, time.time()))

    async def subject(self, request: web.Request) -> web.Response:
        """Answer with one subject."""
        name = request.match_info["id"]
        if name not in self._view.subjects:
            raise web.HTTPNotFound(text="there is no news about this subject")
        return json_answer(answers.subject_answer(self._view, name, time.time()))

    async def articles(self, request: web.Request) -> web.Response:
        """Answer with the latest articles that have all words of a search."""
        found = self._view.articles.search(request.query.get("q", ""), _limit(request))
        return json_answer({"articles": [article_row(article) for article in found]})

    async def article(self, request: web.Request) -> web.Response:
        """Answer with one article."""
        return json_answer(answers.article_answer(self._view, self._article(request), time.time()))

    async def original(self, request: web.Request) -> web.Response:
        """Answer with the raw record of an article."""
        kept = self._article(request)
        try:
            original = await self._sources.originals.find(request.match_info["id"], kept.sent)
        except (StreamError, TimeoutError) as error:
            text = str(error) or "Kafka does not answer in time: ask again"
            raise web.HTTPServiceUnavailable(text=text) from None
        if original is None:
            raise web.HTTPNotFound(text="its raw record is not on the topic any more")
        return json_answer(original._asdict())

    def _article(self, request: web.Request) -> KeptArticle:
        kept = self._view.articles.get(request.match_info["id"])
        if kept is None:
            raise web.HTTPNotFound(text="no article with this key is remembered")
        return kept

    async def flow(self, _: web.Request) -> web.Response:
        """Answer with the state of the pipeline."""
        return json_answer(whole_flow_answer(self._sources, time.time()))

    async def doctor(self, _: web.Request) -> web.Response:
        """Answer with the findings of the doctor, which takes seconds."""
        return json_answer({"findings": await self._sources.examiner.examine()})

    async def live(self, _: web.Request) -> web.Response:
        """Answer that the process lives."""
        return json_answer(feed_answer(self._sources.feed))

    async def describe(self, _: web.Request) -> web.Response:
        """Answer with the OpenAPI document."""
        return json_answer(self._document)

    async def log_in(self, request: web.Request) -> web.Response:
        """Take the token, and answer with the cookie of a session."""
        entry = await content_of(request, Entry)
        if not self._guard.is_token(entry.token):
            await asyncio.sleep(_REFUSAL_SECONDS)
            raise web.HTTPUnauthorized(text="the token is wrong")
        response = json_answer({"seconds": SESSION_SECONDS})
        response.set_cookie(
            COOKIE,
            self._guard.session(time.time()),
            max_age=SESSION_SECONDS,
            httponly=True,
            samesite="Strict",
            secure=request.secure,
        )
        return response

    async def stream(self, request: web.Request) -> web.StreamResponse:
        """Send events until the browser leaves, or can't keep up."""
        headers = HEADERS | {"Content-Type": "text/event-stream", "Cache-Control": "no-store"}
        response = web.StreamResponse(headers=headers)
        await response.prepare(request)
        broadcaster, feed = self._sources.broadcaster, self._sources.feed
        queue = broadcaster.join()
        try:
            first = needles_event(self._view, feed, Changes(), time.time())
            await response.write(b"retry: 2000\n\n" + encode("needles", first))
            while True:
                try:
                    event = await asyncio.wait_for(queue.get(), _HEARTBEAT_SECONDS)
                except TimeoutError:
                    event = b": nothing happens\n\n"
                if not event:
                    break
                await response.write(event)
        except ConnectionError:
            pass
        finally:
            broadcaster.leave(queue)
        return response


def _limit(request: web.Request) -> int:
    """Return the number of rows that a request asks for."""
    text = request.query.get("limit", "100")
    if not text.isascii() or not text.isdigit():
        raise web.HTTPBadRequest(text="limit: send a number")
    return min(int(text[:6]), MAX_ROWS)
