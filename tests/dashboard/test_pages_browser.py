"""The pages in a real browser, on a real broker."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from pathlib import Path

import pytest

from agents.cluster_layout import ClusterLayout
from schemas.alert import Alert
from streams.core.record import Stored
from tests.dashboard.chromium import Browser
from tests.dashboard.live import running, write
from tests.streams.conditions import settings, worker

pytestmark = [pytest.mark.kafka, pytest.mark.browser]

Topics = Mapping[str, list[Stored]]


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
        await page.shows_many(".row", 3)
        assert await page.texts(".alert-row") == []
        await write(cluster, [topics["alerts"][first]])
        await page.shows(".alert-row b", "ACME", 2)

        await page.click(".alert-row")
        await page.shows("canvas.seismogram")
        assert len(await page.texts(".headline")) >= 2
        await page.click(".why-of summary")
        await page.shows(".weights th", "bankruptcy")
        assert {"bankruptcy", "fraud"} <= set(await page.texts(".why mark.for"))

        await page.click(".headline a")
        await page.wait_for("location.pathname.startsWith('/articles/')")
        await page.shows("h1", "bankruptcy")
        await page.evaluate("history.back()")
        await page.shows("canvas.seismogram")
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
        await page.shows(".headline a")
        (text, *_) = await page.texts(".headline a")
        assert text.startswith("<b id=own>Acme</b>")
        assert await page.texts("#own") == []


async def test_keys_lead_to_pages_and_to_the_search(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """Who can't use a mouse could not work with the dashboard."""
    await write(cluster, topics["news.signals"])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/")
        await page.shows(".row")

        await page.press("j")
        await page.wait_for("document.activeElement.classList.contains('row')")
        await page.press("f")
        await page.wait_for("location.pathname === '/flow'")
        await page.press("/")
        await page.wait_for("document.activeElement.id === 'search'")
        await page.press("n")
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
        await ada.shows(".care form")
        await bob.shows(".alert-row")
        assert await bob.texts(".alert-row .tag") == []

        await ada.click("[name=silence]")
        unsaid = "document.querySelector('[name=who]').matches(':invalid')"
        assert await ada.evaluate(unsaid), "without a name nothing is said"
        await ada.fill("[name=who]", "Ada")
        await ada.click("[name=silence]")
        await ada.shows(".said", "Ada silenced")
        await bob.shows(".alert-row", "silenced by Ada", 3)
        await bob.shows(".row .mark.quiet", seconds=3)

        await bob.open(f"{client.base_url}/alerts/{alerts[first].id}")
        await bob.shows(".said button")
        name = await bob.evaluate("document.querySelector('[name=who]').value")
        assert name == "Ada", "the browser remembers it"
        await bob.fill("[name=who]", "Bob")
        await bob.click("[name=acknowledge]")
        await ada.shows(".tags", "Bob takes", 3)
        await bob.shows_many(".said button", 2)
        await bob.click(".said button")
        await ada.shows(".said", "by Bob", 3)
        await ada.wait_for("document.querySelector('.said-silence') === null")
        assert [*ada.errors, *bob.errors] == []


async def test_a_killed_worker_is_shown_and_its_partitions_move(
    cluster: ClusterLayout, browser: Browser, tmp_path: Path
) -> None:
    """An operator would not see that a worker died, nor whether others took its work."""
    environment = settings(
        cluster.bootstrap,
        NEWSQUAKE_KAFKA__PREFIX=cluster.prefix,
        NEWSQUAKE_WORKER__SESSION_TIMEOUT="6",
    )
    only = ("--agents", "ingest")
    panel = "document.querySelector('[data-agent=ingest]')"
    held = f"[...{panel}.querySelectorAll('.worker:not(.gone) .cells')].map(e => e.innerText)"
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/flow")
        await page.wait_for(panel)
        with (
            worker(environment, tmp_path / "one.log", *only) as one,
            worker(environment, tmp_path / "two.log", *only),
        ):
            both = f"{held}.length === 2 && {panel}.querySelector('.orphan') === null"
            await page.wait_for(both, 90)
            one.process.kill()
            await page.wait_for(f"{panel}.querySelector('.worker.gone')", 60)
            gone = await page.evaluate(f"{panel}.querySelector('.worker.gone').innerText")
            assert "left" in gone
            lost = await page.evaluate(f"{panel}.querySelectorAll('.cells .lost').length")
            assert lost == 1
            moved = f"{panel}.querySelectorAll('.worker:not(.gone) .cells i').length === 2"
            await page.wait_for(f"{moved} && {panel}.querySelectorAll('.moved').length === 1", 60)
        assert page.errors == []


async def test_a_search_finds_an_article(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """A person who remembers two words of a headline would not find it again."""
    await write(cluster, topics["news.scored"])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/")
        await page.shows(".row")
        await page.evaluate("document.querySelector('#search').focus()")
        await page.ask("Input.insertText", text="FRAUD 1369")
        await page.press("Enter", "\r")
        await page.shows(".headline a")
        headlines = [text for text in await page.texts("ul .headline a") if "losses" in text]
        assert headlines == ["37 Acme faces bankruptcy after fraud losses of 1369 in 50653"]
        await page.click(".headline a")
        await page.shows("h1", "1369")


async def test_a_page_whose_parts_come_late_is_shown(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """On a busy machine a page would be drawn, and then say that it is being read for ever."""
    await write(cluster, topics["news.signals"])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/flow")
        await page.shows(".agent")
        await page.evaluate(
            "(() => { const real = fetch; window.fetch = async (path, options) => {"
            " if (path.startsWith('/api/traces')) await new Promise(done => setTimeout(done, 900));"
            " return real(path, options); }; })()"
        )
        await page.click('nav a[href="/"]')
        await page.shows_many(".row", 3, 10)


async def test_tabs_that_nobody_sees_keep_no_other_from_loading(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """The seventh tab would stay empty: a browser has six connections for all of them."""
    await write(cluster, topics["news.signals"])
    hidden = (
        "Object.defineProperty(document, 'visibilityState', {get: () => window.seen ?? 'hidden'});"
        "document.dispatchEvent(new Event('visibilitychange'))"
    )
    async with running(cluster) as client, AsyncExitStack() as stack:
        tabs = [await stack.enter_async_context(browser.page()) for _ in range(7)]
        for tab in tabs[:6]:
            await tab.open(f"{client.base_url}/alerts")
            await tab.shows(".blank", "No alert")
            await tab.evaluate(hidden)
        await tabs[6].open(f"{client.base_url}/")
        await tabs[6].shows_many(".row", 3, 40)
        await write(cluster, topics["alerts"][:1])
        seen = "window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange'))"
        await tabs[0].evaluate(seen)
        await tabs[0].shows(".alert-row", seconds=10)
