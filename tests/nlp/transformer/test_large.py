"""The large model, on its own encoder: extra ``large``."""

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
from numpy.typing import NDArray
from typer.testing import CliRunner

from cli.main import app
from nlp.classifier import Classifier, Question, Scores
from nlp.contract import CHECKS
from nlp.explain import gradients
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.transformer import model_files
from nlp.transformer.model_path import LARGE
from nlp.transformer.transformer import SubjectTransformer, load_transformer

pytestmark = pytest.mark.model

MAX_BYTES = 8_000_000
"""Size of all files that are not in the encoder's packages."""
BENCH = Path(__file__).parents[3] / "bench"
CPU = ModelSettings(model="large", device="cpu", dtype="fp32", language="*")
TEXTS = 200
Check = Callable[[Classifier], None]
RuntimeName = Literal["openvino", "torch"]


def headlines() -> list[str]:
    """Return headlines of our own."""
    texts: list[str] = []
    for name in ("world_events.csv", "plainly_bad.csv", "name_swap.csv"):
        with (BENCH / name).open(encoding="utf-8", newline="") as lines:
            texts += [row["headline"] for row in csv.DictReader(lines)]
    gaps = {"company": "Ford", "number": "400", "place": "Ohio"}
    return [text.format(**gaps) for text in texts][:TEXTS]


def numbers(scores: list[Scores]) -> NDArray[np.float64]:
    """Return sentiments, severity and topics of each text: (texts, 24)."""
    return np.array([[*s[:3], s.severity, *s.topics.values()] for s in scores], dtype=np.float64)


@pytest.fixture(scope="module", params=["openvino", "torch"])
def model(request: pytest.FixtureRequest) -> SubjectTransformer:
    """The model in each of the runtimes."""
    loaded = load_transformer(LARGE, CPU.model_copy(update={"runtime": request.param}))
    assert isinstance(loaded, SubjectTransformer)
    return loaded


def test_it_is_small_and_whole() -> None:
    """Every install and every image would carry more than it has to, or a damaged model."""
    files = [path for path in LARGE.iterdir() if path.name != "MODEL_CARD.md"]
    assert sum(path.stat().st_size for path in files) <= MAX_BYTES
    manifest = model_files.verify(LARGE)
    assert {path.name for path in LARGE.glob("*.safetensors")} <= set(manifest.files)
    assert manifest.encoder == "mpnet"
    assert model_files.trained_heads(LARGE) == ("sentiment", "topic", "severity")


def test_its_card_has_the_figures_that_a_command_prints() -> None:
    """The table could not be renewed with the weights, and would be that of another model."""
    card = (LARGE / "MODEL_CARD.md").read_text("utf-8")
    name = model_files.read_manifest(LARGE).name
    before, _, rest = card.partition("<!-- figures: python -m labelling.card large -->")
    figures, _, after = rest.partition("<!-- end of figures -->")
    assert before.startswith(f"# {name}\n")
    assert figures.count("\n|") > 5
    assert after


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(check: Check, model: SubjectTransformer) -> None:
    """Articles would be lost, scored otherwise by a replay, or stop the worker."""
    check(model)


def test_both_runtimes_give_the_same_answers() -> None:
    """Whoever moves a pipeline from a graphics card to a processor would get other alerts."""
    texts = headlines()
    assert len(texts) == TEXTS
    questions = [Question(text, "Ford") for text in texts]
    ours, theirs = (
        load_transformer(LARGE, CPU.model_copy(update={"runtime": name}))
        for name in ("openvino", "torch")
    )
    assert (ours.runtime.name, theirs.runtime.name) == ("openvino", "torch")
    assert ours.model_id == theirs.model_id
    assert isinstance(ours, SubjectTransformer)
    assert isinstance(theirs, SubjectTransformer)
    for answers, others in (
        (ours.classify(texts), theirs.classify(texts)),
        (ours.classify_about(questions), theirs.classify_about(questions)),
    ):
        assert np.abs(numbers(answers) - numbers(others)).max() < 1e-3


def test_it_reads_headlines(model: SubjectTransformer) -> None:
    """The weights would be those of no training, or not fit the encoder's version."""
    bad, good, plain = model.classify(
        [
            "Blast at Brennholt Chemie plant kills four, dozens hurt",
            "Globex beats quarterly earnings estimates and raises its guidance",
            "Initech declares quarterly dividend of $0.25 per share",
        ]
    )
    assert bad.negative > 0.5
    assert bad.severity is not None
    assert plain.severity is not None
    assert bad.severity > 1.0 > plain.severity
    assert good.positive > 0.5
    assert "dividend" in plain.about


def test_it_tells_companies_of_a_text_apart() -> None:
    """Good news of one company would count against another that the text names."""
    model = load(CPU)
    assert isinstance(model, SubjectTransformer)
    slide = "Markets climb on aid hopes; Boeing slides, Ford gains"
    blast = "Ford beats forecasts; Boeing plant explosion kills four"
    asked = [Question(text, name) for text in (slide, blast) for name in ("Ford", "Boeing")]
    ford, boeing, ford_too, boeing_too = [scores.negative for scores in model.classify_about(asked)]
    assert ford < 0.5 < boeing
    assert ford_too + 0.1 < boeing_too


def test_its_answers_are_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    """The better model would be the one whose alerts nobody can check."""
    monkeypatch.setattr(gradients, "STEPS", (32,))  # more take a minute on a processor
    text = "Ford gains, Boeing charged with fraud"
    result = CliRunner().invoke(
        app, ["predict", "--model", "large", "--explain", "--label", "negative", "--json", text],
        env={"NEWSQUAKE_NLP__DEVICE": "cpu"},
    )  # fmt: skip
    assert result.exit_code == 0, result.output
    answer = json.loads(result.stdout)
    assert answer["model"].startswith(model_files.read_manifest(LARGE).name)
    assert answer["severity"] > 0.0
    assert set(answer["about"]) == {"company:F", "company:BA"}
    words = dict(answer["explanation"]["sentiment"])
    assert max(words, key=lambda word: words[word]) == "fraud"
    about = dict(answer["about"]["company:BA"]["explanation"]["sentiment"])
    assert about["fraud"] > 0.0
