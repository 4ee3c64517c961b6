"""The account as it is printed at the end."""

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from demo.account import Account, Finding, Line
from demo.view import alert_text


def statement(account: Account) -> RenderableType:
    """All numbers, the surges, the other alerts, and whether it closes."""
    tables: list[RenderableType] = [_lines(account), Text(), _surges(account), Text()]
    return Group(Text(), *tables, *_others(account), Text(), *_verdict(account))


def _lines(account: Account) -> Table:
    table = Table("the account", "counted", "must be", "", box=None, pad_edge=False)
    for column in table.columns[1:3]:
        column.justify = "right"
    for line in account.lines:
        table.add_row(line.what, f"{line.counted:,}", f"{line.expected:,}", _mark(line))
    return table


def _mark(line: Line) -> Text:
    return Text("ok", "green") if line.closes else Text("differs", "bold red")


def _surges(account: Account) -> Table:
    table = Table("planted surge", "began", "alert after", "", box=None, pad_edge=False)
    for finding in account.findings:
        note = Text(finding.surge.note, "dim", no_wrap=True, overflow="ellipsis")
        began = f"{finding.surge.start:%b %d %H:%M}"
        table.add_row(finding.surge.subject, began, _after(finding), note)
    return table


def _after(finding: Finding) -> Text:
    if finding.alert is None:
        return Text("not found", "bold red")
    minutes = (finding.alert.detected_at - finding.surge.start).total_seconds() / 60
    return Text(f"{minutes:.0f} min", "green")


def _others(account: Account) -> list[Text]:
    return [
        Text(f"echoes of the surges on other subjects: {len(account.echoes)}"),
        *(Text("  ") + alert_text(alert) for alert in account.echoes),
        Text(f"false alarms: {len(account.false_alarms)}"),
        *(Text("  ") + alert_text(alert) for alert in account.false_alarms),
    ]


def _verdict(account: Account) -> list[Text]:
    if account.closes:
        return [Text("The account closes, and every planted surge was found.", "bold green")]
    heading = Text("The account does not close:", "bold red")
    return [heading, *(Text(f"  {problem}") for problem in account.problems)]
