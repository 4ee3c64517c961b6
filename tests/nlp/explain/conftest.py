"""A model in newsquake's own format, with random heads and n-grams."""

from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of the saved model."""
    import torch

    from nlp.tasks import SENTIMENTS, TOPICS
    from nlp.training.examples import Example
    from nlp.training.initial_model import prepare_encoder
    from nlp.training.ngram_svm import fit
    from nlp.training.recipe import Recipe
    from nlp.training.save import save
    from nlp.transformer.encoder import load_encoder
    from nlp.transformer.model_files import Calibration, Manifest
    from nlp.transformer.multitask import MultiTask

    torch.manual_seed(1)
    model = MultiTask(prepare_encoder(load_encoder(), Recipe(method="lora", rank=4)))
    for head in model.heads.values():
        assert isinstance(head, torch.nn.Linear)
        torch.nn.init.normal_(head.weight, std=0.1)
    calibration = Calibration(
        blend=(0.5, 0.7), temperature=1.2, scale=1.1, shift=-0.3, thresholds=(0.5,) * len(TOPICS)
    )
    manifest = Manifest(
        name="random", sentiments=SENTIMENTS, topics=TOPICS, max_tokens=32, calibration=calibration
    )
    labelled = [
        Example(f"Shares {word} for the {n}th time", {"sentiment": n % 3, "topic": n % 20})
        for n, word in enumerate(["rise", "fall", "stall", "soar", "sink"] * 12)
    ]
    out = tmp_path_factory.mktemp("model")
    save(out, model, manifest, fit(labelled))
    return out
