"""The model's settings, from the environment and from a file alike."""

from pathlib import Path

import pytest

from infra.settings.model import SettingsError, load

MAPS = {
    "NEWSQUAKE_NLP__ZERO_SHOT": '{"layoffs": "A company cuts jobs, and more"}',
    "NEWSQUAKE_NLP__TOPIC_LABELS": '{"LABEL_0": "ipo", "LABEL_1": ""}',
    "NEWSQUAKE_NLP__LABELS": '{"LABEL_0": "negative"}',
    "NEWSQUAKE_NLP__MODEL": "2*shipped+lexicon",
    "NEWSQUAKE_NLP__TOPICS": "zero-shot",
    "NEWSQUAKE_NLP__SHADOW": "lexicon",
    "NEWSQUAKE_NLP__DTYPE": "int8",
    "NEWSQUAKE_NLP__COMPILE": "true",
    "NEWSQUAKE_NLP__WINDOWS": "1",
    "NEWSQUAKE_NLP__THREADS": "2",
}
FILE = """
[nlp]
model = "2*shipped+lexicon"
topics = "zero-shot"
shadow = "lexicon"
dtype = "int8"
compile = true
windows = true
threads = 2
labels = { LABEL_0 = "negative" }

[nlp.zero_shot]
layoffs = "A company cuts jobs, and more"

[nlp.topic_labels]
LABEL_0 = "ipo"
LABEL_1 = ""
"""


def test_maps_are_read_from_variables_and_files_alike(tmp_path: Path) -> None:
    """Topics of one's own could be described in one place only, or not at all."""
    (tmp_path / "newsquake.toml").write_text(FILE)
    from_file = load(tmp_path / "newsquake.toml", {}).nlp
    assert load(None, MAPS).nlp == from_file
    assert from_file.zero_shot == {"layoffs": "A company cuts jobs, and more"}
    assert from_file.topic_labels == {"LABEL_0": "ipo", "LABEL_1": ""}


@pytest.mark.parametrize(
    ("variable", "text"),
    [
        ("ZERO_SHOT", "layoffs"),
        ("ZERO_SHOT", '{"two words": "A company cuts jobs"}'),
        ("ZERO_SHOT", '{"layoffs": ""}'),
        ("ZERO_SHOT", '{"layoffs": '),
        ("TOPIC_LABELS", '{"LABEL_0": 7}'),
        ("LABELS", '{"LABEL_0": "bad"}'),
        ("DTYPE", "fp8"),
        ("THREADS", "-1"),
    ],
)
def test_a_wrong_value_is_told_by_its_name(variable: str, text: str) -> None:
    """A slip in the JSON would end in a stack trace."""
    with pytest.raises(SettingsError, match=f"NEWSQUAKE_NLP__{variable}") as refused:
        load(None, {f"NEWSQUAKE_NLP__{variable}": text})
    assert len(refused.value.problems) == 1
