"""Generate the JSON Schema of what producers may send from the table of aliases.

Producers may check against it early. The decoder decides: a schema cannot say which dates are
absurd, or that markup without text makes an empty headline.
"""

from typing import Any, Final

from schemas.identity import HEADER
from schemas.incoming.aliases import ALIASES
from schemas.incoming.limits import MAX_TICKER_CHARACTERS, MAX_TICKERS

Schema = dict[str, Any]

_FORMS: Final[dict[str, Schema]] = {
    "headline": {"description": "Text, or an object with a text in it; markup is removed"},
    "url": {"description": "Text, or an object with one in it"},
    "published": {
        "description": "ISO 8601, RFC 2822, digits such as 20260131, or Unix time in seconds to"
        " nanoseconds; the profile's zone, else UTC; 1970 to 2100",
    },
    "summary": {"description": "Text, or an object with one in it; markup is removed"},
    "companies": {
        "description": "Tickers: a list, a text with any separator, or objects; at most "
        f"{MAX_TICKERS}, none over {MAX_TICKER_CHARACTERS} characters",
    },
    "language": {"description": "BCP 47 tag, or the language's English name"},
    "source": {"description": "Else the CloudEvents source, else the host of the url"},
    "id": {"description": "Unique within source; two records with both equal are one article"},
}


def incoming_schema() -> Schema:
    """Return the schema of a plain JSON article, or of a CloudEvent's data."""
    properties: Schema = {}
    for field, names in ALIASES.items():
        for name in names:
            title = {} if name == names[0] else {"title": f"Alias of {names[0]}"}
            properties.setdefault(name, {**_FORMS[field], **title})
    present = {"type": ["string", "object", "array"], "minLength": 1}
    return {
        "title": "IncomingArticle",
        "description": "An article as producers send it. The first alias with something in it"
        " counts, in any case; fields not named here are kept as extra."
        " A time of publication is required,"
        f" here or as the event's time. The header {HEADER} overrides every identity.",
        "type": "object",
        "properties": properties,
        "anyOf": [
            {"required": [name], "properties": {name: present}} for name in ALIASES["headline"]
        ],
    }
