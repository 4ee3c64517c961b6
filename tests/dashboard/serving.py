"""A dashboard without Kafka: the server over a view, and what people say comes back to it."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import httpx
from aiohttp import web

from agents.cluster_layout import ClusterLayout
from agents.silencing.silence_message import silence_message
from dashboard.api.server import Server
from dashboard.api.silencing import Write
from dashboard.api.sources import Sources
from dashboard.api.stream import Broadcaster
from dashboard.examiner import Examiner
from dashboard.explaining import Explaining
from dashboard.feed import Feed
from dashboard.models import Models
from dashboard.operations import Operations
from dashboard.originals import Originals
from dashboard.replay_planner import ReplayPlanner
from dashboard.view.news_view import NewsView
from detection.rule import Rule
from infra.settings.dashboard import Dashboard
from infra.settings.model import Settings
from nlp.settings import ModelSettings
from schemas.channels import SILENCES
from schemas.incoming.reading import DEFAULT_DOOR
from schemas.silence import Silence
from streams.core.record import Stored

PARTITIONS = 2


def fold(topics: Mapping[str, list[Stored]], rule: Rule | None = None) -> NewsView:
    """Return a view that has read ``topics``."""
    view = NewsView(rule or Rule(), PARTITIONS**2)
    for topic, records in topics.items():
        for record in records:
            view.take(topic, record)
    return view


def heard(view: NewsView, said: Silence) -> None:
    """Let a view read what somebody said."""
    message = silence_message(SILENCES.topic, said)
    millis = round(said.since.timestamp() * 1000)
    record = Stored(SILENCES.topic, 0, 0, millis, message.key, message.value, list(message.headers))
    view.take(SILENCES.topic, record)


def sources_of(view: NewsView, settings: Settings, write: Write | None = None) -> Sources:
    """Return everything that answers are made of; nothing of it has been started."""

    async def echo(said: Silence) -> None:
        heard(view, said)

    cluster = ClusterLayout()
    return Sources(
        view,
        Feed(cluster, view, timedelta(days=1)),
        Operations(cluster),
        Broadcaster(),
        Examiner(settings),
        Originals(cluster, DEFAULT_DOOR),
        Explaining(settings.nlp),
        Models(settings),
        ReplayPlanner(cluster),
        settings.detect,
        settings.companies,
        write or echo,
    )


@asynccontextmanager
async def serving(
    view: NewsView, write: Write | None = None, *, model: str = "lexicon", **settings: Any
) -> AsyncIterator[httpx.AsyncClient]:
    """Serve a view with some settings, and give a client of it."""
    nlp = ModelSettings(model=model)
    whole = Settings(dashboard=Dashboard(**settings), nlp=nlp)
    server = Server(sources_of(view, whole, write), whole.dashboard)
    runner = web.AppRunner(server.application(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        base = f"http://127.0.0.1:{runner.addresses[0][1]}"
        async with httpx.AsyncClient(base_url=base, timeout=30) as client:
            yield client
    finally:
        await runner.cleanup()
