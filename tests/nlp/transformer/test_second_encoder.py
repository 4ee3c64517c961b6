"""Models on MPNet: other layers, other padding, and biases of relative positions."""

import json
import shutil
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import torch
from peft import PeftModel
from torch import nn
from typer.testing import CliRunner

from cli.main import app
from nlp.classifier import ModelMissing, Question
from nlp.explain.gradients import TOLERANCE, IntegratedGradients
from nlp.inference.int8 import quantize
from nlp.inference.padding import pad
from nlp.inference.torch_runtime import TorchModel, TorchRuntime
from nlp.settings import ModelSettings
from nlp.training.examples import Example
from nlp.training.initial_model import build_initial_model, continue_recipe, prepare_encoder
from nlp.training.ngram_svm import fit
from nlp.training.optimizer import build_optimizer
from nlp.training.recipe import Recipe
from nlp.training.save import save
from nlp.transformer import encoder
from nlp.transformer.assemble import assemble
from nlp.transformer.model_files import (
    ADAPTER_CONFIG,
    MANIFEST,
    Manifest,
    read_manifest,
)
from nlp.transformer.transformer import SubjectTransformer, Transformer

pytestmark = [pytest.mark.model, pytest.mark.usefixtures("tiny_mpnet")]

WORDS = ("shares", "profit", "loss", "acme", "bolt", "falls", "beats", "misses", "the", "as")
TEXTS = [
    "shares",
    "acme falls as bolt beats the loss",
    "profit misses the " * 12,
    "bolt profit beats",
    "央行 naïve <pad> shares",
    "",
]
LORA = Recipe(encoder="mpnet", method="lora", rank=4)


def settings(**options: object) -> ModelSettings:
    """Return settings for PyTorch on one CPU in fp32."""
    values = {"device": "cpu", "dtype": "fp32", "runtime": "torch", **options}
    return ModelSettings.model_validate(values)


def numbers(model: Transformer, texts: list[str]) -> torch.Tensor:
    """Return all scores of the texts: (texts, 23)."""
    scored = model.classify(texts)
    return torch.tensor([[s.negative, s.neutral, s.positive, *s.topics.values()] for s in scored])


def ids_of(texts: list[str]) -> tuple[torch.Tensor, torch.Tensor]:
    """Return ids and mask of texts, padded."""
    tokens = encoder.load_tokenizer("mpnet")
    tokens.no_padding()
    return pad([it.ids for it in tokens.encode_batch(texts)], 1, "cpu")


def test_merged_adapters_answer_as_adapters_beside_the_encoder(mpnet_model: Path) -> None:
    """Users would run another model than the one that was trained and judged."""
    plain = encoder.load_encoder("mpnet").train(mode=False)
    ids, mask = ids_of(TEXTS[:4])
    with torch.inference_mode():
        before = plain(input_ids=ids, attention_mask=mask).last_hidden_state
        beside = PeftModel.from_pretrained(plain, mpnet_model).eval()
        a = beside(input_ids=ids, attention_mask=mask).last_hidden_state
        b = assemble(mpnet_model).encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    shown = mask.bool()
    assert float((a - b)[shown].abs().max()) < 1e-5
    assert float((before - b)[shown].abs().max()) > 1e-2


def test_every_linear_layer_of_the_encoder_is_adapted() -> None:
    """Attention or half of each layer would not learn, and the model would be worse for it."""
    model = encoder.load_encoder("mpnet")
    layers = {name for name, module in model.named_modules() if isinstance(module, nn.Linear)}
    adapted = prepare_encoder(model, LORA)
    assert len(layers) == 2 * 6
    assert set(adapted.targeted_module_names) == layers


@pytest.mark.parametrize("dtype", ["fp32", "bf16", "int8"])
def test_the_answer_does_not_depend_on_the_texts_beside_it(
    mpnet_model: Path, dtype: Literal["fp32", "bf16", "int8"]
) -> None:
    """Padding would be read as words, and a headline scored by what came with it."""
    model = Transformer(mpnet_model, settings(dtype=dtype, threads=1))
    alone = torch.cat([numbers(model, [text]) for text in TEXTS])
    tolerance = {"fp32": 1e-5, "bf16": 0.06, "int8": 0.06}[dtype]
    assert torch.allclose(numbers(model, TEXTS), alone, atol=tolerance, rtol=0)
    exact = numbers(Transformer(mpnet_model, settings(threads=1)), TEXTS)
    assert torch.allclose(numbers(model, TEXTS), exact, atol=tolerance, rtol=0)


def test_int8_is_close_to_fp32_layer_by_layer(mpnet_model: Path) -> None:
    """Fast answers on a CPU would be those of another model."""
    ids, mask = ids_of(TEXTS[:4])
    model = assemble(mpnet_model).encoder
    with torch.inference_mode():
        exact = model(input_ids=ids, attention_mask=mask).last_hidden_state
        fast = quantize(model)(input_ids=ids, attention_mask=mask).last_hidden_state
    assert not [it for it in model.encoder.layer.modules() if isinstance(it, nn.Linear)]
    difference = (fast - exact)[mask.bool()]
    assert float(difference.square().mean().sqrt() / exact[mask.bool()].std()) < 0.1


def test_a_traced_model_reads_the_tokens_that_training_read(mpnet_model: Path) -> None:
    """It would have the positions of the tokens that it was traced with, or not see the first."""
    tokenizer = encoder.load_padding_tokenizer("mpnet")
    windows = tokenizer(TEXTS)["input_ids"]
    padded = tokenizer.pad({"input_ids": windows}, return_tensors="pt")
    module = assemble(mpnet_model)
    with torch.inference_mode():
        logits = module(padded)
    rows = TorchModel(module, TorchRuntime("cpu", "fp32")).forward(windows)
    expected = torch.cat(list(logits.values()), dim=1)
    # The fifth text says "<pad>", which is masked.
    kept = [0, 1, 2, 3, 5]
    assert torch.equal(torch.tensor(np.stack(rows))[kept], expected[kept])
    assert padded["attention_mask"].sum(dim=1).tolist() == [len(window) for window in windows]


def test_a_subject_changes_the_answer(mpnet_model: Path) -> None:
    """The model could not be asked about one company of two."""
    model = SubjectTransformer(mpnet_model, settings())
    text = "acme falls as bolt beats"
    acme, bolt = model.classify_about([Question(text, "acme"), Question(text, "bolt")])
    assert abs(acme.negative - bolt.negative) > 1e-4


def test_changes_of_all_weights_are_counted_from_the_same_encoder(
    mpnet_model: Path, tmp_path: Path
) -> None:
    """A fully trained model would be read as changes of the other encoder."""
    recipe = Recipe(encoder="mpnet", method="full")
    model = build_initial_model(recipe, None)
    with torch.no_grad():
        for value in model.parameters():
            if value.requires_grad:
                value.add_(torch.randn_like(value) * 0.01)
    labelled = [Example(f"{word} {n}", {"sentiment": n % 3}) for n, word in enumerate(WORDS * 6)]
    save(tmp_path, model, read_manifest(mpnet_model), fit(labelled))
    again = assemble(tmp_path)
    ids, mask = ids_of(TEXTS)
    with torch.inference_mode():
        a = model.eval()({"input_ids": ids, "attention_mask": mask})["topic"]
        b = again({"input_ids": ids, "attention_mask": mask})["topic"]
    assert torch.allclose(a, b, atol=5e-3)


def test_biases_of_positions_learn_as_slowly_as_the_lowest_layer() -> None:
    """They would learn at the rate of the heads, and spoil what the encoder knows."""
    recipe = Recipe(encoder="mpnet", method="full", rate=1.0, encoder_rate=0.5, layer_decay=0.1)
    model = build_initial_model(recipe, None)
    bias = model.encoder.encoder.relative_attention_bias.weight
    groups = build_optimizer(model, recipe).param_groups
    (peak,) = [group["peak"] for group in groups if any(it is bias for it in group["params"])]
    assert peak == pytest.approx(0.05)


def test_training_goes_on_from_the_encoder_of_the_start(mpnet_model: Path) -> None:
    """Learnt adapters would be put on another encoder."""
    assert continue_recipe(Recipe(), mpnet_model).encoder == "mpnet"
    assert continue_recipe(Recipe(method="full"), mpnet_model).encoder == "mpnet"
    with pytest.raises(ModelMissing, match="is built on the encoder mpnet, not on minilm"):
        continue_recipe(Recipe(encoder="minilm"), mpnet_model)


def test_manifests_of_earlier_releases_name_the_small_encoder(
    mpnet_model: Path, tmp_path: Path
) -> None:
    """Models that were trained before could not be loaded any more."""
    manifest = read_manifest(mpnet_model)
    fields = manifest.model_dump(mode="json", exclude={"encoder"})
    assert Manifest.model_validate(fields).encoder == "minilm"
    later = manifest.model_copy(update={"encoder": "giant", "files": {}})
    (tmp_path / MANIFEST).write_text(later.model_dump_json())
    shutil.copy(mpnet_model / ADAPTER_CONFIG, tmp_path)
    with pytest.raises(ModelMissing, match="no encoder giant here: a newer newsquake"):
        assemble(tmp_path)


def test_words_are_explained_up_to_the_whole_difference(mpnet_model: Path) -> None:
    """A reader would be shown words that did not decide."""
    model = Transformer(mpnet_model, settings())
    text = "acme falls as bolt beats the loss"
    explanation = IntegratedGradients(model).explain(text, model.classify([text])[0])
    assert explanation.method == "integrated-gradients"
    assert explanation.sentiment
    assert [word for word, _ in explanation.sentiment.words] == text.split()
    assert abs(explanation.sentiment.delta or 0.0) < TOLERANCE


@pytest.mark.parametrize("method", ["lora", "full"])
def test_a_trained_model_says_which_encoder_it_is_on(
    sixty_rows: Path, tmp_path: Path, method: str
) -> None:
    """It would be put on the small encoder when it is loaded, or start from the shipped model."""
    argv = ["train", "--sentiment", sixty_rows, "--out", tmp_path / "mine", "--device", "cpu"]
    argv += ["--encoder", "mpnet", "--method", method, "--rank", "2", "--epochs", "1"]
    result = CliRunner().invoke(app, [str(it) for it in argv])
    assert result.exit_code == 0, result.output
    assert "starts from the plain encoder" in result.stderr
    assert read_manifest(tmp_path / "mine").encoder == "mpnet"
    if method == "lora":
        config = json.loads((tmp_path / "mine" / ADAPTER_CONFIG).read_text())
        assert config["base_model_name_or_path"] == "sentence-transformers/all-mpnet-base-v2"
    assert len(numbers(Transformer(tmp_path / "mine", settings()), TEXTS)) == len(TEXTS)
