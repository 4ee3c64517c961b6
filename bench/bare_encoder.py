"""The shipped model's encoder in other people's libraries, with nothing of Newsquake around it."""

from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

BATCH: Final = 64
LABELS: Final = 23
"""Outputs of the classifier on top, as many as the shipped model's tasks have."""
Score = Callable[[list[str]], list[tuple[int, int]]]


def contender(name: str) -> Score:
    """Return a function that scores texts; it gives no labels, since nothing was trained.

    Raises:
        KeyError: ``name`` is none of torch, openvino and sentence.
    """
    return {"torch": _torch, "openvino": _openvino, "sentence": _sentence}[name]()


def save_encoder(folder: str | Path) -> None:
    """Write the encoder as a checkpoint of transformers with a classifier of random weights."""
    import transformers

    from nlp.transformer import encoder

    encoder.load_padding_tokenizer().save_pretrained(folder)
    classifier = transformers.AutoModelForSequenceClassification
    classifier.from_pretrained(encoder.folder(), num_labels=LABELS).save_pretrained(folder)


def _torch() -> Score:
    import torch

    tokenizer, network = _loaded()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    network.to(device)

    def score(texts: list[str]) -> list[tuple[int, int]]:
        with torch.inference_mode():
            for inputs in _batches(texts, tokenizer):
                network(**inputs.to(device))
        return []

    return score


def _openvino() -> Score:
    import openvino

    tokenizer, network = _loaded()
    network.config.return_dict = False
    example = dict(tokenizer(["a text", "another one"], return_tensors="pt"))
    compiled = openvino.compile_model(openvino.convert_model(network, example_input=example), "CPU")
    names = [name for port in compiled.inputs for name in port.get_names() if name in example]

    def score(texts: list[str]) -> list[tuple[int, int]]:
        for inputs in _batches(texts, tokenizer):
            compiled({name: inputs[name].numpy() for name in names})
        return []

    return score


def _sentence() -> Score:
    from sentence_transformers import SentenceTransformer

    from nlp.transformer import encoder

    model = SentenceTransformer(str(encoder.folder()))

    def score(texts: list[str]) -> list[tuple[int, int]]:
        model.encode(texts, batch_size=BATCH, show_progress_bar=False)
        return []

    return score


def _loaded() -> tuple[Any, Any]:
    import transformers

    with TemporaryDirectory() as folder:
        save_encoder(folder)
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        classifier = transformers.AutoModelForSequenceClassification
        return tokenizer, classifier.from_pretrained(folder).float().eval()


def _batches(texts: list[str], tokenizer: Any) -> Iterator[Any]:
    for start in range(0, len(texts), BATCH):
        some = texts[start : start + BATCH]
        yield tokenizer(some, padding=True, truncation=True, return_tensors="pt")
