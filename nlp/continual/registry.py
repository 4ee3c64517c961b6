"""A folder with all versions of a model, one of which is current.

``v0001``, ``v0002``, … are models and never change. ``current`` is a symbolic link to one of them,
or, on a file system without links, a file that contains its name. It is replaced atomically, so a
reader finds either the old or the new version. ``promotions.jsonl`` has a line for each change.
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
PROMOTION_LOG: Final = "promotions.jsonl"
_MODEL_FILES: Final = ("*.safetensors", "*.json", "*.jsonl", "*.md")


class ModelRegistry:
    """The versions in ``folder``, which is made when the first one is added."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def current(self) -> Path | None:
        """The folder of the current version; None before the first promotion.

        Raises:
            ModelMissing: ``current`` points to no model.
        """
        pointer = self.folder / CURRENT
        if not (pointer.exists() or pointer.is_symlink()):
            return None
        folder = model_path(pointer)
        if not model_files.is_saved(folder):
            raise ModelMissing(f"{pointer} leads to no model: see {self.folder / PROMOTION_LOG}")
        return folder

    @contextmanager
    def draft(self) -> Iterator[Path]:
        """Make a folder for a model that may become the next version, and remove it afterwards."""
        self.folder.mkdir(parents=True, exist_ok=True)
        numbers = [
            int(path.name[1:]) for path in self.folder.glob("v*") if path.name[1:].isdecimal()
        ]
        with TemporaryDirectory(prefix=".draft-", dir=self.folder) as temporary:
            draft = Path(temporary) / f"v{max(numbers, default=0) + 1:04}"
            draft.mkdir()
            yield draft

    def promote(self, draft: Path) -> Path:
        """Make the model in ``draft`` a version and the current one, and return its folder.

        Raises:
            ModelMissing: the model is damaged. Then nothing has changed.
            OSError: the folder can't be written, or another promotion came first.
        """
        model_files.check(draft)
        version = self.folder / draft.name
        draft.rename(version)
        self._set_current(version.name)
        return version

    def promote_copy(self, model: Path) -> Path:
        """Make a copy of ``model`` a version and the current one, and return the copy's folder.

        Raises:
            ModelMissing: the model is damaged. Then nothing has changed.
            OSError: the folder can't be written.
        """
        model_files.check(model)
        with self.draft() as draft:
            for pattern in _MODEL_FILES:
                for path in model.glob(pattern):
                    shutil.copy(path, draft / path.name)
            return self.promote(draft)

    def roll_back(self) -> Path:
        """Make the version current that the present one replaced, and return its folder.

        Raises:
            ModelMissing: there is no such version, or it is damaged.
        """
        previous: str | None = None
        if current := self.current:
            # Lines of a rollback are skipped: the way back leads over promotions only.
            lines = (self.folder / PROMOTION_LOG).read_bytes().splitlines()
            changes: list[dict[str, Any]] = [orjson.loads(line) for line in lines]
            promotions = [
                change
                for change in changes
                if change["current"] == current.name and not change["back"]
            ]
            previous = promotions[-1]["previous"] if promotions else None
        if previous is None:
            raise ModelMissing(f"{self.folder} has no version to go back to")
        model_files.check(self.folder / previous)
        self._set_current(previous, back=True)
        return self.folder / previous

    def _set_current(self, version: str, *, back: bool = False) -> None:
        pointer = self.folder / CURRENT
        previous = model_path(pointer)
        line = {
            "time": time.time(),
            "current": version,
            "previous": previous.name if previous.name != CURRENT else None,
            "back": back,
        }
        with (self.folder / PROMOTION_LOG).open("ab") as log:
            log.write(orjson.dumps(line) + b"\n")

        temporary = pointer.with_name(f".{CURRENT}-{os.getpid()}")
        temporary.unlink(missing_ok=True)
        try:
            temporary.symlink_to(version, target_is_directory=True)
        except (OSError, NotImplementedError):
            temporary.write_text(f"{version}\n", "utf-8")
        temporary.replace(pointer)
