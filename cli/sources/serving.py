"""``newsquake serve ingest``."""

import asyncio
import logging
import signal
from importlib.metadata import version
from typing import Final

import typer
from aiohttp import web

from agents.sending.producer import Producer
from agents.sending.raw_record import Sender
from infra import worker_port
from infra.http.listening import listen
from infra.input.profile_folder import profiles_of
from infra.intake.server import AGENT, SOURCE, Intake
from infra.logging import configure_logging
from infra.privacy.redaction import redaction_of
from infra.settings.model import Settings
from infra.settings.serve import Serve
from infra.telemetry.tracing import tracing_of
from infra.usage_error import UsageError
from infra.worker_health import ProcessHealth
from schemas.channels import RAW
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.broker_health import kafka_answers, log_outages

_STOP_SECONDS: Final = 25.0
"""Time for requests that were taken to be acknowledged, before the process ends."""


def run(settings: Settings) -> None:
    """Take articles over HTTP until SIGTERM or SIGINT.

    Raises:
        UsageError: The address can be reached from elsewhere, and wants nothing of who asks.
        Misconfigured: There is no broker or no topic, or the port is taken.
    """
    check_address(settings.serve)
    asyncio.run(_serve(settings))


def check_address(serve: Serve) -> None:
    """Refuse an address that others can reach, unless they need a token or a certificate.

    Raises:
        UsageError: Anybody could send articles.
    """
    if serve.is_open_to_strangers:
        raise UsageError(
            f"serve.host: {serve.host} can be reached from elsewhere, and anybody could send "
            "articles: set NEWSQUAKE_SERVE__TOKEN or NEWSQUAKE_SERVE__CLIENT_CA_FILE, or serve at "
            "127.0.0.1"
        )


async def _serve(settings: Settings) -> None:
    configure_logging(settings.log, redact=redaction_of(settings))
    logging.getLogger("aiohttp.access").setLevel(logging.WARNING)
    cluster = settings.kafka
    topic = cluster.topic(RAW.topic)
    await partition_counts(cluster, [Topic(topic, {})])
    profiles = profiles_of(settings)
    sender = Sender(SOURCE, "", profiles, topic, settings.detect.max_ahead)
    stop = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stop.set)
    watching = asyncio.create_task(log_outages(cluster))
    most = settings.serve.max_in_flight
    with tracing_of(settings) as tracing:
        producer = Producer(
            cluster, source=SOURCE, max_in_flight=most, profiles=profiles, tracing=tracing
        )
        await _serve_with(producer, settings, sender, stop)
    watching.cancel()
    typer.echo("stopped: all that was accepted is in Kafka")


async def _serve_with(
    unstarted: Producer, settings: Settings, sender: Sender, stop: asyncio.Event
) -> None:
    """Serve until ``stop`` is set."""
    cluster = settings.kafka
    async with unstarted as producer:
        intake = Intake(producer, sender, settings.serve, version("newsquake"))
        if settings.metrics.port:
            loop = asyncio.get_running_loop()
            health = ProcessHealth((AGENT,), loop, lambda: kafka_answers(cluster))
            worker_port.serve(settings.metrics, intake.exporter.registry, health)
        runner = web.AppRunner(intake.application(), shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            address = await listen(runner, settings.serve, "serve")
            typer.echo(f"ready {address}/articles")
            await stop.wait()
        finally:
            await runner.cleanup()
