"""Models as a runtime prepared them for this processor, kept in files that processes share."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

MAX_KEPT: Final = 4
"""The newest models are kept: each retraining makes another, as large as the encoder."""
SUFFIX: Final = ".prepared"
_DIGEST_BYTES: Final = sha256().digest_size


class PreparedModels(NamedTuple):
    """A folder of prepared models. Everything in it can be made again, and may be removed.

    Attributes:
        folder: the folder; it is created when the first model is kept.
    """

    folder: Path

    def read(self, key: str) -> NDArray[np.uint8] | None:
        """Return the bytes kept under ``key``; None if there are none, or they are damaged.

        They are the file's own, mapped into memory: processes with the same model share them. What
        is written to the array stays in this process.
        """
        try:
            stored = np.memmap(self._path(key), np.uint8, "c")
        except (OSError, ValueError):  # the latter if it is empty
            return None
        content = stored[_DIGEST_BYTES:]
        # A library that is given a damaged file may end the process.
        return (
            content if sha256(content.data).digest() == stored[:_DIGEST_BYTES].tobytes() else None
        )

    def keep(self, key: str, content: bytes | memoryview) -> None:
        """Keep ``content`` under ``key``, and drop the oldest models.

        A reader sees the whole file or none. A folder that can't be written to is left alone: the
        model is only loaded more slowly.
        """
        with suppress(OSError):
            self.folder.mkdir(parents=True, exist_ok=True)
            with NamedTemporaryFile(dir=self.folder, suffix=".part", delete=False) as part:
                path = Path(part.name)
                try:
                    part.write(sha256(content).digest())
                    part.write(content)
                    part.flush()
                    path.replace(self._path(key))
                except OSError:
                    path.unlink()
                    raise
            models = self.folder.glob(f"*{SUFFIX}")
            for old in sorted(models, key=lambda path: path.stat().st_mtime)[:-MAX_KEPT]:
                old.unlink(missing_ok=True)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"
