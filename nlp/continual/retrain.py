"""A model that has gone on learning."""

from pathlib import Path
from typing import Final

from nlp.continual.splits import Shares
from nlp.tasks import TASKS, Task
from nlp.training.initial_model import continued
from nlp.training.progress import Progress
from nlp.training.recipe import Recipe
from nlp.training.run import teach, tokenized
from nlp.transformer.model_files import MANIFEST, Calibration, Manifest, read_manifest

LEAST_TO_CALIBRATE: Final = 200
"""Texts with a label; by fewer a calibration gets worse, so that of the model before is kept."""
_FIELDS: Final[dict[Task, tuple[str, ...]]] = {
    "sentiment": ("temperature",),
    "topic": ("scale", "shift", "thresholds"),
}


def learn(  # noqa: PLR0913 - what a run needs
    dealt: Shares,
    recipe: Recipe,
    init: Path,
    out: Path,
    *,
    device: str = "auto",
    progress: Progress | None = None,
) -> Manifest:
    """Write to ``out`` what the model in ``init`` becomes by learning from ``dealt``.

    Raises:
        ModelMissing: the model in ``init`` is damaged, or of another shape than the recipe asks.
    """
    recipe = continued(recipe, init)
    two = tokenized(dealt.learn, dealt.choose, recipe)
    made = teach(two, recipe, out, init=init, device=device, progress=progress)
    kept = _calibration(dealt, made.calibration, read_manifest(init).calibration)
    made = made.model_copy(update={"calibration": kept})
    (out / MANIFEST).write_text(made.model_dump_json(indent=2) + "\n", "utf-8")
    return made


def _calibration(dealt: Shares, fitted: Calibration, before: Calibration) -> Calibration:
    counts = {task: sum(task in one.labels for one in dealt.choose) for task in TASKS}
    scarce = [task for task in TASKS if counts[task] < LEAST_TO_CALIBRATE]
    kept = {field: getattr(before, field) for task in scarce for field in _FIELDS[task]}
    return fitted.model_copy(update=kept)
