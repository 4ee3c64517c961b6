"""Generate the JSON Schema of what producers may send from the table of aliases.

Producers may check against it early. The decoder decides: a schema cannot say which dates are
absurd, or that markup without text makes an empty headline.
"""

from typing import Any, Final

from schemas.identity import HEADER
from schemas.incoming.aliases import ALIASES
from schemas.incoming.limits import MAX_TICKER_CHARACTERS, MAX_TICKERS

Schema = dict[str, Any]

_TEXT: Final[Schema] = {"type": ["string", "null"]}
_FORMS: Final[dict[str, Schema]] = {
    "headline": {**_TEXT, "description": "Markup and entities are removed"},
    "url": _TEXT,
    "published": {
        "type": ["string", "number", "null"],
        "description": "ISO 8601, RFC 2822, or Unix time in seconds or milliseconds; UTC without a"
        " zone; 1970 to 2100",
    },
    "summary": {**_TEXT, "description": "Markup and entities are removed"},
    "companies": {
        "type": ["array", "string", "null"],
        "items": {"type": "string"},
        "description": "Tickers in a list or comma-separated, with or without $; at most "
        f"{MAX_TICKERS}, none over {MAX_TICKER_CHARACTERS} characters",
    },
    "language": {**_TEXT, "description": "BCP 47 tag"},
    "source": {
        **_TEXT,
        "description": "Else the CloudEvents source, else the host of the url",
    },
}


def incoming_schema() -> Schema:
    """Return the schema of a plain JSON article, or of a CloudEvent's data."""
    properties: Schema = {}
    for field, names in ALIASES.items():
        for name in names:
            title = {} if name == names[0] else {"title": f"Alias of {names[0]}"}
            properties[name] = {**_FORMS[field], **title}
    properties["id"] = {
        "type": ["string", "integer", "null"],
        "description": "Unique within source; two records with both equal are one article",
    }
    present = {"type": "string", "pattern": r"\S"}
    return {
        "title": "IncomingArticle",
        "description": "An article as producers send it. The first alias with something in it"
        " counts, fields not named here are kept as extra. A time of publication is required,"
        f" here or as the event's time. The header {HEADER} overrides every identity.",
        "type": "object",
        "properties": properties,
        "anyOf": [
            {"required": [name], "properties": {name: present}} for name in ALIASES["headline"]
        ],
    }
