"""``newsquake top`` in a terminal, on a broker."""

import os
import sys
from pathlib import Path

import pytest

from schemas.channels import ALERTS
from streams.core.record import Stored
from tests.dashboard.live import new_cluster, write
from tests.terminal import terminal

pytestmark = pytest.mark.kafka

SCRIPT = Path(sys.executable).with_name("newsquake")


@pytest.mark.parametrize(("columns", "rows", "end"), [(80, 24, b"q"), (120, 40, b"\x03")])
async def test_needles_are_live_until_a_key_ends_them(  # noqa: PLR0913, PLR0917 - fixtures
    kafka: str,
    prefix: str,
    topics: dict[str, list[Stored]],
    columns: int,
    rows: int,
    end: bytes,
) -> None:
    """A person without a browser would see nothing, or get the terminal back in disorder."""
    cluster = await new_cluster(kafka, prefix)
    of_surge = [
        record for record in topics[ALERTS.topic] if b'"resolved"' not in (record.value or b"")
    ]
    for name, records in topics.items():
        if name != ALERTS.topic:
            await write(cluster, records)
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("NEWSQUAKE_")},
        "PYTHONPATH": os.pathsep.join(sys.path),
        "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka,
        "NEWSQUAKE_KAFKA__PREFIX": prefix,
        "NEWSQUAKE_KAFKA__PARTITIONS": "2",
    }
    with terminal([SCRIPT, "top"], environment, columns, rows) as shown:
        shown.wait_for(lambda text: "company:ACME" in text and "live" in text)
        assert "open alerts: none" in shown.screen.text()
        await write(cluster, of_surge)
        text = shown.wait_for(lambda text: "Acme faces bankruptcy" in text)
        assert shown.screen.is_alternate
        assert len(text.splitlines()) <= rows
        shown.press(end)
        shown.read(60)
        assert shown.process.wait(10) == 0
        assert not shown.screen.is_alternate
        assert shown.screen.shows_cursor
        assert shown.screen.text().strip() == ""


def test_without_a_terminal_top_says_what_to_take_instead(kafka: str) -> None:
    """A script would hang, or get a file full of control characters."""
    import subprocess

    done = subprocess.run(
        [SCRIPT, "top"],
        env={**os.environ, "NEWSQUAKE_KAFKA__BOOTSTRAP": kafka},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip
    assert done.returncode == 2
    assert done.stderr == (
        "newsquake: top needs a terminal; `newsquake status --json` is for programs\n"
    )
