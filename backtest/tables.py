"""What a backtest found, for people."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from rich.table import Table

from backtest.contest import Entry
from backtest.episodes import Episode
from detection.evaluation import Evaluation
from infra.terminal import printable

_HOUR = timedelta(hours=1)


def alerts(episodes: Sequence[Episode]) -> Table:
    """One line an alert."""
    found = sum(it.last.discovery for it in episodes)
    title = f"{len(episodes)} alerts, {found} of them discoveries (UTC)"
    table = Table(title=title, title_justify="left")
    for name in ("subject", "severity", "discovery", "onset", "fired", "escalated", "resolved"):
        table.add_column(name, no_wrap=True)
    for name in ("volume", "expected", "negative", "usually", "evidence", "stories"):
        table.add_column(name, justify="right", no_wrap=True)
    for episode in episodes:
        table.add_row(*_alert(episode))
    return table


def _alert(episode: Episode) -> Sequence[str]:
    fired, last, peak = episode.fired, episode.last, episode.peak
    escalated = [_at(it.detected_at) for it in episode.changes if it.status == "escalated"]
    return (
        printable(fired.subject),
        last.severity,
        "yes" if last.discovery else "",
        _at(fired.onset),
        _at(fired.detected_at),
        escalated[0] if escalated else "",
        _at(last.detected_at) if last.status == "resolved" else "still firing",
        f"{peak.volume:.0f}",
        f"{peak.expected_volume:.1f}",
        f"{peak.negative_share:.0%}",
        f"{peak.expected_share:.0%}",
        f"{peak.evidence:.1f}",
        str(peak.stories),
    )


def events(judged: Evaluation) -> Table:
    """One line an event."""
    table = Table(title="known events", title_justify="left")
    for name in ("subject", "from", "to", "found", "after", "note"):
        table.add_column(name, justify="right" if name == "after" else "left")
    for event, at in zip(judged.events, judged.found, strict=True):
        found = (_at(at), _span(at - event.begin)) if at else ("no", "")
        names = printable(", ".join(event.subjects))
        table.add_row(names, _at(event.begin), _at(event.end), *found, printable(event.note))
    return table


def contest(ours: Evaluation, setting: str, others: Iterable[Entry]) -> Table:
    """Ours and the baselines."""
    table = Table(
        title=f"next to others, over {ours.months:.1f} subject-months",
        title_justify="left",
        caption="tuned: the setting, in hindsight, that raises no more alerts than ours",
        caption_justify="left",
    )
    for name in ("detector", "setting"):
        table.add_column(name, no_wrap=True)
    for name in ("alerts", "a month", "false a month", "recall", "median delay"):
        table.add_column(name, justify="right")
    for entry in (Entry("ours", setting, ours), *others):
        table.add_row(entry.name, entry.setting, *_judged(entry.judged))
    return table


def _judged(judged: Evaluation | None) -> Sequence[str]:
    if judged is None:
        return ("",) * 5
    months = max(judged.months, 1e-9)
    recall = "" if judged.recall is None else f"{judged.recall:.0%}"
    delay = "" if judged.delay is None else _span(judged.delay)
    rates = (f"{judged.alerts / months:.3f}", f"{judged.false / months:.3f}")
    return (str(judged.alerts), *rates, recall, delay)


def _at(moment: datetime) -> str:
    return f"{moment:%Y-%m-%d %H:%M}"


def _span(time: timedelta) -> str:
    """In hours, or from two days on in days."""
    hours = time / _HOUR
    return f"{hours:.1f} h" if hours < 48 else f"{hours / 24:.1f} d"  # noqa: PLR2004 - two days
