"""Fit a model's sentiment to headlines: ``python -m labelling.calibrate FOLDER``.

`labelling.fit` calls it. Tweets are neutral more often than headlines, so a model that learnt both
is too slow to call a headline bad. Temperature and bias are fitted to the held-out months.
"""

import argparse
from pathlib import Path

import torch

from labelling.agreement import sentiment
from labelling.quality import CLASSES, answers, questions
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.training.calibrate import fit_to_texts
from nlp.transformer.model_files import MANIFEST, read_manifest


def calibrate_on_headlines(folder: Path) -> None:
    """Fit the model in ``folder`` to the headlines of the held-out months."""
    asked = questions("held-out")
    model = load(ModelSettings(model=str(folder), dtype="fp32"))
    probabilities = torch.tensor([answer[:3] for answer in answers(model, asked)])
    labels = torch.tensor([CLASSES.index(sentiment(row.label)) for row in asked])
    manifest = read_manifest(folder)
    calibration = fit_to_texts(manifest.calibration, probabilities, labels)
    calibrated = manifest.model_copy(update={"calibration": calibration})
    (folder / MANIFEST).write_text(calibrated.model_dump_json(indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    calibrate_on_headlines(parser.parse_args().folder)
