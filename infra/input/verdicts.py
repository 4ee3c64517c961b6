"""Verdicts on input messages: what the pipeline makes of each of their items."""

import math
from collections import OrderedDict
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final, Literal, NamedTuple

import orjson

from agents.scoring.article_memory import ArticleMemory
from agents.scoring.revisions import News, Said, tell_news
from agents.scoring.subjects import companies, company_subject, company_subjects
from infra.input.messages import InputMessage
from nlp.companies.finder import CompanyFinder
from schemas.incoming.aliases import names_in
from schemas.incoming.reading import DEFAULT_DOOR, Door, Reading

Status = Literal["article", "copy", "update", "correction", "refused"]
"""``update``: a copy that names further companies; ``correction``: one with another headline."""

_MAX_REMEMBERED: Final = 250_000
"""Articles that are remembered for copies, the oldest go first; about 600 bytes each."""
_MAX_VALUE_CHARACTERS: Final = 80
UNREADABLE: Final = "unreadable"
"""The reason code of rows that are no message."""


class Item(NamedTuple):
    """The verdict on one item of a message.

    Attributes:
        message: The message.
        status: What the pipeline makes of the item.
        reading: The article, if it is one.
        code: The stable code of a refusal; empty if there is none.
        reason: The reason why it is refused, or no new article; with the remedy.
        field: The field that is refused; empty if it is none.
        original: File and line of the article that this is a copy of.
        sent: A refused item as it was sent.
    """

    message: InputMessage
    status: Status
    reading: Reading | None = None
    code: str = ""
    reason: str = ""
    field: str = ""
    original: tuple[str, int] | None = None
    sent: bytes = b""

    @property
    def warnings(self) -> tuple[str, ...]:
        """The problems that did not cost the article."""
        own = self.reading.warnings if self.reading else ()
        return (*self.message.warnings, *map(str, own))


class _Remembered(NamedTuple):
    place: tuple[str, int]
    article: ArticleMemory


class Judge:
    """Reads messages as `ingest` does, and tells copies apart by the rule of `score`.

    The rule is `agents.scoring.revisions`, as if all came within `score.window`. The topics of
    articles are left out: they count for nothing but the bound on what is remembered of one.

    Args:
        door: How the pipeline reads the messages.
        finder: Finds companies in texts; without it only those that producers give count.
        now: The Unix time at which the messages are sent; dates far behind it are warned of.

    Attributes:
        finder: The same.
    """

    def __init__(
        self,
        door: Door = DEFAULT_DOOR,
        finder: CompanyFinder | None = None,
        now: float = math.inf,
    ) -> None:
        self._door = door
        self._now = now
        self.finder = finder
        self._articles: OrderedDict[str, _Remembered] = OrderedDict()

    def verdicts(self, message: InputMessage) -> Iterator[Item]:
        """Yield the verdict on each item of ``message``; remember its articles."""
        if message.problem:
            yield Item(message, "refused", None, UNREADABLE, message.problem)
            return
        for item in self._door.read(message.value, message.headers, self._now):
            if isinstance(item, Reading):
                yield self.verdict_on(message, item)
            else:
                refusal = item.refusal
                yield Item(
                    message,
                    "refused",
                    None,
                    refusal.reason,
                    str(refusal),
                    refusal.field,
                    sent=item.value or message.value,
                )

    def verdict_on(self, message: InputMessage, reading: Reading) -> Item:
        """Return the verdict on an article, and remember it."""
        article = reading.article
        before = self._articles.get(article.key)
        said = Said.by(article.to_bytes(), article, self.finder)
        is_copy = before is not None and said.revises(before.article) is None
        subjects = [] if is_copy else company_subjects(companies(article, self.finder))
        news = tell_news(said, before.article if before else None, subjects)
        if before is None:
            before = _Remembered((message.file, message.line), ArticleMemory(0))
        if news is not None:
            self._articles[article.key] = before._replace(article=news.memory)
            if len(self._articles) > _MAX_REMEMBERED:
                self._articles.popitem(last=False)
            if news.revision is None:
                return Item(message, "article", reading)
        status, reason = _revised(news, f"{before.place[0]}:{before.place[1]}")
        return Item(message, status, reading, "", reason, "", before.place)


def _revised(news: News | None, where: str) -> tuple[Status, str]:
    """Return the verdict on a record of an article that was seen before, and its reason."""
    if news is None:
        return "copy", f"is a copy of {where}"
    if news.revision == "correction":
        return "correction", f"corrects {where}"
    names = sorted(subject.name.removeprefix(company_subject("")) for subject in news.subjects)
    return "update", f"adds {', '.join(names)} to {where}"


def first_value(item: Item) -> str:
    """Return the refused value of an item as it was sent; empty if there is none."""
    if not item.field or not item.sent:
        return ""
    try:
        body: Any = orjson.loads(item.sent)
    except orjson.JSONDecodeError:
        return ""
    fields: Mapping[str, Any] = body if isinstance(body, dict) else {}
    names = names_in(fields).get(item.field, ())
    value = next((fields[name] for name in names if fields[name]), None)
    if value is None:
        return ""
    text = repr(value) if isinstance(value, str) else orjson.dumps(value).decode()
    return text if len(text) <= _MAX_VALUE_CHARACTERS else f"{text[:_MAX_VALUE_CHARACTERS]}…"


def is_sendable(items: Sequence[Item]) -> bool:
    """Return whether the pipeline can read anything of a message."""
    return any(item.status != "refused" for item in items)
