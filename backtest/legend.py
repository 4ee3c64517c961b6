"""Legend of a backtest's report: what its words mean."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final

from rich.table import Table

from backtest.alert_history import AlertHistory
from backtest.job import Job
from detection.evaluation import Evaluation

_ALERT_WORDS: Final = ("usually", "evidence", "severity", "onset", "escalated")
_EVENT_WORDS: Final = ("found after", "recall", "delay")
_MEANINGS: Final = {
    "stories": "articles since the onset; near-duplicates count once",
    "usually": "what was to be expected in that time, by the subject's own past",
    "evidence": "how much better a surge explains the news than its usual course: a decimal "
    "logarithm, 6 is a million times",
    "severity": "times the usual negative news: minor, major from 4, critical from 10",
    "onset": "when the surge began, as the detector estimates it",
    "escalated": "when the alert became more severe",
    "discovery": "one of the alerts of which at most a tenth should be false",
    "found after": "time from the begin of an event to the first alert on it",
    "subject-months": "one subject, watched for a month, is one of them",
    "setting": "what the detector was set to; tuned is the lowest threshold, chosen in hindsight, "
    "with no more alerts than ours",
    "a month": "alerts in a subject-month",
    "false": "alerts in a subject-month during no known event of their subject",
    "recall": "share of the known events that were found",
    "delay": "median time until an event was found",
    "harmless": "harmless times in which an alert fired or escalated",
}


def legend(words: Iterable[str]) -> Table:
    """Return a table of words and their meanings, each once, in the order of the report."""
    table = Table.grid(padding=(0, 2))
    table.title = "words"
    table.add_column(no_wrap=True)
    table.add_column()
    for word in dict.fromkeys(words):
        table.add_row(word, _MEANINGS[word])
    return table


def words_of_report(histories: Sequence[AlertHistory], ours: Evaluation, job: Job) -> Iterator[str]:
    """Yield the words of a report that not everybody knows."""
    compares = not job.subject
    if histories and not job.volume:
        yield "stories"
    if histories:
        yield from _ALERT_WORDS
    if any(history.last.discovery for history in histories):
        yield "discovery"
    if ours.events:
        yield from _EVENT_WORDS
    if compares:
        yield from ("subject-months", "setting", "a month")
    if compares and ours.events:
        yield "false"
    if compares and ours.harmless:
        yield "harmless"
