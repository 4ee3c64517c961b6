"""The sections of the documentation's site, and which pages stand in which.

They are those of Diátaxis (https://diataxis.fr): a tutorial teaches, a how-to leads to a goal, the
reference says how it is, an explanation says why. A page that no section names stands among the
how-tos, so that a new page needs no change here.
"""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final, NamedTuple

HOME: Final = "docs/index"


class Section(NamedTuple):
    """A part of the site.

    Attributes:
        caption: Its heading.
        patterns: Names of its pages, without a suffix, in their order; ``*`` stands for any text.
    """

    caption: str
    patterns: tuple[str, ...]


SECTIONS: Final = (
    Section("Tutorial", ("docs/tutorial",)),
    Section(
        "How-to",
        (
            "docs/how-to/check-a-feed",
            "docs/how-to/follow-a-feed",
            "docs/how-to/work-with-alerts",
            "docs/dashboard",
            "docs/terminal",
            "docs/notify",
            "docs/backtest",
            "docs/models",
            "docs/how-to/*",
            "docs/dead-letters",
            "docs/troubleshooting",
            "docs/doctor",
            "docs/security",
            "docs/upgrading",
        ),
    ),
    Section(
        "Reference",
        ("docs/reference/*", "docs/feeds", "docs/reading-topics", "docs/metrics", "docs/glossary"),
    ),
    Section(
        "Explanation",
        (
            "ARCHITECTURE",
            "docs/detection",
            "docs/circuit",
            "docs/backups",
            "docs/chaos",
            "docs/benchmarks",
            "docs/labelling",
            "docs/reuters",
            "docs/rss-2023",
            "docs/world-events",
            "nlp/*/MODEL_CARD",
        ),
    ),
    Section("Decisions", ("docs/decisions/README", "docs/decisions/*")),
    Section("Project", ("README", "CHANGELOG", "CONTRIBUTING", "SECURITY", "bench/README", "*")),
)
_UNNAMED: Final = "How-to"
_FOLDER: Final = "docs/"


def placed(pages: Iterable[str]) -> dict[str, list[str]]:
    """Return the pages of each section, by its caption; each page stands in one.

    >>> placed(["docs/new-page", "docs/tutorial", "SECURITY", "docs/index"])["How-to"]
    ['docs/new-page']
    """
    remaining = sorted(set(pages) - {HOME})
    sections: dict[str, list[str]] = {section.caption: [] for section in SECTIONS}
    unnamed = [page for page in remaining if page.startswith(_FOLDER) and not _is_named(page)]
    for caption, patterns in SECTIONS:
        for pattern in patterns:
            chosen = [page for page in remaining if _matches(page, pattern)]
            sections[caption] += [page for page in chosen if page not in unnamed]
            remaining = [page for page in remaining if page not in chosen]
    sections[_UNNAMED] += unnamed
    return sections


def _is_named(page: str) -> bool:
    return any(
        _matches(page, pattern)
        for section in SECTIONS
        for pattern in section.patterns
        if pattern != "*"
    )


def _matches(page: str, pattern: str) -> bool:
    """Return whether a name fits a pattern; ``*`` alone stands for pages of the root."""
    return fnmatchcase(page, pattern) and page.count("/") == pattern.count("/")
