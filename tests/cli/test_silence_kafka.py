"""Silences and past alerts on a real broker, by the commands that people type."""

import asyncio
import json
from collections.abc import Callable
from subprocess import CompletedProcess

import pytest

from tests.cli.alert_records import alert, record_of, send, succeeded

Run = Callable[..., CompletedProcess[str]]

pytestmark = pytest.mark.kafka


async def test_people_say_who_takes_care_and_take_it_back(
    newsquake: Run, kafka: str, prefix: str
) -> None:
    """Nobody would know who silenced what, and why; or a slip of the pen would silence nothing."""
    succeeded(newsquake("topics", "create"))
    over = alert(2, "resolved", id="01abcdef")
    macro = alert(3, subject="topic:macro")
    await send(kafka, [record_of(prefix, change) for change in (alert(1), over, macro)])

    def talk() -> None:
        wrong = newsquake("silence", "TSLA", "--for", "24h", "--why", "x")
        assert (wrong.returncode, "did you mean company:TSLA?" in wrong.stderr) == (2, True)
        said = succeeded(
            newsquake("silence", "topic:mac*", "--for", "24h", "--why", "rates", "--who", "ada")
        )
        assert "by ada" in said
        assert ": rates" in said
        assert "is over" in newsquake("ack", "01").stderr
        assert "no alert '99'" in newsquake("ack", "99").stderr
        succeeded(newsquake("ack", "topic:macro", "--who", "bob"))

        (line,) = succeeded(newsquake("alerts", "list", "--open", "--json")).splitlines()
        shown = json.loads(line)
        assert shown["silenced"]["who"] == "ada"
        assert [word["who"] for word in shown["words"]] == ["ada", "bob"]
        assert "life-cycle" in succeeded(newsquake("alerts", "show", "01"))
        assert "silence  topic:mac*  by ada" in succeeded(newsquake("alerts", "show", "03"))
        again = ("silence", "topic:macro", "--for", "1h", "--why", "x", "--who", "bob")
        succeeded(newsquake(*again))
        still = newsquake("silence", "expire", "topic:macro", "--who", "eve")
        assert "topic:macro is still silenced: " in still.stderr
        name = json.loads(line)["silenced"]["id"]
        succeeded(newsquake("silence", "expire", name[:6], "--who", "eve"))
        held = succeeded(newsquake("silence", "list", "--json")).splitlines()
        assert [json.loads(each)["kind"] for each in held] == ["acknowledgement"]
        kept = succeeded(newsquake("silence", "list", "--all")).splitlines()
        assert any("by ada" in each and "ended by eve" in each for each in kept)

    await asyncio.to_thread(talk)
