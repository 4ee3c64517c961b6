"""What the demo's articles are made of: companies, topics, phrases and plans, read from TOML."""

import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources
from typing import Any, NamedTuple

POLARITIES = ("negative", "neutral", "positive")


class Company(NamedTuple):
    """An invented company."""

    name: str
    ticker: str
    sector: str
    chief: str


class Source(NamedTuple):
    """An invented newswire."""

    name: str
    site: str


class Topic(NamedTuple):
    """A topic: its share of the chatter, its polarity mix, its phrases."""

    label: str
    weight: int
    mix: tuple[int, ...]
    headlines: Mapping[str, tuple[str, ...]]
    context: tuple[str, ...]


class Number(NamedTuple):
    """A range of whole numbers and how one is printed."""

    low: int
    high: int
    form: str


class Plan(NamedTuple):
    """A planned burst: ``articles`` of a 10 000-article feed, from ``start`` (s) on, ``span`` s."""

    topic: str
    tickers: tuple[str, ...]
    start: int
    span: int
    articles: int
    mix: tuple[int, ...]
    subject: str = ""
    note: str = ""
    headlines: Mapping[str, tuple[str, ...]] = {}


class Catalogue(NamedTuple):
    """Everything the generator draws from."""

    companies: tuple[Company, ...]
    topics: Mapping[str, Topic]
    sources: tuple[Source, ...]
    words: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Number]
    products: Mapping[str, tuple[str, ...]]
    summaries: Mapping[str, tuple[str, ...]]
    surges: tuple[Plan, ...]
    bursts: tuple[Plan, ...]


@cache
def catalogue() -> Catalogue:
    """Read the data files next to this module, once."""
    fillers = _read("fillers.toml")
    return Catalogue(
        companies=tuple(Company(**row) for row in _read("companies.toml")["company"]),
        topics={topic.label: topic for topic in map(_topic, _topic_files())},
        sources=tuple(Source(**row) for row in fillers["source"]),
        words=_tuples(fillers["words"]),
        numbers={name: Number(**row) for name, row in fillers["numbers"].items()},
        products=_tuples(fillers["products"]),
        summaries=_tuples(fillers["summaries"]),
        surges=tuple(map(_surge, _read("surges.toml")["surge"])),
        bursts=tuple(map(_burst, _read("bursts.toml")["burst"])),
    )


def _read(path: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(path).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _topic_files() -> list[str]:
    folder = resources.files(__package__).joinpath("topics")
    return sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))


def _topic(file: str) -> Topic:
    row = _read(f"topics/{file}")
    return Topic(
        label=file.removesuffix(".toml"),
        weight=row["weight"],
        mix=tuple(row["mix"]),
        headlines={polarity: tuple(row[polarity]) for polarity in POLARITIES},
        context=tuple(row["context"]),
    )


def _surge(row: dict[str, Any]) -> Plan:
    return Plan(
        topic=row["topic"],
        tickers=tuple(row["tickers"]),
        start=_seconds(row["day"], row["start"]),
        span=row["minutes"] * 60,
        articles=row["articles"],
        mix=(100 - row["calm"], row["calm"], 0),
        subject=row["subject"],
        note=row["note"],
        headlines=_tuples({"negative": row["negative"], "neutral": row["neutral"]}),
    )


def _burst(row: dict[str, Any]) -> Plan:
    return Plan(
        topic=row["topic"],
        tickers=(row["ticker"],) if "ticker" in row else (),
        start=_seconds(row["day"], row["start"]),
        span=row["minutes"] * 60,
        articles=row["articles"],
        mix=tuple(row["mix"]),
    )


def _seconds(day: int, clock: str) -> int:
    hours, minutes = clock.split(":")
    return ((day - 1) * 24 + int(hours)) * 3600 + int(minutes) * 60


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(items) for name, items in lists.items()}
