"""A training run on disk, so that an interrupted one goes on where its last epoch ended.

Tensors are safetensors and the rest is JSON: a pickle runs code when it is read.
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

_STATE: Final = "snapshot.json"

Weights = dict[str, Tensor]


class State(BaseModel):
    """Where a run stands: epochs done, the best of them, and what it was told to do."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    recipe: dict[str, Any]
    epochs: int
    best: float
    since_best: int
    tensors: str = ""

    def after(self, score: float) -> "State":
        """The state one epoch later, which scored ``score``."""
        better = score > self.best
        return self.model_copy(
            update={
                "epochs": self.epochs + 1,
                "best": max(score, self.best),
                "since_best": 0 if better else self.since_best + 1,
            }
        )


class OtherRecipe(Exception):  # noqa: N818 - the state
    """The folder holds an unfinished run that was told to do something else."""


def trained(model: nn.Module) -> Weights:
    """Copies of the weights that training changes."""
    found = {name: value for name, value in model.named_parameters() if value.requires_grad}
    return {name: value.detach().cpu().clone() for name, value in found.items()}


def restore(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Put ``weights`` back."""
    model.load_state_dict(weights, strict=False)


def save(folder: Path, state: State, model: nn.Module, best: Weights, optimizer: Optimizer) -> None:
    """Write a snapshot; until it is whole, the one before it counts."""
    tensors = {f"model.{name}": value for name, value in trained(model).items()}
    tensors |= {f"best.{name}": value for name, value in best.items()}
    for index, moments in optimizer.state_dict()["state"].items():
        tensors |= {f"optimizer.{index}.{name}": value for name, value in moments.items()}
    name = f"snapshot-{state.epochs}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    save_file(tensors, folder / name)
    _write(folder / _STATE, state.model_copy(update={"tensors": name}).model_dump_json().encode())
    for old in folder.glob("snapshot-*.safetensors"):
        if old.name != name:
            old.unlink()


def resume(
    folder: Path, recipe: Recipe, model: nn.Module, optimizer: Optimizer
) -> tuple[State, Weights]:
    """The snapshot in ``folder``, put back into ``model`` and ``optimizer``; else a new state.

    Raises:
        OtherRecipe: the snapshot is of another recipe.
    """
    wanted = recipe.model_dump(mode="json")
    if not (folder / _STATE).exists():
        return State(recipe=wanted, epochs=0, best=-1.0, since_best=0), trained(model)
    state = State.model_validate(orjson.loads((folder / _STATE).read_bytes()))
    if Recipe.model_validate(state.recipe) != recipe:
        raise OtherRecipe(f"{folder} holds an unfinished run of another recipe: remove it first")
    parts: dict[str, Weights] = {"model": {}, "best": {}, "optimizer": {}}
    for name, value in load_file(folder / state.tensors).items():
        part, _, rest = name.partition(".")
        parts[part][rest] = value
    restore(model, parts["model"])
    _restore_optimizer(optimizer, parts["optimizer"])
    return state, parts["best"]


def _restore_optimizer(optimizer: Optimizer, moments: Weights) -> None:
    whole = optimizer.state_dict()
    state: dict[int, Weights] = {}
    for name, value in moments.items():
        index, _, what = name.partition(".")
        state.setdefault(int(index), {})[what] = value
    optimizer.load_state_dict({**whole, "state": state})


def _write(path: Path, data: bytes) -> None:
    part = path.with_suffix(".part")
    part.write_bytes(data)
    part.replace(path)
