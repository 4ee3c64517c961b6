"""Draw the headlines that are labelled: ``python -m labelling.sample ../shared/data SHEETS``.

Headlines of prices and results are most of the news; accidents, lawsuits, strikes and the like are
what a desk must not miss. So headlines are drawn by kind, with a quota each, from three archives:
Reuters 2007 to 2009 with the companies that a title names, Reuters titles of 2008, and feeds of
February to April 2023. Of near duplicates one is kept. The same archives give the same sample.
"""

import csv
import gzip
import hashlib
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from pathlib import Path
from typing import Final, NamedTuple

from nlp.evaluation.near_duplicates import shingles

KINDS: Final = {
    "accident": r"explosi|explod|blast|crash|spill|fire\b|fires\b|leak|collaps|derail|killed|kills|"
    r"dead\b|deaths?\b|dies\b|injur|earthquake|quake|hurricane|storm|flood|disaster|reactor|outage|"
    r"blackout|sinks|sinking|evacuat|emergency|hijack|attack|breach|hack",
    "law": r"lawsuit|\bsues?\b|\bsued\b|court|judge|jury|fraud|charge[sd]|indict|probe|investigat|"
    r"inquiry|arrest|guilty|settle|fine[sd]?\b|bribe|launder|insider|subpoena|antitrust|regulator|"
    r"\bSEC\b|plead|prison|jail|sentenc|bankrupt|chapter 11|default",
    "health": r"drug|\bFDA\b|recall|vaccine|poison|outbreak|virus|flu\b|disease|cancer|trial data|"
    r"patients?|contaminat|safety|melamine|salmonella|health",
    "labour": r"strike|union|walkout|layoff|lay off|job cuts?|cut[s]? .*jobs|jobs\b|workers|"
    r"protest|dispute|stoppage|wages?",
    "rating": r"downgrad|upgrad|rating|outlook|watch neg|creditwatch|moody|fitch|S&P|analyst|"
    r"overweight|underweight|price target|RESEARCH ALERT",
    "people": r"\bCEO\b|\bCFO\b|chief|resign|steps? down|quits?\b|appoint|names\b|retire|oust|"
    r"chairman|director|auditor|restat",
    "politics": r"tax|minister|president|congress|senate|parliament|government|sanction|tariff|"
    r"election|war\b|treasury|bailout|nationali[sz]|central bank|\bFed\b|\bECB\b|policy|vote",
    "deal": r"\bbid\b|bids\b|acqui|merger|takeover|buys?\b|\bstake|deal\b|\bIPO\b|joint venture|"
    r"sells?\b|offer",
    "results": r"profit|\bloss|earnings|revenue|sales|quarter|\bQ[1-4]\b|forecast|guidance|results|"
    r"dividend|margin|net\b",
    "market": r"shares|stocks?\b|index|futures|dollar|yen\b|euro\b|bonds?\b|oil\b|gold\b|prices?\b|"
    r"rall(y|ies)|slump|plunge|surge|soar|tumble|fall[s]?\b|rise[s]?\b|jump",
    "notice": r"^(TABLE|DIARY|TEXT|FACTBOX|CALENDAR|PRESS DIGEST|SCHEDULE|BRIEF|TIMELINE)"
    r"|^INDICATORS|calendar|schedule|conference call|to present|to speak|diary|webcast"
    r"|announces date",
    "other": r"",
}
"""Kinds of headlines with the words that show them; the first that matches is the kind."""
QUOTAS: Final = {
    "accident": 1_000,
    "law": 1_150,
    "health": 650,
    "labour": 750,
    "rating": 650,
    "people": 650,
    "politics": 750,
    "deal": 650,
    "results": 750,
    "market": 600,
    "notice": 450,
    "other": 650,
}
"""Headlines drawn of each kind that name at most one company."""
SHARES: Final = {"mentions": 0.3, "titles": 0.45, "feeds": 0.25}
"""Share of a quota by archive: Reuters with a company, Reuters of 2008, feeds of 2023."""
SEVERAL: Final = 1_800
"""Headlines drawn that name two companies or more."""
TEST_WEEKS: Final = 5
"""One week in so many is for the test set."""
MIN_CHARACTERS: Final = 20
"""A shorter title says too little."""
MAX_SIMILARITY: Final = 0.6
"""Share of 5-shingles that two headlines of the sample have in common at most."""
READ_TWICE: Final = 20
"""Of the headlines that are not for the test set one in so many is read twice."""
SHEET_LINES: Final = 150
SEED: Final = "newsquake-labels-1"
_PATTERNS: Final = {kind: re.compile(words, re.IGNORECASE) for kind, words in KINDS.items()}


class Headline(NamedTuple):
    """A headline of an archive.

    Attributes:
        id: archive and the first 12 hex digits of the SHA-256 of time, a tab and the title.
        day: day of publication in UTC.
        title: the text, which is never committed.
        targets: companies that the title names, as tickers; none for feeds and plain titles.
    """

    id: str
    day: date
    title: str
    targets: tuple[str, ...]

    @property
    def kind(self) -> str:
        """Return the kind that the title's words show."""
        return next(kind for kind, words in _PATTERNS.items() if words.search(self.title))

    @property
    def names_several(self) -> bool:
        """Return whether the title names two companies or more."""
        return len(self.targets) > 1

    @property
    def is_test(self) -> bool:
        """Return whether the headline's week belongs to the test set."""
        year, week, _ = self.day.isocalendar()
        return _rank(f"week {year}-{week}") % TEST_WEEKS == 0


def _rank(text: str) -> int:
    return int(hashlib.sha256(f"{SEED} {text}".encode()).hexdigest()[:12], 16)


def headline(archive: str, time: str, title: str, targets: Sequence[str] = ()) -> Headline:
    """Return a headline with its id."""
    digest = hashlib.sha256(f"{time}\t{title}".encode()).hexdigest()[:12]
    return Headline(
        f"{archive}:{digest}", datetime.fromisoformat(time).date(), title, tuple(sorted(targets))
    )


def read_archives(data: Path) -> dict[str, list[Headline]]:
    """Return the headlines of the three archives below the folder ``data``, in order of their ids.

    Raises:
        OSError: an archive is missing.
    """
    tickers: dict[tuple[str, str], set[str]] = defaultdict(set)
    for row in _rows(data / "reuters" / "company_mentions_2007_2009.csv.gz"):
        tickers[row["timestamp_utc"], row["title"]].add(row["ticker"])
    mentions = [headline("mentions", *key, sorted(names)) for key, names in tickers.items()]
    titles = [
        headline("titles", row["timestamp_utc"], row["title"])
        for row in _rows(data / "reuters" / "reuters_titles_2008.csv.gz")
        if row["channel"] not in {"pressRelease", "sportsNews", "olympicsNews", "GCA-Olympics"}
        and (row["timestamp_utc"], row["title"]) not in tickers
    ]
    feeds = [
        headline("feeds", row["published_utc"], row["title"])
        for row in _rows(data / "rss-2023" / "headlines_2023-02_2023-04.csv")
    ]
    return {"mentions": mentions, "titles": titles, "feeds": feeds}


def _rows(file: Path) -> Iterator[dict[str, str]]:
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as lines:
        yield from csv.DictReader(lines)


class _Unlike:
    """Keeps headlines of which no near duplicate was kept, by shared shingles."""

    def __init__(self) -> None:
        self._by_shingle: dict[str, list[int]] = defaultdict(list)
        self._sets: list[frozenset[str]] = []

    def keeps(self, title: str) -> bool:
        """Return whether no headline kept before is a near duplicate, and keep this one if so."""
        own = frozenset(shingles(title))
        shared: dict[int, int] = defaultdict(int)
        for shingle in own:
            for index in self._by_shingle[shingle]:
                shared[index] += 1
        for index, count in shared.items():
            if count >= MAX_SIMILARITY * (len(own) + len(self._sets[index]) - count):
                return False
        for shingle in own:
            self._by_shingle[shingle].append(len(self._sets))
        self._sets.append(own)
        return True


def draw(archives: dict[str, list[Headline]]) -> list[Headline]:
    """Return the sample: headlines that name several companies first, then by kind and archive."""
    shuffled = {
        name: sorted(rows, key=lambda row: _rank(row.id)) for name, rows in archives.items()
    }
    unlike = _Unlike()
    several = [row for row in shuffled["mentions"] if row.names_several]
    drawn = list(_take(several, SEVERAL, unlike))
    for name, share in SHARES.items():
        by_kind: dict[str, list[Headline]] = defaultdict(list)
        for row in shuffled[name]:
            if not row.names_several:
                by_kind[row.kind].append(row)
        for kind, quota in QUOTAS.items():
            drawn += _take(by_kind[kind], round(quota * share), unlike)
    return drawn


def _take(rows: Iterable[Headline], count: int, unlike: _Unlike) -> Iterator[Headline]:
    for row in rows:
        if count == 0:
            return
        if len(row.title) >= MIN_CHARACTERS and unlike.keeps(row.title):
            count -= 1
            yield row


def write_sheets(drawn: Sequence[Headline], folder: Path) -> None:
    """Write the sheets that readers label: number, companies, title; and the list of all ids."""
    ordered = sorted(drawn, key=lambda row: _rank(f"sheet {row.id}"))
    with (folder / "sample.csv").open("w", newline="") as out:
        table = csv.writer(out)
        table.writerow(["number", "id", "day", "kind", "targets", "set", "title"])
        for number, row in enumerate(ordered):
            part = "test" if row.is_test else "train"
            table.writerow(
                [number, row.id, row.day, row.kind, " ".join(row.targets), part, row.title]
            )
    numbered = list(enumerate(ordered))
    again = [(number, row) for number, row in numbered if row.is_test or number % READ_TWICE == 0]
    again.sort(key=lambda pair: _rank(f"again {pair[1].id}"))
    for name, pairs in (("first", numbered), ("second", again)):
        for sheet in range(0, len(pairs), SHEET_LINES):
            lines = (
                f"{number}\t[{' '.join(row.targets)}]\t{row.title}\n"
                for number, row in pairs[sheet : sheet + SHEET_LINES]
            )
            path = folder / f"{name}-{sheet // SHEET_LINES:02}.tsv"
            path.write_text("".join(lines))


def main() -> None:
    """Draw the sample and write its sheets."""
    data, folder = map(Path, sys.argv[1:3])
    folder.mkdir(parents=True, exist_ok=True)
    drawn = draw(read_archives(data))
    write_sheets(drawn, folder)
    tests = sum(row.is_test for row in drawn)
    print(f"{len(drawn)} headlines, {tests} for the test set, sheets in {folder}")


if __name__ == "__main__":
    main()
