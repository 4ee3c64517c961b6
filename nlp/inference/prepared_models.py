"""Models as a runtime prepared them for this processor, kept in files so that loading is fast."""

from contextlib import suppress
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Final, NamedTuple

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

    def read(self, key: str) -> bytes | None:
        """Return what was kept under ``key``; None if there is nothing, or it is damaged."""
        try:
            stored = self._path(key).read_bytes()
        except OSError:
            return None
        content = stored[_DIGEST_BYTES:]
        # A library that maps a damaged file into its memory may end the process.
        return content if sha256(content).digest() == stored[:_DIGEST_BYTES] else None

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
            for old in self._oldest_first()[:-MAX_KEPT]:
                old.unlink(missing_ok=True)

    def _oldest_first(self) -> list[Path]:
        return sorted(self.folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime)

    def _path(self, key: str) -> Path:
        return self.folder / f"{key}{SUFFIX}"
