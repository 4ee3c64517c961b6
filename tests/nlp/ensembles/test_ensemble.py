"""Several models as one, and one for the sentiment with another for the topics."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

from nlp.classifier import LabelsUnknown, ModelError, ModelMissing, Scores
from nlp.ensembles.ensemble import Ensemble, Weighted, mean_scores
from nlp.ensembles.spec import parse_members
from nlp.lexicon.lexicon import Lexicon
from nlp.load import load
from nlp.null import NullClassifier
from nlp.settings import ModelSettings

Making = Callable[..., Path]


def scores(negative: float, topics: dict[str, float], about: tuple[str, ...] = ()) -> Scores:
    """Return scores of a text that is not positive."""
    return Scores(negative, 1.0 - negative, 0.0, topics, about)


def test_probabilities_are_averaged_by_weight() -> None:
    """A weak model would count as much as a good one, whatever the user wrote."""
    (mixed,) = load(ModelSettings(model="3*lexicon+null")).classify(["Acme files for bankruptcy"])
    (alone,) = Lexicon().classify(["Acme files for bankruptcy"])
    assert mixed[:3] == pytest.approx(
        (0.75 * alone.negative, 0.75 * alone.neutral + 0.25, 0.75 * alone.positive)
    )


def test_a_topic_that_one_model_does_not_know_keeps_its_score() -> None:
    """Topics would sink below their threshold when a model joins that has never heard of them."""
    average = mean_scores(
        [1.0, 1.0], [scores(0.5, {"ipo": 0.9, "macro": 0.2}), scores(0.5, {"macro": 0.6})]
    )
    assert average.topics == pytest.approx({"ipo": 0.9, "macro": 0.4})


def test_half_of_the_weight_decides_what_a_text_carries() -> None:
    """A model's own thresholds would be lost, and with them the topics of its signals."""
    low = scores(0.5, {"ipo": 0.3, "macro": 0.1}, ("ipo",))
    high = scores(0.5, {"ipo": 0.4, "macro": 0.9})
    assert mean_scores([2.0, 1.0], [low, high]).about == ("ipo",)
    assert mean_scores([1.0, 2.0], [low, high]).about == ("macro",)


def test_the_id_names_every_member() -> None:
    """Scores of an ensemble would pass for those of a member."""
    assert load(ModelSettings(model="2*lexicon+null")).model_id == "2*lexicon-2+null"


def test_what_one_member_refuses_is_refused() -> None:
    """The others' mean would pass for the ensemble's."""

    class Refusing(NullClassifier):
        def classify(self, texts: Sequence[str]) -> list[Scores]:
            raise ModelError(f"{len(texts)} texts")

    with pytest.raises(ModelError):
        Ensemble([Weighted(NullClassifier()), Weighted(Refusing())]).classify(["x"])


def test_an_answer_too_few_is_an_error() -> None:
    """A member that drops a text would shift the others' scores in silence."""

    class Short(NullClassifier):
        def classify(self, texts: Sequence[str]) -> list[Scores]:
            return super().classify(texts)[1:]

    with pytest.raises(ValueError, match="shorter"):
        Ensemble([Weighted(NullClassifier()), Weighted(Short())]).classify(["x", "y"])


@pytest.mark.parametrize(
    ("named", "says"),
    [
        ("lexicon+", "without a name"),
        ("+", "without a name"),
        ("2*", "without a name"),
        ("lexicon+lexicon", "twice"),
        ("0*lexicon+null", "no weight"),
        ("-1*lexicon+null", "no weight"),
        ("nan*lexicon+null", "no weight"),
        ("inf*lexicon+null", "no weight"),
        ("much*lexicon+null", "no weight"),
    ],
)
def test_what_is_no_ensemble_is_refused(named: str, says: str) -> None:
    """A slip of the pen would choose another mixture than was meant."""
    with pytest.raises(ModelMissing, match=says):
        load(ModelSettings(model=named))


def test_a_folder_may_have_a_plus_in_its_name(tmp_path: Path) -> None:
    """A model in such a folder could not be named at all."""
    folder = tmp_path / "a+b"
    folder.mkdir()
    assert [member.name for member in parse_members(str(folder))] == [str(folder)]


def test_topics_come_from_the_model_that_is_named_for_them() -> None:
    """A user would get the topics of the model that was replaced."""
    text = "Acme files for bankruptcy"
    classifier = load(ModelSettings(model="null", topics="lexicon"))
    (scores,) = classifier.classify([text])
    assert scores.neutral == 1.0
    assert scores.topics == Lexicon().topics(text) != {}
    assert classifier.model_id == "null;topics=lexicon-2"


@pytest.mark.model
def test_labels_may_be_meant_for_one_of_several_checkpoints(make_checkpoint: Making) -> None:
    """LABEL_0 is negative to one model and positive to the next: one map would swap an answer."""
    labels = ("LABEL_0", "LABEL_1")
    first, second = str(make_checkpoint(labels)), str(make_checkpoint(labels))
    signs = ("negative", "positive")
    straight = {f"{first}:{label}": sign for label, sign in zip(labels, signs, strict=True)}
    crossed = {f"{second}:{label}": sign for label, sign in zip(labels, signs[::-1], strict=True)}
    both = ModelSettings(model=f"{first}+{second}", device="cpu", labels=straight | crossed)
    (scores,) = load(both).classify(["profit falls"])
    assert scores[:3] == pytest.approx((0.5, 0.0, 0.5))
    with pytest.raises(LabelsUnknown, match="LABEL_0"):
        load(ModelSettings(model=f"{first}+{second}", device="cpu", labels=straight))
