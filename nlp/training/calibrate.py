"""Fits what turns logits into probabilities, on texts that the model has not learnt from."""

from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import torch
from torch import Tensor
from torch.nn import functional

from nlp.transformer.model_files import Calibration

_STEPS: Final = 100
_LOWEST, _HIGHEST = 0.2, 0.8


class Judged(NamedTuple):
    """Texts of one task: logits and margins, (texts, classes) each, and labels, (texts)."""

    logits: Tensor
    margins: Tensor
    labels: Tensor


def calibrate(sentiment: Judged, topic: Judged) -> Calibration:
    """What turns logits and margins into probabilities.

    A task without labels is left as it is.
    """
    fitted = Calibration(thresholds=(0.5,) * topic.logits.shape[1])
    if len(sentiment.labels):
        blend, temperature = _blend(sentiment)
        fitted = fitted.model_copy(update={"blend": (blend, 0.0), "temperature": temperature})
    if not len(topic.labels):
        return fitted
    blend, _ = _blend(topic)
    logits = topic.logits.double() + blend * topic.margins.double()
    scale, shift = _platt(logits, topic.labels)
    thresholds = _thresholds((logits * scale + shift).sigmoid(), topic.labels)
    platt = {"scale": scale, "shift": shift, "thresholds": thresholds}
    return fitted.model_copy(update={"blend": (fitted.blend[0], blend), **platt})


def _blend(found: Judged) -> tuple[float, float]:
    """The share of the margins, and the temperature, with which the labels are likeliest."""
    logits, margins = found.logits.double(), found.margins.double()
    log = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    share = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    _minimise(
        [log, share],
        lambda: functional.cross_entropy((logits + share * margins) / log.exp(), found.labels),
    )
    return max(0.0, float(share.detach())), float(log.detach().exp())


def _platt(logits: Tensor, labels: Tensor) -> tuple[float, float]:
    """Of the topic that scores highest: its score is what is shown and judged."""
    top, guess = logits.max(dim=1)
    right = (guess == labels).double()
    log_scale = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    shift = torch.zeros(1, dtype=torch.float64, requires_grad=True)
    _minimise(
        [log_scale, shift],
        lambda: functional.binary_cross_entropy_with_logits(top * log_scale.exp() + shift, right),
    )
    return float(log_scale.detach().exp()), float(shift.detach())


def _minimise(parameters: list[Tensor], loss: Callable[[], Tensor]) -> None:
    optimizer = torch.optim.LBFGS(parameters, max_iter=_STEPS, line_search_fn="strong_wolfe")

    def closure() -> Tensor:
        optimizer.zero_grad()
        found = loss()
        found.backward()  # type: ignore[no-untyped-call]
        return found

    optimizer.step(closure)  # type: ignore[no-untyped-call]


def _thresholds(scores: Tensor, labels: Tensor) -> tuple[float, ...]:
    return tuple(_threshold(scores[:, of], labels == of) for of in range(scores.shape[1]))


def _threshold(scores: Tensor, there: Tensor) -> float:
    """The score from which a topic is carried: where F1 is best, within bounds."""
    grid: Sequence[float] = [_LOWEST + 0.05 * step for step in range(13)]
    best = max(grid, key=lambda at: (_f1(scores >= at, there), -abs(at - 0.5)))
    return round(min(best, _HIGHEST), 2)


def _f1(found: Tensor, there: Tensor) -> float:
    hits = int((found & there).sum())
    return 2 * hits / max(1, int(found.sum()) + int(there.sum()))
