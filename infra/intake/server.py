"""``POST /articles``: what is answered with 202 is acknowledged by Kafka."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any, Final

import orjson
from aiohttp import web

from agents.sending.producer import Producer
from agents.sending.raw_record import RawRecord, Sender, raw_record
from infra.exporter import Exporter
from infra.http.access import SECURITY_HEADERS
from infra.http.request_check import check_access, headers_of, read_body
from infra.intake.openapi import document
from infra.intake.request_body import LINES, SINGLE, BadBody, articles_in
from infra.settings.serve import Serve
from schemas.incoming import cloudevents
from schemas.metrics.processing import (
    BUILD_INFO,
    INTAKE_ARTICLES,
    INTAKE_REQUESTS,
    INTAKE_WAITING,
    Sample,
)
from schemas.refusal import Refusal
from streams.core.errors import StreamError
from streams.monitoring.tracing import TRACEPARENT

SOURCE: Final = "newsquake-http"
"""The `ce_source` of articles that came over HTTP."""
RETRY_SECONDS: Final = 1
"""How long a sender waits when Kafka is behind."""
AGENT: Final = "intake"
"""The label of its metrics."""

Item = dict[str, Any]


class Intake:
    """The web application.

    Args:
        producer: Where articles go; it is started and stopped by others.
        sender: The profiles that they may be read with.
        settings: The limits, and the token.
        version: The version of the program.
    """

    def __init__(
        self, producer: Producer, sender: Sender, settings: Serve, version: str = ""
    ) -> None:
        self.exporter = Exporter()
        self._producer = producer
        self._sender = sender._replace(source=SOURCE)
        self._settings = settings
        self._reserved = 0
        self._document = orjson.dumps(document(version))
        self._count(Sample(BUILD_INFO, 1.0, (version, "")))

    def application(self) -> web.Application:
        """Return the application to serve."""
        app = web.Application(client_max_size=self._settings.max_bytes, middlewares=[self.explain])
        app.add_routes(
            [
                web.post("/articles", self.receive),
                web.get("/openapi.json", self.describe),
                web.get("/live", self.live),
            ]
        )
        return app

    async def receive(self, request: web.Request) -> web.Response:
        """Take the articles of a request, and answer once Kafka has them."""
        check_access(request, self._settings, "serve")
        if request.content_type not in SINGLE | LINES:
            accepted = ", ".join(sorted(SINGLE | LINES))
            text = f"content-type {request.content_type} is not read; send one of {accepted}"
            raise web.HTTPUnsupportedMediaType(text=text)
        try:
            body = await read_body(request)
            articles = articles_in(body, request.content_type)
        except BadBody as problem:
            raise web.HTTPBadRequest(text=str(problem)) from None
        key = request.headers.get("Idempotency-Key", "")
        if key and len(articles) > 1:
            raise web.HTTPBadRequest(
                text="Idempotency-Key names one article and the request holds several; put "
                "an id into each"
            )
        self.reserve(len(articles))
        sent = request.headers
        profile, trace = sent.get("Newsquake-Profile", ""), sent.get(TRACEPARENT, "")
        try:
            items = await self.take(articles, profile, key, trace)
        finally:
            self.reserve(-len(articles))
        return self.answer(items)

    def reserve(self, count: int) -> None:
        """Make room for articles of a request; a negative ``count`` gives room back.

        Raises:
            web.HTTPTooManyRequests: Kafka has too many to acknowledge.
            web.HTTPRequestEntityTooLarge: There is never so much room.
        """
        limit = self._settings.max_in_flight
        if count > limit:
            raise web.HTTPRequestEntityTooLarge(
                limit, count, text=f"the request holds {count} articles; send at most {limit}"
            )
        if count > 0 and self._reserved + count > limit:
            raise web.HTTPTooManyRequests(
                text=f"{self._reserved} articles wait for Kafka; send again in {RETRY_SECONDS} s",
                headers={"Retry-After": str(RETRY_SECONDS)},
            )
        self._reserved += count
        self._count(Sample(INTAKE_WAITING, float(self._reserved)))

    async def take(
        self, articles: list[bytes], profile: str, key: str, trace: str = ""
    ) -> list[Item]:
        """Send the articles; return what came of each, once Kafka has answered.

        ``trace`` is the `traceparent` of the request, which the pipeline goes on with.
        """
        origin = tuple(cloudevents.trace([(TRACEPARENT, trace.encode("latin-1", "replace"))]))
        sender, now = self._sender._replace(profile=profile), datetime.now(UTC)
        items: list[Item] = []
        records: list[tuple[Item, RawRecord]] = []
        for index, article in enumerate(articles):
            item: Item = {"index": index}
            items.append(item)
            try:
                record = raw_record(article, sender, now, key)
                records.append((item, record._replace(headers=(*record.headers, *origin))))
            except Refusal as refusal:
                item |= {"status": "refused", "reason": refusal.reason, "field": refusal.field}
                item["problem"] = str(refusal)
        acks = [await self._producer.send_record(record) for _, record in records]
        outcomes = await asyncio.gather(*acks, return_exceptions=True)
        for (item, record), outcome in zip(records, outcomes, strict=True):
            if isinstance(outcome, StreamError):
                item |= {"status": "failed", "id": record.key, "problem": str(outcome)}
            elif isinstance(outcome, BaseException):
                raise outcome
            else:
                item |= {"status": "accepted", "id": record.key, "warnings": outcome.warnings}
                item["published"] = record.reading.article.published
        return items

    def answer(self, items: list[Item]) -> web.Response:
        """Return the answer for what came of the articles, and count them."""
        counts = Counter(item["status"] for item in items)
        outcomes = Counter((item["status"], item.get("reason", "")) for item in items)
        for outcome, count in outcomes.items():
            self._count(Sample(INTAKE_ARTICLES, float(count), outcome))
        status, headers = HTTPStatus.ACCEPTED, {}
        if counts["failed"]:
            status, headers = HTTPStatus.SERVICE_UNAVAILABLE, {"Retry-After": str(RETRY_SECONDS)}
        elif not counts["accepted"]:
            status = HTTPStatus.BAD_REQUEST
        totals = {name: counts[name] for name in ("accepted", "refused", "failed")}
        return _json({**totals, "items": items}, status, headers)

    @web.middleware
    async def explain(self, request: web.Request, handler: Any) -> web.StreamResponse:
        """Answer failures in JSON, and count requests by status."""
        try:
            response: web.StreamResponse = await handler(request)
        except web.HTTPException as failure:
            problem = {"error": failure.text or failure.reason}
            response = _json(problem, HTTPStatus(failure.status), headers_of(failure))
        response.headers.update(SECURITY_HEADERS)
        self._count(Sample(INTAKE_REQUESTS, 1.0, (str(response.status),)))
        return response

    def _count(self, sample: Sample) -> None:
        self.exporter(AGENT, [sample])

    async def describe(self, _: web.Request) -> web.Response:
        """Answer with the OpenAPI document."""
        return web.Response(body=self._document, content_type="application/json")

    async def live(self, _: web.Request) -> web.Response:
        """Answer that the process lives."""
        return _json({"waiting": self._reserved}, HTTPStatus.OK, {})


def _json(content: Any, status: HTTPStatus, headers: dict[str, str]) -> web.Response:
    body = orjson.dumps(content) + b"\n"
    return web.Response(body=body, status=status, headers=headers, content_type="application/json")
