"""The picture of ``newsquake top``: answers of the API in, lines for rich out; pure."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from math import ceil
from textwrap import wrap
from typing import Any, Final

from rich.console import ConsoleDimensions, Group, RenderableType
from rich.text import Text

from agents.notifying.routes import SEVERITIES
from infra.terminal import printable

Answer = dict[str, Any]

MAX_DEFLECTION: Final = 6.0
"""Deflection at which a bar is full: 64 times the usual."""
_RATE_SECONDS: Final = 10
"""Rates are means over this time."""
_MIN_BAR, _MAX_BAR = 8, 60
_SUBJECT_WIDTH: Final = 28
_LINES_OF_ALERT: Final = 2
_MAX_ALERT_SHARE: Final = 2 / 5
"""The share of the screen that alerts have at most."""
_STATES: Final = {
    "connecting": "connecting",
    "reading": "reading",
    "live": "live",
    "away": "waiting",
}
_LABEL_WIDTH: Final = 8
_GAP: Final = "   "
_MAX_PROBLEM_LINES: Final = 3
_HOUR, _DAY, _MINUTE = 3_600.0, 86_400.0, 60.0


def picture(now: Answer, flow: Answer, bootstrap: str, size: ConsoleDimensions) -> RenderableType:
    """Return the whole screen: agents, needles, open alerts.

    Args:
        now: The subjects and the open alerts, as ``/api/now`` tells them.
        flow: The state of the pipeline, as ``/api/flow`` tells it.
        bootstrap: The address of Kafka.
        size: Columns and lines of the terminal.
    """
    width, height = size
    head = [
        _title(now, flow, bootstrap, width),
        *_problem_lines(flow, width),
        *_packed("agents", _agents(flow), width),
        *_packed("rates", _rates(flow), width),
        Text(),
    ]
    alerts = now["alerts"]
    room = height - len(head) - 3
    shown_alerts = min(len(alerts), max(1, int(height * _MAX_ALERT_SHARE) // _LINES_OF_ALERT))
    room -= shown_alerts * _LINES_OF_ALERT
    market = [now["market"]] if now["market"] else []
    needles = list(_needle_lines([*market, *now["subjects"]], width, max(1, room)))
    lines = [*head, *needles, Text(), *_alert_lines(now, shown_alerts, width)]
    for line in lines:
        line.no_wrap, line.overflow = True, "ellipsis"
        line.truncate(width, overflow="ellipsis")
    return Group(*lines[:height])


def _title(now: Answer, flow: Answer, bootstrap: str, width: int) -> Text:
    feed = flow["feed"]
    state = _STATES[feed["state"]]
    if feed["state"] == "reading":
        state = f"reading what was before, {feed['share']:.0%}"
    style = {"live": "green", "away": "bold red"}.get(feed["state"], "yellow")
    time = _parse(now["now"]).astimezone()
    left = Text.assemble(("newsquake top", "bold"), f"  {printable(bootstrap)}  ", (state, style))
    right = f"{time:%Y-%m-%d %H:%M %z}   q ends it"
    gap = width - left.cell_len - len(right)
    return left.append(" " * gap + right, style="dim") if gap > 1 else left


def _problem_lines(flow: Answer, width: int) -> Iterator[Text]:
    """Yield why nothing is read, in a few lines."""
    problem = flow["feed"]["problem"] or flow["problem"]
    for line in wrap(printable(problem), width)[:_MAX_PROBLEM_LINES]:
        yield Text(line, style="red")


def _agents(flow: Answer) -> Iterator[Text]:
    """Yield each agent with its lag, and the number of its processes."""
    for agent in flow["agents"]:
        processes = len(agent["members"])
        name = Text(agent["agent"], style="green" if processes else "bold red")
        name.append(f" {agent['lag']:,} behind", style="yellow" if agent["lag"] else "dim")
        yield name.append(f" ({processes})" if processes else " (not running)", style="dim")


def _rates(flow: Answer) -> Iterator[Text]:
    """Yield what passes in a second, the delay, and the dead letters."""
    for topic, rates in flow["rates"].items():
        rate = sum(rates[-_RATE_SECONDS:]) / _RATE_SECONDS
        yield Text(f"{topic.removeprefix('news.')} {rate:.1f}/s", style="dim")
    if delay := flow["delay"]:
        yield Text(f"delay {delay['median'] / 1_000:.1f} s", style="dim")
    letters = sum(reason["count"] for reason in flow["reasons"])
    yield Text(f"{letters:,} dead letters", style="yellow" if letters else "dim")


def _packed(label: str, parts: Iterable[Text], width: int) -> Iterator[Text]:
    """Yield lines with as many parts as fit; those after the first are indented."""
    line = Text(f"{label:<{_LABEL_WIDTH}}", style="dim")
    is_empty = True
    for part in parts:
        if not is_empty and line.cell_len + len(_GAP) + part.cell_len > width:
            yield line
            line, is_empty = Text(" " * _LABEL_WIDTH), True
        line.append("" if is_empty else _GAP).append_text(part)
        is_empty = False
    yield line


def _needle_lines(rows: Sequence[Answer], width: int, room: int) -> Iterator[Text]:
    """Yield a heading and a line for each subject, those farthest from their usual first."""
    names = [printable(row["subject"]) for row in rows[:room]]
    name_width = min(max(map(len, ["subject", *names])), _SUBJECT_WIDTH)
    bar_width = max(_MIN_BAR, min(_MAX_BAR, width - name_width - 30))
    times, evidence = "of usual", "evidence"
    yield Text(
        f"{'subject':<{name_width}}  {'needle':<{bar_width}} {times:>8}  {evidence:>15}",
        style="dim",
    )
    for name, row in zip(names, rows, strict=False):
        deflection, threshold = row["deflection"], row["threshold"]
        is_over = threshold is not None and row["evidence"] >= threshold
        style = "bold red" if is_over else "yellow" if deflection >= 1.0 else "green"
        # Before the first closed bin there is no evidence to tell.
        told = "" if threshold is None else f"{row['evidence']:6.1f} of {threshold:5.1f}"
        yield Text.assemble(
            (f"{name[:name_width]:<{name_width}}  ", "bold" if is_over else ""),
            (f"{bar(deflection, bar_width):<{bar_width}}", style),
            f" {2.0**deflection:>7.1f}x  {told or '-':>15}",
            (" !" if is_over else "", "bold red"),
        )
    if not rows:
        yield Text("no news yet: publish a file with `newsquake publish`", style="yellow")


def bar(deflection: float, width: int) -> str:
    """Return a bar as long as a needle is deflected; none if it is at the usual or below.

    >>> bar(3.0, 10), bar(0.0, 10), bar(9.0, 4), bar(0.5, 10)
    ('█████', '', '████', '▉')
    """
    eighths = ceil(min(1.0, max(0.0, deflection / MAX_DEFLECTION)) * width * 8)
    whole, rest = divmod(eighths, 8)
    return "█" * whole + (" ▏▎▍▌▋▊▉"[rest] if rest else "")


def _alert_lines(now: Answer, shown: int, width: int) -> Iterator[Text]:
    """Yield the open alerts, the worst first: severity, subject, age, and the leading headline."""
    alerts = sorted(now["alerts"], key=lambda alert: -SEVERITIES.index(alert["severity"]))
    more = f", {shown} shown" if shown < len(alerts) else ""
    yield Text(f"open alerts: {len(alerts) or 'none'}{more}", style="bold")
    present = _parse(now["now"])
    for alert in alerts[:shown]:
        age = (present - alert["fired_at"]).total_seconds()
        marks = [
            text
            for name, text in (("silenced", "silenced"), ("acknowledged", "taken care of"))
            if alert[name]
        ]
        yield Text.assemble(
            (f"{alert['severity']:<9}", "bold red"),
            (printable(alert["subject"]), "bold"),
            f"  {age_text(age)}  {alert['effect']:.0f} times the usual"
            f"{''.join(f', {mark}' for mark in marks)}",
        )
        text = alert["headline"] or alert["summary"]
        yield Text(f"    {printable(text)}"[: 4 * width], style="dim")


def age_text(seconds: float) -> str:
    """Return how long ago something was, in its largest unit.

    >>> [age_text(seconds) for seconds in (20.0, 600.0, 7_300.0, 400_000.0)]
    ['now', '10 min', '2 h', '5 d']
    """
    if seconds < _MINUTE:
        return "now"
    if seconds < _HOUR:
        return f"{seconds / _MINUTE:.0f} min"
    return f"{seconds / _HOUR:.0f} h" if seconds < 2 * _DAY else f"{seconds / _DAY:.0f} d"


def _parse(text: str) -> datetime:
    return datetime.fromisoformat(text)
