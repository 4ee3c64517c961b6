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
        await page.wait_for("document.querySelectorAll('.row').length >= 3")
        assert await page.evaluate("document.querySelector('.alert-row') === null")
        await write(cluster, [topics["alerts"][first]])
        await page.wait_for("document.querySelector('.alert-row b')?.textContent === 'ACME'", 2)

        await page.evaluate("document.querySelector('.alert-row').click()")
        await page.wait_for("document.querySelector('canvas.seismogram')")
        assert await page.evaluate("document.querySelectorAll('.headline').length") >= 3
        await page.evaluate("document.querySelector('.why-of summary').click()")
        await page.wait_for("document.querySelector('.weights th')?.textContent === 'bankruptcy'")
        marked = "[...document.querySelectorAll('.why mark.for')].map(e => e.textContent)"
        assert {"bankruptcy", "fraud"} <= set(await page.evaluate(marked))

        await page.evaluate("document.querySelector('.headline a').click()")
        await page.wait_for("location.pathname.startsWith('/articles/')")
        await page.wait_for("document.querySelector('h1')?.textContent.includes('bankruptcy')")
        await page.evaluate("history.back()")
        await page.wait_for("document.querySelector('canvas.seismogram')")
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
        await page.wait_for("document.querySelector('.row')")
        await page.evaluate("document.querySelector('#search').focus()")
        await page.ask("Input.insertText", text="FRAUD 1369")
        for kind in ("keyDown", "keyUp"):
            await page.ask("Input.dispatchKeyEvent", type=kind, key="Enter", text="\r")
        await page.wait_for("document.querySelector('.headline a')")
        found = "[...document.querySelectorAll('ul .headline a')].map(e => e.textContent)"
        headlines = await page.evaluate(f"{found}.filter(text => text.includes('losses'))")
        assert headlines == ["37 Acme faces bankruptcy after fraud losses of 1369 in 50653"]
        await page.evaluate("document.querySelector('.headline a').click()")
        await page.wait_for("document.querySelector('h1')?.textContent.includes('1369')")


async def test_a_page_whose_parts_come_late_is_shown(
    cluster: ClusterLayout, topics: Topics, browser: Browser
) -> None:
    """On a busy machine a page would be drawn, and then say that it is being read for ever."""
    await write(cluster, topics["news.signals"])
    async with running(cluster) as client, browser.page() as page:
        await page.open(f"{client.base_url}/flow")
        await page.wait_for("document.querySelector('.agent')")
        await page.evaluate(
            "(() => { const real = fetch; window.fetch = async (path, options) => {"
            " if (path.startsWith('/api/traces')) await new Promise(done => setTimeout(done, 900));"
            " return real(path, options); }; })()"
        )
        await page.evaluate("document.querySelector('nav a[href=\"/\"]').click()")
        await page.wait_for("document.querySelectorAll('.row').length >= 3", 10)


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
            await tab.wait_for("document.querySelector('.blank')?.textContent.includes('No alert')")
            await tab.evaluate(hidden)
        await tabs[6].open(f"{client.base_url}/")
        await tabs[6].wait_for("document.querySelectorAll('.row').length >= 3", 40)
        await write(cluster, topics["alerts"][:1])
        seen = "window.seen = 'visible'; document.dispatchEvent(new Event('visibilitychange'))"
        await tabs[0].evaluate(seen)
        await tabs[0].wait_for("document.querySelector('.alert-row')", 10)
