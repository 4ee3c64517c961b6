"""Models that were trained on one task only: they do not invent answers to the other."""

from collections.abc import Callable
from pathlib import Path
from shutil import copytree
from typing import Any

import pytest
from typer.testing import CliRunner

from cli.main import app
from nlp.classifier import ModelMissing
from nlp.evaluation.predictions import NotEvaluated, predict
from nlp.labelled_rows import Row
from nlp.load import load, missing_tasks
from nlp.settings import ModelSettings
from nlp.tasks import TASKS, TOPICS, Task
from nlp.transformer.model_files import trained_tasks

pytestmark = pytest.mark.model

Making = Callable[[Task], str]
TEXTS = ("Shares fall", "Acme lists its shares", "")


@pytest.fixture
def without(saved_model: Path, forget: Callable[[Path, str], None], tmp_path: Path) -> Making:
    """Return a function that makes a model without a task, and returns its name."""

    def make(task: Task) -> str:
        folder = tmp_path / f"without-{task}"
        if not folder.exists():
            copytree(saved_model, folder)
            forget(folder, task)
        return str(folder)

    return make


def settings(model: str, **others: Any) -> ModelSettings:
    """Return settings on the CPU."""
    return ModelSettings(model=model, device="cpu", **others)


def test_a_model_trained_on_sentiments_gives_no_topics(without: Making) -> None:
    """Each article would be about all topics by 50 %, and the worker write 21 signals for it."""
    answers = load(settings(without("topic"))).classify(TEXTS)
    assert all(scores.topics == {} and scores.about == () for scores in answers)
    assert any(scores.negative > 0.0 for scores in answers)


def test_the_shipped_model_gives_the_missing_topics_if_it_is_set(without: Making) -> None:
    """A user with sentiments of one's own would have to do without topics."""
    model = without("topic")
    scores = load(settings(model, topics="shipped")).classify(TEXTS)[1]
    assert set(scores.topics) == set(TOPICS)
    assert len(scores.about) < 5
    assert missing_tasks(settings(model, topics="shipped")) == []


def test_a_model_trained_on_topics_finds_nothing_negative(without: Making) -> None:
    """Each article would be negative by a third, and each surge of news an alert."""
    answers = load(settings(without("sentiment"))).classify(TEXTS)
    assert [scores[:3] for scores in answers] == [(0.0, 1.0, 0.0)] * len(TEXTS)
    assert all(len(scores.topics) == len(TOPICS) for scores in answers)


def test_what_is_missing_is_said_with_the_remedy(without: Making, saved_model: Path) -> None:
    """A user would wait for topics, or for alerts, that never come."""
    (sentence,) = missing_tasks(settings(without("topic")))
    assert "without topics" in sentence
    assert "nlp.topics=shipped" in sentence
    (sentence,) = missing_tasks(settings(without("sentiment")))
    assert "nothing alerts" in sentence
    (sentence,) = missing_tasks(settings("lexicon", languages={"de": without("topic")}))
    assert "for de, was trained without topics" in sentence
    for whole in ("shipped", "lexicon", "null", str(saved_model)):
        assert missing_tasks(settings(whole)) == []


def test_predict_says_it_once_and_answers(without: Making) -> None:
    """A user would take the absence of topics for the model's opinion."""
    model = without("topic")
    result = CliRunner().invoke(app, ["predict", "--json", "--model", model, *TEXTS[:2]])
    assert result.exit_code == 0, result.output
    assert result.stderr.count("was trained without topics") == 1
    assert '"topics":{}' in result.stdout


@pytest.mark.parametrize("spec", ["{model}", "shipped+{model}"])
def test_a_model_is_not_asked_for_what_it_never_learnt(without: Making, spec: str) -> None:
    """Half of each answer would come from a head that knows nothing."""
    with pytest.raises(ModelMissing, match="trained without topics"):
        load(settings("null", topics=spec.format(model=without("topic"))))
    with pytest.raises(ModelMissing, match="trained without sentiments"):
        load(settings(f"null+{without('sentiment')}"))


def test_a_task_that_was_never_learnt_is_not_evaluated(without: Making) -> None:
    """A report would have figures of answers that nobody gave."""
    for task in TASKS:
        model = load(settings(without(task)))
        with pytest.raises(NotEvaluated, match=f"trained without {task}s"):
            predict(model, TEXTS, task)


def test_training_leaves_a_task_without_rows_unlearnt(tmp_path: Path) -> None:
    """A model would be taken for one that knows topics because its file has room for them."""
    from nlp.training.recipe import Recipe
    from nlp.training.run import TrainingJob, fit

    rows = [Row(f"Acme {verb} {n}", n % 3) for verb in ("rises", "falls") for n in range(12)]
    recipe = Recipe(epochs=1, batch=8, max_tokens=8, held_out=0.2)
    fit({"sentiment": rows}, TrainingJob(recipe=recipe, out=tmp_path / "model", device="cpu"))
    assert trained_tasks(tmp_path / "model") == ("sentiment",)
