"""The page of the pipeline in a real browser: what a replay would do, and the workers' models."""

import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import orjson
import pytest

from agents.cluster_layout import ClusterLayout
from schemas.metrics.processing import CIRCUIT_STATE, Sample
from streams.core.record import Stored, TopicPartition
from streams.kafka.kafka_log import KafkaLog
from tests.dashboard.chromium import Browser
from tests.dashboard.live import running, write
from tests.dashboard.test_models import scored, started
from tests.streams.conditions import settings

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

Topics = Mapping[str, list[Stored]]
_SCRIPT = Path(sys.executable).with_name("newsquake")


async def ends(cluster: ClusterLayout) -> list[int]:
    """Return the ends of the topics that a replay writes to."""
    log = KafkaLog(cluster)
    names = [("news.raw", 2), ("news.accepted", 2), ("state.replays", 1)]
    places = [TopicPartition(cluster.topic(name), n) for name, count in names for n in range(count)]
    return [(await log.bounds(place)).end for place in places]


def dlq(cluster: ClusterLayout, *arguments: str) -> str:
    """Run ``newsquake dlq replay``, and return its output."""
    environ = settings(cluster.bootstrap, NEWSQUAKE_KAFKA__PREFIX=cluster.prefix)
    command = [str(_SCRIPT), "dlq", "replay", *arguments]
    done = subprocess.run(command, env=environ, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


async def test_a_replay_is_tried_and_nothing_is_replayed(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """An operator would not know what comes back, or would send it by looking."""
    (letter,) = topics["news.dead"]
    await write(cluster, [letter, letter, letter])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/flow")
        await page.shows("[name=replay]")
        before = await ends(cluster)
        await page.click("[name=replay]")
        await page.shows(".replay tbody tr")
        assert await page.texts(".replay tbody td") == ["undecodable", "ingest", "3", "0"]
        (summary, *_) = await page.texts(".replay p")
        assert summary == "Nothing was replayed. 3 letters would go back."
        assert await ends(cluster) == before
        (command,) = await page.texts("pre.command")

        # The command that is shown does it, once it is told to.
        arguments = command.removeprefix("newsquake dlq replay ").split()
        counts = orjson.loads(dlq(cluster, *arguments, "--json"))
        assert (counts["done"], sum(counts["replayed"].values())) == (False, 3)
        assert await ends(cluster) == before
        dlq(cluster, *arguments, "--yes")
        await page.click("[name=replay]")
        await page.shows(".replay .kept", "3 left alone: replayed before")
        assert await page.texts("pre.command") == []
        assert page.errors == []


async def test_a_model_that_fails_is_shown(cluster: ClusterLayout, browser: Browser) -> None:
    """An operator would see articles wait, and not why, nor that work has begun again on trial."""
    worker, exporter = started()
    address = f"127.0.0.1:{worker.metrics.port}"
    async with (
        running(cluster, workers=[address, "127.0.0.1:9"]) as client,
        browser.page() as page,
    ):
        await page.open(f"{client.base_url}/flow")
        await page.shows(".models [data-circuit=closed]", "shipped-3")
        await page.shows(".models [data-circuit=unknown]", "not reached")
        scored(exporter, asked=30, remembered=10)
        await page.shows(".models [data-circuit=closed]", "25 % of them remembered", 15)
        exporter("score", [Sample(CIRCUIT_STATE, 2.0)])
        await page.shows(".models [data-circuit=open]", "the model fails", 15)
        exporter("score", [Sample(CIRCUIT_STATE, 1.0)])
        await page.shows(".models [data-circuit=half-open]", "on trial", 15)
        assert page.errors == []


async def test_a_dashboard_without_ports_says_what_to_set(
    cluster: ClusterLayout, browser: Browser
) -> None:
    """An empty place would look as if there were no model."""
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/flow")
        await page.shows("main", "dashboard.workers")
