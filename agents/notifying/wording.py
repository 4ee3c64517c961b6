"""Sentences about alerts, for people: what happened, how much, since when, and what was written."""

from datetime import datetime
from string import Template
from typing import Final, NamedTuple

from agents.telling.alert_sentence import subject_words
from schemas.alert import Alert, Severity

TEMPLATE_NAMES: Final = (
    "sentence",
    "numbers",
    "headlines",
    "link",
    "subject",
    "status",
    "severity",
    "onset",
    "id",
)
"""What a template may name."""
_TIMES_USUAL: Final[dict[Severity, str]] = {
    "minor": "more than is usual",
    "major": "more than 4 times what is usual",
    "critical": "more than 10 times what is usual",
}
_SHARE_OF_LINE: Final = 300


class Wording(NamedTuple):
    """An alert in words.

    Attributes:
        title: A few words.
        sentence: One that can be read out.
        numbers: What came, against what was expected, and how severe the worst of it is.
        headlines: The headlines, most telling first, with how probably each is negative, and how
            severe.
        link: The address of the alert's page; empty if pages have none.
    """

    title: str
    sentence: str
    numbers: str
    headlines: tuple[str, ...]
    link: str


def wording(alert: Alert, page: str = "") -> Wording:
    """Return ``alert`` in words; ``page`` is the address of pages, with ``{id}``."""
    worst = alert.news_severity
    return Wording(
        title=one_line(f"{alert.severity.capitalize()} alert {alert.status}: {alert.subject}"),
        sentence=sentence_of(alert),
        numbers=(
            f"{_count(alert.volume, 'story', 'stories')} where {alert.expected_volume:.3g} were "
            f"expected, {alert.negative_share:.0%} negative where {alert.expected_share:.0%} is "
            f"usual, from {_count(alert.sources, 'source', 'sources')}."
            f"{'' if worst is None else f' The worst of it has severity {worst:.1f} of 3.'}"
        ),
        headlines=tuple(
            f"{one_line(headline.text)} ({headline.negative:.0%} negative"
            f"{'' if headline.severity is None else f', severity {headline.severity:.1f}'})"
            for headline in alert.headlines
        ),
        link=page.replace("{id}", alert.id),
    )


def text_of(alert: Alert, page: str = "", template: str = "") -> str:
    """Return the message about ``alert`` as text of several lines.

    ``template`` has names with a $, as in ``$sentence``. None of them can reach anything else.
    """
    words = wording(alert, page)
    headlines = "\n".join(f"- {headline}" for headline in words.headlines)
    if not template:
        parts = (words.sentence, words.numbers, headlines, words.link)
        return "\n\n".join(part for part in parts if part)
    return Template(template).substitute(
        sentence=words.sentence,
        numbers=words.numbers,
        headlines=headlines,
        link=words.link,
        subject=alert.subject,
        status=alert.status,
        severity=alert.severity,
        onset=moment(alert.onset),
        id=alert.id,
    )


def moment(at: datetime) -> str:
    """Return a time in words: everybody reads UTC, which all logs have."""
    return f"{at.day} {at:%B %Y, %H:%M} UTC"


def one_line(text: str, limit: int = _SHARE_OF_LINE) -> str:
    r"""Return ``text`` in one line of at most ``limit`` characters, without control characters.

    >>> one_line("Acme\r\nBcc: everybody", 12)
    'Acme Bcc: e…'
    """
    words = " ".join("".join(sign if sign.isprintable() else " " for sign in text).split())
    return shortened(words, limit)


def shortened(text: str, limit: int) -> str:
    """Return ``text``, cut to ``limit`` characters with a sign that it was cut."""
    return text if len(text) <= limit else text[: max(0, limit - 1)] + "…"


def sentence_of(alert: Alert) -> str:
    """Return what happened, in a sentence that can be read out."""
    name, since = one_line(subject_words(alert.subject)), moment(alert.onset)
    if alert.status == "resolved":
        return (
            f"News about {name} is back to normal since {moment(alert.detected_at)}; the "
            f"{alert.severity} surge of negative news had begun on {since}."
        )
    how_much = _TIMES_USUAL[alert.severity]
    if alert.status == "escalated":
        return (
            f"The surge of negative news about {name} has grown to {alert.severity}: {how_much}, "
            f"since {since}."
        )
    if alert.status == "updated":
        return f"The surge of negative news about {name} goes on: {how_much}, since {since}."
    return f"Negative news about {name} has surged: {how_much}, since {since}."


def _count(number: float, one: str, many: str) -> str:
    return f"{number:.3g} {one if round(number, 2) == 1 else many}"
