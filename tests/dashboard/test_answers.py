"""Answers of the API, against the document that describes them."""

from datetime import timedelta
from typing import Any

import jsonschema
import orjson
import pytest

from agents.cluster_layout import ClusterLayout
from dashboard.api import answers
from dashboard.api.events import needles_event
from dashboard.api.flow_answer import feed_answer
from dashboard.api.openapi.document import document
from dashboard.api.rows import alert_row, article_row
from dashboard.api.server import Server
from dashboard.feed import Feed
from dashboard.view.news_view import NewsView
from infra.settings.model import Settings
from tests.dashboard.serving import sources_of

ACME = "company:ACME"
DOCUMENT = document("test")


def sent(answer: Any) -> Any:
    """Return an answer as a client reads it."""
    return orjson.loads(orjson.dumps(answer))


def check(answer: Any, schema: str) -> Any:
    """Return an answer as a client reads it; it must be what the document promises."""
    read = sent(answer)
    whole = {"$ref": f"#/components/schemas/{schema}", "components": DOCUMENT["components"]}
    jsonschema.Draft202012Validator(whole).validate(read)
    return read


@pytest.fixture
def feed(view: NewsView) -> Feed:
    """Return a feed that has not been started."""
    return Feed(ClusterLayout(), view, timedelta(days=1))


def test_answers_are_what_the_document_says(view: NewsView, feed: Feed) -> None:
    """A program that relies on the OpenAPI document would break."""
    wall = view.latest + 60
    (story,) = view.alerts.of_subject(ACME)
    (kept, *_) = view.articles.search("bankruptcy", 1)
    now = check(answers.now_answer(view, wall) | {"feed": feed_answer(feed)}, "Now")
    assert now["subjects"][0]["subject"].startswith(("company:", "topic:"))
    deflections = [row["deflection"] for row in now["subjects"]]
    assert deflections == sorted(deflections, reverse=True)
    check({"alerts": [alert_row(view, story, wall) for story in view.alerts]}, "Alerts")
    page = check(answers.alert_answer(view, story, wall), "AlertPage")
    assert page["traces"].keys() == {ACME, "market:all"}
    assert page["headlines"][0]["article"]["headline"] == page["headlines"][0]["text"]
    subject = check(answers.subject_answer(view, ACME, wall), "SubjectPage")
    assert subject["heat"]["rows"]
    assert len(subject["heat"]["days"]) <= 31
    check({"articles": [article_row(kept)]}, "Articles")
    article = check(answers.article_answer(view, kept, wall), "ArticlePage")
    assert article["url"] == "https://wire.example/1"
    traces = check(
        answers.trace_answer(view, [ACME, "company:NONE"], wall - 864_000, wall), "Traces"
    )
    assert traces.keys() == {ACME}


def test_an_event_has_the_needles_that_moved(view: NewsView, feed: Feed) -> None:
    """A browser would draw all needles anew twice a second, or none."""
    event = sent(needles_event(view, feed, view.take_changes(), view.latest + 60))
    moved = {name: pulses for name, _, pulses, *_ in event["needles"]}
    assert 1 <= len(moved[ACME]) <= 4
    assert sent(needles_event(view, feed, view.take_changes(), view.latest))["needles"] == []


def test_every_address_is_documented(view: NewsView) -> None:
    """An address would be there that nobody is told of."""
    settings = Settings()
    server = Server(sources_of(view, settings), settings.dashboard)
    routes = {
        (route.resource.canonical, route.method.lower())
        for route in server.application().router.routes()
        if route.resource and route.resource.canonical.startswith("/api/")
        if route.method != "HEAD"
    }
    documented = {
        (path, method) for path, methods in DOCUMENT["paths"].items() for method in methods
    }
    assert routes - {("/api/openapi.json", "get")} == documented
