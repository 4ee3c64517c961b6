"""Lines that say why a command waits for Kafka; its clients wait in silence."""

import asyncio
from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Final

import typer

from streams.kafka.cluster import Cluster
from streams.monitoring.diagnosis import find_problem

_CHECK_SECONDS: Final = 4.0
"""The time between two looks at the cluster; with its answers a line comes within ten seconds."""


@asynccontextmanager
async def telling_outages(cluster: Cluster, topics: Collection[str]) -> AsyncIterator[None]:
    """Print to stderr while the block runs when the cluster can't be used, and when it can."""
    watching = asyncio.create_task(_tell(cluster, topics))
    try:
        yield
    finally:
        watching.cancel()


async def _tell(cluster: Cluster, topics: Collection[str]) -> None:
    last = ""
    while True:
        await asyncio.sleep(_CHECK_SECONDS)
        problem = await find_problem(cluster, topics)
        if problem and problem != last:
            typer.echo(f"newsquake: waiting: {problem}", err=True)
        elif last and not problem:
            typer.echo("newsquake: Kafka is back", err=True)
        last = problem
