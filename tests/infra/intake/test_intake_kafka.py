"""Articles over HTTP, on a real server and a real broker."""

import asyncio
import gzip
from collections.abc import AsyncIterator
from typing import Any

import httpx
import orjson
import pytest
from aiohttp import web
from pydantic import SecretStr

from agents.cluster_layout import ClusterLayout
from agents.kafka_topics import NEWS, required_topics
from agents.sending.producer import Producer
from agents.sending.raw_record import Sender
from cli.sources.serving import check_address
from infra.intake.server import Intake
from infra.settings.serve import Serve
from infra.usage_error import UsageError
from streams.kafka.topics import create_topics, list_topics

pytestmark = pytest.mark.kafka

GOOD = {"id": "1", "headline": "Acme warns", "published": "2026-03-03T08:00:00"}
BAD = {"headline": "", "published": "2026-03-03"}
SETTINGS = Serve(token=SecretStr("s3cret"), max_bytes=100_000, max_in_flight=50)


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """A cluster with the topics of a test."""
    cluster = ClusterLayout(bootstrap=kafka, prefix=prefix, partitions=2)
    await create_topics(cluster, required_topics(cluster, NEWS))
    return cluster


@pytest.fixture
async def client(cluster: ClusterLayout) -> AsyncIterator[httpx.AsyncClient]:
    """A client of a server that is running."""
    async with Producer(cluster) as producer:
        app = Intake(producer, Sender(topic=cluster.topic("news.raw")), SETTINGS).application()
        runner = web.AppRunner(app)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        host, port = runner.addresses[0][:2]
        headers = {"Authorization": "Bearer s3cret"}
        base = f"http://{host}:{port}"
        async with httpx.AsyncClient(base_url=base, headers=headers, timeout=30) as http:
            yield http
        await runner.cleanup()


async def post(
    client: httpx.AsyncClient, content: Any, kind: str = "application/json", **headers: str
) -> httpx.Response:
    """Send articles."""
    body = content if isinstance(content, bytes) else orjson.dumps(content)
    return await client.post("/articles", content=body, headers={"content-type": kind} | headers)


async def records(cluster: ClusterLayout) -> int:
    """Return the number of records on `news.raw`."""
    topics = [topic for topic in required_topics(cluster, NEWS) if topic.name.endswith("news.raw")]
    return (await list_topics(cluster, topics))[0].offsets


async def test_articles_are_in_kafka_when_they_are_answered(
    client: httpx.AsyncClient, cluster: ClusterLayout
) -> None:
    """A sender would throw away what a crash loses."""
    single = await post(client, GOOD)
    assert single.status_code == 202, single.text
    (item,) = single.json()["items"]
    assert (item["status"], len(item["id"])) == ("accepted", 32)
    assert "no zone" in item["warnings"][0]
    assert await records(cluster) == 1
    array = (await post(client, [GOOD, BAD, 7, {**GOOD, "id": "2"}])).json()
    assert [it["status"] for it in array["items"]] == ["accepted", "refused", "refused", "accepted"]
    assert array["items"][0]["id"] == item["id"]
    assert (array["accepted"], array["refused"]) == (2, 2)
    assert "headline is missing" in array["items"][1]["problem"]
    lines = orjson.dumps(GOOD) + b"\n\n{broken\n" + orjson.dumps({**GOOD, "id": "3"})
    ndjson = (await post(client, lines, "application/x-ndjson")).json()
    assert [it["status"] for it in ndjson["items"]] == ["accepted", "refused", "accepted"]
    assert await records(cluster) == 5
    own = await post(client, GOOD, **{"Idempotency-Key": "mine"})
    assert own.json()["items"][0]["id"] == "mine"
    packed = await post(client, gzip.compress(orjson.dumps(GOOD)), **{"Content-Encoding": "gzip"})
    assert packed.status_code == 202


async def test_bad_requests_are_answered_in_words(
    client: httpx.AsyncClient, cluster: ClusterLayout
) -> None:
    """A sender would have to guess what is wrong."""
    answers = {
        400: await post(client, b"{"),
        401: await post(client, GOOD, Authorization="Bearer wrong"),
        413: await post(client, {**GOOD, "body": "x" * 200_000}),
        415: await post(client, GOOD, "text/csv"),
    }
    for status, answer in answers.items():
        assert answer.status_code == status
        assert answer.json()["error"]
    assert answers[401].headers["WWW-Authenticate"] == "Bearer"
    assert (await post(client, [GOOD] * 51)).status_code == 413
    assert (await post(client, [])).status_code == 400
    assert (await post(client, BAD)).status_code == 400
    assert (await client.get("/articles")).status_code == 405
    assert await records(cluster) == 0


async def test_a_sender_is_told_to_wait_when_kafka_is_behind(
    client: httpx.AsyncClient, cluster: ClusterLayout
) -> None:
    """Articles would pile up in memory until the process is killed."""
    batches = [[{**GOOD, "id": f"{n}-{m}"} for m in range(30)] for n in range(10)]
    answers = await asyncio.gather(*(post(client, batch) for batch in batches))
    statuses = [answer.status_code for answer in answers]
    assert {202, 429} == set(statuses)
    late = answers[statuses.index(429)]
    assert (late.headers["Retry-After"], "wait for Kafka" in late.json()["error"]) == ("1", True)
    assert await records(cluster) == 30 * statuses.count(202)


async def test_the_document_describes_every_answer(client: httpx.AsyncClient) -> None:
    """A generated client would not know what comes back."""
    document = (await client.get("/openapi.json")).json()
    post_articles = document["paths"]["/articles"]["post"]
    statuses = {"202", "400", "401", "408", "413", "415", "421", "429", "503"}
    assert (document["openapi"], set(post_articles["responses"])) == ("3.1.0", statuses)


def test_an_address_that_others_reach_needs_a_token() -> None:
    """Anybody in the network could plant news."""
    check_address(Serve())
    check_address(Serve(host="0.0.0.0", token=SecretStr("x")))  # noqa: S104 - the point of the test
    with pytest.raises(UsageError, match="NEWSQUAKE_SERVE__TOKEN"):
        check_address(Serve(host="0.0.0.0"))  # noqa: S104 - the point of the test
