"""Count the functions that one planted surge executes on its way through all agents.

The surge goes over the log in memory, scored by the word lists. A function is counted once,
however often it is called; comprehensions and lambdas count with the function they stand in.
"""

import asyncio
import sys
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import CodeType, FrameType
from typing import Any

import orjson

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import NAMES, build_stages
from nlp.lexicon.lexicon import Lexicon
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog

ROOT = Path(__file__).parents[1]
START = datetime(2024, 3, 1, tzinfo=UTC)
BAD = "Acme faces bankruptcy after fraud losses"


class Calls:
    """The code objects of this project that were executed; a profiler for `sys.setprofile`."""

    def __init__(self) -> None:
        self.codes: set[CodeType] = set()

    def __call__(self, frame: FrameType, event: str, _: Any) -> None:
        """Note the function of ``frame``."""
        if event == "call":
            self.codes.add(frame.f_code)

    def by_room(self) -> Counter[str]:
        """Return the number of functions executed, by room."""
        rooms: Counter[str] = Counter()
        for code in self.codes:
            path = Path(code.co_filename)
            if (
                path.is_relative_to(ROOT)
                and ".venv" not in path.parts
                and not code.co_name.startswith("<")
            ):
                rooms[path.relative_to(ROOT).parts[0]] += 1
        del rooms["bench"]
        return rooms


def article(number: int, hours: float, headline: str, ticker: str = "ACME") -> Message:
    """Return one raw article."""
    body = {
        "source": "wire",
        "id": str(number),
        "headline": headline,
        "published": (START + timedelta(hours=hours)).isoformat(),
        "tickers": [ticker],
    }
    return Message("news.raw", b"%d" % number, orjson.dumps(body), partition=number % 2)


def surge() -> list[Message]:
    """Return sixty days of little news about two companies, a storm of an hour, and quiet again."""
    quiet = [(12.0 * n, article(n, 12 * n, f"Acme opens office {n}")) for n in range(120)]
    other = [
        (24.0 * n + 5, article(500 + n, 24 * n + 5, f"Emca opens office {n}", "EMCA"))
        for n in range(60)
    ]
    storm = [
        (1440 + n / 30, article(1000 + n, 1440 + n / 30, f"{n} {BAD} of {n * n} in {n**3}"))
        for n in range(40)
    ]
    after = [
        (1500.0 + 12 * n, article(2000 + n, 1500 + 12 * n, f"Acme moves {n}")) for n in range(20)
    ]
    ordered = sorted([*quiet, *other, *storm, *after], key=lambda timed: timed[0])
    return [message for _, message in ordered]


async def process(messages: list[Message]) -> MemoryLog:
    """Send ``messages`` through all agents."""
    log = MemoryLog(partitions=2, counts=dict.fromkeys(DOMAIN, 1))
    log.append(messages)
    for stage in build_stages(NAMES, cluster=ClusterLayout(partitions=2), classifier=Lexicon()):
        await drain(log, stage)
    return log


def count_calls() -> Counter[str]:
    """Return the number of functions that a planted surge executes, by room.

    Raises:
        RuntimeError: the surge raised no alert, so it was not followed through all agents.
    """
    calls, messages = Calls(), surge()
    build_stages(NAMES, cluster=ClusterLayout(), classifier=Lexicon())  # imports the handlers
    sys.setprofile(calls)
    try:
        log = asyncio.run(process(messages))
    finally:
        sys.setprofile(None)
    if not log.read("alerts"):
        raise RuntimeError("the planted surge raised no alert")
    return calls.by_room()


if __name__ == "__main__":
    rooms = count_calls()
    print(f"functions {rooms.total()}: {dict(rooms.most_common())}")
