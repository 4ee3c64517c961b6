"""The page of topics and of the records on them."""

from collections.abc import Iterator
from typing import Any, Final

import orjson

from schemas.channels import CHANNELS
from schemas.dead_letter import HEADERS, DeadLetter
from schemas.documents.export import documents
from tools.reference.forms import fields, form
from tools.reference.markdown import cell, code, page, table

_FOLDER: Final = "../../schemas/generated"
_INTRODUCTION: Final = f"""\
Records are JSON, with the attributes of CloudEvents in their headers. The same as documents for
programs: an [AsyncAPI 3 document]({_FOLDER}/asyncapi.json) of all topics, and a JSON Schema of each
record, named below. [Reading topics](../reading-topics.md) says how other clients read them, and
[feeds](../feeds.md) which fields of producers are read as what. Names of topics begin with
`kafka.prefix`."""


def records_page() -> str:
    """Return the page: all topics, and the fields of each record."""
    rows = [
        [
            code(each.topic),
            cell(each.summary),
            cell(each.key),
            ", ".join(map(code, each.writers)),
            ", ".join(map(code, each.readers)),
            ", ".join(each.cleanup),
        ]
        for each in CHANNELS
    ]
    heads = ["topic", "what is on it", "key", "written by", "read by", "cleanup"]
    return page("Topics and records", _INTRODUCTION, table(heads, rows), *_records())


def _records() -> Iterator[str]:
    seen: set[str] = set()
    for name, text in sorted(documents().items()):
        if name.endswith(".schema.json"):
            schema = orjson.loads(text)
            if schema["title"] == DeadLetter.__name__:
                for field, header in HEADERS.items():
                    schema["properties"][field]["description"] = f"Header {code(header)}"
            yield from _record(schema, f"As a document: [{name}]({_FOLDER}/{name}).")
            for title, inner in schema.get("$defs", {}).items():
                if title not in seen:
                    seen.add(title)
                    yield from _record({"title": title, **inner}, "")


def _record(schema: dict[str, Any], document: str) -> Iterator[str]:
    yield f"## {schema['title']}"
    yield f"{cell(str(schema.get('description', '')))} {document}".strip()
    yield fields(schema) if "properties" in schema else f"It is {form(schema)}."
