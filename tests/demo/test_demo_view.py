"""The demo's output: the live view, its lines, and the account."""

import io
import re
import shlex
from datetime import UTC, datetime
from pathlib import Path

import pytest
import typer
from rich.console import Console, RenderableType

from cli.main import app
from demo.account import Account, Finding, Line
from demo.chaos import Kill
from demo.feed.generate import Surge
from demo.screen import Lines
from demo.statement import next_steps, statement
from demo.view import Snapshot, render
from schemas.alert import Alert, Headline

NOON = datetime(2031, 3, 9, 12, 5, tzinfo=UTC)
ALERT = Alert(
    id="1",
    subject="company:LKSF",
    status="firing",
    onset=NOON,
    detected_at=NOON,
    negative_share=0.84,
    expected_share=0.2,
    volume=34.0,
    expected_volume=4.5,
    severity="major",
    sources=5,
    stories=34,
    evidence=20.0,
    signals=40,
    headlines=(Headline(key="a", text="[bold]Recall[/x] widens", published=NOON, negative=0.9),),
    model="lexicon",
    rule="1",
)
SHOT = Snapshot(
    seconds=12.0,
    total=10_573,
    event_time=NOON,
    counts={"published": 5_440, "scored": 4_613},
    rates={"published": 512.0, "scored": 430.0},
    lag={"ingest": 292, "detect": 137},
    alerts=(ALERT,),
    kills=(Kill("worker-1", 4242),),
)
SURGE = Surge("company:LKSF", NOON, NOON, "a recall")


def printed(renderable: RenderableType) -> str:
    """Return the text on a terminal of 100 columns."""
    output = io.StringIO()
    Console(file=output, width=100).print(renderable)
    return output.getvalue()


def test_the_view_shows_every_number_alert_and_kill() -> None:
    """A viewer would miss what the demo is there to show."""
    text = printed(render(SHOT))
    shown = (
        "5,440",
        "512",
        "292",
        "09 Mar 2031",
        "company:LKSF",
        "84% negative",
        "killed",
    )
    assert [number for number in shown if number not in text] == []


def test_headlines_are_shown_as_they_are() -> None:
    """A headline with brackets would be taken for markup, and end the demo."""
    assert "[bold]Recall[/x] widens" in printed(render(SHOT))


def test_a_view_of_nothing_yet() -> None:
    """The first moment, before any record, would end the demo."""
    empty = Snapshot(0.0, 10, None, {"published": 0}, {}, {}, (), ())
    assert "no alerts yet" in printed(render(empty))


def test_lines_tell_an_alert_once() -> None:
    """A log would repeat every alert several times a second."""
    output = io.StringIO()
    lines = Lines(Console(file=output, width=100))
    lines.show(SHOT)
    lines.show(SHOT)
    text = output.getvalue()
    assert text.count("84% negative") == 1
    assert text.count("SIGKILL worker-1 (4242)") == 1
    assert text.count("published 5440") == 1


def _account(problems: tuple[str, ...], alert: Alert | None) -> Account:
    line = Line("scored", 9 if problems else 10, 10)
    return Account((line,), (Finding(SURGE, alert),), (), (), problems)


def test_the_statement_of_a_sound_run() -> None:
    """A sound run would look like one that lost articles."""
    text = printed(statement(_account((), ALERT)))
    assert "The account closes" in text
    assert "differs" not in text


def test_the_statement_says_what_is_wrong() -> None:
    """A failure would have to be searched for in logs."""
    text = printed(statement(_account(("scored: 9 instead of 10",), None)))
    for expected in ("does not close", "scored: 9 instead of 10", "differs", "not found"):
        assert expected in text


@pytest.mark.parametrize("kept", [None, Path("/tmp/newsquake-demo-abcdefgh")])  # noqa: S108 - a name
def test_the_demo_ends_with_what_to_do_next(kept: Path | None) -> None:
    """A newcomer would have seen the demo, and not know how to look at it or to go on."""
    console = Console(file=io.StringIO(), width=80, highlight=False)
    console.print(next_steps(kept), soft_wrap=True)
    assert isinstance(console.file, io.StringIO)
    text = console.file.getvalue()
    assert max(map(len, text.splitlines())) <= 80
    assert "docs/tutorial.md" in text
    assert (kept is not None) == (f"newsquake kafka up --data {kept}/kafka" in text)
    root = typer.main.get_command(app)
    steps = re.findall(r"^  newsquake (.+)$", text, re.MULTILINE)
    assert len(steps) >= 3
    for step in steps:
        group, words = root, shlex.split(step)
        while hasattr(group, "commands"):
            group = group.commands[words.pop(0)]
        group.make_context("step", words)
