"""Train all tasks of a model together, with a snapshot after each epoch."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Final, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from nlp.inference.torch_runtime import is_bf16_fast
from nlp.labelled_rows import BadRows
from nlp.metrics import compute_metrics
from nlp.tasks import HEADS, TASKS, Head
from nlp.training import snapshot
from nlp.training.data import Batch, Corpus
from nlp.training.distributed import ALONE, ProcessRank
from nlp.training.optimizer import build_optimizer
from nlp.training.progress import EpochResult, ProgressListener
from nlp.training.recipe import Recipe
from nlp.transformer.multitask import loss as multitask_loss

_EVALUATION_BATCH: Final = 128
"""Texts in a batch without gradients, which needs less memory than one of training."""
_MAX_GRADIENT_NORM: Final = 1.0

Logits = Mapping[Head, Tensor]
"""For each head, (texts, classes)."""


class Run(NamedTuple):
    """Inputs of a training run.

    Attributes:
        model: is trained in place.
        training: examples to learn from.
        held_out: examples by which the best epoch is chosen.
        recipe: the hyper-parameters.
        device: a PyTorch device, like ``cuda:0``.
        folder: for snapshots.
        listener: receives reports, if there is one.
        process: this process among those that train together.
    """

    model: nn.Module
    training: Corpus
    held_out: Corpus
    recipe: Recipe
    device: str
    folder: Path
    listener: ProgressListener | None
    process: ProcessRank = ALONE

    def autocast(self) -> torch.autocast:
        """Return a context of mixed precision, enabled if it is asked for or fast here."""
        precision = self.recipe.precision
        bf16 = precision == "bf16" or (precision == "auto" and is_bf16_fast(self.device))
        return torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=bf16)

    def epoch_batches(self, epoch: int) -> Sequence[list[int]]:
        """Return this process's batches of an epoch."""
        seed = self.recipe.seed * 1_000 + epoch
        return self.process.shard(self.training.epoch_batches(self.recipe.batch, seed))

    def steps_per_epoch(self) -> int:
        """Return the number of optimizer steps in an epoch.

        Raises:
            BadRows: an epoch has fewer batches than a step accumulates.
        """
        batches, accumulate = len(self.epoch_batches(0)), self.recipe.accumulate
        if batches < accumulate:
            raise BadRows(
                f"an epoch has {batches} batches, fewer than the {accumulate} that a step "
                "accumulates: give more rows, or set --accumulate or --batch lower"
            )
        return batches // accumulate


class Trainer(NamedTuple):
    """A run and the objects that change while it trains.

    Attributes:
        run: its inputs.
        model: the run's model, which averages gradients over all processes.
        optimizer: of the trainable weights.
        steps_per_epoch: optimizer steps.
    """

    run: Run
    model: nn.Module
    optimizer: AdamW
    steps_per_epoch: int

    def run_epoch(
        self, state: snapshot.RunState, best: snapshot.Weights
    ) -> tuple[snapshot.RunState, snapshot.Weights]:
        """Train for an epoch, save a snapshot, and return the new state and the best weights."""
        run, start = self.run, time.monotonic()
        loss = self.train_epoch(state.epochs)
        scores = macro_f1_by_task(held_out_logits(run), run.held_out)
        state = state.after_epoch(sum(scores.values()) / len(scores))
        is_best = state.since_best == 0
        if is_best:
            best = snapshot.trainable_weights(run.model)

        if run.process.is_leader:
            snapshot.save(run.folder, state, run.model, best, self.optimizer)
        if run.listener:
            seconds = time.monotonic() - start
            run.listener.epoch_finished(EpochResult(state.epochs, loss, scores, seconds, is_best))
        return state, best

    def rate_factor(self, step: int) -> float:
        """Return the learning rates' share of their peaks at ``step``.

        It rises linearly to 1 and then falls along a cosine (Loshchilov & Hutter 2017).
        """
        recipe = self.run.recipe
        total = self.steps_per_epoch * recipe.epochs
        warm_up = max(1, round(total * recipe.warm_up))
        if step < warm_up:
            return (step + 1) / warm_up
        progress = (step - warm_up) / max(1, total - warm_up)
        return 0.5 * (1.0 + math.cos(math.pi * progress))

    def train_epoch(self, epoch: int) -> float:
        """Make the steps of an epoch, and return the mean loss over all processes."""
        run, steps = self.run, self.steps_per_epoch
        torch.manual_seed((run.recipe.seed * 1_000 + epoch) * 100 + run.process.rank)
        self.model.train()
        batches = run.training.load(run.epoch_batches(epoch))
        total = 0.0
        for step in range(epoch * steps, (epoch + 1) * steps):
            factor = self.rate_factor(step)
            for group in self.optimizer.param_groups:
                group["lr"] = group["peak"] * factor
            loss = self.train_step([next(batches) for _ in range(run.recipe.accumulate)])
            total += loss
            if run.listener:
                run.listener.step_finished(loss, run.recipe.rate * factor)
        return run.process.sum_over_processes(total) / max(1, steps) / run.process.world_size

    def train_step(self, batches: Sequence[Batch]) -> float:
        """Make one optimizer step with the gradients of ``batches``, and return the mean loss."""
        run, total = self.run, 0.0
        for batch in batches:
            inputs, labels, taught = batch.to(run.device)
            with run.autocast():
                logits: Logits = self.model(inputs)
            loss = multitask_loss(logits, labels, taught, run.recipe.smoothing) / len(batches)
            loss.backward()  # type: ignore[no-untyped-call]
            total += float(loss.detach())
        trainable = [weight for weight in run.model.parameters() if weight.requires_grad]
        nn.utils.clip_grad_norm_(trainable, _MAX_GRADIENT_NORM)
        self.optimizer.step()
        self.optimizer.zero_grad(set_to_none=True)
        return total


def train(run: Run) -> nn.Module:
    """Train ``run.model``, and return it with the weights of its best epoch.

    If the folder has a snapshot, training continues there. The same recipe and data give the same
    model, interrupted or not, up to the order of floating-point sums.

    Raises:
        BadRows: an epoch has fewer batches than a step accumulates.
        snapshot.RecipeMismatch: the folder holds an unfinished run of another recipe.
    """
    torch.set_float32_matmul_precision("high")  # TF32 on GPUs that have it
    model = run.model.to(run.device)
    optimizer = build_optimizer(model, run.recipe)
    steps = run.steps_per_epoch()
    state, best = snapshot.resume(run.folder, run.recipe, model, optimizer)
    # Wrapping sends the leader's weights to the other processes, so it comes after loading them.
    trainer = Trainer(run, run.process.wrap(model), optimizer, steps)

    if run.listener:
        run.listener.run_started(steps * run.recipe.epochs, steps * state.epochs)
    while state.epochs < run.recipe.epochs and state.since_best < run.recipe.patience:
        state, best = trainer.run_epoch(state, best)
    snapshot.restore(model, best)
    return model


def macro_f1_by_task(logits: Logits, corpus: Corpus) -> dict[str, float]:
    """Return the macro F1 of each task that has labels in ``corpus``, given its logits."""
    scores: dict[str, float] = {}
    for task in TASKS:
        labels = corpus.labels(task)
        labelled = labels >= 0
        guesses = logits[task][labelled].argmax(dim=1)
        if metrics := compute_metrics(labels[labelled].numpy(), guesses.numpy()):
            scores[task] = metrics.macro_f1
    return scores


def held_out_logits(run: Run) -> Logits:
    """Return the logits of all held-out texts, in their order."""
    batches = run.held_out.batches_by_length(_EVALUATION_BATCH)
    run.model.eval()
    logits: dict[Head, list[Tensor]] = {head: [] for head in HEADS}
    with torch.inference_mode(), run.autocast():
        for batch in run.held_out.load(batches):
            for head, batch_logits in run.model(batch.to(run.device).inputs).items():
                logits[head].append(batch_logits.cpu())
    order = torch.tensor([index for indices in batches for index in indices]).argsort()
    return {head: torch.cat(parts)[order] for head, parts in logits.items()}
