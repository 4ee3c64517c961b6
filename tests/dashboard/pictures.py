"""Pictures of the pages for the documentation: ``python -m tests.dashboard.pictures [FOLDER]``.

The demo's feed is read by all agents in memory, so that the pictures show what `make demo` shows.
They are renewed by hand, since each renewal is a change of the repository. FOLDER gets every page
at its full size, light and dark, on a desk and on a phone: to be looked at.
"""

import asyncio
import base64
import io
import re
import sys
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final
from urllib.parse import quote

from aiohttp import web
from PIL import Image

from agents.cluster_layout import DOMAIN, ClusterLayout
from agents.pipeline import USUAL, build_stages
from agents.silencing.silence_message import acknowledge, new_silence
from dashboard.api.server import Server
from dashboard.models import ModelState
from dashboard.operations import AgentState, Member
from dashboard.view.news_view import CHANNELS, NewsView
from demo.feed.generate import generate
from detection.rule import Rule
from infra.settings.model import Settings
from nlp.lexicon.lexicon import Lexicon
from nlp.settings import ModelSettings
from streams.core.record import Message, Stored
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.dashboard.chromium import Browser, Page, chromium
from tests.dashboard.serving import PARTITIONS, fold, heard, sources_of

FOLDER: Final = Path(__file__).parents[2] / "docs/images"
MAX_BYTES: Final = 200_000
WIDTH, PHONE, GAP = 1280, 390, 12
_IS_DRAWN: Final = (
    "!document.querySelector('.blank') && document.querySelector('main h1, .row, .agent')"
)
COMPANY, TOPIC = "company:CLDB", "topic:energy-oil"
"""Subjects of surges that the demo plants."""
PLAYED_SECONDS: Final = 180
"""Time in which the ten days of the feed pass on the pictures."""
_TIME: Final = re.compile(rb'"(?:published|detected_at)":"([^"]+)"')
_RULE: Final = Rule(max_ahead=timedelta(days=36_500))
"""The invented news are dated in the future."""


async def read_demo() -> NewsView:
    """Return a view of the demo's feed, before the last alerts resolve."""
    log = MemoryLog(partitions=PARTITIONS, counts=dict.fromkeys(DOMAIN, 1))
    log.append(
        [
            Message("news.raw", sent.key, sent.value, sent.headers, partition=number % PARTITIONS)
            for number, sent in enumerate(generate().sent)
        ]
    )
    cluster = ClusterLayout(partitions=PARTITIONS)
    for name in USUAL:
        for stage in build_stages([name], cluster=cluster, classifier=Lexicon(), rule=_RULE):
            await drain(log, stage, chunk=200)
    topics = {channel.topic: log.read(channel.topic) for channel in CHANNELS}
    topics["alerts"] = [
        record for record in topics["alerts"] if b'"status":"resolved"' not in (record.value or b"")
    ]
    view = fold(topics, _RULE)
    replay_rates(view, topics)
    now = datetime.now(UTC)
    (company, *_), (topic, *_) = view.alerts.of_subject(COMPANY), view.alerts.of_subject(TOPIC)
    heard(view, acknowledge(company.last, who="Ada", why="I call their press office", now=now))
    day = timedelta(hours=24)
    heard(view, new_silence(topic.last.subject, day, who="Bob", why="known since Monday", now=now))
    return view


def replay_rates(view: NewsView, topics: Mapping[str, list[Stored]]) -> None:
    """Count the records as if the feed had been played until now, and for a minute more.

    All agents ran in a moment, one after the other, which no pipeline does.
    """
    view.flow._seconds.clear()
    begin = int(time.time()) - PLAYED_SECONDS + 60
    for topic, records in topics.items():
        times = [event_time(record, number) for number, record in enumerate(records)]
        first, last = min(times), max(times)
        for moment in times:
            share = (moment - first) / max(last - first, 1.0)
            view.flow.count(topic, 1_000 * (begin + int(share * PLAYED_SECONDS)))


def event_time(record: Stored, number: int) -> float:
    """Return when the news of a record was published; of a dead letter, its number."""
    if record.topic == "news.dead":
        return float(number)
    (moment,) = _TIME.findall(record.value or b"")[:1]
    return datetime.fromisoformat(moment.decode()).timestamp()


@asynccontextmanager
async def served(view: NewsView) -> AsyncIterator[str]:
    """Serve a view as if a cluster with two workers were behind it; yield the address."""
    settings = Settings(nlp=ModelSettings(model="lexicon"))
    sources = sources_of(view, settings)
    sources.feed.state, sources.feed.share = "live", 1.0
    one, two = "faust-0b1c-4f5a-8d2e9c01aa17", "faust-77aa-4be1-93c2d5f0b2e9"

    def agent(
        name: str, source: str, lag: int, *members: tuple[str, tuple[int, ...]]
    ) -> AgentState:
        held = tuple(Member(who, "10.0.0.7", partitions) for who, partitions in members)
        count = 4 if name in {"ingest", "score"} else 1
        return AgentState(name, source, "Stable", count, lag, held)

    sources.operations.agents = (
        agent("ingest", "news.raw", 12, (one, (0, 2)), (two, (1, 3))),
        agent("score", "news.accepted", 340, (one, (0, 2)), (two, (1, 3))),
        agent("detect", "news.signals", 3, (two, (0,))),
        agent("notify", "alerts", 0, (one, (0,))),
    )
    sources.models.addresses = ("10.0.0.7:9201", "10.0.0.8:9201")
    model = ModelState("10.0.0.7:9201", "shipped-3", "closed", asked=1_840, remembered=610)
    sources.models.states = (
        model,
        model._replace(
            address="10.0.0.8:9201", circuit="half-open", opened=1, asked=0, remembered=0
        ),
    )
    runner = web.AppRunner(Server(sources, settings.dashboard).application(), shutdown_timeout=1)
    await runner.setup()
    try:
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


async def picture(page: Page, *, clip: str = "", height: int = 900) -> Image.Image:
    """Return what a page shows, or the element that ``clip`` selects."""
    size = {"deviceScaleFactor": 1, "mobile": False, "height": height}
    width = await page.evaluate("innerWidth")
    await page.ask("Emulation.setDeviceMetricsOverride", width=width, **size)
    await page.evaluate("document.documentElement.style.scrollbarWidth = 'none'")
    await asyncio.sleep(1)
    options: dict[str, Any] = {}
    if clip:
        box = await page.evaluate(
            f"(({{x, y, width, height}}) => ({{x, y, width, height, scale: 1}}))"
            f"(document.querySelector('{clip}').getBoundingClientRect())"
        )
        options = {"clip": box}
    content = await page.ask("Page.captureScreenshot", format="png", **options)
    return Image.open(io.BytesIO(base64.b64decode(content["data"]))).convert("RGB")


def save(image: Image.Image, name: str) -> None:
    """Write a file of at most `MAX_BYTES`, with fewer colours if need be."""
    file = FOLDER / f"{name}.png"
    image.save(file, optimize=True)
    if file.stat().st_size > MAX_BYTES:
        few = image.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=Image.Dither.NONE)
        few.save(file, optimize=True)


async def desktop(browser: Browser, base: str, alert: str) -> None:
    """Take the pictures of wide pages."""
    async with browser.page(width=WIDTH) as page:
        await page.open(f"{base}/")
        await page.wait_for("document.querySelectorAll('.row').length > 9")
        save(await picture(page, height=760), "dashboard-now")
        await page.open(f"{base}/subjects/{COMPANY}")
        await page.wait_for("document.querySelector('.heat')")
        save(await picture(page), "dashboard-subject")
        await page.open(f"{base}{alert}")
        await page.wait_for("document.querySelector('.life')")
        await page.evaluate("document.querySelector('.why-of summary').click()")
        await page.wait_for("document.querySelector('.weights')")
        save(await picture(page, height=1500), "dashboard-alert")
        save(await picture(page, height=1500, clip=".sheet"), "seismogram")
    async with browser.page(width=WIDTH, scheme="dark") as page:
        await page.open(f"{base}/flow")
        await page.wait_for("document.querySelector('.agent')")
        save(await picture(page, height=940), "dashboard-flow")


async def every_page(
    browser: Browser, base: str, pages: Mapping[str, str], folder: Path | None
) -> None:
    """Take every kind of page, light and dark, on a desk and on a phone: four sheets."""
    for name, size, columns in (("pages", (WIDTH, 900), 2), ("phone", (PHONE, 844), 6)):
        for scheme in ("light", "dark"):
            images = {}
            for page_name, path in pages.items():
                async with browser.page(width=size[0], scheme=scheme) as page:
                    await page.open(f"{base}{path}")
                    await page.wait_for(_IS_DRAWN)
                    images[page_name] = await picture(page, height=size[1])
                    assert page.errors == [], (page_name, page.errors)
            save(sheet(list(images.values()), columns), f"dashboard-{name}-{scheme}")
            for page_name, image in images.items():
                if folder:
                    image.save(folder / f"{name}-{scheme}-{page_name}.png")


def sheet(images: Sequence[Image.Image], columns: int) -> Image.Image:
    """Return pictures of one size side by side, at half their size."""
    width, height = (side // 2 for side in images[0].size)
    rows = -(-len(images) // columns)
    size = columns * (width + GAP) - GAP, rows * (height + GAP) - GAP
    whole = Image.new("RGB", size, "#8a968f")
    for number, image in enumerate(images):
        place = number % columns * (width + GAP), number // columns * (height + GAP)
        whole.paste(image.resize((width, height), Image.Resampling.LANCZOS), place)
    return whole


async def main(folder: Path | None) -> None:
    """Renew all pictures; write each page at its full size into ``folder``, to be looked at."""
    view = await read_demo()
    (story, *_) = view.alerts.of_subject(COMPANY)
    alert = f"/alerts/{quote(story.last.id, safe='')}"
    article = f"/articles/{quote(story.last.headlines[0].key, safe='')}"
    pages = {
        "now": "/",
        "alerts": "/alerts",
        "alert": alert,
        "subject": f"/subjects/{COMPANY}",
        "article": article,
        "flow": "/flow",
    }
    with TemporaryDirectory() as profile:
        async with served(view) as base, chromium(Path(profile)) as browser:
            await desktop(browser, base, alert)
            await every_page(browser, base, pages, folder)


if __name__ == "__main__":
    chosen = Path(sys.argv[1]) if len(sys.argv) > 1 else None
    if chosen:
        chosen.mkdir(parents=True, exist_ok=True)
    asyncio.run(main(chosen))
