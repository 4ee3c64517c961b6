"""The JSON Schemas of the API's answers."""

from typing import Any, Final

COMPONENT: Final = "#/components/schemas/"


def an_object(**properties: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of an object that has all of some properties, and perhaps others."""
    return {"type": "object", "properties": properties, "required": list(properties)}


def a_list(schema: dict[str, Any]) -> dict[str, Any]:
    """Return the schema of a list."""
    return {"type": "array", "items": schema}


TEXT: Final[dict[str, Any]] = {"type": "string"}
NUMBER: Final[dict[str, Any]] = {"type": "number"}
_TIME: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_REST: Final[dict[str, Any]] = {"type": "object"}
ERROR: Final = an_object(error=TEXT)
_FEED: Final = an_object(
    state={"enum": ["connecting", "reading", "live", "away"]}, share=NUMBER, problem=TEXT
)
_SAID: Final = an_object(
    id=TEXT, kind={"enum": ["silence", "acknowledgement"]}, subject=TEXT, who=TEXT, why=TEXT,
    since=_TIME, holds={"type": "boolean"},
)  # fmt: skip
_SAID_OR_NONE: Final[dict[str, Any]] = {"anyOf": [{"$ref": COMPONENT + "Said"}, {"type": "null"}]}
_ALERT_ROW: Final = an_object(
    id=TEXT, subject=TEXT, status=TEXT, open={"type": "boolean"}, severity=TEXT, onset=_TIME,
    fired_at=_TIME, changed_at=_TIME, evidence=NUMBER, effect=NUMBER, summary=TEXT,
    silenced=_SAID_OR_NONE, acknowledged=_SAID_OR_NONE, fired_silenced={"type": "boolean"},
)  # fmt: skip
_SUBJECT_ROW: Final = an_object(
    subject=TEXT, deflection=NUMBER, evidence=NUMBER, signals={"type": "integer"}, latest=_TIME
)
_ARTICLE_ROW: Final = an_object(
    key=TEXT, headline=TEXT, source=TEXT, published=_TIME, negative=NUMBER, neutral=NUMBER,
    positive=NUMBER, subjects=a_list(TEXT),
)  # fmt: skip
_ALERT_REF: Final = {"$ref": COMPONENT + "AlertRow"}
_SUBJECT_REF: Final = {"$ref": COMPONENT + "SubjectRow"}
_ARTICLE_REF: Final = {"$ref": COMPONENT + "ArticleRow"}
_ROWS_OF_NUMBERS: Final = a_list(a_list(NUMBER))
SCHEMAS: Final = {
    "Feed": _FEED,
    "Said": _SAID,
    "Silences": an_object(silences=a_list({"$ref": COMPONENT + "Said"})),
    "AlertRow": _ALERT_ROW,
    "SubjectRow": _SUBJECT_ROW,
    "ArticleRow": _ARTICLE_ROW,
    "Now": an_object(
        now=_TIME, subjects=a_list(_SUBJECT_REF), alerts=a_list(_ALERT_REF), feed=_FEED
    ),
    "Traces": {
        "type": "object",
        "additionalProperties": an_object(bins=_ROWS_OF_NUMBERS, pulses=_ROWS_OF_NUMBERS),
    },
    "Alerts": an_object(alerts=a_list(_ALERT_REF)),
    "AlertPage": {
        "allOf": [
            _ALERT_REF,
            an_object(
                alert={"$ref": COMPONENT + "Alert"},
                changes=a_list(_REST),
                words=a_list({"$ref": COMPONENT + "Said"}),
                headlines=a_list(_REST),
                traces={"type": "object", "additionalProperties": _ROWS_OF_NUMBERS},
            ),
        ]
    },
    "SubjectPage": {
        "allOf": [
            _SUBJECT_REF,
            an_object(
                trace=_ROWS_OF_NUMBERS,
                alerts=a_list(_ALERT_REF),
                heat=an_object(days=a_list(TEXT), rows=a_list(_REST)),
                articles=a_list(_ARTICLE_REF),
            ),
        ]
    },
    "Articles": an_object(articles=a_list(_ARTICLE_REF)),
    "ArticlePage": {
        "allOf": [
            _ARTICLE_REF,
            an_object(
                times=an_object(published=_TIME, sent=_TIME, scored=_TIME),
                records=a_list({"$ref": COMPONENT + "ScoredArticle"}),
                alerts=a_list(_ALERT_REF),
            ),
        ]
    },
    "OriginalPage": an_object(
        place=TEXT, sent=NUMBER, headers=a_list(a_list(TEXT)), value=TEXT, size=NUMBER
    ),
    "WhyPage": an_object(
        model=TEXT, scored_by=TEXT, negative=NUMBER, method=TEXT, words=a_list({"type": "array"})
    ),
    "Flow": an_object(
        feed=_FEED,
        agents=a_list(_REST),
        rates=_REST,
        reasons=a_list(_REST),
        ports=a_list(TEXT),
        models=a_list(an_object(address=TEXT, model=TEXT, circuit=TEXT, problem=TEXT)),
    ),
    "ReplayPlan": an_object(
        rows=a_list(an_object(reason=TEXT, agent=TEXT, replayed=NUMBER, kept=NUMBER, command=TEXT)),
        kept=_REST,
        examples=a_list(a_list(TEXT)),
        is_bounded={"type": "boolean"},
    ),
    "Findings": an_object(
        findings=a_list(an_object(check=TEXT, status=TEXT, detail=TEXT, remedy=TEXT))
    ),
}
