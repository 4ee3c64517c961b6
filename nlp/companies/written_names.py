"""Names of companies as a text writes them, apart from the tickers beside them."""

import re
from collections.abc import Iterable
from typing import Final

from nlp.companies.name_index import Mention

OPENING_BRACKET: Final = re.compile(r" ?[(<]")
_BEFORE_TICKER: Final = re.compile(r"[$(<]|[^(<]*:\s?")
"""What stands before a ticker that is not next to a name: $ACME, NYSE: ACME, (ACME.N."""


def names_as_written(text: str, mentions: Iterable[Mention]) -> dict[str, str]:
    """Return the first name of each company in a text, by ticker.

    A name is without the ticker in brackets behind it, and a ticker without the marks before it.

    >>> mentions = [Mention(0, 15, "ORB"), Mention(21, 26, "ACME")]
    >>> names_as_written("Örbit (NYSE: OR)  and $ACME", mentions)
    {'ORB': 'Örbit', 'ACME': 'ACME'}
    """
    names: dict[str, str] = {}
    spaced = " ".join(text.split())  # mentions count the characters of the `plain` text
    for mention in mentions:
        if mention.ticker not in names:
            written = spaced[mention.start : mention.end]
            before = _BEFORE_TICKER.match(written)
            written = written[before.end() :] if before else written
            names[mention.ticker] = OPENING_BRACKET.split(written, maxsplit=1)[0]
    return names


def without_tickers(text: str, mentions: Iterable[Mention]) -> list[Mention]:
    """Return the names among the mentions of a `plain` text, without the tickers behind them.

    >>> mentions = [Mention(0, 15, "ORB"), Mention(21, 26, "ACME")]
    >>> without_tickers("Orbit (NYSE: OR) and $ACME", mentions)
    [Mention(start=0, end=5, ticker='ORB', doubtful=False)]
    """
    names: list[Mention] = []
    for mention in mentions:
        if not _BEFORE_TICKER.match(text, mention.start, mention.end):
            bracket = OPENING_BRACKET.search(text, mention.start, mention.end)
            names.append(mention._replace(end=bracket.start()) if bracket else mention)
    return names
