"""Train a candidate: a saved model that goes on learning."""

from typing import Final

from nlp.continual.splits import Splits
from nlp.tasks import TASKS, Task
from nlp.training.run import TrainingJob, fit_split
from nlp.transformer.model_files import MANIFEST, Calibration, Manifest, read_manifest

MIN_TEXTS_TO_CALIBRATE: Final = 200
"""Labelled texts of a task; with fewer a new calibration is worse than the current model's."""
_CALIBRATION_FIELDS: Final[dict[Task, tuple[str, ...]]] = {
    "sentiment": ("temperature",),
    "topic": ("scale", "shift", "thresholds"),
}


def retrain(splits: Splits, job: TrainingJob) -> Manifest:
    """Train the model in ``job.init`` on ``splits`` and write it to ``job.out``.

    Raises:
        BadRows: there are too few texts.
        ModelMissing: the model in ``job.init`` is damaged, or the recipe does not fit it.
    """
    if job.init is None:
        raise ValueError("a candidate starts from a model")
    manifest = fit_split(splits.training, splits.validation, job)
    current = read_manifest(job.init).calibration
    calibration = _keep_scarce(splits, manifest.calibration, current)
    manifest = manifest.model_copy(update={"calibration": calibration})
    (job.out / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    return manifest


def _keep_scarce(splits: Splits, fitted: Calibration, current: Calibration) -> Calibration:
    """Return ``fitted``, but ``current`` for tasks with too few validation texts."""
    counts = {task: sum(task in example.labels for example in splits.validation) for task in TASKS}
    scarce = [task for task in TASKS if counts[task] < MIN_TEXTS_TO_CALIBRATE]
    fields = [field for task in scarce for field in _CALIBRATION_FIELDS[task]]
    return fitted.model_copy(update={field: getattr(current, field) for field in fields})
