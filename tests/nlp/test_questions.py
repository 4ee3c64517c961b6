"""Questions about a company, through everything that stands between a model and its caller."""

import sqlite3
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Any

import orjson
import pytest

from nlp import contract
from nlp.classifier import (
    Classifier,
    Question,
    Reader,
    Scores,
    SubjectClassifier,
    Unclassifiable,
)
from nlp.contract import CHECKS, Broken
from nlp.ensembles.ensemble import Ensemble, Weighted, mean_scores
from nlp.ensembles.shadow import Shadow
from nlp.ensembles.split_tasks import SplitTasks
from nlp.languages.router import DeclaredText, LanguageRouter, model_that_read
from nlp.lexicon.chinese import ChineseLexicon
from nlp.lexicon.lexicon import Lexicon
from nlp.null import NEUTRAL, NullClassifier
from nlp.plugins import CheckedClassifier
from nlp.score_cache import FILE, ScoreCache
from tests.asked_model import BAD, GOOD, AskedModel

TEXT = "Acme sinks; Emca soars"
ACME, EMCA = Question(TEXT, "Acme"), Question(TEXT, "Emca")
WRAPPERS: dict[str, Callable[[Classifier], Classifier]] = {
    "plug-in": CheckedClassifier,
    "router": lambda model: LanguageRouter(model, "en", {"zh": ChineseLexicon()}),
    "ensemble": lambda model: Ensemble([Weighted(model), Weighted(NullClassifier())]),
    "split tasks": lambda model: SplitTasks(model, Lexicon()),
    "shadow": lambda model: Shadow(model, Lexicon()),
}


class Rude(AskedModel):
    """A model whose answers are changed, to questions or to texts."""

    def __init__(self, **changes: Any) -> None:
        super().__init__()
        self._changes = changes

    def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
        answers = super().classify_about(questions)
        return [answer._replace(**self._changes) for answer in answers]


@pytest.fixture(params=["none", "cache", *WRAPPERS])
def asked(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Classifier]:
    """Each wrapper around a model that can be asked, and the model alone."""
    wrap: Callable[[Classifier], Classifier] = WRAPPERS.get(request.param, lambda model: model)
    opened: AbstractContextManager[Classifier] = nullcontext(wrap(AskedModel()))
    if request.param == "cache":
        opened = ScoreCache.opened(AskedModel(), tmp_path)
    with opened as classifier:
        yield classifier


def test_a_wrapper_passes_questions_on(asked: Classifier) -> None:
    """A company would get the text's sentiment as soon as a second language is set up."""
    assert isinstance(asked, SubjectClassifier)
    for _ in range(2):
        answers = asked.classify_about([EMCA, ACME])
        assert [answer[:3] for answer in answers] == [GOOD[:3], BAD[:3]]
        assert [answer.severity for answer in answers] == [0.0, 2.5]


def test_a_wrapper_keeps_the_severity_of_a_text(asked: Classifier) -> None:
    """Alerts would not say how bad the news is, for all but the plainest setting."""
    assert [asked.classify([TEXT])[0].severity for _ in range(2)] == [2.5, 2.5]


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_the_contract_holds_for_questions(
    check: Callable[[Classifier], None], asked: Classifier
) -> None:
    """Companies would get the sentiment of others, or another one in a replay."""
    check(asked)


@pytest.mark.parametrize("name", WRAPPERS)
def test_a_wrapper_of_a_model_that_cannot_be_asked_cannot_be_asked(name: str) -> None:
    """The text's sentiment would pass for an answer about each company."""
    assert not isinstance(WRAPPERS[name](Lexicon()), SubjectClassifier)


def test_a_question_goes_to_the_model_of_its_texts_language() -> None:
    """A Chinese headline would be read by a model that knows not a word of it."""
    english, chinese, silent = AskedModel("en-1"), AskedModel("zh-1"), Lexicon()
    router = LanguageRouter(english, "en", {"zh": chinese, "fr": silent})
    assert isinstance(router, SubjectClassifier)
    answers = router.classify_about(
        [
            Question("海恒股份宣布破产", "海恒股份"),
            ACME,
            Question(DeclaredText("Acme files for bankruptcy", "fr"), "Acme"),
            Question(DeclaredText(TEXT, "de"), "Acme"),
        ]
    )
    assert (english.asked, len(chinese.asked[0])) == ([[ACME]], 1)
    assert [answer.reader for answer in answers] == [
        Reader("zh", "zh-1"),
        None,
        Reader("fr", "lexicon-2"),
        Reader("de", "unread"),
    ]
    assert answers[2].negative == silent.classify(["Acme files for bankruptcy"])[0].negative
    assert [model_that_read(router, answer) for answer in answers] == [
        chinese,
        english,
        silent,
        None,
    ]


def test_a_router_can_be_asked_if_one_of_its_models_can() -> None:
    """A desk with a good Chinese model and word lists for English would never be asked."""
    router = LanguageRouter(Lexicon(), "en", {"zh": AskedModel()})
    assert isinstance(router, SubjectClassifier)


def test_an_ensemble_answers_by_those_that_can_be_asked() -> None:
    """A word list's view of the whole text would blur what is said about each company."""
    first = Rude(negative=0.5, positive=0.5, neutral=0.0, severity=None)
    model = Ensemble([Weighted(first), Weighted(Lexicon(), 5.0), Weighted(AskedModel(), 3.0)])
    assert isinstance(model, SubjectClassifier)
    (answer,) = model.classify_about([ACME])
    assert answer[:3] == pytest.approx((0.78125, 0.09375, 0.125))
    assert answer.severity == 2.5


def test_a_severity_is_the_mean_over_the_members_that_say_one() -> None:
    """A word list beside a model would halve the severity of every disaster."""
    scores = [NEUTRAL._replace(severity=2.0), NEUTRAL, NEUTRAL._replace(severity=1.0)]
    assert mean_scores([3.0, 9.0, 1.0], scores).severity == pytest.approx(1.75)
    assert mean_scores([1.0], [NEUTRAL]).severity is None


def test_the_answer_of_split_tasks_has_no_topics() -> None:
    """Topics of the model that was replaced for them would come back."""
    model = SplitTasks(Rude(topics={"ipo": 0.9}, about=("ipo",)), Lexicon())
    assert isinstance(model, SubjectClassifier)
    (answer,) = model.classify_about([ACME])
    assert (answer.topics, answer.about) == ({}, ())


@pytest.mark.parametrize(
    "changes",
    [{"negative": 0.9}, {"severity": 3.5}, {"severity": -1.0}, {"severity": float("nan")}],
)
def test_a_plug_ins_answers_are_checked(changes: dict[str, float]) -> None:
    """A wrong sum would shift the detector's shares, and a severity of 30 every alert."""
    model = CheckedClassifier(Rude(**changes))
    with pytest.raises(Unclassifiable):
        model.classify_about([ACME])
    short = CheckedClassifier(AskedModel())
    assert len(short.classify_about([ACME, EMCA])) == 2


def test_a_question_is_answered_once_by_each_model(tmp_path: Path) -> None:
    """A backtest would ask the same thing anew each time, or take an answer for a text's scores."""
    for _ in range(2):
        model = AskedModel()
        with ScoreCache.opened(model, tmp_path) as cache:
            about = cache.classify_about([ACME, EMCA, ACME])
            texts = cache.classify([TEXT])
    assert (model.asked, model.read) == ([], [])
    assert [answer[:3] for answer in about] == [BAD[:3], GOOD[:3], BAD[:3]]
    assert about[0].severity == texts[0].severity == 2.5
    assert (about[0].topics, texts[0].topics) == ({}, {"earnings": 0.75})


def test_entries_of_the_last_release_are_read(tmp_path: Path) -> None:
    """An upgrade would throw away the scores of a whole archive, or fail on them."""
    with ScoreCache.opened(AskedModel(), tmp_path) as cache:
        cache.classify([TEXT])
    row = orjson.dumps([0.5, 0.25, 0.25, {"ipo": 0.75}, ["ipo"]])
    with closing(sqlite3.connect(tmp_path / FILE)) as store, store:
        store.execute("update scores set scores = ?", (row,))
    with ScoreCache.opened(AskedModel(), tmp_path) as cache:
        assert cache.classify([TEXT]) == [Scores(0.5, 0.25, 0.25, {"ipo": 0.75}, ("ipo",))]


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"negative": 0.9}, contract.questions_are_answered),
        ({"severity": 4.0}, contract.severities_are_on_the_scale),
    ],
)
def test_the_contract_tells_of_broken_answers(
    changes: dict[str, float], check: Callable[[Classifier], None]
) -> None:
    """The author of a plug-in would learn of it from a worker in production."""
    with pytest.raises(Broken, match=r"\w+ \w+"):
        check(Rude(**changes))


def test_the_contract_tells_of_answers_that_depend_on_neighbours() -> None:
    """A replay, whose batches differ, would give a company another sentiment."""

    class ByBatch(AskedModel):
        def classify_about(self, questions: Sequence[Question]) -> list[Scores]:
            return [NEUTRAL] if len(questions) == 1 else super().classify_about(questions)

    with pytest.raises(Broken, match="alone"):
        contract.questions_are_answered(ByBatch())
