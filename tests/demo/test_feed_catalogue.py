"""The material of the demo's articles, and the random draws from it."""

from collections import Counter

import pytest

from demo.feed.catalogue import POLARITIES, catalogue
from demo.feed.dice import Dice
from demo.feed.generate import generate
from demo.feed.story import fill
from demo.feed.timeline import busiest


def test_every_phrase_can_be_filled() -> None:
    """A misspelt placeholder would crash the demo on some seeds only."""
    book, dice = catalogue(), Dice("phrases")
    facts = dict.fromkeys(("company", "ticker", "chief", "industry", "product", "other"), "x")
    pools = [topic.headlines for topic in book.topics.values()]
    pools += [book.summaries, *(plan.headlines for plan in book.surges)]
    texts = [text for pool in pools for tone in pool.values() for text in tone]
    for text in [*texts, *(text for topic in book.topics.values() for text in topic.context)]:
        assert "{" not in fill(book, text, facts, dice)


def test_the_catalogue_is_complete() -> None:
    """A company without products or a topic without phrases would crash some seeds only."""
    book = catalogue()
    assert len({company.ticker for company in book.companies}) == len(book.companies) == 30
    assert len(book.topics) == 12
    assert {company.sector for company in book.companies} <= set(book.products)
    assert all(topic.headlines[tone] for topic in book.topics.values() for tone in POLARITIES)
    planned = {ticker for plan in book.surges + book.bursts for ticker in plan.tickers}
    assert planned <= {company.ticker for company in book.companies}


def test_draws_follow_their_weights() -> None:
    """Volumes and topics would not be what the data files say."""
    dice, book = Dice("weights"), catalogue()
    drawn = Counter(dice.weighted("ab", (1, 3)) for _ in range(4_000))
    assert 2_850 < drawn["b"] < 3_150
    names = Counter(busiest(book.companies, dice).ticker for _ in range(4_000))
    first, second, *_ = (names[company.ticker] for company in book.companies)
    assert 1.6 < first / second < 2.5
    assert {dice.between(2, 4) for _ in range(200)} == {2, 3, 4}


def test_a_feed_too_small_for_its_surges_is_refused() -> None:
    """A feed of surges alone would teach the detector that surges are usual."""
    with pytest.raises(ValueError, match="at least 1000"):
        generate(1, 999)
