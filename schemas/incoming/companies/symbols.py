"""One spelling for each ticker, whichever vendor wrote it.

A company of the United States is its bare ticker, its class after a dot: AAPL, BRK.B. Any other
has Reuters' suffix of its exchange, its class after a hyphen: RR.L, 0700.HK, BBD-B.TO.
"""

import re
from functools import lru_cache
from typing import Final

_US: Final = (
    "N O OQ OB K P PK US NAS NYS UQ UN UW UA UR UP UV XNAS XNYS XASE ARCX BATS OTC OTCMKTS OTCQB "
    "OTCQX PINK NASDAQ NYSE AMEX NYSEARCA NYSEAMERICAN NASDAQGS NASDAQGM NASDAQCM NYSEMKT IEX CBOE "
    "NASDAQGLOBALSELECT NASDAQGLOBALMARKET NASDAQCAPITALMARKET OTCPINK OTCBB "
    "NMS NGM NCM NYQ ASE PCX PNK BTS"
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
    "SS": "CG SHA XSHG SHG SH",
    "SZ": "CS SHE XSHE SZ",
    "TW": "TT TPE XTAI TW",
    "SA": "BZ BVMF B3 SA",
    "BR": "BB EBR XBRU BR",
    "LS": "PL ELI XLIS LS",
    "VI": "AV XWBO VI",
    "J": "SJ JSE XJSE JO",
    "CD": "CSE XCNQ",
    "MX": "MM BMV XMEX MX",
    "WA": "PW WSE XWAR WA",
    "NZ": "NZX XNZE NZ",
    "KL": "MK KLSE XKLS KL",
    "JK": "IJ IDX XIDX JK",
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
_NOT_COMPANIES: Final = frozenset(
    {"CRYPTO", "FOREX", "CURRENCY", "CUR", "FX", "INDEX", "CC", "INDX", "COMM", "GBOND"}
)
_POLYGON: Final = frozenset({"X", "C", "I", "O"})
"""Prefixes of crypto-currencies, currencies, indices and options."""
_CODES: Final = frozenset(
    {"ISIN", "FIGI", "RIC", "R", "TICKER", "SYMBOL", "STOCK", "STOCKS", "EQUITY", "COMPANY",
     "CUSIP", "$"}
)  # fmt: skip
"""Prefixes that name the kind of a code and not an exchange."""
_EXCHANGES: Final = frozenset({"NASDAQ", "NYSE", "AMEX", "NYSEARCA", "LSE", "XETRA", "HKEX", "TSX",
                               "ASX", "OTCMKTS"})  # fmt: skip
"""Exchanges that stand before a ticker with a space, a slash or a hyphen, too."""
_REGIONS: Final = {
    "US": "", "USA": "", "GB": "L", "DE": "DE", "FR": "PA", "JP": "T", "HK": "HK", "CA": "TO",
    "AU": "AX", "CH": "SW", "NL": "AS", "IT": "MI", "ES": "MC", "IN": "NS", "KR": "KS", "SE": "ST",
}  # fmt: skip
"""FactSet's regions after a hyphen to Reuters' suffix."""
_SIMPLE: Final = re.compile(r"[A-Z]{1,5}")
_BLOOMBERG: Final = re.compile(r"(\S+) ([A-Z]{2})(?: EQUITY)?")
_CLASS: Final = re.compile(r"([A-Z]{1,5})[-/. _']([A-Z])")
_RIC_CLASS: Final = re.compile(r"([A-Z]{2,5})([a-z])((?:\.[A-Z]{1,2})?)")
_REGION: Final = re.compile(r"([A-Z\d.]{1,9})[-_]([A-Z]{2,3})(?:_EQ)?")
_AT: Final = re.compile(r"([A-Z\d.-]{1,9})@([A-Z]{2,8})")
_EXCHANGE_FIRST: Final = re.compile(r"([A-Z]{3,8})[ /-]([A-Z\d./-]{1,9})")
_NO_COMPANY: Final = re.compile(
    r"\^.*|.*=[FX]|[A-Z]{2,5}\.X|[A-Z]{2,5}[-/](?:USDT?|USDC|EUR|GBP|JPY|CHF|BTC|ETH)"
)
"""Indices, futures, currencies and crypto-currencies, as Yahoo and StockTwits write them."""
_CHINESE: Final = re.compile(r"\d{6}")
_HONG_KONG_DIGITS: Final = 4
_CACHED_SYMBOLS: Final = 8_192


@lru_cache(_CACHED_SYMBOLS)
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
    if " (" in text:
        text = text.partition(" (")[0]
    if reuters := _RIC_CLASS.fullmatch(text):
        text = f"{reuters[1]}.{reuters[2]}{reuters[3]}"
    text = text.upper().replace("..", ".")
    if ":" in text:
        return _with_exchange(text)
    if _NO_COMPANY.fullmatch(text) or text.rpartition(".")[2] in _NOT_COMPANIES:
        return ""
    return _joined(*listing(text))


def listing(text: str) -> tuple[str, str]:
    """Return a ticker, and Reuters' suffix of the exchange that is written after or before it."""
    if bloomberg := _BLOOMBERG.fullmatch(text):
        ticker, place = bloomberg[1], bloomberg[2]
        if place == "CH" and _CHINESE.fullmatch(ticker):
            return ticker, "SS" if ticker[0] in "69" else "SZ"
        if place in _SUFFIXES:
            return ticker.rstrip("/"), _SUFFIXES[place]
    for pattern, suffixes in ((_REGION, _REGIONS), (_AT, _SUFFIXES)):
        if (after := pattern.fullmatch(text)) and after[2] in suffixes:
            return after[1], suffixes[after[2]]
    if (before := _EXCHANGE_FIRST.fullmatch(text)) and before[1] in _EXCHANGES:
        return before[2], _SUFFIXES[before[1]]
    ticker, dot, suffix = text.rpartition(".")
    if dot and ticker and suffix in _SUFFIXES and suffix not in _AMBIGUOUS_SUFFIXES:
        return ticker, _SUFFIXES[suffix]
    return text, ""


def listed(symbol: str, exchange: str) -> str:
    """Return a symbol with the exchange that stands beside it, if we know that."""
    place = exchange.strip().upper().replace(" ", "").replace("-", "")
    return f"{place}:{symbol}" if place in _SUFFIXES and ":" not in symbol else symbol


def is_exchange(text: str) -> bool:
    """Return whether a text is the code of an exchange and no ticker."""
    return text.upper() in _SUFFIXES


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
    return "" if place in _POLYGON else text


def _joined(ticker: str, suffix: str) -> str:
    """Return a ticker with its class and its suffix."""
    separator = "-" if suffix else "."
    if classed := _CLASS.fullmatch(ticker):
        ticker = f"{classed[1]}{separator}{classed[2]}"
    if suffix == "HK" and ticker.isdigit():
        ticker = ticker.lstrip("0").zfill(_HONG_KONG_DIGITS)
    return f"{ticker}.{suffix}" if suffix else ticker
