"""A worker that follows the current model, and corrections that come over Kafka."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer

from cli.feedback import corrections, with_texts
from infra.supervisor import Command, Supervisor
from nlp.continual.corrections import Correction
from nlp.continual.registry import ModelRegistry
from nlp.labelled_rows import BadRows
from schemas.feedback import Feedback
from streams.kafka.cluster import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.model]

Run = Callable[..., CompletedProcess[str]]

SCRIPT = Path(sys.executable).with_name("newsquake")
EACH = 40
PATIENCE = 240.0


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two real models, each of its own name."""
    from nlp.labelled_rows import Row  # noqa: PLC0415
    from nlp.training.recipe import Recipe  # noqa: PLC0415
    from nlp.training.run import fit  # noqa: PLC0415

    folder = tmp_path_factory.mktemp("models")
    rows = [Row(f"Acme {verb} {n}", n % 3) for verb in ("rises", "falls") for n in range(20)]
    recipe = Recipe(method="lora", epochs=1, rank=2, max_tokens=16, held_out=0.2)
    for name in ("old", "new"):
        fit({"sentiment": rows}, recipe, folder / name, device="cpu")
    return [folder / "old", folder / "new"]


def articles(folder: Path, first: int) -> Path:
    """A file of articles that are all different."""
    path = folder / f"{first}.jsonl"
    rows = [
        {"id": n, "source": "s", "headline": f"Report {n}", "published": "2030-01-02T03:04:05Z"}
        for n in range(first, first + EACH)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def scored(newsquake: Run, until: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """All committed records of `news.scored`, once ``until`` holds of them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        arguments = ("watch", "scored", "--json", "--from-beginning", "--until-idle", "2")
        found = [json.loads(line) for line in newsquake(*arguments).stdout.splitlines()]
        if until(found):
            return found
        assert time.monotonic() < deadline, Counter(it["model"] for it in found)


def test_a_worker_takes_up_a_promoted_model_and_loses_nothing(
    newsquake: Run, environment: dict[str, str], models: list[Path], tmp_path: Path
) -> None:
    """Articles of that minute would be lost, scored twice, or by nobody knows which model."""
    shelf = ModelRegistry(tmp_path / "models")
    shelf.put(models[0])
    environment |= {
        "NEWSQUAKE_NLP__MODEL": str(shelf.folder / "current"),
        "NEWSQUAKE_WORKER__FOLLOW_MODEL": "1",
        "OMP_NUM_THREADS": "1",
    }
    assert newsquake("topics", "create").returncode == 0
    log = tmp_path / "worker.log"
    worker = Command("worker", [str(SCRIPT), "worker"], environment, log)
    with Supervisor([worker], grace=60) as supervisor:
        newsquake("publish", str(articles(tmp_path, 0)))
        scored(newsquake, lambda found: len(found) >= EACH)
        shelf.put(models[1])
        newsquake("publish", str(articles(tmp_path, EACH)))
        scored(newsquake, lambda _: supervisor.status[0].restarts == 1)
        newsquake("publish", str(articles(tmp_path, 2 * EACH)))
        found = scored(newsquake, lambda found: len(found) >= 3 * EACH)
        assert supervisor.status[0].restarts == 1, log.read_text()
    by = {int(it["article"]["headline"].split()[1]): it["model"].split("@")[0] for it in found}
    assert len(found) == 3 * EACH
    assert sorted(by) == list(range(3 * EACH))
    assert {by[n] for n in range(EACH)} == {"old"}
    assert {by[n] for n in range(2 * EACH, 3 * EACH)} == {"new"}
    assert "worker failed" not in log.read_text()


async def send(kafka: str, topic: str, records: Iterable[tuple[str, Feedback | None]]) -> None:
    """Write corrections as anyone would."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for key, said in records:
            value = said.model_dump_json(exclude_none=True).encode() if said else None
            await producer.send_and_wait(topic, value, key=key.encode())


def read(kafka: str, prefix: str) -> dict[str, Correction]:
    """What `newsquake adapt` takes from Kafka, by key."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=2)

    async def both() -> list[Correction]:
        return await with_texts(cluster, await corrections(cluster))

    return {one.said.key or "": one for one in asyncio.run(both())}


def test_the_last_correction_of_each_article_is_learnt_from(
    newsquake: Run, kafka: str, prefix: str
) -> None:
    """A correction that was wrong would count for ever, or many reviewers' work would get lost."""
    newsquake("topics", "create")
    topic = f"{prefix}news.feedback"
    said = [
        (str(key), Feedback(text=f"Report {key}", sentiment=label))
        for label in ("positive", "negative")
        for key in range(30)
    ]
    asyncio.run(send(kafka, topic, [*said, ("7", None), ("new", Feedback(text="x", topic="ipo"))]))
    found = read(kafka, prefix)
    assert set(found) == {*map(str, range(30)), "new"} - {"7"}
    assert {it.said.sentiment for key, it in found.items() if key != "new"} == {"negative"}

    asyncio.run(send(kafka, topic, [("9", Feedback(text="x", topic="sport"))]))
    with pytest.raises(BadRows, match=r"news.feedback/\d@\d+ \(key 9\): topic 'sport' is none of"):
        read(kafka, prefix)


def test_a_correction_without_a_text_finds_its_article(
    newsquake: Run, environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A reviewer who has only the key of a scored article could not correct it."""
    environment["NEWSQUAKE_NLP__MODEL"] = "null"
    newsquake("topics", "create")
    newsquake("publish", str(articles(tmp_path, 0)))
    worker = Command("worker", [str(SCRIPT), "worker"], environment, tmp_path / "worker.log")
    with Supervisor([worker], grace=60):
        found = scored(newsquake, lambda found: len(found) >= EACH)
    article = found[0]["article"]
    said = [
        (article["key"], Feedback(sentiment="negative")),
        ("gone", Feedback(sentiment="neutral")),
    ]
    asyncio.run(send(kafka, f"{prefix}news.feedback", said))
    assert {key: it.said.text for key, it in read(kafka, prefix).items()} == {
        article["key"]: article["headline"]
    }
