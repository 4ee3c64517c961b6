"""One spelling for each ticker, whichever vendor wrote it.

A company of the United States is its bare ticker, its class after a dot: AAPL, BRK.B. Any other
has Reuters' suffix of its exchange, its class after a hyphen: RR.L, 0700.HK, BBD-B.TO.
"""

import re
from typing import Final

_US: Final = (
    "N O OQ OB K P PK US NAS NYS UQ UN UW UA UR UP UV XNAS XNYS XASE ARCX BATS OTC OTCMKTS OTCQB "
    "OTCQX PINK NASDAQ NYSE AMEX NYSEARCA NYSEAMERICAN NASDAQGS NASDAQGM NASDAQCM NYSEMKT IEX CBOE"
)
_OTHERS: Final = {
    "L": "LN LSE LON XLON AIM L LDN",
    "DE": "GR GY XETR XETRA ETR FRA FWB DE",
    "PA": "FP EPA XPAR PAR PA",
    "AS": "NA AMS XAMS AS",
    "MI": "IM BIT XMIL MIL MI",
    "MC": "SM BME XMAD MC",
    "SW": "SE VX SIX SWX XSWX SW",
    "T": "JP JT TYO TSE XTKS T",
    "HK": "HK HKEX HKG SEHK XHKG",
    "AX": "AU AT ASX XASX AX",
    "TO": "CN CT TSX XTSE TO",
    "V": "CV TSXV XTSX V",
    "NS": "IS NSE XNSE NS",
    "BO": "IB BSE XBOM BO",
    "KS": "KP KRX XKRX KS KO",
    "SI": "SP SGX XSES SI",
    "ST": "SS STO XSTO ST",
    "CO": "DC CPH XCSE CO",
    "HE": "FH HEL XHEL HE",
    "OL": "NO OSE XOSL OL",
    "SS": "CG SHA XSHG SHG",
    "SZ": "CS SHE XSHE SZ",
    "TW": "TT TPE XTAI TW",
    "SA": "BZ BVMF SA",
    "BR": "BB EBR XBRU BR",
    "LS": "PL ELI XLIS LS",
    "VI": "AV XWBO VI",
}
"""Reuters' suffix to the codes of Bloomberg, ISO 10383, Google, EODHD and Yahoo."""
_SUFFIXES: Final = {
    **{code: suffix for suffix, codes in _OTHERS.items() for code in codes.split()},
    **dict.fromkeys(_US.split(), ""),
}
_AMBIGUOUS_SUFFIXES: Final = frozenset(
    {"NA", "SE", "SS", "AT", "CN", "NO", "SP", "CS", "CV", "BB", "AV"}
)
"""After a dot these are no exchange: Bloomberg writes them after a space only."""
_NOT_COMPANIES: Final = frozenset({"CRYPTO", "FOREX", "CURRENCY", "CUR", "FX", "INDEX", "CC"})
_CODES: Final = frozenset({"ISIN", "FIGI", "RIC", "R", "TICKER", "SYMBOL", "STOCK", "CUSIP", "$"})
"""Prefixes that name the kind of a code and not an exchange."""
_SIMPLE: Final = re.compile(r"[A-Z]{1,5}")
_BLOOMBERG: Final = re.compile(r"(\S+) ([A-Z]{2})(?: EQUITY)?")
_CLASS: Final = re.compile(r"([A-Z]{1,5})[-/. _]([A-Z])")
_RIC_CLASS: Final = re.compile(r"([A-Z]{1,5})([a-z])(\.[A-Z]{1,2})")
_HONG_KONG_DIGITS: Final = 4


def canonical(symbol: str) -> str:
    """Return the one spelling of a ticker; empty if it is no company's, as ``CRYPTO:BTC``.

    >>> [canonical(text) for text in ("AAPL.O", "NASDAQ:AAPL", "AAPL US Equity", "$aapl")]
    ['AAPL', 'AAPL', 'AAPL', 'AAPL']
    >>> [canonical(text) for text in ("BRK-B", "BRK/B", "BRKb.N", "700 HK", "LON:RR", "RR.L")]
    ['BRK.B', 'BRK.B', 'BRK.B', '0700.HK', 'RR.L', 'RR.L']
    """
    if _SIMPLE.fullmatch(symbol):
        return symbol
    text = symbol.strip("$<>()[]{}'\"# \t,;")
    if reuters := _RIC_CLASS.fullmatch(text):
        text = f"{reuters[1]}.{reuters[2]}{reuters[3]}"
    text = text.upper()
    if ":" in text:
        return _with_exchange(text)
    bloomberg = _BLOOMBERG.fullmatch(text)
    if bloomberg and bloomberg[2] in _SUFFIXES:
        return _joined(bloomberg[1], _SUFFIXES[bloomberg[2]])
    body, dot, suffix = text.rpartition(".")
    if dot and body and suffix in _SUFFIXES and suffix not in _AMBIGUOUS_SUFFIXES:
        return _joined(body, _SUFFIXES[suffix])
    if dot and suffix in _NOT_COMPANIES:
        return ""
    return _joined(text, "")


def is_bloomberg(text: str) -> bool:
    """Return whether a text with a space in it is one ticker: ``AAPL US Equity``, ``BRK B``."""
    upper = text.upper()
    match = _BLOOMBERG.fullmatch(upper)
    is_listing = match is not None and match[2] in _SUFFIXES and len(match[1]) <= 12  # noqa: PLR2004 - characters
    return is_listing or (text == upper and _CLASS.fullmatch(text) is not None)


def _with_exchange(text: str) -> str:
    left, _, right = (part.strip() for part in text.partition(":"))
    place = left.replace(" ", "").replace("-", "")
    if place in _NOT_COMPANIES:
        return ""
    if place in _CODES:
        return canonical(right)
    if place in _SUFFIXES:
        is_listed = right.rpartition(".")[2] in _SUFFIXES
        return canonical(right) if is_listed else _joined(right, _SUFFIXES[place])
    if right in _SUFFIXES:
        return _joined(left, _SUFFIXES[right])
    return text


def _joined(ticker: str, suffix: str) -> str:
    """Return a ticker with its class and its suffix."""
    separator = "-" if suffix else "."
    if classed := _CLASS.fullmatch(ticker):
        ticker = f"{classed[1]}{separator}{classed[2]}"
    if suffix == "HK" and ticker.isdigit():
        ticker = ticker.zfill(_HONG_KONG_DIGITS)
    return f"{ticker}.{suffix}" if suffix else ticker
