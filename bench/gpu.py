"""Pack what measures the model on a graphics card into one file: ``python bench/gpu.py FILE``.

The file runs on a machine that has PyTorch and no network, by ``python3 FILE --out FOLDER``;
`gpu_run.py` says what is measured. It holds the weights in half precision, Newsquake's packages,
the libraries that they need, and headlines as texts and as token ids.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Sequence
from importlib.metadata import distribution, version
from pathlib import Path
from typing import Any, Final

from gpu_run import SITE
from headlines import FILE, sample

ROOT: Final = Path(__file__).parents[1]
PACKAGES: Final = ("schemas", "nlp", "detection", "streams", "agents")
LIBRARIES: Final = (
    *("ahocorasick-rs", "annotated-types", "msgspec", "orjson", "pydantic", "pydantic-core"),
    *("structlog", "tenacity", "tokenizers", "safetensors", "typing-extensions"),
    "typing-inspection",
)
"""Libraries that the agent `score` and the model need beside PyTorch and numpy."""
HERE: Final = f"{sys.version_info.major}.{sys.version_info.minor}"
MAX_BYTES: Final = 60 * 1000 * 1000
COMPARED: Final = 64
"""Headlines whose answers are compared with those of this machine."""


def main() -> None:
    """Pack, and say how large the file is."""
    options = _arguments()
    texts = sample(options.count, options.headlines)
    with tempfile.TemporaryDirectory() as folder:
        fill(Path(folder), texts, options)
        zip_up(Path(folder), options.out)
    size = options.out.stat().st_size
    print(f"{options.out}: {size / 1e6:.1f} MB; run it by python3 {options.out.name} --out FOLDER")
    if size > MAX_BYTES:
        sys.exit(f"it is larger than {MAX_BYTES / 1e6:.0f} MB")


def fill(folder: Path, texts: Sequence[str], options: argparse.Namespace) -> None:
    """Put all that the file holds into ``folder``."""
    site, model = folder / SITE, folder / "model"
    if options.python == HERE:
        copy_libraries(site)
    else:
        fetch_libraries(site, options.python, options.uv)
    ignored = shutil.ignore_patterns("__pycache__", "shipped", "large")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, site / package, ignore=ignored)
    here = Path(__file__).parent
    for script in ("gpu_card", "gpu_model", "gpu_network", "gpu_phases", "gpu_setup", "gpu_worker"):
        shutil.copy(here / f"{script}.py", site)
    for script in ("gpu_phase_watch", "gpu_table"):
        shutil.copy(here / f"{script}.py", folder)
    shutil.copy(here / "gpu_run.py", folder / "__main__.py")
    pack_model(site, model)
    (folder / "sample.json").write_text(json.dumps(answered(texts)))


def copy_libraries(site: Path) -> None:
    """Copy the libraries that are installed here."""
    for name in LIBRARIES:
        for file in distribution(name).files or []:
            if file.suffix != ".pyc" and ".." not in file.parts:
                target = site / file
                target.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(str(file.locate()), target)


def fetch_libraries(site: Path, python: str, uv: str) -> None:
    """Fetch the same versions for another Python."""
    pinned = [f"{name}=={version(name)}" for name in LIBRARIES]
    target = ["--target", str(site), "--python-version", python, "--python-platform", "linux"]
    options = ["--no-deps", "--only-binary", ":all:", "--quiet"]
    subprocess.run([uv, "pip", "install", *target, *options, *pinned], check=True)


def pack_model(site: Path, model: Path) -> None:
    """Write the shipped model with merged weights, and its encoder's tokenizer as a package."""
    from gpu_model import Shape, write_weights

    from nlp.tasks import HEADS
    from nlp.transformer import encoder
    from nlp.transformer.model_files import DELTA
    from nlp.transformer.model_path import SHIPPED
    from nlp.transformer.weights import assemble_weights

    shutil.copytree(SHIPPED, model, ignore=shutil.ignore_patterns(DELTA))
    config = json.loads((encoder.folder() / "config.json").read_text())
    heads, epsilon = config["num_attention_heads"], config["layer_norm_eps"]
    shape = Shape(heads, epsilon, config["pad_token_id"], list(HEADS))
    write_weights(model, assemble_weights(SHIPPED), shape)
    package = site / encoder.PACKAGE
    (package / "model").mkdir(parents=True)
    (package / "__init__.py").touch()
    shutil.copy(encoder.folder() / "tokenizer.json", package / "model")


def answered(texts: Sequence[str]) -> dict[str, Any]:
    """Return the texts, their token ids, and this machine's answers about the first, in fp32."""
    from nlp.settings import ModelSettings
    from nlp.tasks import carried_topics
    from nlp.transformer.model_path import SHIPPED
    from nlp.transformer.transformer import Transformer

    model = Transformer(SHIPPED, ModelSettings(dtype="fp32", device="cpu", runtime="openvino"))
    prepared = model._tokens.prepare(texts)  # noqa: SLF001 - as the model makes them, and no other way
    scores = model.classify(texts[:COMPARED])
    return {
        "texts": texts,
        "windows": sorted((list(window.ids) for window in prepared.windows), key=len),
        "answers": [each[:3] for each in scores],
        "topics": [sorted(carried_topics(each)) for each in scores],
    }


def zip_up(folder: Path, out: Path) -> None:
    """Write the files of ``folder`` into one archive, which Python can run."""
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                archive.write(path, path.relative_to(folder))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("out", type=Path, metavar="FILE", help="the file to write")
    parser.add_argument(
        "--python", default=HERE, help="of the other machine (default: %(default)s)"
    )
    parser.add_argument("--count", type=int, default=4_096, help="headlines")
    parser.add_argument("--headlines", type=Path, default=FILE)
    uv = shutil.which("uv") or str(ROOT / ".uv/bin/uv")
    parser.add_argument("--uv", default=uv, help="to fetch libraries for another Python")
    return parser.parse_args()


if __name__ == "__main__":
    main()
