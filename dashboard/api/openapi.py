"""The OpenAPI document of the dashboard's JSON API."""

from typing import Any, Final

from pydantic.json_schema import models_json_schema

from dashboard.api.silencing import Acknowledging, Ending, Silencing
from schemas.alert import Alert
from schemas.scored import ScoredArticle

_FAILURES: Final = {
    "401": "The token is missing or wrong",
    "421": "There is no token, and the request does not name this machine",
}
_COMPONENT: Final = "#/components/schemas/"
_LIMIT: Final = ("limit", "At most so many rows, up to 500", {"type": "integer"})

Parameter = tuple[str, str, dict[str, Any]]


def document(version: str) -> dict[str, Any]:
    """Return the document, in OpenAPI 3.1."""
    _, models = models_json_schema(
        [
            *((model, "serialization") for model in (Alert, ScoredArticle)),
            *((model, "validation") for model in (Acknowledging, Ending, Silencing)),
        ],
        ref_template=_COMPONENT + "{model}",
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
            "schemas": {**models["$defs"], **_SCHEMAS},
        },
    }


def _operations() -> list[tuple[str, str, dict[str, Any]]]:
    state = ("state", "Which alerts", {"enum": ["all", "open", "resolved"], "default": "all"})
    hours = ("hours", "Hours of event time before the present", {"type": "number", "default": 72})
    names = ("subject", "A subject; may be repeated", {"type": "array", "items": _TEXT})
    words = ("q", "Words that all must be in headline, source or companies", _TEXT)
    subject = ("subject", "Only those about it, or with it as a member", _TEXT)
    return [
        ("/api/now", "get", _get("All subjects, and the open alerts", "Now")),
        ("/api/traces", "get", _get("Traces of needles", "Traces", names, hours)),
        ("/api/alerts", "get", _get("Alerts, the latest first", "Alerts", state, subject, _LIMIT)),
        ("/api/alerts/{id}", "get", _get("One alert, with its life", "AlertPage")),
        ("/api/subjects/{id}", "get", _get("One subject", "SubjectPage")),
        ("/api/articles", "get", _get("Articles, the latest first", "Articles", words, _LIMIT)),
        ("/api/articles/{id}", "get", _get("One article, with its records", "ArticlePage")),
        ("/api/articles/{id}/raw", "get", _get("Its record on news.raw", "OriginalPage")),
        ("/api/flow", "get", _get("The state of the pipeline", "Flow")),
        ("/api/doctor", "get", _get("The doctor's findings, after some seconds", "Findings")),
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
            "200": _content(summary, {"$ref": _COMPONENT + schema}),
            **{status: _content(words, _ERROR) for status, words in _FAILURES.items()},
        },
        "security": [{}] if is_open else _SECURITY,
    }
    described: list[dict[str, Any]] = [
        {"name": name, "in": "query", "description": words, "schema": form}
        for name, words, form in parameters
    ]
    if schema.endswith("Page"):
        described.append({"name": "id", "in": "path", "required": True, "schema": _TEXT})
        operation["responses"]["404"] = _content("It is not remembered", _ERROR)
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
    content = {"application/json": {"schema": {"$ref": _COMPONENT + body}}}
    operation: dict[str, Any] = {
        "summary": summary,
        "requestBody": {"required": True, "content": content},
        "responses": {
            "201": _content("It holds", {"$ref": _COMPONENT + "Said"}),
            **{status: _content(words, _ERROR) for status, words in (failures | _FAILURES).items()},
        },
        "security": _SECURITY,
    }
    if body != "Silencing":
        operation["parameters"] = [{"name": "id", "in": "path", "required": True, "schema": _TEXT}]
    return operation


def _content(words: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"description": words, "content": {"application/json": {"schema": schema}}}


def _object(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all of some properties, and perhaps others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def _list(schema: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": schema}


_TEXT: Final[dict[str, Any]] = {"type": "string"}
_NUMBER: Final[dict[str, Any]] = {"type": "number"}
_TIME: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_REST: Final[dict[str, Any]] = {"type": "object"}
_ERROR: Final = _object(error=_TEXT)
_SECURITY: Final[list[dict[str, list[str]]]] = [{}, {"token": []}, {"session": []}]
_FEED: Final = _object(
    state={"enum": ["connecting", "reading", "live", "away"]}, share=_NUMBER, problem=_TEXT
)
_SAID: Final = _object(
    id=_TEXT, kind={"enum": ["silence", "acknowledgement"]}, subject=_TEXT, who=_TEXT, why=_TEXT,
    since=_TIME, holds={"type": "boolean"},
)  # fmt: skip
_SAID_OR_NONE: Final[dict[str, Any]] = {"anyOf": [{"$ref": _COMPONENT + "Said"}, {"type": "null"}]}
_ALERT_ROW: Final = _object(
    id=_TEXT, subject=_TEXT, status=_TEXT, open={"type": "boolean"}, severity=_TEXT, onset=_TIME,
    fired_at=_TIME, changed_at=_TIME, evidence=_NUMBER, effect=_NUMBER, summary=_TEXT,
    silenced=_SAID_OR_NONE, acknowledged=_SAID_OR_NONE, fired_silenced={"type": "boolean"},
)  # fmt: skip
_SUBJECT_ROW: Final = _object(
    subject=_TEXT, deflection=_NUMBER, evidence=_NUMBER, signals={"type": "integer"}, latest=_TIME
)
_ARTICLE_ROW: Final = _object(
    key=_TEXT, headline=_TEXT, source=_TEXT, published=_TIME, negative=_NUMBER, neutral=_NUMBER,
    positive=_NUMBER, subjects=_list(_TEXT),
)  # fmt: skip
_ALERT_REF: Final = {"$ref": _COMPONENT + "AlertRow"}
_SUBJECT_REF: Final = {"$ref": _COMPONENT + "SubjectRow"}
_ARTICLE_REF: Final = {"$ref": _COMPONENT + "ArticleRow"}
_ROWS_OF_NUMBERS: Final = _list(_list(_NUMBER))
_SCHEMAS: Final = {
    "Feed": _FEED,
    "Said": _SAID,
    "Silences": _object(silences=_list({"$ref": _COMPONENT + "Said"})),
    "AlertRow": _ALERT_ROW,
    "SubjectRow": _SUBJECT_ROW,
    "ArticleRow": _ARTICLE_ROW,
    "Now": _object(now=_TIME, subjects=_list(_SUBJECT_REF), alerts=_list(_ALERT_REF), feed=_FEED),
    "Traces": {
        "type": "object",
        "additionalProperties": _object(bins=_ROWS_OF_NUMBERS, pulses=_ROWS_OF_NUMBERS),
    },
    "Alerts": _object(alerts=_list(_ALERT_REF)),
    "AlertPage": {
        "allOf": [
            _ALERT_REF,
            _object(
                alert={"$ref": _COMPONENT + "Alert"},
                changes=_list(_REST),
                words=_list({"$ref": _COMPONENT + "Said"}),
                headlines=_list(_REST),
                traces={"type": "object", "additionalProperties": _ROWS_OF_NUMBERS},
            ),
        ]
    },
    "SubjectPage": {
        "allOf": [
            _SUBJECT_REF,
            _object(
                trace=_ROWS_OF_NUMBERS,
                alerts=_list(_ALERT_REF),
                heat=_object(days=_list(_TEXT), rows=_list(_REST)),
                articles=_list(_ARTICLE_REF),
            ),
        ]
    },
    "Articles": _object(articles=_list(_ARTICLE_REF)),
    "ArticlePage": {
        "allOf": [
            _ARTICLE_REF,
            _object(
                times=_object(published=_TIME, sent=_TIME, scored=_TIME),
                records=_list({"$ref": _COMPONENT + "ScoredArticle"}),
                alerts=_list(_ALERT_REF),
            ),
        ]
    },
    "OriginalPage": _object(
        place=_TEXT, sent=_NUMBER, headers=_list(_list(_TEXT)), value=_TEXT, size=_NUMBER
    ),
    "Flow": _object(feed=_FEED, agents=_list(_REST), rates=_REST, reasons=_list(_REST)),
    "Findings": _object(
        findings=_list(_object(check=_TEXT, status=_TEXT, detail=_TEXT, remedy=_TEXT))
    ),
}
_STREAM: Final = {
    "summary": "Server-sent events: needles, alert, silences and flow",
    "description": "`needles` has the needles that moved, twice a second at most; `alert` has an "
    "AlertRow for each change of an alert; `silences` has the rows of alerts about which people "
    "said something, or whose silence ended; `flow` has what /api/flow answers. Who can't keep up "
    "is sent away and connects again.",
    "responses": {
        "200": {"description": "Events", "content": {"text/event-stream": {"schema": _TEXT}}},
        "401": _content(_FAILURES["401"], _ERROR),
    },
    "security": _SECURITY,
}
_SESSION: Final = {
    "summary": "Show the token once, and get a cookie",
    "requestBody": {"content": {"application/json": {"schema": _object(token=_TEXT)}}},
    "responses": {
        "200": _content("The cookie is set", _object(seconds=_NUMBER)),
        "401": _content("The token is wrong", _ERROR),
    },
    "security": [{}],
}
