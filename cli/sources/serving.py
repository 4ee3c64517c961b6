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
from infra.http.access import is_own_address
from infra.input.profile_folder import profiles_of
from infra.intake.server import AGENT, SOURCE, Intake
from infra.logging import configure_logging
from infra.privacy.redaction import redaction_of
from infra.settings.model import Settings
from infra.settings.serve import Serve
from infra.usage_error import UsageError
from infra.worker_health import ProcessHealth
from schemas.channels import RAW
from streams.core.errors import Misconfigured
from streams.kafka.topics import Topic, partition_counts
from streams.monitoring.broker_health import kafka_answers, log_outages

_STOP_SECONDS: Final = 25.0
"""Time for requests that were taken to be acknowledged, before the process ends."""


def run(settings: Settings) -> None:
    """Take articles over HTTP until SIGTERM or SIGINT.

    Raises:
        UsageError: The address can be reached from elsewhere, and there is no token.
        Misconfigured: There is no broker or no topic, or the port is taken.
    """
    check_address(settings.serve)
    asyncio.run(_serve(settings))


def check_address(serve: Serve) -> None:
    """Refuse an address that others can reach, unless there is a token.

    Raises:
        UsageError: Anybody could send articles.
    """
    if not is_own_address(serve.host) and not serve.token.get_secret_value():
        raise UsageError(
            f"serve.host: {serve.host} can be reached from elsewhere, and anybody could send "
            "articles: set NEWSQUAKE_SERVE__TOKEN, or serve at 127.0.0.1"
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
    async with Producer(cluster, source=SOURCE, max_in_flight=most, profiles=profiles) as producer:
        intake = Intake(producer, sender, settings.serve, version("newsquake"))
        if settings.metrics.port:
            loop = asyncio.get_running_loop()
            health = ProcessHealth((AGENT,), loop, lambda: kafka_answers(cluster))
            worker_port.serve(settings.metrics, intake.exporter.registry, health)
        runner = web.AppRunner(intake.application(), shutdown_timeout=_STOP_SECONDS)
        await runner.setup()
        try:
            await listen(runner, settings.serve)
            await stop.wait()
        finally:
            await runner.cleanup()
    watching.cancel()
    typer.echo("stopped: all that was accepted is in Kafka")


async def listen(runner: web.AppRunner, serve: Serve) -> None:
    """Open the port, and print its address.

    Raises:
        Misconfigured: The port is taken or may not be used.
    """
    try:
        await web.TCPSite(runner, serve.host, serve.port).start()
    except OSError as error:
        raise Misconfigured(
            f"{serve.host}:{serve.port} can't be served ({error.strerror or error}): choose "
            "another serve.port"
        ) from error
    host, port = runner.addresses[0][:2]
    typer.echo(f"ready http://{host}:{port}/articles")
