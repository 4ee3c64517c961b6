"""``newsquake adapt``, from a file of corrections to another current model."""

import json
import shutil
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

import pytest
from click.testing import Result
from typer.testing import CliRunner

from cli.main import app
from nlp.classifier import Classifier
from nlp.continual.registry import ModelRegistry
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS
from nlp.transformer import model_files

pytestmark = pytest.mark.model

NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
SAID = {"soars": "positive", "plunges": "negative", "meets": "neutral"}
QUICK = ("--epochs", "3", "--batch", "16", "--rate", "0.003", "--device", "cpu", "--threads", "1")

Adapt = Callable[..., Result]


def written(path: Path, rows: Iterable[dict[str, str]]) -> Path:
    """A file of JSON lines."""
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def sentiments(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Headlines that say plainly what they mean."""
    return [
        {"text": f"{name} stock {verb} {n}", "label": label}
        for n in numbers
        for name in NAMES
        for verb, label in SAID.items()
    ]


def topics(numbers: Iterable[int]) -> list[dict[str, str]]:
    """Headlines of two topics."""
    said = {"raises its dividend": "dividend", "files for an ipo": "ipo"}
    return [
        {"text": f"{name} {words} {n}", "label": label}
        for n in numbers
        for name in NAMES
        for words, label in said.items()
    ]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files of old rows, and a model that has learnt from some of them."""
    from nlp.training.recipe import Recipe  # noqa: PLC0415
    from nlp.training.run import fit, rows  # noqa: PLC0415

    found = tmp_path_factory.mktemp("adapt")
    written(found / "sentiment.jsonl", sentiments(range(3)))
    written(found / "topics.jsonl", topics(range(3)))
    written(found / "old-sentiment.jsonl", sentiments(range(3, 6)))
    written(found / "old-topics.jsonl", topics(range(3, 6)))
    recipe = Recipe(
        method="lora", epochs=4, batch=8, rate=3e-3, rank=4, max_tokens=16, held_out=0.2
    )
    files = {"sentiment": found / "sentiment.jsonl", "topic": found / "topics.jsonl"}
    fit(rows(files), recipe, found / "first", device="cpu")
    return found


@pytest.fixture
def adapt(folder: Path, tmp_path: Path) -> Adapt:
    """Run the command on the old rows, with what else is given."""

    def run(*arguments: str | Path, replay: bool = True, old: bool = True) -> Result:
        given = ["adapt", "--models", tmp_path / "models", *QUICK, *arguments]
        if replay:
            given += ["--replay-sentiment", folder / "sentiment.jsonl"]
            given += ["--replay-topics", folder / "topics.jsonl"]
        if old:
            given += ["--old-sentiment", folder / "old-sentiment.jsonl"]
            given += ["--old-topics", folder / "old-topics.jsonl"]
        return CliRunner().invoke(app, [str(it) for it in given])

    return run


def likeliest(model: Classifier, texts: Sequence[str]) -> list[str]:
    """The sentiment that ``model`` gives each text."""
    return [max(SENTIMENTS, key=lambda it: getattr(scores, it)) for scores in model.classify(texts)]


def model(path: Path) -> Classifier:
    """The model in ``path``, as a worker loads it."""
    return load(ModelSettings(model=str(path), device="cpu"))


def strange(folder: Path, into: Path) -> Path:
    """Corrections of headlines that the first model gets wrong, all in the same way."""
    texts = [f"{name} stock zorps {n}" for name in NAMES for n in range(6)]
    (guess, *_) = likeliest(model(folder / "first"), texts[:1])
    right = next(name for name in SENTIMENTS if name != guess)
    rows = [{"headline": text, "sentiment": right, "who": "ann"} for text in texts]
    return written(into / "feedback.jsonl", rows)


def files(folder: Path) -> dict[str, bytes]:
    """Everything in ``folder``, with its content."""
    found = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in found}


def test_a_better_model_becomes_current_and_can_be_taken_back(
    folder: Path, tmp_path: Path, adapt: Adapt
) -> None:
    """Corrections would be gathered for nothing, or a promotion could not be undone."""
    feedback = strange(folder, tmp_path)
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
    """A handful of corrections would cost all users what the model was good at."""
    rows = [
        {"text": f"{name} stock soars {n}", "sentiment": "negative"}
        for name in NAMES
        for n in range(10, 16)
    ]
    feedback = written(tmp_path / "feedback.jsonl", rows)
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
def test_what_cannot_be_used_is_said_in_a_line_and_changes_nothing(  # noqa: PLR0913, PLR0917
    folder: Path,
    tmp_path: Path,
    adapt: Adapt,
    feedback: str,
    arguments: tuple[str, ...],
    code: int,
    problem: str,
) -> None:
    """A nightly job would fail without a reason, or leave workers without a model."""
    adapt("--put", folder / "first")
    before = files(tmp_path / "models")
    (tmp_path / "feedback.jsonl").write_text(feedback)
    shutil.copytree(folder / "first", tmp_path / "short")
    weights = tmp_path / "short" / model_files.ADAPTER
    weights.write_bytes(weights.read_bytes()[:1_000])
    given = [it.replace("{tmp}", str(tmp_path)) for it in arguments]
    done = adapt("--feedback", tmp_path / "feedback.jsonl", *given, replay=False)
    assert done.exit_code == code, done.output
    assert problem in done.stderr
    assert "Traceback" not in done.output
    assert files(tmp_path / "models") == before
    assert ModelRegistry(tmp_path / "models").current


def test_without_old_rows_nothing_is_learnt(folder: Path, tmp_path: Path, adapt: Adapt) -> None:
    """Nobody would see what a model forgets."""
    feedback = written(tmp_path / "feedback.jsonl", [{"text": "x", "label": "ipo"}])
    done = adapt("--init", folder / "first", "--feedback", feedback, old=False)
    assert (done.exit_code, done.stderr.count("\n")) == (2, 1)
    assert "--old-sentiment" in done.stderr
    assert not (tmp_path / "models").exists()
