"""Plots of an evaluation."""

import io
from pathlib import Path

import numpy as np
import pytest
from matplotlib.image import imread

from nlp.evaluation import plots
from nlp.evaluation.dataset import Dataset
from nlp.evaluation.predictions import Predictions
from nlp.evaluation.report import make_report


def pixels(answers: list[int], guesses: list[int], name: str) -> np.ndarray:
    """Return the plot ``name`` of an evaluation, (height, width, 4), 0 to 1."""
    dataset = Dataset("sentiment", Path("x.csv"), ["Tove rises"] * len(answers), np.array(answers))
    predictions = Predictions(np.array(guesses), np.full(len(guesses), 0.9))
    report = make_report(dataset, [("some/model", predictions)], [], seed=1)
    png = plots.draw_plots(report.judgements[0], report.labels, "sentiment")[name]
    return imread(io.BytesIO(png), format="png")


@pytest.mark.parametrize("name", ["confusion", "reliability"])
def test_plots_show_the_predictions(name: str) -> None:
    """All models would have the same plot, or an empty one."""
    right, wrong = pixels([0, 1, 2], [0, 1, 2], name), pixels([0, 1, 2], [1, 2, 0], name)
    assert right.shape == wrong.shape
    assert min(right.shape[:2]) > 300
    assert np.mean(np.any(right != wrong, axis=2)) > 0.01
