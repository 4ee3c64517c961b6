"""The seismogram in a real browser, pixel by pixel."""

import json

import pytest

from dashboard.view.news_view import NewsView
from tests.dashboard.chromium import Browser
from tests.dashboard.serving import serving

pytestmark = pytest.mark.browser

ROWS = [[3_600 * (hour + 1), 20 if hour == 60 else 1, 1, 1, 0.2, 0, 3, 0, 0] for hour in range(120)]
"""Five days of hours with one story each, and one hour with twenty; all news is negative."""
FIRED = 3_600 * 61
SPELL = {"from": FIRED - 3_600, "to": None, "changes": [{"time": FIRED, "word": "fired"}]}
DRAWN = """(async ({panel, ink, rows, spells, box}) => {
  const {Seismogram} = await import("/assets/chart.js");
  const {colour} = await import("/assets/dom.js");
  const it = new Seismogram({panels: [panel], read: () => {}, label: "a"});
  it.canvas.style.width = "900px";
  document.body.replaceChildren(it.canvas);
  it.load({rows, spells});
  const probe = new OffscreenCanvas(1, 1).getContext("2d");
  probe.fillStyle = colour(ink);
  probe.fillRect(0, 0, 1, 1);
  const [red, green, blue] = probe.getImageData(0, 0, 1, 1).data;
  const scale = it.canvas.width / it.canvas.clientWidth;
  const sides = box.map((side) => Math.round(side * scale));
  const {data} = it.canvas.getContext("2d").getImageData(...sides);
  const counts = new Array(sides[2]).fill(0);
  for (let n = 0; n < data.length; n += 4) {
    const far = [red, green, blue].map((part, k) => Math.abs(data[n + k] - part));
    counts[(n / 4) % sides[2]] += Math.max(...far) < 40;
  }
  return counts;
})"""
"""Draws one panel, 900 px wide, and counts the pixels of an ink in each column of a box of it."""


async def ink_columns(browser: Browser, view: NewsView, scheme: str, **chart: object) -> list[int]:
    """Return how many pixels of an ink each column of a box (x, y, width, height) has."""
    async with serving(view) as client, browser.page(scheme=scheme) as page:
        await page.open(f"{client.base_url}/")
        await page.shows(".row")
        counts: list[int] = await page.evaluate(f"{DRAWN}({json.dumps({'rows': ROWS} | chart)})")
        return counts


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_the_tallest_bar_stands_beside_the_line_of_its_alert(
    view: NewsView, browser: Browser, scheme: str
) -> None:
    """The hour that raised the alert is the one that a reader looks for."""
    box = [440, 35, 60, 40]  # far above all bars but the tallest
    bar, line = [
        [
            column
            for column, count in enumerate(
                await ink_columns(
                    browser, view, scheme, panel="volume", ink=ink, spells=[SPELL], box=box
                )
            )
            if count >= 30
        ]
        for ink in ("ink-2", "pen")
    ]
    assert bar
    assert line
    assert (
        min(abs(one - other) for one in bar for other in line) > 1
    )  # the sheet is seen between them


async def test_the_name_of_a_panel_hides_no_hour(view: NewsView, browser: Browser) -> None:
    """The blackest hours, at 100 %, would be cut in half or be missing."""
    below, beside = [
        sum(
            await ink_columns(
                browser, view, "light", panel="tone", ink="pen", spells=[], box=[left, 12, 80, 12]
            )
        )
        for left in (60, 600)
    ]
    assert beside >= 40
    assert below >= 0.8 * beside
