"""Inputs that once went wrong, which lie in `../shared/data/feed-cases`, and their right values."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson

from streams.core.record import Headers
from tests.schemas.feeds.right import DAY, MOMENT, Right, content, own, page

CASES: Final = Path(__file__).parents[4] / "shared/data/feed-cases"

_A: Final = page("w.example/a")
_DIRECTOR: Final = "Director/PDMR Shareholding"
_LATEST: Final = datetime(2026, 11, 28, 10, tzinfo=UTC)
_SEVEN: Final = datetime(2026, 3, 3, 7, tzinfo=UTC)
_FIRST: Final = "First item of an hourly feed about Acme"
_GOOD: Final = "Good feed item of Emca faces bankruptcy"
_CODES: Final = "Smallco <SMLC.O>, Bigco <BGCO.N> cut output"
_JOHNSON: Final = "Johnson & Johnson falls"
_MCDONALD: Final = "McDonald\N{RIGHT SINGLE QUOTATION MARK}s sales fall"

RECORDS: Final[dict[str, list[Right | None]]] = {
    "00": [
        Right(content(_FIRST, "ACME", source="hourly", day=_LATEST), _LATEST, ("ACME",), "hourly"),
        Right(content(_GOOD, "EMCA", source="good"), MOMENT, ("EMCA",), "good"),
    ],
    "02": [
        Right(content(_DIRECTOR, ticker, source="RNS"), _SEVEN, (ticker,), "RNS")
        for ticker in ("ABC.L", "XYZ.L")
    ],
    "03": [
        Right(content(headline, source="W"), DAY, source="W")
        for headline in ("Acme falls", "Orbit rises")
    ],
    "04": [Right(own("w.example", guid), DAY, source="w.example") for guid in ("g1", "g2")],
    "07": [
        Right(content("A"), DAY),
        Right(content("B"), MOMENT),
        Right(content("C"), DAY.replace(hour=8)),
    ],
    "08": [None, None],
    "09": [None, None, Right(content("B"), MOMENT)],
    "11": [Right(own("Example Wire", "77"), source="Example Wire")] * 2,
    "13": [
        Right(own("W", str(number)), companies=("AAPL" if number < 10 else "BRK.B",), source="W")
        for number in (1, 2, 3, 4, 5, 6, 10, 11, 12)
    ],
    "14": [Right(content(_CODES))],
    "15": [Right(content(_JOHNSON)), Right(content(_MCDONALD))],
    "16": [Right(content("BTC&ETH slide 10%"))],
    "20": [
        Right(_A, source="Example Wire"),
        Right(page("w.example/b"), source="Example Wire"),
    ],
    "21": [Right(_A, source="w.example")] * 20,
    "22": [
        *[Right(content("A", "ACME"), companies=("ACME",))] * 2,
        *[Right(content("A"))] * 2,
        Right(_A, source="w.example"),
        *[Right(own("W", identifier), source="W") for identifier in ("17", "65e4")],
    ],
    "23": [Right(content("A"))] * 3,
    "28": [Right(content("Acme"))] * 4,
    "29": [Right(content("Acme cuts", "ACME", "Acme Inc"), companies=("ACME",))],
    "31": [Right(content("A"), DAY)] * 4,
    "32": [Right(_A, source="w.example")] * 6,
}
"""Number of a case to the right value of each of its records; None for what is refused."""
IN_TEXT: Final[dict[str, tuple[str, ...]]] = {
    content(_CODES): ("SMLC", "BGCO"),
    content(_JOHNSON): ("JNJ",),
    content(_MCDONALD): ("MCD",),
}
"""Identity of an article to the companies that its headline names and the producer does not."""


class Files(NamedTuple):
    """Files of one or several cases that are read in the same way, and the rows in them."""

    names: tuple[str, ...]
    rows: list[Right]
    mapping: str = ""

    @property
    def paths(self) -> list[Path]:
        """The files."""
        return [CASES / name for name in self.names]


FILES: Final[dict[str, Files]] = {
    "01": Files(
        ("01-per-ticker.csv",),
        [Right(page("w.example/1"), DAY, (ticker,), "Desk") for ticker in ("AAL", "DAL", "UAL")],
        "published=date,companies=stock,source=publisher",
    ),
    "12": Files(
        ("12-lists.csv",),
        [
            Right(content(f"{name} cuts", *tickers), DAY, tickers)
            for name, tickers in (
                ("Acme", ("ACME", "ORBT")),
                ("Orbit", ("ORBT",)),
                ("Nova", ("NOVA", "ZETA")),
                ("Zeta", ()),
                ("Iota", ()),
            )
        ],
    ),
    "18": Files(
        ("dump-2026-03-03.csv", "dump-2026-03-04.csv"), [Right(_A, source="w.example")] * 2
    ),
    "25": Files(
        ("25-optional.jsonl",),
        [Right(content("Acme", "ACME"), DAY, ("ACME",)), Right(content("Fed holds"), DAY)],
        "published=ts,companies=tk",
    ),
    "26": Files(
        ("26-case.csv", "26-semicolon.csv"),
        [Right(content(text, "ACME"), DAY, ("ACME",)) for text in ("Acme", "Acme cuts")],
    ),
}
"""Number of a case to its files. That of 27 is too large to lie there."""


def records(number: str) -> Iterator[tuple[bytes, Headers]]:
    """Yield value and headers of each record of a case, as they stand on `news.raw`."""
    assert CASES.is_dir(), f"{CASES} is missing: the feed cases are data beside the repository"
    (file,) = CASES.glob(f"{number}-*.json")
    case: dict[str, Any] = orjson.loads(file.read_bytes())
    for record in case.get("records", ()):
        headers = [(name, text.encode()) for name, text in record["headers"].items()]
        value = orjson.dumps(record["value"])
        yield value.replace(b"<now>", MOMENT.isoformat().encode()), headers
    for name in case.get("files", ()):
        if name.endswith(".bin"):
            yield (CASES / name).read_bytes(), []
