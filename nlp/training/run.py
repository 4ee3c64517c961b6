"""Make a saved model from files of labelled texts."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final, NamedTuple

import torch

from nlp.companies.masking import NameMasking
from nlp.inference.torch_runtime import choose_device
from nlp.labelled_rows import BadRows, LabelledFile, Row, read
from nlp.metrics import Metrics, compute_metrics
from nlp.rows.label_meanings import MeaningsByTask
from nlp.tasks import LABELS, SENTIMENTS, TASKS, TOPICS, Task
from nlp.training.calibrate import LabelledLogits, calibrate
from nlp.training.data import Corpus
from nlp.training.distributed import ALONE, ProcessRank
from nlp.training.examples import Example, hold_out_rows, mask_names, merge_rows, random_split
from nlp.training.initial_model import build_initial_model, continue_recipe
from nlp.training.ngram_svm import fit as fit_ngram_model
from nlp.training.progress import ProgressListener
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.training.train import Logits, Run, held_out_logits, macro_f1_by_task
from nlp.training.weight_averaging import train_averaged
from nlp.transformer import delta
from nlp.transformer.assemble import load_base_encoder
from nlp.transformer.encoder import load_padding_tokenizer
from nlp.transformer.model_files import (
    Calibration,
    Manifest,
    fingerprint,
    read_manifest,
    trained_tasks,
)
from nlp.transformer.ngrams import Ngrams

WORK_FOLDER: Final = "training"
"""Folder of snapshots within the model's folder; it is removed when training is finished."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TrainingJob:
    """How to train a model, and where it is written.

    Attributes:
        recipe: the hyper-parameters.
        out: folder of the new model; an interrupted run continues from its snapshots there.
        init: folder of a saved model to start from; None is the plain encoder.
        device: ``auto``, or a PyTorch device.
        listener: receives reports, if there is one.
        process: this process among those that train together.
    """

    recipe: Recipe
    out: Path
    init: Path | None = None
    device: str = "auto"
    listener: ProgressListener | None = None
    process: ProcessRank = ALONE


class TrainingData(NamedTuple):
    """Tokenized texts to learn from, and those held out to choose and calibrate by."""

    training: Corpus
    held_out: Corpus


def read_rows(
    files: Mapping[Task, Path],
    meanings: MeaningsByTask = MappingProxyType({}),
    report: Callable[[LabelledFile], None] | None = None,
) -> dict[Task, list[Row]]:
    """Return the labelled texts in the file of each task; ``report`` gets each file as it was read.

    Raises:
        BadRows: a file can't be read, or a row has no text, or no label that means something.
    """
    rows: dict[Task, list[Row]] = {}
    for task, path in files.items():
        file = read(path, task, meanings.get(task, {}))
        rows[task] = file.rows
        if report:
            report(file)
    return rows


def fit(rows: Mapping[Task, list[Row]], job: TrainingJob) -> Manifest:
    """Train on ``rows``, a part of which is held out, and write the model.

    Raises:
        BadRows: there are too few rows.
        ModelMissing: the model in ``job.init`` is damaged, or the recipe does not fit it.
        snapshot.RecipeMismatch: ``job.out`` holds an unfinished run of another recipe.
    """
    share, seed = job.recipe.held_out, job.recipe.split_seed
    training, held_out = random_split(merge_rows(rows), share, seed)
    # Real feeds repeat headlines. The held-out texts keep the same rate of repeats as the rows, so
    # that the calibration is right for a mix of texts that were and were not learnt.
    held_out = hold_out_rows(rows, training, held_out, share, seed)
    return fit_split(training, held_out, job)


def fit_split(
    training: Sequence[Example], held_out: Sequence[Example], job: TrainingJob
) -> Manifest:
    """Train on ``training``, choose and calibrate by ``held_out``, and write the model.

    Raises:
        BadRows: there are too few texts.
        ModelMissing: the model in ``job.init`` is damaged, or the recipe does not fit it.
        snapshot.RecipeMismatch: ``job.out`` holds an unfinished run of another recipe.
    """
    recipe = continue_recipe(job.recipe, job.init) if job.init else job.recipe
    if masking := NameMasking.of(recipe.names):
        training, held_out = mask_names(training, masking), mask_names(held_out, masking)
    data = tokenize(training, held_out, recipe)
    torch.manual_seed(recipe.seed)
    device = choose_device(job.device)
    model = build_initial_model(recipe, job.init).to(device)
    run = Run(model, *data, recipe, device, job.out / WORK_FOLDER, job.listener, job.process)
    run.steps_per_epoch()  # raises before anything is written
    if job.init:
        _report_start(run, job.init)
    train_averaged(run)
    if recipe.method == "full":  # evaluate and calibrate the weights as they will be stored
        delta.round_to_stored(
            model.encoder, load_base_encoder(recipe.encoder, job.init), recipe.delta_step
        )

    # The n-gram model is kept: the few texts of a later run would not teach what it knows.
    ngram_model = Ngrams.read(job.init) if job.init else None
    # It knows of no subject either, so what is said about one company of several would confuse it.
    of_texts = [example for example in training if not example.subject]
    ngram_model = ngram_model or fit_ngram_model(of_texts or training)
    manifest = _evaluate(run, job.out.name, ngram_model, start=job.init)
    knew_subjects = job.init is not None and read_manifest(job.init).subjects
    knows_subjects = knew_subjects or any(example.subject for example in training)
    manifest = manifest.model_copy(update={"subjects": knows_subjects})
    if job.process.is_leader:
        step = recipe.delta_step
        manifest = save(job.out, model, manifest, ngram_model, step=step, init=job.init)
        shutil.rmtree(run.folder)
    return manifest


def tokenize(
    training: Sequence[Example], held_out: Sequence[Example], recipe: Recipe
) -> TrainingData:
    """Return both sets as tokens, cut at the recipe's ``max_tokens``.

    Raises:
        BadRows: one of them is empty.
    """
    if not training or not held_out:
        raise BadRows(f"{len(training) + len(held_out)} texts are too few to learn from")
    tokenizer, max_tokens = load_padding_tokenizer(recipe.encoder), recipe.max_tokens
    return TrainingData(
        Corpus.tokenize(tokenizer, training, max_tokens),
        Corpus.tokenize(tokenizer, held_out, max_tokens),
    )


def _report_start(run: Run, init: Path) -> None:
    """Report what the model in ``init`` scores on the held-out texts, for the tasks that it has."""
    manifest = read_manifest(init)
    outputs = _outputs(run.held_out, held_out_logits(run), Ngrams.read(init))
    scores = _score(outputs, manifest.calibration, trained_tasks(init))
    if run.listener:
        run.listener.start_scored(f"{manifest.name}@{fingerprint(init)}", scores)


def _evaluate(run: Run, name: str, ngram_model: Ngrams, start: Path | None) -> Manifest:
    """Return the manifest of ``run.model`` with its held-out scores and a fitted calibration."""
    logits = held_out_logits(run)
    outputs = _outputs(run.held_out, logits, ngram_model)
    calibration = calibrate(outputs["sentiment"], outputs["topic"])
    if start and run.listener:
        run.listener.result_scored(_score(outputs, calibration, TASKS))
    scores = macro_f1_by_task(logits, run.held_out)
    return Manifest(
        name=name,
        sentiments=SENTIMENTS,
        topics=TOPICS,
        max_tokens=run.recipe.max_tokens,
        encoder=run.recipe.encoder,
        layers=run.recipe.layers,
        calibration=calibration,
        names=run.recipe.names,
        recipe=run.recipe.model_dump(mode="json"),
        held_out={task: round(score, 4) for task, score in scores.items()},
    )


def _outputs(
    held_out: Corpus, logits: Logits, ngram_model: Ngrams | None
) -> dict[Task, LabelledLogits]:
    """Return the outputs of both parts of a model for the labelled texts of each task."""
    sizes = [len(LABELS[task]) for task in TASKS]
    margins = torch.zeros(len(held_out.examples), sum(sizes))
    if ngram_model:
        texts = [example.text for example in held_out.examples]
        margins = torch.from_numpy(ngram_model.margins(texts))
        margins[[bool(example.subject) for example in held_out.examples]] = 0.0
    outputs: dict[Task, LabelledLogits] = {}
    for task, task_margins in zip(TASKS, torch.split(margins, sizes, dim=1), strict=True):
        labels = held_out.labels(task)
        rows = labels >= 0
        outputs[task] = LabelledLogits(logits[task][rows], task_margins[rows], labels[rows])
    return outputs


def _score(
    outputs: Mapping[Task, LabelledLogits], calibration: Calibration, tasks: Sequence[Task]
) -> dict[Task, Metrics]:
    """Return the metrics of a model's answers, for each of ``tasks`` that has labelled texts."""
    scores: dict[Task, Metrics] = {}
    for task, blend in zip(TASKS, calibration.blend, strict=True):
        logits, margins, labels = outputs[task]
        guesses = (logits + blend * margins).argmax(dim=1)
        metrics = compute_metrics(labels.numpy(), guesses.numpy())
        if metrics and task in tasks:
            scores[task] = metrics
    return scores
