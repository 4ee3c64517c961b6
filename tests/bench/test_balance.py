"""Biases of the sentiments, fitted after training."""

from pathlib import Path

import numpy as np
import pytest
from labelling.balance import corrected, fit_biases, write

from nlp.load import load
from nlp.settings import ModelSettings
from nlp.transformer.model_files import verify
from nlp.transformer.model_path import SHIPPED

HEADLINES = [
    "Brewer cuts its forecast after a strike",
    "Toymaker to open a shop in Oslo on Monday",
    "Steel group's profit beats all forecasts",
]


def test_the_biases_that_were_held_back_are_found() -> None:
    """Bad news would still be read as neutral, or good news as bad."""
    dice = np.random.default_rng(3)
    honest = dice.dirichlet((0.6, 0.8, 0.5), 20_000)
    labels = np.array([dice.choice(3, p=row) for row in honest])
    held_back = np.array([-0.5, 0.0, 0.2])
    biases = fit_biases(corrected(honest, held_back), labels)
    np.testing.assert_allclose(biases, -held_back, atol=0.08)


@pytest.mark.model
def test_a_written_model_answers_as_the_correction_says(tmp_path: Path) -> None:
    """The model that is shipped would not be the one whose figures were printed."""
    biases = np.array([0.4, 0.0, -0.3])
    write(SHIPPED, tmp_path / "balanced", biases)
    verify(tmp_path / "balanced")
    before, after = (
        np.array([scores[:3] for scores in load(ModelSettings(model=name)).classify(HEADLINES)])
        for name in ("shipped", str(tmp_path / "balanced"))
    )
    np.testing.assert_allclose(after, corrected(before, biases), atol=3e-3)
    assert np.abs(after - before).max() > 0.02


def test_a_model_that_is_there_is_not_overwritten(tmp_path: Path) -> None:
    """Weights that took hours would be lost to a slip in a command."""
    with pytest.raises(FileExistsError):
        write(SHIPPED, tmp_path, np.zeros(3))
