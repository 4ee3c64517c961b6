"""Models that can be asked what a text says about a company in it, and how severe it is."""

from pathlib import Path

import pytest

from nlp.classifier import Question, SubjectClassifier
from nlp.labelled_rows import BadRows, read
from nlp.load import load
from nlp.normalise import normalise
from nlp.settings import ModelSettings
from nlp.training.examples import Example, merge_rows, vary_names
from nlp.training.recipe import Recipe
from nlp.training.run import TrainingJob, fit, read_rows
from nlp.transformer.encoder import load_tokenizer
from nlp.transformer.tokenize import Tokenizer

pytestmark = pytest.mark.model

NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale")
PAIRS = [(up, down) for up in NAMES for down in NAMES if up != down]


def text(up: str, down: str) -> str:
    """Return a headline that is good for one company and bad for the other."""
    return f"{up} climbs as {down} slides"


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A file of questions about one company of two."""
    lines = ["text,subject,label,severity"]
    for up, down in PAIRS:
        lines += [f"{text(up, down)},{up},positive,0", f"{text(up, down)},{down},negative,2"]
    path = tmp_path_factory.mktemp("rows") / "subjects.csv"
    path.write_text("\n".join(lines))
    return path


@pytest.fixture(scope="module")
def model(rows: Path, tmp_path_factory: pytest.TempPathFactory) -> SubjectClassifier:
    """A model that learnt these questions."""
    recipe = Recipe(epochs=6, batch=8, encoder_rate=3e-4, held_out=0.1, patience=6)
    folder = tmp_path_factory.mktemp("model") / "asked"
    fit(read_rows({"sentiment": rows}), TrainingJob(recipe=recipe, out=folder, device="cpu"))
    loaded = load(ModelSettings(model=str(folder), device="cpu"))
    assert isinstance(loaded, SubjectClassifier)
    return loaded


def test_a_text_is_good_for_one_company_and_bad_for_the_other(model: SubjectClassifier) -> None:
    """A desk would get an alert about the company that gains."""
    asked = [Question(text("Jade", "Iris"), "Jade"), Question(text("Jade", "Iris"), "Iris")]
    gains, loses = model.classify_about(asked)
    assert gains.positive > 0.5 > gains.negative
    assert loses.negative > 0.5 > loses.positive


def test_the_severity_is_that_of_the_subject(model: SubjectClassifier) -> None:
    """An alert would call a gain grave."""
    asked = [Question(text("Jade", "Iris"), "Jade"), Question(text("Jade", "Iris"), "Iris")]
    gains, loses = (scores.severity for scores in model.classify_about(asked))
    assert gains is not None
    assert loses is not None
    assert 0.0 <= gains < 1.0 < loses <= 3.0


def test_a_long_text_is_cut_and_not_its_subject() -> None:
    """The model would be asked about nothing, and answer for the text."""
    tokenizer = load_tokenizer()
    long = text("Jade", "Iris") + " and nothing else was said" * 200
    (window,) = Tokenizer(tokenizer, 32).prepare([long], ["Iris"]).windows
    assert len(window.ids) == 32
    assert str(tokenizer.decode(window.ids, skip_special_tokens=False)).endswith("[SEP] iris [SEP]")


def test_a_model_of_an_earlier_release_says_no_severity(saved_model: Path) -> None:
    """Each article would be called a little severe, by a head that learnt nothing."""
    earlier = load(ModelSettings(model=str(saved_model), device="cpu"))
    assert [scores.severity for scores in earlier.classify(["Shares fall", ""])] == [None, None]


def test_the_severity_of_a_row_is_a_number_from_0_to_3(tmp_path: Path) -> None:
    """A slip in a file would be learnt without a word."""
    file = tmp_path / "rows.csv"
    file.write_text("text,label,severity\nShares fall,negative,1\nProfit falls,negative,4\n")
    with pytest.raises(BadRows, match=r"rows\.csv:3: severity '4' is no number from 0 to 3"):
        read(file, "sentiment")


def test_rows_without_subject_and_severity_are_read_as_ever(tmp_path: Path) -> None:
    """Files of earlier releases would be refused, or taken for questions about nobody."""
    file = tmp_path / "rows.csv"
    file.write_text("text,label,subject,severity\nShares fall,negative,,\nProfit falls,negative\n")
    rows = read(file, "sentiment").rows
    assert merge_rows({"sentiment": rows}) == [
        Example(normalise(row.text), {"sentiment": 0}) for row in rows
    ]


def test_names_are_varied_in_text_and_subject_alike() -> None:
    """The model would be asked about a company that the text does not name."""
    example = Example("Boeing falls as Airbus gains", {"sentiment": 0}, "Boeing")
    (copy,) = vary_names([example, Example("Shares fall", {"sentiment": 0})], 1.0, seed=1)
    assert "Boeing" not in copy.text
    assert copy.text == f"{copy.subject} falls as {copy.text.split(' as ')[1]}"
    assert copy.labels == example.labels
    assert vary_names([example] * 50, 0.5, seed=2) == vary_names([example] * 50, 0.5, seed=2)
    assert 10 < len(vary_names([example] * 50, 0.5, seed=2)) < 40
