"""A worker that follows the current model, and corrections in Kafka."""

import asyncio
import json
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from subprocess import CompletedProcess
from typing import Any, Literal

import pytest
from aiokafka import AIOKafkaProducer

from cli.io.feedback import add_texts, latest_corrections
from infra.supervisor import Command, Supervisor
from nlp.continual.corrections import Correction
from nlp.continual.registry import ModelRegistry
from nlp.labelled_rows import BadRows
from schemas.feedback import Feedback
from streams.kafka.cluster import Cluster

pytestmark = [pytest.mark.kafka, pytest.mark.model]

Run = Callable[..., CompletedProcess[str]]

SCRIPT = Path(sys.executable).with_name("newsquake")
ARTICLES = 40
"""In each file of `articles`."""
PATIENCE = 240.0


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Return two trained models with different names."""
    from nlp.labelled_rows import Row
    from nlp.training.recipe import Recipe
    from nlp.training.run import TrainingJob, fit

    folder = tmp_path_factory.mktemp("models")
    rows = [Row(f"Acme {verb} {n}", n % 3) for verb in ("rises", "falls") for n in range(20)]
    recipe = Recipe(method="lora", epochs=1, rank=2, max_tokens=16, held_out=0.2)
    for name in ("old", "new"):
        fit({"sentiment": rows}, TrainingJob(recipe=recipe, out=folder / name, device="cpu"))
    return [folder / "old", folder / "new"]


def articles(folder: Path, first: int) -> Path:
    """Return a file of different articles, numbered from ``first``."""
    path = folder / f"{first}.jsonl"
    rows = [
        {"id": n, "source": "s", "headline": f"Report {n}", "published": "2026-01-02T03:04:05Z"}
        for n in range(first, first + ARTICLES)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def scored(newsquake: Run, until: Callable[[list[dict[str, Any]]], bool]) -> list[dict[str, Any]]:
    """Return all committed records of `news.scored`, once ``until`` holds for them."""
    deadline = time.monotonic() + PATIENCE
    while True:
        arguments = ("watch", "scored", "--json", "--from-beginning", "--until-idle", "2")
        records = [json.loads(line) for line in newsquake(*arguments).stdout.splitlines()]
        if until(records):
            return records
        assert time.monotonic() < deadline, Counter(record["model"] for record in records)


def test_a_worker_takes_up_a_promoted_model_and_loses_nothing(
    newsquake: Run, environment: dict[str, str], models: list[Path], tmp_path: Path
) -> None:
    """Articles of that minute would be lost, or scored twice, or by an unknown model."""
    registry = ModelRegistry(tmp_path / "models")
    registry.promote_copy(models[0])
    environment |= {
        "NEWSQUAKE_NLP__MODEL": str(registry.folder / "current"),
        "NEWSQUAKE_WORKER__FOLLOW_MODEL": "1",
        "OMP_NUM_THREADS": "1",
    }
    assert newsquake("topics", "create").returncode == 0
    log = tmp_path / "worker.log"
    worker = Command("worker", [str(SCRIPT), "worker"], environment, log)
    with Supervisor([worker], grace=60) as supervisor:
        newsquake("publish", str(articles(tmp_path, 0)))
        scored(newsquake, lambda records: len(records) >= ARTICLES)
        registry.promote_copy(models[1])
        newsquake("publish", str(articles(tmp_path, ARTICLES)))
        scored(newsquake, lambda _: supervisor.status[0].restarts == 1)
        newsquake("publish", str(articles(tmp_path, 2 * ARTICLES)))
        records = scored(newsquake, lambda records: len(records) >= 3 * ARTICLES)
        assert supervisor.status[0].restarts == 1, log.read_text()
    models_by_number = {
        int(record["article"]["headline"].split()[1]): record["model"].split("@")[0]
        for record in records
    }
    assert len(records) == 3 * ARTICLES
    assert sorted(models_by_number) == list(range(3 * ARTICLES))
    assert {models_by_number[n] for n in range(ARTICLES)} == {"old"}
    assert {models_by_number[n] for n in range(2 * ARTICLES, 3 * ARTICLES)} == {"new"}
    assert "worker failed" not in log.read_text()
    # Both models were trained on sentiments alone.
    assert "was trained without topics and gives none" in log.read_text()
    assert all(record["topics"] == {} for record in records)


async def send(kafka: str, topic: str, records: Iterable[tuple[str, Feedback | None]]) -> None:
    """Write corrections with a plain producer."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as producer:
        for key, feedback in records:
            value = feedback.model_dump_json(exclude_none=True).encode() if feedback else None
            await producer.send_and_wait(topic, value, key=key.encode())


def read(kafka: str, prefix: str) -> dict[str, Correction]:
    """Return the corrections that `newsquake adapt` reads from Kafka, by key."""
    cluster = Cluster(bootstrap=kafka, prefix=prefix, partitions=2)

    async def load() -> list[Correction]:
        return await add_texts(cluster, await latest_corrections(cluster))

    return {correction.feedback.key or "": correction for correction in asyncio.run(load())}


def test_the_last_correction_of_each_article_is_learnt_from(
    newsquake: Run, kafka: str, prefix: str
) -> None:
    """A wrong correction would count for ever, or the work of many reviewers would be lost."""
    newsquake("topics", "create")
    topic = f"{prefix}news.feedback"
    labels: tuple[Literal["positive", "negative"], ...] = ("positive", "negative")
    records: list[tuple[str, Feedback | None]] = [
        (str(key), Feedback(text=f"Report {key}", sentiment=label))
        for label in labels
        for key in range(30)
    ]
    records += [("7", None), ("new", Feedback(text="x", topic="ipo"))]
    asyncio.run(send(kafka, topic, records))
    corrections = read(kafka, prefix)
    assert set(corrections) == {*map(str, range(30)), "new"} - {"7"}
    del corrections["new"]
    sentiments = {correction.feedback.sentiment for correction in corrections.values()}
    assert sentiments == {"negative"}

    asyncio.run(send(kafka, topic, [("9", Feedback(text="x", topic="sport"))]))
    with pytest.raises(BadRows, match=r"news.feedback/\d@\d+ \(key 9\): topic 'sport' is none of"):
        read(kafka, prefix)


def test_a_correction_without_a_text_finds_its_article(
    newsquake: Run, environment: dict[str, str], kafka: str, prefix: str, tmp_path: Path
) -> None:
    """A reviewer with only the key of a scored article could not correct it.

    And an English model would learn from German.
    """
    german = {"id": "de", "headline": "Nordbau senkt Prognose nach schwachem Quartal"}
    file = tmp_path / "german.jsonl"
    file.write_text(json.dumps({"published": "2026-01-02T03:04:05Z", "source": "s", **german}))
    newsquake("topics", "create")
    newsquake("publish", str(articles(tmp_path, 0)), str(file))
    worker = Command("worker", [str(SCRIPT), "worker"], environment, tmp_path / "worker.log")
    with Supervisor([worker], grace=60):
        records = scored(newsquake, lambda records: len(records) > ARTICLES)
    (unread,) = [record["article"] for record in records if record.get("unread")]
    article = next(record["article"] for record in records if not record.get("unread"))
    feedback = [
        (unread["key"], Feedback(sentiment="negative")),
        (article["key"], Feedback(sentiment="negative")),
        ("gone", Feedback(sentiment="neutral")),
    ]
    asyncio.run(send(kafka, f"{prefix}news.feedback", feedback))
    texts = {key: correction.feedback.text for key, correction in read(kafka, prefix).items()}
    assert texts == {article["key"]: article["headline"]}
