"""A prediction as a line of JSON for programs, and as lines of text for people."""

import sys
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple, cast

import orjson
from rich.console import Console
from rich.style import Style
from rich.text import Text

from cli.io.text_input import RefusedInput, TextInput
from infra.terminal import printable
from nlp.classifier import Reader, Scores
from nlp.explain.explanation import METHOD_DESCRIPTIONS, Explanation, likeliest_sentiment
from nlp.tasks import SENTIMENTS, carried_topics

if TYPE_CHECKING:
    from io import TextIOWrapper

_BAR_CHARS: Final = 30
_MAX_TEXT_CHARS: Final = 300
_MAX_EXPLAINED_WORDS: Final = 80
_MAX_TOPICS: Final = 5
_MAX_NUMBERS: Final = 5
_MIN_TOPIC_SCORE: Final = 0.05
"""Topics that the text does not carry are shown from this score on."""
_COLOURS: Final = {"negative": "red", "neutral": "bright_black", "positive": "green"}

_PALE: Final = (128, 128, 128)
_GREEN: Final = (0, 168, 68)
_RED: Final = (224, 36, 52)
_BOLD_STRENGTH: Final = 0.5


class SubjectAnswer(NamedTuple):
    """The model's answer about a company.

    Attributes:
        name: The subject, or the name that was asked for.
        mention: The company as the text names it.
        scores: What the text says about it.
        explanation: Why, on request.
    """

    name: str
    mention: str
    scores: Scores
    explanation: Explanation | None = None


class Prediction(NamedTuple):
    """A text with the model's scores, its subjects, who read it and, on request, why.

    ``about`` has what the text says about each company that the model was asked about.
    """

    item: TextInput
    scores: Scores
    subjects: Sequence[str]
    reader: Reader
    explanation: Explanation | None = None
    about: Sequence[SubjectAnswer] = ()


Answer = Prediction | RefusedInput


def as_json(answer: Answer) -> bytes:
    """Return one line of JSON, without its end."""
    if isinstance(answer, RefusedInput):
        return orjson.dumps({"error": answer.problem})
    fields: dict[str, Any] = {
        "sentiment": dict(zip(SENTIMENTS, answer.scores[:3], strict=True)),
        "topics": dict(answer.scores.topics),
        "subjects": list(answer.subjects),
        "model": answer.reader.model,
        "language": answer.reader.language,
        "unread": answer.scores.is_unread,
    }
    if answer.scores.severity is not None:
        fields["severity"] = answer.scores.severity
    if answer.about:
        fields["about"] = {item.name: _subject_json(item) for item in answer.about}
    if answer.explanation:
        fields["explanation"] = answer.explanation.as_json()
    return orjson.dumps(fields)


def _subject_json(answer: SubjectAnswer) -> dict[str, Any]:
    fields: dict[str, Any] = dict(zip(SENTIMENTS, answer.scores[:3], strict=True))
    if answer.scores.severity is not None:
        fields["severity"] = answer.scores.severity
    if answer.explanation:
        fields["explanation"] = answer.explanation.as_json()
    return fields


def view(prediction: Prediction) -> Iterator[Text]:
    """Yield the text, bars of its sentiment, what it says about companies, and why."""
    text, beginning = prediction.item.text, 2 * _MAX_TEXT_CHARS  # white space is taken out
    line = printable(" ".join(text[:beginning].split()))
    is_cut = len(line) > _MAX_TEXT_CHARS or len(text) > beginning
    yield Text(line[:_MAX_TEXT_CHARS] + "…" if is_cut else line, style="bold")

    language, model = prediction.reader
    if prediction.scores.is_unread:
        yield _line("unread", f"no model reads {language}: name one in nlp.languages.{language}")
        return
    if prediction.scores.reader:
        yield _line("language", f"{language}, read by {printable(model)}")
    for name, score in zip(SENTIMENTS, prediction.scores[:3], strict=True):
        filled = round(score * _BAR_CHARS)
        bar = ("█" * filled, _COLOURS[name]), ("·" * (_BAR_CHARS - filled), "bright_black")
        yield _line(name, Text.assemble(*bar), f" {score:4.0%}")
    if prediction.scores.severity is not None:
        yield _line("severity", f"{prediction.scores.severity:.1f} of 3")
    for answer in prediction.about:
        yield _line("about", Text(printable(answer.mention), style="bold"), _about(answer.scores))
    yield _line("topics", _topics(prediction.scores))
    yield _line("subjects", ", ".join(map(printable, prediction.subjects)) or "none")
    if prediction.explanation:
        yield from _explanation_lines(prediction.explanation, prediction.scores)
    for answer in prediction.about:
        if answer.explanation:
            yield _line("about", Text(printable(answer.mention), style="bold"))
            yield from _explanation_lines(answer.explanation, answer.scores)


def _line(name: str, *parts: Text | str) -> Text:
    return Text.assemble((f"  {name:<9} ", "bright_black"), *parts)


def _about(scores: Scores) -> str:
    """Return the sentiments about a company, the likeliest first, and the severity."""
    ranked = sorted(zip(scores[:3], SENTIMENTS, strict=True), reverse=True)
    shares = ", ".join(f"{score:.0%} {name}" for score, name in ranked)
    severity = "" if scores.severity is None else f", severity {scores.severity:.1f} of 3"
    return f": {shares}{severity}"


def _topics(scores: Scores) -> Text:
    """Return the topics that the text carries, in bold, and then the likeliest others."""
    carried = carried_topics(scores)
    ranked = sorted(scores.topics.items(), key=lambda item: (item[0] not in carried, -item[1]))
    topics = [
        Text(f"{printable(name)} {score:.0%}", style="bold" if name in carried else "bright_black")
        for name, score in ranked
        if name in carried or score >= _MIN_TOPIC_SCORE
    ]
    return Text(", ").join(topics[:_MAX_TOPICS]) if topics else Text("none")


def _explanation_lines(explanation: Explanation, scores: Scores) -> Iterator[Text]:
    """Yield the coloured words and the largest values of each attribution, and the method."""
    answers = {likeliest_sentiment(scores), *carried_topics(scores)}
    attributions = [
        attribution for attribution in (explanation.sentiment, explanation.topic) if attribution
    ]
    for attribution in attributions:
        if attribution.words:
            question = "why" if attribution.label in answers else "why not"
            yield _line(question, Text(printable(attribution.label), style="bold"))
            yield Text.assemble("    ", coloured(attribution.words[:_MAX_EXPLAINED_WORDS]))
            # In figures, too, for a terminal without colours.
            ranked = sorted(attribution.words, key=lambda word: -abs(word[1]))[:_MAX_NUMBERS]
            values = [f"{printable(word)} {value:+.2f}" for word, value in ranked if value]
            yield Text.assemble("    ", ", ".join(values) or "no word counts")

    deltas = [abs(item.delta) for item in attributions if item.delta is not None]
    remainder = f"; convergence delta {max(deltas):.3f}" if any(deltas) else ""
    yield _line("how", METHOD_DESCRIPTIONS[explanation.method] + remainder)


def coloured(words: Sequence[tuple[str, float]]) -> Text:
    """Return words for the label in green and words against it in red, brighter if stronger."""
    largest = max((abs(value) for _, value in words), default=0.0)
    texts: list[Text] = []
    for word, value in words:
        strength = abs(value / largest) if largest else 0.0
        bright = _GREEN if value > 0 else _RED
        red, green, blue = (
            round(pale + strength * (full - pale)) for pale, full in zip(_PALE, bright, strict=True)
        )
        style = Style(color=f"rgb({red},{green},{blue})", bold=strength >= _BOLD_STRENGTH)
        texts.append(Text(printable(word), style=style))
    return Text(" ").join(texts)


def write_json(answers: Sequence[Answer]) -> None:
    """Write a line of JSON for each answer to standard output."""
    sys.stdout.buffer.write(b"".join(as_json(answer) + b"\n" for answer in answers))
    sys.stdout.buffer.flush()


def text_writer() -> Callable[[Sequence[Answer]], None]:
    """Return a function that prints predictions for people."""
    cast("TextIOWrapper", sys.stdout).reconfigure(errors="replace")
    console = Console(highlight=False)

    def write(answers: Sequence[Answer]) -> None:
        for answer in answers:
            if isinstance(answer, Prediction):
                for line in view(answer):
                    console.print(line, soft_wrap=not console.is_terminal)
                console.print()

    return write
