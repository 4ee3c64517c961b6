"""``newsquake topics grow``."""

import asyncio
from collections.abc import Iterator, Mapping

import typer

from agents.growth import plan_growth
from agents.kafka_topics import required_topics
from agents.present_layout import find_layout
from cli.command_setup import quiet
from infra.progress.meter import Meter
from infra.settings.model import Settings
from streams.growth.grow import Growth, grow
from streams.growth.layout import grow_command
from streams.kafka.topics import partition_counts


def run(settings: Settings, partitions: int, *, is_confirmed: bool) -> None:
    """Print what growing the topics to ``partitions`` will do, and do it if ``is_confirmed``.

    Raises:
        Misconfigured: The cluster can't be reached or refuses, or there are more partitions.
        Fenced: Another command changes the topics too.
    """
    quiet()
    asyncio.run(_run(settings, partitions, is_confirmed))


class GrowthMeter:
    """Shows how many records of a step are done."""

    def __init__(self, meter: Meter) -> None:
        self._meter = meter
        self._step = ""

    def __call__(self, step: str, count: int, total: int) -> None:
        """Note that ``count`` of ``total`` records of a step are done."""
        if step != self._step:
            self._step = step
            self._meter.begin(step, "records", total)
        self._meter.update(count)


async def _run(settings: Settings, partitions: int, is_confirmed: bool) -> None:
    cluster = settings.kafka
    actual = await partition_counts(cluster, required_topics(cluster, settings.score.window))
    layout = await find_layout(cluster)
    growth = plan_growth(cluster, partitions, actual, layout)
    for line in plan_lines(growth, actual):
        typer.echo(line)
    if not is_confirmed:
        typer.echo(f"nothing was changed; do it with `{grow_command(partitions)}`")
        return
    with Meter() as meter:
        await grow(cluster, growth, actual, typer.echo, GrowthMeter(meter))
    for line in next_steps(partitions):
        typer.echo(line)


def plan_lines(growth: Growth, actual: Mapping[str, int]) -> Iterator[str]:
    """Yield a line for each topic, and for what moves."""
    width = max(map(len, growth.layout.counts))
    for topic, count in growth.layout.counts.items():
        change = f"{actual[topic]} -> {count}" if actual[topic] < count else f"{count}, as now"
        unused = f", {growth.layout.used[topic]} used" if topic in growth.layout.used else ""
        yield f"{topic:<{width}}  partitions {change}{unused}"
    for stage in growth.moved:
        yield f"{stage.source}: unread records move to the partitions of their keys"
    for topic in growth.memories:
        yield f"{topic}: entries move to the partitions of their keys"
    yield "running workers end with a line, and start again once the topics have grown"


def next_steps(partitions: int) -> Iterator[str]:
    """Yield what is left to do once the topics have grown."""
    yield f"the topics have {partitions} partitions. Next:"
    yield "- start the workers that no supervisor starts again; they need no new setting"
    yield f"- set NEWSQUAKE_KAFKA__PARTITIONS={partitions} where `newsquake topics create` runs"
    yield "- producers learn of new partitions of news.raw within five minutes; nothing is lost"
