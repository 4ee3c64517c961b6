"""The pages in a real browser, on a real broker."""

from collections.abc import AsyncIterator, Mapping
from pathlib import Path

import pytest

from agents.cluster_layout import ClusterLayout
from schemas.alert import Alert
from streams.core.record import Stored
from tests.dashboard.chromium import Browser, chromium
from tests.dashboard.live import new_cluster, running, write

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

Topics = Mapping[str, list[Stored]]


@pytest.fixture
async def cluster(kafka: str, prefix: str) -> ClusterLayout:
    """A cluster with the topics of a test."""
    return await new_cluster(kafka, prefix)


@pytest.fixture
async def browser(tmp_path: Path) -> AsyncIterator[Browser]:
    """A browser that is running."""
    async with chromium(tmp_path) as browser:
        yield browser


async def test_an_alert_appears_opens_and_leads_to_its_articles(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """A person on the desk would not see the alert, or not why it fired."""
    alerts = [Alert.from_bytes(record.value) for record in topics["alerts"]]
    first = next(n for n, alert in enumerate(alerts) if alert.subject == "company:ACME")
    others = [record for topic, all_ in topics.items() if topic != "alerts" for record in all_]
    await write(cluster, others)
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/")
        await page.wait_for("document.querySelectorAll('.row').length >= 3")
        assert await page.evaluate("document.querySelector('.alert-row') === null")
        await write(cluster, [topics["alerts"][first]])
        await page.wait_for("document.querySelector('.alert-row b')?.textContent === 'ACME'", 3)

        await page.evaluate("document.querySelector('.alert-row').click()")
        await page.wait_for("document.querySelector('canvas.seismogram')")
        assert await page.evaluate("document.querySelectorAll('.headline').length") >= 3
        await page.evaluate("document.querySelector('.headline a').click()")
        await page.wait_for("location.pathname.startsWith('/articles/')")
        await page.wait_for("document.querySelector('h1')?.textContent.includes('bankruptcy')")
        await page.evaluate("history.back()")
        await page.wait_for("document.querySelector('canvas.seismogram')")
        assert page.errors == []


async def test_every_page_fits_a_phone_and_breaks_no_rule(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """A page would be wider than a phone, or its own policy would forbid a part of it."""
    await write(cluster, [record for records in topics.values() for record in records])
    async with running(cluster) as client:
        alert = (await client.get("/api/alerts")).json()["alerts"][0]["id"]
        article = (await client.get("/api/articles?q=bankruptcy")).json()["articles"][0]["key"]
        paths = {
            "/": "document.querySelector('.row')",
            "/?q=bankruptcy": "document.querySelector('.headline')",
            "/alerts": "document.querySelector('.alert-row')",
            f"/alerts/{alert}": "document.querySelector('.life')",
            "/subjects/company:ACME": "document.querySelector('.heat')",
            f"/articles/{article}": "document.querySelector('.bars')",
            "/flow": "document.querySelector('.agent')",
            "/nothing": "document.querySelector('.blank')",
        }
        async with browser.page(width=390, scheme="dark") as page:
            for path, there in paths.items():
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


async def test_a_headline_is_text_and_nothing_else(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """A feed could put its own elements into the page."""
    record = topics["news.scored"][0]
    value = (record.value or b"").replace(b'"headline":"Acme', b'"headline":"<b id=own>Acme</b> ')
    await write(cluster, [record._replace(value=value)])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/?q=acme")
        await page.wait_for("document.querySelector('.headline a')")
        text = await page.evaluate("document.querySelector('.headline a').textContent")
        assert text.startswith("<b id=own>Acme</b>")
        assert await page.evaluate("document.getElementById('own') === null")


async def test_keys_lead_to_pages_and_to_the_search(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """Who can't use a mouse could not work with the dashboard."""
    await write(cluster, topics["news.signals"])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/")
        await page.wait_for("document.querySelector('.row')")

        async def press(key: str) -> None:
            await page.ask("Input.dispatchKeyEvent", type="keyDown", key=key, text=key)
            await page.ask("Input.dispatchKeyEvent", type="keyUp", key=key)

        await press("j")
        await page.wait_for("document.activeElement.classList.contains('row')")
        await press("f")
        await page.wait_for("location.pathname === '/flow'")
        await press("/")
        await page.wait_for("document.activeElement.id === 'search'")
        await press("n")
        assert await page.evaluate("document.querySelector('#search').value") == "n"


async def test_what_one_person_says_another_sees(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """Two people on the desk would call the same company, or a silence would not be seen."""
    alerts = [Alert.from_bytes(record.value) for record in topics["alerts"]]
    first = next(n for n, alert in enumerate(alerts) if alert.subject == "company:ACME")
    await write(cluster, [*topics["news.signals"], topics["alerts"][first]])
    async with running(cluster) as client, browser.page() as ada, browser.page() as bob:
        await ada.open(f"{client.base_url}/alerts/{alerts[first].id}")
        await bob.open(f"{client.base_url}/")
        await ada.wait_for("document.querySelector('.care form')")
        await bob.wait_for("document.querySelector('.alert-row')")
        assert await bob.evaluate("document.querySelector('.alert-row .tag') === null")

        await ada.evaluate("document.querySelector('[name=silence]').click()")
        unsaid = "document.querySelector('[name=who]').matches(':invalid')"
        assert await ada.evaluate(unsaid), "without a name nothing is said"
        await ada.evaluate("document.querySelector('[name=who]').value = 'Ada'")
        await ada.evaluate("document.querySelector('[name=silence]').click()")
        await ada.wait_for("document.querySelector('.said')?.textContent.includes('Ada silenced')")
        shown = "document.querySelector('.alert-row')?.textContent.includes('silenced by Ada')"
        await bob.wait_for(shown, 3)
        assert await bob.evaluate("document.querySelector('.row .mark.quiet') !== null")

        await bob.open(f"{client.base_url}/alerts/{alerts[first].id}")
        await bob.wait_for("document.querySelector('.said button')")
        name = await bob.evaluate("document.querySelector('[name=who]').value")
        assert name == "Ada", "the browser remembers it"
        await bob.evaluate("document.querySelector('[name=who]').value = 'Bob'")
        await bob.evaluate("document.querySelector('[name=acknowledge]').click()")
        await ada.wait_for("document.querySelector('.tags')?.textContent.includes('Bob takes')", 3)
        await bob.wait_for("document.querySelectorAll('.said button').length === 2")
        await bob.evaluate("document.querySelector('.said button').click()")
        await ada.wait_for("document.querySelector('.said')?.textContent.includes('by Bob')", 3)
        await ada.wait_for("document.querySelector('.said-silence') === null")
        assert [*ada.errors, *bob.errors] == []
