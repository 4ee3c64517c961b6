"""Topics of a user's own, by the real encoder."""

import pytest

from nlp.classifier import ModelMissing
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.transformer.zero_shot import ZeroShot

PROMPTS = {
    "layoffs": "A company cuts jobs; workers are laid off",
    "bank-failure": "A bank collapses or is rescued; depositors pull their money out of a bank",
    "cyberattack": "Hackers break into a company's computers; a data breach or ransomware attack",
    "electric-cars": "Electric cars and their batteries",
}
HEADLINES = {
    "Tove Motors to lay off 2,000 workers at its Oxford plant": "layoffs",
    "Wabe says a tenth of its staff will lose their jobs": "layoffs",
    "Depositors flee Borogove Bank as regulators prepare a rescue": "bank-failure",
    "Borogove collapses in the biggest bank failure in a decade": "bank-failure",
    "Hackers steal data of millions of Gyre customers": "cyberattack",
    "Ransomware attack shuts Mimsy's factories": "cyberattack",
    "Tove Motors doubles output of batteries for its electric cars": "electric-cars",
}
OTHERS = [
    "Rath names Alice Liddell as chief financial officer",
    "Wabe raises its dividend after a strong quarter",
    "Oil settles lower as stockpiles rise",
    "Parliament votes on the new budget today",
    "Diary - events of the week ahead",
    "",
]
pytestmark = pytest.mark.model


@pytest.fixture(scope="module")
def zero_shot() -> ZeroShot:
    """The encoder with four topics."""
    return ZeroShot(ModelSettings(zero_shot=PROMPTS, device="cpu", dtype="fp32"))


@pytest.mark.parametrize(("headline", "topic"), HEADLINES.items())
def test_a_headline_carries_the_topic_that_describes_it(
    zero_shot: ZeroShot, headline: str, topic: str
) -> None:
    """A topic that a user describes would never alert, or alert on another's news."""
    (scores,) = zero_shot.classify([headline])
    assert max(scores.topics, key=lambda name: scores.topics[name]) == topic
    assert topic in scores.about


@pytest.mark.parametrize("headline", OTHERS)
def test_other_news_carries_none(zero_shot: ZeroShot, headline: str) -> None:
    """Every article would be about something, and the topic's surges drown."""
    (scores,) = zero_shot.classify([headline])
    assert scores.about == ()
    assert set(scores.topics) == set(PROMPTS)


def test_the_topics_come_from_the_settings_and_the_sentiment_from_the_model() -> None:
    """The topics could not be used beside a model that reads sentiment."""
    settings = ModelSettings(model="lexicon", topics="zero-shot", zero_shot=PROMPTS, device="cpu")
    (scores,) = load(settings).classify(["Hackers steal data of millions of Gyre customers"])
    assert "cyberattack" in scores.about
    assert scores.neutral < 1.0


def test_other_descriptions_are_another_model(zero_shot: ZeroShot) -> None:
    """Scores under a description that was changed would pass for the old one's."""
    changed = ZeroShot(
        ModelSettings(zero_shot=PROMPTS | {"layoffs": "People get the sack"}, device="cpu")
    )
    assert changed.model_id != zero_shot.model_id


def test_without_topics_it_says_how_to_write_them() -> None:
    """A user would look for a topic that never comes."""
    with pytest.raises(ModelMissing, match=r"nlp\.zero_shot"):
        load(ModelSettings(topics="zero-shot"))
    with pytest.raises(ModelMissing, match="layoffs"):
        load(ModelSettings(topics="zero-shot", zero_shot={"layoffs": "; ;"}))


def test_as_the_model_it_is_refused() -> None:
    """Every article would be neutral, and no alert would ever come."""
    with pytest.raises(ModelMissing, match=r"nlp\.topics"):
        load(ModelSettings(model="zero-shot", zero_shot=PROMPTS))
