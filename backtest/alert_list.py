"""Alerts of a backtest as text: when, what, how much, and the headlines of each."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from rich.text import Text

from backtest.alert_history import AlertHistory
from infra.terminal import alert_summary, printable

MAX_HEADLINES: Final = 3
"""Headlines that are shown of an alert, the most telling ones."""
_INDENT: Final = "  "


def alert_lines(histories: Sequence[AlertHistory], *, of_numbers: bool) -> Iterator[Text]:
    """Yield a title, and some lines for each alert in the order in which they fired.

    Alerts ``of_numbers`` have no stories. A line that is too long for the screen is cut if it is a
    headline, and else broken.
    """
    discoveries = sum(history.last.discovery for history in histories)
    noun = "alert" if len(histories) == 1 else "alerts"
    yield Text(f"{len(histories)} {noun}, {discoveries} of them discoveries; times are UTC")
    for history in histories:
        yield Text()
        yield from _lines_of(history, of_numbers=of_numbers)


def _lines_of(history: AlertHistory, *, of_numbers: bool) -> Iterator[Text]:
    fired, last, peak = history.fired, history.last, history.peak
    yield Text.assemble(
        f"{date_time(fired.detected_at)}  ",
        (f"{last.severity:<8}", "bold red"),
        "  ",
        (printable(fired.subject), "bold"),
        f"  evidence {peak.evidence:.1f}{', a discovery' * last.discovery}",
    )
    numbers = f"{peak.volume:g}, usually {peak.expected_volume:.1f}"
    summary = numbers if of_numbers else alert_summary(peak)
    yield Text(f"{_INDENT}{summary}")
    times = [f"onset {date_time(fired.onset)}"]
    times += [
        f"escalated {date_time(alert.detected_at)}"
        for alert in history.changes
        if alert.status == "escalated"
    ][:1]
    is_over = last.status == "resolved"
    times.append(f"resolved {date_time(last.detected_at)}" if is_over else "still firing")
    yield Text(_INDENT + ", ".join(times))
    if peak.members:
        yield Text(f"{_INDENT}with {printable(', '.join(peak.members))}")
    for headline in peak.headlines[:MAX_HEADLINES]:
        text = f"{_INDENT}{headline.negative:4.0%}  {printable(headline.text)}"
        yield Text(text, no_wrap=True, overflow="ellipsis")


def date_time(time: datetime) -> str:
    """Return a time to the minute."""
    return f"{time:%Y-%m-%d %H:%M}"
