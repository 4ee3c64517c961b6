"""The dashboard on a real broker: it shows what was committed, soon, and after a start again."""

import asyncio
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from aiokafka import AIOKafkaProducer

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.silencing.silence_message import new_silence, silence_message
from dashboard.feed import Feed
from dashboard.view.news_view import NewsView
from detection.rule import Rule
from infra.silencing.silences import read_silences
from schemas.alert import Alert
from streams.core.record import Stored
from streams.kafka.connection import client_options
from streams.kafka.topics import create_topics
from tests.dashboard.live import new_cluster, running, write

pytestmark = pytest.mark.kafka

Topics = Mapping[str, list[Stored]]
ACME = "company:ACME"


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """A cluster with the topics of a test."""
    return await new_cluster(kafka, prefix)


async def get(client: httpx.AsyncClient, path: str) -> Any:
    """Return an answer that must be there."""
    answer = await client.get(path)
    assert answer.status_code == 200, answer.text
    return orjson.loads(answer.content)


async def test_committed_alerts_are_streamed_within_two_seconds_and_others_never(
    cluster: ClusterLayout, topics: Topics
) -> None:
    """The desk would hear of an alert late, or of one that was never raised."""
    firing, resolved = topics["alerts"][0], topics["alerts"][-1]
    async with running(cluster) as client, client.stream("GET", "/api/stream") as stream:
        lines = stream.aiter_lines()

        async def next_alert() -> Any:
            async for line in lines:
                if line == "event: alert":
                    data = await anext(lines)
                    return orjson.loads(data.removeprefix("data: "))
            raise AssertionError("the stream ended")

        await write(cluster, [resolved], commit=False)
        await write(cluster, [firing])
        alert = await asyncio.wait_for(next_alert(), 2)
        assert alert["id"] == Alert.from_bytes(firing.value).id
        assert alert["status"] == "firing"
        listed = await get(client, "/api/alerts")
        assert [row["id"] for row in listed["alerts"]] == [alert["id"]]


async def test_a_new_start_shows_the_same(cluster: ClusterLayout, topics: Topics) -> None:
    """A restart of the dashboard would lose what it has shown."""
    await write(cluster, [record for records in topics.values() for record in records])
    pages = []
    for _ in range(2):
        async with running(cluster) as client:
            subject = await get(client, f"/api/subjects/{ACME}")
            alerts = await get(client, "/api/alerts?limit=500")
            pages.append((subject["trace"], subject["alerts"], alerts))
    assert pages[0] == pages[1]
    assert len(pages[0][0]) > 100


async def test_the_flow_has_lag_and_partitions_without_workers(
    cluster: ClusterLayout, topics: Topics
) -> None:
    """An operator would not see that nobody works."""
    await write(cluster, topics["news.signals"][:20])
    async with running(cluster) as client, asyncio.timeout(30):
        while True:
            flow = await get(client, "/api/flow")
            if flow["agents"]:
                break
            await asyncio.sleep(0.2)
    agents = {agent["agent"]: agent for agent in flow["agents"]}
    assert agents["ingest"]["partitions"] == 2
    assert agents["detect"]["members"] == []
    assert agents["detect"]["lag"] >= 20
    assert sum(flow["rates"]["news.signals"]) == 20


async def test_an_article_leads_to_what_its_producer_sent(
    cluster: ClusterLayout, topics: Topics, raw: list[Stored]
) -> None:
    """Nobody could see whether a feed or we have changed a headline."""
    await write(cluster, [*raw, *topics["news.scored"]])
    async with running(cluster) as client:
        found = await get(client, "/api/articles?q=bankruptcy&limit=1")
        row = found["articles"][0]
        original = await get(client, f"/api/articles/{row['key']}/raw")
        sent = orjson.loads(original["value"])
        assert sent["headline"] == row["headline"]
        assert original["place"].startswith(cluster.topic("news.raw/"))
        assert original["size"] == len(original["value"])

        unsent = topics["news.scored"][0]
        value = (unsent.value or b"").replace(unsent.key or b"?", b"another")
        await write(cluster, [unsent._replace(value=value)])
        async with asyncio.timeout(20):
            path = "/api/articles/another"
            while (await client.get(path)).status_code == 404:  # noqa: ASYNC110 - none tells us
                await asyncio.sleep(0.1)
        assert (await client.get("/api/articles/another/raw")).status_code == 404


async def test_missing_topics_are_named_and_waited_for(kafka: str, prefix: str) -> None:
    """A dashboard that is started first would show an empty page and no reason."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    feed = Feed(cluster, NewsView(Rule(), 4), timedelta(days=1))
    reading = asyncio.create_task(feed.read())
    try:
        await reached(feed, "away")
        assert "newsquake topics create" in feed.problem
        await create_topics(cluster, required_topics(cluster, NEWS))
        await reached(feed, "live")
        assert feed.problem == ""
    finally:
        reading.cancel()
        await asyncio.gather(reading, return_exceptions=True)


async def reached(feed: Feed, state: str) -> None:
    """Wait until a feed is in a state."""
    async with asyncio.timeout(60):
        while feed.state != state:  # noqa: ASYNC110 - a feed tells nobody
            await asyncio.sleep(0.1)


async def test_what_is_said_holds_for_workers_and_other_dashboards(
    cluster: ClusterLayout, topics: Topics
) -> None:
    """Who looks at another dashboard would call too, and workers would go on telling people."""
    firing = next(it for it in topics["alerts"] if it.key == ACME.encode())
    name = Alert.from_bytes(firing.value).id
    await write(cluster, [firing])
    async with (
        running(cluster) as one,
        running(cluster) as other,
        other.stream("GET", "/api/stream") as stream,
    ):
        lines = stream.aiter_lines()

        async def next_silence() -> Any:
            async for line in lines:
                if line == "event: silences":
                    data = await anext(lines)
                    return orjson.loads(data.removeprefix("data: "))["alerts"]
            raise AssertionError("the stream ended")

        order = {"subject": ACME, "for": "1h", "who": "ada", "why": "merger"}
        said = (await one.post("/api/silences", json=order)).json()
        (row,) = await asyncio.wait_for(next_silence(), 2)
        assert (row["id"], row["silenced"]["who"]) == (name, "ada")
        assert (await get(one, f"/api/alerts/{name}"))["silenced"]["id"] == said["id"]
        book = await read_silences(cluster)
        covering = book.covering(ACME, datetime.now(UTC))
        assert covering
        assert covering.id == said["id"]

        await other.post(f"/api/alerts/{name}/acknowledgement", json={"who": "bob"})
        (row,) = await asyncio.wait_for(next_silence(), 2)
        assert row["acknowledged"]["who"] == "bob"


async def test_a_silence_is_known_that_is_older_than_the_news(
    cluster: ClusterLayout, topics: Topics
) -> None:
    """After a start again a long silence would not be shown, though it holds."""
    await write(cluster, [next(it for it in topics["alerts"] if it.key == ACME.encode())])
    long_ago = datetime.now(UTC) - timedelta(days=20)
    said = new_silence(ACME, timedelta(days=60), who="ada", why="", now=long_ago)
    message = silence_message(cluster.topic("news.silences"), said)
    async with AIOKafkaProducer(**client_options(cluster)) as producer:
        await producer.send_and_wait(
            message.topic,
            message.value,
            message.key,
            headers=list(message.headers),
            timestamp_ms=int(long_ago.timestamp() * 1000),
        )
    async with running(cluster) as client:
        (alert,) = (await get(client, "/api/alerts"))["alerts"]
        assert alert["silenced"]["who"] == "ada"
