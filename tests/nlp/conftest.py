"""Real models, made on the spot: a tiny BERT with random weights, and heads for the encoder."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import pytest

from nlp.optional import require

WORDS: Final = ("shares", "profit", "loss", "falls", "beats", "misses", "estimates", "the")
SPECIAL: Final = {f"{name}_token": f"[{name.upper()}]" for name in ("pad", "unk", "cls", "sep")}
SENTIMENTS: Final = ("Bearish", "Neutral", "Bullish")
NAMES: Final = ("Acme", "Bolt", "Crux", "Dyne", "Echo", "Flux", "Gild", "Hale", "Iris", "Jade")
VERBS: Final = {"soars": "positive", "plunges": "negative", "meets": "neutral"}
Making = Callable[..., Path]


@pytest.fixture
def sixty_rows(tmp_path: Path) -> Path:
    """Sentiments of sixty short texts, each verb with one of its own: quickly learnt."""
    rows = [
        f"{name} stock {verb} {n},{label}"
        for n in range(2)
        for name in NAMES
        for verb, label in VERBS.items()
    ]
    path = tmp_path / "sentiment.csv"
    path.write_text("\n".join(["text,label", *rows]))
    return path


@pytest.fixture(scope="session")
def make_checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Making:
    """A function that makes a checkpoint folder with these class names."""

    def make(
        labels: tuple[str, ...] = SENTIMENTS, *, safetensors: bool = True, **config: object
    ) -> Path:
        folder = tmp_path_factory.mktemp("models") / "tiny-bert"
        save_tokenizer(folder)
        save_model(folder, labels, **config)
        if not safetensors:
            (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
        return folder

    return make


@pytest.fixture(scope="session")
def saved_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder as training writes it, with the encoder unchanged and random weights as heads."""
    import torch
    from safetensors.torch import save_file

    from nlp.tasks import LABELS
    from nlp.transformer.model_files import DELTA, HEADS, MANIFEST, Calibration, Manifest

    folder = tmp_path_factory.mktemp("saved")
    numbers = torch.Generator().manual_seed(7)
    weights = {
        f"{task}.weight": torch.randn(len(labels), 384, generator=numbers)
        for task, labels in LABELS.items()
    }
    biases = {f"{task}.bias": torch.zeros(len(labels)) for task, labels in LABELS.items()}
    save_file(weights | biases, folder / HEADS)
    save_file({"step": torch.zeros(())}, folder / DELTA)
    manifest = Manifest(
        name="tiny",
        sentiments=LABELS["sentiment"],
        topics=LABELS["topic"],
        max_tokens=64,
        calibration=Calibration(thresholds=(0.5,) * len(LABELS["topic"])),
    )
    (folder / MANIFEST).write_text(manifest.model_dump_json(), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def forget() -> Callable[[Path, str], None]:
    """Return a function that makes the head of a task zero, as it is if no row teaches it."""
    from hashlib import sha256

    from safetensors.torch import load_file, save_file

    from nlp.transformer.model_files import HEADS, MANIFEST, read_manifest

    def make_zero(folder: Path, task: str) -> None:
        heads = load_file(folder / HEADS)
        for name in (f"{task}.weight", f"{task}.bias"):
            heads[name] = heads[name] * 0
        save_file(heads, folder / HEADS)
        manifest = read_manifest(folder)
        digests = {**manifest.files, HEADS: sha256((folder / HEADS).read_bytes()).hexdigest()}
        changed = manifest.model_copy(update={"files": digests})
        (folder / MANIFEST).write_text(changed.model_dump_json(), encoding="utf-8")

    return make_zero


def save_tokenizer(folder: Path) -> None:
    """Save a word-level tokenizer that knows a few words."""
    from tokenizers import Tokenizer, models, pre_tokenizers, processors

    vocabulary = {word: index for index, word in enumerate([*SPECIAL.values(), *WORDS])}
    tokenizer = Tokenizer(models.WordLevel(vocabulary, unk_token=SPECIAL["unk_token"]))
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    require("transformers").PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        **SPECIAL,
        model_max_length=64,
    ).save_pretrained(folder)


def save_model(folder: Path, labels: tuple[str, ...], **config_options: object) -> None:
    """Save a model of one layer, with random weights large enough for texts to differ."""
    transformers = require("transformers")
    require("torch").manual_seed(7)
    config = transformers.BertConfig(
        vocab_size=len(SPECIAL) + len(WORDS),
        hidden_size=32,
        num_hidden_layers=1,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=64,
        initializer_range=0.8,
        id2label=dict(enumerate(labels)),
        label2id={label: index for index, label in enumerate(labels)},
        **config_options,
    )
    transformers.BertForSequenceClassification(config).save_pretrained(folder)
