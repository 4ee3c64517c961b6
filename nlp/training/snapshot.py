"""Snapshots of a training run, with which an interrupted run continues after its last epoch.

Tensors are stored as safetensors and all else as JSON, because a pickle can run code when read.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import orjson
from pydantic import BaseModel, ConfigDict
from safetensors.torch import load_file, save_file
from torch import Tensor, nn
from torch.optim import Optimizer

from nlp.training.recipe import Recipe

_STATE_FILE: Final = "snapshot.json"

Weights = dict[str, Tensor]


class RunState(BaseModel):
    """Progress of a run.

    Attributes:
        recipe: the hyper-parameters of the run.
        epochs: how many were finished.
        best: the highest score of an epoch.
        since_best: epochs since then.
        tensors: name of the file with the weights.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: dict[str, Any]
    epochs: int
    best: float
    since_best: int
    tensors: str = ""

    def after_epoch(self, score: float) -> "RunState":
        """Return the state after another epoch, with its score."""
        is_best = score > self.best
        return self.model_copy(
            update={
                "epochs": self.epochs + 1,
                "best": max(score, self.best),
                "since_best": 0 if is_best else self.since_best + 1,
            }
        )


class RecipeMismatch(Exception):
    """The folder holds an unfinished run with another recipe."""


def trainable_weights(model: nn.Module) -> Weights:
    """Return copies of the weights that training changes."""
    return {
        name: value.detach().cpu().clone()
        for name, value in model.named_parameters()
        if value.requires_grad
    }


def restore(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Set those weights of ``model`` that are in ``weights``."""
    model.load_state_dict(weights, strict=False)


def save(
    folder: Path, state: RunState, model: nn.Module, best: Weights, optimizer: Optimizer
) -> None:
    """Write a snapshot. The one before it stays valid until the new one is complete."""
    tensors = {f"model.{name}": value for name, value in trainable_weights(model).items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
    tensor_file = f"snapshot-{state.epochs}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / tensor_file)

    temporary = (folder / _STATE_FILE).with_suffix(".part")
    temporary.write_bytes(
        state.model_copy(update={"tensors": tensor_file}).model_dump_json().encode()
    )
    temporary.replace(folder / _STATE_FILE)
    for path in folder.glob("snapshot-*.safetensors"):
        if path.name != tensor_file:
            path.unlink()


def resume(
    folder: Path, recipe: Recipe, model: nn.Module, optimizer: Optimizer
) -> tuple[RunState, Weights]:
    """Load the snapshot in ``folder`` into ``model`` and ``optimizer``.

    Returns:
        The state of the run and its best weights so far; without a snapshot, those of a new run.

    Raises:
        RecipeMismatch: the snapshot is of another recipe.
    """
    if not (folder / _STATE_FILE).exists():
        state = RunState(recipe=recipe.model_dump(mode="json"), epochs=0, best=-1.0, since_best=0)
        return state, trainable_weights(model)
    state = RunState.model_validate(orjson.loads((folder / _STATE_FILE).read_bytes()))
    if Recipe.model_validate(state.recipe) != recipe:
        raise RecipeMismatch(
            f"{folder} holds an unfinished run with other options: give the same ones, or remove it"
        )

    groups: dict[str, Weights] = {"model": {}, "best": {}, "optimizer": {}}
    for name, value in load_file(folder / state.tensors).items():
        group, _, key = name.partition(".")
        groups[group][key] = value
    restore(model, groups["model"])

    moments_by_parameter: dict[int, Weights] = {}
    for name, value in groups["optimizer"].items():
        index, _, moment = name.partition(".")
        moments_by_parameter.setdefault(int(index), {})[moment] = value
    optimizer.load_state_dict({**optimizer.state_dict(), "state": moments_by_parameter})
    return state, groups["best"]
