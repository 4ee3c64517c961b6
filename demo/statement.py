"""The account as it is printed at the end of the demo."""

from pathlib import Path

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from demo.account import Account
from demo.view import alert_text
from schemas.alert import Alert


def statement(account: Account) -> RenderableType:
    """Return all numbers, the planted surges, the other alerts and the verdict, for rich."""
    if account.closes:
        verdict = [Text("The account closes, and every planted surge was found.", "bold green")]
    else:
        verdict = [Text("The account does not close:", "bold red")]
        verdict += [Text(f"  {problem}") for problem in account.problems]
    return Group(
        Text(),
        _table_of_lines(account),
        Text(),
        _table_of_surges(account),
        Text(),
        *_alerts("echoes of the surges on other subjects", account.echoes),
        *_alerts("false alarms", account.false_alarms),
        Text(),
        *verdict,
    )


def next_steps(kept: Path | None) -> RenderableType:
    """Return what to do next, and how to look at what the demo made, for rich.

    Args:
        kept: The folder with Kafka's data and the logs; None if they are deleted.
    """
    if kept:
        look = [
            (f"newsquake kafka up --data {kept / 'kafka'}", "Kafka with all that the demo made"),
            ("newsquake dashboard", "then look at it in a browser"),
            ("newsquake top", "or in another terminal: needles, alerts, lag"),
            ("newsquake alerts list", "every alert; alerts show ID has its headlines"),
        ]
    else:
        look = [
            ("newsquake demo --dashboard", "see it in a browser, until Ctrl-C"),
            ("newsquake demo --keep", "keep what it makes, and learn how to look at it"),
        ]
    steps = [
        *look,
        ("newsquake backtest FILE --plots FOLDER", "alerts of your own archive, with pictures"),
        ("docs/tutorial.md", "from your own file to an alert in a webhook"),
    ]
    lines = [Text.assemble((f"  {command}", "bold"), f"\n      {why}") for command, why in steps]
    return Group(Text("\nnext (in a checkout: uv run newsquake …)"), *lines)


def _table_of_lines(account: Account) -> Table:
    table = Table("the account", "counted", "must be", "", box=None, pad_edge=False)
    for column in table.columns[1:3]:
        column.justify = "right"
    for line in account.lines:
        mark = Text("ok", "green") if line.closes else Text("differs", "bold red")
        table.add_row(line.label, f"{line.counted:,}", f"{line.expected:,}", mark)
    return table


def _table_of_surges(account: Account) -> Table:
    table = Table("planted surge", "began", "alert after", "", box=None, pad_edge=False)
    for surge, alert in account.findings:
        delay = Text("not found", "bold red")
        if alert is not None:
            minutes = (alert.detected_at - surge.start).total_seconds() / 60
            delay = Text(f"{minutes:.0f} min", "green")
        note = Text(surge.note, "dim", no_wrap=True, overflow="ellipsis")
        table.add_row(surge.subject, f"{surge.start:%b %d %H:%M}", delay, note)
    return table


def _alerts(label: str, alerts: tuple[Alert, ...]) -> list[Text]:
    return [Text(f"{label}: {len(alerts)}"), *(Text("  ") + alert_text(alert) for alert in alerts)]
