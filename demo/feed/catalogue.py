"""The material of the demo's articles, read from TOML: companies, topics, phrases and plans."""

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
    """A topic of ordinary news.

    Attributes:
        label: The name of the topic.
        weight: Its relative share of ordinary news.
        mix: The relative frequency of each of `POLARITIES`.
        headlines: Templates of headlines by polarity.
        context: Templates of sentences for summaries.
    """

    label: str
    weight: int
    mix: tuple[int, ...]
    headlines: Mapping[str, tuple[str, ...]]
    context: tuple[str, ...]


class Number(NamedTuple):
    """A range of whole numbers, and the format in which one is printed."""

    low: int
    high: int
    form: str


class Plan(NamedTuple):
    """A planned burst of news, or a planned surge of negative news.

    Attributes:
        topic: The label of the topic.
        tickers: The companies that the news are about; empty for news of the topic alone.
        start: Seconds after the start of the feed.
        span: Duration in seconds.
        articles: Number of articles in a feed of 10 000.
        mix: The relative frequency of each of `POLARITIES`.
        subject: The subject of a surge; empty for a burst.
        note: A description of the surge for people.
        headlines: The surge's own templates by polarity; empty for a burst.
    """

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
    """Everything that the generator draws from."""

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
    folder = resources.files(__package__).joinpath("topics")
    topic_files = sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml"))
    topics = [_read_topic(file) for file in topic_files]
    return Catalogue(
        companies=tuple(Company(**row) for row in _read("companies.toml")["company"]),
        topics={topic.label: topic for topic in topics},
        sources=tuple(Source(**row) for row in fillers["source"]),
        words=_tuples(fillers["words"]),
        numbers={name: Number(**row) for name, row in fillers["numbers"].items()},
        products=_tuples(fillers["products"]),
        summaries=_tuples(fillers["summaries"]),
        surges=tuple(_parse_surge(row) for row in _read("surges.toml")["surge"]),
        bursts=tuple(_parse_burst(row) for row in _read("bursts.toml")["burst"]),
    )


def _read(path: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(path).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _read_topic(file: str) -> Topic:
    row = _read(f"topics/{file}")
    return Topic(
        label=file.removesuffix(".toml"),
        weight=row["weight"],
        mix=tuple(row["mix"]),
        headlines={polarity: tuple(row[polarity]) for polarity in POLARITIES},
        context=tuple(row["context"]),
    )


def _parse_surge(row: dict[str, Any]) -> Plan:
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


def _parse_burst(row: dict[str, Any]) -> Plan:
    return Plan(
        topic=row["topic"],
        tickers=(row["ticker"],) if "ticker" in row else (),
        start=_seconds(row["day"], row["start"]),
        span=row["minutes"] * 60,
        articles=row["articles"],
        mix=tuple(row["mix"]),
    )


def _seconds(day: int, clock: str) -> int:
    """Return the seconds from the start of day 1 to ``clock`` (HH:MM) on ``day``."""
    hours, minutes = clock.split(":")
    return ((day - 1) * 24 + int(hours)) * 3600 + int(minutes) * 60


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(items) for name, items in lists.items()}
