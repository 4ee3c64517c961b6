"""Joint training of all tasks."""

import math
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn
from torch.optim import AdamW

from nlp.inference.torch_runtime import is_bf16_fast
from nlp.labelled_rows import BadRows
from nlp.metrics import compute_metrics
from nlp.tasks import TASKS, Task
from nlp.training import snapshot
from nlp.training.data import Batch, Corpus
from nlp.training.distributed import Ranks
from nlp.training.optimizer import optimizer as optimizer_of
from nlp.training.progress import Epoch, Progress
from nlp.training.recipe import Recipe
from nlp.transformer.multitask import loss as loss_of

_JUDGED_AT_ONCE = 128
_CLIP = 1.0

Logits = Mapping[Task, Tensor]
"""Of texts, (texts, classes) a task."""


class Run(NamedTuple):
    """What training works with."""

    model: nn.Module
    learn: Corpus
    held_out: Corpus
    recipe: Recipe
    device: str
    folder: Path
    progress: Progress | None
    ranks: Ranks = Ranks()

    @property
    def autocast(self) -> Any:
        """Mixed precision, where it is asked for or fast."""
        wanted = self.recipe.precision
        bf16 = wanted == "bf16" or (wanted == "auto" and is_bf16_fast(self.device))
        return torch.autocast(self.device.partition(":")[0], torch.bfloat16, enabled=bf16)


class Learning(NamedTuple):
    """The moving parts of a run."""

    run: Run
    model: nn.Module
    optimizer: AdamW
    steps: int
    """Steps of an epoch."""

    def share(self, step: int) -> float:
        """Of the peak rates: up to one, then down by a cosine (Loshchilov & Hutter 2017)."""
        recipe = self.run.recipe
        total = self.steps * recipe.epochs
        warm = max(1, round(total * recipe.warm_up))
        if step < warm:
            return (step + 1) / warm
        done = (step - warm) / max(1, total - warm)
        return 0.5 * (1.0 + math.cos(math.pi * done))


def train(run: Run) -> nn.Module:
    """``run.model`` with the weights of its best epoch. Goes on where an earlier run ended.

    The same recipe and data give the same model, interrupted or not, up to the order of
    floating-point sums.

    Raises:
        snapshot.OtherRecipe: the folder holds an unfinished run of another recipe.
    """
    torch.set_float32_matmul_precision("high")  # tf32, where there is such a thing
    model = run.model.to(run.device)
    optimizer = optimizer_of(model, run.recipe)
    steps = _steps(run)
    state, best = snapshot.resume(run.folder, run.recipe, model, optimizer)
    learning = Learning(run, run.ranks.wrap(model), optimizer, steps)
    if run.progress:
        run.progress.begin(steps * run.recipe.epochs, steps * state.epochs)
    while state.epochs < run.recipe.epochs and state.since_best < run.recipe.patience:
        state, best = _advance(learning, model, state, best)
    snapshot.restore(model, best)
    return model


def _steps(run: Run) -> int:
    batches = len(run.ranks.share(_dealt(run, 0)))
    if batches < run.recipe.accumulate:
        raise BadRows(
            f"an epoch has {batches} batches, fewer than the {run.recipe.accumulate} that a step "
            "accumulates: give more rows, or less to --accumulate or --batch"
        )
    return batches // run.recipe.accumulate


def _advance(
    learning: Learning, model: nn.Module, state: snapshot.State, best: snapshot.Weights
) -> tuple[snapshot.State, snapshot.Weights]:
    run, began = learning.run, time.monotonic()
    mean = _epoch(learning, state.epochs)
    judged = judge(logits(run), run.held_out)
    after = state.after(sum(judged.values()) / len(judged))
    better = after.since_best == 0
    best = snapshot.trained(model) if better else best
    if run.ranks.leads:
        snapshot.save(run.folder, after, model, best, learning.optimizer)
    if run.progress:
        seconds = time.monotonic() - began
        run.progress.epoch(Epoch(after.epochs, mean, judged, seconds, better))
    return after, best


def judge(found: Logits, corpus: Corpus) -> dict[str, float]:
    """Macro F1 of each task, by the logits of ``corpus``; tasks without labels are left out."""
    scores: dict[str, float] = {}
    for task in TASKS:
        labels = corpus.labels(task)
        known = labels >= 0
        measured = compute_metrics(labels[known].numpy(), found[task][known].argmax(dim=1).numpy())
        if measured:
            scores[task] = measured.macro_f1
    return scores


def logits(run: Run) -> Logits:
    """Logits of every held-out text, in their order."""
    dealt = run.held_out.in_order(_JUDGED_AT_ONCE)
    run.model.eval()
    parts: dict[Task, list[Tensor]] = {task: [] for task in TASKS}
    with torch.inference_mode(), run.autocast:
        for batch in run.held_out.batches(dealt):
            for task, found in run.model(batch.to(run.device).inputs).items():
                parts[task].append(found.cpu())
    order = torch.tensor([index for indices in dealt for index in indices]).argsort()
    return {task: torch.cat(found)[order] for task, found in parts.items()}


def _dealt(run: Run, epoch: int) -> Sequence[list[int]]:
    return run.learn.dealt(run.recipe.batch, run.recipe.seed * 1_000 + epoch)


def _epoch(learning: Learning, number: int) -> float:
    run, steps = learning.run, learning.steps
    torch.manual_seed((run.recipe.seed * 1_000 + number) * 100 + run.ranks.rank)
    learning.model.train()
    batches = run.learn.batches(run.ranks.share(_dealt(run, number)))
    total = 0.0
    for step in range(number * steps, (number + 1) * steps):
        share = learning.share(step)
        for group in learning.optimizer.param_groups:
            group["lr"] = group["peak"] * share
        mean = _step(learning, [next(batches) for _ in range(run.recipe.accumulate)])
        total += mean
        if run.progress:
            run.progress.step(mean, run.recipe.rate * share)
    return run.ranks.total(total) / max(1, steps) / run.ranks.world


def _step(learning: Learning, batches: Sequence[Batch]) -> float:
    run, total = learning.run, 0.0
    for batch in batches:
        here = batch.to(run.device)
        with run.autocast:
            found: Mapping[Task, Tensor] = learning.model(here.inputs)
        loss = loss_of(found, here.labels, run.recipe.smoothing) / len(batches)
        loss.backward()  # type: ignore[no-untyped-call]
        total += float(loss.detach())
    nn.utils.clip_grad_norm_([x for x in run.model.parameters() if x.requires_grad], _CLIP)
    learning.optimizer.step()
    learning.optimizer.zero_grad(set_to_none=True)
    return total
