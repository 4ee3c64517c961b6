"""Tickers that a text writes as such: $AAPL, (NYSE: XYZ), (XYZ.N)."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from nlp.companies.name_index import Mention

_CASHTAG: Final = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6}(?:[.-][A-Za-z]{1,2})?)(?![\w$])")
_LISTED: Final = re.compile(
    r"\b(NYSE|NASDAQ|AMEX|OTC|TSXV?|LSE|AIM|ASX|HKEX|SEHK|HKG|TSE|TYO|XETRA|ETR|FRA|EPA|AMS|BIT|"
    r"BME|SIX|SWX|NSE|BSE|SGX|KRX|OMX|STO|CPH|HEL|OSE)"
    r"(?:[ -]?(?:American|Arca|MKT|GS|GM|CM|BB|QX|QB))?\s?:\s?([A-Z0-9]{1,6}(?:[.-][A-Z]{1,2})?)\b",
    re.IGNORECASE,
)
_REUTERS: Final = re.compile(r"[(<]([A-Z0-9]{1,8}[a-z]?(?:_[a-z]{1,2})?)\.([A-Z]{1,2})(?=[)>:;,])")
_CODE: Final = re.compile(r"(?!U\.N)[A-Z]\.[NO]|\d{3,6}\.[A-Z]{1,2}|[A-Z]\w+\.[A-Z]{1,2}")
"""One letter is a ticker in New York only: (U.S), (D.C) and (J.P) are none, nor is (1.A)."""
_AMERICAN: Final = frozenset({"N", "O", "OQ", "A", "P", "K", "PK", "OB"})
"""What Reuters writes after the dot for the exchanges of the United States."""
_PLACES: Final = {
    "TSX": "TO", "TSXV": "V", "LSE": "L", "AIM": "L", "ASX": "AX", "HKEX": "HK", "SEHK": "HK",
    "HKG": "HK", "TSE": "T", "TYO": "T", "XETRA": "DE", "ETR": "DE", "FRA": "DE", "EPA": "PA",
    "AMS": "AS", "BIT": "MI", "BME": "MC", "SIX": "SW", "SWX": "SW", "NSE": "NS", "BSE": "BO",
    "SGX": "SI", "KRX": "KS", "OMX": "ST", "STO": "ST", "CPH": "CO", "HEL": "HE", "OSE": "OL",
}  # fmt: skip
_SUMS: Final = frozenset({"M", "B", "K", "MM", "BN", "TN", "US", "USD"})
"""After a dollar sign these mean money more often than a ticker."""
_COINS: Final = frozenset({"BTC", "ETH", "XRP", "DOGE", "USDT", "EUR", "GBP", "JPY", "CHF", "CNY"})

_LONGEST_LIST: Final = 60

Owner = Callable[[str], str | None]


def codes(text: str, owner: Owner) -> Iterator[Mention]:
    """Every ticker that ``text`` writes as one, known or not, in no order.

    ``owner`` tells by which ticker a company goes here that is also written as this one.

    >>> found = codes("$ACME up 5%; Emca (NYSE: EMCA), Orbit (ORB.L) cost $5 or $M", lambda _: None)
    >>> sorted(mention.ticker for mention in found)
    ['ACME', 'EMCA', 'ORB.L']
    """
    if "$" in text:
        yield from _cashtags(text, owner)
    if ":" in text:
        yield from _listed(text, owner)
    if "." in text:
        yield from _reuters(text, owner)


def _cashtags(text: str, owner: Owner) -> Iterator[Mention]:
    for match in _CASHTAG.finditer(text):
        ticker = match[1].upper()
        known = None if ticker in _SUMS else owner(ticker)
        if known or (match[1] == ticker and ticker not in _SUMS | _COINS):
            yield Mention(match.start(), match.end(), known or ticker)


def _listed(text: str, owner: Owner) -> Iterator[Mention]:
    free = 0
    for match in _LISTED.finditer(text):
        if match.start() < free:
            continue  # a second listing of the same company: (NYSE: ABC; TSX: ABC)
        end = text.find(")", match.end())
        free = end if 0 <= end - match.end() <= _LONGEST_LIST else match.end()
        place = _PLACES.get(match[1].upper())
        ticker = f"{match[2]}.{place}".upper() if place else match[2].upper()
        yield Mention(match.start(), match.end(), owner(ticker) or ticker)


def _reuters(text: str, owner: Owner) -> Iterator[Mention]:
    for match in _REUTERS.finditer(text):
        code = f"{match[1]}.{match[2]}"
        if not _CODE.fullmatch(code):
            continue
        ticker = match[1].upper() if match[2] in _AMERICAN else code.upper()
        yield Mention(match.start(), match.end(), owner(code) or owner(ticker) or ticker)
