"""The subjects that exist, so that a misspelt one is not silenced without effect."""

from collections.abc import Collection, Iterable, Iterator
from difflib import get_close_matches
from fnmatch import fnmatchcase
from typing import Final

import structlog

from detection.population import SUBJECT_PREFIX
from nlp.companies.finder import listed_companies
from nlp.companies.settings import CompanySettings
from nlp.tasks import TOPICS
from schemas.alert import MARKET

_log = structlog.get_logger(__name__)
_MAX_SUGGESTIONS: Final = 3
_SIMILARITY: Final = 0.6
"""The least similarity of a suggestion, from 0 to 1."""
_ENTRY: Final = f"d|{SUBJECT_PREFIX}".encode()


def subjects_of(tickers: Iterable[str], topics: Iterable[str]) -> set[str]:
    """Return the subjects of companies and topics, and the market's."""
    companies = {f"company:{ticker}" for ticker in tickers}
    return companies | {f"topic:{topic}" for topic in topics} | {MARKET}


def listed_subjects(settings: CompanySettings) -> set[str]:
    """Return the subjects of all companies and topics that are listed, and the market's.

    Raises:
        BadTable: The user's list of companies can't be used.
    """
    return subjects_of((company.ticker for company in listed_companies(settings)), TOPICS)


def remembered_subjects(keys: Iterable[bytes | None]) -> Iterator[str]:
    """Yield the subjects that the detector has counted, from the keys of its changelog.

    >>> list(remembered_subjects([b"d|subject|company:ACME", b"l|0.1", b"d|clock", None]))
    ['company:ACME']
    """
    for key in keys:
        if key and key.startswith(_ENTRY):
            yield key.removeprefix(_ENTRY).decode("utf-8", "replace")


def matching(pattern: str, subjects: Iterable[str]) -> list[str]:
    """Return the subjects that a pattern of `detect.silenced` or of a silence covers, sorted."""
    return sorted(subject for subject in subjects if fnmatchcase(subject, pattern))


def nearest(wrong: str, subjects: Collection[str]) -> list[str]:
    """Return the subjects that somebody who wrote ``wrong`` may have meant, most likely first.

    >>> subjects = {"company:TSLA", "company:TSM", "topic:earnings", "market:all"}
    >>> nearest("TSLA", subjects), nearest("topic:earning", subjects), nearest("Q", subjects)
    (['company:TSLA'], ['topic:earnings'], [])
    """
    kind, _, name = wrong.casefold().rpartition(":")
    by_name: dict[str, list[str]] = {}
    for subject in sorted(subjects):
        if not kind or subject.startswith(f"{kind}:"):
            by_name.setdefault(subject.partition(":")[2].casefold(), []).append(subject)
    if name in by_name:
        return by_name[name][:_MAX_SUGGESTIONS]
    close = get_close_matches(name, by_name, _MAX_SUGGESTIONS, _SIMILARITY)
    names = [subject for other in close for subject in by_name[other]]
    if not names and kind:
        return nearest(name, subjects)
    return names[:_MAX_SUGGESTIONS]


def uncovering(patterns: Iterable[str], subjects: Collection[str]) -> Iterator[tuple[str, str]]:
    """Yield each pattern that covers none of ``subjects``, and what may help.

    >>> dict(uncovering(["company:TSLAA", "topic:*"], {"company:TSLA", "topic:macro"}))
    {'company:TSLAA': 'did you mean company:TSLA? If not, and producers do name it so, leave it'}
    """
    for pattern in patterns:
        if not matching(pattern, subjects):
            meant = ", ".join(nearest(pattern, subjects))
            guess = f"did you mean {meant}? If not, and" if meant else "if"
            yield pattern, f"{guess} producers do name it so, leave it"


def warn_of_misspelt(patterns: Collection[str], companies: CompanySettings) -> None:
    """Log the patterns of `detect.silenced` that cover nothing; they would silence nobody.

    Raises:
        BadTable: The user's list of companies can't be used.
    """
    if patterns:
        for pattern, remedy in uncovering(patterns, listed_subjects(companies)):
            _log.warning(
                "a pattern of detect.silenced covers nothing that is listed",
                pattern=pattern,
                remedy=remedy,
            )
