"""Why an article was read as it was."""

import sys
from urllib.parse import quote

import pytest

from dashboard.view.news_view import NewsView
from schemas.scored import ScoredArticle
from tests.dashboard.serving import serving
from tests.dashboard.test_answers import check


def key_of(view: NewsView) -> str:
    """Return the key of an article about a bankruptcy."""
    (kept, *_) = view.articles.search("bankruptcy", 1)
    return quote(ScoredArticle.from_bytes(kept.values[0]).article.key, safe="")


async def test_the_words_that_decided_are_told(view: NewsView) -> None:
    """Nobody on the desk could tell a good reading of a headline from a silly one."""
    async with serving(view) as client:
        answer = await client.get(f"/api/articles/{key_of(view)}/why")
        assert answer.status_code == 200, answer.text
        reason = check(answer.json(), "WhyPage")
        assert (await client.get("/api/articles/none/why")).status_code == 404
    values = dict(reason["words"])
    assert min(values["bankruptcy"], values["fraud"]) > 0.5
    assert values["Acme"] == 0.0
    assert reason["negative"] > 0.5
    assert reason["model"] == reason["scored_by"], "the view was scored by the lexicon, too"


async def test_an_extra_that_is_missing_is_named(
    view: NewsView, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The page would say that it did not work, and not what to install."""
    monkeypatch.setitem(sys.modules, "torch", None)
    async with serving(view, model="shipped") as client:
        answer = await client.get(f"/api/articles/{key_of(view)}/why")
        live = await client.get("/api/live")
    assert answer.status_code == 503
    assert "newsquake[explain]" in answer.json()["error"]
    assert live.status_code == 200, "everything else goes on"


@pytest.mark.model
async def test_the_shipped_model_is_explained(view: NewsView) -> None:
    """The model that most people run would be the one that explains nothing."""
    async with serving(view, model="shipped") as client:
        answer = await client.get(f"/api/articles/{key_of(view)}/why")
    reason = check(answer.json(), "WhyPage")
    assert dict(reason["words"])["bankruptcy"] > 0.3
    assert (reason["model"] == reason["scored_by"]) is False
