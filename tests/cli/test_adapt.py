"""``newsquake adapt``, from a file of corrections to a new current model."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from cli.main import app
from nlp.classifier import Classifier
from nlp.continual.registry import ModelRegistry
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS
from nlp.transformer import model_files

pytestmark = pytest.mark.model

NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
VERB_LABELS = {"soars": "positive", "plunges": "negative", "meets": "neutral"}
QUICK = ("--epochs", "3", "--batch", "16", "--rate", "0.003", "--device", "cpu", "--threads", "1")

Adapt = Callable[..., Result]


def write(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """Write ``rows`` to ``path`` as JSON lines, and return it."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sentiments(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Return headlines whose sentiment is easy to learn."""
    return [
        {"text": f"{name} stock {verb} {n}", "label": label}
        for n in numbers
        for name in NAMES
        for verb, label in VERB_LABELS.items()
    ]


def topics(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Return headlines of two topics."""
    phrase_labels = {"raises its dividend": "dividend", "files for an ipo": "ipo"}
    return [
        {"text": f"{name} {phrase} {n}", "label": label}
        for n in numbers
        for name in NAMES
        for phrase, label in phrase_labels.items()
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with files of old rows, and a model trained on some of them."""
    from nlp.training.recipe import Recipe
    from nlp.training.run import TrainingJob, fit, read_rows

    folder = tmp_path_factory.mktemp("adapt")
    write(folder / "sentiment.jsonl", sentiments(range(3)))
    write(folder / "topics.jsonl", topics(range(3)))
    write(folder / "old-sentiment.jsonl", sentiments(range(3, 6)))
    write(folder / "old-topics.jsonl", topics(range(3, 6)))
    recipe = Recipe(
        method="lora", epochs=4, batch=8, rate=3e-3, rank=4, max_tokens=16, held_out=0.2
    )
    rows = read_rows({"sentiment": folder / "sentiment.jsonl", "topic": folder / "topics.jsonl"})
    fit(rows, TrainingJob(recipe=recipe, out=folder / "first", device="cpu"))
    return folder


@pytest.fixture
def adapt(folder: Path, tmp_path: Path) -> Adapt:
    """Return a function that runs the command, by default with the old rows."""

    def run(*arguments: str | Path, replay: bool = True, old: bool = True) -> Result:
        argv = ["adapt", "--models", tmp_path / "models", *QUICK, *arguments]
        if replay:
            argv += ["--replay-sentiment", folder / "sentiment.jsonl"]
            argv += ["--replay-topics", folder / "topics.jsonl"]
        if old:
            argv += ["--old-sentiment", folder / "old-sentiment.jsonl"]
            argv += ["--old-topics", folder / "old-topics.jsonl"]
        return CliRunner().invoke(app, [str(argument) for argument in argv])

    return run


def likeliest(model: Classifier, texts: Sequence[str]) -> list[str]:
    """Return the likeliest sentiment of each text."""
    return [
        max(SENTIMENTS, key=lambda name: float(getattr(scores, name)))
        for scores in model.classify(texts)
    ]


def model(path: Path) -> Classifier:
    """Return the model in ``path``, loaded like a worker does."""
    return load(ModelSettings(model=str(path), device="cpu"))


def write_corrections(folder: Path, into: Path) -> Path:
    """Return a file of corrections to headlines that the first model gets wrong."""
    texts = [f"{name} stock zorps {n}" for name in NAMES for n in range(6)]
    (guess, *_) = likeliest(model(folder / "first"), texts[:1])
    right = next(name for name in SENTIMENTS if name != guess)
    rows = [{"headline": text, "sentiment": right, "who": "ann"} for text in texts]
    return write(into / "feedback.jsonl", rows)


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in ``folder``."""
    paths = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in paths}


def test_a_better_model_becomes_current_and_can_be_taken_back(
    folder: Path, tmp_path: Path, adapt: Adapt
) -> None:
    """Corrections would have no effect, or a promotion could not be undone."""
    feedback = write_corrections(folder, tmp_path)
    dry = adapt("--init", folder / "first", "--feedback", feedback, "--dry-run")
    assert (dry.exit_code, "would promote" in dry.stdout) == (0, True), dry.output
    assert not (tmp_path / "models").exists()

    done = adapt("--init", folder / "first", "--feedback", feedback)
    assert done.exit_code == 0, done.output
    assert "promoted" in done.stdout
    for cell in ("new", "old", "sentiment", "topic", "macro F1", "difference (95 %)"):
        assert cell in done.stdout
    current = tmp_path / "models" / "current"
    assert current.resolve().name == "v0002"
    row = json.loads(feedback.read_text().splitlines()[0])
    assert likeliest(model(current), [row["headline"]]) == [row["sentiment"]]
    assert likeliest(model(current), ["Acme stock soars 9"]) == ["positive"]
    assert model(current).model_id.startswith("v0002@")

    back = adapt("--roll-back")
    assert (back.exit_code, current.resolve().name) == (0, "v0001"), back.output
    assert model(current).model_id == model(folder / "first").model_id


def test_a_model_that_forgets_is_not_promoted(folder: Path, tmp_path: Path, adapt: Adapt) -> None:
    """A few wrong corrections would make the model worse for all users."""
    rows = [
        {"text": f"{name} stock soars {n}", "sentiment": "negative"}
        for name in NAMES
        for n in range(10, 16)
    ]
    feedback = write(tmp_path / "feedback.jsonl", rows)
    assert adapt("--put", folder / "first").exit_code == 0
    before = files(tmp_path / "models")
    done = adapt("--feedback", feedback, replay=False)
    assert done.exit_code == 1
    assert "not promoted: old sentiment accuracy got worse: -" in done.stderr
    assert files(tmp_path / "models") == before
    assert (tmp_path / "models" / "current").resolve().name == "v0001"


GOOD = "".join(
    json.dumps({"text": f"{name} zorps {n}", "sentiment": "negative"}) + "\n"
    for name in NAMES
    for n in range(6)
)


@pytest.mark.parametrize(
    ("feedback", "arguments", "code", "problem"),
    [
        ("", (), 1, "has no corrections"),
        ('{"text": "x", "sentiment": "sad"}', (), 1, "feedback.jsonl:1: sentiment"),
        ('{"text": "x", "topic": "sport"}', (), 1, "topic 'sport' is none of"),
        ('{"text": "\\u0000", "sentiment": "negative"}', (), 1, "too few"),
        ('{"text": "x", "sentiment": "negative"}', (), 1, "1 corrections are too few"),
        (GOOD, ("--init", "/nowhere"), 1, "/nowhere is no model that newsquake trained"),
        (GOOD, ("--init", "{tmp}/short"), 1, "damaged"),
        (GOOD, ("--put", "{tmp}/short"), 1, "damaged"),
        (GOOD, ("--put", "/nowhere"), 1, "/nowhere is no model"),
        (GOOD, ("--roll-back",), 1, "no version to go back to"),
        (GOOD, ("--feedback", "/nowhere.jsonl"), 1, "/nowhere.jsonl can't be read"),
        (GOOD, ("--replay-topics", "{tmp}/feedback.jsonl"), 1, "needs the columns"),
        (GOOD, ("--device", "cuda:7"), 1, "not available"),
        (GOOD, ("--epochs", "0"), 2, "--epochs"),
    ],
)
def test_unusable_input_is_reported_in_a_line_and_changes_nothing(  # noqa: PLR0913, PLR0917 - one for each option
    folder: Path,
    tmp_path: Path,
    adapt: Adapt,
    feedback: str,
    arguments: tuple[str, ...],
    code: int,
    problem: str,
) -> None:
    """A nightly job would fail without an explanation, or leave workers without a model."""
    adapt("--put", folder / "first")
    before = files(tmp_path / "models")
    (tmp_path / "feedback.jsonl").write_text(feedback)
    shutil.copytree(folder / "first", tmp_path / "short")
    weights = tmp_path / "short" / model_files.ADAPTER
    weights.write_bytes(weights.read_bytes()[:1_000])
    argv = [argument.replace("{tmp}", str(tmp_path)) for argument in arguments]
    done = adapt("--feedback", tmp_path / "feedback.jsonl", *argv, replay=False)
    assert done.exit_code == code, done.output
    assert problem in done.stderr
    assert "Traceback" not in done.output
    assert files(tmp_path / "models") == before
    assert ModelRegistry(tmp_path / "models").current


def test_the_corrections_that_are_needed_are_counted_at_once(
    folder: Path, tmp_path: Path, adapt: Adapt
) -> None:
    """A user would gather corrections one by one, and try again after each."""
    rows = [{"text": f"Acme zorps {n}", "sentiment": "negative"} for n in range(9)]
    feedback = write(tmp_path / "feedback.jsonl", rows)
    done = adapt("--init", folder / "first", "--feedback", feedback, "--replay-topics", "/nowhere")
    first, second = done.stderr.splitlines()[:2]
    assert "needs 5 corrections to learn from and 5 to judge by: about 17 in all" in first
    assert "has 9 corrected texts: 8 to learn from, 1 to judge by (9 of sentiment, 0" in second
    assert "9 corrections are too few" in done.stderr


def test_old_rows_with_numbers_need_a_map(folder: Path, tmp_path: Path, adapt: Adapt) -> None:
    """A candidate would be judged by labels that mean something else."""
    numbers = [{"text": row["text"], "label": "2"} for row in sentiments(range(1))]
    old = write(tmp_path / "numbers.jsonl", numbers)
    arguments = ("--init", folder / "first", "--feedback", write_corrections(folder, tmp_path))
    done = adapt(*arguments, "--old-sentiment", old, old=False)
    assert done.exit_code == 1
    assert "--labels 2=negative" in done.stderr
    assert "numbers do not say what they mean: 2 (30 rows)" in done.stderr


def test_without_old_rows_nothing_is_learnt(folder: Path, tmp_path: Path, adapt: Adapt) -> None:
    """A model that forgets old texts would be promoted, since nobody sees it."""
    feedback = write(tmp_path / "feedback.jsonl", [{"text": "x", "label": "ipo"}])
    done = adapt("--init", folder / "first", "--feedback", feedback, old=False)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "--old-sentiment" in done.stderr
    assert not (tmp_path / "models").exists()
