"""Fit the calibration that turns logits into probabilities, on texts that were held out."""

from collections.abc import Callable
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from nlp.transformer.model_files import Calibration

_MAX_LBFGS_ITERATIONS: Final = 100
_MIN_THRESHOLD, _MAX_THRESHOLD = 0.2, 0.8
"""Bounds of a topic's threshold: rare topics have too few texts to justify an extreme one."""


class LabelledLogits(NamedTuple):
    """Outputs of both models for the labelled texts of one task.

    Attributes:
        logits: the transformer's, (texts, classes).
        margins: the linear n-gram model's, (texts, classes).
        labels: class indices, (texts,).
    """

    logits: Tensor
    margins: Tensor
    labels: Tensor


def calibrate(sentiment: LabelledLogits, topic: LabelledLogits) -> Calibration:
    """Return the calibration under which the labels are likeliest.

    A task without labelled texts keeps the neutral calibration.
    """
    calibration = Calibration(thresholds=(0.5,) * topic.logits.shape[1])
    if len(sentiment.labels):
        share, temperature = _fit_margin_share(sentiment)
        fitted = {"blend": (share, 0.0), "temperature": temperature}
        calibration = calibration.model_copy(update=fitted)

    if not len(topic.labels):
        return calibration
    share, _ = _fit_margin_share(topic)
    logits = topic.logits.double() + share * topic.margins.double()
    scale, shift = _fit_platt_scaling(logits, topic.labels)
    scores = (logits * scale + shift).sigmoid()
    thresholds = tuple(
        _best_threshold(scores[:, index], topic.labels == index) for index in range(scores.shape[1])
    )
    platt = {"scale": scale, "shift": shift, "thresholds": thresholds}
    return calibration.model_copy(update={"blend": (calibration.blend[0], share), **platt})


def _fit_margin_share(outputs: LabelledLogits) -> tuple[float, float]:
    """Return the factor of the margins and the temperature that minimise the cross entropy."""
    logits, margins = outputs.logits.double(), outputs.margins.double()
    log_temperature = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    share = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    _minimise(
        [log_temperature, share],
        lambda: functional.cross_entropy(
            (logits + share * margins) / log_temperature.exp(), outputs.labels
        ),
    )
    return max(0.0, float(share.detach())), float(log_temperature.detach().exp())


def _fit_platt_scaling(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Return scale and shift of Platt scaling (Platt 1999), fitted to each text's top topic.

    Only the highest score is fitted, since it is the one that users see and that is evaluated.
    """
    top, guess = logits.max(dim=1)
    correct = (guess == labels).double()
    log_scale = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    shift = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    _minimise(
        [log_scale, shift],
        lambda: functional.binary_cross_entropy_with_logits(top * log_scale.exp() + shift, correct),
    )
    return float(log_scale.detach().exp()), float(shift.detach())


def _minimise(parameters: list[Tensor], loss: Callable[[], Tensor]) -> None:
    """Set ``parameters`` to a minimum of ``loss``, by L-BFGS."""
    optimizer = torch.optim.LBFGS(
        parameters, max_iter=_MAX_LBFGS_ITERATIONS, line_search_fn="strong_wolfe"
    )

    def closure() -> Tensor:
        optimizer.zero_grad()
        value = loss()
        value.backward()  # type: ignore[no-untyped-call]
        return value

    optimizer.step(closure)  # type: ignore[no-untyped-call]


def _best_threshold(scores: Tensor, labelled: Tensor) -> float:
    """Return the score from which a topic is assigned: the one with the best F1, within bounds.

    Args:
        scores: the topic's score for each text.
        labelled: true for the texts that have the topic.
    """

    def f1(threshold: float) -> float:
        assigned = scores >= threshold
        hits = int((assigned & labelled).sum())
        return 2 * hits / max(1, int(assigned.sum()) + int(labelled.sum()))

    grid = [_MIN_THRESHOLD + 0.05 * step for step in range(13)]
    best = max(grid, key=lambda threshold: (f1(threshold), -abs(threshold - 0.5)))
    return round(min(best, _MAX_THRESHOLD), 2)
