"""Average two adapted models: ``python -m labelling.average FIRST SECOND OUT --share 0.6``.

SECOND must have been trained from FIRST. What a second run gains on its texts costs something on
those of the first; between their weights lie models that keep most of both (M. Wortsman et al.,
"Robust fine-tuning of zero-shot models", CVPR 2022). Calibration and n-grams are those of SECOND.
"""

import argparse
import shutil
from hashlib import sha256
from pathlib import Path
from typing import Final

from safetensors.torch import load_file, save_file

from nlp.transformer import model_files

AVERAGED: Final = (model_files.ADAPTER, model_files.HEADS)


def average(first: Path, second: Path, out: Path, share: float) -> None:
    """Write the model whose weights lie at ``share`` of the way from ``first`` to ``second``."""
    manifest = model_files.read_manifest(second)
    out.mkdir(parents=True)
    for name in manifest.files:
        shutil.copy(second / name, out / name)
    for name in AVERAGED:
        begin, end = load_file(first / name), load_file(second / name)
        weights = {
            key: begin[key].float().lerp(value.float(), share).to(value.dtype).contiguous()
            for key, value in end.items()
        }
        save_file(weights, out / name)
    digests = {name: sha256((out / name).read_bytes()).hexdigest() for name in manifest.files}
    written = manifest.model_copy(update={"name": out.name, "files": digests})
    (out / model_files.MANIFEST).write_text(written.model_dump_json(indent=2) + "\n")


def main() -> None:
    """Average two models."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("first", type=Path)
    parser.add_argument("second", type=Path)
    parser.add_argument("out", type=Path, help="a folder that is not there yet")
    parser.add_argument("--share", type=float, default=0.6, help="of SECOND (default: 0.6)")
    options = parser.parse_args()
    average(options.first, options.second, options.out, options.share)


if __name__ == "__main__":
    main()
