"""The one vocabulary of topics."""

from nlp.checkpoints.labels import topic_names
from nlp.tasks import TOPICS
from nlp.topic_names import OTHER_NAMES, topic_name

TFNS = (
    "Analyst Update", "Fed | Central Banks", "Company | Product News",
    "Treasuries | Corporate Debt", "Dividend", "Earnings", "Energy | Oil", "Financials",
    "Currencies", "General News | Opinion", "Gold | Metals | Materials", "IPO",
    "Legal | Regulation", "M&A | Investments", "Macro", "Markets", "Politics",
    "Personnel Change", "Stock Commentary", "Stock Movement",
)  # fmt: skip
"""The labels of the usual topic checkpoints, as their cards write them."""
FORMER = {
    "guidance": "earnings",
    "mergers": "m-a-investments",
    "regulation": "legal-regulation",
    "litigation": "legal-regulation",
    "credit": "treasuries-corporate-debt",
    "management": "personnel-change",
    "products": "company-product-news",
    "labour": "company-product-news",
    "cybersecurity": "company-product-news",
    "supply-chain": "company-product-news",
}
"""The names that word lists gave up to version lexicon-1."""


def test_checkpoints_name_topics_as_the_shipped_model_does() -> None:
    """A silence would hold for one model and not for the next."""
    assert topic_names(TFNS, {}) == list(TOPICS)
    others = ["Mergers and Acquisitions", "Monetary_Policy", "Layoffs", "Weather"]
    names = ["m-a-investments", "fed-central-banks", "company-product-news", "weather"]
    assert topic_names(others, {}) == names


def test_what_the_settings_call_a_topic_stays() -> None:
    """Somebody who named a topic on purpose would not find it."""
    assert topic_names(["LABEL_0", "Deals"], {"LABEL_0": "credit"}) == ["credit", "m-a-investments"]


def test_former_names_lead_to_the_vocabulary() -> None:
    """A checkpoint trained on labels of the old word lists would have topics of its own."""
    assert {name: topic_name(name) for name in FORMER} == FORMER


def test_other_names_lead_to_topics_and_are_none() -> None:
    """Two topics would be mixed, or one would be renamed to another."""
    assert set(OTHER_NAMES.values()) == set(TOPICS)
    assert not set(OTHER_NAMES) & set(TOPICS)
