"""Why an article was read as it was: an answer that takes a model."""

from aiohttp import web

from dashboard.api.json_body import json_answer
from dashboard.explaining import Explaining
from dashboard.view.news_view import NewsView
from nlp.classifier import ModelError, ModelMissing


class Why:
    """Explains the articles that are remembered.

    Args:
        view: The articles.
        explaining: Asks the model.
    """

    def __init__(self, view: NewsView, explaining: Explaining) -> None:
        self._view = view
        self._explaining = explaining

    def routes(self) -> list[web.RouteDef]:
        """Return the addresses."""
        return [web.get("/api/articles/{id}/why", self.explain)]

    async def explain(self, request: web.Request) -> web.Response:
        """Answer with the words by which an article is read as negative, or as not."""
        kept = self._view.articles.get(request.match_info["id"])
        if kept is None:
            raise web.HTTPNotFound(text="no article with this key is remembered")
        scored = kept.records()[0]
        if scored.unread:
            raise web.HTTPConflict(text="no model reads its language: it counts for nothing")
        try:
            reason = await self._explaining.explain(scored)
        except ModelMissing as error:
            text = f"the dashboard can't explain it: {error} (newsquake[explain] has all it takes)"
            raise web.HTTPServiceUnavailable(text=text) from None
        except ModelError as error:
            text = f"the model does not explain this text: {error}"
            raise web.HTTPServiceUnavailable(text=text) from None
        return json_answer(reason._asdict())
