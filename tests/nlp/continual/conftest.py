"""Models on disk: complete ones without weights, and a small real one."""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from nlp.labelled_rows import Row
from nlp.tasks import SENTIMENTS, TOPICS, Task
from nlp.transformer import model_files
from nlp.transformer.model_files import Manifest

Making = Callable[[str], Path]

NAMES = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
VERB_LABELS = {"soars": 2, "plunges": 0, "meets": 1}


@pytest.fixture
def hollow(tmp_path: Path) -> Making:
    """Return a function that makes a folder with all files of a model, but without weights."""

    def make(name: str) -> Path:
        folder = tmp_path / "sources" / name
        folder.mkdir(parents=True)
        save_file({"name": np.frombuffer(name.encode(), np.uint8)}, folder / model_files.HEADS)
        save_file({"step": np.zeros(1)}, folder / model_files.DELTA)
        manifest = Manifest(name=name, sentiments=SENTIMENTS, topics=TOPICS, max_tokens=16)
        (folder / model_files.MANIFEST).write_text(manifest.model_dump_json())
        return folder

    return make


@pytest.fixture(scope="session")
def rows() -> dict[Task, list[Row]]:
    """Headlines of both tasks, small and easy."""
    sentiment = [
        Row(f"{name} stock {verb} {n}", label)
        for verb, label in VERB_LABELS.items()
        for name in NAMES
        for n in range(2)
    ]
    dividend, ipo = TOPICS.index("dividend"), TOPICS.index("ipo")
    topic = [Row(f"{name} raises its dividend {n}", dividend) for name in NAMES for n in range(2)]
    topic += [Row(f"{name} files for an ipo {n}", ipo) for name in NAMES for n in range(2)]
    return {"sentiment": sentiment, "topic": topic}


@pytest.fixture(scope="session", params=["lora", "full"])
def trained(
    request: pytest.FixtureRequest,
    rows: dict[Task, list[Row]],
    tmp_path_factory: pytest.TempPathFactory,
) -> Path:
    """A real model, trained for an epoch, of each kind that can be saved."""
    from nlp.training.recipe import Recipe
    from nlp.training.run import TrainingJob, fit

    out = tmp_path_factory.mktemp("models") / str(request.param)
    recipe = Recipe(method=request.param, epochs=1, rank=2, max_tokens=16, held_out=0.2)
    fit(rows, TrainingJob(recipe=recipe, out=out, device="cpu"))
    return out
