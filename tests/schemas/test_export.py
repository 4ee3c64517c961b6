"""The committed documents are those of the models, and what they say is true."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import orjson
import pytest
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from schemas.alert import Alert, Headline
from schemas.article import Article
from schemas.channels import CHANNELS
from schemas.dead_letter import DeadLetter
from schemas.documents.export import FOLDER, documents, file_name
from schemas.incoming.cloudevents import headers
from schemas.incoming.decode import decode
from schemas.refusal import Refusal
from schemas.scored import ScoredArticle, Sentiment
from schemas.signal import Signal
from schemas.silence import Silence

DOCUMENTS = {name: orjson.loads(text) for name, text in documents().items()}
ASYNCAPI = DOCUMENTS["asyncapi.json"]
TOPICS = {"news.raw", "news.accepted", "news.scored", "news.signals", "alerts", "news.dead"}
TOPICS |= {"news.feedback", "state.score", "state.detect", "state.positions", "state.sources"}
TOPICS |= {"news.silences"}
TOPICS |= {"state.replays"}
ITEM = {
    "title": "Acme falls",
    "pubDate": 1_772_530_200,
    "tickers": "$ACME",
    "id": 7,
    "rank": [1, None],
}
ARTICLE = decode(orjson.dumps(ITEM), [])
TIME = ARTICLE.published
SHARES = {"negative": 0.7, "neutral": 0.2, "positive": 0.1}
EXAMPLES: dict[str, BaseModel] = {
    "news.accepted": ARTICLE,
    "news.scored": ScoredArticle(
        article=ARTICLE,
        sentiment=Sentiment(**SHARES),
        topics={"earnings": 0.9},
        subjects=("topic:earnings", "company:ACME"),
        model="m",
    ),
    "news.signals": Signal(
        subject="company:ACME",
        key=ARTICLE.key,
        published=TIME,
        headline="Acme falls",
        source="wire",
        model="m",
        **SHARES,
    ),
    "alerts": Alert(
        id="1",
        subject="company:ACME",
        status="resolved",
        onset=TIME,
        detected_at=TIME,
        negative_share=0.2,
        expected_share=0.2,
        volume=34.0,
        expected_volume=4.5,
        severity="major",
        sources=5,
        stories=34,
        evidence=9.5,
        signals=12,
        headlines=(Headline(key="k", text="Acme falls", published=TIME, negative=0.7),),
        model="m",
        rule="1",
    ),
    "news.silences": Silence(
        id="1", kind="silence", subject="company:ACME", who="ada", since=TIME, until=TIME
    ),
}


def resolved(reference: str) -> Any:
    """Follow a reference within the AsyncAPI document."""
    node = ASYNCAPI
    assert reference.startswith("#/")
    for name in reference[2:].split("/"):
        node = node[name]
    return node


def references(node: Any) -> list[str]:
    """Return every reference below a node."""
    if isinstance(node, list):
        return [reference for child in node for reference in references(child)]
    if not isinstance(node, dict):
        return []
    refs = [node["$ref"]] if isinstance(node.get("$ref"), str) else []
    return refs + [reference for child in node.values() for reference in references(child)]


def message(topic: str) -> Any:
    """Return a channel's only message, as a reader of the document finds it."""
    return resolved(ASYNCAPI["channels"][topic]["messages"]["record"]["$ref"])


def payload(topic: str) -> Any:
    """Return the schema of a channel's payload with everything that it refers to."""
    return {**message(topic)["payload"], "components": ASYNCAPI["components"]}


def test_committed_documents_are_current() -> None:
    """Others would build against an old format: run python -m schemas.documents.export."""
    committed = {path.name: path.read_text(encoding="utf-8") for path in FOLDER.iterdir()}
    assert committed == documents()


def test_the_command_writes_them(tmp_path: Path) -> None:
    """A developer could not bring the documents up to date."""
    command = [sys.executable, "-m", "schemas.documents.export", str(tmp_path / "new")]
    subprocess.run(command, cwd=FOLDER.parent.parent, check=True)
    written = {path.name: path.read_text("utf-8") for path in (tmp_path / "new").iterdir()}
    assert written == documents()


def test_importing_a_schema_imports_nothing_heavy() -> None:
    """Every command would take seconds to start."""
    names = "schemas.incoming.decode, schemas.documents.export, schemas.dead_letter"
    code = f"import sys, {names}; print(*sys.modules)"
    root = FOLDER.parent.parent
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=root, check=True, capture_output=True, env={**os.environ}
    )
    assert not {"torch", "transformers", "aiokafka", "faust", "numpy"} & set(
        out.stdout.decode().split()
    )


@pytest.mark.parametrize("name", [name for name in DOCUMENTS if name.endswith(".schema.json")])
def test_json_schemas_are_schemas(name: str) -> None:
    """Validators of other languages would refuse the document."""
    assert DOCUMENTS[name]["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    Draft202012Validator.check_schema(DOCUMENTS[name])


@pytest.mark.parametrize(
    "model", [*EXAMPLES.values(), DeadLetter(first_failed_at=TIME)], ids=lambda m: type(m).__name__
)
def test_what_is_written_fits_its_schema(model: Any) -> None:
    """Consumers that validate would refuse what we write."""
    validator = Draft202012Validator(DOCUMENTS[file_name(type(model))])
    validator.validate(orjson.loads(model.to_bytes()))
    assert not validator.is_valid({**orjson.loads(model.to_bytes()), "surprise": 1})


def test_every_topic_is_a_channel() -> None:
    """A reader would not learn of a topic."""
    assert ASYNCAPI["channels"].keys() >= TOPICS
    assert [channel.topic for channel in CHANNELS] == list(ASYNCAPI["channels"])
    for topic, channel in ASYNCAPI["channels"].items():
        assert channel["address"] == "{prefix}" + topic
        assert channel["parameters"].keys() == {"prefix"}


def test_every_reference_resolves() -> None:
    """Generators of code and of web pages would fail on the document."""
    all_references = references(ASYNCAPI)
    assert len(all_references) > 40
    for reference in all_references:
        assert isinstance(resolved(reference), dict)


def test_operations_connect_stages_to_their_topics() -> None:
    """A reader would take an output for an input."""
    actions = {
        (name.split(".")[0], operation["action"], operation["channel"]["$ref"].split("/")[-1])
        for name, operation in ASYNCAPI["operations"].items()
    }
    assert actions >= {
        ("ingest", "receive", "news.raw"),
        ("ingest", "send", "news.accepted"),
        ("score", "receive", "news.accepted"),
        ("score", "send", "news.scored"),
        ("score", "send", "news.signals"),
        ("detect", "receive", "news.signals"),
        ("detect", "send", "alerts"),
    }
    for operation in ASYNCAPI["operations"].values():
        (reference,) = operation["messages"]
        assert reference["$ref"].startswith(operation["channel"]["$ref"] + "/")


@pytest.mark.parametrize("topic", EXAMPLES)
def test_payloads_and_headers_fit_the_document(topic: str) -> None:
    """A consumer generated from the document could not read the topic."""
    validator = Draft202012Validator(payload(topic))
    example = orjson.loads(EXAMPLES[topic].to_bytes())  # type: ignore[attr-defined]
    validator.validate(example)
    assert not validator.is_valid({})
    channel = next(channel for channel in CHANNELS if channel.topic == topic)
    written = headers("1", "newsquake", channel.event_type or "", TIME)
    described = Draft202012Validator(message(topic)["headers"])
    described.validate({name: value.decode() for name, value in written})
    assert not described.is_valid({})


def test_dead_letter_headers_fit_the_document() -> None:
    """Tools built on the document would not find the reason."""
    described = Draft202012Validator(message("news.dead")["headers"])
    written = DeadLetter(reason="invalid", offset=7).to_headers()
    described.validate({name: value.decode() for name, value in written})
    assert {name for name, _ in written} <= message("news.dead")["headers"]["properties"].keys()


@pytest.mark.parametrize(
    "item",
    [
        ITEM,
        {"headline": "A", "published": "2026-03-03", "companies": ["A"], "body": "b", "lang": "de"},
        {"headline": None, "title": "A", "published_at": 1_772_530_200, "url": None, "id": None},
    ],
)
def test_what_is_accepted_fits_the_incoming_schema(item: Any) -> None:
    """A producer that checks first would hold back good articles."""
    assert isinstance(decode(orjson.dumps(item), []), Article)
    Draft202012Validator(payload("news.raw")).validate(item)
    Draft202012Validator(DOCUMENTS["incoming-article.schema.json"]).validate(item)


@pytest.mark.parametrize(
    "item",
    [
        [],
        {"pubDate": 0},
        {**ITEM, "title": ""},
        {**ITEM, "title": 7},
    ],
)
def test_what_breaks_the_incoming_schema_is_refused(item: Any) -> None:
    """The schema would promise less than the decoder demands, and hide mistakes from producers."""
    assert not Draft202012Validator(payload("news.raw")).is_valid(item)
    with pytest.raises(Refusal):
        decode(orjson.dumps(item), [])
