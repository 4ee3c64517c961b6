"""What the shipped model is asked of a text, and the names of the answers."""

from typing import Final, Literal

Task = Literal["sentiment", "topic"]
TASKS: Final[tuple[Task, ...]] = ("sentiment", "topic")

SENTIMENTS: Final = ("negative", "neutral", "positive")

TOPICS: Final = (
    "analyst-update",
    "fed-central-banks",
    "company-product-news",
    "treasuries-corporate-debt",
    "dividend",
    "earnings",
    "energy-oil",
    "financials",
    "currencies",
    "general-news-opinion",
    "gold-metals-materials",
    "ipo",
    "legal-regulation",
    "m-a-investments",
    "macro",
    "markets",
    "politics",
    "personnel-change",
    "stock-commentary",
    "stock-movement",
)
"""The classes of the Twitter Financial News topic dataset, in its order."""

LABELS: Final[dict[Task, tuple[str, ...]]] = {"sentiment": SENTIMENTS, "topic": TOPICS}
