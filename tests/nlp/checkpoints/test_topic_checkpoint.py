"""Topics by somebody else's checkpoint."""

from collections.abc import Callable
from pathlib import Path

import pytest
from pydantic import ValidationError

from nlp.checkpoints.checkpoint import TopicCheckpoint
from nlp.checkpoints.labels import topic_names
from nlp.classifier import LabelsUnknown
from nlp.lexicon.lexicon import Lexicon
from nlp.load import load
from nlp.settings import ModelSettings

Making = Callable[..., Path]
TEXTS = ["profit falls", "the shares", "misses estimates", ""]


@pytest.mark.model
def test_names_of_labels_become_topics(make_checkpoint: Making) -> None:
    """A subject such as "topic:Fed | Central Banks" would be no key that a rule can name."""
    model = str(make_checkpoint(("Fed | Central Banks", "IPO", "\u4f53\u80b2")))
    answers = TopicCheckpoint(ModelSettings(model=model, device="cpu")).classify(TEXTS)
    for scores in answers:
        assert list(scores.topics) == ["fed-central-banks", "ipo", "\u4f53\u80b2"]
        assert sum(scores.topics.values()) == pytest.approx(1.0)
        assert scores.about == tuple(name for name, score in scores.topics.items() if score >= 0.5)


@pytest.mark.model
def test_labels_of_one_topic_count_together(make_checkpoint: Making) -> None:
    """Two halves of a topic would each stay below the threshold."""
    model = str(make_checkpoint(("LABEL_0", "LABEL_1", "LABEL_2")))
    names = {"LABEL_0": "ipo", "LABEL_1": "ipo", "LABEL_2": ""}
    distinct = {"LABEL_0": "a", "LABEL_1": "b", "LABEL_2": "c"}
    joined = TopicCheckpoint(ModelSettings(model=model, device="cpu", topic_labels=names)).classify(
        TEXTS
    )
    single = TopicCheckpoint(
        ModelSettings(model=model, device="cpu", topic_labels=distinct)
    ).classify(TEXTS)
    for joined_scores, single_scores in zip(joined, single, strict=True):
        assert joined_scores.topics == {
            "ipo": pytest.approx(single_scores.topics["a"] + single_scores.topics["b"])
        }


@pytest.mark.model
def test_a_multi_label_checkpoint_scores_each_topic_by_itself(make_checkpoint: Making) -> None:
    """An article about two things would be about neither."""
    labels = ("earnings", "macro", "ipo", "oil")
    model = str(make_checkpoint(labels, problem_type="multi_label_classification"))
    answers = TopicCheckpoint(ModelSettings(model=model, device="cpu")).classify(TEXTS)
    assert any(sum(scores.topics.values()) > 1.05 for scores in answers)
    assert any(len(scores.about) > 1 for scores in answers)


@pytest.mark.model
def test_one_checkpoint_for_sentiment_and_another_for_topics(make_checkpoint: Making) -> None:
    """Both would have to be one model, which hardly any published one is."""
    sentiment, topic = str(make_checkpoint()), str(make_checkpoint(("Macro", "IPO")))
    both = load(ModelSettings(model=sentiment, topics=topic, device="cpu")).classify(TEXTS)
    sentiment_only = load(ModelSettings(model=sentiment, device="cpu")).classify(TEXTS)
    topics_only = load(ModelSettings(model="null", topics=topic, device="cpu")).classify(TEXTS)
    assert [scores[:3] for scores in both] == [scores[:3] for scores in sentiment_only]
    assert [scores.topics for scores in both] == [scores.topics for scores in topics_only]
    assert [scores.topics for scores in sentiment_only] == [
        Lexicon().topics(text) for text in TEXTS
    ]


@pytest.mark.model
def test_a_model_of_topics_is_no_model_of_sentiment(make_checkpoint: Making) -> None:
    """A user would not learn which setting it belongs in."""
    with pytest.raises(LabelsUnknown, match=r"nlp\.topics"):
        load(ModelSettings(model=str(make_checkpoint(("Macro", "IPO"))), device="cpu"))


@pytest.mark.parametrize(
    ("labels", "meanings", "says"),
    [
        (["LABEL_0", "LABEL_1"], {}, "do not say"),
        (["LABEL_0", "macro"], {}, "do not say"),
        (["0", "1"], {"0": "macro"}, "do not say"),
        (["macro", "ipo"], {"macro": "", "ipo": ""}, "do not say"),
        (["macro", "ipo"], {"Macro": "economy"}, "labels are macro, ipo"),
        (["macro"], {}, "do not say"),
    ],
)
def test_a_map_that_does_not_fit_is_refused(
    labels: list[str], meanings: dict[str, str], says: str
) -> None:
    """Alerts would fire for topic:label-3, or for the wrong topic."""
    with pytest.raises(LabelsUnknown, match=says):
        topic_names(labels, meanings)


@pytest.mark.parametrize("name", ["two words", "topic:ipo", "-ipo", "a/b"])
def test_a_topic_is_a_word(name: str) -> None:
    """A subject would be cut in two where it is read."""
    with pytest.raises(ValidationError):
        ModelSettings(topic_labels={"LABEL_0": name})
    with pytest.raises(ValidationError):
        ModelSettings(zero_shot={name: "A company goes public"})
