"""The material of the demo's articles, read from TOML: companies, topics, phrases and plans."""

import tomllib
from collections.abc import Mapping, Sequence
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
    topics = {}
    folder = resources.files(__package__).joinpath("topics")
    for file in sorted(file.name for file in folder.iterdir() if file.name.endswith(".toml")):
        row, label = _read(f"topics/{file}"), file.removesuffix(".toml")
        topics[label] = Topic(
            label=label,
            weight=row["weight"],
            mix=tuple(row["mix"]),
            headlines={polarity: tuple(row[polarity]) for polarity in POLARITIES},
            context=tuple(row["context"]),
        )

    fillers = _read("fillers.toml")
    return Catalogue(
        companies=tuple(Company(**row) for row in _read("companies.toml")["company"]),
        topics=topics,
        sources=tuple(Source(**row) for row in fillers["source"]),
        words=_tuples(fillers["words"]),
        numbers={name: Number(**row) for name, row in fillers["numbers"].items()},
        products=_tuples(fillers["products"]),
        summaries=_tuples(fillers["summaries"]),
        surges=tuple(
            _parse_plan(row, row["tickers"], (100 - row["calm"], row["calm"], 0))._replace(
                subject=row["subject"],
                note=row["note"],
                headlines=_tuples({"negative": row["negative"], "neutral": row["neutral"]}),
            )
            for row in _read("surges.toml")["surge"]
        ),
        bursts=tuple(
            _parse_plan(row, [row["ticker"]] if "ticker" in row else [], row["mix"])
            for row in _read("bursts.toml")["burst"]
        ),
    )


def _read(path: str) -> dict[str, Any]:
    text = resources.files(__package__).joinpath(path).read_text(encoding="utf-8")
    return tomllib.loads(text)


def _parse_plan(row: dict[str, Any], tickers: Sequence[str], mix: Sequence[int]) -> Plan:
    hours, minutes = row["start"].split(":")
    return Plan(
        topic=row["topic"],
        tickers=tuple(tickers),
        start=((row["day"] - 1) * 24 + int(hours)) * 3600 + int(minutes) * 60,
        span=row["minutes"] * 60,
        articles=row["articles"],
        mix=tuple(mix),
    )


def _tuples(lists: Mapping[str, list[str]]) -> dict[str, tuple[str, ...]]:
    return {name: tuple(items) for name, items in lists.items()}
