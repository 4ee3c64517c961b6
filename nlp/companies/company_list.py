"""A company as the finder looks for it, and the word lists that come with newsquake."""

import re
from collections.abc import Iterable
from importlib.resources import files
from typing import Final, Literal, NamedTuple

NameReading = Literal["as written", "masked", "all masked"]
"""How a model reads the names of companies: with placeholders for listed ones, or for all."""
LEGAL_FORM_AT_END: Final = re.compile(
    r"(?:,? (?:inc|incorporated|corp|corporation|co|company|companies|ltd|limited|llc|plc|lp|"
    r"s\.?a|ag|n\.?v|se|s\.?p\.?a|ab|asa|a/s|oyj|kgaa|gmbh|k\.k|group|holdings?)\.?)+$",
    re.IGNORECASE,
)
"""Legal forms at the end of a company's name, such as ", Inc." or " Holdings plc"."""
MIN_TICKER_LETTERS: Final = 4
"""Shorter tickers are too often words or initials to be searched for as names."""


class Name(NamedTuple):
    """One spelling of a company's name; ``doubtful`` if it may also mean something else."""

    text: str
    doubtful: bool = False


class ListedCompany(NamedTuple):
    """A company with the names to search for. The ticker is upper case, without ``$``."""

    ticker: str
    names: tuple[Name, ...]


def listed_company(company: str, ticker: str, aliases: Iterable[str]) -> ListedCompany:
    """Return a row of a company list with every name to search for.

    The names are the company's name with and without its legal form, the aliases, and the ticker
    if it has at least `MIN_TICKER_LETTERS` letters. A name that ends with ``?`` is doubtful.

    >>> acme = listed_company("Acme Anvils Inc.", "ACME", ["Road Supply?"])
    >>> [name.text for name in acme.names]
    ['Acme Anvils Inc.', 'Acme Anvils', 'Road Supply', 'ACME']
    """
    ticker = ticker.strip().lstrip("$").upper()
    short_name = LEGAL_FORM_AT_END.sub("", company.rstrip("?")) + "?" * company.endswith("?")
    spellings = [company, short_name, *aliases]
    if len(ticker) >= MIN_TICKER_LETTERS and ticker.isalpha():
        spellings.append(ticker)

    names: dict[str, bool] = {}
    for spelling in (spelling.strip() for spelling in spellings):
        name = " ".join(spelling.rstrip("?").split())
        if name:
            names[name] = names.get(name, False) or spelling.endswith("?")
    return ListedCompany(ticker, tuple(Name(text, doubtful) for text, doubtful in names.items()))


def builtin_csv() -> str:
    """Return the text of the built-in company list, a CSV with the columns of a user's list."""
    return (files("nlp.companies") / "builtin.csv").read_text("utf-8")


def name_files(names: NameReading) -> bytes:
    """Return the contents of all files that decide which names a model reads as placeholders."""
    if names == "as written":
        return b""
    lists = ("builtin.csv", "others.txt", "context.txt", "cues.txt")
    read = [files("nlp.companies") / name for name in lists]
    if names == "all masked":
        read.append(files("nlp.name_recognition") / "weights.safetensors")
    return b"".join(file.read_bytes() for file in read)


def names_of_other_things() -> list[str]:
    """Return names that contain a company's name but mean something else, such as a stadium's."""
    lines = (files("nlp.companies") / "others.txt").read_text("utf-8").splitlines()
    return [line for line in lines if line and not line.startswith("#")]
