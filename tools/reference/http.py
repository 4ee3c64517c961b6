"""The page of the HTTP APIs, from their OpenAPI documents."""

from collections.abc import Iterator
from importlib.metadata import version
from typing import Any, Final

import dashboard.api.openapi.document
import infra.intake.openapi
from tools.reference.forms import fields, form
from tools.reference.markdown import cell, code, page, table

_RECORDS: Final = ("Alert", "ScoredArticle", "Headline", "Article")
"""Schemas that the page of records has."""
_INTRODUCTION: Final = """\
Two commands serve HTTP: `newsquake dashboard` ([page](../dashboard.md#the-api)) and
`newsquake serve ingest` ([page](../how-to/follow-a-feed.md)). Each serves its OpenAPI 3.1 document.
Where a token is set, requests carry `Authorization: Bearer …`. The ports of workers, with
`/metrics`, `/live` and `/ready`, are on the page of [metrics](../metrics.md)."""


def http_page() -> str:
    """Return the page: each operation with its parameters, bodies and answers."""
    release = version("newsquake")
    dashboard_api = dashboard.api.openapi.document.document(release)
    intake = infra.intake.openapi.document(release)
    return page(
        "HTTP APIs",
        _INTRODUCTION,
        "## The dashboard",
        "Its document is at `/api/openapi.json`.",
        *_api(dashboard_api),
        "## The intake",
        "Its document is at `/openapi.json`. [IncomingArticle](records.md#incomingarticle) has the "
        "names of an article's fields.",
        *_api(intake),
    )


def _api(document: dict[str, Any]) -> Iterator[str]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield from _operation(path, method, operation)
    for name, schema in document["components"]["schemas"].items():
        if name not in _RECORDS:
            yield f"### {name}"
            yield from _schema(schema)


def _operation(path: str, method: str, operation: dict[str, Any]) -> Iterator[str]:
    yield f"### {method.upper()} {path}"
    words = [operation["summary"].rstrip(".") + ".", operation.get("description", "")]
    if body := operation.get("requestBody"):
        words.append(f"The request's body: {_content(body['content'])}.")
    yield cell(" ".join(words))
    if parameters := operation.get("parameters"):
        rows = [
            [
                code(each["name"]),
                each["in"],
                _named(form(each["schema"])),
                cell(each.get("description", "")),
            ]
            for each in parameters
        ]
        yield table(["parameter", "in", "type", "meaning"], rows)
    answers = [
        [status, cell(answer["description"]), _content(answer.get("content", {}))]
        for status, answer in operation["responses"].items()
    ]
    yield table(["status", "when", "body"], answers)


def _content(content: dict[str, Any]) -> str:
    forms: dict[str, list[str]] = {}
    for kind, media in content.items():
        forms.setdefault(_named(form(media["schema"])), []).append(code(kind))
    return "; ".join(f"{words} as {', '.join(kinds)}" for words, kinds in forms.items())


def _schema(schema: dict[str, Any]) -> Iterator[str]:
    for part in schema.get("allOf", [schema]):
        if "$ref" in part:
            yield f"All fields of {_named(form(part))}, and:"
        elif "properties" in part:
            yield _named(fields(part, defaults=False))
        else:
            yield f"It is {_named(form(part))}."


def _named(words: str) -> str:
    """Return words with links to records that another page has."""
    for name in _RECORDS:
        target = "incomingarticle" if name == "Article" else name.lower()
        words = words.replace(f"[{name}](#{name.lower()})", f"[{name}](records.md#{target})")
    return words
