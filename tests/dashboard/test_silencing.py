"""What people say through the API, and what is shown of it."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import orjson
import pytest
from pydantic import SecretStr

from agents.silencing.silence_message import new_silence
from dashboard.api.events import silences_event
from dashboard.view.news_view import NewsView
from infra.http import request_check
from schemas.channels import SILENCES
from schemas.silence import Silence
from streams.core.errors import Misconfigured
from streams.core.record import Stored
from tests.dashboard.serving import fold, heard, serving
from tests.dashboard.test_answers import check

ACME = "company:ACME"
ADA = {"who": "ada"}
Topics = dict[str, list[Stored]]


@pytest.fixture
def view(topics: Topics) -> NewsView:
    """Return a view in which the alert about ACME is open."""
    alerts = [
        record for record in topics["alerts"] if b'"status":"resolved"' not in (record.value or b"")
    ]
    return fold(topics | {"alerts": alerts})


@pytest.fixture
async def client(view: NewsView) -> AsyncIterator[httpx.AsyncClient]:
    """Return a client of a dashboard at this machine's own address."""
    async with serving(view) as client:
        yield client


def id_of(view: NewsView) -> str:
    """Return the id of the alert about ACME."""
    (story,) = view.alerts.of_subject(ACME)
    return story.last.id


async def shown(client: httpx.AsyncClient, view: NewsView) -> list[Any]:
    """Return the alert about ACME on each page that shows it."""
    name = id_of(view)
    now, alerts, page, subject = [
        (await client.get(path)).json()
        for path in ("/api/now", "/api/alerts", f"/api/alerts/{name}", f"/api/subjects/{ACME}")
    ]
    rows = [*now["alerts"], *alerts["alerts"], page, *subject["alerts"]]
    return [row for row in rows if row["id"] == name]


async def test_a_silence_is_shown_at_once_wherever_its_alert_is(
    client: httpx.AsyncClient, view: NewsView
) -> None:
    """Two people would call the same company, or nobody would know why nobody was told."""
    order = {"subject": "company:AC*", "for": "24h", "who": " ada ", "why": "merger"}
    answer = await client.post("/api/silences", json=order)
    assert answer.status_code == 201
    said = check(answer.json(), "Said")
    assert (said["who"], said["why"], said["holds"]) == ("ada", "merger", True)
    length = datetime.fromisoformat(said["until"]) - datetime.fromisoformat(said["since"])
    assert length == timedelta(days=1)
    rows = await shown(client, view)
    assert len(rows) == 4
    assert all(row["silenced"]["id"] == said["id"] for row in rows)
    held = check((await client.get("/api/silences")).json(), "Silences")
    assert held["silences"] == [said]

    ended = await client.post(f"/api/silences/{said['id']}/end", json={"who": "bob"})
    assert (ended.status_code, ended.json()["expired_by"]) == (201, "bob")
    assert all(row["silenced"] is None for row in await shown(client, view))
    (word,) = (await client.get(f"/api/alerts/{id_of(view)}")).json()["words"]
    assert (word["id"], word["holds"]) == (said["id"], False), "who ended it is kept"
    again = await client.post(f"/api/silences/{said['id']}/end", json={"who": "bob"})
    assert again.status_code == 404


async def test_who_takes_care_is_shown_and_taken_back(
    client: httpx.AsyncClient, view: NewsView
) -> None:
    """Everybody would think that somebody else has called."""
    path = f"/api/alerts/{id_of(view)}"
    said = (await client.post(f"{path}/acknowledgement", json=ADA | {"why": "I call"})).json()
    assert all(row["acknowledged"]["who"] == "ada" for row in await shown(client, view))
    page = check((await client.get(path)).json(), "AlertPage")
    assert [word["why"] for word in page["words"]] == ["I call"]
    await client.post(f"/api/silences/{said['id']}/end", json=ADA)
    assert all(row["acknowledged"] is None for row in await shown(client, view))
    words = (await client.get(path)).json()["words"]
    assert [word["holds"] for word in words] == [False], "who said so is kept"


async def test_what_cannot_be_said_is_refused_in_words(client: httpx.AsyncClient) -> None:
    """A slip would silence nothing, or everything, and nobody would know who it was."""
    silence = {"subject": ACME, "for": "1h", **ADA}
    for wrong, words in (
        (silence | {"subject": "company:ACNE"}, "did you mean"),
        (silence | {"for": "soon"}, "for: "),
        (silence | {"for": "-1"}, "for: "),
        (silence | {"for": "3y"}, "for: "),
        (silence | {"for": "400d"}, "for: "),
        (silence | {"who": "  "}, "who: "),
        (silence | {"until": "now"}, "until: "),
        ({"subject": ACME, "for": "1h"}, "who: "),
    ):
        answer = await client.post("/api/silences", json=wrong)
        assert (answer.status_code, words in answer.json()["error"]) == (400, True), wrong
    listed = await client.post("/api/silences", json=silence | {"subject": "company:TSLA"})
    assert listed.status_code == 201, "a company that has no news yet"
    assert (await client.post("/api/alerts/x/acknowledgement", json=ADA)).status_code == 404
    assert (await client.post("/api/silences/x/end", json=ADA)).status_code == 404


async def test_an_alert_that_is_over_is_not_taken_care_of(topics: Topics) -> None:
    """Somebody would call about what has passed."""
    over = fold(topics)
    async with serving(over) as client:
        answer = await client.post(f"/api/alerts/{id_of(over)}/acknowledgement", json=ADA)
    assert (answer.status_code, "over" in answer.json()["error"]) == (409, True)


async def test_another_site_cannot_silence_through_a_browser(
    client: httpx.AsyncClient, view: NewsView
) -> None:
    """Any page on the web could silence the desk of whoever opens it."""
    path, body = f"/api/alerts/{id_of(view)}/acknowledgement", orjson.dumps(ADA)
    own = str(client.base_url).rstrip("/")
    json = {"Content-Type": "application/json"}
    for headers, status in (
        ({"Content-Type": "text/plain"}, 415),
        ({"Content-Type": "application/x-www-form-urlencoded"}, 415),
        ({}, 415),
        (json | {"Origin": "https://evil.example"}, 403),
        (json | {"Origin": own.replace("127.0.0.1", "localhost")}, 403),
        (json | {"Origin": f"{own}1"}, 403),
        (json | {"Origin": "null"}, 403),
        (json | {"Origin": "http://["}, 403),
        (json | {"Sec-Fetch-Site": "cross-site"}, 403),
        (json | {"Sec-Fetch-Site": "same-site"}, 403),
        (json | {"Host": "evil.example"}, 421),
    ):
        answer = await client.post(path, content=body, headers=headers)
        assert answer.status_code == status, headers
    preflight = await client.options(path, headers={"Origin": "https://evil.example"})
    assert "Access-Control-Allow-Origin" not in preflight.headers
    assert view.silences.book.everything() == []
    allowed = json | {"Origin": own, "Sec-Fetch-Site": "same-origin"}
    assert (await client.post(path, content=body, headers=allowed)).status_code == 201


async def test_whoever_silences_has_the_token(view: NewsView) -> None:
    """Anybody on the network could silence the desk."""
    token = SecretStr("s3cret")
    async with serving(view, token=token, host="0.0.0.0") as client:  # noqa: S104 - only settings
        paths = (f"/api/alerts/{id_of(view)}/acknowledgement", "/api/silences/x/end")
        for path in (*paths, "/api/silences"):
            assert (await client.post(path, json=ADA)).status_code == 401, path
        assert view.silences.book.everything() == []
        right = {"Authorization": "Bearer s3cret"}
        assert (await client.post(paths[0], json=ADA, headers=right)).status_code == 201


async def test_what_kafka_does_not_take_is_no_silence(view: NewsView) -> None:
    """A person would rely on a silence that does not hold."""

    async def refuse(_: Silence) -> None:
        raise Misconfigured("no right to write to news.silences")

    async with serving(view, refuse) as client:
        answer = await client.post(f"/api/alerts/{id_of(view)}/acknowledgement", json=ADA)
    assert (answer.status_code, "no right" in answer.json()["error"]) == (503, True)


async def test_a_body_that_drips_is_given_up(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few senders that never finish would hold connections for ever."""
    monkeypatch.setattr(request_check, "BODY_SECONDS", 0.3)

    async def drip() -> AsyncIterator[bytes]:
        for _ in range(50):
            yield b" "
            await asyncio.sleep(0.1)

    headers = {"Content-Type": "application/json"}
    answer = await client.post("/api/silences", content=drip(), headers=headers)
    assert answer.status_code == 408


def test_the_stream_tells_when_a_silence_begins_and_ends(view: NewsView) -> None:
    """A page that stays open would show a silence that has ended, or none that holds."""
    start = datetime(2026, 3, 3, 8, tzinfo=UTC)
    said = new_silence("company:AC*", timedelta(hours=1), who="ada", why="", now=start)

    def told(minutes: float) -> list[Any]:
        now = start + timedelta(minutes=minutes)
        changes = view.silences.take_changes(now)
        return [
            (row["id"], row["silenced"] is not None)
            for row in silences_event(view, changes, now.timestamp())
        ]

    assert told(0) == []
    heard(view, said)
    assert told(1) == [(id_of(view), True)]
    assert told(2) == []
    assert told(61) == [(id_of(view), False)], "without a record"


def test_a_silence_that_cannot_be_read_does_not_hold(view: NewsView) -> None:
    """An alert would be shown as silenced, and workers tell of it."""
    now = datetime.now(UTC)
    said = new_silence(ACME, timedelta(hours=1), who="ada", why="", now=now)
    heard(view, said)
    assert view.silences.book.covering(ACME, now)
    broken = Stored(SILENCES.topic, 0, 1, 0, said.id.encode(), b"{", [])
    view.take(SILENCES.topic, broken)
    assert view.silences.book.covering(ACME, now) is None
    assert view.unreadable == 1
