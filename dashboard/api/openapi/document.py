"""The OpenAPI document of the dashboard's JSON API."""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from dashboard.api.openapi.answer_schemas import COMPONENT, ERROR, NUMBER, SCHEMAS, TEXT, an_object
from dashboard.api.silencing import Acknowledging, Ending, Silencing
from schemas.alert import Alert
from schemas.scored import ScoredArticle

_FAILURES: Final = {
    "401": "The token is missing or wrong",
    "421": "There is no token, and the request does not name this machine",
}
_SECURITY: Final[list[dict[str, list[str]]]] = [{}, {"token": []}, {"session": []}]
_LIMIT: Final = ("limit", "At most so many rows, up to 500", {"type": "integer"})

Parameter = tuple[str, str, dict[str, Any]]


def document(version: str) -> dict[str, Any]:
    """Return the document, in OpenAPI 3.1."""
    _, models = models_json_schema(
        [
            *((model, "serialization") for model in (Alert, ScoredArticle)),
            *((model, "validation") for model in (Acknowledging, Ending, Silencing)),
        ],
        ref_template=COMPONENT + "{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for path, method, operation in _operations():
        paths.setdefault(path, {})[method] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Newsquake dashboard", "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer"},
                "session": {"type": "apiKey", "in": "cookie", "name": "newsquake"},
            },
            "schemas": {**models["$defs"], **SCHEMAS},
        },
    }


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    state = ("state", "Which alerts", {"enum": ["all", "open", "resolved"], "default": "all"})
    hours = ("hours", "Hours of event time before the present", {"type": "number", "default": 72})
    names = ("subject", "A subject; may be repeated", {"type": "array", "items": TEXT})
    words = ("q", "Words that all must be in headline, source or companies", TEXT)
    subject = ("subject", "Only those about it, or with it as a member", TEXT)
    return [
        ("/api/now", "get", _get("All subjects, and the open alerts", "Now")),
        ("/api/traces", "get", _get("Traces of needles", "Traces", names, hours)),
        ("/api/alerts", "get", _get("Alerts, the latest first", "Alerts", state, subject, _LIMIT)),
        ("/api/alerts/{id}", "get", _get("One alert, with its life", "AlertPage")),
        ("/api/subjects/{id}", "get", _get("One subject", "SubjectPage")),
        ("/api/articles", "get", _get("Articles, the latest first", "Articles", words, _LIMIT)),
        ("/api/articles/{id}", "get", _get("One article, with its records", "ArticlePage")),
        ("/api/articles/{id}/raw", "get", _get("Its record on news.raw", "OriginalPage")),
        ("/api/articles/{id}/why", "get", _get("Words that make it negative, or not", "WhyPage")),
        ("/api/flow", "get", _get("The state of the pipeline", "Flow")),
        ("/api/doctor", "get", _get("The doctor's findings, after some seconds", "Findings")),
        ("/api/replay-plan", "get", _get("What a replay of dead letters would do", "ReplayPlan")),
        ("/api/live", "get", _get("How far the dashboard has read", "Feed", is_open=True)),
        ("/api/stream", "get", _STREAM),
        ("/api/session", "post", _SESSION),
        ("/api/silences", "get", _get("Silences and acknowledgements that hold", "Silences")),
        ("/api/silences", "post", _say("Silence a subject", "Silencing")),
        (
            "/api/alerts/{id}/acknowledgement",
            "post",
            _say("Take care of an alert", "Acknowledging"),
        ),
        ("/api/silences/{id}/end", "post", _say("End a silence, or an acknowledgement", "Ending")),
    ]


def _get(
    summary: str, schema: str, *parameters: Parameter, is_open: bool = False
) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": summary,
        "responses": {
            "200": _content(summary, {"$ref": COMPONENT + schema}),
            **{status: _content(words, ERROR) for status, words in _FAILURES.items()},
        },
        "security": [{}] if is_open else _SECURITY,
    }
    described: list[dict[str, Any]] = [
        {"name": name, "in": "query", "description": words, "schema": form}
        for name, words, form in parameters
    ]
    if schema.endswith("Page"):
        described.append({"name": "id", "in": "path", "required": True, "schema": TEXT})
        operation["responses"]["404"] = _content("It is not remembered", ERROR)
    return operation | ({"parameters": described} if described else {})


def _say(summary: str, body: str) -> dict[str, Any]:
    """Return an operation by which people say something about alerts."""
    failures = {
        "400": "Something is missing, or the subject does not exist",
        "403": "The request comes from another site",
        "404": "Nothing has this id",
        "409": "The alert is over",
        "415": "The request does not say that it is JSON",
        "503": "Kafka did not take it",
    }
    content = {"application/json": {"schema": {"$ref": COMPONENT + body}}}
    operation: dict[str, Any] = {
        "summary": summary,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "201": _content("It holds", {"$ref": COMPONENT + "Said"}),
            **{status: _content(words, ERROR) for status, words in (failures | _FAILURES).items()},
        },
        "security": _SECURITY,
    }
    if body != "Silencing":
        operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": TEXT}]
    return operation


def _content(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


_STREAM: Final = {
    "summary": "Server-sent events: needles, alert, silences and flow",
    "description": "`needles` has the needles that moved, twice a second at most; `alert` has an "
    "AlertRow for each change of an alert; `silences` has the rows of alerts about which people "
    "said something, or whose silence ended; `flow` has what /api/flow answers. Who can't keep up "
    "is sent away and connects again.",
    "responses": {
        "200": {"description": "Events", "content": {"text/event-stream": {"schema": TEXT}}},
        "401": _content(_FAILURES["401"], ERROR),
    },
    "security": _SECURITY,
}
_SESSION: Final = {
    "summary": "Show the token once, and get a cookie",
    "requestBody": {"content": {"application/json": {"schema": an_object(token=TEXT)}}},
    "responses": {
        "200": _content("The cookie is set", an_object(seconds=NUMBER)),
        "401": _content("The token is wrong", ERROR),
    },
    "security": [{}],
}
