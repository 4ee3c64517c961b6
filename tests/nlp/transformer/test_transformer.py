"""Newsquake's own models: the same answer in any company, and whole or not at all."""

import random
import shutil
from pathlib import Path
from typing import Literal

import pytest
import torch
from peft import PeftModel
from torch.nn.utils.rnn import pad_sequence

from nlp.classifier import ModelMissing
from nlp.inference.torch_runtime import TorchModel
from nlp.settings import ModelSettings
from nlp.tasks import SENTIMENTS, TOPICS
from nlp.training.examples import Example
from nlp.training.initial_model import prepare_encoder
from nlp.training.ngram_svm import fit
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.transformer import model_files
from nlp.transformer.assemble import assemble
from nlp.transformer.encoder import load_encoder
from nlp.transformer.model_files import Calibration, Manifest
from nlp.transformer.multitask import ConcatenatedTasks, MultiTask
from nlp.transformer.transformer import Transformer

pytestmark = pytest.mark.model

WORDS = ("shares", "profit", "Acme", "falls", "5%", "guidance", "$ACME", "record", "Fed", "oil")
CALIBRATION = Calibration(
    blend=(0.5, 0.5), temperature=1.2, scale=1.1, shift=-0.3, thresholds=(0.5,) * len(TOPICS)
)


def texts(count: int, seed: int = 1) -> list[str]:
    """Headlines of one to forty words."""
    dice = random.Random(seed)
    return [" ".join(dice.choices(WORDS, k=dice.randint(1, 40))) for _ in range(count)]


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A saved model with random adapters and heads."""
    torch.manual_seed(1)
    model = MultiTask(prepare_encoder(load_encoder(), Recipe(method="lora", rank=4)))
    with torch.no_grad():
        for value in model.parameters():
            if value.requires_grad:
                value.normal_(std=0.05)
    labelled = [
        Example(text, {"sentiment": n % 3, "topic": n % 20}) for n, text in enumerate(texts(60))
    ]
    manifest = Manifest(
        name="random",
        sentiments=SENTIMENTS,
        topics=TOPICS,
        max_tokens=64,
        calibration=CALIBRATION,
    )
    out = tmp_path_factory.mktemp("model")
    save(out, model, manifest, fit(labelled))
    return out


@pytest.fixture(scope="session")
def model(folder: Path) -> Transformer:
    """The saved model, loaded in fp32."""
    return Transformer(folder, ModelSettings(model=str(folder), dtype="fp32", device="cpu"))


def numbers(model: Transformer, headlines: list[str]) -> torch.Tensor:
    """Return all scores of the headlines: (texts, 23)."""
    scored = model.classify(headlines)
    return torch.tensor([[s.negative, s.neutral, s.positive, *s.topics.values()] for s in scored])


def test_the_answer_does_not_depend_on_order_or_company(model: Transformer, folder: Path) -> None:
    """A replay would score the same headline differently, and with it raise other alerts."""
    headlines = texts(90)
    together = numbers(model, headlines)
    order = list(range(len(headlines)))
    random.Random(2).shuffle(order)
    shuffled = numbers(model, [headlines[index] for index in order])
    small = Transformer(folder, ModelSettings(dtype="fp32", device="cpu", batch_tokens=64))
    assert torch.allclose(together[order], shuffled, atol=1e-4, rtol=0)
    assert torch.allclose(together, numbers(small, headlines), atol=1e-4, rtol=0)
    assert torch.allclose(
        together, torch.cat([numbers(model, [text]) for text in headlines]), atol=1e-4, rtol=0
    )


def test_merged_adapters_answer_as_adapters_beside_the_encoder(folder: Path) -> None:
    """Users would run another model than the one that was trained and judged."""
    beside = PeftModel.from_pretrained(load_encoder(), folder).eval()
    merged = assemble(folder).encoder
    ids = torch.randint(1_000, 20_000, (3, 17))
    with torch.inference_mode():
        a = beside(input_ids=ids).last_hidden_state
        b = merged(input_ids=ids).last_hidden_state
        plain = load_encoder().train(mode=False)(input_ids=ids).last_hidden_state
    assert float((a - b).abs().max()) < 1e-4
    assert float((plain - b).abs().max()) > 1e-2


def test_probabilities_are_probabilities_of_every_label(model: Transformer) -> None:
    """A consumer would miss a topic, or sum to more than all."""
    for scores in model.classify([*texts(5), "", "\0", "😀" * 50, "央行意外降息", "x" * 1_000_000]):
        assert abs(scores.negative + scores.neutral + scores.positive - 1) < 1e-6
        assert tuple(scores.topics) == TOPICS
        assert all(0 <= score <= 1 for score in scores.topics.values())
        assert scores.about == tuple(t for t, score in scores.topics.items() if score >= 0.5)


def test_windows_read_a_text_to_its_end(folder: Path) -> None:
    """The second half of a long article would count for nothing although it was asked for."""
    windows = Transformer(folder, ModelSettings(dtype="fp32", device="cpu", windows=True))
    plain = Transformer(folder, ModelSettings(dtype="fp32", device="cpu"))
    long = "nothing of note happened here today. " * 15
    changed = long + "bankruptcy default collapse fraud " * 15
    assert windows.classify([long])[0][:3] != windows.classify([changed])[0][:3]
    first, second = (plain.classify([text])[0] for text in (long, changed))
    assert first.topics.keys() == second.topics.keys()
    short = texts(20)
    assert torch.allclose(numbers(windows, short), numbers(plain, short), atol=1e-4, rtol=0)


@pytest.mark.parametrize(
    "name",
    [model_files.ADAPTER, model_files.HEADS, model_files.MANIFEST, model_files.ADAPTER_CONFIG],
)
@pytest.mark.parametrize("harm", ["cut", "gone"])
def test_a_damaged_model_is_an_error_at_start(
    folder: Path, tmp_path: Path, name: str, harm: str
) -> None:
    """A worker would start with half a model, or with a traceback."""
    copy = tmp_path / "model"
    shutil.copytree(folder, copy)
    data = (copy / name).read_bytes()
    if harm == "cut":
        (copy / name).write_bytes(data[: len(data) // 2])
    else:
        (copy / name).unlink()
    with pytest.raises(ModelMissing, match=r"damaged|no manifest|neither"):
        Transformer(copy, ModelSettings(device="cpu"))


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_a_traced_model_answers_as_the_one_that_it_was_traced_from(
    folder: Path, dtype: Literal["fp32", "bf16"]
) -> None:
    """Scores would be those of the shape that it happened to be traced with."""
    dice = random.Random(3)
    settings = ModelSettings(dtype=dtype, device="cpu", runtime="torch")
    model = Transformer(folder, settings)
    assert isinstance(model.model, TorchModel)
    plain = ConcatenatedTasks(model.model.module)
    for _ in range(6):
        lengths = [dice.randrange(1, 60) for _ in range(dice.randrange(1, 9))]
        rows = [torch.randint(1000, 9000, (length,)) for length in lengths]
        ids = pad_sequence(rows, batch_first=True)
        mask = (ids != 0).long()
        with torch.inference_mode():
            assert torch.equal(model.model.rows(ids, mask), plain(ids, mask))
