"""A prediction as a line of JSON, and as lines for people."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from rich.style import Style
from rich.text import Text

from cli.io.text_input import Asked, Refused
from infra.terminal import printable
from nlp.classifier import Scores
from nlp.explain.explanation import ABOUT, Attribution, Explanation
from nlp.tasks import SENTIMENTS, carried_topics

_BAR: Final = 30
_SHOWN: Final = 300
"""Characters of a text."""
_WORDS: Final = 80
"""Of an explanation, for people."""
_NAMED: Final = 5
_UNLIKELY: Final = 0.05
_COLOURS: Final = {"negative": "red", "neutral": "bright_black", "positive": "green"}

_PALE: Final = (128, 128, 128)
_FOR: Final = (0, 168, 68)
_AGAINST: Final = (224, 36, 52)


class Predicted(NamedTuple):
    """What a model says about a text."""

    asked: Asked
    scores: Scores
    subjects: Sequence[str]
    model: str
    explanation: Explanation | None = None


def as_json(found: Predicted | Refused) -> bytes:
    """One line, without its end."""
    if isinstance(found, Refused):
        return orjson.dumps({"error": found.problem})
    said: dict[str, Any] = {
        "sentiment": dict(zip(SENTIMENTS, found.scores[:3], strict=True)),
        "topics": dict(found.scores.topics),
        "subjects": list(found.subjects),
        "model": found.model,
    }
    if found.explanation:
        said["explanation"] = found.explanation.as_json()
    return orjson.dumps(said)


def view(found: Predicted) -> Iterator[Text]:
    """The text, a bar a sentiment, topics and subjects, and why."""
    yield Text(_one_line(found.asked.text), style="bold")
    for name, score in zip(SENTIMENTS, found.scores[:3], strict=True):
        yield _line(name, _bar(score, _COLOURS[name]), f" {score:4.0%}")
    yield _line("topics", *(_topics(found.scores) or [Text("none")]))
    yield _line("subjects", ", ".join(map(printable, found.subjects)) or "none")
    if found.explanation:
        yield from _why(found.explanation)


def _topics(scores: Scores) -> list[Text]:
    """Those that the text carries, in bold, and what else is not unlikely."""
    sure = carried_topics(scores)
    ranked = sorted(scores.topics.items(), key=lambda item: (item[0] not in sure, -item[1]))
    shown = [(name, p) for name, p in ranked if name in sure or p >= _UNLIKELY][:_NAMED]
    styles: Mapping[bool, str] = {True: "bold", False: "bright_black"}
    parts = [Text(f"{printable(name)} {p:.0%}", style=styles[name in sure]) for name, p in shown]
    return [part for pair in ((Text(", "), part) for part in parts) for part in pair][1:]


def _bar(share: float, colour: str) -> Text:
    full = round(share * _BAR)
    return Text.assemble(("█" * full, colour), ("·" * (_BAR - full), "bright_black"))


def _line(name: str, *parts: Text | str) -> Text:
    return Text.assemble((f"  {name:<9} ", "bright_black"), *parts)


def _why(explanation: Explanation) -> Iterator[Text]:
    both = (explanation.sentiment, explanation.topic)
    for part in (one for one in both if one and one.words):
        yield _line("why", Text(printable(part.label), style="bold"))
        yield Text.assemble("    ", coloured(part.words[:_WORDS]))
        yield Text.assemble("    ", _numbers(part))
    deltas = [abs(one.delta) for one in both if one and one.delta is not None]
    left = f"; convergence delta {max(deltas):.3f}" if any(deltas) else ""
    yield _line("how", ABOUT[explanation.method] + left)


def coloured(words: Sequence[tuple[str, float]]) -> Text:
    """Words for the label in green, against it in red, the stronger the brighter."""
    most = max((abs(value) for _, value in words), default=0.0)
    parts = [
        Text(printable(word), style=_style(value / most if most else 0.0)) for word, value in words
    ]
    return Text(" ").join(parts)


def _style(strength: float) -> Style:
    """Of a word whose value is ``strength`` times the largest, -1 to 1."""
    end, share = (_FOR if strength > 0 else _AGAINST), abs(strength)
    red, green, blue = (round(a + share * (b - a)) for a, b in zip(_PALE, end, strict=True))
    return Style(color=f"rgb({red},{green},{blue})", bold=share >= 0.5)  # noqa: PLR2004 - half


def _numbers(part: Attribution) -> str:
    """The words that count most, with their values, for a terminal without colours."""
    ranked = sorted(part.words, key=lambda word: -abs(word[1]))[:_NAMED]
    said = [f"{printable(word)} {value:+.2f}" for word, value in ranked if value]
    return ", ".join(said) or "no word counts"


def _one_line(text: str) -> str:
    line = printable(" ".join(text[: 2 * _SHOWN].split()))
    return line[:_SHOWN] + "…" if len(line) > _SHOWN or len(text) > 2 * _SHOWN else line
