"""The OpenAPI document of ``newsquake serve ingest``."""

from typing import Any, Final

from infra.intake.request_body import LINES, SINGLE
from schemas.documents.incoming_document import incoming_schema

_WORDS: Final = {
    "400": "The body is no JSON, or holds no article that can be read",
    "401": "The token is missing or wrong",
    "408": "The body was not sent in time",
    "413": "The body is larger than serve.max_bytes",
    "415": "The media type is none of those above",
    "421": "There is no token, and the Host header names another machine than this one",
    "429": "Kafka is behind: send again after Retry-After seconds",
    "503": "Kafka did not take an article: send again; what was taken is recognised",
}


def document(version: str) -> dict[str, Any]:
    """Return the document, in OpenAPI 3.1."""
    article, answer = _schema("Article"), _schema("Answer")
    content = {
        kind: {"schema": {"oneOf": [article, {"type": "array", "items": article}]}}
        for kind in sorted(SINGLE)
    } | {kind: {"schema": {"type": "string"}} for kind in sorted(LINES)}
    responses = {
        status: {"description": words, "content": {"application/json": {"schema": answer}}}
        for status, words in {"202": "Kafka has the accepted articles", **_WORDS}.items()
    }
    headers = [
        _header("Idempotency-Key", "The identity of a single article, if the sender chooses it"),
        _header("Newsquake-Profile", "The profile that the articles are read with"),
    ]
    operation = {
        "summary": "Send articles",
        "parameters": headers,
        "requestBody": {"required": True, "content": content},
        "responses": responses,
        "security": [{}, {"token": []}],
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Newsquake ingest", "version": version},
        "paths": {"/articles": {"post": operation}},
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Article": incoming_schema(), "Answer": _ANSWER},
        },
    }


_ITEM: Final = {
    "type": "object",
    "required": ["index", "status"],
    "properties": {
        "index": {"type": "integer", "description": "The article's number in the request, from 0"},
        "status": {"enum": ["accepted", "refused", "failed"]},
        "id": {"type": "string", "description": "The identity under which it is counted"},
        "published": {"type": "string", "format": "date-time"},
        "warnings": {"type": "array", "items": {"type": "string"}},
        "reason": {"type": "string", "description": "A stable code"},
        "field": {"type": "string"},
        "problem": {"type": "string", "description": "What is wrong, and the remedy"},
    },
}
_ANSWER: Final = {
    "type": "object",
    "properties": {
        "accepted": {"type": "integer"},
        "refused": {"type": "integer"},
        "failed": {"type": "integer"},
        "error": {"type": "string"},
        "items": {"type": "array", "items": _ITEM},
    },
}


def _schema(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}


def _header(name: str, words: str) -> dict[str, Any]:
    return {"name": name, "in": "header", "description": words, "schema": {"type": "string"}}
