"""Pack what measures the model on a graphics card into one file: ``python bench/gpu.py FILE``.

The file runs on a machine that has Python and PyTorch, and no network, by ``python3 FILE --out
FOLDER`` (`gpu_run.py` says what is measured). It holds the weights in half precision, Newsquake's packages,
the libraries that they need, and headlines.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Final

from gpu_run import MODEL, SAMPLE, SITE
from headlines import FILE, sample

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("schemas", "nlp", "detection", "streams", "agents")
LIBRARIES: Final = (
    *("ahocorasick-rs", "annotated-types", "orjson", "pydantic", "pydantic-core", "structlog"),
    *("tenacity", "tokenizers", "safetensors", "typing-extensions", "typing-inspection"),
)
"""What the agent `score` and the model need beside PyTorch and numpy."""
MAX_BYTES: Final = 60 * 1024 * 1024
_COMPARED: Final = 64
"""Headlines whose answers are compared with those of this machine."""


def main() -> None:
    """Pack, and say how large the file is."""
    options = _arguments()
    texts = sample(options.count, options.headlines)
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), texts, options.python, options.uv)
        zip_up(Path(folder), options.out)
    size = options.out.stat().st_size
    print(f"{options.out}: {size / 1e6:.1f} MB; run it by python3 {options.out.name} --out FOLDER")
    if size > MAX_BYTES:
        sys.exit(f"it is larger than {MAX_BYTES} bytes")


def fill(folder: Path, texts: Sequence[str], python: str, uv: str) -> None:
    """Put all that the file holds into ``folder``."""
    site, model = folder / SITE, folder / MODEL
    install(site, python, uv)
    ignored = shutil.ignore_patterns("__pycache__", "shipped", "large", "generated")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, site / package, ignore=ignored)
    for script in ("gpu_model.py", "gpu_run.py"):
        shutil.copy(Path(__file__).with_name(script), site)
    (folder / "__main__.py").write_text(Path(__file__).with_name("gpu_run.py").read_text())
    pack_model(site, model)
    (folder / SAMPLE).write_text(json.dumps({"texts": texts, "expected": expected(texts)}))


def install(site: Path, python: str, uv: str) -> None:
    """Install the libraries for the other machine's Python, as they are pinned here."""
    pinned = [f"{name}=={version(name)}" for name in LIBRARIES]
    target = ["--target", str(site), "--python-version", python, "--python-platform", "linux"]
    options = ["--no-deps", "--only-binary", ":all:", "--quiet"]
    subprocess.run([uv, "pip", "install", *target, *options, *pinned], check=True)


def pack_model(site: Path, model: Path) -> None:
    """Write the shipped model with merged weights, and its encoder's tokenizer as a package."""
    from gpu_model import Shape, write_weights

    from nlp.transformer import encoder
    from nlp.transformer.model_files import DELTA
    from nlp.transformer.model_path import SHIPPED
    from nlp.transformer.weights import assemble_weights

    shutil.copytree(SHIPPED, model, ignore=shutil.ignore_patterns(DELTA))
    config = json.loads((encoder.folder() / "config.json").read_text())
    shape = Shape(config["num_attention_heads"], config["layer_norm_eps"], config["pad_token_id"])
    write_weights(model, assemble_weights(SHIPPED), shape)
    package = site / encoder.PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(encoder.folder() / "tokenizer.json", package / "model")


def expected(texts: Sequence[str]) -> list[tuple[float, float]]:
    """Return this machine's negative and positive probabilities of the first texts, in fp32."""
    from nlp.load import load
    from nlp.settings import ModelSettings

    settings = ModelSettings(model="shipped", dtype="fp32", device="cpu", language="*")
    answers = load(settings).classify(texts[:_COMPARED])
    return [(answer.negative, answer.positive) for answer in answers]


def zip_up(folder: Path, out: Path) -> None:
    """Write the files of ``folder`` into one archive, which Python can run."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_LZMA) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


def _arguments() -> argparse.Namespace:
    here = f"{sys.version_info.major}.{sys.version_info.minor}"
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument(
        "--python", default=here, help="of the other machine (default: %(default)s)"
    )
    parser.add_argument("--count", type=int, default=4_096, help="headlines")
    parser.add_argument("--headlines", type=Path, default=FILE)
    parser.add_argument("--uv", default=shutil.which("uv") or str(ROOT / ".uv/bin/uv"))
    return parser.parse_args()


if __name__ == "__main__":
    main()
