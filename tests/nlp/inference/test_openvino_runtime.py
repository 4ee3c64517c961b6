"""OpenVINO gives the answers that PyTorch gives, without importing PyTorch."""

import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from nlp.classifier import Classifier, ModelMissing, Question, Scores
from nlp.contract import CHECKS
from nlp.explain.explainer import explainer
from nlp.explain.occlusion import Occlusion
from nlp.load import load
from nlp.settings import ModelSettings
from nlp.tasks import carried_topics
from nlp.transformer.encoder import load_padding_tokenizer, load_tokenizer
from nlp.transformer.model_path import SHIPPED
from nlp.transformer.transformer import SubjectTransformer, Transformer, load_transformer

pytestmark = pytest.mark.model
EXACT = ModelSettings(device="cpu", dtype="fp32", runtime="openvino")
TEXTS = (
    "Acme shares plunge 30% after it cuts its forecast",
    "Fed holds rates",
    "Oil rises as supply tightens; Emca's refinery reopens after a fire",
    "x",
    "[PAD] [PAD] [MASK] profit [PAD] falls",
    "公司利润下降 und Gewinnwarnung, São Paulo",
    "Dividend raised for the tenth year in a row. " * 20,
    "Ford's sales beat Boeing's, $AAPL falls 5% as Microsoft sues",
    "",
)
Check = Callable[[Classifier], None]


def numbers(scores: Sequence[Scores]) -> NDArray[np.float64]:
    """Return sentiments, severity and topics of each text: (texts, 24)."""
    severities = [-1.0 if s.severity is None else s.severity for s in scores]
    return np.array(
        [
            (s.negative, s.neutral, s.positive, severity, *s.topics.values())
            for s, severity in zip(scores, severities, strict=True)
        ]
    )


@pytest.fixture(scope="module")
def model() -> Transformer:
    """The shipped model in OpenVINO, in full precision."""
    return load_transformer(SHIPPED, EXACT)


@pytest.mark.parametrize("threads", [1, 2])
@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.__name__)
def test_it_keeps_the_contract(check: Check, saved_model: Path, threads: int) -> None:
    """Articles would be lost, scored otherwise by a replay, or stop the worker."""
    settings = EXACT.model_copy(update={"threads": threads, "batch_tokens": 512})
    check(Transformer(saved_model, settings))


@pytest.mark.parametrize("windows", [False, True])
def test_its_scores_are_those_of_pytorch(windows: bool) -> None:
    """Whoever moves a pipeline from a graphics card to a processor would get other alerts."""
    ours, theirs = (
        load_transformer(SHIPPED, EXACT.model_copy(update={"runtime": name, "windows": windows}))
        for name in ("openvino", "torch")
    )
    assert (ours.runtime.name, theirs.runtime.name) == ("openvino", "torch")
    assert ours.model_id == theirs.model_id
    answers = numbers(ours.classify(TEXTS))
    assert (answers >= 0.0).all()
    assert np.abs(answers - numbers(theirs.classify(TEXTS))).max() < 1e-3


def test_it_answers_questions_as_pytorch_does() -> None:
    """A company's signal would depend on the machine that read the text."""
    subjects = ("Acme", "Emca Oil", "Boeing")
    questions = [Question(text, subject) for text in TEXTS for subject in subjects]
    ours, theirs = (
        SubjectTransformer(SHIPPED, EXACT.model_copy(update={"runtime": name}))
        for name in ("openvino", "torch")
    )
    answers = numbers(ours.classify_about(questions))
    assert (answers >= 0.0).all()
    assert np.abs(answers - numbers(theirs.classify_about(questions))).max() < 1e-3


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_no_text_changes_the_answer_for_another(dtype: str) -> None:
    """A replay would score a headline by the headlines that it happens to stand beside."""
    model = load_transformer(SHIPPED, EXACT.model_copy(update={"dtype": dtype, "threads": 1}))
    alone = [model.classify([text])[0] for text in TEXTS]
    together = model.classify(TEXTS)
    tolerance = 1e-4 if model.runtime.dtype == "fp32" else 2e-2
    assert np.abs(numbers(alone) - numbers(together)).max() < tolerance
    assert [carried_topics(scores) for scores in alone] == [
        carried_topics(scores) for scores in together
    ]


def test_tokens_are_those_that_the_model_was_trained_on() -> None:
    """The model would read other words than it learnt, and no test of the network would show it."""
    ours, theirs = load_tokenizer(), load_padding_tokenizer().backend_tokenizer
    for tokenizer in (ours, theirs):
        tokenizer.no_padding()
        tokenizer.no_truncation()
    odd = (
        "E\u0301cole na\u00efve \ufb01ne",
        "a\x00b\u200bc",
        "[CLS] ##ing",
        "$ACME\u2019s \U0001f600",
    )
    asked = [*TEXTS, *odd, (TEXTS[0], "Acme & Co."), ("Company A beats Company B", "company b")]
    assert [encoded.ids for encoded in ours.encode_batch_fast(asked)] == [
        encoded.ids for encoded in theirs.encode_batch_fast(asked)
    ]


def in_new_process(code: str, cache: Path, *, torch: bool) -> "subprocess.CompletedProcess[str]":
    """Run ``code`` in a process of its own, as this one has imported PyTorch."""
    blocked = (
        "" if torch else "import sys; sys.modules['torch'] = sys.modules['transformers'] = None\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code if torch else blocked + code],
        env={**os.environ, "XDG_CACHE_HOME": str(cache), "NEWSQUAKE_NLP__DEVICE": "cpu"},
        capture_output=True, text=True, check=False,
    )  # fmt: skip


@pytest.mark.parametrize("torch", [False, True])
def test_a_prediction_needs_no_pytorch(tmp_path: Path, torch: bool) -> None:
    """Whoever installs the small extra could not score a headline, or would wait for torch."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print({'torch.nn', 'transformers.models'} & set(sys.modules)))\n"
        "from cli.main import app\n"
        "app(['predict', '--json', 'Acme profit falls'])"
    )
    done = in_new_process(code, tmp_path, torch=torch)
    assert '"negative"' in done.stdout, done.stderr
    assert done.stdout.endswith("set()\n")


def test_a_worker_imports_no_pytorch(tmp_path: Path) -> None:
    """Each worker would take seconds and half a gigabyte more, for nothing that it uses."""
    code = (
        "import asyncio, sys\n"
        "from cli.worker import _load_stages\n"
        "from infra.settings.model import load\n"
        "from streams.monitoring.progress import Progress\n"
        "settings = load(None, {'NEWSQUAKE_NLP__DEVICE': 'cpu'})\n"
        "asyncio.run(_load_stages(settings, None, Progress(), None))\n"
        "print({'torch', 'transformers'} & set(sys.modules))"
    )
    done = in_new_process(code, tmp_path, torch=True)
    assert done.stdout.endswith("set()\n"), done.stderr


def test_nothing_is_told_to_intel(tmp_path: Path) -> None:
    """Each worker that starts would send an event over the network, which nobody asked for."""
    told = tmp_path / "told"
    package = tmp_path / "openvino_telemetry"
    (package / "backend").mkdir(parents=True)
    (package / "backend" / "__init__.py").touch()
    (package / "backend" / "backend_ga4.py").touch()
    (package / "__init__.py").write_text(
        f"class Telemetry:\n"
        f"    def __init__(self, **_):\n        open({str(told)!r}, 'w').close()\n"
        f"    def send_event(self, *_):\n        pass\n"
    )
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    done = in_new_process(f"{code}import openvino", tmp_path, torch=True)
    assert told.exists(), done.stderr  # it is still so
    told.unlink()
    start = (
        "from nlp.settings import ModelSettings\n"
        "from nlp.inference.runtimes import openvino_runtime\n"
        "print(openvino_runtime(ModelSettings()).name)"
    )
    done = in_new_process(code + start, tmp_path, torch=True)
    assert done.stdout == "openvino\n", done.stderr
    assert not told.exists()


def test_an_explanation_without_pytorch_says_what_is_missing(tmp_path: Path) -> None:
    """The user would see a traceback, or install one extra only to be told of another one."""
    code = "from cli.main import app; app(['predict', '--explain', 'Acme profit falls'])"
    done = in_new_process(code, tmp_path, torch=False)
    assert done.returncode
    assert "torch is missing: install newsquake[explain]" in done.stderr


def test_what_it_runs_is_explained_by_leaving_words_out(model: Transformer) -> None:
    """A plug-in's user would be told that gradients are at hand where nothing computes them."""
    assert isinstance(explainer(model), Occlusion)


def test_int8_is_not_offered() -> None:
    """One label in a hundred would change, and nobody would know why."""
    with pytest.raises(ModelMissing, match=r"nlp\.dtype int8 needs PyTorch"):
        load_transformer(SHIPPED, EXACT.model_copy(update={"dtype": "int8"}))


def test_a_prepared_model_answers_as_before(tmp_path: Path) -> None:
    """The second start would run another model than the first."""
    settings = EXACT.model_copy(update={"cache": tmp_path / "models"})
    first = load_transformer(SHIPPED, settings)
    (kept,) = (tmp_path / "models").iterdir()
    second = load_transformer(SHIPPED, settings)
    assert numbers(first.classify(TEXTS)).tolist() == numbers(second.classify(TEXTS)).tolist()

    damaged = bytearray(kept.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    kept.unlink()  # the other two read it
    kept.write_bytes(damaged)
    third = load_transformer(SHIPPED, settings)
    assert numbers(first.classify(TEXTS)).tolist() == numbers(third.classify(TEXTS)).tolist()
    assert kept.read_bytes() != bytes(damaged)


def test_another_model_is_not_taken_from_the_cache(tmp_path: Path, saved_model: Path) -> None:
    """A retrained model would be promoted, and the old one would go on answering."""
    settings = EXACT.model_copy(update={"cache": tmp_path})
    load_transformer(SHIPPED, settings)
    fresh = Transformer(saved_model, EXACT)
    assert numbers(Transformer(saved_model, settings).classify(TEXTS)).tolist() == (
        numbers(fresh.classify(TEXTS)).tolist()
    )


def test_a_damaged_model_is_refused_even_if_it_was_prepared(tmp_path: Path) -> None:
    """A worker would go on with files that nobody could load again."""
    folder = tmp_path / "model"
    folder.mkdir()
    for path in SHIPPED.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    settings = EXACT.model_copy(update={"model": str(folder), "cache": tmp_path / "cache"})
    load(settings)
    (folder / "delta.safetensors").write_bytes(b"")
    with pytest.raises(ModelMissing, match="damaged"):
        load(settings)
