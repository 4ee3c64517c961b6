"""The state of the pipeline as lines for people."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final, NamedTuple

from rich.text import Text

from agents.silencing.silence_book import SilenceBook
from agents.telling.alert_history import AlertHistory
from agents.telling.alert_sentence import local_time
from cli.view.alerts import attention
from dashboard.models import ModelState
from dashboard.operations import AgentState
from infra.terminal import alert_summary, printable

FILE_WIDTH: Final = 120
"""Characters of a line if the output is not a terminal."""
MAX_ALERTS: Final = 5
"""Alerts that are shown; all fit on a screen with the rest."""
_STATES: Final = {"Stable": "running", "Empty": "not running", "Dead": "not running"}
"""Kafka's words for the state of a group to ours; all others mean that partitions move."""
_CIRCUITS: Final = {
    "closed": ("answers", "green"),
    "half-open": ("on trial: probed, and no article scored since", "yellow"),
    "open": ("fails: its circuit is open, see `newsquake health --ready`", "bold red"),
}
"""The state of a circuit in words, and their style."""
_MOVING: Final = "rebalancing"


class DeadLetters(NamedTuple):
    """Dead letters of the last day.

    Attributes:
        number: Number of those that were read.
        is_complete: Whether all were.
    """

    number: int
    is_complete: bool


class Status(NamedTuple):
    """The state of the pipeline at one moment.

    Attributes:
        now: The moment.
        agents: Each agent, with its workers and its lag.
        opened: The open alerts, the worst first.
        book: Silences and acknowledgements.
        letters: Dead letters of the last day.
        models: The models of the workers whose ports are known.
    """

    now: datetime
    agents: Sequence[AgentState]
    opened: Sequence[AlertHistory]
    book: SilenceBook
    letters: DeadLetters
    models: Sequence[ModelState] = ()


def status_lines(status: Status, bootstrap: str, prefix: str) -> Iterator[Text]:
    """Yield the lines: agents, open alerts, dead letters, and what to do next."""
    of_prefix = f", prefix {prefix!r}" if prefix else ""
    yield Text(f"{printable(bootstrap)}{of_prefix}, {local_time(status.now)}", style="dim")
    yield Text()
    yield Text(f"{'agent':<10}{'state':<13}{'workers':>8}{'partitions':>12}{'behind':>12}")
    for agent in status.agents:
        yield agent_line(agent)
    for model in status.models:
        yield model_line(model)
    yield Text()
    yield from _alert_lines(status)
    yield Text()
    number, is_complete = status.letters
    at_least = "" if is_complete else "at least "
    yield Text(f"dead letters of the last day: {at_least}{number:,}")
    yield from next_lines(status.agents, number)


def agent_state(agent: AgentState) -> str:
    """Return whether an agent runs, in a word or two."""
    return _STATES.get(agent.state, _MOVING)


def agent_line(agent: AgentState) -> Text:
    """Return one agent: whether it runs, its workers and partitions, and its lag in records."""
    state = agent_state(agent)
    assigned = sum(len(member.partitions) for member in agent.members)
    style = {"running": "green", _MOVING: "yellow"}.get(state, "bold red")
    return Text.assemble(
        f"{agent.agent:<10}",
        (f"{state:<13}", style),
        f"{len(agent.members):>8}",
        f"{f'{assigned}/{agent.partitions}':>12}",
        (f"{agent.lag:>12,}", "yellow" if agent.lag else ""),
    )


def model_line(model: ModelState) -> Text:
    """Return the model of a process: its circuit, and what that means."""
    words, style = _CIRCUITS.get(model.circuit, (model.problem, "yellow"))
    return Text.assemble(
        f"{'model':<10}", (printable(words), style), f" ({printable(model.address)})"
    )


def _alert_lines(status: Status) -> Iterator[Text]:
    opened = status.opened
    yield Text(f"open alerts: {len(opened) or 'none'}", style="bold")
    for history in opened[:MAX_ALERTS]:
        alert = history.latest
        yield Text.assemble(
            (f"{alert.severity:<9}", "bold red"),
            (printable(alert.subject), "bold"),
            f" since {local_time(history.began)}{attention(history, status.book, status.now)}",
        )
        yield Text(f"    {alert_summary(alert)}")
        if alert.headlines:
            yield Text(f"    {printable(alert.headlines[0].text)}")
    if len(opened) > MAX_ALERTS:
        yield Text(f"… and {len(opened) - MAX_ALERTS} more: newsquake alerts list --open")


def next_lines(agents: Sequence[AgentState], letters: int) -> Iterator[Text]:
    """Yield what to do about what is not well."""
    idle = [agent.agent for agent in agents if agent_state(agent) == "not running"]
    if idle:
        yield Text(f"not running: {', '.join(idle)}; start them with `newsquake worker`")
    if letters:
        yield Text("why they were set aside: `newsquake dlq list --since 1d`")
