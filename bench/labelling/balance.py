"""Correct how often a model chooses each sentiment: ``python -m labelling.balance MODEL OUT``.

Tweets and headlines differ in their shares of good and bad news, and a model that learnt both holds
bad news back. One bias for each class is fitted on the months that were not learnt (M. Saerens,
P. Latinne, C. Decaestecker, "Adjusting the outputs of a classifier to new a priori probabilities",
Neural Computation 2002, say why this suffices), and becomes part of the head of sentiment.
"""

import argparse
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray
from safetensors.numpy import load_file, save_file
from scipy.optimize import minimize

from labelling.agreement import sentiment
from labelling.quality import CLASSES, answers, questions
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import LABELS
from nlp.transformer import model_files
from nlp.transformer.model_path import saved_folder

BIAS: Final = "sentiment.bias"
_LEAST: Final = 1e-6
"""Keeps the logarithm of a probability finite."""

Numbers = NDArray[np.float64]


def corrected(probabilities: Numbers, biases: Numbers) -> Numbers:
    """Return probabilities, (texts, 3), after ``biases``, (3,), are added to their log-odds."""
    logits = np.log(np.maximum(probabilities, _LEAST)) + biases
    shares: Numbers = np.exp(logits - logits.max(axis=1, keepdims=True))
    shares /= shares.sum(axis=1, keepdims=True)
    return shares


def fit_biases(probabilities: Numbers, labels: NDArray[np.int64]) -> Numbers:
    """Return the biases, in the order of `CLASSES`, under which ``labels``, (texts,), are likely.

    That of neutral is 0.
    """

    def cross_entropy(biases: Numbers) -> float:
        shares = corrected(probabilities, np.array([biases[0], 0.0, biases[1]]))
        return float(-np.log(np.maximum(shares[np.arange(len(labels)), labels], _LEAST)).mean())

    negative, positive = minimize(cross_entropy, np.zeros(2), method="Nelder-Mead").x
    return np.array([negative, 0.0, positive])


def write(folder: Path, out: Path, biases: Numbers) -> None:
    """Write the model in ``folder`` with ``biases``, in the order of `CLASSES`, in its head."""
    manifest = model_files.read_manifest(folder)
    out.mkdir(parents=True)
    for name in manifest.files:
        shutil.copy(folder / name, out / name)
    heads = load_file(folder / model_files.HEADS)
    order = [CLASSES.index(name) for name in LABELS["sentiment"]]
    shifted = heads[BIAS].astype(np.float64) + manifest.calibration.temperature * biases[order]
    save_file(heads | {BIAS: shifted.astype(heads[BIAS].dtype)}, out / model_files.HEADS)
    (out / model_files.HEADS).chmod(0o644)
    digest = sha256((out / model_files.HEADS).read_bytes()).hexdigest()
    files = {**manifest.files, model_files.HEADS: digest}
    written = manifest.model_copy(update={"name": out.name, "files": files})
    (out / model_files.MANIFEST).write_text(written.model_dump_json(indent=2) + "\n")


def main() -> None:
    """Fit the biases, print them, and write the model."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("model", help="name or folder of a model")
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    options = parser.parse_args()
    asked = questions("held-out")
    scores = answers(load(ModelSettings(model=options.model, language="*")), asked)
    labels = np.array([CLASSES.index(sentiment(row.label)) for row in asked])
    biases = fit_biases(np.array([it[:3] for it in scores]), labels)
    print(dict(zip(CLASSES, biases.round(3).tolist(), strict=True)))
    write(saved_folder(options.model), options.out, biases)


if __name__ == "__main__":
    main()
