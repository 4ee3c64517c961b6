"""The lexicon: sentiment and topics of headlines by word list."""

import pytest

from nlp.lexicon.lexicon import MAX_TOPICS, Lexicon
from nlp.lexicon.terms import TermIndex, inflections, read, tokens
from nlp.tasks import TOPICS

LEXICON = Lexicon()


def mood(text: str) -> str:
    """Return the likeliest sentiment."""
    scores = LEXICON.classify([text])[0]
    return max(("negative", "neutral", "positive"), key=lambda name: getattr(scores, name))


@pytest.mark.parametrize(
    ("expected", "headline"),
    [
        ("negative", "Borogove Bank files for bankruptcy"),
        ("negative", "Borogove to file for Chapter 11 protection"),
        ("negative", "Tove Motors misses estimates"),
        ("negative", "Shares in Tove plunge"),
        ("negative", "UPDATE 2-Mimsy takes $3 bln writedown"),
        ("negative", "Mimsy takes $3 bln write-down on mortgages"),
        ("negative", "Government weighs bailout of Rath Insurance"),
        ("negative", "Rath slipped after rating cut to junk"),
        ("negative", "Gyre is not profitable"),
        ("negative", "Gyre didn\u2019t win approval for its drug"),
        ("positive", "Tove Motors beats estimates"),
        ("positive", "Wabe raises full-year forecast"),
        ("positive", "Wabe soars to a record high"),
        ("positive", "Wabe's loss narrows"),
        ("positive", "Rath avoids bankruptcy"),
        ("positive", "Jobless claims fell"),
        ("neutral", "Gyre names Alice Liddell to its office in Oxford"),
        ("neutral", "Diary - events of the week ahead"),
        ("neutral", ""),
    ],
)
def test_headlines_mean_what_they_say(expected: str, headline: str) -> None:
    """Alerts would fire on good news, or sleep through bad."""
    assert mood(headline) == expected


@pytest.mark.parametrize(
    ("topic", "headline"),
    [
        ("earnings", "Tove quarterly profit rises"),
        ("earnings", "Tove cuts full-year outlook"),
        ("dividend", "Tove raises its dividend"),
        ("ipo", "Wabe files for initial public offering"),
        ("m-a-investments", "Wabe agrees to buy Gyre"),
        ("legal-regulation", "Antitrust regulators look at Wabe"),
        ("legal-regulation", "Shareholders sue Gyre in class action"),
        ("treasuries-corporate-debt", "Moody's downgrades Borogove"),
        ("analyst-update", "Broker raises price target of Gyre"),
        ("personnel-change", "Borogove chief executive steps down"),
        ("company-product-news", "Gyre unveils new phone"),
        ("company-product-news", "Tove Motors workers vote to strike"),
        ("company-product-news", "Hackers steal data of Wabe customers"),
        ("company-product-news", "Chip shortage halts production at Tove"),
        ("fed-central-banks", "Fed holds interest rates, sees inflation"),
        ("macro", "Consumer prices rise, recession feared"),
        ("politics", "Congress debates tariffs"),
        ("energy-oil", "Oil prices climb after OPEC meeting"),
        ("gold-metals-materials", "Gold prices slip"),
        ("currencies", "Dollar gains in foreign exchange trade"),
        ("markets", "Wall Street and Nikkei futures climb"),
        ("stock-movement", "Gyre shares plunge"),
    ],
)
def test_headlines_have_their_topic(topic: str, headline: str) -> None:
    """Topic alerts would never fire, or for another topic."""
    topics = LEXICON.classify([headline])[0].topics
    assert topic in topics
    assert LEXICON.topics(headline) == topics


def test_topics_have_the_names_of_the_shipped_model() -> None:
    """Silences and charts would break when somebody changes the model."""
    assert {head.partition(" ")[0] for head, _ in read("topics")} <= set(TOPICS)


def test_a_text_has_few_topics() -> None:
    """Every topic of a text is one more signal to store and count."""
    everything = "merger lawsuit layoffs cyberattack bankruptcy recession"
    assert len(LEXICON.topics(everything)) == MAX_TOPICS


def test_stronger_words_weigh_more() -> None:
    """The detector adds probabilities up: a catastrophe must count more than a dip."""
    headlines = ["Tove may dip slightly", "Tove dips", "Tove falls sharply", "Tove is bankrupt"]
    negative = [scores.negative for scores in LEXICON.classify(headlines)]
    assert negative == sorted(negative)
    assert len(set(negative)) == 4


def test_the_longest_phrase_counts() -> None:
    """Good news made of bad words would be read as bad."""
    terms = TermIndex([("loss", "bad"), ("loss narrow", "good"), ("loss", "given twice")])
    values = [match.value for match in terms.find(tokens("loss, then loss narrows"))]
    assert values == ["bad", "good"]


def test_inflections_are_found_but_not_across_listed_words() -> None:
    """'Filed' would be missed, or a credit rating taken for an interest rate."""
    assert {"files", "filed", "filing"} <= set(inflections("file"))
    assert {"slips", "slipped"} <= set(inflections("slip"))
    assert {"deny", "denies", "denied"} - set(inflections("deny")) == {"deny"}
    terms = TermIndex([("rate cut", "macro"), ("rating cut", "credit")])
    assert [match.value for match in terms.find(["rating", "cuts"])] == ["credit"]


def test_every_listed_term_can_be_found() -> None:
    """A term with a typo in its form would sit in the list and never match."""
    for name in ("negative", "positive", "negators", "intensifiers", "topics"):
        entries = list(read(name))
        terms = TermIndex((term, head) for head, term in entries)
        missed = [term for _, term in entries if not terms.find(tokens(term))]
        assert missed == []
        assert all(tokens(term) == term.split() for _, term in entries)
