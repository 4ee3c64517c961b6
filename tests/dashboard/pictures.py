"""Pictures of the pages for the documentation: ``python -m tests.dashboard.pictures``.

The demo's feed is read by all agents in memory, so that the pictures show what `make demo` shows.
They are renewed by hand, since each renewal is a change of the repository.
"""

import asyncio
import base64
import io
from collections.abc import AsyncIterator
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
from streams.core.record import Message
from streams.testing.drain import drain
from streams.testing.memory_log import MemoryLog
from tests.dashboard.chromium import Browser, Page, chromium
from tests.dashboard.serving import PARTITIONS, fold, heard, sources_of

FOLDER: Final = Path(__file__).parents[2] / "docs/images"
MAX_BYTES: Final = 200_000
WIDTH, PHONE = 1280, 390
COMPANY, TOPIC = "company:CLDB", "topic:energy-oil"
"""Subjects of surges that the demo plants."""
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
    now = datetime.now(UTC)
    (company, *_), (topic, *_) = view.alerts.of_subject(COMPANY), view.alerts.of_subject(TOPIC)
    heard(view, acknowledge(company.last, who="Ada", why="I call their press office", now=now))
    day = timedelta(hours=24)
    heard(view, new_silence(topic.last.subject, day, who="Bob", why="known since Monday", now=now))
    return view


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
        few = image.quantize(256, Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
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


async def phone(browser: Browser, base: str, paths: list[str]) -> None:
    """Take a picture of some pages on a phone, side by side."""
    images = []
    for number, path in enumerate(paths):
        async with browser.page(width=PHONE, scheme="dark" if number % 2 else "light") as page:
            await page.open(f"{base}{path}")
            await page.wait_for(
                "!document.querySelector('.blank') && document.querySelector('main h1, .row')"
            )
            images.append(await picture(page, height=844))
    gap = 16
    whole = Image.new("RGB", (len(images) * (PHONE + gap) - gap, 844), "#8a968f")
    for number, image in enumerate(images):
        whole.paste(image, (number * (PHONE + gap), 0))
    save(whole, "dashboard-phone")


async def main() -> None:
    """Renew all pictures."""
    view = await read_demo()
    (story, *_) = view.alerts.of_subject(COMPANY)
    alert = f"/alerts/{quote(story.last.id, safe='')}"
    article = f"/articles/{quote(story.last.headlines[0].key, safe='')}"
    with TemporaryDirectory() as folder:
        async with served(view) as base, chromium(Path(folder)) as browser:
            await desktop(browser, base, alert)
            await phone(browser, base, ["/", alert, f"/subjects/{COMPANY}", article])


if __name__ == "__main__":
    asyncio.run(main())
