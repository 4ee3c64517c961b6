"""Bodies of requests and answers as JSON."""

from datetime import datetime
from typing import Any, TypeVar

import orjson
from aiohttp import web
from pydantic import BaseModel, ValidationError

from infra.http.request_check import read_body

Content = TypeVar("Content", bound=BaseModel)


async def content_of(request: web.Request, model: type[Content]) -> Content:
    """Return the body of a request as a model.

    Raises:
        web.HTTPUnsupportedMediaType: It does not say that it is JSON, as a form of another site
            can't.
        web.HTTPBadRequest: It is not what is asked for.
    """
    if request.content_type != "application/json":
        raise web.HTTPUnsupportedMediaType(text="send JSON, with content-type application/json")
    try:
        return model.model_validate_json(await read_body(request))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False, include_input=False)
        places = [".".join(map(str, problem["loc"])) or "body" for problem in problems]
        text = "; ".join(
            f"{place}: {problem['msg']}" for place, problem in zip(places, problems, strict=True)
        )
        raise web.HTTPBadRequest(text=text) from None


def json_answer(
    content: Any, status: int = 200, headers: dict[str, str] | None = None
) -> web.Response:
    """Return an answer in JSON."""
    return web.Response(
        body=orjson.dumps(content, default=_text),
        status=status,
        headers=headers,
        content_type="application/json",
    )


def _text(value: Any) -> str:
    """Return what orjson can't write as text."""
    return value.isoformat() if isinstance(value, datetime) else str(value)
