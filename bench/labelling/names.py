"""Names of the companies that labels are about."""

import re
from collections.abc import Sequence

from nlp.companies import table
from nlp.companies.company_list import builtin_csv


def company_names() -> dict[str, tuple[str, ...]]:
    """Return the names of each listed company, by ticker."""
    listed = table.parse(builtin_csv(), "builtin.csv")
    return {company.ticker: tuple(name.text for name in company.names) for company in listed}


def mention(text: str, names: Sequence[str]) -> str:
    """Return the first of a company's names that stands in a text; else the company's name.

    >>> mention("Acme cuts jobs", ["Acme Anvils Inc", "Acme"])
    'Acme'
    """
    found = (name for name in names if re.search(rf"\b{re.escape(name)}\b", text))
    return next(found, names[0] if names else "")
