"""Scores of texts on disk: a text that a model has read once need not be read again."""

import sqlite3
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from hashlib import sha256
from pathlib import Path
from typing import Final, Self

import orjson

from nlp.classifier import Classifier, Scores

FILE: Final = "scores.sqlite"
_SCHEMA: Final = """
    create table if not exists scores (
        model text not null, text blob not null, scores blob not null, primary key (model, text)
    ) without rowid
"""


class ScoreCache:
    """A classifier that asks ``model`` only about texts whose scores are not in ``store``.

    An entry's key is the model's id and the SHA-256 of the text, so that no text is kept. What a
    model in the shadow says is not kept either.
    """

    def __init__(self, model: Classifier, store: sqlite3.Connection) -> None:
        self._model = model
        self._store = store
        self.asked = 0

    @classmethod
    @contextmanager
    def opened(cls, model: Classifier, folder: Path) -> Iterator[Self]:
        """The scores kept in ``folder``, which is made if it is not there.

        Raises:
            OSError: they can't be used; the message names the file.
        """
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with closing(_connected(folder / FILE)) as store:
                store.execute(_SCHEMA)
                yield cls(model, store)
        except sqlite3.Error as error:
            raise OSError(f"{folder / FILE}: {error}; it may be removed") from error

    @property
    def model_id(self) -> str:
        """The model's."""
        return self._model.model_id

    def classify(self, texts: Sequence[str]) -> list[Scores]:
        """Scores of each text, in order.

        Raises:
            ModelError: the batch cannot be scored as it is; nothing of it is kept.
        """
        keys = [_key(text) for text in texts]
        found = {key: it for key in keys if (it := self._kept(key)) is not None}
        missing = {key: text for key, text in zip(keys, texts, strict=True) if key not in found}
        if missing:
            made = self._model.classify(list(missing.values()))
            self.asked += len(missing)
            fresh = dict(zip(missing, made, strict=True))
            self._keep(fresh)
            found |= fresh
        return [found[key] for key in keys]

    def _kept(self, key: bytes) -> Scores | None:
        query = "select scores from scores where model = ? and text = ?"
        row = self._store.execute(query, (self.model_id, key)).fetchone()
        if row is None:
            return None
        negative, neutral, positive, topics, about = orjson.loads(row[0])
        return Scores(negative, neutral, positive, topics, tuple(about))

    def _keep(self, fresh: dict[bytes, Scores]) -> None:
        rows = [(self.model_id, key, orjson.dumps(it[:5])) for key, it in fresh.items()]
        self._store.execute("begin")
        self._store.executemany("insert or ignore into scores values (?, ?, ?)", rows)
        self._store.execute("commit")


def _connected(file: Path) -> sqlite3.Connection:
    """Used by one thread at a time, as a model is; written ahead, so that several may read."""
    store = sqlite3.connect(file, timeout=60.0, isolation_level=None, check_same_thread=False)
    store.execute("pragma journal_mode = wal")
    return store


def _key(text: str) -> bytes:
    return sha256(text.encode("utf-8", "surrogatepass")).digest()
