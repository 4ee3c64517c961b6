"""A company as the finder knows it, and the list that comes with newsquake."""

import re
from collections.abc import Iterable, Iterator
from importlib.resources import files
from typing import Final, NamedTuple

SUFFIX: Final = re.compile(
    r"(?:,? (?:inc|incorporated|corp|corporation|co|company|companies|ltd|limited|llc|plc|lp|"
    r"s\.?a|ag|n\.?v|se|s\.?p\.?a|ab|asa|a/s|oyj|kgaa|gmbh|k\.k|group|holdings?)\.?)+$",
    re.IGNORECASE,
)
"""What the law adds to a name, at its end."""
_LEAST_TICKER: Final = 4


class Name(NamedTuple):
    """One way to write a company; ``doubtful`` where it may mean something else."""

    text: str
    doubtful: bool = False


class Known(NamedTuple):
    """A company and what it is called. The ticker is upper case, without a cashtag's sign."""

    ticker: str
    names: tuple[Name, ...]


def known(company: str, ticker: str, aliases: Iterable[str]) -> Known:
    """A company of a list: its name is known with and without its legal form, and by its ticker.

    Tickers of less than four letters are words or initials too often to count by themselves.

    >>> [name.text for name in known("Acme Anvils Inc.", "ACME", ["Road Supply?"]).names]
    ['Acme Anvils Inc.', 'Acme Anvils', 'Road Supply', 'ACME']
    """
    ticker = ticker.strip().lstrip("$").upper()
    texts = [company, SUFFIX.sub("", company.rstrip("?")) + "?" * company.endswith("?"), *aliases]
    if len(ticker) >= _LEAST_TICKER and ticker.isalpha():
        texts.append(ticker)
    return Known(ticker, tuple(_names(texts)))


def builtin() -> str:
    """The text of the built-in list, a CSV as users write it."""
    return (files("nlp.companies") / "builtin.csv").read_text("utf-8")


def others() -> list[str]:
    """Names of something else that a company's name is a part of, such as a stadium's."""
    lines = (files("nlp.companies") / "others.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]


def _names(texts: Iterable[str]) -> Iterator[Name]:
    """Each name once, doubtful where it is marked at least once."""
    names: dict[str, bool] = {}
    for text in (text.strip() for text in texts):
        plain = " ".join(text.rstrip("?").split())
        if plain:
            names[plain] = names.get(plain, False) or text.endswith("?")
    return (Name(*name) for name in names.items())
