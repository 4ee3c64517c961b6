"""Search for tickers that a text writes as tickers: $AAPL, (NYSE: XYZ), (XYZ.N)."""

import re
from collections.abc import Callable, Iterator
from typing import Final

from nlp.companies.name_index import Mention

_CASHTAG: Final = re.compile(r"(?<![\w$])\$([A-Za-z]{1,6}(?:[.-][A-Za-z]{1,2})?)(?![\w$])")
_EXCHANGE_AND_TICKER: Final = re.compile(
    r"\b(NYSE|NASDAQ|AMEX|OTC|TSXV?|LSE|AIM|ASX|HKEX|SEHK|HKG|TSE|TYO|XETRA|ETR|FRA|EPA|AMS|BIT|"
    r"BME|SIX|SWX|NSE|BSE|SGX|KRX|OMX|STO|CPH|HEL|OSE)"
    r"(?:[ -]?(?:American|Arca|MKT|GS|GM|CM|BB|QX|QB))?\s?:\s?([A-Z0-9]{1,6}(?:[.-][A-Z]{1,2})?)\b",
    re.IGNORECASE,
)
_REUTERS_CODE_IN_BRACKETS: Final = re.compile(
    r"[(<]([A-Z0-9]{1,8}[a-z]?(?:_[a-z]{1,2})?)\.([A-Z]{1,2})(?=[)>:;,])"
)
_PLAUSIBLE_REUTERS_CODE: Final = re.compile(
    r"(?!U\.N)[A-Z]\.[NO]|\d{3,6}\.[A-Z]{1,2}|[A-Z]\w+\.[A-Z]{1,2}"
)
"""Single letters are tickers in New York only, so that (U.S), (D.C), (J.P) and (1.A) are none."""
_US_EXCHANGE_CODES: Final = frozenset({"N", "O", "OQ", "A", "P", "K", "PK", "OB"})
"""Reuters' codes for the exchanges of the United States, after the dot."""
_EXCHANGE_SUFFIXES: Final = {
    "TSX": "TO", "TSXV": "V", "LSE": "L", "AIM": "L", "ASX": "AX", "HKEX": "HK", "SEHK": "HK",
    "HKG": "HK", "TSE": "T", "TYO": "T", "XETRA": "DE", "ETR": "DE", "FRA": "DE", "EPA": "PA",
    "AMS": "AS", "BIT": "MI", "BME": "MC", "SIX": "SW", "SWX": "SW", "NSE": "NS", "BSE": "BO",
    "SGX": "SI", "KRX": "KS", "OMX": "ST", "STO": "ST", "CPH": "CO", "HEL": "HE", "OSE": "OL",
}  # fmt: skip
"""Reuters' suffix of each exchange outside the United States."""
_MONEY_UNITS: Final = frozenset({"M", "B", "K", "MM", "BN", "TN", "US", "USD"})
"""After a dollar sign these mean a sum of money more often than a ticker: $5M, $M."""
_COINS_AND_CURRENCIES: Final = frozenset(
    {"BTC", "ETH", "XRP", "DOGE", "USDT", "EUR", "GBP", "JPY", "CHF", "CNY"}
)
_MAX_LISTINGS_CHARS: Final = 60
"""Between a first listing and the bracket that closes all listings of a company."""

Owner = Callable[[str], str | None]
"""Maps an alternative ticker to the company's listed one, or None if it is unknown."""


def written_tickers(text: str, owner: Owner) -> Iterator[Mention]:
    """Yield every ticker that ``text`` writes as one, listed or not, in no order.

    >>> text = "$ACME up 5%; Emca (NYSE: EMCA), Orbit (ORB.L) cost $5 or $M"
    >>> sorted(mention.ticker for mention in written_tickers(text, lambda _: None))
    ['ACME', 'EMCA', 'ORB.L']
    """
    if "$" in text:
        yield from _cashtags(text, owner)
    if ":" in text:
        yield from _exchange_listings(text, owner)
    if "." in text:
        yield from _reuters_codes(text, owner)


def _cashtags(text: str, owner: Owner) -> Iterator[Mention]:
    """Yield tickers after a dollar sign; unknown ones only in capitals."""
    for match in _CASHTAG.finditer(text):
        ticker = match[1].upper()
        listed = None if ticker in _MONEY_UNITS else owner(ticker)
        is_capitals = match[1] == ticker
        if listed or (is_capitals and ticker not in _MONEY_UNITS | _COINS_AND_CURRENCIES):
            yield Mention(match.start(), match.end(), listed or ticker)


def _exchange_listings(text: str, owner: Owner) -> Iterator[Mention]:
    """Yield tickers after the name of an exchange, the first one of each company."""
    next_company = 0
    for match in _EXCHANGE_AND_TICKER.finditer(text):
        if match.start() < next_company:
            continue  # a further listing of the same company: (NYSE: ABC; TSX: ABC)

        bracket = text.find(")", match.end())
        is_near = 0 <= bracket - match.end() <= _MAX_LISTINGS_CHARS
        next_company = bracket if is_near else match.end()

        suffix = _EXCHANGE_SUFFIXES.get(match[1].upper())
        ticker = f"{match[2]}.{suffix}".upper() if suffix else match[2].upper()
        yield Mention(match.start(), match.end(), owner(ticker) or ticker)


def _reuters_codes(text: str, owner: Owner) -> Iterator[Mention]:
    """Yield tickers in Reuters' form, in brackets; those of the United States lose the suffix."""
    for match in _REUTERS_CODE_IN_BRACKETS.finditer(text):
        code = f"{match[1]}.{match[2]}"
        if not _PLAUSIBLE_REUTERS_CODE.fullmatch(code):
            continue
        ticker = match[1].upper() if match[2] in _US_EXCHANGE_CODES else code.upper()
        yield Mention(match.start(), match.end(), owner(code) or owner(ticker) or ticker)
