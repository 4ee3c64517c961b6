"""Train a candidate: a saved model that goes on learning."""

from typing import Final

from nlp.continual.splits import Splits
from nlp.tasks import TASKS, Task
from nlp.training.run import TrainingJob, fit_split
from nlp.transformer.model_files import MANIFEST, Manifest, read_manifest

MIN_TEXTS_TO_CALIBRATE: Final = 200
"""Labelled texts of a task; with fewer a new calibration is worse than the current model's."""
_CALIBRATION_FIELDS: Final[dict[Task, tuple[str, ...]]] = {
    "sentiment": ("temperature",),
    "topic": ("scale", "shift", "thresholds"),
}


def retrain(splits: Splits, job: TrainingJob) -> Manifest:
    """Train the model in ``job.init`` on ``splits`` and write it to ``job.out``.

    For a task with too few validation texts the calibration of the model in ``job.init`` is kept.

    Raises:
        BadRows: there are too few texts.
        ModelMissing: the model in ``job.init`` is damaged, or the recipe does not fit it.
    """
    if job.init is None:
        raise ValueError("a candidate starts from a model")
    manifest = fit_split(splits.training, splits.validation, job)
    current = read_manifest(job.init).calibration
    kept_fields = [
        field
        for task in TASKS
        if sum(task in example.labels for example in splits.validation) < MIN_TEXTS_TO_CALIBRATE
        for field in _CALIBRATION_FIELDS[task]
    ]
    calibration = manifest.calibration.model_copy(
        update={field: getattr(current, field) for field in kept_fields}
    )
    manifest = manifest.model_copy(update={"calibration": calibration})
    (job.out / MANIFEST).write_text(manifest.model_dump_json(indent=2) + "\n", "utf-8")
    return manifest
