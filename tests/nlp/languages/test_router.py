"""Texts to the models that read their languages."""

from collections.abc import Callable, Sequence
from pathlib import Path

import pytest
from pydantic import ValidationError

from nlp.classifier import UNREAD, ModelMissing, Reader, Scores
from nlp.languages.router import DeclaredText, LanguageRouter
from nlp.load import load
from nlp.null import NEUTRAL
from nlp.settings import ModelSettings

ENGLISH = "Acme shares fall after profit warning"
GERMAN = "Nordbau senkt Prognose nach schwachem Quartal"
CHINESE = "海恒股份宣布破产"


class Noting:
    """A model that notes what it is asked."""

    def __init__(self, model_id: str) -> None:
        self.model_id = model_id
        self.texts: list[str] = []

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        assert all(type(text) is str for text in texts)
        self.texts += texts
        return [NEUTRAL._replace(topics={self.model_id: 0.9})] * len(texts)


def test_each_text_is_read_by_the_model_of_its_language_in_order() -> None:
    """Scores would be joined to other headlines, or given by a model that knows not a word."""
    first, chinese = Noting("first"), Noting("chinese")
    router = LanguageRouter(first, "en", {"zh": chinese, "de": None})
    scores = router.classify([CHINESE, ENGLISH, GERMAN, CHINESE])
    assert (first.texts, chinese.texts) == ([ENGLISH], [CHINESE, CHINESE])
    readers = [Reader("zh", "chinese"), None, Reader("de", UNREAD), Reader("zh", "chinese")]
    assert [answer.reader for answer in scores] == readers
    assert [list(answer.topics) for answer in scores] == [["chinese"], ["first"], [], ["chinese"]]
    assert [answer.is_unread for answer in scores] == [False, False, True, False]


def test_what_no_model_reads_is_neutral_and_unread() -> None:
    """News would count that nobody understood."""
    (scores,) = load(ModelSettings(model="lexicon")).classify([GERMAN])
    assert scores.is_unread
    assert scores[:4] == (0.0, 1.0, 0.0, {})


def test_the_declared_language_decides() -> None:
    """A text of two words would go to the wrong model though the feed says what it is."""
    german, regional = Noting("german"), Noting("regional")
    router = LanguageRouter(Noting("first"), "en", {"de": german, "de-ch": regional})
    router.classify([DeclaredText("Acme fällt", "de-AT"), DeclaredText("Acme steigt", "de-CH")])
    assert (german.texts, regional.texts) == (["Acme fällt"], ["Acme steigt"])
    assert router.language_of(DeclaredText("Acme up", "en-GB")) == "en"


def test_a_star_takes_all_other_languages() -> None:
    """A model for a hundred languages would have to be named a hundred times."""
    settings = ModelSettings(model="lexicon", languages={"*": "lexicon", "fr": ""})
    router = load(settings)
    german, french = router.classify([GERMAN, "Le bénéfice net bondit de 30 % au trimestre"])
    assert german.reader == Reader("de", "lexicon-2")
    assert french.reader == Reader("fr", UNREAD)


def test_another_language_may_be_the_usual_one() -> None:
    """A French desk would have its short headlines read as English."""
    router = load(ModelSettings(model="lexicon-zh", language="zh", languages={"en": "lexicon"}))
    chinese, english = router.classify([CHINESE, ENGLISH])
    assert chinese.reader is None
    assert english.reader == Reader("en", "lexicon-2")
    assert router.classify(["ACME"])[0].reader is None


def test_a_region_in_the_usual_language_changes_nothing() -> None:
    """All English news would be unread for a desk that writes en-US."""
    router = load(ModelSettings(model="lexicon", language="en-US"))
    assert [scores.reader for scores in router.classify([ENGLISH, "ACME"])] == [None, None]


def test_two_models_for_the_usual_language_are_refused() -> None:
    """The second would never be asked, and nobody would know."""
    with pytest.raises(ValidationError, match=r"language of nlp\.model: name it in nlp\.model"):
        ModelSettings(model="shipped", languages={"en": "lexicon"})


def test_recognition_can_be_turned_off() -> None:
    """A model for many languages would lose all but English."""
    assert not isinstance(load(ModelSettings(model="lexicon", language="*")), LanguageRouter)
    (scores,) = load(ModelSettings(model="null")).classify([GERMAN])
    assert scores.reader is None


def test_chinese_is_read_by_default_and_stays_when_others_are_named() -> None:
    """Whoever adds German would lose Chinese without a word."""
    settings = ModelSettings(model="lexicon", languages={"German": "lexicon"})
    assert settings.languages == {"zh": "lexicon-zh", "de": "lexicon"}
    chinese, german = load(settings).classify([CHINESE, GERMAN])
    assert chinese.reader == Reader("zh", "lexicon-zh-1")
    assert german.reader == Reader("de", "lexicon-2")


@pytest.mark.model
def test_a_checkpoint_reads_a_language_with_labels_of_its_own(
    make_checkpoint: Callable[..., Path],
) -> None:
    """The usual kind of model for another language could not be used."""
    folder = str(make_checkpoint(("LABEL_0", "LABEL_1", "LABEL_2")))
    labels = dict(enumerate(("negative", "neutral", "positive")))
    settings = ModelSettings(
        model="lexicon",
        languages={"de": folder, "fr": f"{folder}+null"},
        labels={f"{folder}:LABEL_{number}": label for number, label in labels.items()},
        device="cpu",
    )
    router = load(settings)
    german, english = router.classify([GERMAN, ENGLISH])
    assert german.reader is not None
    assert german.reader.model.startswith(Path(folder).name)
    (alone,) = load(
        settings.model_copy(update={"model": folder, "language": "*", "languages": {}})
    ).classify([GERMAN])
    assert german[:3] == pytest.approx(alone[:3], abs=1e-6)
    assert english.reader is None


def test_a_model_that_is_missing_is_named_with_its_language_at_the_start() -> None:
    """A worker would run for days until the first text in German ends it."""
    with pytest.raises(ModelMissing, match=r"nlp\.languages\.de can't be used: zero-shot"):
        load(ModelSettings(model="lexicon", languages={"de": "zero-shot"}))


@pytest.mark.parametrize("fields", [{"language": "?"}, {"languages": {"german!": "lexicon"}}])
def test_what_is_no_language_is_refused_with_an_example(fields: dict[str, object]) -> None:
    """A typing error would leave a language unread."""
    with pytest.raises(ValidationError, match="write a BCP 47 tag such as de"):
        ModelSettings(**fields)
