"""From files of labelled texts to a saved model."""

import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from nlp.inference.torch_runtime import choose_device
from nlp.labelled_rows import BadRows, Row, read
from nlp.tasks import LABELS, SENTIMENTS, TOPICS, Task
from nlp.training import weight_averaging
from nlp.training.calibrate import Judged, calibrate
from nlp.training.data import Corpus
from nlp.training.distributed import Ranks
from nlp.training.examples import Example, as_they_come, examples, split
from nlp.training.initial_model import continued, start
from nlp.training.ngram_svm import fit as wide_fit
from nlp.training.progress import Progress
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.training.train import Logits, Run, judge, logits
from nlp.transformer import delta
from nlp.transformer.assemble import load_base_encoder
from nlp.transformer.encoder import load_tokenizer
from nlp.transformer.model_files import Calibration, Manifest
from nlp.transformer.ngrams import Ngrams

WORK: Final = "training"
"""The folder, within the model's, of a run that is not finished."""


def rows(files: Mapping[Task, Path]) -> dict[Task, list[Row]]:
    """The labelled texts of every task that has a file."""
    return {task: read(path, task, LABELS[task]) for task, path in files.items()}


def fit(  # noqa: PLR0913 - what a run needs
    data: Mapping[Task, list[Row]],
    recipe: Recipe,
    out: Path,
    *,
    init: Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    ranks: Ranks = Ranks(),  # noqa: B008 - immutable
) -> Manifest:
    """Train on ``data`` and write the model to ``out``; an interrupted run is gone on with.

    With ``init``, a saved model's folder, its weights are where training starts.

    Raises:
        BadRows: there are too few rows to learn from and to hold some out.
        ModelMissing: there is no whole model in ``init``, or the recipe does not fit it.
    """
    recipe = continued(recipe, init) if init else recipe
    two = corpora(data, recipe)
    return teach(two, recipe, out, init=init, device=device, progress=progress, ranks=ranks)


def teach(  # noqa: PLR0913 - what a run needs
    two: tuple[Corpus, Corpus],
    recipe: Recipe,
    out: Path,
    *,
    init: Path | None = None,
    device: str = "auto",
    progress: Progress | None = None,
    ranks: Ranks = Ranks(),  # noqa: B008 - immutable
) -> Manifest:
    """As `fit`, on what to learn from and what to choose and to calibrate by."""
    torch.manual_seed(recipe.seed)
    model = start(recipe, init)
    where = choose_device(device)
    run = Run(model, *two, recipe, where, out / WORK, progress, ranks)
    weight_averaging.learn(run)
    if recipe.method == "full":  # what is judged and calibrated is what will be read
        delta.round_to_stored(model.encoder, load_base_encoder(init), recipe.delta_step)
    # What an earlier model knows by its n-grams, the few rows of a later one would not teach again.
    wide = (Ngrams.read(init) if init else None) or wide_fit(run.learn.examples)
    manifest = describe(run, out.name, wide)
    if ranks.leads:
        manifest = save(out, model, manifest, wide, step=recipe.delta_step, init=init)
        shutil.rmtree(run.folder)
    return manifest


def corpora(data: Mapping[Task, list[Row]], recipe: Recipe) -> tuple[Corpus, Corpus]:
    """What to learn from, and what is held out to choose and to calibrate by.

    News is repeated: of what will come, as of the rows, some was learnt word for word. So that
    scores are not calibrated for texts that are all new, what is held out has as much of it.

    Raises:
        BadRows: one of them would be empty.
    """
    learn, held_out = split(examples(data), recipe.held_out, recipe.split_seed)
    held_out = as_they_come(data, learn, held_out, recipe.held_out, recipe.split_seed)
    return tokenized(learn, held_out, recipe)


def tokenized(
    learn: Sequence[Example], held_out: Sequence[Example], recipe: Recipe
) -> tuple[Corpus, Corpus]:
    """The two as a run takes them.

    Raises:
        BadRows: one of them is empty.
    """
    if not learn or not held_out:
        raise BadRows(f"{len(learn) + len(held_out)} texts are too few to learn from")
    tokenizer, longest = load_tokenizer(), recipe.max_tokens
    return Corpus(tokenizer, learn, longest), Corpus(tokenizer, held_out, longest)


def describe(run: Run, name: str, wide: Ngrams) -> Manifest:
    """The manifest of ``run.model`` as it is: judged and calibrated on the held-out texts."""
    found = logits(run)
    scores = judge(found, run.held_out)
    return Manifest(
        name=name,
        sentiments=SENTIMENTS,
        topics=TOPICS,
        max_tokens=run.recipe.max_tokens,
        calibration=_calibration(run.held_out, found, wide),
        recipe=run.recipe.model_dump(mode="json"),
        held_out={task: round(score, 4) for task, score in scores.items()},
    )


def _calibration(held_out: Corpus, found: Logits, wide: Ngrams) -> Calibration:
    margins = torch.from_numpy(wide.margins([one.text for one in held_out.examples]))
    sentiment, topic = margins[:, : len(SENTIMENTS)], margins[:, len(SENTIMENTS) :]
    return calibrate(
        _judged(held_out.labels("sentiment"), found["sentiment"], sentiment),
        _judged(held_out.labels("topic"), found["topic"], topic),
    )


def _judged(labels: Tensor, found: Tensor, margins: Tensor) -> Judged:
    known = labels >= 0
    return Judged(found[known], margins[known], labels[known])
