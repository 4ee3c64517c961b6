"""The folder of all versions of a model, one of which is current.

``v0001``, ``v0002``, … are models and never change. ``current`` is a link to one of them, or where
there are no links a file with its name; it is replaced in one step, so whoever looks finds the one
or the other. ``promotions.jsonl`` has a line for each change of it.
"""

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import orjson

from nlp.classifier import ModelMissing
from nlp.transformer import model_files
from nlp.transformer.model_path import model_path

CURRENT: Final = "current"
LOG: Final = "promotions.jsonl"
_KEPT: Final = ("*.safetensors", "*.json", "*.jsonl", "*.md")


class ModelRegistry:
    """A folder of versions; nothing is made before something is put into it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def current(self) -> Path | None:
        """The folder of the current version; None before the first promotion.

        Raises:
            ModelMissing: ``current`` leads nowhere.
        """
        name = self.folder / CURRENT
        if not (name.exists() or name.is_symlink()):
            return None
        folder = model_path(name)
        if not model_files.is_saved(folder):
            raise ModelMissing(f"{name} leads to no model: see {self.folder / LOG}")
        return folder

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """A folder for a model that may become the next version; gone afterwards if it does not."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".draft-", dir=self.folder) as part:
            draft = Path(part) / self._next()
            draft.mkdir()
            yield draft

    def promote(self, draft: Path) -> Path:
        """Make the whole model in ``draft`` a version, and the current one; its folder.

        Raises:
            ModelMissing: it is damaged. Then nothing has changed.
            OSError: it can't be put there, or another promotion came first.
        """
        model_files.check(draft)
        version = self.folder / draft.name
        draft.rename(version)
        self._point(version.name)
        return version

    def put(self, model: Path) -> Path:
        """As `promote`, with a copy of ``model``, which stays where it is.

        Raises:
            ModelMissing: it is damaged. Then nothing has changed.
            OSError: it can't be put there.
        """
        model_files.check(model)
        with self.draft() as draft:
            for pattern in _KEPT:
                for path in model.glob(pattern):
                    shutil.copy(path, draft / path.name)
            return self.promote(draft)

    def roll_back(self) -> Path:
        """Make the version current again that was so before the present one was promoted.

        Raises:
            ModelMissing: there was none, or it is damaged.
        """
        now = self.current
        before = self._before(now.name) if now else None
        if before is None:
            raise ModelMissing(f"{self.folder} has no version to go back to")
        model_files.check(self.folder / before)
        self._point(before, back=True)
        return self.folder / before

    def _point(self, name: str, *, back: bool = False) -> None:
        previous = model_path(self.folder / CURRENT)
        line = {
            "time": time.time(),
            "current": name,
            "previous": previous.name if previous.name != CURRENT else None,
            "back": back,
        }
        with (self.folder / LOG).open("ab") as log:
            log.write(orjson.dumps(line) + b"\n")
        _replace(self.folder / CURRENT, name)

    def _before(self, name: str) -> str | None:
        promotions = [it for it in self._log() if it["current"] == name and not it["back"]]
        previous: str | None = promotions[-1]["previous"] if promotions else None
        return previous

    def _log(self) -> list[dict[str, Any]]:
        path = self.folder / LOG
        return [orjson.loads(line) for line in path.read_bytes().splitlines()]

    def _next(self) -> str:
        taken = [int(it.name[1:]) for it in self.folder.glob("v*") if it.name[1:].isdecimal()]
        return f"v{max(taken, default=0) + 1:04}"


def _replace(pointer: Path, name: str) -> None:
    part = pointer.with_name(f".{pointer.name}-{os.getpid()}")
    part.unlink(missing_ok=True)
    try:
        part.symlink_to(name, target_is_directory=True)
    except (OSError, NotImplementedError):
        part.write_text(f"{name}\n", "utf-8")
    part.replace(pointer)
