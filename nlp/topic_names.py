"""One vocabulary of topics: the names that word lists, checkpoints and the shipped model share.

A topic's name is part of a subject, such as ``topic:earnings``, and of silences and charts. If two
models named one topic differently, both would break whenever the model changes. `TOPICS` are the
names. What others call these topics is in `OTHER_NAMES`; a topic that is not there keeps its name.
"""

import re
from collections.abc import Mapping
from typing import Final

from nlp.tasks import TOPICS

_SEPARATORS: Final = re.compile(r"[\W_]+")
_OTHERS: Final[Mapping[str, str]] = {
    "analyst-update": "analyst-updates analyst-rating analyst-ratings analyst-upgrade "
    "analyst-downgrade price-target price-targets ratings",
    "fed-central-banks": "fed federal-reserve central-bank central-banks central-banking "
    "interest-rates monetary-policy",
    "company-product-news": "company-news corporate-news product products product-news "
    "product-launch labour labor layoffs employment-news cybersecurity supply-chain operations",
    "treasuries-corporate-debt": "treasuries bonds bond corporate-debt corporate-bonds debt credit "
    "credit-rating credit-ratings bankruptcy fixed-income",
    "dividend": "dividends dividend-news",
    "earnings": "earning earnings-report earnings-reports earnings-call results profit "
    "financial-results guidance forecast outlook earnings-guidance",
    "energy-oil": "energy oil oil-gas oil-and-gas crude crude-oil",
    "financials": "banks banking financial-sector financial-services",
    "currencies": "currency forex fx foreign-exchange",
    "general-news-opinion": "general general-news opinion opinions",
    "gold-metals-materials": "gold metals materials precious-metals mining commodities-metals",
    "ipo": "ipos initial-public-offering initial-public-offerings",
    "legal-regulation": "legal litigation lawsuit lawsuits regulation regulatory regulators "
    "law compliance legal-regulatory legal-and-regulatory",
    "m-a-investments": "m-a mergers merger mergers-acquisitions mergers-and-acquisitions "
    "merger-acquisition acquisition acquisitions investments takeover takeovers deals",
    "macro": "macroeconomics macro-economics macroeconomic economy economics economic-news "
    "economic-data inflation",
    "markets": "market stock-market stock-markets market-news indices",
    "politics": "political political-news geopolitics government trade-policy",
    "personnel-change": "personnel personnel-changes management management-change "
    "management-changes executive-change executive-changes leadership",
    "stock-commentary": "commentary stock-comment market-commentary",
    "stock-movement": "stock-movements stock-price price-movement price-action share-price",
}
OTHER_NAMES: Final[Mapping[str, str]] = {
    other: name for name, others in _OTHERS.items() for other in others.split()
}
"""The name in the vocabulary for each other name of a topic."""


def topic_name(label: str) -> str:
    """Return the name of the topic that a model calls ``label``: words with hyphens between them.

    >>> topic_name("Mergers & Acquisitions"), topic_name("M&A | Investments"), topic_name("Weather")
    ('m-a-investments', 'm-a-investments', 'weather')
    """
    slug = _SEPARATORS.sub("-", label.lower()).strip("-")
    return slug if slug in TOPICS else OTHER_NAMES.get(slug, slug)
