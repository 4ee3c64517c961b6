"""The how-to of a language, followed word for word."""

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from cli.main import app
from infra.settings.model import load as load_settings
from nlp.contract import CHECKS
from nlp.load import load
from nlp.settings import ModelSettings

PAGE = (Path(__file__).parents[2] / "docs/how-to/add-a-language.md").read_text("utf-8")


def blocks(language: str) -> list[str]:
    """Return the page's code in ``language``."""
    return re.findall(rf"```{language}\n(.*?)```", PAGE, re.DOTALL)


@pytest.fixture
def installed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Install the page's package, as pip would."""
    (tmp_path / "german_words.py").write_text(blocks("python")[0], "utf-8")
    info = tmp_path / "german_words-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: german-words\nVersion: 1\n")
    (info / "entry_points.txt").write_text(
        "[newsquake.classifiers]\ngerman-words = german_words:load\n"
    )
    assert 'german-words = "german_words:load"' in blocks("toml")[0]
    monkeypatch.syspath_prepend(str(tmp_path))
    importlib.invalidate_caches()
    yield
    sys.modules.pop("german_words", None)


def printed(number: int) -> tuple[list[str], str]:
    """Return the arguments of the page's command, and what it prints there."""
    command, _, output = blocks("console")[number].partition("\n")
    flags, text = re.fullmatch(r'\$ newsquake predict ((?:--json )?)"(.*)"', command).groups()  # type: ignore[union-attr]
    return [*flags.split(), text], output


def test_a_language_without_a_model_is_shown_as_printed() -> None:
    """A reader would not find on the page what stands on the terminal."""
    arguments, output = printed(0)
    result = CliRunner().invoke(app, ["predict", "--model", "lexicon", *arguments])
    assert result.stdout.strip() == output.strip()


@pytest.mark.usefixtures("installed")
def test_the_printed_model_reads_it_as_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever follows the page would end with a language that is still unread."""
    (variable,) = re.findall(r"export (\w+)='(.*)'", PAGE)
    monkeypatch.setenv(*variable)
    arguments, output = printed(1)
    result = CliRunner().invoke(app, ["predict", "--model", "lexicon", *arguments])
    assert json.loads(result.stdout) == json.loads(output)


@pytest.mark.usefixtures("installed")
def test_the_printed_settings_name_it(tmp_path: Path) -> None:
    """The file that the page shows would be refused."""
    file = tmp_path / "newsquake.toml"
    file.write_text(blocks("toml")[1], "utf-8")
    settings = load_settings(file, {"NEWSQUAKE_NLP__MODEL": "lexicon"}).nlp
    assert settings.languages == {"zh": "lexicon-zh", "de": "german-words", "*": ""}
    (german,) = load(settings).classify(["Streik bei Nordbau kostet Millionen"])
    assert german.reader is not None
    assert german.reader.model == "german-words-1"


@pytest.mark.usefixtures("installed")
def test_the_printed_model_keeps_the_contract() -> None:
    """A copy of it would stop a worker at the first odd text."""
    classifier = load(ModelSettings(model="german-words", language="*"))
    for check in CHECKS:
        check(classifier)
