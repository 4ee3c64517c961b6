"""Every page in a real browser: that it fits, breaks no rule, and keeps nobody out."""

import asyncio
from collections.abc import Mapping

import httpx
import pytest
from pydantic import SecretStr

from agents.cluster_layout import ClusterLayout
from dashboard.view.news_view import NewsView
from streams.core.record import Stored
from tests.dashboard.axe import axe_script, faults
from tests.dashboard.chromium import Browser
from tests.dashboard.live import running, write
from tests.dashboard.serving import serving

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

Topics = Mapping[str, list[Stored]]


async def addresses(client: httpx.AsyncClient) -> dict[str, str]:
    """Return the address of each kind of page, and a script that is true once it is drawn."""
    alert = (await client.get("/api/alerts")).json()["alerts"][0]["id"]
    article = (await client.get("/api/articles?q=bankruptcy")).json()["articles"][0]["key"]
    return {
        "/": "document.querySelector('.row')",
        "/?q=bankruptcy": "document.querySelector('.headline')",
        "/alerts": "document.querySelector('.alert-row')",
        f"/alerts/{alert}": "document.querySelector('.life')",
        "/subjects/company:ACME": "document.querySelector('.heat')",
        f"/articles/{article}": "document.querySelector('.bars')",
        "/flow": "document.querySelector('.agent')",
        "/nothing": "document.querySelector('.blank')",
    }


async def test_every_page_fits_a_phone_and_breaks_no_rule(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """A page would be wider than a phone, or its own policy would forbid a part of it."""
    await write(cluster, [record for records in topics.values() for record in records])
    async with running(cluster) as client, browser.page(width=390, scheme="dark") as page:
        for path, there in (await addresses(client)).items():
            await page.open(f"{client.base_url}{path}")
            await page.wait_for(there)
            width = await page.evaluate("document.documentElement.scrollWidth")
            assert width <= 390, path
            unnamed = await page.evaluate(
                "[...document.querySelectorAll('a, button, input')]"
                ".filter(e => !(e.innerText || e.getAttribute('aria-label') || e.title ||"
                " (e.labels?.[0]?.textContent ?? '')).trim())"
                ".map(e => e.outerHTML)"
            )
            assert unnamed == [], path
        assert page.errors == []


@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_no_page_keeps_people_out(
    cluster: ClusterLayout, topics: Topics, browser: Browser, scheme: str, width: int
) -> None:
    """Who can't see well, or sees no colours, or hears the page, could not work with it."""
    script = axe_script()
    alerts = [record for record in topics["alerts"] if b"resolved" not in (record.value or b"")]
    others = [record for name, all_ in topics.items() if name != "alerts" for record in all_]
    await write(cluster, [*others, *alerts])
    async with running(cluster) as client, browser.page(width=width, scheme=scheme) as page:
        for path, there in (await addresses(client)).items():
            await page.open(f"{client.base_url}{path}")
            await page.wait_for(there)
            if await page.evaluate("Boolean(document.querySelector('.why-of summary'))"):
                await page.click(".why-of summary")
                await page.shows(".weights")
            assert await faults(page, script) == [], path


async def test_the_words_of_the_heat_map_hold_in_the_dark(view: NewsView, browser: Browser) -> None:
    """In the dark the worst day is the brightest, and would be read as the best."""
    async with serving(view) as client, browser.page(scheme="dark") as page:
        await page.open(f"{client.base_url}/subjects/company:ACME")
        await page.shows(".heat")
        (text,) = [text for text in await page.texts("main h2 span") if "number of" in text]
        assert "darker" not in text


async def test_readings_have_a_line_between_them_on_a_phone(
    view: NewsView, browser: Browser
) -> None:
    """Two numbers would look like one."""
    async with serving(view) as client, browser.page(width=390) as page:
        await page.open(f"{client.base_url}/flow")
        await page.shows(".readings")
        lines = await page.evaluate(
            "[...document.querySelectorAll('.readings > div')]"
            ".map((e) => [e.offsetTop, parseFloat(getComputedStyle(e).borderTopWidth)])"
        )
        assert len(lines) > 1
        assert all(width == 1.0 for _, width in lines)


async def test_a_token_is_asked_for_and_then_the_news_is_shown(
    view: NewsView, browser: Browser
) -> None:
    """Who comes from elsewhere would read that the server is away, and not that it is locked."""
    async with serving(view, token=SecretStr("s3cret")) as client, browser.page() as page:
        await page.open(f"{client.base_url}/")
        await page.shows("[name=token]")
        await asyncio.sleep(4)  # the stream is tried again after three seconds, and refused
        assert await page.evaluate("document.querySelector('#notice').hidden")
        assert await page.evaluate("document.querySelector('#state').textContent") == "locked"
        await page.fill("[name=token]", "s3cret")
        await page.click(".entry button")
        await page.shows(".row")
